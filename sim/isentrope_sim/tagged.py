"""A machine file's tables of `{ value, unit, source | prior }`, read strictly: errors name the key."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from isentrope_sim.errors import InputError


class TaggedTable:
    """A table of the machine file read key by key; what nobody read is an error."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values = values
        self._where = where
        self._read: list[str] = []

    def _fail(self, key: str, problem: str) -> NoReturn:
        raise InputError(f"{self._where}.{key} {problem}")

    def _take(self, key: str, wanted: str) -> Any:
        self._read.append(key)
        if key not in self._values:
            self._fail(key, f"is missing ({wanted})")
        return self._values[key]

    def has(self, key: str) -> bool:
        """Whether the file gives the key."""
        return key in self._values

    def number(self, key: str, unit: str, low: float, high: float) -> float:
        """The value of `{ value, unit, source | prior }` within [low, high]."""
        wanted = f"{unit}, {low:g} to {high:g}"
        entry = self._take(key, wanted)
        tags = [tag for tag in ("source", "prior") if isinstance(entry, dict) and entry.get(tag)]
        if not isinstance(entry, dict) or len(tags) != 1 or set(entry) != {"value", "unit", *tags}:
            self._fail(key, f"must be {{ value, unit, and one of source, prior }}, is {entry!r}")
        value = entry["value"]
        if entry["unit"] != unit:
            self._fail(key, f"has unit {entry['unit']!r}, needed {unit!r}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self._fail(key, f"is {value!r}, allowed {low:g} to {high:g} {unit}")
        return float(value)

    def choice(self, key: str, known: Iterable[str]) -> str:
        """A text among `known`."""
        names = sorted(known)
        value = self._take(key, ", ".join(names))
        if value not in names:
            near = difflib.get_close_matches(str(value), names, n=1) or names
            self._fail(key, f"is {value!r}, nearest known: {', '.join(near)}")
        return str(value)

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._take(key, "a text")
        if not isinstance(value, str) or not value:
            self._fail(key, f"is {value!r}, a text is wanted")
        return value

    @property
    def where(self) -> str:
        """What error messages call this table."""
        return self._where

    def tables(self, key: str) -> list[TaggedTable]:
        """The tables of `[[key]]`."""
        value = self._take(key, "tables")
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self._fail(key, f"is {value!r}, tables are wanted")
        return [TaggedTable(each, f"{self._where}.{key}[{n}]") for n, each in enumerate(value)]

    def names(self, key: str, known: Iterable[str]) -> tuple[str, ...]:
        """A list of names among `known`, each once."""
        allowed = sorted(known)
        value = self._take(key, f"a list of {', '.join(allowed)}")
        if not isinstance(value, list) or len(value) != len({*map(str, value)}):
            self._fail(key, f"is {value!r}, a list of names is wanted, each once")
        for name in value:
            if name not in allowed:
                near = difflib.get_close_matches(str(name), allowed, n=1) or allowed
                self._fail(key, f"has {name!r}, nearest known: {', '.join(near)}")
        return tuple(value)

    def flag(self, key: str) -> bool:
        value = self._take(key, "true or false")
        if not isinstance(value, bool):
            self._fail(key, f"is {value!r}, allowed true or false")
        return value

    def table(self, key: str) -> TaggedTable:
        value = self._take(key, "a table")
        if not isinstance(value, dict):
            self._fail(key, f"is {value!r}, a table is wanted")
        return TaggedTable(value, f"{self._where}.{key}")

    def numbers(self) -> dict[str, float]:
        """All keys with their values, whatever their units."""
        return {
            key: self.number(
                key, str(entry.get("unit")) if isinstance(entry, dict) else "", -math.inf, math.inf
            )
            for key, entry in self._values.items()
        }

    def finish(self) -> None:
        """Raise for the first key that nobody read."""
        for key in self._values:
            if key not in self._read:
                near = difflib.get_close_matches(key, self._read, n=1)
                self._fail(key, "is no known key" + (f", did you mean {near[0]}?" if near else ""))
