"""Fits a machine to its one fit row and prints the value: `python -m isentrope_sim.fit ashp-r290-8kw`.

The row holds one number the model does not follow by itself (the speed follows the capacity): its COP. So
one value is fitted, the multiplier on the compressor's motor efficiency; everything else is a prior or has a
source.
"""

import dataclasses
import sys

from isentrope_sim.certified import certified_points
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine, load_machine
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
    rows = certified_points(machine.name, "fit")
    if len(rows) != 1:
        raise InputError(
            f"machine {machine.name!r} has {len(rows)} fit rows in certified_points.csv, needed 1"
        )
    row = rows[0]

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
