"""One record on NOR flash, in two copies of a sector each: a power cut at any byte leaves the old or the new.

A medium has `size` and `sector` (bytes) and `read(at, buf)`, `erase(at)` (a sector, to 0xFF) and
`write(at, buf)`, which only clears bits. docs/storage.md has the layout.
"""

from binascii import crc32
from struct import pack_into, unpack_from

from micropython import const

PAGE = const(256)  # records start here: what NOR flash programs at once
HEAD = const(8)
_CRC = const(4)
_MAGIC = const(0x4953)
_TRIES = const(3)  # own: a page may be worn, a third one in a row says the flash is
_BLANK = b"\xff" * PAGE


def newer(one: int, other: int) -> bool:
    """Sequence numbers wrap at 2^16; those alive lie close together."""
    return 0 < ((one - other) & 0xFFFF) < 0x8000


def pages(size: int) -> int:
    """`size` rounded up to whole pages."""
    return (size + PAGE - 1) // PAGE * PAGE


class Copies:
    """The medium's first two sectors.

    Each sector fills with records, a page or more each, and is erased when full, but only while the other
    holds the newest record. `payload` and `version` are those of the newest one found, None and 0 without.
    To save, fill `buf` from HEAD on, `begin()`, then `step()` until no longer `busy`.
    """

    def __init__(self, medium, capacity: int):
        """`capacity`: bytes of the largest payload to save. Raises ValueError when no sector holds it."""
        if pages(HEAD + capacity + _CRC) > medium.sector:
            raise ValueError("storage: a sector of %d bytes is too small" % medium.sector)
        self._medium = medium
        self.buf = bytearray(pages(HEAD + capacity + _CRC))
        self._view = memoryview(self.buf)
        self._check = memoryview(bytearray(PAGE))
        self._size = 0  # of the record to write; 0: nothing to do
        self._saving = 0  # its sequence number
        self._copy = 0  # where it goes next
        self._left = 0  # copies to write
        self._tries = 0
        self._newest = [-1, -1]  # sequence number of each copy
        self._next = [medium.sector, medium.sector]  # where each copy's next record goes
        self._used = [0, 0]
        self.sequence = -1  # of the newest record
        self.version = 0
        self.erases = 0
        self.failed = False  # what was to be saved last
        self.payload = self._load()

    @property
    def busy(self) -> bool:
        return self._size > 0

    @property
    def whole(self) -> bool:
        """Both copies are up to date."""
        return self._newest[0] == self._newest[1] >= 0

    def untouched(self) -> bool:
        """As left found: nothing there but perhaps the beginning of a first record."""
        return self.sequence < 0 and self._used[1] == 0 and self._used[0] <= len(self.buf)

    def begin(self, version: int, size: int):
        """Save `buf[HEAD:HEAD + size]`."""
        self._saving = (self.sequence + 1) & 0xFFFF
        size += HEAD + _CRC
        pack_into("<HHHBB", self.buf, 0, _MAGIC, size, self._saving, version, 0)
        pack_into("<I", self.buf, size - _CRC, crc32(self._view[: size - _CRC]))
        self._size = size
        self._left = 2
        self._tries = _TRIES
        self.failed = False
        # The copy that alone has the newest record comes last.
        self._copy = 1 if self._newest[0] == self.sequence != self._newest[1] else 0

    def step(self):
        """One operation on one sector."""
        medium, copy, size = self._medium, self._copy, self._size
        base = copy * medium.sector
        place = self._next[copy]
        if place + size > medium.sector:
            self._newest[copy] = -1
            medium.erase(base)
            self.erases += 1
            self._next[copy] = 0
            return
        self._next[copy] = place + pages(size)
        medium.write(base + place, self._view[:size])
        if not self._kept(base + place):
            self._tries -= 1
            if not self._tries:
                self.failed = True
                self._size = 0
            return
        self._newest[copy] = self.sequence = self._saving
        self._copy = 1 - copy
        self._left -= 1
        if not self._left:
            self._size = 0

    def _kept(self, at: int) -> bool:
        """What was just written is there, read back page by page."""
        for start in range(0, self._size, PAGE):
            end = min(start + PAGE, self._size)
            check = self._check[: end - start]
            self._medium.read(at + start, check)
            if check != self._view[start:end]:
                return False
        return True

    def _load(self) -> bytes | None:
        """The newest record's payload. A copy that lacks it is erased before use, however blank it looks: an
        erase may have been cut."""
        medium = self._medium
        found = None
        page = bytearray(PAGE)
        for copy in range(2):
            base = copy * medium.sector
            for at in range(0, medium.sector, PAGE):
                medium.read(base + at, page)
                if page == _BLANK:
                    continue
                self._used[copy] = max(self._used[copy], at + PAGE)
                record = self._record(base + at, page, medium.sector - at)
                if record is None:
                    continue
                self._used[copy] = at + pages(len(record))
                sequence, version = unpack_from("<HB", record, 4)
                if self._newest[copy] < 0 or newer(sequence, self._newest[copy]):
                    self._newest[copy] = sequence
                if self.sequence < 0 or newer(sequence, self.sequence):
                    self.sequence = sequence
                    self.version = version
                    found = bytes(record[HEAD : len(record) - _CRC])
        for copy in range(2):
            if found is not None and self._newest[copy] == self.sequence:
                self._next[copy] = self._used[copy]
        return found

    def _record(self, at: int, page: bytearray, room: int) -> bytearray | None:
        """The record that starts at `at` with `page`, if it is sound."""
        magic, size = unpack_from("<HH", page)
        if magic != _MAGIC or not HEAD + _CRC <= size <= room:
            return None
        record = bytearray(size)
        self._medium.read(at, record)
        end = size - _CRC
        return record if crc32(record[:end]) == unpack_from("<I", record, end)[0] else None
