"""An RTC chip behind the clock: it tells the time after a power cut, and learns it from any better source.

Loaded where the board has one. It is read at the start and every hour while no better source tells; it is
set when a better one tells and it is more than a few seconds off, or is not believed.
"""

from micropython import const

from .control.clock import RTC

_EVERY_MS = const(3_600_000)  # own: the scan's crystal loses a tenth of a second meanwhile
_SOON_MS = const(60_000)  # own: whether it keeps what it was told
_OFF_S = const(5)  # own: a master's telling comes late by a second or two
_LOST = const(79)  # alarm


class Rtc:
    """`chip` has `read()` and `write()` (drivers/ds3231.py)."""

    def __init__(self, chip, clock, inp, alarms):
        self._chip = chip
        self._clock = clock
        self._inp = inp
        self._alarms = alarms
        self._wait_ms = 0
        self._told = 0

    def step(self, now_ms: int, dt_ms: int):
        """After a scan."""
        clock = self._clock
        better = clock.source > RTC
        if better and clock.told != self._told:
            self._told = clock.told
            self._set()
            self._wait_ms = min(self._wait_ms, _SOON_MS)
        self._wait_ms -= dt_ms
        if self._wait_ms > 0:
            return
        self._wait_ms = _EVERY_MS
        found = self._chip.read()
        if found is None:
            self._alarms.raise_(_LOST, now_ms)
            return
        self._alarms.clear(_LOST, now_ms)
        if clock.tell(found[1], RTC, -1, found[0], found[2]):
            self._told = clock.told

    def _set(self):
        """Where nobody has said the day, the chip's own stands."""
        clock, minute, day = self._clock, self._inp.minute, self._inp.day
        found = self._chip.read()
        if day < 0:
            if found is None:
                return
            # The day on which its time is the nearer.
            day = found[0] + (found[1] - minute + 720) // 1440
        if found is not None:
            off_s = ((found[0] - day) * 1440 + found[1] - minute) * 60 + found[2] - clock.second
            if -_OFF_S <= off_s <= _OFF_S:
                return
        self._chip.write(day, minute, clock.second)
