"""MicroPython images onto chips, with the tools made for that; and the file system as an image of its own.

ESP32: esptool. RP2040: its boot ROM shows a drive, RPI-RP2, on which a UF2 file is copied; where no drive is
mounted, picotool. Nothing is downloaded.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from isentrope_hil import uf2
from isentrope_hil.board import Board
from isentrope_hil.deploy import library, littlefs
from isentrope_hil.errors import InputError, TargetError, TargetMissing

# Where MicroPython's images go (its installation pages: 0x1000 and 0), and the chip's number in the image's
# header (esptool, targets: IMAGE_CHIP_ID).
_ESP = {"esp32": (0x1000, 0), "esp32s3": (0x0, 9)}
_ESP_MAGIC = 0xE9
_DRIVE_S = 30.0  # own: desktops mount within seconds
# MicroPython's board of each of ours, by the network that it brings.
_LAYOUT_OF = {"": "Raspberry Pi Pico", "CYW43439": "Raspberry Pi Pico W", "W5500": "W5500-EVB-Pico"}


def check(path: Path, chip: str) -> None:
    """Whether an image is one of MicroPython for the chip; InputError if not."""
    data = uf2.content(path)
    if chip == "rp2040":
        uf2.version(path, b"".join(piece for _, piece in uf2.pieces(path, data)))
        return
    if len(data) < 24 or data[0] != _ESP_MAGIC:
        raise InputError(
            f"image {path} is not an ESP32 image: it begins with {data[:1].hex() or 'nothing'}, not e9"
        )
    number = struct.unpack_from("<H", data, 12)[0]
    if number != _ESP[chip][1]:
        names = {number: name for name, (_, number) in _ESP.items()}
        raise InputError(f"image {path} is for {names.get(number, f'chip {number}')}, not for {chip}")
    uf2.version(path, data)


def esp(path: Path, chip: str, port: str, erase: bool) -> None:
    """Write an image with esptool, which talks to standard error; `erase` everything else too.

    Raises:
        TargetMissing: esptool is not installed.
        TargetError: it failed.
    """
    library("esptool", "esptool")
    command = [sys.executable, "-m", "esptool", "--chip", chip, "--port", port, "write-flash"]
    command += ["--erase-all"] if erase else []
    done = subprocess.run([*command, hex(_ESP[chip][0]), str(path)], stdout=sys.stderr.fileno())
    if done.returncode:
        raise TargetError(f"esptool ended with exit code {done.returncode}; what it said is above")


def drives() -> list[Path]:
    """The mounted drives of RP2040 boot ROMs: those with INFO_UF2.TXT that names it."""
    return [place for place in _mounts() if _names_rp2(place / "INFO_UF2.TXT")]


def rp2(path: Path, find: Callable[[], list[Path]] = drives, patience_s: float = _DRIVE_S) -> str:
    """Give an image to the RP2040 whose boot ROM waits for one; says how.

    Raises:
        InputError: several wait.
        TargetMissing: none does, or its drive is not mounted and there is no picotool.
        TargetError: picotool failed.
    """
    deadline = time.monotonic() + patience_s
    while not (found := find()) and time.monotonic() < deadline:
        time.sleep(0.2)
    if len(found) > 1:
        raise InputError(
            f"{len(found)} boards wait for an image ({', '.join(map(str, found))}): unplug the others"
        )
    if found:
        _copy(path, found[0])
        return f"copied to {found[0]}"
    tool = shutil.which("picotool")
    if tool is None:
        raise TargetMissing(
            "no drive RPI-RP2 is mounted, and there is no picotool: hold BOOTSEL while you plug the board in,"
            f" mount the drive and copy {path} onto it"
        )
    done = subprocess.run([tool, "load", "-x", str(path)], stdout=sys.stderr.fileno())
    if done.returncode:
        raise TargetError(f"picotool ended with exit code {done.returncode}; what it said is above")
    return "written by picotool"


def file_system(board: Board, files: dict[str, bytes]) -> bytes:
    """A UF2 of the file system with these files, for the place that MicroPython gives it on the board.

    Raises:
        InputError: not an RP2040, a board with an unknown layout, or too much for it.
    """
    part = board.network.part if board.network else ""
    if board.mcu.name != "rp2040" or part not in _LAYOUT_OF:
        raise InputError(
            f"board {board.name}: where its file system lies is known for RP2040 boards without network, with"
            f" {' or '.join(name for name in _LAYOUT_OF if name)}; use isentrope deploy"
        )
    sectors = uf2.LAYOUTS[_LAYOUT_OF[part]]
    image = littlefs.image(files, blocks=sectors)
    return uf2.pack(uf2.FLASH_SIZE - len(image), image)


def _mounts() -> Iterable[Path]:
    if sys.platform == "win32":
        return [Path(f"{letter}:/") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ"]
    if sys.platform == "darwin":
        return list(Path("/Volumes").iterdir())
    lines = Path("/proc/mounts").read_text().splitlines()
    return [Path(line.split()[1].replace("\\040", " ")) for line in lines]


def _names_rp2(info: Path) -> bool:
    try:
        return "RPI-RP2" in info.read_text(errors="replace")
    except OSError:
        return False


def _copy(path: Path, drive: Path) -> None:
    """The boot ROM restarts the board with the last block, so the drive may go before the file is closed."""
    data = path.read_bytes()
    try:
        with (drive / "image.uf2").open("wb", buffering=0) as file:
            done = 0
            while done < len(data):
                done += file.write(data[done:])
    except OSError as error:
        if drive.exists() and _names_rp2(drive / "INFO_UF2.TXT"):
            raise TargetError(f"copying to {drive} failed: {error.strerror}") from None
