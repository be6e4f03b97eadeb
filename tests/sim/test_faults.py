"""Faults as they are declared, and those of a plant that has them or not."""

import pytest
from isentrope_sim import faults
from test_rig import ROWS

KINDS = {row["name"]: faults.kind_of(row) for row in ROWS} | {
    faults.SUPPLY: faults.SUPPLY,
    faults.LINK: faults.LINK,
}


class Circuit:
    """A plant that offers the parameters of `faults.PLANT`."""

    fault_parameters = tuple(row.parameter for row in faults.PLANT.values())


@pytest.mark.parametrize("name", faults.PLANT)
def test_a_plant_fault_is_refused_with_its_need_until_the_plant_offers_it(name):
    fault = faults.check("plant", name, {faults.PLANT[name].key: faults.PLANT[name].limits.high}, KINDS)
    missing = faults.unmet(fault, object())
    assert f"plant fault {name!r} needs " in missing and faults.PLANT[name].parameter in missing
    assert faults.unmet(fault, Circuit()) == ""


def test_plant_faults_reach_the_plant_in_si():
    assert faults.plant_setting(faults.check("plant", "charge-loss", {"kg_h": 3.6}, {})) == (
        "leak_kg_s",
        pytest.approx(1e-3),
    )
    assert faults.plant_setting(faults.check("plant", "non-condensables", {"kpa": 20.0}, {})) == (
        "inert_pa",
        20e3,
    )
    assert faults.plant_setting(faults.check("plant", "reversing-stuck", {}, {})) == ("slide_position", 0.5)


def test_every_kind_of_signal_has_rows_and_every_row_a_meaning():
    assert set(KINDS.values()) == set(faults.TABLE)
    for rows in faults.TABLE.values():
        for row in rows.values():
            assert row.meaning
            for parameter in row.parameters.values():
                assert parameter.low < parameter.high and parameter.unit
