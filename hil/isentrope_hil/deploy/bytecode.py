"""Where the bytecode of functions stands in a .mpy file (MicroPython, py/persistentcode.c; version 6).

A board whose flash is memory runs it there, not from a copy in its heap (firmware/isentrope/inplace.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

LEAST = 8  # bytes; what they are looked up by (inplace.py)
_HEAD = 4  # "M", version, features, bits of a small integer
_PLAIN = 5  # kinds of constants under this have no content: MP_PERSISTENT_OBJ_*
_STR, _BYTES, _TUPLE = 5, 6, 10


class Span(NamedTuple):
    """`size` bytes from `start` on."""

    start: int
    size: int


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = _HEAD

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        value = 0
        while True:
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value


def spans(data: bytes) -> list[Span]:
    """Bytecode of every function and content of every string and bytes object, in the file's order, of
    `LEAST` bytes or more; the module's own code, which runs once, is left out. Empty for what is no .mpy file
    of bytecode alone."""
    if data[:2] != b"M\x06" or data[2] >> 2:  # native code has an architecture
        return []
    reader = _Reader(data)
    names, objects = reader.number(), reader.number()
    for _ in range(names):
        size = reader.number()
        if not size & 1:  # else it is a name that every MicroPython has
            reader.at += (size >> 1) + 1
    found = [span for _ in range(objects) for span in _constant(reader)]
    found += list(_codes(reader))[1:]
    return [span for span in found if span.size >= LEAST]


def _constant(reader: _Reader) -> Iterator[Span]:
    kind = reader.byte()
    if kind < _PLAIN:
        return
    size = reader.number()
    if kind == _TUPLE:
        for _ in range(size):
            yield from _constant(reader)
        return
    if kind in (_STR, _BYTES):
        if size:
            yield Span(reader.at, size)
        reader.at += 1  # a zero follows
    reader.at += size


def _codes(reader: _Reader) -> Iterator[Span]:
    """A function's and those of the functions in it."""
    head = reader.number()
    yield Span(reader.at, head >> 3)
    reader.at += head >> 3
    if head & 4:
        for _ in range(reader.number()):
            yield from _codes(reader)
