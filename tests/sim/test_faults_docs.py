"""docs/faults.md has every row of the tables, with its ranges."""

import math
from pathlib import Path

from isentrope_sim import faults

TEXT = (Path(__file__).parents[2] / "docs" / "faults.md").read_text()


def span(parameter):
    unit = "" if parameter.unit == "1" else f" {parameter.unit}"
    default = "" if parameter.default is None else f" ({parameter.default:g})"
    return f"{parameter.low:g} to {parameter.high:g}{unit}{default}"


def test_every_verb_of_every_kind_of_target():
    wanted = [
        f"| {kind} | `{verb}`: {row.meaning} | "
        f"{', '.join(f'`{key}` {span(parameter)}' for key, parameter in row.parameters.items())} |"
        for kind, rows in faults.TABLE.items()
        for verb, row in rows.items()
    ]
    found = [
        line for line in TEXT.splitlines() if line.startswith(tuple(f"| {kind} |" for kind in faults.TABLE))
    ]
    assert found == wanted


def test_every_fault_of_the_plant():
    for name, row in faults.PLANT.items():
        sound = "none" if math.isnan(row.nominal) else f"{row.nominal:g}"
        line = f"| `{name}`: {row.meaning} | `{row.key}` | {span(row.limits)} | `{row.parameter}`, {sound} |"
        assert line in TEXT
