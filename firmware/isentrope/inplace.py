"""Functions run where the flash has them, not from a copy in the heap.

MicroPython copies a module's bytecode into the heap. A pack on a board whose flash is memory has the same
bytes at an address. What refers to the copy, the fourth word of a function's, string's and bytes object's
(py/objfun.h, py/objstr.h), is made to refer to these, once both have been compared, byte
by byte; the copy is garbage then. What is not found equal stays as it is.

The blocks of a file stay where they are until it is written again, which only maintenance does (main.py),
where no firmware runs. Borrowed (`tables`).
"""

import gc
import struct
import sys
from binascii import crc32

import uctypes
from micropython import const

from .tables import borrowed

_BLOCK = const(4096)
_HEAD = const(20)  # the pack's format: firmware/pack.py, hil/isentrope_hil/deploy/packing.py
_ENTRY = const(12)
_KEY = const(0x3FFFFFFF)
_FIRST = const(8)  # bytes that a function is looked up by, and the least that the pack names
# Own: modules between two collections where nothing collects by itself; each leaves some 5 KB.
_FEW = const(2)
_OLDEST = (1, 24)  # of MicroPython, whose objects are laid out as said above
_NEWEST = (1, 29)
_PLACE = "/pack"  # where a pack is mounted (firmware/pack.py)
_WORD = struct.calcsize("P")
_ALIGNED = 4 * _WORD  # every object of the heap (py/gc.h)


def _generator():
    yield


_CODE = (type(lambda: 0), type(_generator))
_WRAPPED = (staticmethod, classmethod)
_TEXT = (bytes, str)


def settle():
    """All modules that came since the last time; to be called while nothing of them runs.

    Without a pack (the firmware is in the image) there is nothing to do. In a MicroPython that nobody has
    looked at, a word taken for an address might be none: there everything runs from the heap.
    """
    if not _OLDEST <= sys.implementation.version[:2] <= _NEWEST:
        return
    pack = sys.modules.get("pack")
    mounted = pack and pack.mounted
    if mounted:
        if mounted.blocks is None:
            mounted.blocks = borrowed("ports.rp2_blocks").addresses(mounted.path)
        if mounted.blocks:
            InPlace(mounted.blocks).settle()


class InPlace:
    """`blocks` are the addresses of the pack's blocks, in their order."""

    def __init__(self, blocks):
        self._starts = []  # of each block's content in the pack
        self._shifts = []  # from there to its address
        at = 0
        for number, address in enumerate(blocks):
            self._starts.append(at)
            pointers = 0
            while number and not number >> pointers & 1:
                pointers += 1
            content = address + 4 * (pointers + 1 if number else 0)
            self._shifts.append(content - at)
            at += address + _BLOCK - content
        self._known: dict = {}  # (address, size) by first bytes, of a module's functions
        self._kept: list = []  # copies: what runs now may be among them
        self.bytes = 0  # that need no copy any more

    def settle(self):
        done = 0
        for name in list(sys.modules):
            module = sys.modules[name]
            path = getattr(module, "__file__", "")
            if path.startswith(_PLACE):
                del module.__file__  # it has come
                if self._open(path[len(_PLACE) :]):
                    self._space(module.__dict__, name)
                done += 1
                if done % _FEW == 0 and gc.threshold() < 0:
                    gc.collect()

    def _open(self, path: str) -> bool:
        """Take in what the flash has of a module."""
        known: dict = {}
        self._known = known
        at = self._find(crc32(path.encode()) & _KEY)
        if not at:
            return False
        count = struct.unpack("<H", self._view(at - 2, 2))[0]
        for place in range(count):
            start, size = struct.unpack("<HH", self._view(at - 2 - 4 * (count - place), 4))
            view = self._view(at + start, size)
            if view:
                known.setdefault(bytes(view[:_FIRST]), []).append(view)
        return count > 0

    def _find(self, wanted: int) -> int:
        """Where a module begins in the pack, by its path's key; 0: nowhere."""
        low = 0
        high = struct.unpack("<I", self._view(_HEAD - 4, 4))[0]
        while low < high:
            middle = (low + high) // 2
            key, at, _ = struct.unpack("<III", self._view(_HEAD + _ENTRY * middle, _ENTRY))
            if key == wanted:
                return at
            if key < wanted:
                low = middle + 1
            else:
                high = middle
        return 0

    def _view(self, at: int, size: int):
        """The flash's bytes, None where they lie in two blocks."""
        number = at // _BLOCK  # or the next, since a block holds less than its size
        if number + 1 < len(self._starts) and at >= self._starts[number + 1]:
            number += 1
        if number + 1 < len(self._starts) and at + size > self._starts[number + 1]:
            return None
        return uctypes.bytearray_at(at + self._shifts[number], size)

    def _space(self, space: dict, name: str):
        """What a module or class of that module names."""
        for value in space.values():
            kind = type(value)
            if kind in _CODE:
                self._object(id(value))
            elif kind is type:
                if value.__dict__.get("__module__") == name:
                    self._space(value.__dict__, name)
            elif kind is property:
                for word in range(1, 4):  # getter, setter, deleter (py/objproperty.c)
                    self._wrapped(id(value) + word * _WORD)
            elif kind in _WRAPPED:
                self._wrapped(id(value) + _WORD)
            elif kind in _TEXT and len(value) >= _FIRST:
                self._object(id(value))

    def _wrapped(self, address: int):
        """A function that another object refers to there."""
        function = struct.unpack("P", uctypes.bytearray_at(address, _WORD))[0]
        if function:
            self._object(function)

    def _object(self, address: int):
        """Make it refer to the flash, where that has what it refers to."""
        if address % _ALIGNED:  # None, a short string, something in the image
            return
        word = uctypes.bytearray_at(address + 3 * _WORD, _WORD)
        copy = struct.unpack("P", word)[0]
        for view in self._known.get(bytes(uctypes.bytearray_at(copy, _FIRST)), ()):
            old = uctypes.bytearray_at(copy, len(view))
            if old == view:
                self._kept.append(old)
                word[:] = struct.pack("P", uctypes.addressof(view))
                self.bytes += len(view)
                return
