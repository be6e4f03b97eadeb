"""Seeded defects: exact replacements in the firmware's text, and what must notice each (mutants.toml)."""

from __future__ import annotations

import random
import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from isentrope_sim.errors import InputError

from isentrope_hil import resources

FILE = Path(__file__).with_name("mutants.toml")
SCENARIO, CELL = "scenario", "cell"


@dataclass(frozen=True)
class Mutant:
    """One defect.

    Attributes:
        file: in the firmware's package; old, new: the text that is replaced, which must be there once.
        what: the mistake it stands for.
        probe: "scenario:NAME" of this package or of the installation, or "cell:MODE/TARGET/VERB".
        reason: ids of the requirements of which one must fail; of a cell, parts of the note of which one must
            be in it.
    """

    name: str
    file: str
    old: str
    new: str
    what: str
    probe: str
    reason: tuple[str, ...]


def read(path: Path = FILE) -> list[Mutant]:
    """The list. Raises InputError: one line with what is wrong where."""
    with path.open("rb") as file:
        rows = tomllib.load(file)["mutant"]
    found = []
    for row in rows:
        try:
            found.append(Mutant(**{**row, "reason": tuple(row["reason"])}))
        except (TypeError, KeyError) as error:
            raise InputError(f"{path.name}: mutant {row.get('name')!r}: {error}") from None
        if found[-1].probe.partition(":")[0] not in (SCENARIO, CELL):
            raise InputError(f"{path.name}: mutant {found[-1].name!r}: probe {found[-1].probe!r} is none")
    names = [each.name for each in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{path.name}: two mutants are named {', '.join(twice)}")
    return found


def sample(mutants: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """`count` of them, the same for the same seed, in their order."""
    chosen = random.Random(seed).sample(range(len(mutants)), min(count, len(mutants)))
    return [mutants[place] for place in sorted(chosen)]


def changed(mutant: Mutant, firmware: Path) -> str:
    """The text of the mutant's file with the defect in it.

    Raises:
        InputError: its old text is not there exactly once, or nothing would change.
    """
    path = firmware / "isentrope" / mutant.file
    where = f"mutant {mutant.name!r}: {mutant.file}"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{where}: {error.strerror}") from None
    count = text.count(mutant.old)
    if count != 1 or mutant.old == mutant.new:
        raise InputError(f"{where} has its old text {count} times, needed once: {mutant.old!r}")
    return text.replace(mutant.old, mutant.new)


def apply(mutant: Mutant, folder: Path) -> Path:
    """A copy of the firmware with the defect, made in `folder`; its path."""
    made = folder / "firmware"
    source = resources.root("firmware")
    text = changed(mutant, source)
    shutil.copytree(source, made, ignore=shutil.ignore_patterns("__pycache__"))
    (made / "isentrope" / mutant.file).write_text(text, encoding="utf-8")
    return made
