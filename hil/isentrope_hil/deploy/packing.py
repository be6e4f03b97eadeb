"""Many files as one: what firmware/pack.py reads on a board (docs/deploy.md).

16 bytes of magic, the number of entries, the entries in the order of their keys, then the files. Numbers are
32 bits, little-endian. An entry: the key of a path, where its bytes begin in the pack, how many they are;
a folder has an entry of its own without bytes. A key is the lower 30 bits of the CRC-32 of "/" and the path.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import PurePosixPath
from zlib import crc32

from isentrope_hil.errors import InputError

MAGIC = b"isentrope pack 1"
FOLDER = 0xFFFFFFFF  # the size of a folder
_KEY = 0x3FFFFFFF  # numbers up to here take no memory on a board
_ENTRY = struct.Struct("<III")


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
    head = MAGIC + struct.pack("<I", len(by_key))
    at = len(head) + _ENTRY.size * len(by_key)
    entries, content = [], []
    for number, path in sorted(by_key.items()):
        data = files.get(path)
        entries.append(_ENTRY.pack(number, at, FOLDER if data is None else len(data)))
        content.append(data or b"")
        at += len(content[-1])
    return head + b"".join(entries) + b"".join(content)
