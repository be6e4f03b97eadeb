"""What the validation page compares: seasons at equal heat, full capacities, certificates with each other."""

import pytest
from isentrope_sim import steady
from isentrope_sim.certified import certified_points, certified_season
from isentrope_sim.machine import load_machine
from isentrope_sim.rating.part_load import cycling_water
from isentrope_sim.rating.rate import rate
from isentrope_sim.validation import carnot, points, seasons

NAMES = ["ashp-r290-8kw", "ashp-r32-9kw", "ashp-r410a-evi-16kw", "ashp-r454b-4kw"]
R32 = load_machine("ashp-r32-9kw")


def rows_of(machine, factor=1.0):
    """Its certified rows, met with a factor on COP."""
    return [
        {"test": p.test, "heating_w": p.heating_w, "certified_cop": p.cop, "cop": factor * p.cop}
        for p in certified_points(machine.name)
    ]


@pytest.fixture
def without_frost(monkeypatch):
    def dry(machine, climate, application, **options):
        return rate(machine, climate, application, solver=steady.solve)

    monkeypatch.setattr(seasons, "rate", dry)


@pytest.mark.parametrize("name", NAMES)
def test_certified_rows_give_the_certified_scop(name):
    """1.2 % over it without degradation at most, 4 % under it with the standard's own at most."""
    machine, certified = load_machine(name), certified_season(name, "average", 35)
    found = [(p.test, p.heating_w, p.cop) for p in certified_points(name)]
    low, high = (seasons.by_rows(machine, certified, found, each) for each in (0.9, 1.0))
    assert 0.96 * certified.scop < low < 1.001 * certified.scop
    assert certified.scop <= 1.001 * high < 1.013 * certified.scop


def test_both_sides_are_at_the_same_heat(without_frost):
    document = seasons.season(R32, rows_of(R32), lambda text: None)
    assert document["scop_by_rows"] == document["certified_scop_by_rows"][0]
    c, d = (next(p for p in document["points"] if p["name"] == name) for name in "CD")
    assert c["load_w"] == pytest.approx(2700.0)
    # The certificate cycles at 4300 W; the model turns down to the load and does not.
    assert c["certified_bin"] == pytest.approx(cycling_water(6.50, 2700.0 / 4300.0, 0.9))
    assert c["cop_bin"] == pytest.approx(c["cop"]) and c["heating_w"] == pytest.approx(c["load_w"])
    assert d["heating_w"] > d["load_w"] and d["cop_bin"] < d["cop"]


def test_a_worse_machine_has_a_worse_season(without_frost):
    document = seasons.season(R32, rows_of(R32, 0.9), lambda text: None)
    ratio = document["scop_by_rows"] / document["certified_scop_by_rows"][0]
    assert 0.90 < ratio < 0.92, "standby does not shrink"


def test_a_row_without_cop_leaves_the_season_open(without_frost):
    rows = rows_of(R32)
    rows[-1]["cop"] = None
    assert seasons.season(R32, rows, lambda text: None)["scop_by_rows"] is None


def test_no_certificate_no_season():
    assert seasons.season(load_machine("ashp-r290-fixed"), [], lambda text: None) is None


def test_full_capacity_over_a_least_one_is_enough():
    full = {"net_w": 11000.0, "certified_w": 9700.0, "least": False}
    assert not points.enough(full) and points.enough(full | {"least": True})
    assert points.enough(full | {"net_w": 9100.0}) and not points.enough(
        full | {"net_w": 9000.0, "least": True}
    )


def test_shares_of_carnot():
    """A reversible machine has 1; of four machines one row's value apart from its peers' median is told."""
    assert carnot.share(308.15 / 28.0, 7.0, 35.0) == pytest.approx(1.0)
    row = {"point": "A7/W35", "a": 0.40, "b": 0.44, "c": 0.42, "d": None}
    assert carnot.off_peers(row, "a") == pytest.approx(0.40 / 0.43 - 1.0)
    assert carnot.off_peers(row, "d") is None
    assert carnot.off_peers({"point": "", "a": 0.40, "b": 0.44}, "a") is None


def test_the_rows_apart_are_those_of_the_certificates():
    """R454B's at full load, R32's at W55 within a tenth; A7/W35, all fit rows, lie within 3 %."""
    table = {row["point"]: row for row in carnot.shares(NAMES)}
    assert carnot.off_peers(table["A-7/W34"], "ashp-r454b-4kw") == pytest.approx(-0.19, abs=0.01)
    assert carnot.off_peers(table["A7/W55"], "ashp-r32-9kw") == pytest.approx(-0.10, abs=0.01)
    assert all(abs(carnot.off_peers(table["A7/W35"], name)) < 0.03 for name in NAMES)
