"""A machine's steady operating point, from the dynamic plant's own equations with time at rest.

solve(load_machine("ashp-r290-8kw"), 7.0, 35.0, heating_w=5600.0)["cop"]
"""

from typing import Any

import numpy as np

from isentrope_sim import fluids, sound
from isentrope_sim.components import compressor, eev
from isentrope_sim.cycle import circuit, rest
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
    saturated = circuit.air.saturated_vapour_pressure(wet_c + ZERO_C)
    vapour = saturated - circuit.air.PRESSURE * k * (dry_c - wet_c)
    if vapour <= 0.0:
        raise InputError(
            f"wet bulb is {wet_c:g} degC, too far under the dry bulb {dry_c:g} degC for any humidity"
        )
    return float(min(vapour / circuit.air.water_vapour_pressure(dry_c + ZERO_C), 1.0))


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
    """Solve the operating point of an air/water machine by EN 14511 rules.

    source_c, wet_bulb_c: outdoor air, degC (wet bulb: `humidity_default`); sink_out_c: water outlet, degC;
    sink_dt_k: water temperature rise, K (default: the rating's flow); heating_w (net, speed follows) or
    speed_rps, default rated speed; superheat_k at the compressor's inlet. `dry` leaves frosting and defrost
    out; they are not modelled yet, so the other says so and equals it. The charge fixes the subcooling, as
    in the machine.

    Returns the keys of `isentrope steady --json`, temperatures in K, power in W; electric_w is compressor,
    inverter, fan, controls and the standard's share of the water pump. Raises InputError (ranges; a capacity
    beyond the speed range), PlantError (no solution).
    """
    _check_inputs(machine, source_c, sink_out_c, sink_dt_k, heating_w, speed_rps, superheat_k)
    humidity = humidity_default(source_c) if wet_bulb_c is None else relative_humidity(source_c, wet_bulb_c)
    v = machine.values
    speed = v["rated_rps"] if speed_rps is None else speed_rps
    flow = water_flow_default(machine, sink_out_c)
    point = _Point(machine, cells, perturbation)
    for _ in range(30):
        goal = (superheat_k, sink_out_c + ZERO_C, heating_w or 0.0, speed, 1.0 if heating_w else 0.0)
        point.solve(source_c + ZERO_C, humidity, flow, goal)
        if sink_dt_k is None:
            break
        asked = point.r[rest.R_WATER_Q] / (circuit.CP_WATER * sink_dt_k)
        if abs(asked / flow - 1.0) < 1e-7:
            break
        flow = asked
    found = float(point.v[4])
    if heating_w and not v["min_rps"] * 0.999 <= found <= v["max_rps"] * 1.001:
        limits = [point.at_speed(rps, goal) for rps in (v["min_rps"], v["max_rps"])]
        raise InputError(
            f"heating_w is {heating_w:g}, this point allows {limits[0]:.0f} to {limits[1]:.0f} W "
            f"({v['min_rps']:g} to {v['max_rps']:g} rps)"
        )
    result = point.result(flow)
    result["frost"] = "left out" if dry else "not modelled"
    said = machine.declared.sound
    result["sound_power_db"] = (
        sound.power_level(said, result["speed_rps"], result["fan"]) if said is not None else None
    )
    return {"machine": machine.name, "refrigerant": machine.refrigerant, **result}


def _check_inputs(
    machine: Machine,
    source_c: float,
    sink_out_c: float,
    sink_dt_k: float | None,
    heating_w: float | None,
    speed_rps: float | None,
    superheat_k: float,
) -> None:
    check("source_c", source_c, *SOURCE_RANGE)
    check("sink_out_c", sink_out_c, *SINK_RANGE)
    check("superheat_k", superheat_k, *SUPERHEAT_RANGE)
    if sink_dt_k is not None:
        check("sink_dt_k", sink_dt_k, 1.0, 30.0)
    if heating_w is not None and speed_rps is not None:
        raise InputError("heating_w and speed_rps are both given, allowed is one of them")
    if heating_w is not None:
        check("heating_w", heating_w, 50.0, 1e6)
    if speed_rps is not None:
        check("speed_rps", speed_rps, machine.values["min_rps"], machine.values["max_rps"])


