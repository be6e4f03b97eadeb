"""Where a file lies in an RP2040's flash, which is memory. Borrowed (`tables`) once at the start."""

import os
import struct

import rp2
import uctypes
import vfs
from micropython import const

_XIP = const(0x10000000)  # RP2040 datasheet, 2.2
_BLOCK = const(4096)
_BLOCKS = const(4)  # a block device's request for their number (vfs.AbstractBlockDev.ioctl)
_SAMPLE = const(64)
_PROGRAM = const(256)  # ports/rp2/modules/_boot.py
_SIZES = (2 << 20, 4 << 20, 8 << 20, 16 << 20)  # of flash chips; the file system is at the end


class _Watched:
    """The flash, telling which block was read last. Nothing is written through it."""

    def __init__(self, flash):
        self._flash = flash
        self.last = 0

    def readblocks(self, block, buf, offset=0):
        self.last = block
        self._flash.readblocks(block, buf, offset)

    def writeblocks(self, block, buf, offset=0):
        raise OSError

    def ioctl(self, request, value):
        return self._flash.ioctl(request, value)


def addresses(path: str) -> list:
    """Of each block of a file; empty where they cannot be had.

    littlefs itself is asked for the last block: it lists files that are gone no more. The others follow
    from it (littlefs, DESIGN.md, "CTZ skip-lists": a block begins with the number of the one before).
    """
    try:
        flash = rp2.Flash()
        watched = _Watched(flash)
        size = os.stat(path)[6]
        view = vfs.VfsLfs2(watched, progsize=_PROGRAM)  # type: ignore
        file = view.open("/" + path.lstrip("/"), "rb")
        file.seek(size - 1)
        file.read(1)
        last = watched.last
        file.close()
        base = _base(flash, last)
    except OSError:
        return []
    count = 1
    end = _BLOCK
    while end < size:
        end += _BLOCK - 4 * _pointers(count)
        count += 1
    found = [0] * count
    for number in range(count - 1, -1, -1):
        if not 0 <= last < (flash.ioctl(_BLOCKS, 0) or 0):
            return []
        found[number] = base + last * _BLOCK
        last = struct.unpack("<I", uctypes.bytearray_at(found[number], 4))[0]
    return found


def _base(flash, block: int) -> int:
    """Where the file system is, by what that block has; OSError: nowhere."""
    buf = bytearray(_SAMPLE)
    flash.readblocks(block, buf, 0)
    for size in _SIZES:
        base = _XIP + size - _BLOCK * (flash.ioctl(_BLOCKS, 0) or 0)
        if uctypes.bytearray_at(base + block * _BLOCK, _SAMPLE) == buf:
            return base
    raise OSError


def _pointers(number: int) -> int:
    """At the beginning of a block."""
    found = 1
    while not number & 1:
        number >>= 1
        found += 1
    return found
