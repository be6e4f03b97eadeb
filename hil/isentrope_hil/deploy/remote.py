"""What a deployment does on a board's file system, one operation at a time, and how much room that takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple, Protocol

# Up to here a file's data is in its folder's blocks: an eighth of a block (littlefs, "inline files").
_INLINE = 512
_ENTRY = 48  # own: a directory entry's tags, name and checksum, generously
_FILLED = 0.4  # own, measured: of a folder's block, littlefs splits it at a half


class Stored(NamedTuple):
    """A file as the board reads it back."""

    size: int
    crc: int


@dataclass(frozen=True)
class Listing:
    """Every file of the two slots by its path, "a/profile.json", and every folder, slots included."""

    files: Mapping[str, Stored]
    folders: frozenset[str] = field(default=frozenset())

    def within(self, slot: str) -> dict[str, Stored]:
        """The files of a slot, paths within it."""
        return {
            path[len(slot) + 1 :]: file for path, file in self.files.items() if path.startswith(slot + "/")
        }


class Space(NamedTuple):
    """Of a file system: bytes a block, blocks in all, blocks free."""

    block: int
    blocks: int
    free: int


class Remote(Protocol):
    """A board's file system. Whatever goes wrong raises a TargetError."""

    def listing(self) -> Listing: ...

    def space(self) -> Space: ...

    def stored(self, path: str) -> Stored | None:
        """What the board reads back of a file; None if it is not there."""

    def read(self, path: str) -> bytes: ...

    def write(self, path: str, data: bytes, said: Callable[[int], None]) -> None:
        """Makes or replaces a file; calls `said` with the bytes of every piece that has arrived."""

    def copy(self, old: str, new: str) -> None: ...

    def rename(self, old: str, new: str) -> None:
        """Replaces `new`; a power cut leaves either."""

    def remove(self, path: str) -> None: ...

    def mkdir(self, path: str) -> None: ...

    def rmdir(self, path: str) -> None: ...


def blocks(sizes: Mapping[str, int], block: int) -> int:
    """About how many blocks of a littlefs these files and their folders take, never fewer than they do."""
    entries: dict[str, int] = {}
    total = 0
    for path, size in sizes.items():
        for parent in list(PurePosixPath(path).parents)[:-1]:
            entries.setdefault(str(parent), 0)
        folder = str(PurePosixPath(path).parent)
        inline = size <= _INLINE
        entries[folder] = entries.get(folder, 0) + _ENTRY + (size if inline else 0)
        total += 0 if inline else -(-size // block)
    return total + sum(2 * max(1, -(-used // int(block * _FILLED))) for used in entries.values())
