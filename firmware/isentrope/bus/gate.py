"""Who may write from a bus: nobody before commissioning, then the buses that `bus_write` names.

The results of a write are those of docs/link.md's WRITE, and two of the buses' own. What lies behind the
points (envelope, trips, limits of the machine) is no bus's to write.
"""

from micropython import const

from .. import settings as s

# Bits of the setting `bus_write`, and the buses' names here.
RTU = const(1)
TCP = const(2)
BACNET_IP = const(4)
MSTP = const(8)
MQTT = const(16)

CLOSED = const(7)  # not commissioned, or this bus may not write
SPENT = const(8)  # today's share of lasting changes is used up

_BASE = const(119)  # of the buses' settings
_WRITE = _BASE
_QUOTA = _BASE + 1
_DAY_MS = const(86_400_000)
_CLOSED_SAID = const(141)  # decisions
_SPENT_SAID = const(142)
_COUNT = const(7)  # place in Points.counts


class Gate:
    """Writes that do not pass are counted in `Points.counts`."""

    def __init__(self, scan):
        self._scan = scan
        self._v = scan.settings.v
        self._day_ms = 0
        self._spent = 0  # changes of settings since the day began, the controller's own day
        self._said = 0  # the refusal that the log has last; what passes forgets it

    def passed(self, ms: int):
        """Time has passed."""
        self._day_ms += ms
        if self._day_ms >= _DAY_MS:
            self._day_ms -= _DAY_MS
            self._spent = 0

    def open(self, bus: int) -> bool:
        """This bus may write."""
        v = self._v
        return v[s.COMMISSIONED] != 0.0 and int(v[_WRITE]) & bus != 0

    def refusal(self, bus: int, lasting: bool = False) -> int:
        """Why a write cannot pass, 0: it can; `lasting`: it changes what outlives a power cut."""
        if not self.open(bus):
            return self._told(CLOSED, _CLOSED_SAID, bus)
        if lasting and self._spent >= self._v[_QUOTA]:
            return self._told(SPENT, _SPENT_SAID, self._spent)
        return 0

    def spend(self):
        """A lasting change was made."""
        self._spent += 1
        self._said = 0

    def _told(self, result: int, decision: int, value: int) -> int:
        """Who tries again and again must not fill the log."""
        counts = self._scan.points.counts
        counts[_COUNT] = (counts[_COUNT] + 1) % 0xFFFF
        if self._said != result:
            self._said = result
            self._scan.log.add(self._scan.now_ms, decision, value)
        return result
