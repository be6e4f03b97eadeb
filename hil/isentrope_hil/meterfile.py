"""Electricity meters on Modbus RTU as data: `meters/<name>.toml` becomes `meter` of profile.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError
from isentrope_sim.site_options import Inverter, MeterData

from isentrope_hil import tomlread
from isentrope_hil.drivefile import PARITY, port
from isentrope_hil.errors import unknown
from isentrope_hil.tomlread import Table

FOLDER = Path(__file__).with_name("meters")
TYPES = {"u16": 0, "s16": 1, "u32": 2, "s32": 3, "f32": 4}  # of firmware/isentrope/drivers/meter.py
_WIDE = 2  # from here on a value has two registers
_MOST = 60  # own: registers of a block, 140 ms of a line at 9600 Bd
_MAP_KEYS = 'read, power and perhaps energy, volts and models, as in "[[map]]"'


def names() -> list[str]:
    """The meters that are described."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read(name: str) -> dict[str, Any]:
    """A meter's registers, as profile.json has them but for how its line is set.

    Raises:
        InputError: unknown name (names the nearest), a key missing or unknown, a value that no block covers.
    """
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        raise unknown("meter", name, names())
    top = tomlread.read(path)
    top.text("name", required=True)
    top.text("manual", required=True)
    meter: dict[str, Any] = {"function": top.value("function")}
    if meter["function"] not in (3, 4):
        top.fail("function", "is the function that reads: 3 or 4")
    if "sunspec" in top:
        meter["sunspec"] = _whole(top, "sunspec", top.value("sunspec"), 0xFFFF)
    maps = top.tables("map")
    if not maps:
        top.fail(None, f"a meter has a map: {_MAP_KEYS}")
    if len(maps) > 1 and "sunspec" not in meter:
        top.fail("map", "more than one needs sunspec, which tells them apart")
    meter["maps"] = [_map(table, "sunspec" in meter) for table in maps]
    top.finish()
    return meter


def profile(
    meter: MeterData, inverter: Inverter | None, buses: Mapping[str, Mapping[str, Any]], board: str
) -> dict[str, Any]:
    """The `meter` of a machine's profile on a board.

    Raises:
        InputError: as `read`; the board has no RS-485 port for it, or the drive on the same line is set
            otherwise or has the same address.
    """
    found = read(meter.meter)
    bus = port(buses)
    if bus is None:
        raise InputError(f"board {board} has no RS-485 port for a meter, {meter.meter} needs one")
    if inverter is not None:
        for what in ("baud", "parity", "stop_bits"):
            if getattr(meter, what) != getattr(inverter, what):
                raise InputError(
                    f"controller.meter.{what} = {getattr(meter, what)}: it shares the line of the drive, "
                    f"which has {getattr(inverter, what)}"
                )
        if meter.unit == inverter.unit:
            raise InputError(f"controller.meter.unit = {meter.unit}: the drive on the same line has it")
    return {
        "bus": bus,
        "baud": meter.baud,
        "parity": PARITY[meter.parity],
        "stop_bits": meter.stop_bits,
        "unit": meter.unit,
        "timeout_ms": meter.timeout_ms,
        "lost_ms": meter.lost_ms,
        **found,
    }


def _map(table: Table, sunspec: bool) -> dict[str, Any]:
    blocks = table.value("read")
    if not isinstance(blocks, list) or not all(isinstance(b, list) and len(b) == 2 for b in blocks):
        table.fail("read", "a list of [first, count] is wanted")
    for first, count in blocks:
        _whole(table, "read", [first, count], 0xFFFF)
        if not 1 <= count <= _MOST:
            table.fail("read", f"a block has 1 to {_MOST} registers, is {count}")
    found: dict[str, Any] = {"read": blocks, "power": _value(table, "power", table.value("power"), blocks)}
    if "energy" in table:
        found["energy"] = _value(table, "energy", table.value("energy"), blocks)
    if "volts" in table:
        volts = table.value("volts")
        if not isinstance(volts, list) or len(volts) != 3:
            table.fail("volts", "three values are wanted, of the phases to neutral")
        found["volts"] = [_value(table, "volts", each, blocks) for each in volts]
    if sunspec:
        found["models"] = _whole(table, "models", table.value("models"), 0xFFFE)
        if len(found["models"]) != 2:
            table.fail("models", "lowest and highest model are wanted")
    table.finish()
    return found


def _whole(table: Table, key: str, values: Any, most: int) -> list[int]:
    if not isinstance(values, list) or not values:
        table.fail(key, f"a list of whole numbers is wanted, 0 to {most}")
    for each in values:
        if isinstance(each, bool) or not isinstance(each, int) or not 0 <= each <= most:
            table.fail(key, f"a whole number is wanted, 0 to {most}, is {each!r}")
    return values


def _value(table: Table, key: str, row: Any, blocks: list[Any]) -> list[Any]:
    """[register, type, scale, register of a power of ten or -1], all of it in one block."""
    if not isinstance(row, list) or not 3 <= len(row) <= 4 or row[1] not in TYPES:
        table.fail(key, f"[register, type, scale] is wanted, the type one of {', '.join(TYPES)}, is {row!r}")
    registers = _whole(table, key, [row[0], *row[3:]], 0xFFFF)
    if isinstance(row[2], bool) or not isinstance(row[2], int | float) or not row[2]:
        table.fail(key, f"a scale other than 0 is wanted, is {row[2]!r}")
    kind = TYPES[row[1]]
    last = [registers[0] + (1 if kind >= _WIDE else 0), *registers[1:]]
    if not any(first <= registers[0] and first + count > max(last) > first - 1 for first, count in blocks):
        table.fail(
            key, f"is register {registers[0]}, which no block of read covers, its power of ten included"
        )
    return [registers[0], kind, float(row[2]), *(registers[1:] or [-1])]
