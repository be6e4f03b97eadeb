"""A MicroPython image (.uf2): what is in it, and whether this emulator can run the firmware with it.

UF2 format: https://github.com/microsoft/uf2, 512-byte blocks with a header of 32 bytes.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

from isentrope_sim.errors import InputError

BLOCK = 512
RP2040_FAMILY = 0xE48BFF56  # uf2families.json
FLASH_BASE = 0x10000000  # RP2040 datasheet, 2.2: where XIP maps the flash
FLASH_SIZE = 2 << 20  # W25Q16 of the Pico boards
SECTOR = 4096
OLDEST = (1, 24)  # MicroPython; own: what deploy's mpy version and the firmware are tried with from there on
_HEAD = struct.Struct("<8I")
_MAGIC = (0x0A324655, 0x9E5D5157)
_MAGIC_END = 0x0AB16F30
_HAS_FAMILY = 0x2000
_NOT_FLASH = 0x1

# Sectors of the file system, the last ones of the flash: MICROPY_HW_FLASH_STORAGE_BYTES in
# ports/rp2/boards/*/mpconfigboard.h, by the name that MICROPY_HW_BOARD_NAME gives the board.
LAYOUTS = {"Raspberry Pi Pico": 352, "Raspberry Pi Pico W": 212, "W5500-EVB-Pico": 352}


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
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"image {path} cannot be read: {error.strerror}") from None
    pieces = tuple(_pieces(path, data))
    code = b"".join(piece for _, piece in pieces)
    found = re.search(rb"MicroPython v(\d+)\.(\d+)", code)
    if not found:
        raise InputError(f"image {path} has no MicroPython in it")
    version = (int(found[1]), int(found[2]))
    if version < OLDEST:
        raise InputError(
            f"image {path} has MicroPython {version[0]}.{version[1]}, "
            f"{OLDEST[0]}.{OLDEST[1]} or newer is needed"
        )
    named = re.search(rb"; ([\x20-\x7e]{1,60}) with RP2040\0", code)
    board = named[1].decode() if named else "an unknown board"
    if board not in LAYOUTS:
        raise InputError(f"image {path} is for {board}; images are known for {', '.join(LAYOUTS)}")
    return Image(path, version, board, pieces)


def _pieces(path: Path, data: bytes) -> list[tuple[int, bytes]]:
    if not data or len(data) % BLOCK:
        raise InputError(f"image {path} is not a UF2 file: {len(data)} bytes are not whole blocks of {BLOCK}")
    pieces = []
    for at in range(0, len(data), BLOCK):
        *magic, flags, address, size, _, _, family = _HEAD.unpack_from(data, at)
        end = int.from_bytes(data[at + BLOCK - 4 : at + BLOCK], "little")
        if tuple(magic) != _MAGIC or end != _MAGIC_END or size > BLOCK - _HEAD.size - 4:
            raise InputError(f"image {path} is not a UF2 file (block {at // BLOCK})")
        if flags & _NOT_FLASH:
            continue
        if flags & _HAS_FAMILY and family != RP2040_FAMILY:
            raise InputError(
                f"image {path} is for another chip: UF2 family {family:#010x}, "
                f"RP2040 has {RP2040_FAMILY:#010x}"
            )
        if not FLASH_BASE <= address <= FLASH_BASE + FLASH_SIZE - size:
            raise InputError(
                f"image {path} goes to address {address:#x}, outside the {FLASH_SIZE >> 20} MB of flash"
            )
        pieces.append((address - FLASH_BASE, data[at + _HEAD.size : at + _HEAD.size + size]))
    return pieces
