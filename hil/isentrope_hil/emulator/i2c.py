"""An I2C bus of the board and the chips on it. A byte takes the time of its nine bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from rp2040py.peripherals.i2c import I2CMode

from isentrope_hil.emulator.chip import Chip

_BYTE = 9  # bits, with the acknowledgement
_SYS_NS = 8.0  # clk_sys, from which the controller divides


class I2cChip(Protocol):
    """`start` begins a transfer to the chip, `write` and `read` are its bytes; `write` gives the
    acknowledgement."""

    def start(self) -> None: ...

    def write(self, value: int) -> bool: ...

    def read(self) -> int: ...


class I2cBus:
    """Controller `number` of the chip; `chips` by address. What is not there does not acknowledge."""

    def __init__(self, chip: Chip, number: int) -> None:
        self.chips: dict[int, I2cChip] = {}
        self._i2c: Any = chip.mcu.i2c[number]
        self._alarm: Any = chip.clock.create_alarm(self._done)
        self._then: Callable[[], None] = lambda: None
        self._chip: I2cChip | None = None
        self._i2c.on_start = lambda repeated: self._after(1, self._i2c.complete_start)
        self._i2c.on_connect = self._connect
        self._i2c.on_write_byte = self._write
        self._i2c.on_read_byte = self._read
        self._i2c.on_stop = lambda: self._after(1, self._i2c.complete_stop)
        chip.at_reset.append(self._alarm.cancel)

    def _after(self, bits: int, then: Callable[[], None]) -> None:
        self._then = then
        period = self._i2c.scl_low_period + self._i2c.scl_high_period
        self._alarm.schedule(bits * period * _SYS_NS)

    def _done(self) -> None:
        self._then()

    def _connect(self, address: int, mode: I2CMode) -> None:
        self._chip = self.chips.get(address)
        if self._chip is not None and mode == I2CMode.WRITE:
            self._chip.start()
        known = self._chip is not None
        self._after(_BYTE, lambda: self._i2c.complete_connect(known))

    def _write(self, value: int) -> None:
        known = self._chip is not None and self._chip.write(value)
        self._after(_BYTE, lambda: self._i2c.complete_write(known))

    def _read(self, acknowledged: bool) -> None:
        value = 0xFF if self._chip is None else self._chip.read()
        self._after(_BYTE, lambda: self._i2c.complete_read(value))


class Mcp23017:
    """Microchip DS20001952, bank 0, sequential. It keeps its registers while the controller restarts.

    `outside` are the levels that others put on its pins. `history` is (ms, pin, level) of every change of
    what it drives; level None: an input.
    """

    _IODIR, _IPOL, _GPPU, _GPIO, _OLAT, _LAST = 0x00, 0x02, 0x0C, 0x12, 0x14, 0x15

    def __init__(self, chip: Chip) -> None:
        self.outside = [0] * 16
        self.history: list[tuple[float, int, int | None]] = []
        self._clock = chip
        self._registers = bytearray(self._LAST + 1)
        self._registers[self._IODIR : self._IODIR + 2] = b"\xff\xff"
        self._at = 0
        self._addressed = False
        self._shown: list[int | None] = [None] * 16

    def start(self) -> None:
        self._addressed = False

    def write(self, value: int) -> bool:
        if not self._addressed:
            self._addressed = True
            self._at = value
            return value <= self._LAST
        at = self._at
        if self._GPIO <= at < self._GPIO + 2:
            at += self._OLAT - self._GPIO  # writing the port writes the latch
        self._registers[at] = value
        self._advance()
        self._show()
        return True

    def read(self) -> int:
        at = self._at
        value = self._registers[at]
        if self._GPIO <= at < self._GPIO + 2:
            port = at - self._GPIO
            inputs = self._registers[self._IODIR + port]
            outside = sum(
                (level & 1) << bit for bit, level in enumerate(self.outside[8 * port : 8 * port + 8])
            )
            outside ^= self._registers[self._IPOL + port]
            value = outside & inputs | self._registers[self._OLAT + port] & ~inputs
        self._advance()
        return value

    def level(self, pin: int) -> int | None:
        """What a pin drives."""
        port, bit = divmod(pin, 8)
        if self._registers[self._IODIR + port] >> bit & 1:
            return None
        return self._registers[self._OLAT + port] >> bit & 1

    def pulled_up(self, pin: int) -> bool:
        """Whether the pin's pull-up is on."""
        port, bit = divmod(pin, 8)
        return bool(self._registers[self._GPPU + port] >> bit & 1)

    def _advance(self) -> None:
        self._at = 0 if self._at >= self._LAST else self._at + 1

    def _show(self) -> None:
        for pin in range(16):
            level = self.level(pin)
            if level != self._shown[pin]:
                self._shown[pin] = level
                self.history.append((self._clock.ms, pin, level))


class Ads1115:
    """Texas Instruments SBAS444: single shots, table 8-3. `volts(channel)` is at its inputs, asked at the end
    of a conversion."""

    _FULL_V = (6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256)
    _PER_S = (8, 16, 32, 64, 128, 250, 475, 860)
    _CONFIG = 1

    def __init__(self, chip: Chip, volts: Callable[[int], float]) -> None:
        self.conversions = 0
        self._volts = volts
        self._registers = [0, 0x8583, 0x8000, 0x7FFF]  # conversion, config, thresholds: after reset
        self._alarm: Any = chip.clock.create_alarm(self._converted)
        self._pointer = 0
        self._bytes = 0  # of this transfer

    def start(self) -> None:
        self._bytes = 0

    def write(self, value: int) -> bool:
        self._bytes += 1
        if self._bytes == 1:
            self._pointer = value & 3
        elif self._bytes == 2:
            self._set(self._registers[self._pointer] & 0xFF | value << 8)
        elif self._bytes == 3:
            self._set(self._registers[self._pointer] & 0xFF00 | value)
            if self._pointer == self._CONFIG and self._registers[self._CONFIG] & 0x8000:
                self._registers[self._CONFIG] &= 0x7FFF  # OS reads 0 while it converts
                self._alarm.schedule(1e9 / self._PER_S[self._registers[self._CONFIG] >> 5 & 7])
        return True

    def read(self) -> int:
        word = self._registers[self._pointer]
        high = self._bytes % 2 == 1  # after the pointer byte, or after a whole word
        self._bytes += 1
        return word >> 8 if high else word & 0xFF

    def _set(self, value: int) -> None:
        self._registers[self._pointer] = value

    def _converted(self) -> None:
        config = self._registers[self._CONFIG]
        channel = config >> 12 & 7
        volts = self._volts(channel & 3) if channel & 4 else 0.0  # nothing here uses differential inputs
        code = round(volts / self._FULL_V[config >> 9 & 7] * 32768)
        self._registers[0] = max(-32768, min(32767, code)) & 0xFFFF
        self._registers[self._CONFIG] = config | 0x8000
        self.conversions += 1
