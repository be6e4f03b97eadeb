"""What a start finds on the storage medium. Borrowed (`tables`): nobody needs it afterwards."""

from binascii import crc32
from struct import unpack_from

from micropython import const

from . import alarms as a
from .copies import HEAD, MAGIC, PAGE, SEAL, newer, pages

_CRC = const(4)
_COUNTERS = const(18)  # of a payload (storage.py)
_SETTING = const(6)
_SEALED = const(7)  # of a record's head: a seal follows it
_BLANK = b"\xff"


def _with_ledger(payload: bytes) -> bytes:
    """Schema 1 had no ledger."""
    return payload[:16] + b"\0\0" + payload[16:]


# MIGRATIONS[n - 1] takes a payload of schema n and returns that of schema n + 1.
MIGRATIONS: tuple = (_with_ledger,)


class Found:
    """The medium's first two sectors: `payload` and `version` of the newest record, None and 0 without one.

    `newest` are the sequence numbers of the copies (-1: none), `following` where their next records go: a
    copy that lacks the newest is erased before use, however blank it looks, since an erase may have been cut.
    `seals`: where the seal of each copy's newest record is whole, -1: nowhere. `sealed`: the newest record's
    is, in every copy that has it.
    """

    def __init__(self, medium, most: int):
        """`most`: bytes of the largest record."""
        self.payload: bytes | None = None
        self.version = 0
        self.sequence = -1
        self.newest = [-1, -1]
        self.following = [medium.sector, medium.sector]
        self.seals = [-1, -1]
        used = [0, 0]
        page = bytearray(PAGE)
        for copy in range(2):
            base = copy * medium.sector
            for at in range(0, medium.sector, PAGE):
                medium.read(base + at, page)
                if page == _BLANK * PAGE:
                    continue
                used[copy] = max(used[copy], at + PAGE)
                record = _record(medium, base + at, page, medium.sector - at)
                if record is None:
                    continue
                sealed = record[_SEALED] != 0
                used[copy] = at + pages(len(record) + (SEAL if sealed else 0))
                if self._take(copy, record):
                    self.seals[copy] = _whole(medium, base + at + len(record)) if sealed else -1
        self.sealed = self.payload is not None
        for copy in range(2):
            if self.payload is not None and self.newest[copy] == self.sequence:
                self.following[copy] = used[copy]
                self.sealed = self.sealed and self.seals[copy] >= 0
        # Nothing there but perhaps the beginning of a first record, whose bits are not all programmed yet.
        medium.read(0, page)
        begun = unpack_from("<H", page)[0] & MAGIC == MAGIC
        self.untouched = self.sequence < 0 and used[1] == 0 and used[0] <= most and begun

    def _take(self, copy: int, record: bytearray) -> bool:
        """True where it is its copy's newest so far."""
        sequence, version = unpack_from("<HB", record, 4)
        newest = self.newest[copy] < 0 or newer(sequence, self.newest[copy])
        if newest:
            self.newest[copy] = sequence
        if self.sequence < 0 or newer(sequence, self.sequence):
            self.sequence = sequence
            self.version = version
            self.payload = bytes(record[HEAD : len(record) - _CRC])
        return newest


def _whole(medium, at: int) -> int:
    """`at` where a seal there is not broken, else -1."""
    seal = bytearray(SEAL)
    medium.read(at, seal)
    return at if seal == _BLANK * SEAL else -1


def _record(medium, at: int, page: bytearray, room: int) -> bytearray | None:
    """The record that starts at `at` with `page`, if it is sound."""
    magic, size = unpack_from("<HH", page)
    if magic != MAGIC or not HEAD + _CRC <= size <= room:
        return None
    record = bytearray(size)
    medium.read(at, record)
    end = size - _CRC
    return record if crc32(record[:end]) == unpack_from("<I", record, end)[0] else None


def log_end(log, per_sector: int) -> tuple:
    """(sequence number of the newest record of an event log or -1, place of the next one).

    It follows the newest, and whatever a power cut left behind that in its sector.
    """
    found, following = -1, 0
    for first in range(0, log.capacity, per_sector):
        newest = False
        end = first
        for place in range(first, first + per_sector):
            sequence = log.sequence_at(place)
            if log.record != _BLANK * len(log.record):
                end = place + 1
            if sequence >= 0 and (found < 0 or newer(sequence, found)):
                found = sequence
                newest = True
        if newest:
            following = end % log.capacity
    return found, following


def restore(found: Found, logged: bool, schema: int, migrations, settings, base, controller, ledger) -> tuple:
    """Take what the newest record says: (alarm or 0, its detail, starts of the firmware, sectors erased).

    Nothing at all is a new board; a first record that a power cut ended is one too, and leaves the log empty,
    since that is written after it. Without a record anything else, such as events that are `logged`, means a
    loss. Settings that cannot be taken stay as in `base`, the profile's.
    """
    payload = found.payload
    if payload is None:
        return a.STORAGE_LOST if logged or not found.untouched else 0, 0, 0, 0
    if not 1 <= found.version <= schema:
        return a.STORAGE_NEWER, found.version, 0, 0
    for version in range(found.version, schema):
        payload = (migrations or MIGRATIONS)[version - 1](payload)
    starts, run_s, resets, erases, size = unpack_from("<IIIIH", payload)
    if size > len(ledger.image):
        return a.STORAGE_NEWER, size, 0, 0  # counters that this firmware does not know
    controller.restore(starts, run_s)
    ledger.image[:size] = payload[_COUNTERS : _COUNTERS + size]
    alarm = detail = 0
    for at in range(_COUNTERS + size, len(payload), _SETTING):
        identity, raw = unpack_from("<Hi", payload, at)
        if settings.put(identity, raw):
            alarm, detail = a.STORAGE_LOST, identity
    place = settings.contradiction()
    while place >= 0:  # of a changed profile, say: both as the profile has them
        alarm, detail = a.STORAGE_LOST, settings.identity(place)
        for each in (place, settings.above(place)):
            settings.put(settings.identity(each), base[each])
        place = settings.contradiction()
    return alarm, detail, resets, erases
