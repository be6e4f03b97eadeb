"""Where a machine's own limits hold its speed: discharge temperature, pressures, envelope.

    top_speed(machine, lambda rps: solve(machine, -10.0, 55.0, speed_rps=rps))

The controller holds the speed that far inside a limit (`docs/control.md`, defaults of discharge_hold,
high_pressure_hold, low_pressure_hold, envelope_margin), so full capacity is what the machine has there.
"""

from collections.abc import Callable, Sequence
from typing import Any

from isentrope_sim.machine import Machine
from isentrope_sim.operating_point import ZERO_C

# Inside the machine's limits, K, kPa, kPa, K: where a rising speed is held.
DISCHARGE_HOLD, HIGH_HOLD, LOW_HOLD, ENVELOPE_MARGIN = 10.0, 200.0, 30.0, 1.0
AGREED_RPS = 0.05


def envelope(
    corners: Sequence[Sequence[float]], evaporating_c: float, condensing_c: float
) -> tuple[float, bool]:
    """(distance, K, from the polygon's nearest edge, negative outside; whether less lift leads further in).

    corners: [evaporating, condensing] in degC, in order round the polygon.
    """
    inside, nearest, to = False, float("inf"), (0.0, 0.0)
    e_1, c_1 = corners[-1]
    for e_2, c_2 in corners:
        along_e, along_c = e_2 - e_1, c_2 - c_1
        e, c = evaporating_c - e_1, condensing_c - c_1
        if (c < 0.0) != (c < along_c) and e < c * along_e / along_c:
            inside = not inside
        part = min(max((e * along_e + c * along_c) / (along_e**2 + along_c**2), 0.0), 1.0)
        off = (part * along_e - e, part * along_c - c)
        distance = off[0] ** 2 + off[1] ** 2
        if distance < nearest:
            nearest, to = distance, off
        e_1, c_1 = e_2, c_2
    sign = -1.0 if inside else 1.0
    return -sign * float(nearest**0.5), sign * (to[1] - to[0]) <= 0.0


def broken(machine: Machine, point: dict[str, Any]) -> str:
    """The first limit that would hold the speed at a point (keys of `steady.solve`), or "".

    One of "discharge", "high pressure", "low pressure", "envelope". The envelope's edge of too small a lift
    does not count: there the controller speeds up.
    """
    said = machine.limits
    if point["discharge_k"] - ZERO_C > said["discharge_max_c"] - DISCHARGE_HOLD:
        return "discharge"
    if point["discharge_pa"] > 1e3 * (said["high_kpa"] - HIGH_HOLD):
        return "high pressure"
    if point["suction_pa"] < 1e3 * (said["low_kpa"] + LOW_HOLD):
        return "low pressure"
    at = (point["evaporating_k"] - ZERO_C, point["condensing_k"] - ZERO_C)
    margin, less_lift = envelope(said["envelope"], *at)
    return "envelope" if margin < ENVELOPE_MARGIN and less_lift else ""


def top_speed(machine: Machine, at: Callable[[float], dict[str, Any]]) -> tuple[float, str]:
    """(highest speed, 1/s, inside the limits; which limit holds it, "" at the machine's own top speed).

    at: the point (keys of `steady.solve`) at a speed. Where the least speed breaks a limit as well, it is the
    answer: a controller that slows down no further stops instead.
    """
    least, most = machine.values["min_rps"], machine.values["max_rps"]
    limit = broken(machine, at(most))
    if not limit or least == most:
        return most, limit
    low, high = least, most
    while high - low > AGREED_RPS:
        middle = 0.5 * (low + high)
        found = broken(machine, at(middle))
        low, high, limit = (low, middle, found) if found else (middle, high, limit)
    return low, limit
