"""`isentrope fit` as a user meets it."""

import json
import re

import pytest
from isentrope_hil import newmachine
from isentrope_sim import comparison
from isentrope_sim.certified import certified_points
from isentrope_sim.machine import load_machine


@pytest.fixture
def quick(monkeypatch):
    """Whole cycles are compared elsewhere; here two hours of frost cost a tenth."""
    monkeypatch.setattr(
        comparison,
        "cycle_average",
        lambda *_, heating_w: {"cop": 0.5 * heating_w / 1e3, "defrost_loss": 0.1, "speed_rps": 50.0},
    )


def test_one_document_with_fitted_values_and_every_row(isentrope, quick):
    code, out, err = isentrope("fit", "ashp-r290-8kw", "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    (fitted,) = document["fitted"]
    assert (fitted["section"], fitted["key"]) == ("compressor", "efficiency_multiplier")
    assert fitted["low"] < fitted["value"] < fitted["high"]
    assert fitted["value"] == pytest.approx(fitted["file"], abs=1.5e-4)
    assert len(document["rows"]) == len(certified_points("ashp-r290-8kw"))
    for row in document["rows"]:
        assert row["dry_error"] == pytest.approx(100.0 * (row["dry_cop"] / row["cop"] - 1.0))
        assert (row["net_cop"] is None) == (row["source_c"] > 5.0)
        if row["use"] == "fit":
            assert abs(row["dry_error"]) < 0.1


def test_for_people(isentrope, quick):
    code, out, _ = isentrope("fit", "ashp-r290-8kw")
    assert code == 0
    assert re.search(r"compressor.efficiency_multiplier +0\.9\d+ +0\.9\d+ +0\.5 to 1\.5", out)
    assert re.search(r"EN14825 B A2/W30 +check +3500 +4\.20 +4\.\d\d +\+1\d\.\d % +1\.75 +-58\.3 %", out)


def test_a_machine_without_certificate_is_one_line(isentrope, tmp_path):
    path = newmachine.make("mine", "ashp-r290-8kw", tmp_path)
    code, out, err = isentrope("fit", str(path))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "'mine' has 0 fit rows" in err


def test_a_heat_beyond_the_machine_is_a_note():
    (row,) = certified_points("ashp-r290-8kw", "fit")
    made = comparison.compare(load_machine("ashp-r290-8kw"), type(row)(**(vars(row) | {"heating_w": 5e4})))
    assert made["dry_cop"] is None
    assert "this point allows" in made["note"]
