"""The same machine in TESPy (extra `bench`), an independent steady-state solver with CoolProp's properties.

Two comparisons: the bare cycle at our pressures (`TespyCycle`), and the machine with our exchangers'
conductances and flows, where TESPy finds both pressures (`compare`). Every class raises ImportError without
TESPy.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from isentrope_sim.components import air
from isentrope_sim.cycle import layout as ly
from isentrope_sim.cycle import outside, rest
from isentrope_sim.errors import PlantError
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import Machine
from isentrope_sim.operating_point import SUPERHEAT_K, ZERO_C, Point
from isentrope_sim.steady import CELLS, water_flow_default

# Relative humidity of the comparison: too dry for moisture on the coil, which TESPy's air does not carry.
DRY_RH = 0.1
PIECES = 100  # of a cell, over which temperatures are integrated
# CoolProp has no equation of state for the other blends that TESPy could call.
FLUIDS = ("R290", "R32", "R410A")
_UNITS = {
    "temperature": "K",
    "pressure": "Pa",
    "pressure_difference": "Pa",
    "temperature_difference": "delta_degC",
    "heat_transfer_coefficient": "W/K",
}


class TespyCycle:
    """The bare vapour-compression cycle: pressures, superheat, subcooling, efficiency given.

    Parameters: point, a result of `steady.solve`.
    """

    def __init__(self, point: dict[str, Any]) -> None:
        from tespy.components import Compressor, CycleCloser, SimpleHeatExchanger, Valve
        from tespy.connections import Connection
        from tespy.networks import Network

        self.network = Network(iterinfo=False)
        self.network.units.set_defaults(**_UNITS)
        closer = CycleCloser("closer")
        self.compressor, valve = Compressor("compressor"), Valve("valve")
        self.condenser, evaporator = SimpleHeatExchanger("condenser"), SimpleHeatExchanger("evaporator")
        suction = Connection(evaporator, "out1", closer, "in1")
        start = Connection(closer, "out1", self.compressor, "in1")
        discharge = Connection(self.compressor, "out1", self.condenser, "in1")
        liquid = Connection(self.condenser, "out1", valve, "in1")
        expanded = Connection(valve, "out1", evaporator, "in1")
        self.network.add_conns(suction, start, discharge, liquid, expanded)
        self.compressor.set_attr(eta_s=point["cycle_efficiency"])
        self.condenser.set_attr(dp=point["discharge_pa"] - point["condensing_pa"])
        evaporator.set_attr(dp=0)
        start.set_attr(
            fluid={point["refrigerant"]: 1},
            m=point["mass_flow_kg_s"],
            p=point["suction_pa"],
            td_dew=point["suction_superheat_k"],
        )
        liquid.set_attr(p=point["condensing_pa"], td_bubble=point["subcooling_k"])

    def solve(self) -> float:
        """Solve the network; the cycle's COP. Raises PlantError if TESPy does not converge."""
        self.network.solve("design")
        if not self.network.converged:
            raise PlantError("TESPy does not converge on this point")
        return float(-self.condenser.Q.val_SI / self.compressor.P.val_SI)


class Conductances(NamedTuple):
    """What TESPy is given of a solved point beside the point itself; W, K, kg/s, W/K.

    condenser, evaporator: heat over the difference of bulk temperatures, integrated along the exchanger;
    liquid_k: leaves the condenser; discharge_w, suction_w: heat lost and gained between exchangers and
    compressor; cop: heat into the water over the compressor's power into the refrigerant.
    """

    condenser: float
    evaporator: float
    air_kg_s: float
    liquid_k: float
    discharge_w: float
    suction_w: float
    cop: float


def measure(
    machine: Machine, source_c: float, sink_out_c: float, heating_w: float
) -> tuple[dict[str, Any], Conductances]:
    """Our point in dry air (keys of `steady.solve`) and its conductances, from its own cells.

    Plate: counter flow. Coil: the air passes a strip at one refrigerant temperature, so a strip's
    effectiveness is 1 - exp(-UA / C). Raises as `steady.solve`.
    """
    point = Point(machine, CELLS, None, cooling=False)
    point.outdoor(source_c, DRY_RH)
    goal = point.goal(SUPERHEAT_K, sink_out_c, "heating_w", heating_w, None)
    result = point.with_water(water_flow_default(machine, sink_out_c), None, goal)
    n, w, m = CELLS, point.w, result["mass_flow_kg_s"]
    middles = (np.arange(PIECES) + 0.5) / PIECES

    water_c, water_k, condenser, heat = result["water_kg_s"] * outside.CP_WATER, sink_out_c + ZERO_C, 0.0, 0.0
    h = discharge = w[ly.H, n + 1]
    for k in range(n):
        new = w[ly.OUT, ly.at_indoor(False, k, n)]
        q = m * (h - new)
        for part in middles:
            t = tb.state(point.fluid, point.sats[ly.C], h + part * (new - h))[0]
            condenser += q / PIECES / (t - (water_k - part * q / water_c))
        h, heat, water_k = new, heat + q, water_k - q / water_c
    liquid_k = tb.state(point.fluid, point.sats[ly.C], h)[0]

    outdoor_k, h, evaporator = source_c + ZERO_C, point.r[rest.R_H_LINE], 0.0
    air_kg_s = float(point.s[ly.S_AIR_FLOW]) * air.density(outdoor_k)
    strip_c = air_kg_s * air.CP_AIR / n
    for k in range(n):
        new = w[ly.OUT, ly.at_outdoor(False, k, n)]
        q, conductance = m * (new - h), 0.0
        for part in middles:
            t = tb.state(point.fluid, point.sats[ly.E], h + part * (new - h))[0]
            conductance += q / PIECES / (outdoor_k - t)
        evaporator -= strip_c * math.log(1.0 - conductance / strip_c)
        h = new

    h_suction = point.s[ly.S_H_SUCTION]
    rise = (h_suction - point.r[rest.R_H_LINE]) / (result["cycle_cop"] - 1.0)
    return result, Conductances(
        condenser=float(condenser),
        evaporator=float(evaporator),
        air_kg_s=air_kg_s,
        liquid_k=float(liquid_k),
        discharge_w=float(m * (h_suction + rise - discharge)),
        suction_w=float(m * (h_suction - h)),
        cop=float(heat / (m * rise)),
    )


