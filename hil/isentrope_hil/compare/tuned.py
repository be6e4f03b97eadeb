"""The parameters that retuning found, as the package's data: `tuned.toml`, machine by machine, law by law."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from isentrope_sim.errors import InputError

from isentrope_hil.compare.laws import law

FILE = Path(__file__).with_name("tuned.toml")

HEAD = """\
# What retuning found for every law: `isentrope compare --tune` writes this, `isentrope compare` judges it.
# cost: on the seeds tuned on (trial.py in this folder), K s; default_cost: the same of the defaults.
"""


@dataclass(frozen=True)
class Tuned:
    """A law's parameters on one machine, what they cost where they were found, and after how many trials."""

    values: Mapping[str, float]
    cost: float
    default_cost: float
    trials: int


def read(path: Path = FILE) -> dict[tuple[str, str], Tuned]:
    """By machine and law. Raises InputError for a file that cannot be used, naming it and the key."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: {error}") from None
    tuned = {}
    for machine, laws in found.items():
        for name, row in laws.items():
            spec = law(name)
            try:
                values = spec.values(row["values"])
                tuned[machine, name] = Tuned(values, row["cost"], row["default_cost"], row["trials"])
            except KeyError as error:
                raise InputError(f"{path}: {machine}.{name}: {error.args[0]} is missing or unknown") from None
    return tuned


def write(tuned: Mapping[tuple[str, str], Tuned], path: Path = FILE) -> None:
    """Replaces the file. Raises InputError where that fails."""
    lines = [HEAD]
    for (machine, name), row in tuned.items():
        lines.append(f'["{machine}".{name}]')
        lines.append(f"cost = {row.cost:.1f}")
        lines.append(f"default_cost = {row.default_cost:.1f}")
        lines.append(f"trials = {row.trials}")
        inner = ", ".join(f"{key} = {float(value)!r}" for key, value in row.values.items())
        lines.append(f"values = {{ {inner} }}\n")
    try:
        path.write_text("\n".join(lines), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
