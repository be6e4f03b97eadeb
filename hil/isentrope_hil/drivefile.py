"""Drives on Modbus RTU as data: `drives/<name>.toml` becomes `drive` of profile.json (docs/compressor.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError
from isentrope_sim.site_options import Inverter

from isentrope_hil import tomlread
from isentrope_hil.errors import unknown
from isentrope_hil.tomlread import Table

FOLDER = Path(__file__).with_name("drives")
CLASSES = {"current": 1, "temperature": 2, "voltage": 3}  # of firmware/isentrope/drivers/inverter.py
PARITY = {"none": None, "even": 0, "odd": 1}
_VALUES = ("current_a", "bus_v", "module_c")


def names() -> list[str]:
    """The drives that are described."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read(name: str) -> dict[str, Any]:
    """A drive's registers, as profile.json has them but for what the machine decides.

    Raises:
        InputError: unknown name (names the nearest), a key missing or unknown, a register that nothing reads.
    """
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        raise unknown("drive", name, names())
    top = tomlread.read(path)
    top.text("name", required=True)
    top.text("manual", required=True)
    drive: dict[str, Any] = {"write": top.value("write")}
    if drive["write"] not in (6, 16):
        top.fail("write", "is the function that writes a register: 6 or 16")
    for key in ("run", "stop", "reset"):
        drive[key] = _numbers(top, key, 2)
    drive["speed"] = _numbers(top, "speed", 2)
    blocks = top.value("read")
    if not isinstance(blocks, list) or not all(isinstance(b, list) and len(b) == 3 for b in blocks):
        top.fail("read", "a list of [function, first, count] is wanted")
    drive["read"] = blocks
    drive["running"] = _numbers(top, "running", 3)
    drive["tripped"] = _numbers(top, "tripped", 3)
    drive["fault"] = _numbers(top, "fault", 3)
    for key in ("speed_hz", *_VALUES):
        if key in top:
            drive[key] = _numbers(top, key, 4)
    faults = top.table("faults")
    drive["faults"] = [
        [int(code), CLASSES[kind]] for kind in CLASSES if kind in faults for code in faults.value(kind)
    ]
    faults.finish()
    top.finish()
    for key in ("running", "tripped", "fault", "speed_hz", *_VALUES):
        register = drive[key][0] if key in drive else blocks[0][1]
        if not any(first <= register < first + count for _, first, count in blocks):
            top.fail(key, f"is register {register}, which no block of read covers")
    return drive


def port(buses: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The board's RS-485 port of drive and meter; None: it has none."""
    return next((name for name, data in buses.items() if str(data.get("use", "")).startswith("drive")), None)


def profile(inverter: Inverter, buses: Mapping[str, Mapping[str, Any]], board: str) -> dict[str, Any]:
    """The `drive` of a machine's profile on a board.

    Raises:
        InputError: as `read`; or the board has no RS-485 port for a drive.
    """
    drive = read(inverter.drive)
    bus = port(buses)
    if bus is None:
        raise InputError(f"board {board} has no RS-485 port for a drive, {inverter.drive} needs one")
    poles = inverter.pole_pairs
    drive["speed"] = [drive["speed"][0], drive["speed"][1] * poles]
    if "speed_hz" in drive:
        register, scale, offset, signed = drive.pop("speed_hz")
        drive["speed_rps"] = [register, scale / poles, offset / poles, signed]
    return {
        "kind": "modbus",
        "bus": bus,
        "baud": inverter.baud,
        "parity": PARITY[inverter.parity],
        "stop_bits": inverter.stop_bits,
        "unit": inverter.unit,
        "timeout_ms": inverter.timeout_ms,
        "retries": inverter.retries,
        "lost_ms": inverter.lost_ms,
        "limits": [[name, hold, reduce] for name, (hold, reduce) in inverter.limits.items()],
        **drive,
    }


def _numbers(table: Table, key: str, count: int) -> list[Any]:
    value = table.value(key)
    if (
        not isinstance(value, list)
        or len(value) != count
        or not all(isinstance(each, int | float) for each in value)
    ):
        table.fail(key, f"{count} numbers are wanted, is {value!r}")
    return value