class _Point:
    """One machine's arrays and its current solution."""

    def __init__(self, machine: Machine, cells: int, perturbation: Perturbed | None) -> None:
        self.n = cells
        self.fluid = fluids.load(machine.refrigerant)
        self.par = machine.record(**perturbed(machine, perturbation))
        self.u = np.zeros(len(ly.INPUT_NAMES))
        self.w = np.zeros((ly.ROWS, cells + 2))
        self.s = np.zeros(ly.S_SIZE)
        self.sats = np.zeros((3, tb.SAT_SIZE))
        self.k = np.zeros((ly.K_ROWS, 4))
        self.r = np.zeros(rest.R_SIZE)
        self.v = np.zeros(rest.UNKNOWNS)
        self.solved = False

    def solve(self, outdoor_k: float, humidity: float, flow: float, goal: tuple[float, ...]) -> None:
        """Newton from a guess; failing that, from the usual superheat to the one asked in WALK equal
        steps.
        """
        self.u[ly.OUTDOOR], self.u[ly.OUTDOOR_RH], self.u[ly.WATER_FLOW] = outdoor_k, humidity, flow
        if not self.solved:
            self._guess(outdoor_k, goal)
        if self._newton(goal):
            self.solved = True
            return
        asked = goal[rest.G_SUPERHEAT]
        for start in (SUPERHEAT_K, 0.5 * asked + 1.0, 1.5 * asked):
            self._guess(outdoor_k, (start, *goal[1:]))
            if all(self._newton((float(k), *goal[1:])) for k in np.linspace(start, asked, WALK)):
                self.solved = True
                return
        raise PlantError(
            f"no steady point found at source {outdoor_k - ZERO_C:g} degC, "
            f"sink {goal[rest.G_WATER_OUT] - ZERO_C:g} degC, superheat {asked:g} K; last trial "
            f"{self.v[0] / 1e5:.2f} bar, {self.v[1] / 1e5:.2f} bar, {self.v[4]:.1f} 1/s"
        )

    def _newton(self, goal: tuple[float, ...]) -> bool:
        goals = np.array(goal)
        iterations = rest.newton(
            self.par, self.fluid, self.u, goals, self.v, self.w, self.s, self.sats, self.k, self.n, self.r
        )
        return iterations > 0

    def _guess(self, outdoor_k: float, goal: tuple[float, ...]) -> None:
        sink = goal[rest.G_WATER_OUT]
        v, sat = self.v, self.sats
        v[0] = tb.pressure_of_dew(self.fluid, outdoor_k - goal[rest.G_SUPERHEAT] - 3.0)
        v[1] = tb.pressure_of_dew(self.fluid, sink + 1.0)
        tb.saturation(self.fluid, v[0], sat[0])
        tb.saturation(self.fluid, v[1], sat[1])
        v[3] = tb.liquid_enthalpy(self.fluid, sat[1], sink - 4.0)
        latent = sat[0][tb.H_VAP] - v[3]
        swept = self.par.displacement * sat[0][tb.RHO_VAP] * 0.9
        if goal[rest.G_BY_HEAT] > 0.0:
            v[2] = goal[rest.G_HEAT] / (1.2 * latent)
            v[4] = v[2] / swept
        else:
            v[4] = goal[rest.G_SPEED]
            v[2] = v[4] * swept
        self.w[ly.T_LOW, :] = outdoor_k - 4.0
        self.w[ly.H_LOW, :] = sat[0][tb.H_LIQ] + 0.5 * latent
        self.w[ly.H_HIGH, :] = sat[1][tb.H_LIQ]
        self.w[ly.H_HIGH, 0] = sat[1][tb.H_VAP] + 5e4

    def at_speed(self, speed: float, goal: tuple[float, ...]) -> float:
        """Net heating capacity, W, at another speed of the same point."""
        self.solve(self.u[ly.OUTDOOR], self.u[ly.OUTDOOR_RH], self.u[ly.WATER_FLOW], (*goal[:3], speed, 0.0))
        return float(self.r[rest.R_HEAT])

    def opening(self) -> float:
        """Valve opening, fraction of full stroke, that carries the flow; above 1 the valve is too small."""
        par, sat = self.par, self.sats[ly.SAT_C]
        t, _slope, rho = tb.state(self.fluid, sat, self.v[3])
        full = eev.flow_per_root(
            1.0,
            sat[tb.T_BUBBLE] - t,
            self.fluid.meta[tb.T_CRIT],
            par.eev_area,
            par.eev_opening_point,
            par.eev_exponent,
            par.eev_leakage,
        )
        share = self.v[2] / (full * eev.root(rho, self.v[1] - self.v[0]))
        share = max((share - par.eev_leakage) / (1.0 - par.eev_leakage), 0.0)
        return float(
            par.eev_opening_point + (1.0 - par.eev_opening_point) * share ** (1.0 / par.eev_exponent)
        )

    def result(self, flow: float) -> dict[str, Any]:
        par, r, sats = self.par, self.r, self.sats
        pump_w = rest.pump_share(par, flow)[0]
        compressor_w = float(self.s[ly.S_COMP_W])
        electric = compressor_w + r[rest.R_FAN_W] + par.controls_w + pump_w
        heat = float(r[rest.R_HEAT])
        return {
            "heating_w": heat,
            "electric_w": float(electric),
            "cop": float(heat / electric),
            "evaporating_k": float(sats[ly.SAT_E][tb.T_DEW]),
            "condensing_k": float(sats[ly.SAT_C][tb.T_DEW]),
            "suction_superheat_k": float(r[rest.R_SUPERHEAT]),
            # As the plant tells it: a blend that is still wet is above its bubble temperature, not subcooled.
            "subcooling_k": float(max(sats[ly.SAT_C][tb.T_BUBBLE] - r[rest.R_T_LINE], 0.0)),
            "discharge_k": float(r[rest.R_T_DISCHARGE]),
            "mass_flow_kg_s": float(self.v[2]),
            "speed_rps": float(self.v[4]),
            "eev_opening": self.opening(),
            "defrost_loss": 0.0,
            "evaporating_pa": float(self.v[0]),
            "condensing_pa": float(self.v[1]),
            "suction_pa": float(self.s[ly.S_P_SUCTION]),
            "compressor_w": compressor_w,
            "evaporator_w": float(r[rest.R_AIR_W]),
            "fan_w": float(r[rest.R_FAN_W]),
            "pump_w": float(pump_w),
            "fan": float(self.u[ly.FAN]),
            "humidity": float(self.u[ly.OUTDOOR_RH]),
            "water_kg_s": float(flow),
            "water_in_k": float(r[rest.R_WATER_IN]),
            "charge_kg": float(r[rest.R_CHARGE]),
            **self._cycle(),
        }

    def _cycle(self) -> dict[str, float]:
        """The bare refrigerant cycle of this point, for comparison with other solvers.

        isentropic_efficiency: isentropic work of the flow over electric power, inverter included;
        cycle_efficiency: over the power that enters the refrigerant; cycle_cop: with that power and no loss
        to ambient.
        """
        sats, m = self.sats, self.v[2]
        rho_d = tb.state(self.fluid, sats[ly.SAT_C], self.w[ly.H_HIGH, 0])[2]
        p_s, h_s = self.s[ly.S_P_SUCTION], self.s[ly.S_H_SUCTION]
        _m, _pumped, gas, loss, electric, work = compressor.compress(
            self.par, self.fluid, sats[ly.SAT_S], sats[ly.SAT_C], p_s, self.v[1], h_s, rho_d, self.v[4]
        )
        rise = (gas + loss) / m
        return {
            "isentropic_efficiency": float(m * work / electric),
            "cycle_efficiency": float(work / rise),
            "cycle_cop": float((h_s + rise - self.w[ly.H_HIGH, self.n + 1]) / rise),
        }
