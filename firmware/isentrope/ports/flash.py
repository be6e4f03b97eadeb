"""A storage medium (copies.py) in a board's flash, beside the files of littlefs.

MicroPython's images give littlefs the whole data area of the flash. Files of one block each, `store.0` to
`store.3`, keep four blocks from it: a directory has their number, and what is in them nobody looks at, for a
file of one block has no pointers in it. These blocks are erased and programmed behind littlefs's back.
"""

from micropython import const

from ..copies import PAGE
from ..tables import borrowed

_SECTORS = const(4)
_BLOCK = const(4096)
# Requests to a block device (MicroPython's documentation, vfs.AbstractBlockDev.ioctl).
_BLOCK_SIZE = const(5)
_ERASE = const(6)
_BLANK = b"\xff" * PAGE


class Flash:
    """`device` is what the file system is mounted on, `folder` where.

    A block's first page has its head, by which a start finds it (flash_blocks.py).

    Raises OSError when the file system is full, ValueError when its blocks have another size.
    """

    def __init__(self, device, folder: str = "/"):
        if device.ioctl(_BLOCK_SIZE, 0) != _BLOCK:
            raise ValueError("storage: the flash has no blocks of %d bytes" % _BLOCK)
        self.sector = _BLOCK - PAGE
        self.size = _SECTORS * self.sector
        self._device = device
        self._page = bytearray(PAGE)
        found = borrowed("ports.flash_blocks").Blocks(device, folder, _SECTORS)
        self._heads = found.heads
        self._blocks = found.blocks

    def read(self, at: int, buf):
        """Fill `buf` from `at` on, within a sector."""
        self._device.readblocks(self._blocks[at // self.sector], buf, PAGE + at % self.sector)

    def erase(self, at: int):
        """The sector that starts at `at`, to 0xFF."""
        place = at // self.sector
        self._device.ioctl(_ERASE, self._blocks[place])
        self._program(self._blocks[place], 0, self._heads[place])

    def write(self, at: int, buf):
        """Clear the bits that are 0 in `buf`, within a sector."""
        block = self._blocks[at // self.sector]
        at = PAGE + at % self.sector
        done = 0
        while done < len(buf):
            size = min(PAGE - at % PAGE, len(buf) - done)
            self._program(block, at, buf[done : done + size])
            at += size
            done += size

    def _program(self, block: int, at: int, data):
        """Flash is programmed a page at a time; a bit that is 1 stays as it is."""
        page = self._page
        page[:] = _BLANK
        begin = at % PAGE
        page[begin : begin + len(data)] = data
        self._device.writeblocks(block, page, at - begin)
