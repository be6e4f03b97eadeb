"""A machine's steady operating point, from the dynamic plant's own equations with time at rest.

solve(load_machine("ashp-r290-8kw"), 7.0, 35.0, heating_w=5600.0)["cop"]
"""

from typing import Any

import numpy as np

from isentrope_sim import fluids
from isentrope_sim.components import air, coil, compressor, eev
from isentrope_sim.cycle import circuit, outside, rest
from isentrope_sim.cycle import layout as ly
from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import Machine
from isentrope_sim.plant import Perturbed, check, perturbed

ZERO_C = 273.15
CELLS = 10
SUPERHEAT_K = (
    6.0  # own choice: between the 6 and 11 K of controllers' defaults; a coil at A7 has no room for much more
)
WALK = 12  # steps of the walk to a point that Newton does not reach at once
SOURCE_RANGE = (-25.0, 35.0)
SINK_RANGE = (15.0, 75.0)
SUPERHEAT_RANGE = (1.0, 25.0)
COOLING_SOURCE_RANGE = (5.0, 46.0)
COOLING_SINK_RANGE = (3.0, 25.0)
ROOM_RANGE = (10.0, 35.0)
WATER_K = 5.0  # between inlet and outlet of a chiller's water, EN 14511 (12/7 and 23/18 degC)
ROOM_RH = 0.5  # of an air conditioner's room, unless asked: 27 degC with 19 wet bulb is 47 %

# Wet bulb of the air conditions of EN 14511 (dry bulb, wet bulb), degC; linear between.
WET_BULB = ((-15.0, -16.0), (-7.0, -8.0), (2.0, 1.0), (7.0, 6.0), (12.0, 11.0), (20.0, 15.0))
# Outlet temperatures, degC, at which the three ratings set the water flow.
RATING_SINK_C = (35.0, 55.0, 65.0)


def wet_bulb_default(source_c: float) -> float:
    """Wet bulb, degC, that EN 14511 pairs with a dry bulb, interpolated between its conditions."""
    dry = [pair[0] for pair in WET_BULB]
    wet = [pair[1] for pair in WET_BULB]
    return float(np.interp(source_c, dry, wet))


def humidity_default(source_c: float) -> float:
    """Relative humidity 0..1 over water of EN 14511's wet bulb; outside its conditions that of the nearest
    (own choice: its kelvin of depression at -15 degC would be drier than dry at -25).
    """
    dry_c = min(max(source_c, WET_BULB[0][0]), WET_BULB[-1][0])
    return relative_humidity(dry_c, wet_bulb_default(dry_c))


def relative_humidity(dry_c: float, wet_c: float) -> float:
    """Relative humidity 0..1 over water from dry and wet bulb, degC (Sprung's psychrometer formula, WMO-No.
    8).

    Raises InputError if the wet bulb is above the dry bulb, or so far under it that the air would be drier
    than dry.
    """
    if wet_c > dry_c:
        raise InputError(f"wet bulb is {wet_c:g} degC, allowed up to the dry bulb {dry_c:g} degC")
    k = 6.62e-4 if wet_c >= 0 else 5.84e-4
    saturated = air.saturated_vapour_pressure(wet_c + ZERO_C)
    vapour = saturated - air.PRESSURE * k * (dry_c - wet_c)
    if vapour <= 0.0:
        raise InputError(
            f"wet bulb is {wet_c:g} degC, too far under the dry bulb {dry_c:g} degC for any humidity"
        )
    return float(min(vapour / air.water_vapour_pressure(dry_c + ZERO_C), 1.0))


def water_flow_default(machine: Machine, sink_out_c: float) -> float:
    """Water flow, kg/s, of the rating an outlet temperature belongs to (EN 14825 keeps it at part load)."""
    v = machine.values
    flows = (v["water_flow_low"], v["water_flow_medium"], v["water_flow_high"])
    return float(np.interp(sink_out_c, RATING_SINK_C, flows))


