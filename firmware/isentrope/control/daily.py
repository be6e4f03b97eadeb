"""Starts a day: no more than so many in any 24 hours."""

from array import array

from micropython import const

from .ticks import elapsed

_PER_DAY = const(83)  # place in Settings.v
_DAY_MS = const(86_400_000)


class Daily:
    """A ring of the starts' instants; one older than a day is dropped, so that none survives the clock's
    wrap.

    An option of the controller (options.py) that the sequence asks before a start.
    """

    def __init__(self, settings, most: int):
        self._v = settings.v
        self._times = array("i", [-1] * most)
        self._at = 0  # the oldest, or the next free place
        self._last = 0
        self.hours = 0  # until the next may be, rounded up

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        times, size = self._times, len(self._times)
        self._last = now_ms
        for i in range(size):
            if times[i] >= 0 and elapsed(now_ms, times[i]) >= _DAY_MS:
                times[i] = -1

    def ready(self) -> bool:
        """Another start may be; `hours` otherwise. The setting may lower the number at once, not raise it."""
        times, size = self._times, len(self._times)
        most = int(self._v[_PER_DAY])
        used = 0
        youngest_free = _DAY_MS
        for i in range(size):
            if times[i] >= 0:
                used += 1
                youngest_free = min(youngest_free, _DAY_MS - elapsed(self._last, times[i]))
        self.hours = youngest_free // 3_600_000 + 1
        return used < min(most, size)

    def add(self):
        """A start happened now."""
        self._times[self._at] = self._last
        self._at = (self._at + 1) % len(self._times)


def make(profile, settings, alarms, log, c):
    c.sequence.daily = Daily(settings, int(settings.v[_PER_DAY]))
    return c.sequence.daily
