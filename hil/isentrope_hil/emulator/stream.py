"""The board's USB serial port as a `session.Stream`, timed by the board's clock."""

from __future__ import annotations

import contextlib

from isentrope_hil.emulator.board import Board

START_MS = 10_000.0  # from reset to the first answer; own: twice what a board may take to its first scan
SILENT_MS = 3_000.0  # from a request to its answer; own: the longest, RESET, takes 0.3 s


class BoardStream:
    """Runs the board while it is read from, and no longer than until it has sent the end of a frame.

    What counts as silence is emulated time: however slow the machine that emulates, no answer is late.
    """

    def __init__(self, board: Board) -> None:
        self.board = board
        self._got = bytearray()
        self._patience_ms = board.ms + START_MS
        board.on_serial = self._got.extend

    def read(self, timeout_s: float) -> bytes:
        """What has come; b"" after so much silence that an answer was due. With no time-out what is there."""
        if timeout_s > 0.0:
            board = self.board
            left = self._patience_ms - board.ms
            if left > 0.0:
                with contextlib.suppress(TimeoutError):
                    board.run_until(self._complete, ms=left)
            if not self._got:
                self._patience_ms = board.ms + SILENT_MS
        data = bytes(self._got)
        self._got.clear()
        return data

    def write(self, data: bytes) -> None:
        self.board.send(data)
        self._patience_ms = max(self._patience_ms, self.board.ms + SILENT_MS)

    def _complete(self) -> bool:
        return len(self._got) > 1 and self._got[-1] == 0
