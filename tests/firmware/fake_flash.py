"""A flash as rp2.Flash is one, what power cuts leave of it, and littlefs on it.

On MicroPython that is its own littlefs, mounted as a Pico does it; on CPython the one of littlefs-python,
in place of the built-in functions that ports/flash_blocks.py uses.
"""

from isentrope.ports import flash
from isentrope.tables import borrowed

try:
    import vfs
except ImportError:  # CPython
    vfs = None

BLOCK = 4096
PAGE = 256
MOUNTED = "/flash_under_test"


class Device:
    """`journal` has every operation, the program of a page or the erase of a block, as (place, content)."""

    def __init__(self, blocks=20, data=None):
        self.data = bytearray(data) if data else bytearray(b"\xff" * (blocks * BLOCK))
        self.blocks = len(self.data) // BLOCK
        self.journal = []

    def ioctl(self, request, argument):
        if request == 4:
            return self.blocks
        if request == 5:
            return BLOCK
        if request == 6:
            self._change(argument * BLOCK, b"\xff" * BLOCK)
        return 0

    def readblocks(self, block, buf, offset=0):
        at = block * BLOCK + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset):
        assert offset % PAGE == 0 and len(buf) % PAGE == 0 and offset + len(buf) <= BLOCK
        at = block * BLOCK + offset
        for page in range(0, len(buf), PAGE):
            self._change(at + page, bytes([self.data[at + n] & buf[n] for n in range(page, page + PAGE)]))

    def _change(self, at, content):
        self.journal.append((at, content))
        self.data[at : at + len(content)] = content


def cuts(data, journal, parts=(0, 100, 255)):
    """What a power cut in each operation of a journal leaves of `data`: `parts` 256ths of it are done."""
    data = bytearray(data)
    for at, content in journal:
        for part in parts:
            cut = bytearray(data)
            done = len(content) * part // 256
            cut[at : at + done] = content[:done]
            yield cut
        data[at : at + len(content)] = content


class Board:
    """A device with littlefs: formatted if it is blank, mounted until `off()`."""

    def __init__(self, device, blank=False):
        self.device = device
        if vfs:
            if blank:
                vfs.VfsLfs2.mkfs(device, progsize=PAGE)
            vfs.mount(vfs.VfsLfs2(device, progsize=PAGE), MOUNTED)
            self.open, self.remove = _open, _remove
        else:
            from littlefs import LittleFS

            self._fs = LittleFS(
                context=_Context(device),
                block_size=BLOCK,
                block_count=device.blocks,
                prog_size=PAGE,
                read_size=32,
                lookahead_size=32,
                cache_size=4 * PAGE,
                mount=False,
            )
            if blank:
                self._fs.format()
            self._fs.mount()
            self.open, self.remove = self._fs.open, self._fs.remove
            flash.borrowed = self._borrowed

    @property
    def folder(self):
        return MOUNTED + "/" if vfs else "/"

    def _borrowed(self, name):
        """The module, with this file system's functions in place of the built-in ones."""
        found = borrowed(name)
        found.open, found.rename, found.stat = self._fs.open, self._fs.rename, self._stat
        return found

    def _stat(self, path):
        return (0,) * 6 + (self._fs.stat(path).size,)

    def put(self, name, content):
        with self.open(self.folder + name, "wb") as file:
            file.write(content)

    def get(self, name):
        with self.open(self.folder + name, "rb") as file:
            return file.read()

    def off(self):
        if vfs:
            vfs.umount(MOUNTED)


def _open(path, mode):
    return open(path, mode)


def _remove(path):
    import os

    os.remove(path)


class _Context:
    """littlefs-python's view of a device."""

    def __init__(self, device):
        self._device = device

    def read(self, cfg, block, off, size):
        buf = bytearray(size)
        self._device.readblocks(block, buf, off)
        return buf

    def prog(self, cfg, block, off, data):
        self._device.writeblocks(block, data, off)
        return 0

    def erase(self, cfg, block):
        return self._device.ioctl(6, block)

    def sync(self, cfg):
        return 0


def started(device):
    """(board, its medium)."""
    board = Board(device)
    return board, flash.Flash(device, board.folder)
