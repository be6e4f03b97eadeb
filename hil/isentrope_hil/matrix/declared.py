"""What is declared of every cell: parameters, modes, expected ends, limits (declared.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError
from isentrope_sim.world.settings import WorldSettings

FILE = Path(__file__).with_name("declared.toml")
ENDS = ("runs", "safe", "stops", "either", "guarded", "off")
_STOPPING = ("stops", "either", "guarded")


@dataclass(frozen=True)
class Rule:
    """The declared end of the cells that its patterns take in; the first rule that does counts.

    Attributes:
        end: "runs": no stop alarm, and the machine works when the fault has lasted; "safe": no stop alarm,
            whether it works or not; "stops": one of `alarms` within `within_s`, the compressor at rest;
            "either": as "runs", or as "stops"; "guarded": as "safe", or as "stops"; "off": the controller
            itself is dead, and so is the machine.
        alarms: codes that stop; of those among them that warn one must have been raised, but for "either" and
            for a "guarded" stop.
        hold_s: how long the fault lasts, 0: the mode's.
        latched: a person's reset may be needed after the repair.
    """

    on: tuple[str, ...]
    verbs: tuple[str, ...]
    modes: tuple[str, ...]
    end: str
    why: str
    alarms: tuple[int, ...] = ()
    within_s: float = 0.0
    hold_s: float = 0.0
    latched: bool = False

    def takes(self, target: str, kind: str, verb: str, mode: str) -> bool:
        verb = verb.rstrip("-")
        return (
            any(fnmatchcase(target, each) or each == f"kind:{kind}" for each in self.on)
            and any(fnmatchcase(verb, each) for each in self.verbs)
            and any(fnmatchcase(mode, each) for each in self.modes)
        )


@dataclass(frozen=True)
class Mode:
    """A mode of the machine and how a run gets there.

    Attributes:
        state: the controller's state that says so; needs: ids of points without which there is no such mode.
        writes: point's id -> raw value; settings: by name.
        longest_s: by when `state` must have come; settle_s: how long the run then goes on before the fault.
        hold_s: how long a fault lasts; demand_s: when heat is asked for, of a mode that begins without.
        rest_over_c, rest_under_c: return water so warm, or so cold, is a reason to be off.
        building, hot_water: what stands around the machine (docs/world.md).
    """

    name: str
    what: str
    state: int
    needs: tuple[int, ...]
    writes: Mapping[int, int]
    settings: Mapping[str, float]
    knobs: Mapping[str, float]
    outdoor_c: float
    rh: float
    water_c: float
    longest_s: float
    settle_s: float
    hold_s: float
    demand_s: float = 0.0
    rest_over_c: float = 1000.0
    rest_under_c: float = -1000.0
    building: Mapping[str, float | str] = field(default_factory=dict)
    hot_water: Mapping[str, float | str] = field(default_factory=dict)

    def world(self, has_tank: bool) -> WorldSettings:
        """Its house; `has_tank`: the machine makes hot water."""
        return WorldSettings(building=self.building, hot_water=self.hot_water if has_tank else None)


@dataclass(frozen=True)
class Declared:
    """The whole file.

    Attributes:
        columns: verbs of the grid in order; other: those that only some kinds have.
        parameters: of a verb on a target (a name, "kind:NAME", or either with a mode behind a "/").
        limits: of the invariants, by name.
        absent: (kind, verb) -> why there is no such fault.
    """

    columns: tuple[str, ...]
    modes: Mapping[str, Mode]
    parameters: Mapping[str, Mapping[str, Mapping[str, float]]]
    rules: tuple[Rule, ...]
    limits: Mapping[str, float]
    absent: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def rule(self, target: str, kind: str, verb: str, mode: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.takes(target, kind, verb, mode)), None)

    def values(self, target: str, kind: str, verb: str, mode: str) -> dict[str, float]:
        """The fault's parameters: the most particular that are given; "offset-" is "offset" downwards."""
        for key in (f"{target}/{mode}", target, f"kind:{kind}/{mode}", f"kind:{kind}"):
            found = self.parameters.get(key, {}).get(verb)
            if found is not None:
                return dict(found)
        if verb.endswith("-"):
            return {key: -value for key, value in self.values(target, kind, verb[:-1], mode).items()}
        return {}


@cache
def read(path: Path = FILE) -> Declared:
    """The declaration. Raises InputError: one line with what is wrong where."""
    with path.open("rb") as file:
        data = tomllib.load(file)
    rules = []
    for number, row in enumerate(data["rule"], 1):
        where = f"{path.name}: rule {number}"
        if row["end"] not in ENDS:
            raise InputError(f"{where}: end is {row['end']!r}, allowed {', '.join(ENDS)}")
        if row["end"] in _STOPPING and not (row.get("alarms") and row.get("within_s")):
            raise InputError(f"{where}: end {row['end']!r} needs alarms and within_s")
        given: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
        }
        try:
            rules.append(Rule(**given))
        except TypeError as error:
            raise InputError(f"{where}: {error}") from None
    return Declared(
        columns=tuple(data["columns"]),
        modes={name: _mode(name, row) for name, row in data["mode"].items()},
        parameters=data["parameters"],
        rules=tuple(rules),
        limits={key: float(row["value"]) for key, row in data["limit"].items()},
        absent={(row["kind"], verb): row["why"] for row in data["absent"] for verb in row["verbs"]},
    )


def _mode(name: str, row: Mapping[str, Any]) -> Mode:
    given = dict(row)
    given["needs"] = tuple(int(each, 16) for each in given.get("needs", []))
    given["writes"] = {int(key, 16): value for key, value in given.get("writes", {}).items()}
    for key in ("settings", "knobs"):
        given.setdefault(key, {})
    return Mode(name=name, **given)