def solve(
    machine: Machine,
    source_c: float,
    sink_out_c: float,
    *,
    wet_bulb_c: float | None = None,
    sink_dt_k: float | None = None,
    heating_w: float | None = None,
    speed_rps: float | None = None,
    superheat_k: float = SUPERHEAT_K,
    dry: bool = False,
    cells: int = CELLS,
    perturbation: Perturbed | None = None,
) -> dict[str, Any]:
    """Solve the heating point of an air/water machine by EN 14511 rules.

    source_c, wet_bulb_c: outdoor air, degC (wet bulb: `humidity_default`); sink_out_c: water outlet, degC;
    sink_dt_k: water temperature rise, K (default: the rating's flow); heating_w (net, speed follows) or
    speed_rps, default rated speed; superheat_k at the compressor's inlet. `dry` leaves frosting and defrost
    out; they are not modelled yet, so the other says so and equals it. The charge fixes the subcooling, as
    in the machine.

    Returns the keys of `isentrope steady --json`, temperatures in K, power in W; electric_w is compressor,
    inverter, fan, controls and the standard's share of the water pump. Raises InputError (ranges; a capacity
    beyond the speed range), PlantError (no solution).
    """
    _medium(machine, air=False)
    check("source_c", source_c, *SOURCE_RANGE)
    check("sink_out_c", sink_out_c, *SINK_RANGE)
    if sink_dt_k is not None:
        check("sink_dt_k", sink_dt_k, 1.0, 30.0)
    point = _Point(machine, cells, perturbation, cooling=False)
    point.outdoor(source_c, wet_bulb_c)
    goal = point.goal(superheat_k, sink_out_c, "heating_w", heating_w, speed_rps)
    result = point.with_water(water_flow_default(machine, sink_out_c), sink_dt_k, goal)
    result["frost"] = "left out" if dry else "not modelled"
    return result


def cool(
    machine: Machine,
    source_c: float,
    sink_out_c: float,
    *,
    sink_dt_k: float | None = WATER_K,
    cooling_w: float | None = None,
    speed_rps: float | None = None,
    superheat_k: float = SUPERHEAT_K,
    cells: int = CELLS,
    perturbation: Perturbed | None = None,
) -> dict[str, Any]:
    """Solve the cooling point of an air/water machine (chiller) by EN 14511 rules.

    source_c: outdoor air, degC; sink_out_c: chilled water's outlet, degC; sink_dt_k: its temperature drop, K
    (None: the low rating's flow); cooling_w (net, speed follows) or speed_rps, default rated speed. Returns
    the keys of `solve` with cooling_w in place of heating_w. Raises as `solve`.
    """
    _medium(machine, air=False)
    _can_cool(machine)
    check("source_c", source_c, *COOLING_SOURCE_RANGE)
    check("sink_out_c", sink_out_c, *COOLING_SINK_RANGE)
    if sink_dt_k is not None:
        check("sink_dt_k", sink_dt_k, 1.0, 30.0)
    point = _Point(machine, cells, perturbation, cooling=True)
    point.outdoor(source_c, None)
    goal = point.goal(superheat_k, sink_out_c, "cooling_w", cooling_w, speed_rps)
    return point.with_water(machine.values["water_flow_low"], sink_dt_k, goal)


def room(
    machine: Machine,
    source_c: float,
    room_c: float,
    *,
    cooling: bool,
    wet_bulb_c: float | None = None,
    room_rh: float = ROOM_RH,
    room_fan: float = 1.0,
    capacity_w: float | None = None,
    speed_rps: float | None = None,
    superheat_k: float = SUPERHEAT_K,
    cells: int = CELLS,
    perturbation: Perturbed | None = None,
) -> dict[str, Any]:
    """Solve a point of an air/air machine: room_c and room_rh of the air that enters the indoor coil.

    The capacity is what the room feels, the indoor fan's power included (EN 14511-3); latent_w is the part of
    cooling that takes out moisture. Raises as `solve`.
    """
    _medium(machine, air=True)
    if cooling:
        _can_cool(machine)
    check("source_c", source_c, *(COOLING_SOURCE_RANGE if cooling else SOURCE_RANGE))
    check("room_c", room_c, *ROOM_RANGE)
    check("room_rh", room_rh, 0.0, 1.0)
    check("room_fan", room_fan, 0.1, 1.0)
    point = _Point(machine, cells, perturbation, cooling=cooling)
    point.outdoor(source_c, wet_bulb_c)
    point.u[ly.INDOOR], point.u[ly.INDOOR_RH], point.u[ly.INDOOR_FAN] = room_c + ZERO_C, room_rh, room_fan
    name = "cooling_w" if cooling else "heating_w"
    # The saturation on the room's side starts where a usual coil has it.
    goal = point.goal(superheat_k, room_c - 12.0 if cooling else room_c + 12.0, name, capacity_w, speed_rps)
    point.solve(goal)
    point.check_speed(name, capacity_w, goal)
    return {**point.result(), "frost": "not modelled"}


