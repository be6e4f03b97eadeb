"""A storage medium in RAM that behaves as NOR flash does: what every port offers in bench mode."""

SIZE = 4096  # own: what a board can spare; two sectors of records, two of the event log
SECTOR = 1024


class Ram:
    """`size` and `sector` in bytes; blank when made."""

    def __init__(self, size: int = SIZE, sector: int = SECTOR):
        self.size = size
        self.sector = sector
        self.data = bytearray(b"\xff" * size)

    def read(self, at: int, buf):
        """Fill `buf` from `at` on."""
        buf[:] = self.data[at : at + len(buf)]

    def erase(self, at: int):
        """The sector that starts at `at`, to 0xFF."""
        self.data[at : at + self.sector] = b"\xff" * self.sector

    def write(self, at: int, buf):
        """Clear the bits that are 0 in `buf`."""
        data = self.data
        for byte in buf:
            data[at] &= byte
            at += 1
