"""What integrators get of the point table: Modbus map, BACnet objects, an EDE file, the PICS's objects.

`python -m isentrope_hil.firmwaredocs` writes them; a test checks that they are current.
"""

from __future__ import annotations

import csv
import io

from isentrope_hil import catalogue

# BACnetEngineeringUnits (ASHRAE 135, clause 21) of the table's units; a kilopascal is 0.01 bar.
UNITS = {
    "degC": 62, "K": 121, "kPa": 55, "rps": 27, "%": 98, "h": 71, "s": 73, "min": 72, "kW": 48, "kWh": 19,
    "l/min": 88, "rpm": 104, "Hz": 27, "bar": 55,
}  # fmt: skip
NO_UNITS = 95
# BACnetObjectType and its name.
OBJECTS = {
    "AI": (0, "analog input"),
    "AV": (2, "analog value"),
    "BI": (3, "binary input"),
    "BV": (5, "binary value"),
    "MSI": (13, "multi-state input"),
    "MSV": (19, "multi-state value"),
}
_TABLES = (
    ("Input registers", 4, 30001),
    ("Discrete inputs", 2, 10001),
    ("Holding registers", 3, 40001),
    ("Coils", 1, 1),
)
_REGISTERS = {"u8": "u16", "u16": "u16", "s16": "s16", "u32": "u32"}
_COLUMNS = (
    "# keyname;device obj.-instance;object-name;object-type;object-instance;description;"
    "present-value-default;min-present-value;max-present-value;settable;supports COV;hi-limit;low-limit;"
    "state-text-reference;unit-code;vendor-specific-address"
)


def points() -> str:
    """The generated end of docs/points.md."""
    rows = sorted(catalogue.points(), key=lambda row: row["id"])
    lines = []
    for table, (title, function, first) in enumerate(_TABLES):
        lines += [
            f"### {title} (function {function})\n",
            "| address | reference | point | what | type | unit | range | access | BACnet |",
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
                    "" if bits else f"{_number(row['low'], unit)} to {_number(row['high'], unit)}{shown}",
                    row["access"],
                    f"{row['bacnet']} {at + 1}" if row["bacnet"] else "",
                )
                lines.append("| " + " | ".join(map(str, cells)) + " |")
        lines.append("")
    return "\n".join(lines)


def scale(row: dict[str, object]) -> str:
    """What one count on the buses is."""
    exponent, unit = int(str(row["bus_exponent"])), str(row["unit"])
    if unit == "kPa" and exponent == 0:
        return "0.01 bar"
    number = f"{10.0**exponent:g}"
    return number if not unit and exponent else "" if not unit else f"{number} {unit}"


def ede() -> str:
    """The EDE file (BACnet Interest Group Europe, version 2.3): a line an object, semicolons between."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=";", lineterminator="\n").writerow
    write(["# Proposal_Engineering-Data-Exchange - B.I.G.-EU"])
    write(["PROJECT_NAME", "Isentrope"])
    write(["VERSION_OF_REFERENCEFILE", "1"])
    write(["TIMESTAMP_OF_LAST_CHANGE", ""])
    write(["AUTHOR_OF_LAST_CHANGE", "python -m isentrope_hil.firmwaredocs"])
    write(["VERSION_OF_LAYOUT", "2.3"])
    write(_COLUMNS.split(";"))
    for row in catalogue.points():
        kind = row["bacnet"]
        if not kind:
            continue
        analog = kind in ("AI", "AV")
        write(
            [
                row["name"],
                "",  # the device's instance is its own
                row["name"],
                OBJECTS[kind][0],
                (row["id"] & 0xFFF) + 1,
                row["description"],
                "",
                _number(row["low"], row["unit"]) if analog else "",
                _number(row["high"], row["unit"]) if analog else "",
                "Y" if row["access"] == "rw" else "N",
                "Y",
                "",
                "",
                "",
                UNITS.get(row["unit"], NO_UNITS) if analog else "",
                f"{row['id']:04X}",
            ]
        )
    return out.getvalue()


def _number(value: float, unit: str) -> str:
    return f"{value / 100.0 if unit == 'kPa' else value:.10g}"


def objects() -> str:
    """The generated end of docs/pics.md: how many objects of each type there are."""
    lines = ["| object type | instances | of them commandable |", "|---|---|---|"]
    for kind, (number, name) in OBJECTS.items():
        found = [row for row in catalogue.points() if row["bacnet"] == kind]
        if found:
            commandable = sum(row["access"] == "rw" for row in found)
            lines.append(f"| {name} ({number}) | {len(found)} | {commandable} |")
    return "\n".join(lines) + "\n"
