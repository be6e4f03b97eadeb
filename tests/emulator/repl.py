"""The raw prompt of a board's MicroPython."""

from isentrope_hil.emulator.board import Board


class Repl:
    """`run(code)` gives what it prints; what it raises is an AssertionError here."""

    def __init__(self, board: Board):
        self._board = board
        self._got = bytearray()
        board.on_serial = self._got.extend
        self._ask(b"\r\x03\x03\x01", lambda: b"raw REPL; CTRL-B to exit\r\n>" in self._got)

    def run(self, code: str, ms: float = 60_000.0) -> str:
        self._ask(code.encode() + b"\x04", lambda: self._got.count(b"\x04") >= 2, ms)
        said, error, _ = bytes(self._got).split(b"\x04")
        assert not error, error.decode()
        return said.decode()[2:].strip()

    def _ask(self, data: bytes, answered, ms: float = 5000.0):
        self._got.clear()
        self._board.send(data)
        self._board.run_until(answered, ms=ms, wall_s=300)
