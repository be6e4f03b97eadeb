"""`rate` and `room` of an air/air machine as a user meets them."""

import json

import pytest
from isentrope_hil import cli_air, rating_plot
from isentrope_sim import steady
from isentrope_sim.machine import load_machine
from isentrope_sim.rating.rate_air import rate_air

NAME = "minisplit-r32-3.5kw"


def test_rate_has_both_seasons(isentrope):
    code, out, err = isentrope("rate", NAME, "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert document["heating"]["scop"] > 3.0 and document["cooling"]["seer"] > 5.0
    assert document["heating"]["frost"] == "simulated"


def test_the_plot_has_both_seasons_and_dry_is_heeded(isentrope, tmp_path):
    path = tmp_path / "rating.html"
    code, out, _ = isentrope("rate", NAME, "--plot", str(path), "--dry", "--json")
    document = json.loads(out)
    assert code == 0 and document["heating"]["frost"] == "left out"
    assert "http" not in path.read_text(encoding="utf-8").split("<script>")[0]  # nothing to fetch
    heat, cold = ({t["name"]: t for t in f["data"]} for f in rating_plot.figures(document))
    assert heat["COP in the bin"]["y"] == [b["cop"] for b in document["heating"]["bins"]]
    bins = document["cooling"]["bins"]
    assert cold["cooling"]["y"] == pytest.approx([b["load_w"] / 1e3 for b in bins])
    electric = sum(b["hours"] * b["load_w"] / b["cop"] for b in bins)
    assert sum(b["hours"] * b["load_w"] for b in bins) / electric == pytest.approx(
        document["cooling"]["seer_on"]
    )
    assert "backup heater" in heat and "backup heater" not in cold


def test_rate_for_people(capfd, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    cli_air.show(rate_air(load_machine(NAME), solver=steady.room))
    out, _err = capfd.readouterr()
    for word in ("SCOP", "SEER", "heating", "cooling", "energy class", "modulating"):
        assert word in out


def test_room_solves_both_ways(isentrope):
    code, out, _ = isentrope("room", NAME, "--source", "35", "--room", "27", "--cooling", "--json")
    point = json.loads(out)
    assert code == 0 and point["cooling_w"] > 2500.0 and point["condensate_kg_s"] > 0.0
    code, out, _ = isentrope("room", NAME, "--source", "7", "--room", "20", "--capacity-w", "2500")
    assert code == 0 and "heating_w" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["room", "ashp-r290-8kw", "--source", "7", "--room", "20"], "has water indoors, needed air"),
        (["room", NAME, "--source", "7", "--room", "50"], "room_c is 50, allowed 10 to 35"),
        (["room", NAME, "--source", "60", "--room", "27", "--cooling"], "source_c is 60, allowed 5 to 46"),
        (["room", NAME, "--source", "35", "--room", "27", "--humidity", "3"], "room_rh is 3, allowed 0 to 1"),
        (["steady", NAME, "--source", "7", "--sink-out", "35"], "has air indoors, needed water"),
        (
            ["rate", NAME, "--application", "55"],
            "--application: machine 'minisplit-r32-3.5kw' has air indoors",
        ),
        (["rate", NAME, "--pdesign-kw", "100"], "pdesign is 100000 W, this machine allows up to"),
    ],
)
def test_mistakes_are_one_line(isentrope, tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    code, out, err = isentrope(*words)
    assert (code, out) == (2, "")
    assert says in err and err.count("\n") == 1
