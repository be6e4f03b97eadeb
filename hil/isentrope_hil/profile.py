"""profile.json from a board and a machine: what sits where, and the machine's numbers (docs/profile.md).

A machine names the signals it needs, a board offers channels; each signal takes the first free channel of its
kind, in the order of both files, so the same two files always give the same profile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.site import Signal, site_data
from isentrope_sim.valves import Valve

from isentrope_hil import board as boards
from isentrope_hil.board import Board, Channel

SCHEMA = 1
_TYPES = {
    "ntc": "u16",
    "ratiometric": "u16",
    "contact": "u8",
    "stepper_count": "u16",
    "level": "u8",
    "relay": "u8",
    "analog_out": "u16",
}


def build(
    board: str | Path | Board, machine: str | Path | Machine, settings: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """The profile of a machine on a board.

    Args:
        board, machine: name, path of a file, or loaded.
        settings: parameters in their units, on top of those in the machine file; the firmware checks them.

    Raises:
        InputError: unknown or bad board or machine, or a machine that needs more than the board has.
    """
    place = board if isinstance(board, Board) else boards.load(board)
    made = machine if isinstance(machine, Machine) else load_machine(machine)
    site = site_data(made)
    rows = _allocate("in", place, made.name, site.inputs, place.inputs)
    rows += _allocate("out", place, made.name, site.outputs, place.outputs)
    return {
        "schema": SCHEMA,
        "board": place.name,
        "machine": made.name,
        "fluid": made.refrigerant,
        "scan_ms": site.scan_ms,
        "io": rows,
        "valve": _valve(site.actuators.valve),
        "compressor": dict(site.compressor),
        "limits": dict(site.limits),
        "settings": {**site.settings, **(settings or {})},
    }


def dumps(profile: Mapping[str, Any]) -> str:
    """The profile as the text of profile.json: the same profile always gives the same bytes."""
    return json.dumps(profile, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _allocate(
    direction: str, board: Board, machine: str, signals: tuple[Signal, ...], channels: tuple[Channel, ...]
) -> list[dict[str, Any]]:
    free = list(channels)
    rows = []
    for signal in signals:
        channel = next((each for each in free if each.kind == signal.kind), None)
        if channel is None:
            has = sum(each.kind == signal.kind for each in channels)
            needs = sum(each.kind == signal.kind for each in signals)
            raise InputError(
                f"machine {machine!r} does not fit board {board.name!r}: it needs {needs} {signal.kind} "
                f"{'inputs' if direction == 'in' else 'outputs'}, the board has {has}; "
                f"the first without a place is {signal.name!r}"
            )
        free.remove(channel)
        rows.append(_row(direction, signal, channel))
    return rows


def _row(direction: str, signal: Signal, channel: Channel) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": signal.name,
        "dir": direction,
        "type": _TYPES[signal.kind],
        "kind": signal.kind,
        "label": channel.label,
        "hw": list(channel.hw),
        **channel.data,
        **signal.data,
    }
    if direction == "out":
        row["safe"] = 1 - row["active"] if "active" in row else 0
    return row


def _valve(valve: Valve) -> dict[str, Any]:
    return {
        "name": valve.name,
        "steps": valve.steps,
        "overdrive_steps": valve.overdrive_steps,
        "rate_hz": valve.rate_hz,
        "start_rate_hz": valve.start_rate_hz,
        "ramp_steps": valve.ramp_steps,
        "opening_steps": valve.opening_steps,
        "coil": valve.coil,
        "home_running_only": valve.home_running_only,
        "flow": {"area_m2": valve.area_m2, "exponent": valve.exponent},
    }
