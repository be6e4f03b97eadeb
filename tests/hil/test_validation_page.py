"""docs/validation.md is of the machines and certificates as they are; `--check` recomputes it."""

import re
from pathlib import Path

import pytest
from isentrope_sim.certified import certified_machines, certified_points
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine, machine_names
from isentrope_sim.validation import page, points

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation.md"
TEXT = PAGE.read_text(encoding="utf-8")
AGAIN = "run make validation"


def section(name):
    return TEXT.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_every_machine_has_its_section():
    assert re.findall(r"^## (.*)$", TEXT, re.MULTILINE) == machine_names(), AGAIN


@pytest.mark.parametrize("name", machine_names())
def test_every_certified_row_is_there_with_the_dry_cop_of_today(name):
    rows = [line.split(" | ") for line in section(name).splitlines() if line.startswith("| EN14")]
    certified = certified_points(name)
    assert [row[0].removeprefix("| ").removesuffix(" (fit)") for row in rows] == [c.test for c in certified]
    for row, point in zip(rows, certified, strict=True):
        assert float(row[3]) == pytest.approx(point.cop)
        dry = points.dry_point(load_machine(name), point)[0]["cop"]
        assert float(row[4]) == pytest.approx(dry, abs=0.0101), AGAIN
        error = float(row[7].removesuffix(" ✗").removesuffix(" %"))
        assert error == pytest.approx(100.0 * (float(row[6]) / point.cop - 1.0), abs=0.3)
        assert row[7].endswith("✗") == (abs(error) > 100.0 * points.bar(point))


def test_certificates_without_a_machine_are_named():
    for name in set(certified_machines()) - set(machine_names()):
        assert name in TEXT.partition("\n## ")[0], AGAIN


def test_plots_are_there_and_small():
    plots = re.findall(r"!\[.*\]\((.*)\)", TEXT)
    assert plots
    for name in plots:
        assert 1_000 < (PAGE.parent / name).stat().st_size < 20_000 * len(machine_names()), name


def test_differences_sees_a_changed_number_and_forgives_the_last_place():
    assert page.differences(TEXT, TEXT) == []
    line = "| SCOP | 4.48 | +1.0 % |"
    assert page.differences(line, "| SCOP | 4.49 | +1.1 % |") == []
    assert page.differences(line, "| SCOP | 4.50 | +1.0 % |") != []
    assert page.differences(line, "| SCOP | 4.48 | +1.0 % ✗ |") != []
    assert page.differences(line, line + "\n") == [] and page.differences(line, line + "\nmore") != []


def test_misses_names_what_is_outside():
    row = {"test": "EN14511", "cop": 4.0, "certified_cop": 5.0, "bar": 0.07}
    bare = {"rows": [row], "capacity": [], "season": None, "superheat": [], "tespy": []}
    document = bare | {"frost": {"note": "none"}, "grid": {"cop": [4.0, 4.1]}}
    assert page.misses(document) == ["EN14511", "grid"]


def test_mistakes_are_one_line(tmp_path):
    from isentrope_hil.cli_validate import validate

    for options, says in (
        ({"out": tmp_path / "page.txt"}, "is a .md file"),
        ({"out": tmp_path / "no" / "page.md"}, "there is no folder"),
        ({"check": tmp_path / "page.md"}, "there is no such file"),
        ({"machines": ["ashp"]}, "'ashp' not found"),
    ):
        with pytest.raises(InputError, match=says):
            validate(**options)
