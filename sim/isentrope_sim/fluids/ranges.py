"""Which refrigerants there are and the range of each: `ranges.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from isentrope_sim.errors import InputError

FILE = Path(__file__).parent / "ranges.toml"
KINDS = ("pure", "blend")


class Range(NamedTuple):
    """One section of `ranges.toml`, where the keys are explained; SI units."""

    name: str
    equation: str
    kind: str
    p_min: float
    p_max: float
    t_min: float
    t_max: float
    t_board: float
    why: str
    t_crit: float | None = None
    p_crit: float | None = None


@cache
def load(path: Path = FILE) -> dict[str, Range]:
    """Every fluid by name; InputError names file, section and key of what is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name}: {error}") from None
    return {name: _checked(path.name, name, section) for name, section in data.items()}


def of(name: str) -> Range:
    """The range of one fluid; InputError if there is none."""
    known = load()
    if name not in known:
        raise InputError(f"refrigerant {name!r}: not in {FILE.name}, known are {', '.join(sorted(known))}")
    return known[name]


def _checked(file: str, name: str, section: object) -> Range:
    where = f"{file}: [{name}]"
    if not isinstance(section, dict):
        raise InputError(f"{where}: a section is needed, one value is given")
    kind = section.get("kind")
    if kind not in KINDS:
        raise InputError(f"{where}: kind is {kind!r}, allowed are {', '.join(KINDS)}")
    wanted = set(Range._fields) - {"name"} - (set() if kind == "blend" else {"t_crit", "p_crit"})
    for key in sorted(wanted ^ set(section)):
        raise InputError(
            f"{where}: {key} is {'missing' if key in wanted else 'not a key of a ' + kind + ' fluid'}"
        )
    for key in sorted(wanted - {"kind", "equation", "why"}):
        value = section[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0.0:
            raise InputError(f"{where}: {key} is {value!r}, allowed is a number above 0")
    for low, high in (("p_min", "p_max"), ("t_min", "t_max")):
        if section[low] >= section[high]:
            raise InputError(f"{where}: {low} is {section[low]:g}, allowed is under {high} {section[high]:g}")
    return Range(name=name, **section)
