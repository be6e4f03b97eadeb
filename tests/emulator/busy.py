"""How long the processor works for a scan and what follows it, seen from outside."""

from typing import Any

from isentrope_hil.emulator.board import Board

_WATCHDOG = 0x40058  # RP2040 datasheet, 2.2: upper bits of the address
_LOAD = 0x04  # 4.7.6: written when it is fed, the last thing of a scan


class Busy:
    """From the first conversion that a scan asks a converter for to the watchdog's feeding: `ms` of each."""

    def __init__(self, board: Board, chip_select: int) -> None:
        self.ms: list[float] = []
        self._board = board
        self._began = -1.0
        self._bus: Any = board.chip.mcu.peripherals[_WATCHDOG]
        board.chip.mcu.peripherals[_WATCHDOG] = self
        board.pins.watch([chip_select], self._selected)

    def _selected(self, ms: float, pin: int, level: int | None) -> None:
        if level == 0 and self._began < 0.0:
            self._began = ms

    def write_uint32_atomic(self, offset: int, value: int, how: int) -> None:
        if offset == _LOAD and self._began >= 0.0:
            self.ms.append(self._board.ms - self._began)
            self._began = -1.0
        self._bus.write_uint32_atomic(offset, value, how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)
