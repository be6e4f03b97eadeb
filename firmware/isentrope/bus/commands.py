"""Commands of the buses: sixteen slots of priority a point, in RAM, each with a lease.

The lowest slot in use has the point. What is not written again within `bus_timeout` is relinquished; without
any command the point has its local value, which is what was there before or what somebody at the machine has
set since (BACnet calls it the relinquish default). Both buses share the slots: Modbus writes the lowest
priority, 16, as BACnet does where a client names none.
"""

from array import array

from micropython import const

from ..points import DONE, UNKNOWN
from ..points import place as setting_of

HIGHEST = const(1)
LOWEST = const(16)
_TIMEOUT = const(75)  # place in Settings.v
_LAPSED = const(140)  # decision
_MOST_S = const(0xFFFF)
# What is said once and acts as told, or has a time-out of its own: room, demand, clock, fault reset.
_DIRECT = (0x2066, 0x2067, 0x2068, 0x3004)


class Commands:
    """Values here are the points' own raw ones."""

    def __init__(self, scan, ids: list):
        self._scan = scan
        self._points = scan.points
        self._v = scan.settings.v
        self._ids = array("H", [n for n in ids if n not in _DIRECT and setting_of(n) < 0])
        n = len(self._ids)
        self._used = array("H", bytearray(2 * n))  # bit 0: slot 1
        self._local = array("i", bytearray(4 * n))
        self._raw = array("h", bytearray(32 * n))
        self._left = array("H", bytearray(32 * n))  # seconds
        self._ms = 0

    def _place(self, identity: int) -> int:
        for n in range(len(self._ids)):
            if self._ids[n] == identity:
                return n
        return -1

    def has(self, identity: int) -> bool:
        """The point has slots; what has none is passed on as it is written."""
        return self._place(identity) >= 0

    def slot(self, identity: int) -> int:
        """The slot in force, 1 to 16; 0: none."""
        place = self._place(identity)
        return _first(self._used[place]) if place >= 0 else 0

    def value(self, identity: int, slot: int) -> int | None:
        """What a slot holds, None: nothing; slot 0: the local value."""
        place = self._place(identity)
        if place < 0:
            return None
        if not slot:
            return self._local[place] if self._used[place] else self._points.told(identity)
        if not self._used[place] >> (slot - 1) & 1:
            return None
        return self._points.as_told(identity, self._raw[16 * place + slot - 1])

    def put(self, identity: int, raw: int, slot: int) -> int:
        """Fill a slot, or refresh it; the point takes the value if nothing higher is there."""
        place = self._place(identity)
        if place < 0:
            return self._points.write(identity, raw)
        if not self._used[place]:
            self._local[place] = self._points.told(identity)
        at = 16 * place + slot - 1
        self._raw[at] = raw - 0x10000 if raw & 0x8000 and raw > 0 else raw
        self._left[at] = min(int(self._v[_TIMEOUT]), _MOST_S)
        self._used[place] |= 1 << (slot - 1)
        return self._apply(place)

    def relinquish(self, identity: int, slot: int) -> int:
        """Empty a slot, if it is not empty already."""
        place = self._place(identity)
        if place < 0:
            return UNKNOWN
        if self._used[place] >> (slot - 1) & 1:
            self._used[place] &= ~(1 << (slot - 1))
            self._apply(place)
        return DONE

    def local(self, identity: int, raw: int) -> bool:
        """Somebody at the machine sets a point; True: a command has it, the value waits for its end."""
        place = self._place(identity)
        if place < 0 or not self._used[place]:
            return False
        self._local[place] = raw
        return True

    def passed(self, ms: int):
        """Time has passed; once a second the leases run."""
        self._ms += ms
        if self._ms < 1000:
            return
        seconds = self._ms // 1000
        self._ms -= 1000 * seconds
        for place in range(len(self._ids)):
            if self._used[place]:
                self._run(place, seconds)

    def _run(self, place: int, seconds: int):
        used = self._used[place]
        left = self._left
        for slot in range(16):
            at = 16 * place + slot
            if used >> slot & 1:
                if left[at] > seconds:
                    left[at] -= seconds
                else:
                    used &= ~(1 << slot)
        if used != self._used[place]:
            self._used[place] = used
            self._scan.log.add(self._scan.now_ms, _LAPSED, self._ids[place])
            self._apply(place)

    def _apply(self, place: int) -> int:
        identity = self._ids[place]
        slot = _first(self._used[place])
        raw = self._local[place]
        if slot:
            raw = self._points.as_told(identity, self._raw[16 * place + slot - 1])
        return DONE if raw == self._points.told(identity) else self._points.write(identity, raw)


def _first(used: int) -> int:
    """The lowest bit set, from 1 on; 0: none."""
    if not used:
        return 0
    slot = 1
    while not used & 1:
        used >>= 1
        slot += 1
    return slot
