"""What there is by name: machines, scenarios, boards, and the firmware's points, alarms and settings."""

from __future__ import annotations

from typing import Any

from isentrope_hil.signals import LEVELS
from isentrope_hil.targets.firmware import imported

Rows = list[dict[str, Any]]


def machines() -> Rows:
    """Machines that come with the package, and variants of them."""
    from isentrope_sim.machine import all_names, load_machine

    loaded = [load_machine(name) for name in all_names()]
    return [
        {
            "name": m.name,
            "refrigerant": m.refrigerant,
            "class": m.texts["charge"]["class"],
            "charge_kg": m.values["charge"],
            "description": m.description,
        }
        for m in loaded
    ]


def scenarios() -> Rows:
    """Scenarios that come with the package; duration in s."""
    from isentrope_hil import scenario

    loaded = [scenario.load(name) for name in scenario.names()]
    return [
        {
            "name": s.name,
            "machine": s.machine,
            "board": s.board,
            "duration_s": s.duration_s,
            "requirements": len(s.requirements),
            "description": s.description,
        }
        for s in loaded
    ]


def boards() -> Rows:
    """Controller boards that come with the package."""
    from isentrope_hil import board

    loaded = [board.load(name) for name in board.names()]
    return [
        {"name": b.name, "port": b.port, "inputs": len(b.inputs), "outputs": len(b.outputs), "title": b.title}
        for b in loaded
    ]


def points() -> Rows:
    """The firmware's points; bounds in the point's unit."""
    with imported() as firmware:
        rows = list(firmware.module("points").rows())
        lines = b"".join(firmware.module("point_texts").TABLE).decode().splitlines()
    texts = {int(line[:4], 16): line[5:] for line in lines}
    return [
        {
            "name": name,
            "id": number,
            "unit": unit,
            "low": _scaled(low, exponent),
            "high": _scaled(high, exponent),
            "access": access,
            "bacnet": bacnet or None,
            "type": type_,
            "exponent": exponent,
            "bus_exponent": bus,
            "description": texts[number],
        }
        for number, name, unit, type_, exponent, low, high, bus, access, bacnet in rows
    ]


def settings() -> Rows:
    """The firmware's parameters; bounds and default in the parameter's unit."""
    with imported() as firmware:
        rows = list(firmware.module("settings").rows())
    return [
        {
            "name": name,
            "id": number,
            "unit": unit,
            "low": _scaled(low, exponent),
            "high": _scaled(high, exponent),
            "default": _scaled(default, exponent),
            "level": LEVELS[level],
        }
        for number, name, unit, exponent, low, high, default, level in rows
    ]


def ties() -> dict[str, str]:
    """Settings that may not lie above another one: its name."""
    with imported() as firmware:
        table = b"".join(firmware.module("setting_table").TABLE).decode()
    rows = [line.split() for line in table.splitlines()]
    names = {row[0]: row[1] for row in rows}
    return {row[1]: names[row[8]] for row in rows if len(row) > 8}


def decisions() -> Rows:
    """The decision log's codes with their sentences, numbers left out as N."""
    with imported() as firmware:
        lines = "".join(firmware.module("decision_texts").TABLE).splitlines()
    rows = [line.split(" ", 1) for line in lines]
    return [{"code": int(code), "text": text.replace("%d", "N").replace("%s", "...")} for code, text in rows]


def alarms() -> Rows:
    """The firmware's alarms, with what they mean to the person in front of the machine."""
    keys = ("code", "name", "class", "latching", "cause", "effect", "reset", "remedy")
    with imported() as firmware:
        describe = firmware.module("wording").describe
        codes = [
            int(line.split("|")[0]) for line in "".join(firmware.module("alarm_texts").TABLE).splitlines()
        ]
        rows = [dict(zip(keys, (code, *describe(code)), strict=True)) for code in codes]
    return [row | {"latching": row["latching"] == "latch"} for row in rows]


def transitions() -> list[tuple[str, str, str]]:
    """What leads from one state to another: from, to, when."""
    with imported() as firmware:
        lines = firmware.module("state_table").TABLE.splitlines()
    rows = [line.split("|") for line in lines]
    return [(first, second, when) for first, second, when in rows]


def state_groups() -> list[tuple[str, str]]:
    """Names for several states, and which, with commas between."""
    with imported() as firmware:
        lines = firmware.module("state_table").GROUPS.splitlines()
    return [(name, members) for name, _, members in (line.partition("|") for line in lines)]


def _scaled(raw: int, exponent: int) -> float:
    """A raw value in its unit, as the decimal number it stands for."""
    return raw * 10**exponent if exponent >= 0 else raw / 10**-exponent
