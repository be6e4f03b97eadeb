"""UARTs that take the time of their bits, and a peer at the other end of the line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rp2040py.peripherals import uart as rp

from isentrope_hil.emulator.chip import Chip

_ADDRESSES = (0x40034, 0x40038)  # RP2040 datasheet, 2.2: upper bits of the address
_DEPTH = 32  # of the FIFO, bytes (datasheet, 4.2.1)
_TRIGGER = _DEPTH // 2  # UARTIFLS after reset: the interrupt at half full; MicroPython leaves it
_BUSY = 1 << 3  # UARTFR
_FULL = 1 << 5


class PacedUart(rp.RPUART):
    """rp2040py's UART sends in no time and asks for more for ever, so that MicroPython's driver never leaves
    its interrupt. Here a byte takes as long as its bits, and the interrupt comes when half the FIFO is free.
    """

    def __init__(self, chip: Chip, number: int) -> None:
        old = chip.mcu.uart[number]
        super().__init__(chip.mcu, old.name, old.irq, old.dreq)
        self.on_sent: Callable[[int], None] = lambda value: None
        self.on_level: Callable[[int], None] | None = None  # of the transmit pin, bit by bit
        self._levels: list[int] = []
        self._bit: Any = chip.clock.create_alarm(self._level)
        self._queue: list[int] = []
        self._shifted: int | None = None  # what is on the wire
        self._alarm: Any = chip.clock.create_alarm(self._byte_out)
        chip.mcu.uart[number] = self
        chip.mcu.peripherals[_ADDRESSES[number]] = self
        self.on_byte = self._byte_in

    @property
    def byte_ns(self) -> float:
        """Time of a byte: start, data, parity and stop bits."""
        control = self._line_ctrl_register
        bits = 2 + self.word_length + (control >> 1 & 1) + (control >> 3 & 1)  # PEN, STP2: datasheet, 4.2.8
        return bits * self.bit_ns

    @property
    def bit_ns(self) -> float:
        """Time of a bit."""
        return float(16e9 * max(self.baud_divider, 1 / 64) / self.rp2040.clk_peri)

    @property
    def flags(self) -> int:
        full = _FULL if len(self._queue) >= _DEPTH else 0
        empty = 0 if self._queue else rp.TXFE
        return super().flags & ~rp.TXFE | full | empty | (0 if self._shifted is None else _BUSY)

    def check_interrupts(self) -> None:
        self.rp2040.set_interrupt(self.irq, bool(self._interrupt_status & self._interrupt_mask))

    def reset(self) -> None:
        super().reset()
        self._queue.clear()
        self._alarm.cancel()
        self._shifted = None

    def _byte_in(self, value: int) -> None:
        if len(self._queue) < _DEPTH:
            self._queue.append(value)
        if self._shifted is None:
            self._next()
        if len(self._queue) > _TRIGGER:
            self._interrupt_status &= ~rp.UARTTXINTR
            self.check_interrupts()

    def _byte_out(self) -> None:
        value, self._shifted = self._shifted, None
        if self._queue:
            self._next()
        assert value is not None
        self.on_sent(value)

    def _bits(self, value: int) -> list[int]:
        """Levels of a byte on the wire: start bit, the lowest bit first, parity, and the stop bits' one."""
        bits = [value >> n & 1 for n in range(self.word_length)]
        control = self._line_ctrl_register
        parity = [(sum(bits) + 1 - (control >> 2 & 1)) & 1] if control & 2 else []  # PEN, EPS
        return [0, *bits, *parity, 1]

    def _level(self) -> None:
        assert self.on_level
        self.on_level(self._levels.pop(0))
        if self._levels:
            self._bit.schedule(self.bit_ns)

    def _next(self) -> None:
        self._shifted = self._queue.pop(0)
        self._alarm.schedule(self.byte_ns)
        if self.on_level:
            self._levels = self._bits(self._shifted)
            self._level()
        if len(self._queue) == _TRIGGER:
            self._interrupt_status |= rp.UARTTXINTR
            self.check_interrupts()


class SerialPeer:
    """Another device on the line. `received` is (ms, byte) of what the board sent, at the end of each byte;
    `on_byte` is called with it. `send` puts bytes on the line, one after the other."""

    def __init__(self, chip: Chip, uart: PacedUart) -> None:
        self.received: list[tuple[float, int]] = []
        self.sent: list[tuple[float, int]] = []
        self.on_byte: Callable[[int], None] = lambda value: None
        self._chip = chip
        self._uart = uart
        self._queue: list[int] = []
        self._alarm: Any = chip.clock.create_alarm(self._arrive)
        uart.on_sent = self._take

    def send(self, data: bytes) -> None:
        """Bytes for the board; the first has arrived a byte's time from now."""
        if data and not self._queue:
            self._alarm.schedule(self._uart.byte_ns)
        self._queue += data

    def _arrive(self) -> None:
        value = self._queue.pop(0)
        self.sent.append((self._chip.ms, value))
        self._uart.feed_byte(value)
        if self._queue:
            self._alarm.schedule(self._uart.byte_ns)

    def _take(self, value: int) -> None:
        self.received.append((self._chip.ms, value))
        self.on_byte(value)
