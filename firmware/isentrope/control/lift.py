"""Minimum lift: with warm air and cool water the pressures come too near for valve and bearings.

The fan slows first, which lowers the evaporating temperature; the envelope raises the speed where that is
not enough (limits.py).
"""

from micropython import const

_START_MASK = const(30)  # place in Settings.v
_LOW = const(37)
_RATE = const(0.2)  # own: % of fan a second for a kelvin; a coil answers within half a minute
_SLOWED = const(55)  # decision
_TOLD = const(90.0)  # the log is told when the fan falls under it, %


class Lift:
    """An option of the controller (options.py): `fan_cap`."""

    def __init__(self, limits, settings, log):
        """`limits.min_lift_k`: condensing (dew) less evaporating temperature, the compressor's data."""
        self._least_k = limits["min_lift_k"]
        self._v = settings.v
        self._log = log
        self._cap = 100.0
        self._slowed = False

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        v = self._v
        run_ms = c.sequence.run_ms
        if run_ms < v[_START_MASK] * 1000.0 or c.defrost.phase:
            self._cap = 100.0
            self._slowed = False
            return
        lift = c.cond_dew_c - c.evap_sat_c
        self._cap = min(max(self._cap + (lift - self._least_k) * _RATE * dt_s, v[_LOW]), 100.0)
        c.fan_cap = min(c.fan_cap, self._cap)
        if self._cap < _TOLD and not self._slowed:
            self._slowed = True
            self._log.add(now_ms, _SLOWED, int(lift))
        elif self._cap >= 100.0:
            self._slowed = False


def make(profile, settings, alarms, log, c):
    return Lift(profile["limits"], settings, log)
