"""An SPI bus of the board and the chips on it. A byte takes the time of its bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from isentrope_hil.emulator.chip import Chip
from isentrope_hil.emulator.pins import Pins

_CHANNELS = 8
_BITS = 12


class SpiChip(Protocol):
    """`exchange` gets a byte of the master's and gives the chip's; None: it does not drive the line."""

    def exchange(self, value: int) -> int | None: ...


class SpiBus:
    """Controller `number` of the chip (0 or 1); `chips` are on the bus, and choose by their select pins."""

    def __init__(self, chip: Chip, number: int) -> None:
        self.chips: list[SpiChip] = []
        self._spi: Any = chip.mcu.spi[number]
        self._alarm: Any = chip.clock.create_alarm(self._done)
        self._answer = 0
        self._spi.on_transmit = self._byte
        chip.at_reset.append(self._alarm.cancel)

    def _byte(self, value: int) -> None:
        answers = [given for chip in self.chips if (given := chip.exchange(value)) is not None]
        self._answer = answers[0] if answers else 0  # a pull-down on the line
        hz = self._spi.clock_frequency
        self._alarm.schedule(self._spi.data_bits * 1e9 / hz if hz else 0.0)

    def _done(self) -> None:
        self._spi.complete_transmit(self._answer)


class Mcp3208:
    """Microchip DS21298, figure 5-1: start bit, single-ended, D2, D1, D0, one clock to sample, a zero, then
    twelve bits. `count(channel)` is what it converts, asked at the end of sampling."""

    def __init__(self, pins: Pins, cs: int, count: Callable[[int], int]) -> None:
        self.conversions = 0
        self._pins = pins
        self._cs = cs
        self._count = count
        self._clock = -1  # since the start bit
        self._command = 0
        self._shift = 0
        pins.watch((cs,), self._select)

    def exchange(self, value: int) -> int | None:
        if self._pins.level(self._cs) != 0:
            return None
        answer = 0
        for bit in range(7, -1, -1):
            answer = answer << 1 | self._bit(value >> bit & 1)
        return answer

    def _bit(self, data: int) -> int:
        if self._clock < 0:
            self._clock = 0 if data else -1
            return 0
        self._clock += 1
        if self._clock <= 4:
            self._command = self._command << 1 | data
        elif self._clock == 5:
            single, channel = self._command >> 3, self._command & 7
            level = max(0, min((1 << _BITS) - 1, self._count(channel)))
            self._shift = level if single else 0  # nothing here uses differential inputs
            self.conversions += 1
        elif 7 <= self._clock < 7 + _BITS:
            return self._shift >> (6 + _BITS - self._clock) & 1
        return 0

    def _select(self, ms: float, pin: int, level: int | None) -> None:
        self._clock = -1
        self._command = 0


class Hc595:
    """Nexperia 74HC_HCT595: shifts whatever passes on the bus, shows it at the latch's rising edge, drives
    while OE is low. `history` is (ms, output, level) of every change; level None: not driven."""

    def __init__(self, pins: Pins, latch: int, oe: int) -> None:
        self.history: list[tuple[float, int, int | None]] = []
        self._pins = pins
        self._oe = oe
        self._shifted = 0
        self._latched = 0
        self._shown: list[int | None] = [None] * _CHANNELS
        pins.watch((latch,), self._latch)
        pins.watch((oe,), self._enable)

    def exchange(self, value: int) -> int | None:
        self._shifted = value & 0xFF
        return None

    def level(self, output: int) -> int | None:
        """What an output drives."""
        return self._shown[output]

    def _latch(self, ms: float, pin: int, level: int | None) -> None:
        if level:
            self._latched = self._shifted
            self._show(ms)

    def _enable(self, ms: float, pin: int, level: int | None) -> None:
        self._show(ms)

    def _show(self, ms: float) -> None:
        on = self._pins.level(self._oe) == 0
        for output in range(_CHANNELS):
            level = self._latched >> output & 1 if on else None
            if level != self._shown[output]:
                self._shown[output] = level
                self.history.append((ms, output, level))
