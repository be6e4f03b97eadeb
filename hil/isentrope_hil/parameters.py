"""A controller's settings from outside: files, what would change, all checked before any is written."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil import catalogue
from isentrope_hil.attach import CONTRADICTS, Attached, Declined
from isentrope_hil.errors import unknown
from isentrope_hil.signals import LEVELS, Signal, Table

# What a board is, not how its machine is tuned: exported when asked for by name.
OF_THE_BOARD = ("commissioned", "bench_enable")


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that gets another value, both in its unit."""

    name: str
    before: float
    after: float
    unit: str
    level: str

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.name}: {self.before:g}{unit} -> {self.after:g}{unit} ({self.level})"


def assignments(words: Iterable[str]) -> dict[str, float]:
    """NAME=VALUE, each once. InputError names the word that is none."""
    found: dict[str, float] = {}
    for word in words:
        name, equals, text = word.partition("=")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not equals or not name or not math.isfinite(value):
            raise InputError(f"{word!r} is not NAME=VALUE with a number, as in superheat_setpoint=7.5")
        if name in found:
            raise InputError(f"{name!r} is given twice")
        found[name] = value
    return found


def read(path: Path) -> dict[str, float]:
    """The settings of a .toml or .json file as `text` writes it; InputError says what is wrong with it."""
    try:
        raw = path.read_text(encoding="utf-8")
        document = json.loads(raw) if path.suffix == ".json" else tomllib.loads(raw)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: is neither TOML nor, named .json, JSON: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("settings"), dict):
        raise InputError(f"{path}: has no table [settings]; isentrope settings export makes such a file")
    if strange := sorted(set(document) - {"settings", "of"}):
        raise InputError(f"{path}: unknown key {strange[0]!r}; allowed are of and settings")
    values: dict[str, float] = {}
    for name, value in document["settings"].items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(f"{path}: settings.{name} is {value!r}, not a number")
        values[name] = float(value)
    return values


def text(values: Mapping[str, float], table: Table, of: Mapping[str, str], as_json: bool) -> str:
    """A file that `read` takes: `of` says which board's they are."""
    if as_json:
        return json.dumps({"of": dict(of), "settings": dict(values)}, indent=1) + "\n"
    lines = ["[of]", *(f"{key} = {json.dumps(value)}" for key, value in of.items()), "", "[settings]"]
    for name, value in values.items():
        lines.append(f"{name} = {value:g}  # {described(table.of('setting')[name])}")
    return "\n".join(lines) + "\n"


def described(signal: Signal) -> str:
    """Range, unit and level of a setting, in words."""
    return f"{allowed(signal)}, {LEVELS[signal.level]}"


def allowed(signal: Signal) -> str:
    """The range of a setting, with its unit."""
    return f"{signal.physical(signal.low):g} to {signal.physical(signal.high):g} {signal.unit}".rstrip()


def changes(
    table: Table, now: Mapping[str, float], wanted: Mapping[str, float], level: str, source: str = ""
) -> list[Change]:
    """What would change, once everything that is wanted has been found to be allowed.

    Args:
        table: the board's signals.
        now, wanted: values by name, in units; what is not wanted stays.
        level: the highest that may be changed, of LEVELS.
        source: where the wanted values come from, for messages.

    Raises:
        InputError: every name that is unknown, value out of its range, level that is too high and pair that
            contradicts itself, in one line.
    """
    known = table.of("setting")
    where = f"{source}: " if source else ""
    wrong: list[str] = []
    found: list[Change] = []
    after = dict(now)
    for name, value in wanted.items():
        signal = known.get(name)
        if signal is None:
            wrong.append(str(unknown("setting", name, known)))
            continue
        try:
            value = signal.physical(signal.raw(value))
        except InputError as error:
            wrong.append(str(error))
            continue
        after[name] = value
        if value == now[name]:
            continue
        if signal.level > LEVELS.index(level):
            wrong.append(f"setting {name!r} is the {LEVELS[signal.level]}'s: --as {LEVELS[signal.level]}")
        found.append(Change(name, now[name], value, signal.unit, LEVELS[signal.level]))
    changed = {change.name for change in found}
    for name, other in catalogue.ties().items():
        both = name in after and other in after
        if both and after[name] > after[other] and {name, other} & changed:
            unit = known[name].unit
            wrong.append(
                f"settings {name!r} and {other!r} contradict each other: {after[name]:g} {unit} is above "
                f"{after[other]:g} {unit}"
            )
    if wrong:
        raise InputError(where + "; ".join(wrong))
    return found


def write(board: Attached, wanted: Iterable[Change]) -> None:
    """Writes what `changes` found, in an order in which no two of them contradict one another on the way.

    Raises:
        InputError: the board refused one all the same; those written before have their old values back.
    """
    left = list(wanted)
    done: list[Change] = []
    try:
        while left:
            later: list[Change] = []
            for change in left:
                try:
                    board.write(change.name, change.after)
                except Declined as declined:
                    if declined.result != CONTRADICTS:
                        raise
                    later.append(change)
                    refused = declined
                else:
                    done.append(change)
            if len(later) == len(left):
                raise refused
            left = later
    except InputError as error:
        _undo(board, done)
        raise InputError(f"{error}; nothing was changed") from None


def _undo(board: Attached, done: list[Change]) -> None:
    """Backwards, each step leads to what has been there before."""
    for change in reversed(done):
        board.write(change.name, change.before)


def document(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """The changes as JSON has them."""
    return [
        {
            "name": each.name,
            "before": each.before,
            "after": each.after,
            "unit": each.unit,
            "level": each.level,
        }
        for each in changes
    ]
