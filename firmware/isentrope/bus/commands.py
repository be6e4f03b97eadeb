"""Commands of the buses: sixteen slots of priority a point, in RAM, each with a lease.

The lowest slot in use has the point. What is not written again within `bus_timeout` is relinquished; without
any command the point has its local value, which is what was there before or what somebody at the machine has
set since (BACnet calls it the relinquish default). All buses share the slots: Modbus writes the lowest
priority, 16, as BACnet does where a client names none.

Two masters that want different things of one point are told to the log once: again when another slot
counts, or when nothing contradicted for a lease. Masters of one bus that use one slot cannot be told
apart from one that has changed its mind.
"""

from array import array

from micropython import const

from ..points import DONE, UNKNOWN
from ..points import place as setting_of

HIGHEST = const(1)
LOWEST = const(16)
_TIMEOUT = const(75)  # place in Settings.v
_LAPSED = const(140)  # decisions
_CONTRADICT = const(220)
_MOST_S = const(0xFFFF)
# What is said once and acts as told, or has a time-out of its own: room, demand, clock, fault reset.
_DIRECT = (0x2066, 0x2067, 0x2068, 0x3004)
_SPOKEN = (0x2066, 0x2067)  # of them, what two masters may say differently: the last one counts
# Repeating the same is a heartbeat to them (control/power.py, grid.py): power limit, SG-Ready.
_HEARTBEATS = (0x200B, 0x200E)
MACHINE = const(128)  # beside gate.py's buses: who stands at the machine


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
        self._by = bytearray(16 * n)  # the bus that filled it
        n += len(_SPOKEN)
        self._said = bytearray(n)  # slot that counts in the contradiction that the log has
        self._quiet = array("H", bytearray(2 * n))  # seconds until it would be said again
        self._last_by = bytearray(len(_SPOKEN))
        self._last_s = array("H", bytearray(2 * len(_SPOKEN)))  # what is left of the last word's lease
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

    def put(self, identity: int, raw: int, slot: int, bus: int) -> int:
        """Fill a slot, or refresh it; the point takes the value if nothing higher is there."""
        place = self._place(identity)
        if place < 0:
            if identity in _SPOKEN:
                self._speak(_SPOKEN.index(identity), raw, bus)
            return self._points.write(identity, raw)
        if not self._used[place]:
            self._local[place] = self._points.told(identity)
        at = 16 * place + slot - 1
        raw = raw - 0x10000 if raw & 0x8000 and raw > 0 else raw
        before, by = self._raw[at], self._by[at]
        fresh = not self._used[place] >> (slot - 1) & 1
        self._raw[at] = raw
        self._by[at] = bus
        self._left[at] = self._lease()
        self._used[place] |= 1 << (slot - 1)
        if not fresh and by != bus and before != raw and _first(self._used[place]) == slot:
            self._contradict(place, identity, slot, slot, bus, by)
        else:
            self._compare(place, slot)
        return self._apply(place, _first(self._used[place]) == slot)

    def _lease(self) -> int:
        return min(int(self._v[_TIMEOUT]), _MOST_S)

    def _speak(self, n: int, raw: int, bus: int):
        """A point without slots is written."""
        identity = _SPOKEN[n]
        by = self._last_by[n]
        if self._last_s[n] and by != bus and raw != self._points.told(identity):
            self._contradict(len(self._ids) + n, identity, LOWEST, LOWEST, bus, by)
        self._last_by[n] = bus
        self._last_s[n] = self._lease()

    def _compare(self, place: int, slot: int):
        """This slot against the one in force, or that against the next under it."""
        used = self._used[place]
        first = _first(used)
        other = slot if slot != first else _first(used & used - 1)
        a, b = 16 * place + first - 1, 16 * place + other - 1
        if other and other != first and self._raw[a] != self._raw[b]:
            self._contradict(place, self._ids[place], first, other, self._by[a], self._by[b])

    def _contradict(self, n: int, identity: int, slot: int, other: int, bus: int, by: int):
        """Two differ: `slot` of `bus` counts, `other` of `by` does not; the later where slots are alike."""
        if not self._quiet[n] or self._said[n] != slot:
            self._said[n] = slot
            who = (_first(bus) - 1) << 11 | (_first(by) - 1) << 8 | (slot - 1) << 4 | other - 1
            self._scan.log.add(self._scan.now_ms, _CONTRADICT, who << 16 | identity)
        self._quiet[n] = self._lease()

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
        slot = _first(self._used[place])
        if raw != self._points.told(identity):
            self._contradict(place, identity, slot, LOWEST, self._by[16 * place + slot - 1], MACHINE)
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
        for n in range(len(self._quiet)):
            self._quiet[n] = max(self._quiet[n] - seconds, 0)
        for n in range(len(_SPOKEN)):
            self._last_s[n] = max(self._last_s[n] - seconds, 0)

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

    def _apply(self, place: int, repeated: bool = False) -> int:
        """`repeated`: what is in force was written again."""
        identity = self._ids[place]
        slot = _first(self._used[place])
        raw = self._local[place]
        if slot:
            raw = self._points.as_told(identity, self._raw[16 * place + slot - 1])
        if raw == self._points.told(identity) and not (repeated and identity in _HEARTBEATS):
            return DONE
        return self._points.write(identity, raw)


def _first(used: int) -> int:
    """The lowest bit set, from 1 on; 0: none."""
    if not used:
        return 0
    slot = 1
    while not used & 1:
        used >>= 1
        slot += 1
    return slot
