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
from isentrope_sim.site import site_data
from isentrope_sim.valves import Valve

from isentrope_hil import board as boards
from isentrope_hil import fitting, wants
from isentrope_hil.board import Board
from isentrope_hil.fitting import Place

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
    board: str | Path | Board,
    machine: str | Path | Machine,
    settings: Mapping[str, float] | None = None,
    driver: str | None = None,
) -> dict[str, Any]:
    """The profile of a machine on a board.

    Args:
        board, machine: name, path of a file, or loaded.
        settings: parameters in their units, on top of those in the machine file; the firmware checks them.
        driver: how the valve is driven, of `mcu.DRIVERS`; None takes the board's first that suits the valve.

    Raises:
        InputError: unknown or bad board or machine, or the first reason why the two do not fit.
    """
    place = board if isinstance(board, Board) else boards.read(board)
    made = machine if isinstance(machine, Machine) else load_machine(machine)
    site = site_data(made)
    fitted = fitting.fit(place, wants.of(made), driver)
    if fitted.problems:
        raise InputError(fitted.problems[0].text)
    return {
        "schema": SCHEMA,
        "board": place.name,
        "machine": made.name,
        "fluid": made.refrigerant,
        "scan_ms": site.scan_ms,
        "io": [_row(each) for each in fitted.places],
        "valve": _valve(site.actuators.valve),
        "compressor": dict(site.compressor),
        "limits": dict(site.limits),
        "settings": {**site.settings, **(settings or {})},
    }


def dumps(profile: Mapping[str, Any]) -> str:
    """The profile as the text of profile.json: the same profile always gives the same bytes."""
    return json.dumps(profile, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _row(place: Place) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": place.signal.name,
        "dir": place.direction,
        "type": _TYPES[place.signal.kind],
        "kind": place.signal.kind,
        "label": place.channel.label,
        "hw": list(place.hw),
        **place.channel.data,
        **place.signal.data,
    }
    if place.safe is not None:
        row["safe"] = place.safe
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
