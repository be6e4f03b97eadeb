"""Target `rp2040`: a MicroPython image and the deployed files in an emulated board, over its USB serial port.

Emulated time passes only while the bench waits for an answer, and stands still while the plant steps. A frame
is never late: what counts as silence is emulated time, however slow the machine that emulates.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from isentrope_hil.errors import InputError, TargetMissing

if TYPE_CHECKING:
    from isentrope_hil.emulator.board import Board

ENVIRONMENT = "ISENTROPE_UF2"
_START_MS = 10_000.0  # from reset to the first answer; own: twice what a board may take to its first scan
_SILENT_MS = 3_000.0  # from a request to its answer; own: the longest, RESET, takes 0.5 s


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
        self._board: Board | None = None
        self._got = bytearray()
        self._patience = 0.0  # emulated ms until which the board may be silent

    def start(self, profile: Mapping[str, Any]) -> None:
        from isentrope_hil.deploy import littlefs, tree
        from isentrope_hil.emulator import image
        from isentrope_hil.emulator.board import Board

        if profile["mcu"] != "rp2040":
            raise InputError(
                f"target rp2040 runs boards with that chip, {profile['board']} has an {profile['mcu']}"
            )
        read = image.read(self._image)
        files = littlefs.image(tree.build(profile), blocks=read.sectors)
        self._board = Board(read, flash=files)
        self._board.on_serial = self._got.extend
        self._board.boot()
        self._patience = _START_MS

    def read(self, timeout_s: float) -> bytes:
        """Runs the board until it has sent the end of a frame; b"" once it was silent for long enough."""
        if timeout_s > 0.0:
            board = self._running()
            left = self._patience - board.ms
            if left > 0.0:
                with contextlib.suppress(TimeoutError):
                    board.run_until(self._complete, ms=left)
            if not self._got:
                self._patience = board.ms + _SILENT_MS  # of the next try
        data = bytes(self._got)
        self._got.clear()
        return data

    def write(self, data: bytes) -> None:
        board = self._running()
        board.send(data)
        self._patience = max(self._patience, board.ms + _SILENT_MS)

    def obituary(self) -> str:
        if self._board is None or not self._board.resets:
            return ""
        return f"the board was reset at {self._board.resets[-1] / 1000:.1f} s of its own time"

    def said(self) -> str:
        return ""

    def advice(self, console: str) -> str:
        if "MemoryError" in console:
            return "the firmware does not fit into the memory of this chip"
        return f"is {self._image} an image for this board?"

    def close(self) -> None:
        self._board = None

    def _running(self) -> Board:
        assert self._board is not None, "not started"
        return self._board

    def _complete(self) -> bool:
        return len(self._got) > 1 and self._got[-1] == 0
