"""Demand from the bus, 0 to 100 % of the speed range: a building's controller regulates, this one obeys.

The flow setpoint stays in force as a ceiling. A demand that is not repeated within `bus_timeout` is void: the
flow setpoint regulates then, for a house must not freeze because a controller hangs.
"""

from micropython import const

from .ticks import Since

_TIMEOUT = const(75)  # place in Settings.v
_TOLD = const(2)  # bit of Inputs.told
_LOST = const(47)  # alarm: bus demand lost


class BusDemand:
    """An option of the controller (options.py): `capacity.allowed` and `capacity.most_rps`."""

    def __init__(self, compressor, settings, alarms):
        self._v = settings.v
        self._alarms = alarms
        self._min = float(compressor["min_rps"])
        self._range = float(compressor["max_rps"]) - self._min
        self._silent = Since(7_200_000, 7_200_000)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        self._silent.step(now_ms)
        if inp.told & _TOLD:
            inp.told &= ~_TOLD
            self._silent.restart(now_ms)
        if self._silent.ms >= self._v[_TIMEOUT] * 1000.0:
            self._alarms.raise_(_LOST, now_ms)
            return
        self._alarms.clear(_LOST, now_ms)
        capacity = c.capacity
        if inp.demand_pct <= 0.0:
            capacity.allowed = False
        capacity.demand_rps = self._min + self._range * inp.demand_pct / 100.0


def make(profile, settings, alarms, log, c):
    return BusDemand(profile["compressor"], settings, alarms)
