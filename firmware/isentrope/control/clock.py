"""The time of day and the day, in control time: told by the best source there is, counted on, and forgotten
when nobody tells it again.

Sources, the best first: BACnet, Modbus (or the link), NTP, an RTC chip. A worse one is not listened to until
the better has been silent for a day. A crystal loses some 20 s in a week; a clock that nobody has set for
eight days may belong to a master that has gone, and may have missed the change to summer time. Without a time
schedules rest, and both logs say so. All times are local.
"""

from micropython import const

RTC = const(1)  # sources
NTP = const(2)
TOLD = const(3)
BACNET = const(4)

_MINUTE_MS = const(60_000)
_DAY = const(1440)
_OLD = const(11_520)  # own, min: a master that sets it once a week has a day to be late
_SILENT = const(1500)  # own, min: a better source tells once a day at least, and may be an hour late
_SATURDAY = const(5)
_SET = const(134)  # decisions
_NONE = const(135)
_BY = const(74)


class Clock:
    """Keeps `Inputs.minute`, 0 to 1439, `weekday`, 0 Monday to 6 Sunday, and `day` since 1 January 2000 (a
    Saturday); negative while nobody has said them.

    `source` is who told the time last, 0 nobody; `told` grows with every telling, modulo 2^16.
    """

    def __init__(self, inp, log, events=None):
        self._inp = inp
        self._log = log
        self._events = events
        self._ms = 0  # of the minute
        self._age = 0  # min since it was told
        self._last_ms = 0
        self.source = 0
        self.told = 0

    @property
    def second(self) -> int:
        """Of the minute."""
        return self._ms // 1000

    def listens(self, source: int) -> bool:
        """No better one has told it lately."""
        return source >= self.source or self._age >= _SILENT

    def tell(
        self, minute: int, source: int = TOLD, weekday: int = -1, day: int = -1, second: int = 0
    ) -> bool:
        """It is this minute of the day now, on this day where it is known; False: a better source has told it
        lately."""
        if not self.listens(source):
            return False
        inp = self._inp
        if inp.minute < 0 or source != self.source:
            self._say(_BY, source)
            self._say(_SET, minute)
        if day >= 0:
            weekday = (day + _SATURDAY) % 7
        elif weekday >= 0:
            if weekday != inp.weekday:
                inp.day = -1
            day = inp.day
        elif inp.weekday >= 0:
            # Nobody says the day: it is the one that was, or the next or last where midnight lies between.
            days = (inp.minute - minute + 720) // _DAY
            weekday = (inp.weekday + days) % 7
            day = inp.day + days if inp.day >= 0 else -1
        inp.day = day
        inp.weekday = weekday
        inp.minute = minute
        self.source = source
        self.told = (self.told + 1) & 0xFFFF
        self._ms = second * 1000
        self._age = 0
        return True

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
            inp.minute += 1
            if inp.minute == _DAY:
                inp.minute = 0
                if inp.weekday >= 0:
                    inp.weekday = (inp.weekday + 1) % 7
                if inp.day >= 0:
                    inp.day += 1
        if self._age >= _OLD:
            inp.minute = inp.weekday = inp.day = -1
            self.source = 0
            self._say(_NONE, self._age // 60)

    def _say(self, code: int, value: int):
        self._log.add(self._last_ms, code, value)
        if self._events:
            self._events.add(self._last_ms, code, value)