class TespyMachine:
    """Cycle, water and air with counter-flow exchangers of sections; solved at our pressures, then freed.

    Parameters: point and given as `measure` returns them; source_c, degC.
    """

    def __init__(self, point: dict[str, Any], given: Conductances, source_c: float) -> None:
        from tespy.components import (
            Compressor,
            CycleCloser,
            SectionedHeatExchanger,
            SimpleHeatExchanger,
            Sink,
            Source,
            Valve,
        )
        from tespy.connections import Connection
        from tespy.networks import Network

        self.given = given
        self.network = Network(iterinfo=False)
        self.network.units.set_defaults(**_UNITS)
        closer, self.compressor, valve = CycleCloser("closer"), Compressor("compressor"), Valve("valve")
        discharge_line, suction_line = SimpleHeatExchanger("discharge"), SimpleHeatExchanger("suction")
        self.condenser = SectionedHeatExchanger("condenser")
        self.evaporator = SectionedHeatExchanger("evaporator")
        start = Connection(closer, "out1", self.compressor, "in1")
        self.liquid = Connection(self.condenser, "out1", valve, "in1")
        self.expanded = Connection(valve, "out1", self.evaporator, "in2")
        water = Connection(Source("water in"), "out1", self.condenser, "in2")
        wind = Connection(Source("air in"), "out1", self.evaporator, "in1")
        self.network.add_conns(
            start,
            Connection(self.compressor, "out1", discharge_line, "in1"),
            Connection(discharge_line, "out1", self.condenser, "in1"),
            self.liquid,
            self.expanded,
            Connection(self.evaporator, "out2", suction_line, "in1"),
            Connection(suction_line, "out1", closer, "in1"),
            water,
            Connection(self.condenser, "out2", Sink("water out"), "in1"),
            wind,
            Connection(self.evaporator, "out1", Sink("air out"), "in1"),
        )
        self.compressor.set_attr(eta_s=point["cycle_efficiency"])
        self.condenser.set_attr(dp1=0, dp2=0)
        self.evaporator.set_attr(dp1=0, dp2=0)
        discharge_line.set_attr(dp=point["discharge_pa"] - point["condensing_pa"], Q=-given.discharge_w)
        suction_line.set_attr(dp=point["evaporating_pa"] - point["suction_pa"], Q=given.suction_w)
        start.set_attr(
            fluid={point["refrigerant"]: 1}, m=point["mass_flow_kg_s"], td_dew=point["suction_superheat_k"]
        )
        self.liquid.set_attr(T=given.liquid_k, p=point["condensing_pa"])
        self.expanded.set_attr(p=point["evaporating_pa"])
        water.set_attr(fluid={"water": 1}, m=point["water_kg_s"], T=point["water_in_k"], p=2e5)
        wind.set_attr(fluid={"air": 1}, m=given.air_kg_s, T=source_c + ZERO_C, p=air.PRESSURE)

    def solve(self) -> dict[str, float]:
        """cop, evaporating_pa, condensing_pa as TESPy finds them. Raises PlantError if it does not."""
        self.network.solve("design")
        self.liquid.set_attr(p=None)
        self.expanded.set_attr(p=None)
        self.condenser.set_attr(UA=self.given.condenser)
        self.evaporator.set_attr(UA=self.given.evaporator)
        self.network.solve("design")
        if not self.network.converged:
            raise PlantError("TESPy does not converge on this machine")
        return {
            "cop": float(-self.condenser.Q.val_SI / self.compressor.P.val_SI),
            "evaporating_pa": float(self.expanded.p.val_SI),
            "condensing_pa": float(self.liquid.p.val_SI),
        }


def compare(machine: Machine, source_c: float, sink_out_c: float, heating_w: float) -> dict[str, float]:
    """Both solvers on one machine, same conductances and flows: `cop` and pressures, TESPy's as `tespy_*`.

    Raises ImportError without TESPy, PlantError where it does not converge or does not know the refrigerant.
    """
    if machine.refrigerant not in FLUIDS:
        raise PlantError(f"TESPy has no {machine.refrigerant}")
    point, given = measure(machine, source_c, sink_out_c, heating_w)
    found = TespyMachine(point, given, source_c).solve()
    return {
        "cop": given.cop,
        "evaporating_pa": point["evaporating_pa"],
        "condensing_pa": point["condensing_pa"],
        "condenser_w_k": given.condenser,
        "evaporator_w_k": given.evaporator,
    } | {f"tespy_{name}": value for name, value in found.items()}
