"""A storage medium in RAM that behaves as NOR flash does: what every port offers in bench mode."""

SECTOR = 2048  # own: holds a record of 322 settings (copies.py)
SIZE = 4 * SECTOR  # two sectors of records, two of the event log
_BLANK = b"\xff" * 256


class Ram:
    """`size` and `sector` in bytes, a sector of whole pages of 256; blank when made."""

    def __init__(self, size: int = SIZE, sector: int = SECTOR):
        self.size = size
        self.sector = sector
        self.data = bytearray(size)
        for at in range(0, size, sector):
            Ram.erase(self, at)

    def read(self, at: int, buf):
        """Fill `buf` from `at` on."""
        buf[:] = self.data[at : at + len(buf)]

    def erase(self, at: int):
        """The sector that starts at `at`, to 0xFF."""
        data = self.data
        for page in range(at, at + self.sector, len(_BLANK)):
            data[page : page + len(_BLANK)] = _BLANK

    def write(self, at: int, buf):
        """Clear the bits that are 0 in `buf`."""
        data = self.data
        for byte in buf:
            data[at] &= byte
            at += 1
