"""The time of day in control time: told by a bus or the link, counted on, and forgotten when nobody
tells it again.

A crystal loses some 20 s in a week; a clock that nobody has set for eight days may belong to a master
that has gone, and may have missed the change to summer time. Without a time schedules rest, and the log
says so.
"""

from micropython import const

_MINUTE_MS = const(60_000)
_DAY = const(1440)
_OLD = const(11_520)  # own, min: a master that sets it once a week has a day to be late
_SET = const(134)  # decisions
_NONE = const(135)


class Clock:
    """Keeps `Inputs.minute`: 0 to 1439, negative while there is no time."""

    def __init__(self, inp, log):
        self._inp = inp
        self._log = log
        self._ms = 0  # of the minute
        self._age = 0  # min since it was told
        self._last_ms = 0

    def tell(self, minute: int):
        """It is this minute of the day now."""
        if self._inp.minute < 0:
            self._log.add(self._last_ms, _SET, minute)
        self._inp.minute = minute
        self._ms = self._age = 0

    def step(self, now_ms: int, dt_ms: int):
        """Time has passed, in every scan."""
        self._last_ms = now_ms
        inp = self._inp
        if inp.minute < 0:
            return
        self._ms += dt_ms
        while self._ms >= _MINUTE_MS:
            self._ms -= _MINUTE_MS
            self._age += 1
            inp.minute = (inp.minute + 1) % _DAY
        if self._age >= _OLD:
            inp.minute = -1
            self._log.add(now_ms, _NONE, self._age // 60)
