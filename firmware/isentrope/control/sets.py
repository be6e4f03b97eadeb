"""The expansion valve's settings by what the machine works for: heating, cooling or hot water.

In cooling the plate evaporates instead of the coil, with other dynamics: a set of its own, as superheat
controllers in service have it [Danfoss EKE: setpoints, gain and time; EVCO EVDRIVE: low superheat, LOP and
MOP too]. Hot water is heating at a higher lift: other setpoints, all else is heating's.

The set follows the controller's `mode`. It changes without a kick: the trim is kept, the step of the setpoint
is the integral's to follow, and what the derivative leads by scales with its gain.
"""

from micropython import const

from .. import settings as s
from . import states

# Places: cooling's first five are in the order of heating's, which begin at 0 (`settings`).
_COOLING = const(108)
_COOLING_HIGH = const(113)
_COOLING_LOP = const(114)
_COOLING_MOP = const(115)
_HOT_WATER = const(116)
_HOT_WATER_HIGH = const(117)
_HOT_WATER_DISCHARGE = const(118)
_TAKES = const(88)  # decision


class Sets:
    """An option of the controller (options.py): `modes` are those of the profile, beside heating."""

    def __init__(self, modes, log):
        self._sets = [states.HEATING]
        if "cooling" in modes:
            self._sets.append(states.COOLING)
        if "hot_water" in modes:
            self._sets.append(states.HOT_WATER)
        self._log = log
        self._found = None  # what the search of the least stable superheat knows of the other evaporator
        self.mode = states.HEATING  # whose settings are in force

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        mode = c.mode if c.mode in self._sets else states.HEATING
        if mode == self.mode:
            return
        self.mode = mode
        self._log.add(now_ms, _TAKES, mode)
        expansion = c.expansion
        setpoint, protectors, loop = expansion.setpoint, expansion.protectors, expansion.loop
        setpoint.low, setpoint.high, setpoint.discharge = s.SH_SETPOINT, s.SH_SETPOINT_HIGH, s.DSH_SETPOINT
        protectors.lop, protectors.mop = s.LOP, s.MOP
        base = 0
        if mode == states.COOLING:
            base = _COOLING
            setpoint.low, setpoint.high = _COOLING, _COOLING_HIGH
            protectors.lop, protectors.mop = _COOLING_LOP, _COOLING_MOP
        elif mode == states.HOT_WATER:
            setpoint.low, setpoint.high = _HOT_WATER, _HOT_WATER_HIGH
            setpoint.discharge = _HOT_WATER_DISCHARGE
        if base != loop.base:
            self._found, setpoint.stable = setpoint.stable, self._found
            setpoint.base = loop.base = base
            setpoint.begin()
        loop.moved = True


def make(profile, settings, alarms, log, c):
    return Sets(profile["modes"], log)
