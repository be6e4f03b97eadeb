"""What integrators get of the point table: the Modbus map with the BACnet objects beside it.

`python -m isentrope_hil.firmwaredocs` writes them; a test checks that they are current.
"""

from __future__ import annotations

from isentrope_hil import catalogue
from isentrope_hil.targets.firmware import imported

_TABLES = (
    ("Input registers", 4, 30001),
    ("Discrete inputs", 2, 10001),
    ("Holding registers", 3, 40001),
    ("Coils", 1, 1),
)
NO_BUS = "access_level"  # a person at the machine opens it (bus/registers.py)
_REGISTERS = {"u8": "u16", "u16": "u16", "s16": "s16", "u32": "u32"}


def points() -> str:
    """The generated end of docs/points.md."""
    rows = sorted(catalogue.points(), key=lambda row: row["id"])
    states = _states()
    lines = []
    for table, (title, function, first) in enumerate(_TABLES):
        lines += [
            f"### {title} (function {function})\n",
            "| address | reference | point | what | type | unit | range or states | access | BACnet |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for row in rows:
            if row["id"] >> 12 == table:
                at = row["id"] & 0xFFF
                bits = table in (1, 3)
                unit = row["unit"]
                shown = " bar" if unit == "kPa" else f" {unit}".rstrip()
                cells = (
                    at,
                    f"{first + at:05d}",
                    f"`{row['name']}`",
                    row["description"],
                    "bit" if bits else _REGISTERS[row["type"]],
                    "" if bits else scale(row),
                    ", ".join(f"{row['low'] + n:g} {text}" for n, text in enumerate(states[row["id"]]))
                    if row["id"] in states
                    else ""
                    if bits
                    else f"{_number(row['low'], unit)} to {_number(row['high'], unit)}{shown}",
                    "r" if row["name"] == NO_BUS else row["access"],
                    f"{row['bacnet']} {at + 1}" if row["bacnet"] else "",
                )
                lines.append("| " + " | ".join(map(str, cells)) + " |")
        lines.append("")
    return "\n".join(lines)


def _states() -> dict[int, list[str]]:
    """What the values of points that are no numbers mean, from the lowest on, by id."""
    with imported() as firmware:
        lines = b"".join(firmware.module("point_states").TABLE).decode().splitlines()
    return {int(line[:4], 16): line[5:].split("|") for line in lines}


def scale(row: dict[str, object]) -> str:
    """What one count on the buses is."""
    exponent, unit = int(str(row["bus_exponent"])), str(row["unit"])
    if unit == "kPa" and exponent == 0:
        return "0.01 bar"
    number = f"{10.0**exponent:g}"
    return number if not unit and exponent else "" if not unit else f"{number} {unit}"


def _number(value: float, unit: str) -> str:
    return f"{value / 100.0 if unit == 'kPa' else value:.10g}"
