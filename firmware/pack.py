"""All modules of the firmware in one file, as a file system that MicroPython imports from (docs/deploy.md).

littlefs gives every file whole blocks: 140 modules of 1.5 KB took 4 KB each. What is in memory is this reader
alone: a path is looked up in the file, by halves. `hil/isentrope_hil/deploy/packing.py` writes the format.
"""

import io
import struct
import sys
from binascii import crc32

import vfs
from micropython import const

FILE = "/isentrope.pack"
PLACE = "/pack"  # where it is mounted
_MAGIC = b"isentrope pack 1"
_HEAD = const(20)  # the magic and the number of entries
_ENTRY = const(12)  # key of the path, offset in the file, size; in the order of the keys
_KEY = const(0x3FFFFFFF)  # of the path's CRC-32: what a board counts with without taking memory
_FOLDER = const(0xFFFFFFFF)  # size of a folder
_BUFFER = const(128)  # bytes a module is read in; own
_ENOENT = const(2)
_CLOSE = const(4)  # MP_STREAM_CLOSE, MP_STREAM_GET_BUFFER_SIZE (MicroPython, py/stream.h)
_GET_BUFFER_SIZE = const(11)


class _Module(io.IOBase):
    """`size` bytes from where the file stands."""

    def __init__(self, file, size: int):
        self._file = file
        self._left = size

    def readinto(self, buf):
        n = self._file.readinto(buf, min(len(buf), self._left))
        self._left -= n
        return n

    def ioctl(self, request, _):
        if request == _GET_BUFFER_SIZE:
            return _BUFFER
        if request == _CLOSE:
            self._file.close()
            self._left = 0
            return 0
        return -1


class Pack:
    """The file system. One import opens the file once: for the first look, and the module is read from it."""

    def __init__(self, path: str):
        self.path = path
        self.blocks = None  # addresses of its blocks in the flash, once somebody asks (isentrope/inplace.py)
        self._file = None  # open between a look and what it was for
        self._size = 0
        self._entry = bytearray(_ENTRY)
        with open(path, "rb") as file:
            head = file.read(_HEAD)
        if len(head) != _HEAD or head[:-4] != _MAGIC:
            raise ValueError("%s is damaged: deploy again" % path)
        self._count = struct.unpack("<I", head[-4:])[0]

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        self._close()

    def stat(self, path: str):
        if path.endswith(".py"):  # the first thing that an import looks for, and never here
            raise OSError(_ENOENT)
        mode = 0x4000 if self._find(path) == _FOLDER else 0x8000
        return mode, 0, 0, 0, 0, 0, 0 if mode == 0x4000 else self._size, 0, 0, 0

    def open(self, path: str, mode: str):
        if self._find(path) == _FOLDER:
            raise OSError(_ENOENT)
        file = self._file
        self._file = None  # it closes it
        return _Module(file, self._size)

    def _find(self, path: str) -> int:
        """The size of what is there, at whose first byte the open file stands then."""
        if self._file is None:
            self._file = open(self.path, "rb")  # noqa: SIM115 - until the module is read
        file = self._file
        assert file
        entry = self._entry
        wanted = crc32(path.encode()) & _KEY
        low = 0
        high = self._count
        while low < high:
            middle = (low + high) // 2
            file.seek(_HEAD + _ENTRY * middle)
            file.readinto(entry)
            key, at, size = struct.unpack("<III", entry)
            if key == wanted:
                file.seek(at)
                self._size = size
                return size
            if key < wanted:
                low = middle + 1
            else:
                high = middle
        if path.endswith(".mpy"):  # an import's last look
            self._close()
        raise OSError(_ENOENT)

    def _close(self):
        if self._file:
            self._file.close()
            self._file = None


mounted = None  # the pack that modules come from


def mount(folder: str):
    """Modules come from this folder's pack from now on, before all others but the folder's own."""
    global mounted
    mounted = Pack(folder + FILE)
    vfs.mount(mounted, PLACE)
    sys.path.insert(1, PLACE)
