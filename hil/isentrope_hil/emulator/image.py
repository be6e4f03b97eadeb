"""A MicroPython image (.uf2): what is in it, and whether this emulator can run the firmware with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from isentrope_sim.errors import InputError

from isentrope_hil import uf2
from isentrope_hil.uf2 import FLASH_BASE, FLASH_SIZE, LAYOUTS, SECTOR

__all__ = ["FLASH_BASE", "FLASH_SIZE", "SECTOR", "Image", "read"]


@dataclass(frozen=True)
class Image:
    """What a .uf2 holds. `pieces` are (offset in flash, bytes), `sectors` the size of its file system."""

    path: Path
    version: tuple[int, int]
    board: str
    pieces: tuple[tuple[int, bytes], ...]

    @property
    def sectors(self) -> int:
        return LAYOUTS[self.board]

    @property
    def file_system(self) -> int:
        """Offset of the file system in the flash."""
        return FLASH_SIZE - self.sectors * SECTOR


def read(path: str | Path) -> Image:
    """Reads and checks an image.

    Raises:
        InputError: it cannot be read, is no UF2, not for an RP2040, has no MicroPython or one that is too
            old, or is for a board whose flash layout is not known.
    """
    path = Path(path)
    pieces = tuple(uf2.pieces(path, uf2.content(path)))
    code = b"".join(piece for _, piece in pieces)
    version = uf2.version(path, code)
    named = re.search(rb"; ([\x20-\x7e]{1,60}) with RP2040\0", code)
    board = named[1].decode() if named else "an unknown board"
    if board not in LAYOUTS:
        raise InputError(f"image {path} is for {board}; images are known for {', '.join(LAYOUTS)}")
    return Image(path, version, board, pieces)
