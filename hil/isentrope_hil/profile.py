"""profile.json from a board and a machine: what sits where, and the machine's numbers (docs/profile.md).

A machine names the signals it needs, a board offers channels; each signal takes the first free channel of its
kind, in the order of both files, so the same two files always give the same profile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError
from isentrope_sim.flow_fit import change_of_speed
from isentrope_sim.machine import Machine
from isentrope_sim.power_fit import power
from isentrope_sim.site import Site, site_data
from isentrope_sim.valves import Valve

from isentrope_hil import board as boards
from isentrope_hil import drivefile, fitting, meterfile, wants
from isentrope_hil.board import Board
from isentrope_hil.boardfile import BUS_PINS
from isentrope_hil.errors import unknown
from isentrope_hil.fitting import Fit, Place

SCHEMA = 1
_TYPES = {
    "ntc": "u16",
    "ratiometric": "u16",
    "contact": "u8",
    "ds18b20": "u16",
    "stepper_count": "u16",
    "level": "u8",
    "relay": "u8",
    "analog_out": "u16",
}

# Device pins that the controller drives, at rest: nothing selected, nothing shifted, outputs off.
_IDLE = {"cs": 1, "latch": 0, "oe": 1}


def build(
    board: str | Path | Board,
    machine: str | Path | Machine,
    settings: Mapping[str, float] | None = None,
    driver: str | None = None,
    bench_passthrough: Sequence[str] = (),
) -> dict[str, Any]:
    """The profile of a machine on a board.

    Args:
        board, machine: name, path of a file, or loaded.
        settings: parameters in their units, on top of those in the machine file; the firmware checks them.
        driver: how the valve is driven, of `mcu.DRIVERS`; None takes the board's first that suits the valve.
        bench_passthrough: outputs that move for real in a bench run.

    Raises:
        InputError: unknown or bad board or machine, a machine of which only the I/O is described, an unknown
            output, or the first reason why the two do not fit.
    """
    place = board if isinstance(board, Board) else boards.read(board)
    made = machine if isinstance(machine, Machine) else wants.whole(machine)
    site = site_data(made)
    fitted = fitting.fit(place, wants.of(made), driver)
    if fitted.problems:
        raise InputError(fitted.problems[0].text)
    hardware = wiring(fitted)
    outputs = [row["name"] for row in hardware["io"] if row["dir"] == "out"]
    if strange := [name for name in bench_passthrough if name not in outputs]:
        raise unknown("output in bench_passthrough", strange[0], outputs)
    return {
        "schema": SCHEMA,
        **hardware,
        "machine": made.name,
        "fluid": made.refrigerant,
        "scan_ms": site.scan_ms,
        "valve": {**_valve(site.actuators.valve), **hardware["valve"]},
        "compressor": {**site.compressor, **change_of_speed(made)},
        "limits": dict(site.limits),
        "power": power(made),
        **({} if made.values["indoor_air"] > 0.0 else {"freeze": {}}),
        **_reversing(made, hardware["io"]),
        **site.options,
        **({"drive": drivefile.profile(site.inverter, place.buses, place.name)} if site.inverter else {}),
        **_meter(site, place),
        **({"water": _water(made, hardware["io"])} if made.values["indoor_air"] == 0.0 else {}),
        "settings": {**_of_room_air(made), **site.settings, **(settings or {})},
        "bench_passthrough": list(bench_passthrough),
    }


# What the firmware's scan reads and drives beside what every machine has (firmware/isentrope/scan.py).
_NEEDED = ("cond_p",)


def runnable(profile: Mapping[str, Any]) -> None:
    """InputError if the firmware cannot run this machine: it judges the envelope by condensing pressure."""
    names = {row["name"] for row in profile["io"]}
    lacking = [name for name in _NEEDED if name not in names]
    if "fan_run" in names and lacking:
        raise InputError(
            f"machine {profile['machine']!r} lacks {', '.join(lacking)}: the firmware needs it; "
            "check-board, steady and rate take the machine"
        )


def wiring(fitted: Fit) -> dict[str, Any]:
    """What the profile says of the hardware: everything that needs no more than a machine's signals."""
    board = fitted.board
    valve: dict[str, Any] = {"drive": fitted.driver}
    motor = next((place.channel for place in fitted.places if place.signal.kind == "stepper_count"), None)
    if motor is not None and motor.sm is not None:
        valve["sm"] = motor.sm
    buses = {
        name: {key: value for key, value in bus.items() if value is not None}
        for name, bus in board.buses.items()
    }
    return {
        "board": board.name,
        "mcu": board.mcu.name,
        "pins": [list(pair) for pair in sorted(_safe_levels(fitted).items())],
        "buses": buses,
        "devices": [dict(device) for device in board.devices.values()],
        "io": [_row(place) for place in fitted.places],
        "valve": valve,
        **({"network": {"kind": board.network.kind}} if board.network else {}),
    }


def dumps(profile: Mapping[str, Any]) -> str:
    """The profile as the text of profile.json: the same profile always gives the same bytes."""
    return json.dumps(profile, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _meter(site: Site, place: Board) -> dict[str, Any]:
    if site.meter is None:
        return {}
    return {"meter": meterfile.profile(site.meter, site.inverter, place.buses, place.name)}


def _water(machine: Machine, io: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What flows at the pump's full speed, l/min of water at 35 degC, and whether its speed can be set."""
    steps = any(row["name"] == "pump_ref" for row in io)
    return {"full_lpm": round(machine.values["pump_flow_max"] * 60.0 / 0.994, 2), "steps": steps}


def _reversing(machine: Machine, io: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the firmware must know to throw the reversing valve; nothing where there is none to throw."""
    names = {row["name"] for row in io}
    if machine.values["reversible"] == 0.0 or not {"reversing_valve", "coil_t"} <= names:
        return {}
    return {"reversing": {"shift_kpa": machine.values["rv_min_dp"] / 1000.0}}


def _of_room_air(machine: Machine) -> dict[str, float]:
    """Settings of room air indoors: no defrost by itself, since the firmware's sequence gives it the heat of
    water; and an integral time for air, which answers within a minute (own: 90 s overshoots for ten).
    """
    return {"defrost": 0.0, "flow_integral_time": 45.0} if machine.values["indoor_air"] > 0.0 else {}


def _safe_levels(fitted: Fit) -> dict[int, int]:
    """GPIO -> level in the safe state, of every pin of the board that drives something (docs/profile.md)."""
    board = fitted.board
    levels: dict[int, int] = {}
    placed = {place.channel.label: place.hw for place in fitted.places}
    for channel in board.outputs:
        kind, *pins = placed.get(channel.label, channel.hw)
        if kind == "gpio":
            levels[int(pins[0])] = 1 - int(channel.data["active"])
        elif kind in ("pwm", "stepper", "step_dir"):
            levels.update(dict.fromkeys(map(int, pins), 0))
    for bus in board.buses.values():
        if "de" in BUS_PINS[bus["kind"]]:
            levels[bus["de"]] = 0
    for device in board.devices.values():
        levels.update({device[key]: level for key, level in _IDLE.items() if key in device})
    return levels


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
        "half_steps": valve.half_steps,
        "home_running_only": valve.home_running_only,
        "flow": {"area_m2": valve.area_m2, "exponent": valve.exponent},
    }
