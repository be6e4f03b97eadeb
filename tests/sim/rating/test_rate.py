"""The rating of a machine: where its points come from, defaults, speed limits; and with the real solver."""

import dataclasses

import pytest
from isentrope_sim import steady
from isentrope_sim.certified import certified_points
from isentrope_sim.declared import Declared, Seasonal
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine
from isentrope_sim.rating.bins import HEATING
from isentrope_sim.rating.rate import rate

MACHINE = load_machine("ashp-r290-8kw")
LOW, TOP = MACHINE.values["min_rps"], MACHINE.values["max_rps"]


class Ideal:
    """A solver of a unit with 100 W per 1/s at 0 degC outdoors, 2 % more a kelvin, and a COP of 4."""

    def __init__(self):
        self.asked = []

    def __call__(self, machine, source_c, sink_out_c, *, heating_w=None, speed_rps=None):
        self.asked.append((source_c, sink_out_c, heating_w, speed_rps))
        per_speed = 100.0 * (1.0 + 0.02 * source_c)
        heat = heating_w if heating_w is not None else per_speed * speed_rps
        return {
            "heating_w": heat,
            "electric_w": heat / 4.0,
            "cop": 4.0,
            "speed_rps": heat / per_speed,
            "fan": 1.0,
            "frost": "none",
            "defrost_loss": 0.0,
        }


@pytest.fixture(scope="module")
def document():
    """The machine rated, average climate at 35 degC, frost simulated."""
    return rate(MACHINE)


def full(outdoor_c):
    return 100.0 * (1.0 + 0.02 * outdoor_c) * TOP


def of(document, name):
    (point,) = (p for p in document["points"] if p["name"] == name)
    return point


def bare(**seasonal):
    """The machine without its certificate's figures."""
    said = Seasonal("reversible", "air", dict.fromkeys(MACHINE.declared.seasonal.standby_w, 0.0), {})
    return dataclasses.replace(MACHINE, declared=Declared(seasonal=dataclasses.replace(said, **seasonal)))


def test_the_files_figures_are_taken():
    document = rate(MACHINE, solver=Ideal())
    assert (document["pdesign_w"], document["tbiv_c"], document["tol_c"]) == (6470.0, -6.0, -10.0)
    assert document["certified_scop"] == 4.44
    assert document["function"] == "reversible"


def test_loads_speeds_and_cycling():
    document = rate(bare(), pdesign_w=10000.0, tbiv_c=-5.0, solver=Ideal())
    for name, running in (
        ("TOL", "full"),
        ("A", "full"),
        ("B", "modulating"),
        ("C", "modulating"),
        ("D", "least"),
    ):
        assert of(document, name)["running"] == running, name
    b, d, e = (of(document, name) for name in ("B", "D", "TOL"))
    assert b["heating_w"] == pytest.approx(b["load_w"]) == pytest.approx(10000.0 * 14 / 26)
    assert b["cop_bin"] == pytest.approx(b["cop"]) == pytest.approx(4.0)
    assert d["heating_w"] == pytest.approx(124.0 * LOW)
    assert d["heating_w"] > d["load_w"]
    assert d["speed_rps"] == pytest.approx(LOW)
    assert d["cop_bin"] < 4.0
    assert e["heating_w"] == pytest.approx(80.0 * TOP)
    assert e["backup_w"] == pytest.approx(10000.0 - 80.0 * TOP) == pytest.approx(document["psup_w"])


def test_no_point_is_asked_outside_the_speed_range():
    solver = Ideal()
    rate(bare(), pdesign_w=10000.0, tbiv_c=-5.0, solver=solver)
    for source, _, heat, speed in solver.asked:
        rps = speed if heat is None else heat / (100.0 * (1.0 + 0.02 * source))
        assert LOW - 1e-9 <= rps <= TOP + 1e-9


def test_the_design_load_follows_from_tbiv():
    document = rate(bare(), tbiv_c=-4.0, solver=Ideal())
    assert document["pdesign_w"] == pytest.approx(full(-4.0) * 26 / 20)
    f = of(document, "Tbiv")
    assert f["load_w"] == pytest.approx(f["full_w"])


def test_tbiv_follows_from_the_design_load():
    pdesign = full(-4.0) * 26 / 20
    assert rate(bare(), pdesign_w=pdesign, solver=Ideal())["tbiv_c"] == pytest.approx(-4.0, abs=0.01)
    small = rate(bare(), pdesign_w=3000.0, solver=Ideal())  # the unit carries it alone
    assert (small["tbiv_c"], small["psup_w"]) == (-10.0, 0.0)


@pytest.mark.parametrize(("climate", "tbiv"), [("average", -7.0), ("warmer", 2.0), ("colder", -15.0)])
def test_the_usual_tbiv_where_nothing_is_said(climate, tbiv):
    assert rate(bare(), climate, solver=Ideal())["tbiv_c"] == tbiv


