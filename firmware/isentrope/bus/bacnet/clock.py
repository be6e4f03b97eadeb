"""Local date and time, once somebody has told them."""

from ...dates import date, first

_DAY_S = 86_400
_DAY_2000 = 36_524  # 1 January 2000, counted from that of 1900
_DAY_MS = 86_400_000
_UNSPECIFIED = b"\xff\xff\xff\xff"  # ASHRAE 135, 20.2.12 and 13
_DAYS = b"\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


class Clock:
    """`year` from 1900 on, `month`, `day`, `weekday` (1 Monday), `ms` of the day.

    `month` 0: nobody has said the date; `ms` negative: nor the time.
    """

    def __init__(self, year: int, month: int, day: int, weekday: int, ms: int):
        self.year = year
        self.month = month
        self.day = day
        self.weekday = weekday
        self.ms = ms

    def passed(self, ms: int):
        """Time has passed, less than a day; negative: back by less than a day."""
        self.ms += ms
        if self.ms >= _DAY_MS:
            self.ms -= _DAY_MS
            self._next()
        elif self.ms < 0:
            self.ms += _DAY_MS
            self._previous()

    def _length(self) -> int:
        leap = self.month == 2 and self.year % 4 == 0 and self.year not in (0, 200)
        return _DAYS[self.month - 1] + leap

    def _next(self):
        self.weekday = self.weekday % 7 + 1
        self.day += 1
        if self.day > self._length():
            self.day = 1
            self.month += 1
            if self.month > 12:
                self.month = 1
                self.year = (self.year + 1) & 0xFF

    def _previous(self):
        self.weekday = (self.weekday + 5) % 7 + 1
        self.day -= 1
        if not self.day:
            self.month -= 1
            if not self.month:
                self.month = 12
                self.year = (self.year - 1) & 0xFF
            self.day = self._length()

    def seconds(self) -> int:
        """Since 1900; -1 outside of 2000 to 2099 and where somebody has not said date and time."""
        if self.ms < 0 or not self.month or not 100 <= self.year < 200:
            return -1
        day = first(self.year - 100, self.month) + self.day - 1 + _DAY_2000
        return day * _DAY_S + self.ms // 1000

    def date(self) -> bytes:
        if not self.month:
            return _UNSPECIFIED
        return bytes((self.year, self.month, self.day, self.weekday))

    def time(self) -> bytes:
        if self.ms < 0:
            return _UNSPECIFIED
        s = self.ms // 1000
        return bytes((s // 3600, s // 60 % 60, s % 60, self.ms % 1000 // 10))


def of(scan):
    """The controller's own, told by another source: without its date where nobody has said that."""
    inp = scan.inp
    ms = (inp.minute * 60 + scan.points.clock.second) * 1000 if inp.minute >= 0 else -1
    if inp.day < 0:
        return Clock(0, 0, 0, 0, ms)
    year, month, day = date(inp.day)
    return Clock(100 + year, month, day, inp.weekday + 1, ms)
