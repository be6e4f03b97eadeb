"""UF2 files and the flash of the RP2040 boards: what MicroPython's images for them are made of.

UF2 format: https://github.com/microsoft/uf2, 512-byte blocks with a header of 32 bytes.
"""

from __future__ import annotations

import re
import struct
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
_PIECE = 256  # the page that the boot ROM programs at once (RP2040 datasheet, 2.8.4.2)

# Sectors of the file system, the last ones of the flash: MICROPY_HW_FLASH_STORAGE_BYTES in
# ports/rp2/boards/*/mpconfigboard.h, by the name that MICROPY_HW_BOARD_NAME gives the board.
LAYOUTS = {"Raspberry Pi Pico": 352, "Raspberry Pi Pico W": 212, "W5500-EVB-Pico": 352}


def content(path: Path) -> bytes:
    """An image file's bytes; InputError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"image {path} cannot be read: {error.strerror}") from None


def pieces(path: Path, data: bytes) -> list[tuple[int, bytes]]:
    """(offset in flash, bytes) of every block for the RP2040's flash; `path` is for messages.

    Raises:
        InputError: no UF2, for another chip, or beyond the flash.
    """
    if not data or len(data) % BLOCK:
        raise InputError(f"image {path} is not a UF2 file: {len(data)} bytes are not whole blocks of {BLOCK}")
    found = []
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
        found.append((address - FLASH_BASE, data[at + _HEAD.size : at + _HEAD.size + size]))
    return found


def pack(offset: int, data: bytes) -> bytes:
    """A UF2 for the RP2040 that writes `data` (whole pages of 256 bytes) at an offset in its flash."""
    count = len(data) // _PIECE
    blocks = []
    for number in range(count):
        at = number * _PIECE
        head = _HEAD.pack(
            *_MAGIC, _HAS_FAMILY, FLASH_BASE + offset + at, _PIECE, number, count, RP2040_FAMILY
        )
        body = (head + data[at : at + _PIECE]).ljust(BLOCK - 4, b"\0")
        blocks.append(body + _MAGIC_END.to_bytes(4, "little"))
    return b"".join(blocks)


def version(path: Path, code: bytes) -> tuple[int, int]:
    """MicroPython's version in an image's code; InputError without one, or if it is too old."""
    found = re.search(rb"MicroPython v(\d+)\.(\d+)", code)
    if not found:
        raise InputError(f"image {path} has no MicroPython in it")
    version = (int(found[1]), int(found[2]))
    if version < OLDEST:
        raise InputError(
            f"image {path} has MicroPython {version[0]}.{version[1]}, "
            f"{OLDEST[0]}.{OLDEST[1]} or newer is needed"
        )
    return version
