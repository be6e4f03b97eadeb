"""One record on NOR flash, in two copies of a sector each: a power cut at any byte leaves the old or the new.

A medium has `size` and `sector` (bytes) and `read(at, buf)`, `erase(at)` (a sector, to 0xFF) and
`write(at, buf)`, which only clears bits. docs/storage.md has the layout.
"""

from binascii import crc32
from struct import pack_into

from micropython import const

from .tables import borrowed

PAGE = const(256)  # records start here: what NOR flash programs at once
HEAD = const(8)
_CRC = const(4)
MAGIC = const(0x4953)
SEAL = const(8)  # bytes behind a sealed record, blank until it is broken; own: one bit of them says so
_BROKEN = b"\0" * SEAL
_TRIES = const(3)  # own: a page may be worn, a third one in a row says the flash is
_PIECE = const(64)  # of a record that is read back; own


def newer(one: int, other: int) -> bool:
    """Sequence numbers wrap at 2^16; those alive lie close together."""
    return 0 < ((one - other) & 0xFFFF) < 0x8000


def pages(size: int) -> int:
    """`size` rounded up to whole pages."""
    return (size + PAGE - 1) // PAGE * PAGE


class Copies:
    """The medium's first two sectors.

    Each sector fills with records, a page or more each, and is erased when full, but only while the other
    holds the newest record. `found` is what was there (loading.py). To save, fill `buf` from HEAD on,
    `begin()`, then `step()` until no longer `busy`.

    A record may be `sealed`: it says something that ends suddenly, and in time. Eight bytes behind it stay
    blank until `unseal()` programs them in either copy, which takes no erase; one bit of them is enough.
    """

    def __init__(self, medium, capacity: int):
        """`capacity`: bytes of the largest payload to save. Raises ValueError when no sector holds it."""
        if pages(HEAD + capacity + _CRC + SEAL) > medium.sector:
            raise ValueError("storage: a sector of %d bytes is too small" % medium.sector)
        self._medium = medium
        self.buf = bytearray(pages(HEAD + capacity + _CRC))
        self._view = memoryview(self.buf)
        self._check = memoryview(bytearray(_PIECE))
        self._size = 0  # of the record to write; 0: nothing to do
        self._saving = 0  # its sequence number
        self._copy = 0  # where it goes next
        self._left = 0  # copies to write
        self._tries = 0
        found = borrowed("loading").Found(medium, len(self.buf))
        self.found = found  # by whoever made this, who forgets it
        self._newest = found.newest  # sequence number of each copy
        self._next = found.following  # where each copy's next record goes
        self.sequence = found.sequence  # of the newest record
        self.seals = found.seals  # where that of each copy's newest record is whole; -1: nowhere
        self.sealing = False  # the record to write is
        self.erases = 0
        self.failed = False  # what was to be saved last
        self._broken = False  # a copy has kept the break of its seal

    @property
    def busy(self) -> bool:
        return self._size > 0

    @property
    def sealed(self) -> bool:
        """A seal is whole in one copy at least."""
        return self.seals[0] >= 0 or self.seals[1] >= 0

    @property
    def whole(self) -> bool:
        """Both copies are up to date."""
        return self._newest[0] == self._newest[1] >= 0

    def begin(self, version: int, size: int, sealed: bool = False):
        """Save `buf[HEAD:HEAD + size]`."""
        self._saving = (self.sequence + 1) & 0xFFFF
        size += HEAD + _CRC
        pack_into("<HHHBB", self.buf, 0, MAGIC, size, self._saving, version, sealed)
        pack_into("<I", self.buf, size - _CRC, crc32(self._view[: size - _CRC]))
        self._size = size
        self.sealing = sealed
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
        room = size + SEAL if self.sealing else size
        if place + room > medium.sector:
            self._newest[copy] = self.seals[copy] = -1
            medium.erase(base)
            self.erases += 1
            self._next[copy] = 0
            return
        self._next[copy] = place + pages(room)
        medium.write(base + place, self._view[:size])
        if not self._kept(base + place, size):
            self._tries -= 1
            if not self._tries:
                self.failed = True
                self._size = 0
            return
        self._newest[copy] = self.sequence = self._saving
        self.seals[copy] = base + place + size if self.sealing else -1
        self._copy = 1 - copy
        self._left -= 1
        if not self._left:
            self._size = 0

    def unseal(self):
        """While not `busy` and still `sealed`: break one copy's seal.

        After the last one `failed` says that no copy has kept it: the record has to be replaced.
        """
        seals, check = self.seals, self._check[:SEAL]
        copy = 0 if seals[0] >= 0 else 1
        self._medium.write(seals[copy], _BROKEN)
        self._medium.read(seals[copy], check)
        seals[copy] = -1
        self._broken = self._broken or check == _BROKEN
        if not self.sealed:
            self.failed = not self._broken
            self._broken = False

    def _kept(self, at: int, size: int) -> bool:
        """The medium has the record as it was written."""
        for start in range(0, size, _PIECE):
            piece = self._view[start : min(start + _PIECE, size)]
            check = self._check[: len(piece)]
            self._medium.read(at + start, check)
            if check != piece:
                return False
        return True
