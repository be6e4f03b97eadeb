"""docs/valves.md: the catalogue's valves, the driver each wants, and where each number is from."""

import dataclasses

import pytest
from isentrope_hil import boarddocs, valvedocs
from isentrope_sim.valves import catalogue, load_valve

PAGE = (boarddocs.DOCS / "valves.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_valve_has_its_rows_and_origins(name):
    valve = load_valve(name)
    rows = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
    assert len(rows) == 2
    section = PAGE[PAGE.index(f"### {name}\n") :].split("### ")[1]
    for key, tag in valve.tags.items():
        line = next(line for line in section.splitlines() if line.startswith(f"| {key} |"))
        assert line.endswith(f"{next(iter(tag.values()))} |")


@pytest.mark.parametrize(
    ("coil", "resistance_ohm", "phase_ma", "words"),
    [
        ("unipolar", 46, 260, "array"),
        ("bipolar", 100, 120, "plain bridges"),  # 12 V over 100 ohm is the rated current
        ("bipolar", 80, 120, "plain bridges"),  # a quarter more
        ("bipolar", 79, 120, "current limit 120 mA"),
        ("bipolar", 0, 120, "as its data sheet says"),
        ("bipolar", 100, 0, "as its data sheet says"),
    ],
)
def test_the_driver_follows_from_the_coil(coil, resistance_ohm, phase_ma, words):
    valve = dataclasses.replace(
        load_valve("generic-3000"), coil=coil, resistance_ohm=resistance_ohm, phase_ma=phase_ma, supply_v=12
    )
    assert valvedocs.driver(valve) == words


def test_what_is_not_known_is_not_shown_as_a_number():
    assert "| phase_ma | not known |" in PAGE and "| phase_ma | 0" not in PAGE
