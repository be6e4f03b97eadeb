"""One operating point of a machine at rest: arrays, first guess, Newton, and the result as a table."""

from typing import Any

import numpy as np

from isentrope_sim import fluids
from isentrope_sim.components import coil, compressor, content, eev, liquid_line
from isentrope_sim.cycle import circuit, outside, rest, rest_newton
from isentrope_sim.cycle import layout as ly
from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import Machine
from isentrope_sim.plant import Perturbed, check, patches, perturbed

ZERO_C = 273.15
SUPERHEAT_K = (
    6.0  # own choice: between the 6 and 11 K of controllers' defaults; a coil at A7 has no room for much more
)
SUPERHEAT_RANGE = (1.0, 25.0)
WATER_K = 5.0  # between inlet and outlet of a chiller's water, EN 14511 (12/7 and 23/18 degC)
WALK = 12  # steps of the walk to a point that Newton does not reach at once


class Point:
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
        self.f = np.zeros((coil.F_ROWS, cells * patches(self.par)))
        self.r = np.zeros(rest.R_SIZE)
        self.v = np.zeros(rest.UNKNOWNS)
        self.solved = False
        self.s[ly.S_COOLING] = self.s[ly.S_Z] = 1.0 if cooling else 0.0
        circuit.passages(self.par, self.s, cooling)
        outside.geometry(self.par, self.w, cells, cooling)

    def outdoor(self, source_c: float, humidity: float) -> None:
        """Outdoor air, degC, and its relative humidity 0..1."""
        self.u[ly.OUTDOOR], self.u[ly.OUTDOOR_RH] = source_c + ZERO_C, humidity

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
            self._refuse(name, power, *self._limits(goal))

    def _limits(self, goal: tuple[float, ...]) -> tuple[float, float]:
        v = self.machine.values
        return self.at_speed(v["min_rps"], goal), self.at_speed(v["max_rps"], goal)

    def _refuse(self, name: str, power: float, low: float, high: float) -> None:
        v = self.machine.values
        raise InputError(
            f"{name} is {power:g}, this point allows {low:.0f} to {high:.0f} W "
            f"({v['min_rps']:g} to {v['max_rps']:g} rps)"
        )

    def solve_power(self, name: str, power: float | None, goal: tuple[float, ...]) -> None:
        """`solve` and `check_speed`; a capacity so far out that nothing is found there is refused as well."""
        try:
            self.solve(goal)
        except PlantError:
            low, high = self._limits(goal) if power else (0.0, 0.0)
            if power and not low <= power <= high:
                self._refuse(name, power, low, high)
            raise
        self.check_speed(name, power, goal)

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
        iterations = rest_newton.solve(
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
        if self.par.receiver_volume > 0.0 and not self.cooling:
            v[rest.V_H_LINE] = 1.5  # half full
        swept = self.par.displacement * sats[ly.E][tb.RHO_VAP] * 0.9
        if goal[rest.G_BY_POWER] > 0.0:
            v[rest.V_FLOW] = goal[rest.G_POWER] / ((1.0 if self.cooling else 1.2) * latent)
            v[rest.V_SPEED] = v[rest.V_FLOW] / swept
        else:
            v[rest.V_SPEED] = goal[rest.G_SPEED]
            v[rest.V_FLOW] = v[rest.V_SPEED] * swept
        v[rest.V_WATER_IN] = sink + (WATER_K if self.cooling and self.par.indoor_air == 0.0 else 0.0)
        self.w[ly.T, :] = evaporating + 5.0
        rows = self.n * coil.rows_of(self.par)
        self.f[coil.F_SURFACE, :rows] = (condensing if self.cooling else evaporating) + 3.0
        self.f[coil.F_SURFACE, rows:] = (evaporating if self.cooling else condensing) + 3.0
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
        flow, h, dp = self.v[rest.V_FLOW], self.r[rest.R_H_LINE], self.v[rest.V_P_C] - self.v[rest.V_P_E]
        resistance = liquid_line.per_square(par, flow)
        if resistance > 0.0:
            side = self.sats[ly.E if self.cooling else ly.C]
            line = ly.at_indoor(self.cooling, self.n, self.n)
            row = ly.OUT if self.w[ly.WET, line] > 0.0 else ly.H
            column = liquid_line.head(par, tb.state(self.fluid, side, self.w[row, line])[2])
            lost = liquid_line.drop(flow, tb.state(self.fluid, side, h)[2], resistance)
            dp += -column - lost if self.cooling else column - lost
            if dp <= 0.0:
                raise InputError(
                    f"liquid line: {lost / 1e5:.2f} bar are lost in it at {flow:.3g} kg/s, more than there is"
                )
            if not self.cooling:
                sat = sat.copy()
                tb.saturation(self.fluid, self.v[rest.V_P_E] + dp, sat)
        t, _slope, rho = tb.state(self.fluid, sat, h)
        full = eev.flow_per_root(
            1.0,
            sat[tb.T_BUBBLE] - t,
            self.fluid.meta[tb.T_CRIT],
            par.eev_area,
            par.eev_opening_point,
            par.eev_exponent,
            par.eev_leakage,
        )
        share = self.v[rest.V_FLOW] / (full * eev.root(rho, dp))
        share = max((share - par.eev_leakage) / (1.0 - par.eev_leakage), 0.0)
        return float(
            par.eev_opening_point + (1.0 - par.eev_opening_point) * share ** (1.0 / par.eev_exponent)
        )

    def low_side_kg(self) -> float:
        """What evaporator and suction hold of the charge, kg; as `rest` counts it."""
        w, sats, low = self.w, self.sats, ly.low_cells(self.cooling, self.n)
        mass = self.par.acc_volume * tb.state(self.fluid, sats[ly.S], w[ly.H, low])[2]
        for i in range(low + 1):
            sat, held = sats[ly.E if i < low else ly.S], w[ly.H, i]
            if w[ly.SLIPS, i] > 0.0:
                held += content.offset(
                    self.fluid, sat, sat[tb.SLIP], self.v[rest.V_FLOW], w[ly.IN, i], held, w[ly.T, i],
                    w[ly.OUTER, i], w[ly.K_BOIL, i], w[ly.K_COND, i], w[ly.K_VAP, i], w[ly.K_LIQ, i],
                )  # fmt: skip
            mass += w[ly.VOLUME, i] * tb.state(self.fluid, sat, held)[2]
        return float(mass)

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
            latent = float(r[rest.R_LATENT_W])
            sensible = abs(power) - latent
            indoor = {
                "latent_w": latent,
                "sensible_w": sensible,
                "sensible_heat_ratio": sensible / abs(power),
                "condensate_kg_s": float(r[rest.R_VAPOUR]),
                "room_fan_w": float(self.s[ly.S_ROOM_FAN_W]),
                "room_fan": float(self.u[ly.INDOOR_FAN]),
                "room_m3_s": float(self.s[ly.S_ROOM_FLOW]),
            }
        return {
            "machine": self.machine.name,
            "refrigerant": self.machine.refrigerant,
            "cooling_w" if self.cooling else "heating_w": power,
            "electric_w": float(electric),
            "cop": float(power / electric),
            "evaporating_k": float(sats[ly.E][tb.T_DEW]),
            "condensing_k": float(sats[ly.C][tb.T_DEW]),
            "suction_superheat_k": float(r[rest.R_SUPERHEAT]),
            # As the plant tells it: a blend that is still wet is above its bubble temperature, not subcooled.
            "subcooling_k": float(max(sats[ly.C][tb.T_BUBBLE] - r[rest.R_T_LINE], 0.0)),
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
            "receiver_level": float(r[rest.R_LEVEL]),
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
        m, _pumped, gas, loss, electric, work, _heating = compressor.compress(
            self.par, self.fluid, sats[ly.SAT_PORT], sats[ly.D], p_s, sats[ly.D][tb.P], h_s, rho_d,
            self.w[ly.T, low + 1], self.v[rest.V_SPEED],
        )  # fmt: skip
        rise = (gas + loss) / m
        return {
            "isentropic_efficiency": float(m * work / electric),
            "cycle_efficiency": float(work / rise),
            "cycle_cop": float((h_s + rise - self.r[rest.R_H_LINE]) / rise),
        }
