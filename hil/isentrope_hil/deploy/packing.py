"""Many files as one: what firmware/pack.py reads on a board (docs/deploy.md).

16 bytes of magic, the number of entries, the entries in the order of their keys, then the files. Numbers are
32 bits, little-endian. An entry: the key of a path, where its bytes begin in the pack, how many they are;
a folder has an entry of its own without bytes. A key is the lower 30 bits of the CRC-32 of "/" and the path.

Before a module stand the places of its functions (bytecode.py), two numbers of 16 bits each, where in the
module and how many bytes, and after these how many places there are. The pack lies in blocks of littlefs, of
which all but the first begin with pointers: no module under a block's size is in two of them, so that its
functions can run where they are (firmware/isentrope/inplace.py).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from zlib import crc32

from isentrope_hil.deploy.bytecode import spans
from isentrope_hil.errors import InputError

MAGIC = b"isentrope pack 1"
FOLDER = 0xFFFFFFFF  # the size of a folder
BLOCK = 4096  # of littlefs on flash (ports/rp2/rp2_flash.c)
_KEY = 0x3FFFFFFF  # numbers up to here take no memory on a board
_ENTRY = struct.Struct("<III")
_PLACE = struct.Struct("<HH")
_FILL = b"\xff"


def key(path: str) -> int:
    """Of a path within the pack, "isentrope/app.mpy"."""
    return crc32(b"/" + path.encode()) & _KEY


def packed(files: Mapping[str, bytes]) -> bytes:
    """The pack of these files; the same files always give the same bytes.

    Raises:
        InputError: two paths have the same key.
    """
    folders = {str(parent) for path in files for parent in list(PurePosixPath(path).parents)[:-1]}
    by_key: dict[int, str] = {}
    for path in sorted(folders | files.keys()):
        if (other := by_key.setdefault(key(path), path)) != path:
            raise InputError(
                f"{other} and {path} have the same key {key(path):08x} in a pack: rename one of these modules"
            )
    before = {path: _places(data) for path, data in files.items()}
    head = len(MAGIC) + 4 + _ENTRY.size * len(by_key)
    starts = _laid({path: len(before[path]) + len(data) for path, data in files.items()}, head)
    pack = bytearray(_FILL * max((at + size for at, size in starts.values()), default=head))
    pack[: len(MAGIC) + 4] = MAGIC + struct.pack("<I", len(by_key))
    for place, (number, path) in enumerate(sorted(by_key.items())):
        at, size = head, FOLDER
        if path in files:
            start, whole = starts[path]
            pack[start : start + whole] = before[path] + files[path]
            at, size = start + len(before[path]), len(files[path])
        _ENTRY.pack_into(pack, len(MAGIC) + 4 + _ENTRY.size * place, number, at, size)
    return bytes(pack)


def blocks(size: int) -> Iterator[tuple[int, int]]:
    """(start, end) within a file of that size of what each block of it holds (littlefs, DESIGN.md, "CTZ
    skip-lists": block n begins with a pointer for every power of two that divides n)."""
    start = number = 0
    while start < size:
        pointers = (number & -number).bit_length()
        end = min(start + BLOCK - 4 * pointers, size)
        yield start, end
        start, number = end, number + 1


def _places(data: bytes) -> bytes:
    found = [span for span in spans(data) if span.start + span.size <= 0xFFFF]
    return b"".join(_PLACE.pack(*span) for span in found) + struct.pack("<H", len(found))


def _laid(sizes: Mapping[str, int], head: int) -> dict[str, tuple[int, int]]:
    """(start, size) of each file: the largest first, each into the first block that has room for it, what no
    block can hold into blocks of its own."""
    bounds = blocks(2 * (head + sum(sizes.values())) + 2 * BLOCK)
    room: list[list[int]] = []  # the free start and the end of every block so far
    found = {}
    for path, size in sorted(sizes.items(), key=lambda each: (-each[1], each[0])):
        gap = next((gap for gap in room if gap[1] - gap[0] >= size), None)
        while gap is None:
            start, end = next(bounds)
            gap = [max(start, min(head, end)), end]
            while gap[0] == start and gap[1] - start < size:
                gap[1] = next(bounds)[1]
            room.append(gap)
            if gap[1] - gap[0] < size:
                gap = None  # what the pack's head leaves of its block
        found[path] = gap[0], size
        gap[0] += size
    return found
