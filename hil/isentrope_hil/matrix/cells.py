"""The cells there are: every signal of a machine and what else can fail, by every verb, in every mode."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isentrope_sim import faults

from isentrope_hil.matrix.declared import Declared

PLANT = "plant"


@dataclass(frozen=True)
class Cell:
    """One fault in one mode; `absent` says why there is no such fault, "": there is."""

    mode: str
    target: str
    kind: str
    verb: str
    absent: str = ""

    @property
    def fault(self) -> str:
        """The verb, without the sign of its size."""
        return self.verb.rstrip("-")

    @property
    def name(self) -> str:
        return f"{self.mode}/{self.target}/{self.verb}"


def targets(profile: Mapping[str, Any]) -> dict[str, str]:
    """Everything of a machine that can fail, and its kind; sensors first."""
    found = {row["name"]: faults.kind_of(row) for row in profile["io"] if row["dir"] == "in"}
    found |= {row["name"]: faults.kind_of(row) for row in profile["io"] if row["dir"] == "out"}
    return found | {faults.SUPPLY: faults.SUPPLY, faults.LINK: faults.LINK, PLANT: PLANT}


def verbs(kind: str, columns: Sequence[str]) -> list[str]:
    """The columns of the grid that a kind has a cell in, then the verbs that it alone has."""
    if kind == PLANT:
        return list(faults.PLANT)
    own = [verb for verb in faults.TABLE[kind] if verb not in columns]
    if kind == "thermistor":
        own.remove("open")  # what `off` is
    if kind == "contact":
        own.remove("open")
    return [*columns, *own]


def every(profile: Mapping[str, Any], declared: Declared, modes: Sequence[str]) -> list[Cell]:
    """All cells, mode by mode."""
    found = []
    for mode in modes:
        for target, kind in targets(profile).items():
            for verb in verbs(kind, declared.columns):
                plain = verb.rstrip("-")
                absent = declared.absent.get((kind, plain), "") or declared.absent.get((target, plain), "")
                found.append(Cell(mode, target, kind, verb, absent))
    return found


def sample(cells: Sequence[Cell], count: int, seed: int) -> list[Cell]:
    """`count` of the cells in which there is a fault, the same ones for the same seed, in their order."""
    real = [cell for cell in cells if not cell.absent]
    chosen = random.Random(seed).sample(range(len(real)), min(count, len(real)))
    return [real[place] for place in sorted(chosen)]
