"""Target `rp2040`: a MicroPython image and the deployed files in an emulated board, over its USB serial port.

Emulated time passes only while the bench waits for an answer, and stands still while the plant steps. A frame
is never late: what counts as silence is emulated time, however slow the machine that emulates.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from isentrope_hil.errors import InputError, TargetMissing

if TYPE_CHECKING:
    from isentrope_hil.emulator.stream import BoardStream

ENVIRONMENT = "ISENTROPE_UF2"


def image_path(given: str | None) -> str:
    """The image to run: `given` or ISENTROPE_UF2. TargetMissing where there is neither."""
    path = given or os.environ.get(ENVIRONMENT)
    if not path:
        raise TargetMissing(
            "target rp2040 needs a MicroPython image for the Pico: --image FILE.uf2, or "
            f"{ENVIRONMENT}=FILE.uf2 (from https://micropython.org/download/RPI_PICO/)"
        )
    return path


class Rp2040Target:
    """The emulated board. `image` is the path of a .uf2, None: ISENTROPE_UF2's."""

    def __init__(self, image: str | None = None) -> None:
        self.name = "rp2040"
        self.pid: int | None = None
        self._image = image_path(image)
        self._stream: BoardStream | None = None

    def start(self, profile: Mapping[str, Any]) -> None:
        from isentrope_hil.deploy import littlefs, tree
        from isentrope_hil.emulator import image
        from isentrope_hil.emulator.board import Board
        from isentrope_hil.emulator.stream import BoardStream

        if profile["mcu"] != "rp2040":
            raise InputError(
                f"target rp2040 runs boards with that chip, {profile['board']} has an {profile['mcu']}"
            )
        read = image.read(self._image)
        files = littlefs.image(tree.build(profile), blocks=read.sectors)
        board = Board(read, flash=files)
        board.boot()
        self._stream = BoardStream(board)

    def read(self, timeout_s: float) -> bytes:
        assert self._stream is not None, "not started"
        return self._stream.read(timeout_s)

    def write(self, data: bytes) -> None:
        assert self._stream is not None, "not started"
        self._stream.write(data)

    def obituary(self) -> str:
        if self._stream is None or not self._stream.board.resets:
            return ""
        return f"the board was reset at {self._stream.board.resets[-1] / 1000:.1f} s of its own time"

    def said(self) -> str:
        return ""

    def advice(self, console: str) -> str:
        if "MemoryError" in console:
            return "the firmware does not fit into the memory of this chip"
        return f"is {self._image} an image for this board?"

    def close(self) -> None:
        self._stream = None