def _medium(machine: Machine, *, air: bool) -> None:
    if (machine.values["indoor_air"] > 0.0) != air:
        has = "air" if machine.values["indoor_air"] > 0.0 else "water"
        raise InputError(f"machine {machine.name!r} has {has} indoors, needed {'air' if air else 'water'}")


def _can_cool(machine: Machine) -> None:
    if machine.values["reversible"] == 0.0:
        raise InputError(f"machine {machine.name!r} has no reversing valve, cooling is not possible")


class _Point:
    """One machine's arrays and its current solution."""

    def __init__(
        self, machine: Machine, cells: int, perturbation: Perturbed | None, *, cooling: bool
    ) -> None:
        self.machine, self.n, self.cooling = machine, cells, cooling
        self.fluid = fluids.load(machine.refrigerant)
        self.par = machine.record(**perturbed(machine, perturbation))
        self.u = np.zeros(len(ly.INPUT_NAMES))
        self.w = np.zeros((ly.ROWS, 2 * cells + 3))
        self.s = np.zeros(ly.S_SIZE)
        self.sats = np.zeros((5, tb.SAT_SIZE))
        self.f = np.zeros((coil.F_ROWS, cells * coil.rows_of(self.par)))
        self.r = np.zeros(rest.R_SIZE)
        self.v = np.zeros(rest.UNKNOWNS)
        self.solved = False
        self.s[ly.S_COOLING] = self.s[ly.S_Z] = 1.0 if cooling else 0.0
        circuit.passages(self.par, self.s, cooling)
        outside.geometry(self.par, self.w, cells, cooling)

    def outdoor(self, source_c: float, wet_bulb_c: float | None) -> None:
        """Outdoor air, degC; humidity by `humidity_default` without a wet bulb."""
        given = wet_bulb_c is not None
        self.u[ly.OUTDOOR] = source_c + ZERO_C
        self.u[ly.OUTDOOR_RH] = (
            relative_humidity(source_c, wet_bulb_c) if given else humidity_default(source_c)
        )

    def goal(
        self, superheat_k: float, sink_c: float, name: str, power: float | None, speed_rps: float | None
    ) -> tuple[float, ...]:
        """The goals of `rest`, checked; `name` is the capacity's in errors."""
        v = self.machine.values
        check("superheat_k", superheat_k, *SUPERHEAT_RANGE)
        if power is not None and speed_rps is not None:
            raise InputError(f"{name} and speed_rps are both given, allowed is one of them")
        if power is not None:
            check(name, power, 50.0, 1e6)
        if speed_rps is not None:
            check("speed_rps", speed_rps, v["min_rps"], v["max_rps"])
        speed = v["rated_rps"] if speed_rps is None else speed_rps
        return (superheat_k, sink_c + ZERO_C, power or 0.0, speed, 1.0 if power else 0.0)

    def with_water(self, flow: float, dt_k: float | None, goal: tuple[float, ...]) -> dict[str, Any]:
        """Solve with a water flow, kg/s, or with the flow that gives a temperature difference, K."""
        self.u[ly.WATER_FLOW] = flow
        for _ in range(30):
            self.solve(goal)
            if dt_k is None:
                break
            asked = abs(float(self.r[rest.R_INDOOR_Q])) / (outside.CP_WATER * dt_k)
            if abs(asked / self.u[ly.WATER_FLOW] - 1.0) < 1e-7:
                break
            self.u[ly.WATER_FLOW] = asked
        power = goal[rest.G_POWER] if goal[rest.G_BY_POWER] > 0.0 else None
        self.check_speed("cooling_w" if self.cooling else "heating_w", power, goal)
        return self.result()

    def check_speed(self, name: str, power: float | None, goal: tuple[float, ...]) -> None:
        """InputError if a capacity, W, took a speed the machine does not run."""
        v, found = self.machine.values, float(self.v[rest.V_SPEED])
        if power and not v["min_rps"] * 0.999 <= found <= v["max_rps"] * 1.001:
            limits = [self.at_speed(rps, goal) for rps in (v["min_rps"], v["max_rps"])]
            raise InputError(
                f"{name} is {power:g}, this point allows {limits[0]:.0f} to {limits[1]:.0f} W "
                f"({v['min_rps']:g} to {v['max_rps']:g} rps)"
            )

    def solve(self, goal: tuple[float, ...]) -> None:
        """Newton from a guess; failing that, from the usual superheat to the one asked in WALK equal
        steps.
        """
        if not self.solved:
            self._guess(goal)
        if self._newton(goal):
            self.solved = True
            return
        asked = goal[rest.G_SUPERHEAT]
        for start in (SUPERHEAT_K, 0.5 * asked + 1.0, 1.5 * asked):
            self._guess((start, *goal[1:]))
            if all(self._newton((float(k), *goal[1:])) for k in np.linspace(start, asked, WALK)):
                self.solved = True
                return
        raise PlantError(
            f"no steady point found at source {self.u[ly.OUTDOOR] - ZERO_C:g} degC, "
            f"sink {goal[rest.G_WATER_OUT] - ZERO_C:g} degC, superheat {asked:g} K; last trial "
            f"{self.v[0] / 1e5:.2f} bar, {self.v[1] / 1e5:.2f} bar, {self.v[rest.V_SPEED]:.1f} 1/s"
        )

    def _newton(self, goal: tuple[float, ...]) -> bool:
        goals = np.array(goal)
        iterations = rest.newton(
            self.par, self.fluid, self.u, goals, self.v, self.w, self.s, self.sats, self.f, self.n, self.r
        )
        return iterations > 0

    def _guess(self, goal: tuple[float, ...]) -> None:
        sink, outdoor = goal[rest.G_WATER_OUT], self.u[ly.OUTDOOR]
        v, sats, low = self.v, self.sats, ly.low_cells(self.cooling, self.n)
        if self.cooling:
            evaporating, condensing = sink - goal[rest.G_SUPERHEAT] + 2.0, outdoor + 9.0
        else:
            evaporating, condensing = outdoor - goal[rest.G_SUPERHEAT] - 3.0, sink + 1.0
        v[rest.V_P_E] = tb.pressure_of_dew(self.fluid, evaporating)
        v[rest.V_P_C] = tb.pressure_of_dew(self.fluid, condensing)
        tb.saturation(self.fluid, v[rest.V_P_E], sats[ly.E])
        tb.saturation(self.fluid, v[rest.V_P_C], sats[ly.C])
        v[rest.V_H_LINE] = tb.liquid_enthalpy(self.fluid, sats[ly.C], condensing - 5.0)
        latent = sats[ly.E][tb.H_VAP] - v[rest.V_H_LINE]
        swept = self.par.displacement * sats[ly.E][tb.RHO_VAP] * 0.9
        if goal[rest.G_BY_POWER] > 0.0:
            v[rest.V_FLOW] = goal[rest.G_POWER] / ((1.0 if self.cooling else 1.2) * latent)
            v[rest.V_SPEED] = v[rest.V_FLOW] / swept
        else:
            v[rest.V_SPEED] = goal[rest.G_SPEED]
            v[rest.V_FLOW] = v[rest.V_SPEED] * swept
        v[rest.V_WATER_IN] = sink + (WATER_K if self.cooling and self.par.indoor_air == 0.0 else 0.0)
        self.w[ly.T, :] = evaporating + 5.0
        self.f[coil.F_SURFACE] = (condensing if self.cooling else evaporating) + 3.0
        self.w[ly.H, :low] = sats[ly.E][tb.H_LIQ] + 0.5 * latent
        self.w[ly.H, low] = sats[ly.E][tb.H_VAP] + 1e4
        self.w[ly.H, low + 1] = sats[ly.C][tb.H_VAP] + 5e4
        self.w[ly.H, low + 2 :] = sats[ly.C][tb.H_LIQ]
        self.w[ly.T, low + 2 :] = condensing - 2.0

    def at_speed(self, speed: float, goal: tuple[float, ...]) -> float:
        """Net capacity, W, at another speed of the same point."""
        self.solve((*goal[:3], speed, 0.0))
        return float(self.r[rest.R_POWER])

    def opening(self) -> float:
        """Valve opening, fraction of full stroke, that carries the flow; above 1 the valve is too small."""
        par, sat = self.par, self.sats[ly.C]
        t, _slope, rho = tb.state(self.fluid, sat, self.v[rest.V_H_LINE])
        full = eev.flow_per_root(
            1.0,
            sat[tb.T_BUBBLE] - t,
            self.fluid.meta[tb.T_CRIT],
            par.eev_area,
            par.eev_opening_point,
            par.eev_exponent,
            par.eev_leakage,
        )
        share = self.v[rest.V_FLOW] / (full * eev.root(rho, self.v[rest.V_P_C] - self.v[rest.V_P_E]))
        share = max((share - par.eev_leakage) / (1.0 - par.eev_leakage), 0.0)
        return float(
            par.eev_opening_point + (1.0 - par.eev_opening_point) * share ** (1.0 / par.eev_exponent)
        )

    def result(self) -> dict[str, Any]:
        """The point as `solve` returns it."""
        par, r, sats, water = self.par, self.r, self.sats, self.par.indoor_air == 0.0
        flow = float(self.u[ly.WATER_FLOW])
        pump_w = float(rest.pump_share(par, flow)[0]) if water else 0.0
        compressor_w = float(self.s[ly.S_COMP_W])
        electric = compressor_w + float(r[rest.R_FAN_W]) + par.controls_w + pump_w
        power = float(r[rest.R_POWER])
        indoor: dict[str, float]
        if water:
            indoor = {"water_kg_s": flow, "water_in_k": float(r[rest.R_WATER_IN])}
        else:
            indoor = {"latent_w": float(r[rest.R_LATENT_W])}
        return {
            "machine": self.machine.name,
            "refrigerant": self.machine.refrigerant,
            "cooling_w" if self.cooling else "heating_w": power,
            "electric_w": float(electric),
            "cop": float(power / electric),
            "evaporating_k": float(sats[ly.E][tb.T_DEW]),
            "condensing_k": float(sats[ly.C][tb.T_DEW]),
            "suction_superheat_k": float(r[rest.R_SUPERHEAT]),
            "subcooling_k": float(sats[ly.C][tb.T_BUBBLE] - r[rest.R_T_LINE]),
            "discharge_k": float(r[rest.R_T_DISCHARGE]),
            "mass_flow_kg_s": float(self.v[rest.V_FLOW]),
            "speed_rps": float(self.v[rest.V_SPEED]),
            "eev_opening": self.opening(),
            "defrost_loss": 0.0,
            "evaporating_pa": float(self.v[rest.V_P_E]),
            "condensing_pa": float(self.v[rest.V_P_C]),
            "suction_pa": float(self.s[ly.S_P_SUCTION]),
            "discharge_pa": float(sats[ly.D][tb.P]),
            "compressor_w": compressor_w,
            "evaporator_w": float(r[rest.R_AIR_W]),
            "indoor_w": float(r[rest.R_INDOOR_Q]),
            "fan_w": float(r[rest.R_FAN_W]),
            "pump_w": pump_w,
            "fan": float(self.u[ly.FAN]),
            "humidity": float(self.u[ly.OUTDOOR_RH]),
            "charge_kg": float(r[rest.R_CHARGE]),
            **indoor,
            **self._cycle(),
        }

    def _cycle(self) -> dict[str, float]:
        """The bare refrigerant cycle of this point, for comparison with other solvers.

        isentropic_efficiency: isentropic work of the flow over electric power, inverter included;
        cycle_efficiency: over the power that enters the refrigerant; cycle_cop: of heating, with that power
        and no loss to ambient.
        """
        sats, low = self.sats, ly.low_cells(self.cooling, self.n)
        rho_d = tb.state(self.fluid, sats[ly.D], self.w[ly.H, low + 1])[2]
        p_s, h_s = self.s[ly.S_P_SUCTION], self.s[ly.S_H_SUCTION]
        m, _pumped, gas, loss, electric, work = compressor.compress(
            self.par, self.fluid, sats[ly.SAT_PORT], sats[ly.D], p_s, sats[ly.D][tb.P], h_s, rho_d,
            self.v[rest.V_SPEED],
        )  # fmt: skip
        rise = (gas + loss) / m
        return {
            "isentropic_efficiency": float(m * work / electric),
            "cycle_efficiency": float(work / rise),
            "cycle_cop": float((h_s + rise - self.v[rest.V_H_LINE]) / rise),
        }
