"""The board's flash chip: its times, and power cuts at any of its operations.

rp2040py's flash erases and programs at once. Here emulated time goes by as the data sheet says, and whoever
wants to is asked before every operation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from isentrope_hil.emulator.chip import Chip

_ERASE_SECTOR = 0x20
_ERASE_BLOCK = 0xD8
_PROGRAM = 0x02
_SIZES = {_ERASE_SECTOR: 4096, _ERASE_BLOCK: 65536}
_PAGE = 256


@dataclass(frozen=True)
class Times:
    """ms of a sector's erase, a 64 KB block's, a page's programming (W25Q16JV data sheet, 9.6)."""

    sector: float
    block: float
    page: float


TYPICAL = Times(45.0, 150.0, 0.4)
WORST = Times(400.0, 2000.0, 3.0)


class PowerCut(Exception):
    """Raised by `on_flash`: the supply goes when the first `done` bytes of the operation have taken effect.

    What a real chip holds in the rest of an interrupted erase is undefined; here it is what it was.
    """

    def __init__(self, done: int = 0) -> None:
        super().__init__(f"power cut after {done} bytes of a flash operation")
        self.done = done


class FlashChip:
    """`on_flash(kind, address, data)` is called before every operation that changes something: "erase" with
    the 0xFF bytes it will leave, "program" with what is programmed. `operations` counts them."""

    def __init__(self, chip: Chip, times: Times = TYPICAL) -> None:
        self.times = times
        self.operations = 0
        self.on_flash: Callable[[str, int, bytes], None] | None = None
        self._chip = chip
        self._flash = chip.mcu.flash
        self._ssi = chip.mcu.ssi
        self._apply = self._ssi._apply_command  # what it does when the chip is deselected
        self._ssi._apply_command = self._command

    def _command(self) -> None:
        sent = bytes(self._ssi._tx_buffer)
        code = sent[0] if sent else 0
        if not self._ssi._write_enabled or code not in (*_SIZES, _PROGRAM) or len(sent) < 4:
            self._apply()
            return
        address = int.from_bytes(sent[1:4], "big")
        if code == _PROGRAM:
            kind, data, took = "program", sent[4 : 4 + _PAGE], self.times.page
        else:
            size = _SIZES[code]
            address -= address % size
            kind, data = "erase", b"\xff" * size
            took = self.times.sector if code == _ERASE_SECTOR else self.times.block
        self.operations += 1
        if self.on_flash is not None:
            try:
                self.on_flash(kind, address, data)
            except PowerCut as cut:
                self._partly(kind, address, data[: cut.done])
                raise
        self._apply()
        self._chip.pass_time(took * 1e6)

    def _partly(self, kind: str, address: int, data: bytes) -> None:
        if kind == "program":
            old = self._flash[address : address + len(data)]
            data = bytes(was & bit for was, bit in zip(old, data, strict=True))
        self._flash[address : address + len(data)] = data
