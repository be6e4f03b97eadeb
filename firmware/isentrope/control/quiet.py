"""Quiet mode: caps on fan and compressor speed, asked for by the bus or by the clock.

The hours are those of the chosen days of the week; the night that a day begins is that day's, past midnight
too.

A protection, a defrost, an oil return and a locked test speed are not quietened: they are short, and need
what they ask for.
"""

from micropython import const

# Places in Settings.v (settings.py).
_FROM = const(85)
_TO = const(86)
_SPEED = const(87)
_FAN = const(88)
_DAYS = const(211)
_EVERY_DAY = const(127)
_QUIET = const(49)  # decisions: speed held, quiet
_NO_TIME = const(138)


def within(minute: int, start: float, end: float) -> bool:
    """`minute` of the day lies from `start` to before `end`, across midnight too; equal ends are no time."""
    if minute < 0 or start == end:
        return False
    if start < end:
        return start <= minute < end
    return minute >= start or minute < end


class Quiet:
    """An option of the controller (options.py)."""

    def __init__(self, settings, log):
        self._v = settings.v
        self._log = log
        self._rests = False  # there are hours, and no time

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        v = self._v
        days = int(v[_DAYS])
        lacks = inp.minute < 0 or (inp.weekday < 0 and days != _EVERY_DAY)
        rests = lacks and v[_FROM] != v[_TO]
        if rests and not self._rests:
            self._log.add(now_ms, _NO_TIME, 0)
        self._rests = rests
        scheduled = not lacks and within(inp.minute, v[_FROM], v[_TO])
        if scheduled and days != _EVERY_DAY:
            yesterday = v[_FROM] > v[_TO] and inp.minute < v[_TO]
            scheduled = days >> (inp.weekday - yesterday) % 7 & 1 == 1
        if inp.quiet or scheduled:
            c.cap_rps = v[_SPEED]
            c.cap_why = _QUIET
            c.fan_cap = min(c.fan_cap, v[_FAN])


def make(profile, settings, alarms, log, c):
    return Quiet(settings, log)
