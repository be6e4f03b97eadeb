"""The emulated board behind a pseudo-terminal, for programs that expect a serial port."""

from __future__ import annotations

import os
import select
import tty
from time import monotonic

from isentrope_hil.emulator.board import Board

_SLICE_MS = 2.0  # emulated, between looks at the port; own: a busy one takes 20 ms of wall time
_NAP_S = 0.02  # own: how late a byte may be noticed while the board waits for real time
_HELD = 1 << 16  # bytes kept for a program that does not read; more are lost, as on a real port
_READ = 4096


class PseudoTerminal:
    """A port that stays as it is when programs open and close it, or the board resets. `path` is its name."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._held = bytearray()

    def read(self, timeout_s: float) -> bytes:
        """What a program has written; b"" if nothing comes."""
        self._flush()
        if not select.select((self._master,), (), (), timeout_s)[0]:
            return b""
        return os.read(self._master, _READ)

    def write(self, data: bytes) -> None:
        """Bytes for whoever reads."""
        self._held += data[: _HELD - len(self._held)]
        self._flush()

    def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)

    def _flush(self) -> None:
        try:
            while self._held:
                del self._held[: os.write(self._master, self._held)]
        except BlockingIOError:
            pass


def serve(board: Board, port: PseudoTerminal) -> None:
    """Runs the board, no faster than real time, until an exception (Ctrl-C) ends it."""
    board.on_serial = port.write
    began = monotonic() - board.ms / 1000.0
    while True:
        ahead = board.ms / 1000.0 - (monotonic() - began)
        if ahead < 0.0:
            began -= ahead  # a slow machine does not catch up
        if data := port.read(min(max(ahead, 0.0), _NAP_S)):
            board.send(data)
        if ahead <= _NAP_S:
            board.run(_SLICE_MS)
