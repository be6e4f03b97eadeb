"""Reading a TOML file strictly: every key is read with its type and bounds, a key nobody read is an error.

Errors are `InputError`s of one line: file, line, key, value, and what is allowed.
"""

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from isentrope_sim.errors import InputError

Key = str | int

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_ASSIGN = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+)\s*=")
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(h|min|m|s)")
_DURATION = re.compile(r"(\d+(\.\d+)?\s*(h|min|m|s)\s*)+")
_SECONDS = {"h": 3600.0, "min": 60.0, "m": 60.0, "s": 1.0}


def nearest(name: str, known: Iterable[str], most: int = 3) -> str:
    """The known names closest to `name`, as "did you mean ...", or the list of all when it is short."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=most, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(f"'{each}'" for each in close) + "?"
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"known: {shown}" if names else "none is known"


def duration_s(value: object) -> float:
    """Seconds of a duration: a number of seconds, or text such as "90 s", "20min", "1h05m", "1h 5min 30s".

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if isinstance(value, str) and _DURATION.fullmatch(value.strip()):
        return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(value))
    raise ValueError('a duration is seconds or text such as "90 s", "20min", "1h05m"')


def line_of(text: str, path: tuple[Key, ...]) -> int | None:
    """The line (from 1) on which the key at `path` stands, or the deepest part of it that is to be found."""
    counts: dict[str, int] = {}
    prefix: tuple[Key, ...] = ()
    best, best_depth = None, 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            names = tuple(part.strip(" \"'") for part in header[2].split("."))
            if header[1] == "[[":
                name = ".".join(names)
                counts[name] = counts.get(name, -1) + 1
                prefix = (*names, counts[name])
            else:
                prefix = names if names[0] not in counts else (names[0], counts[names[0]], *names[1:])
            found = prefix
        elif assign := _ASSIGN.match(line):
            found = (*prefix, *(part.strip("\"'") for part in assign[1].split(".")))
        else:
            continue
        if len(found) > best_depth and path[: len(found)] == found:
            best, best_depth = number, len(found)
    return best


class Table:
    """One table of a TOML file, read key by key; `finish` rejects what nobody read."""

    def __init__(self, values: dict[str, Any], source: str, text: str, path: tuple[Key, ...] = ()) -> None:
        self._values = values
        self._source = source
        self._text = text
        self._path = path
        self._read: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    @property
    def source_text(self) -> str:
        """The whole file as read."""
        return self._text

    @property
    def folder(self) -> Path:
        """The folder of the file."""
        return Path(self._source).parent

    def value(self, key: str) -> Any:
        """The value as it stands, unchecked."""
        return self._take(key, _REQUIRED)

    def message(self, key: str | None, problem: str) -> str:
        """One line about `key` (None: about the table itself): file, line, key, value and the problem."""
        path = self._path if key is None else (*self._path, key)
        line = line_of(self._text, path)
        where = self._source if line is None else f"{self._source}, line {line}"
        name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        shown = f": {name}" if name else ""
        if key is not None and key in self._values:
            shown += f" = {self._values[key]!r}"
        return f"{where}{shown}: {problem}"

    def fail(self, key: str | None, problem: str) -> NoReturn:
        """Raise an `InputError` with that line."""
        raise InputError(self.message(key, problem))

    def _take(self, key: str, default: Any) -> Any:
        self._read.append(key)
        if key in self._values:
            return self._values[key]
        if default is _REQUIRED:
            self.fail(key, "the key is missing")
        return default

    def number(
        self,
        key: str,
        low: float = -math.inf,
        high: float = math.inf,
        default: Any = None,
        required: bool = False,
    ) -> Any:
        """A finite float within [low, high]; `default` when absent."""
        value = self._take(key, _REQUIRED if required else default)
        if key not in self._values:
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            self.fail(key, f"a number is wanted, {bounds(low, high)}")
        if not low <= value <= high:
            self.fail(key, f"allowed {bounds(low, high)}")
        return float(value)

    def integer(self, key: str, low: int, high: int, default: int) -> int:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fail(key, f"a whole number is wanted, {low} to {high}")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false; `default` when absent."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self.fail(key, "true or false is wanted")
        return bool(value)

    def text(self, key: str, default: Any = None, required: bool = False) -> Any:
        value = self._take(key, _REQUIRED if required else default)
        if key in self._values and (not isinstance(value, str) or not value.strip()):
            self.fail(key, "a text is wanted")
        return value

    def duration(
        self, key: str, low: float = 0.0, high: float = math.inf, default: Any = None, required: bool = False
    ) -> Any:
        """A duration in s (see `duration_s`) within [low, high] seconds."""
        value = self._take(key, _REQUIRED if required else default)
        if key not in self._values:
            return value
        seconds: float = self.parsed(key, duration_s)
        if not low <= seconds <= high:
            self.fail(key, f"allowed {bounds(low, high)} s")
        return seconds

    def choice(self, key: str, known: Iterable[str], default: Any = None, required: bool = False) -> Any:
        value = self.text(key, default, required)
        names = list(known)
        if key in self._values and value not in names:
            self.fail(key, f"unknown; {nearest(value, names)}")
        return value

    def parsed(
        self, key: str, parse: Callable[[Any], Any], default: Any = None, required: bool = False
    ) -> Any:
        """The value through `parse`, whose ValueError becomes an `InputError` at this key."""
        value = self._take(key, _REQUIRED if required else default)
        if key not in self._values:
            return value
        try:
            return parse(value)
        except ValueError as error:
            self.fail(key, str(error))

    def table(self, key: str) -> "Table":
        """The sub-table `key`; empty when absent."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            self.fail(key, "a table is wanted")
        return Table(value, self._source, self._text, (*self._path, key))

    def tables(self, key: str) -> list["Table"]:
        """The array of tables `key`; empty when absent."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.fail(key, f"an array of tables [[{key}]] is wanted")
        return [
            Table(each, self._source, self._text, (*self._path, key, place))
            for place, each in enumerate(value)
        ]

    def finish(self) -> None:
        """Raise for the first key that nobody read."""
        for key in self._values:
            if key not in self._read:
                self.fail(key, f"unknown key; {nearest(key, dict.fromkeys(self._read))}")


_REQUIRED = object()


def bounds(low: float | None, high: float | None) -> str:
    """A range in words: "3 to 9", "at least 3", "at most 9", "exactly 2", "any"."""
    low_open = low is None or low == -math.inf
    high_open = high is None or high == math.inf
    if low_open and high_open:
        return "any"
    if high_open:
        return f"at least {low:g}"
    if low_open:
        return f"at most {high:g}"
    return f"{low:g} to {high:g}" if low != high else f"exactly {low:g}"


def read(path: Path) -> Table:
    """The top table of a TOML file.

    Raises:
        InputError: it cannot be read, is not UTF-8 or is not TOML (with the line).
    """
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None
    try:
        return Table(tomllib.loads(text), str(path), text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not TOML: {error}") from None
