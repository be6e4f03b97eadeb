"""Which blocks of the flash are the storage's (flash.py). Borrowed (`tables`) at the start."""

from binascii import crc32
from os import rename, stat
from struct import pack, unpack_from

from micropython import const

_PAGE = const(256)
_BLOCK = const(4096)
_BLOCKS = const(4)  # a block device's request for their number (vfs.AbstractBlockDev.ioctl)
_HEAD = const(12)  # magic, place of the block, number u32, CRC-32 of these
_MAGIC = b"IsS"
_BLANK = b"\xff" * _PAGE


class Blocks:
    """`heads` and `blocks`, in the files' order.

    A block's first page has its head, which no other block has. The block of a file is the one with the head
    that littlefs shows at the file's beginning. Where there is none (an erase was cut, the board is new) or
    there are two (somebody copied files), the file is made anew, with its content and a head of its own.

    Raises OSError when the file system is full.
    """

    def __init__(self, device, folder: str, sectors: int):
        self._device = device
        self._folder = folder
        self._number = 0  # of the newest head
        self._found = self._search()
        self.heads = []
        self.blocks = []
        for place in range(sectors):
            head, block = self._adopt(place)
            self.heads.append(head)
            self.blocks.append(block)

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
        content = bytearray(_BLANK * (_BLOCK // _PAGE))
        path = self._path(place)
        try:
            with open(path, "rb") as file:
                file.readinto(content)
        except OSError:
            pass
        self._number += 1
        head = _MAGIC + pack("<BI", place, self._number)
        content[:_PAGE] = head + pack("<I", crc32(head)) + _BLANK[_HEAD:]
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
