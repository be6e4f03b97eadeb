"""What a change of speed makes of the flow in a machine, as two numbers for a controller's feed-forward.

More speed is more heat through the same coil: evaporating falls, and with it the density of what is drawn, so
that flow grows less than speed. And the evaporator holds more at a higher flow: the valve has to give it that
beside what the compressor draws. Both follow from the machine's own equations at half the rated speed, at it,
and at half more (docs/superheat.md, ramps).
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from isentrope_sim import fluids, site, steady
from isentrope_sim.components.eev import LI_SUBCOOLING
from isentrope_sim.errors import PlantError
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import Machine
from isentrope_sim.operating_point import Point

# The rating's air, but so dry (42 %) that the coil takes no water from it: there evaporating falls the most.
# What expects too much of that is a little dry at the end of a ramp up; what expects too little floods.
AIR_C, WET_BULB_C, WATER_C = 7.0, 2.5, 35.0
SUPERHEAT_K = 8.0  # the firmware's setpoint
SHARES = (0.5, 1.0, 1.5)  # of the rated speed
LEAST_APART = 1.15  # own: nearer speeds tell nothing
LEAK_PER_RATIO = 0.01  # the firmware's (control/feedforward.py)
FILL_S = (0.0, 5.0)  # own: further out the data describe another machine


def change_of_speed(machine: Machine) -> dict[str, float]:
    """`speed_exponent`, e of flow a revolution ~ speed^-e over all three speeds, for a controller that knows
    subcooling; `fill_s`, kg that the low side takes for each kg/s that the flow grows: the smaller of what
    holds below and above the rated speed, for what is given too much floods.

    Empty where there is nothing to compare: one speed, air indoors, a point without a solution.
    """
    values = machine.values
    speeds = [min(max(s * values["rated_rps"], values["min_rps"]), values["max_rps"]) for s in SHARES]
    if values["indoor_air"] > 0.0 or any(b < LEAST_APART * a for a, b in itertools.pairwise(speeds)):
        return {}
    try:
        points = [_at(machine, rps) for rps in speeds]
    except PlantError:
        return {}
    exponent = -math.log(points[-1][0] / points[0][0]) / math.log(speeds[-1] / speeds[0])
    fill_s = min((b[1] - a[1]) / (b[2] - a[2]) for a, b in itertools.pairwise(points))
    return {"speed_exponent": round(exponent, 3), "fill_s": round(min(max(fill_s, FILL_S[0]), FILL_S[1]), 2)}


def _at(machine: Machine, rps: float) -> tuple[float, float, float]:
    """Density that the feed-forward would have to believe at this speed, up to a constant factor; what the
    low side holds, kg; the flow, kg/s.
    """
    values = machine.values
    point = Point(machine, steady.CELLS, None, cooling=False)
    point.outdoor(AIR_C, steady.relative_humidity(AIR_C, WET_BULB_C))
    goal = point.goal(SUPERHEAT_K, WATER_C, "heating_w", None, rps)
    found = point.with_water(steady.water_flow_default(machine, WATER_C), None, goal)
    first = values["eev_opening_point"]
    opening = (found["eev_opening"] - first) / (1.0 - first)
    condensing, suction = found["condensing_pa"], found["suction_pa"]
    sat = np.zeros(tb.SAT_SIZE)
    tb.saturation(fluids.load(machine.refrigerant), condensing, sat)
    passed = opening ** values["eev_exponent"] * math.sqrt(float(sat[tb.RHO_LIQ]) * (condensing - suction))
    passed *= min(max(found["subcooling_k"], 1.5), 15.0) ** LI_SUBCOOLING
    ratio = condensing / suction
    efficiency = float(np.polyval(site.volumetric_efficiency(machine)[::-1], ratio))
    efficiency -= LEAK_PER_RATIO * ratio * (values["rated_rps"] / rps - 1.0)
    return passed / (rps * efficiency), point.low_side_kg(), found["mass_flow_kg_s"]
