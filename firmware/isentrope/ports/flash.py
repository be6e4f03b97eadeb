"""A storage medium (copies.py) in a board's flash, beside the files of littlefs.

MicroPython's images give littlefs the whole data area of the flash. Files of one block each, `store.0` to
`store.3`, keep four blocks from it: a directory has their number, and what is in them nobody looks at, for a
file of one block has no pointers in it. These blocks are erased and programmed behind littlefs's back.
"""

from binascii import crc32
from os import rename, stat
from struct import pack, unpack_from

from micropython import const

from ..copies import PAGE

_SECTORS = const(4)
_BLOCK = const(4096)
# Requests to a block device (MicroPython's documentation, vfs.AbstractBlockDev.ioctl).
_BLOCKS = const(4)
_BLOCK_SIZE = const(5)
_ERASE = const(6)
_HEAD = const(12)  # magic, place of the block, number u32, CRC-32 of these
_MAGIC = b"IsS"
_BLANK = b"\xff" * PAGE


class Flash:
    """`device` is what the file system is mounted on, `folder` where.

    A block's first page has its head, which no other block has. The block of a file is the one with the head
    that littlefs shows at the file's beginning. Where there is none (an erase was cut, the board is new) or
    there are two (somebody copied files), the file is made anew, with its content and a head of its own.

    Raises OSError when the file system is full, ValueError when its blocks have another size.
    """

    def __init__(self, device, folder: str = "/"):
        if device.ioctl(_BLOCK_SIZE, 0) != _BLOCK:
            raise ValueError("storage: the flash has no blocks of %d bytes" % _BLOCK)
        self.sector = _BLOCK - PAGE
        self.size = _SECTORS * self.sector
        self._device = device
        self._folder = folder
        self._page = bytearray(PAGE)
        self._number = 0  # of the newest head
        self._found = self._search()
        self._heads = []
        self._blocks = []
        for place in range(_SECTORS):
            head, block = self._adopt(place)
            self._heads.append(head)
            self._blocks.append(block)
        del self._found

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

    def _adopt(self, place: int) -> tuple:
        """Head and block of a file."""
        head = self._shown(place)
        if len(self._found.get(head, ())) != 1:
            self._make(place)
            self._found = self._search()
            head = self._shown(place)
        blocks = self._found.get(head, ())
        if len(blocks) != 1:
            raise OSError("storage: %s is in no block of its own" % self._path(place))
        return head, blocks[0]

    def _search(self) -> dict:
        """The blocks with each head that is on the device."""
        found: dict = {}
        buf = bytearray(_HEAD)
        for block in range(self._device.ioctl(_BLOCKS, 0)):
            self._device.readblocks(block, buf, 0)
            if _sound(buf):
                self._number = max(self._number, unpack_from("<I", buf, 4)[0])
                found.setdefault(bytes(buf), []).append(block)
        return found

    def _shown(self, place: int) -> bytes:
        """The head in a file, as littlefs reads it; empty without."""
        path = self._path(place)
        try:
            with open(path, "rb") as file:
                head = file.read(_HEAD)
            return head if stat(path)[6] == _BLOCK and _sound(head) and head[3] == place else b""
        except OSError:
            return b""

    def _make(self, place: int):
        """The file in a new block with a new head; a power cut leaves what was."""
        content = bytearray(_BLANK * (_BLOCK // PAGE))
        path = self._path(place)
        try:
            with open(path, "rb") as file:
                file.readinto(content)
        except OSError:
            pass
        self._number += 1
        head = _MAGIC + pack("<BI", place, self._number)
        content[:PAGE] = head + pack("<I", crc32(head)) + _BLANK[_HEAD:]
        new = self._folder + "store.new"
        with open(new, "wb") as file:
            file.write(content)
        rename(new, path)

    def _path(self, place: int) -> str:
        return "%sstore.%d" % (self._folder, place)


def _sound(head) -> bool:
    """It is a head, undamaged."""
    end = _HEAD - 4
    return len(head) == _HEAD and head[:3] == _MAGIC and crc32(head[:end]) == unpack_from("<I", head, end)[0]
