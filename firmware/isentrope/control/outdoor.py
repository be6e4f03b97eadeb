"""Outdoor air's mean of the last 24 hours, and no heat above the heat limit by it."""

from array import array

from micropython import const

from .io import BAD_OUTDOOR_T

_LIMIT = const(79)  # place in Settings.v
_HOURS = const(23)  # whole ones; the hour that runs is the 24th
_HOUR_S = const(3600.0)
_LEAVE_K = const(1.0)  # own: hysteresis of the heat limit
_WARM = const(63)  # decision: no heat, warm outdoors


class Outdoor:
    """An option of the controller (options.py): `c.outdoor_mean_c`, and `capacity.allowed` by it.

    It begins with what is measured at the start, as if it had been so for an hour: a sensor that reads
    nonsense for a while must not make it summer. It is of 24 hours after as many.
    """

    def __init__(self, settings, log):
        self._v = settings.v
        self._log = log
        self._means = array("f", bytearray(4 * _HOURS))
        self._count = 0
        self._at = 0
        self._past = 0.0  # of the hours before, K s
        self._sum = 0.0  # of the hour that runs, K s
        self._for_s = 0.0
        self._warm = False

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        if inp.outdoor_told_c is not None or not (inp.bad | c.sensors.failed) & BAD_OUTDOOR_T:
            if not self._count and not self._for_s:
                self._means[0] = inp.weather_c
                self._count = self._at = 1
                self._past = inp.weather_c * _HOUR_S
            self._sum += inp.weather_c * dt_s
            self._for_s += dt_s
        if self._for_s >= _HOUR_S:
            self._means[self._at] = self._sum / self._for_s
            self._at = (self._at + 1) % _HOURS
            self._count = min(self._count + 1, _HOURS)
            self._sum = self._for_s = 0.0
            self._past = sum(self._means) * _HOUR_S
        seconds = self._for_s + self._count * _HOUR_S
        mean_c = (self._sum + self._past) / seconds if seconds > 0.0 else inp.weather_c
        c.outdoor_mean_c = mean_c
        warm = mean_c > self._v[_LIMIT] - (_LEAVE_K if self._warm else 0.0)
        if warm != self._warm:
            self._warm = warm
            if warm:
                self._log.add(now_ms, _WARM, int(mean_c))
        if warm:
            c.capacity.allowed = False


def make(profile, settings, alarms, log, c):
    return Outdoor(settings, log)
