"""Fits a machine to its one fit row, and shows it beside all certified rows: `isentrope fit ashp-r290-8kw`.

The row holds one number the model does not follow by itself (the speed follows the capacity): its COP. So
one value is fitted, the multiplier on the compressor's motor efficiency; everything else is a prior or has a
source.
"""

import dataclasses
import sys
from collections.abc import Callable
from typing import Any

from isentrope_sim.certified import CertifiedPoint, certified_points
from isentrope_sim.comparison import compare
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.parameters import VALUES
from isentrope_sim.steady import solve

FITTED = "efficiency_multiplier"
DIGITS = 4  # of the value written into the file: 0.005 % of COP


def with_value(machine: Machine, name: str, value: float) -> Machine:
    """The machine with one value changed."""
    return dataclasses.replace(machine, values=machine.values | {name: value})


def fit(machine: Machine) -> Machine:
    """The machine with its efficiency multiplier fitted by secant on the fit row's COP.

    Raises InputError if the machine has not exactly one fit row, or the row cannot be met.
    """
    row = fit_row(machine)

    def miss(multiplier: float) -> float:
        trial = with_value(machine, FITTED, multiplier)
        return solve(trial, row.source_c, row.sink_out_c, heating_w=row.heating_w)["cop"] - row.cop

    a, b = 1.0, 1.03
    miss_a, miss_b = miss(a), miss(b)
    for _ in range(12):
        a, b, miss_a = b, b - miss_b * (b - a) / (miss_b - miss_a), miss_b
        miss_b = miss(b)
        if abs(miss_b) < 1e-6 * row.cop:
            return with_value(machine, FITTED, round(b, DIGITS))
    raise InputError(
        f"machine {machine.name!r}: COP {row.cop} of the fit row cannot be met, reached off by {miss_b:.3f}"
    )


def fit_row(machine: Machine) -> CertifiedPoint:
    """The one row the machine is fitted on. Raises InputError if it has none, or several."""
    rows = certified_points(machine.name, "fit")
    if len(rows) != 1:
        raise InputError(
            f"machine {machine.name!r} has {len(rows)} fit rows in certified_points.csv, needed 1"
        )
    return rows[0]


def document(machine: Machine, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """The fit and every certified row, as the JSON document of `isentrope fit`.

    Keys: machine; fitted: section, key, unit, value as fitted now, file (as the file has it), low, high;
    rows: see `comparison.compare`, of the machine as fitted now. `progress` is told (rows done, rows in all).
    Raises InputError as `fit`.
    """
    fitted = fit(machine)
    rows = certified_points(machine.name)
    made = []
    for done, row in enumerate(rows):
        if progress:
            progress(done, len(rows))
        made.append(compare(fitted, row))
    values = [v for v in VALUES if machine.tags.get(v.name) == "fitted" or v.name == FITTED]
    return {
        "machine": machine.name,
        "fitted": [
            {
                "section": v.section,
                "key": v.key,
                "unit": v.unit,
                "value": fitted.values[v.name],
                "file": machine.values[v.name],
                "low": v.low,
                "high": v.high,
            }
            for v in values
        ],
        "rows": made,
    }


def main(argv: list[str]) -> int:
    """Print each named machine's fitted value."""
    for name in argv:
        print(f"{name}: compressor.{FITTED} = {fit(load_machine(name)).values[FITTED]:.{DIGITS}f}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except InputError as error:
        sys.exit(f"error: {error}")
