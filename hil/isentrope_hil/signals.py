"""The signal table a device describes: raw inputs and outputs, points, settings (docs/link.md)."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from zlib import crc32

from isentrope_sim.errors import InputError

from isentrope_hil.errors import unknown

KINDS = ("in", "out", "point", "setting")
TYPES = ("u8", "u16", "s16", "u32", "s32")
FORMATS = MappingProxyType({"u8": "B", "u16": "H", "s16": "h", "u32": "I", "s32": "i"})
# Raw values each type can have; bounds travel as s32, so a u32's end at 2^31 - 1.
BOUNDS = MappingProxyType(
    {
        "u8": (0, 0xFF),
        "u16": (0, 0xFFFF),
        "s16": (-0x8000, 0x7FFF),
        "u32": (0, 0x7FFFFFFF),
        "s32": (-0x80000000, 0x7FFFFFFF),
    }
)
# What a point of a failed sensor reads.
FAILED = MappingProxyType({"s16": -0x8000, "u16": 0xFFFF})
_ENTRY = struct.Struct("<BBbBHii")
_WRITABLE = 1
_LEVEL_SHIFT = 1  # two bits of the flags: who may change a setting
LEVELS = ("user", "installer", "maker")


@dataclass(frozen=True, slots=True)
class Signal:
    """One entry. The physical value is `raw * 10 ** exponent` in `unit`; `low`, `high` bound the raw.

    `level`, of a setting: a place in LEVELS, who may change it.
    """

    name: str
    kind: str
    type: str
    exponent: int
    unit: str
    id: int
    low: int
    high: int
    writable: bool = False
    level: int = 0

    def physical(self, raw: int | float) -> float:
        """The value in `unit` of a raw value; NaN for a point whose sensor has failed."""
        if self.kind == "point" and raw == FAILED.get(self.type):
            return math.nan
        return raw * 10.0**self.exponent if self.exponent >= 0 else raw / 10.0**-self.exponent

    def raw(self, value: float) -> int:
        """The raw value nearest to `value` (in `unit`); InputError if it lies outside low..high."""
        scaled = value / 10.0**self.exponent if self.exponent >= 0 else value * 10.0**-self.exponent
        if not self.low - 0.5 <= scaled <= self.high + 0.5:  # also false for NaN
            raise InputError(
                f"{self.kind} {self.name!r}: {value:g} {self.unit} is outside "
                f"{self.physical(self.low):g} to {self.physical(self.high):g} {self.unit}"
            )
        return min(max(round(scaled), self.low), self.high)

    def pack(self) -> bytes:
        """The entry as DESCRIBE sends it."""
        name, unit = self.name.encode(), self.unit.encode()
        head = _ENTRY.pack(
            KINDS.index(self.kind),
            TYPES.index(self.type),
            self.exponent,
            (_WRITABLE if self.writable else 0) | self.level << _LEVEL_SHIFT,
            self.id,
            self.low,
            self.high,
        )
        return head + bytes((len(name),)) + name + bytes((len(unit),)) + unit


def unpack(data: bytes | bytearray, at: int) -> tuple[Signal, int]:
    """(entry at offset `at`, offset after it); ValueError, IndexError or struct.error if malformed."""
    kind, type_, exponent, flags, ident, low, high = _ENTRY.unpack_from(data, at)
    name, at = _text(data, at + _ENTRY.size)
    unit, at = _text(data, at)
    if kind >= len(KINDS) or type_ >= len(TYPES):
        raise ValueError(f"entry {name!r} has kind {kind} and type {type_}")
    writable, level = bool(flags & _WRITABLE), flags >> _LEVEL_SHIFT
    if level >= len(LEVELS):
        raise ValueError(f"entry {name!r} has flags {flags}")
    return Signal(name, KINDS[kind], TYPES[type_], exponent, unit, ident, low, high, writable, level), at


def _text(data: bytes | bytearray, at: int) -> tuple[str, int]:
    end = at + 1 + data[at]
    if end > len(data):
        raise ValueError("a text runs past the end")
    return bytes(data[at + 1 : end]).decode(), end


class Table:
    """All entries, by kind and by name, with the packed layouts of STEP and its reply and the table's CRC."""

    def __init__(self, signals: Iterable[Signal]) -> None:
        self.signals = tuple(signals)
        order = [KINDS.index(s.kind) for s in self.signals]
        if order != sorted(order):
            raise ValueError("entries must come as in, out, point, setting")
        self.ins = tuple(s for s in self.signals if s.kind == "in")
        self.outs = tuple(s for s in self.signals if s.kind == "out")
        self.points = tuple(s for s in self.signals if s.kind == "point")
        self.settings = tuple(s for s in self.signals if s.kind == "setting")
        self.crc = crc32(b"".join(s.pack() for s in self.signals))
        self.in_struct = layout(self.ins)
        self.out_struct = layout((*self.outs, *self.points), "IIHH")
        self._by_name = {kind: {s.name: s for s in self.signals if s.kind == kind} for kind in KINDS}

    def of(self, kind: str) -> Mapping[str, Signal]:
        """Entries of one kind by name, in table order."""
        return MappingProxyType(self._by_name[kind])

    def find(self, kind: str, name: str) -> Signal:
        """The entry of that name; InputError, with the nearest names, if there is none."""
        if name not in self._by_name[kind]:
            raise unknown(kind, name, self._by_name[kind])
        return self._by_name[kind][name]


def layout(signals: Sequence[Signal], head: str = "") -> struct.Struct:
    """The packed layout of these signals, after the fields of `head`."""
    return struct.Struct("<" + head + "".join(FORMATS[s.type] for s in signals))
