"""The validation page's defrosts by the firmware, and how the page shows them."""

import os

import pytest
from isentrope_hil import defrosts
from isentrope_sim.validation import frost, page


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_defrost_on_both_buffers():
    found = defrosts.measure("ashp-r290-8kw", 4600.0)
    assert found["note"] == ""
    large, small = found["rows"]
    assert (large["buffer"], small["buffer"]) == frost.BUFFERS
    for row in found["rows"]:
        assert row["frost_kg"] > 0.8 and row["left_kg"] < 0.1
        assert 60.0 < row["melting_s"] < row["whole_s"] < 300.0
    assert frost.SWING_K[0] <= large["supply_k"] <= frost.SWING_K[1] < small["supply_k"]


def test_what_cannot_be_run_says_why():
    assert "inverter" in defrosts.measure("ashp-r290-fixed", 4000.0)["note"]
    assert "'ashp'" in defrosts.measure("ashp", 4000.0)["note"]


def row(supply_k, melting_s):
    return {"buffer": 25.0, "frost_kg": 1.0, "melting_s": melting_s, "supply_k": supply_k, "coldest_c": 20.0}


def test_the_page_marks_the_first_buffer_alone():
    cold = {"note": "", "heating_w": 4600.0, "defrost_loss": 0.1, "melting_s": 200.0}
    document = {
        "rows": [],
        "capacity": [],
        "season": None,
        "superheat": [],
        "tespy": [],
        "grid": {"cop": [4.0, 4.0]},
        "frost": cold | {"swings": [row(3.2, 200.0), row(20.0, 100.0)]},
        "firmware": {"note": "", "rows": [row(2.0, 120.0), row(12.0, 110.0)]},
    }
    assert page.misses(document) == ["swing of the supply", "melting time, firmware"]
    lines = [line for line in page._swings(document).splitlines() if "l/kW |" in line]
    assert [line.count("✗") for line in lines] == [1, 0, 1, 0]
    assert page._swings(document | {"frost": cold | {"swings": []}}) == ""
