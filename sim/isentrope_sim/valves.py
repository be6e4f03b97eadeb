"""Electronic expansion valves: the catalogue `valves.toml` as `Valve` objects."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

CATALOGUE = Path(__file__).with_name("valves.toml")

_BOUNDS = {
    "steps": (100, 10_000),
    "overdrive_steps": (0, 5_000),
    "rate_hz": (10, 600),
    "start_rate_hz": (10, 600),
    "ramp_steps": (0, 500),
    "opening_steps": (0, 1_000),
    "backlash_steps": (0, 50),
    "supply_v": (5, 48),
    "resistance_ohm": (0, 1_000),
    "phase_ma": (0, 3_000),
    "area_m2": (1e-8, 1e-3),
    "exponent": (0.5, 2.0),
}
_CHOICES = {
    "coil": ("bipolar", "unipolar"),
    "half_steps": (False, True),
    "home_running_only": (False, True),
}

_TEXTS = ("leads",)


@dataclass(frozen=True)
class Valve:
    """One stepper valve.

    Attributes:
        name: key in the catalogue.
        title: maker and type.
        steps: full stroke from the closed stop, in the pulses the driver emits.
        overdrive_steps: closing steps beyond full stroke when homing, to end on the stop from anywhere.
        rate_hz, start_rate_hz, ramp_steps: pulse rate, rate of the first pulse, steps between the two.
        opening_steps: steps from the stop at which flow begins.
        backlash_steps: play between rotor and needle.
        coil: "bipolar" or "unipolar".
        half_steps: a pulse is a half step (one and two phases on in turn), not a full one (two phases on).
        supply_v: voltage of the motor's driver.
        resistance_ohm, phase_ma: of a phase; 0: not known.
        leads: how the motor's leads are told apart.
        home_running_only: the maker forbids driving it while the compressor stands still.
        area_m2, exponent: full-open area A and exponent n of the flow law at the catalogue's head.
        tags: where each number is from: {"steps": {"source": ...}, "area_m2": {"prior": ...}, ...}.
    """

    name: str
    title: str
    steps: int
    overdrive_steps: int
    rate_hz: int
    start_rate_hz: int
    ramp_steps: int
    opening_steps: int
    backlash_steps: int
    coil: str
    half_steps: bool
    supply_v: int
    resistance_ohm: int
    phase_ma: int
    leads: str
    home_running_only: bool
    area_m2: float
    exponent: float
    tags: dict[str, dict[str, str]]

    @property
    def opening_point(self) -> float:
        """Where flow begins, as a fraction of full stroke."""
        return self.opening_steps / self.steps


def catalogue() -> dict[str, Valve]:
    """All valves of the catalogue by name.

    Raises:
        InputError: an entry is incomplete, has an unknown key, an untagged or an impossible value.
    """
    with CATALOGUE.open("rb") as file:
        entries = tomllib.load(file)
    return {name: _valve(name, entry) for name, entry in entries.items()}


def load_valve(name: str) -> Valve:
    """One valve of the catalogue.

    Raises:
        InputError: no such valve; names the nearest.
    """
    valves = catalogue()
    if name not in valves:
        near = difflib.get_close_matches(name, valves, 3) or sorted(valves)
        raise InputError(f"unknown valve {name!r}; the catalogue has {', '.join(near)}")
    return valves[name]


def _valve(name: str, entry: dict[str, Any]) -> Valve:
    where = f"{CATALOGUE.name}: [{name}]"
    keys = {"title", *_BOUNDS, *_CHOICES, *_TEXTS}
    if unknown := sorted(entry.keys() - keys):
        raise InputError(f"{where}: unknown key {unknown[0]!r}")
    if missing := sorted(keys - entry.keys()):
        raise InputError(f"{where}: missing key {missing[0]!r}")
    values: dict[str, Any] = {}
    tags: dict[str, dict[str, str]] = {}
    for key, item in entry.items():
        if key == "title":
            values[key] = item
            continue
        tag = {kind: text for kind, text in item.items() if kind in ("source", "prior") and text}
        if set(item) != {"value", *tag} or len(tag) != 1:
            raise InputError(f"{where}: {key} needs a value and one of source or prior")
        value = item["value"]
        if key in _CHOICES and value not in _CHOICES[key]:
            raise InputError(f"{where}: {key} = {value!r}, allowed {_CHOICES[key]}")
        if key in _TEXTS and not (isinstance(value, str) and value):
            raise InputError(f"{where}: {key} = {value!r}, a text is wanted")
        if key in _BOUNDS and not _BOUNDS[key][0] <= value <= _BOUNDS[key][1]:
            low, high = _BOUNDS[key]
            raise InputError(f"{where}: {key} = {value!r}, allowed {low} to {high}")
        values[key], tags[key] = value, tag
    return Valve(name=name, tags=tags, **values)
