"""SCOP and SEER of air/air machines: rules with an ideal unit, the shipped machines, bad input."""

import dataclasses

import pytest
from isentrope_sim import frosting_room, steady
from isentrope_sim.declared import Declared
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine
from isentrope_sim.rating.rate_air import cooling, heating, rate_air

MACHINE = load_machine("minisplit-r32-3.5kw")
BARE = dataclasses.replace(MACHINE, declared=Declared())
LOW, TOP = MACHINE.values["min_rps"], MACHINE.values["max_rps"]
PER_RPS = 60.0


def ideal(machine, source_c, room_c, *, cooling, room_rh=0.5, capacity_w=None, speed_rps=None):
    """60 W per 1/s whatever the weather, COP 4; rooms as EN 14511 has them."""
    assert room_c == (27.0 if cooling else 20.0)
    if cooling:
        assert room_rh == pytest.approx(0.469, abs=0.005), "wet bulb 19 degC"
    power = capacity_w if capacity_w is not None else PER_RPS * speed_rps
    name = "cooling_w" if cooling else "heating_w"
    return {
        name: power,
        "electric_w": power / 4.0,
        "cop": 4.0,
        "speed_rps": power / PER_RPS,
        "frost": "none",
        "sensible_heat_ratio": 0.8,
        "latent_w": 0.2 * power,
    }


def of(document, name):
    (point,) = (p for p in document["points"] if p["name"] == name)
    return point


def test_cycling_degrades_linearly():
    """Regulation (EU) 206/2012: 1 - 0.25 (1 - ratio), for the warmest points alone."""
    found = heating(BARE, pdesign_w=3000.0, tbiv_c=-7.0, solver=ideal)
    d = of(found, "D")
    ratio = 3000.0 * 4.0 / 26.0 / (PER_RPS * LOW)
    assert d["running"] == "least" and d["capacity_ratio"] == pytest.approx(ratio)
    assert d["cop_bin"] == pytest.approx(4.0 * (1.0 - 0.25 * (1.0 - ratio)))
    assert of(found, "B")["cop_bin"] == 4.0 and of(found, "B")["running"] == "modulating"
    cold = cooling(BARE, pdesign_w=3000.0, solver=ideal)
    d = of(cold, "D")
    ratio = 3000.0 * 4.0 / 19.0 / (PER_RPS * LOW)
    assert d["cop_bin"] == pytest.approx(4.0 * (1.0 - 0.25 * (1.0 - ratio)))
    assert 3.8 < cold["seer"] < 4.0 and [p["load_w"] for p in cold["points"]] == pytest.approx(
        [3000.0, 3000.0 * 14 / 19, 3000.0 * 9 / 19, 3000.0 * 4 / 19]
    )


def test_seasons_last_as_the_regulation_says():
    found = rate_air(BARE, pdesign_w=3000.0, tbiv_c=-7.0, cooling_pdesign_w=3500.0, solver=ideal)
    assert found["heating"]["heat_kwh"] == pytest.approx(3.0 * 1400.0)
    assert found["cooling"]["cold_kwh"] == pytest.approx(3.5 * 350.0)
    assert heating(BARE, "colder", pdesign_w=3000.0, solver=ideal)["heat_kwh"] == pytest.approx(3.0 * 2100.0)


def test_design_load_and_bivalent_temperature_are_one():
    full = PER_RPS * TOP
    found = heating(BARE, tbiv_c=-5.0, solver=ideal)
    assert found["pdesign_w"] == pytest.approx(full * 26.0 / 21.0)
    back = heating(BARE, pdesign_w=found["pdesign_w"], solver=ideal)
    assert back["tbiv_c"] == pytest.approx(-5.0, abs=0.02)
    design = cooling(BARE, solver=ideal)["pdesign_w"]
    assert design == pytest.approx(PER_RPS * MACHINE.values["rated_rps"])


@pytest.mark.parametrize(
    ("name", "scop", "seer"),
    [
        ("minisplit-r32-3.5kw", (3.9, 4.6), (6.0, 7.5)),
        ("ptac-r32-2.6kw", (3.2, 4.0), (5.0, 6.5)),
        ("ducted-r454b-10kw", (3.7, 4.4), (4.8, 6.2)),
    ],
)
def test_shipped_machines_are_of_their_class(name, scop, seer):
    """No certificate to compare with: the bounds are what catalogues of such units show; frost is left out,
    so the upper half of SCOP's is expected.
    """
    found = rate_air(load_machine(name), solver=steady.room)
    assert scop[0] < found["heating"]["scop"] < scop[1]
    assert seer[0] < found["cooling"]["seer"] < seer[1]
    assert found["heating"]["frost"] == "left out"
    for point in found["cooling"]["points"][:2]:
        assert 0.65 < point["sensible_heat_ratio"] < 0.9
    eer = [p["cop"] for p in found["cooling"]["points"]]
    assert eer == sorted(eer), "cooler weather helps"


def test_frost_costs_a_season_less_than_a_point():
    """Net: B loses 8 to 20 % of its COP, Tbiv a fifth of its capacity, so the unit counts for less."""
    dry, net = (heating(MACHINE, solver=solver) for solver in (steady.room, frosting_room.net))
    assert net["frost"] == "simulated"
    assert 0.88 < net["scop"] / dry["scop"] < 0.97
    assert 0.70 < net["pdesign_w"] / dry["pdesign_w"] < 0.90
    for name in ("C", "D"):
        assert of(net, name)["outdoor_c"] > frosting_room.FROST_C
    b = of(net, "B")
    clean = steady.room(MACHINE, 2.0, 20.0, cooling=False, capacity_w=b["heating_w"])
    assert 0.80 < b["cop"] / clean["cop"] < 0.92


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"climate": "hot"}, r"climate is 'hot', allowed average, warmer, colder"),
        ({"tbiv_c": 9.0}, r"tbiv is 9 degC, allowed -10 to 2 degC"),
        ({"tol_c": 9.0}, r"tol is 9 degC, allowed -60 to 2 degC"),
        ({"pdesign_w": 5.0}, r"pdesign is 5 W, allowed 100 to 1e\+06 W"),
        ({"cooling_pdesign_w": 5.0}, r"pdesign is 5 W, allowed 100 to 1e\+06 W"),
        ({"pdesign_w": 50000.0}, r"pdesign is 50000 W, this machine allows up to \d+ W"),
    ],
)
def test_bad_input(kwargs, message):
    with pytest.raises(InputError, match=message):
        rate_air(MACHINE, solver=ideal, **kwargs)


def test_a_machine_with_water_is_refused():
    with pytest.raises(InputError, match="'ashp-r290-8kw' has water indoors, needed air"):
        rate_air(load_machine("ashp-r290-8kw"))
