"""What happened to the machine, kept through power cuts: starts with their cause, alarms, trips with their
values, defrosts, settings changed, faults.

Codes are those of the decision log (`decisions.ALARM + code` for alarms), those below and settings: the id of
one with its new raw value, `WAS` + id with the one before. None is ever reused.
"""

from binascii import crc32
from struct import pack_into, unpack_from

from micropython import const

from .decisions import Log
from .tables import borrowed

STARTED = const(0x200)  # value: why
FAULT = const(0x201)  # an exception that nobody caught
# What was measured when the compressor tripped, a pair (`decisions.pair`) each.
TRIP_PRESSURES = const(0x202)
TRIP_DISCHARGE = const(0x203)
TRIP_SUPERHEAT = const(0x204)
TRIP_WATER = const(0x205)
WAS = const(0x8000)

POWER_ON = const(1)
WATCHDOG = const(2)
ASKED = const(3)  # a deliberate reset

RECORD = const(16)
_QUEUE = const(16)
_EVERY_MS = const(60_000)  # own: an alarm that flaps costs 2200 erases a year and sector at most
_BURST = const(96)  # own: an import of settings, and an evening of alarms after it


class Budget:
    """One in `every_ms` in the long run, `burst` at once: what wears flash is bounded whoever writes."""

    def __init__(self, every_ms: int, burst: int):
        self._every = every_ms
        self._most = self._saved = every_ms * burst

    def passed(self, ms: int):
        self._saved = min(self._most, self._saved + ms)

    def take(self) -> bool:
        if self._saved < self._every:
            return False
        self._saved -= self._every
        return True


class EventLog:
    """A ring over the medium's sectors from `start` on, two at least; entering one erases it.

    A record: sequence u16, code u16, t_ms u32, value s32, CRC-32 of these.
    """

    def __init__(self, medium, start: int):
        """Raises ValueError when the medium has less than two sectors for it."""
        if medium.size - start < 2 * medium.sector:
            raise ValueError("storage: no two sectors left for the event log")
        self._medium = medium
        self._start = start
        self.capacity = (medium.size - start) // RECORD
        self._per_sector = medium.sector // RECORD
        self._queue = Log(_QUEUE)
        self._budget = Budget(_EVERY_MS, _BURST)
        self._entry = [0, 0, 0]
        self.record = bytearray(RECORD)
        self._erased = False  # the sector that the next record opens
        self.erases = 0
        # Of the newest record, and the place of the next one.
        self.sequence, self._next = borrowed("loading").log_end(self, self._per_sector)

    @property
    def lost(self) -> int:
        """Events since the start that found no room in time."""
        return self._queue.lost

    @property
    def room(self) -> bool:
        """Half of what may wait is free."""
        return self._queue.pending() <= _QUEUE // 2

    def add(self, now_ms: int, code: int, value: int):
        self._queue.add(now_ms, code, value)

    def read(self, back: int, entry) -> bool:
        """Fill `entry[0:3]` (t_ms, code, value) from the record `back` places before the newest one.

        False when none is there or it is damaged; `back` runs from 0 to `capacity` - 1.
        """
        if self.sequence_at((self._next - 1 - back) % self.capacity) < 0:
            return False
        _, entry[1], entry[0], entry[2] = unpack_from("<HHIi", self.record)
        return True

    def passed(self, ms: int):
        """Control time has passed."""
        self._budget.passed(ms)

    def step(self):
        """Write the oldest event that waits, with one operation on one sector at most."""
        if not self._queue.pending():
            return
        place = self._next
        at = self._start + place * RECORD
        if place % self._per_sector == 0 and not self._erased:
            self._medium.erase(at)
            self.erases += 1
            self._erased = True
            return
        if not self._budget.take():
            return
        entry, record = self._entry, self.record
        self._queue.pop_into(entry)
        self.sequence = (self.sequence + 1) & 0xFFFF
        pack_into("<HHIi", record, 0, self.sequence, entry[1], entry[0], entry[2])
        pack_into("<I", record, 12, crc32(record[:12]))
        self._medium.write(at, record)
        self._next = (place + 1) % self.capacity
        self._erased = False

    def sequence_at(self, place: int) -> int:
        """Read a place; its sequence number, -1 when no whole record is there."""
        record = self.record
        self._medium.read(self._start + place * RECORD, record)
        if crc32(record[:12]) != unpack_from("<I", record, 12)[0]:
            return -1
        return unpack_from("<H", record)[0]
