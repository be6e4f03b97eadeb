"""A lost electricity meter is a warning; power and energies go by the guess until it is back."""

from micropython import const

_LOST = const(73)  # alarm; its value: 1 silent, 2 it refuses, 3 it has no SunSpec model of a meter


class MeterGuard:
    """An option of the controller (options.py)."""

    SLOW = True

    def __init__(self, alarms):
        self._alarms = alarms

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        meter = inp.more.meter if inp.more else None
        if meter and meter.lost:
            self._alarms.raise_(_LOST, now_ms, meter.why)
        else:
            self._alarms.clear(_LOST, now_ms)


def make(profile, settings, alarms, log, c):
    return MeterGuard(alarms)
