"""The simulated electricity meter at the other end of the bench's serial line.

It measures the machine's electric power and answers Modbus RTU requests from the registers that its
description names: a reading is as the meter's own display, new every scan.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from isentrope_hil.meterfile import TYPES

_U32, _F32 = TYPES["u32"], TYPES["f32"]
_VOLTS = (230.0, 231.0, 229.0)
_SUNS = (0x5375, 0x6E53)
_COMMON = 66  # length of SunSpec's model 1
_INTEGERS, _FLOATS = 105, 124  # and of the meters'
_W_SF, _WH_SF, _V_SF = 0, 0, -1  # powers of ten: W, Wh, 0.1 V
_FIRST_FLOAT = 211  # model


def crc(data: bytes) -> int:
    """MODBUS over serial line V1.02, 6.2.2."""
    found = 0xFFFF
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0xA001 if found & 1 else 0)
    return found


class SimulatedMeter:
    """`meter` is the profile's. `model` of a SunSpec meter, None: a plain one.

    Attributes:
        silent: it is dead, or its wire is cut.
        gain: reading over truth.
        energy_j: what it has counted.
    """

    def __init__(self, meter: Mapping[str, Any], model: int = 203) -> None:
        self._meter = meter
        self.model = model if "sunspec" in meter else None
        self.silent = False
        self.gain = 1.0
        self.energy_j = 0.0
        self.requests = 0
        self._power_w = 0.0
        self._said = b""

    def see(self, power_w: float, dt_s: float) -> None:
        """The true power of the last `dt_s`."""
        self._power_w = self.gain * power_w
        self.energy_j += self._power_w * dt_s

    def hear(self, said: bytes) -> None:
        """Bytes of the line's master; a request is a frame of eight."""
        self._said += said

    def answer(self) -> bytes:
        """What it says to what it heard."""
        said, self._said = self._said, b""
        if self.silent or len(said) != 8 or crc(said) or said[0] != self._meter["unit"]:
            return b""
        self.requests += 1
        unit, function, first, count = struct.unpack(">BBHH", said[:6])
        registers = self._registers()
        wanted = range(first, first + count)
        if function != self._meter["function"]:
            body = bytes((unit, function | 0x80, 1))
        elif not all(register in registers for register in wanted):
            body = bytes((unit, function | 0x80, 2))
        else:
            words = [registers[register] for register in wanted]
            body = bytes((unit, function, 2 * count)) + struct.pack(f">{count}H", *words)
        return body + struct.pack("<H", crc(body))

    def _registers(self) -> dict[int, int]:
        """Address -> word."""
        if self.model is None:
            found = {first + n: 0 for first, count in self._meter["maps"][0]["read"] for n in range(count)}
            self._fill(found, self._meter["maps"][0], 0)
            return found
        base = self._meter["sunspec"][0]
        at = base + 2 + 2 + _COMMON
        length = _INTEGERS if self.model < _FIRST_FLOAT else _FLOATS
        found = {base + n: 0 for n in range(at + 2 + length + 2 - base)}
        found[base], found[base + 1] = _SUNS
        found[base + 2], found[base + 3] = 1, _COMMON
        found[at], found[at + 1] = self.model, length
        found[at + 2 + length] = 0xFFFF
        for each in self._meter["maps"]:
            low, high = each["models"]
            if low <= self.model <= high:
                self._fill(found, each, at)
        return found

    def _fill(self, found: dict[int, int], described: Mapping[str, Any], base: int) -> None:
        values = [(described["power"], self._power_w, _W_SF)]
        if "energy" in described:
            values.append((described["energy"], self.energy_j / 3600.0, _WH_SF))
        values += [
            (row, volts, _V_SF) for row, volts in zip(described.get("volts", ()), _VOLTS, strict=False)
        ]
        for (register, kind, scale, power_of_ten), value, power in values:
            raw = value / scale
            if power_of_ten >= 0:
                raw /= 10.0**power
                found[base + power_of_ten] = power & 0xFFFF
            at = base + register
            if kind == _F32:
                found[at], found[at + 1] = struct.unpack(">HH", struct.pack(">f", raw))
            elif kind >= _U32:
                found[at], found[at + 1] = divmod(round(raw) & 0xFFFFFFFF, 0x10000)
            else:
                found[at] = round(raw) & 0xFFFF