def test_colder_climate_has_its_own_points():
    document = rate(bare(), "colder", 55, tbiv_c=-10.0, tol_c=-20.0, solver=Ideal())
    assert [p["name"] for p in document["points"]] == ["TOL", "G", "Tbiv", "A", "B", "C", "D"]
    assert document["energy_class"] is None
    assert [b["backup_w"] == pytest.approx(b["load_w"]) for b in document["bins"][:3]] == [True, True, False]
    assert document["heat_kwh"] == pytest.approx(document["pdesign_w"] * HEATING["colder"].active_h / 1e3)


def test_coinciding_points_are_measured_once_and_listed_by_each_name():
    solver = Ideal()
    document = rate(bare(), "warmer", pdesign_w=5000.0, tbiv_c=2.0, solver=solver)
    assert [p["name"] for p in document["points"]] == ["B", "TOL", "Tbiv", "C", "D"]
    assert len({p["cop"] for p in document["points"][:3]}) == 1
    assert len({source for source, *_ in solver.asked}) == 3


def test_a_fixed_speed_machine_runs_full_or_cycles():
    values = MACHINE.values | {"min_rps": 60.0, "max_rps": 60.0, "rated_rps": 60.0}
    document = rate(dataclasses.replace(bare(), values=values), tbiv_c=-5.0, solver=Ideal())
    assert [p["running"] for p in document["points"]] == ["full", "full", "full", "least", "least", "least"]


def test_brine_machines_keep_their_source_and_pay_for_the_pump():
    air = rate(bare(), pdesign_w=5000.0, tbiv_c=-10.0, solver=Ideal())
    brine = rate(bare(source="brine"), pdesign_w=5000.0, tbiv_c=-10.0, solver=Ideal())
    assert {p["source_c"] for p in brine["points"]} == {0.0}
    for document, corrections in ((air, 3.0), (brine, 8.0)):
        assert document["eta_s_percent"] == pytest.approx(40.0 * document["scop"] - corrections)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"climate": "hot"}, "climate is 'hot', allowed average, warmer, colder"),
        ({"application_c": 45}, "application_c is 45, allowed 35, 55 degC"),
        ({"tbiv_c": 5.0}, "tbiv is 5 degC, allowed -10 to 2 degC"),
        ({"tbiv_c": -11.0}, "tbiv is -11 degC, allowed -10 to 2 degC"),
        ({"tol_c": 3.0}, "tol is 3 degC, allowed -60 to 2 degC"),
        ({"tol_c": float("nan")}, "tol is nan degC"),
        ({"tbiv_c": -6.0, "tol_c": -5.0}, "tbiv is -6 degC, allowed -5 to 2 degC"),
        ({"pdesign_w": 5.0}, "pdesign is 5 W, allowed 100 to 1e"),
        ({"pdesign_w": float("nan")}, "pdesign is nan W"),
        ({"pdesign_w": 90000.0}, "pdesign is 90000 W, this machine allows up to 17383 W"),
    ],
)
def test_bad_input(asked, message):
    with pytest.raises(InputError, match=message):
        rate(bare(), solver=Ideal(), **asked)


def test_the_model_itself(document):
    """The model against its certificate, frost and defrost simulated: SCOP within 5 %, points within 10 %."""
    assert document["scop"] == pytest.approx(document["certified_scop"], rel=0.05)
    certified = {row.test.removeprefix("EN14825 "): row.cop for row in certified_points(MACHINE.name)}
    for name in ("A", "B", "C", "D", "TOL"):
        assert of(document, name)["cop"] == pytest.approx(certified[name], rel=0.10), name
    assert document["frost"] == "simulated"
    for point in document["points"]:
        assert (point["defrost_loss"] > 0.03) == (point["outdoor_c"] <= 2.0), point["name"]
        if point["running"] == "modulating" and point["frost"] == "none":
            again = steady.solve(MACHINE, point["source_c"], point["sink_out_c"], heating_w=point["load_w"])
            assert again["cop"] == pytest.approx(point["cop"], rel=1e-6)
    assert document["scop_net"] >= document["scop_on"] >= document["scop"]


def test_the_dry_model_is_too_good(document):
    """Without frost: by over 5 %, which is what frost costs a season; other climates rank as they must."""
    dry = rate(MACHINE, solver=steady.solve)
    assert dry["frost"] == "left out"
    assert 1.05 < dry["scop"] / dry["certified_scop"] < 1.15
    warm = rate(MACHINE, "warmer", solver=steady.solve)["scop"]
    assert warm > dry["scop"] > document["scop"] > rate(MACHINE, "average", 55, solver=steady.solve)["scop"]


def test_progress_tells_each_point():
    told = []
    rate(bare(), pdesign_w=5000.0, tbiv_c=-5.0, solver=Ideal(), progress=lambda *each: told.append(each))
    assert told == [(name, i, 6) for i, name in enumerate(("TOL", "A", "Tbiv", "B", "C", "D"))]


def test_sound_at_the_rating_condition(document):
    """The declared level was measured there, at nearly the model's speed."""
    assert document["sound_power_db"] == pytest.approx(50.0, abs=0.5)
    assert rate(bare(), solver=Ideal())["sound_power_db"] is None
