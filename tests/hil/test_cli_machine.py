"""`rate`, `check-machine`, `schema machine` and `new machine` as a user meets them."""

import json
import re

import pytest
from isentrope_hil import cli_rate, rating_plot
from isentrope_sim.machine import load_machine, machine_names
from isentrope_sim.rating.rate import rate
from isentrope_sim.steady import solve


def test_rate_prints_one_document_with_the_agreed_keys(isentrope):
    code, out, err = isentrope(
        "rate", "ashp-r290-8kw", "--climate", "colder", "--application", "55", "--dry", "--json"
    )
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert {"machine", "climate", "application_c", "scop", "points"} <= set(document)
    assert (document["climate"], document["application_c"]) == ("colder", 55)
    assert 2.0 < document["scop"] < 4.0
    assert document["frost"] == "left out"
    assert [b["outdoor_c"] for b in document["bins"]] == list(range(-22, 16))


def test_rate_for_people(isentrope):
    code, out, _ = isentrope("rate", "ashp-r290-8kw")
    assert code == 0
    assert re.search(r"SCOP +\d\.\d\d \(certified 4\.44, [+-]\d\.\d %\)", out)
    assert re.search(r"frost +simulated", out)
    for word in ("energy class", "A+++", "backup heater", "sound power at A7/W55", "modulating"):
        assert word in out


def test_rate_says_what_holds_full_speed(isentrope):
    """R32 at 55 degC: its discharge; obeyed when asked for. A room's machine is refused, not ignored."""
    words = ("rate", "ashp-r32-9kw", "--application", "55", "--pdesign-kw", "7.8", "--tbiv", "-2", "--dry")
    free, held = (json.loads(isentrope(*words, "--json", *more)[1]) for more in ((), ("--within-limits",)))
    assert {p["limit"] for p in free["points"]} == {"", "discharge"}
    assert held["scop"] < free["scop"]
    assert "held by" in isentrope(*words)[1]
    code, _, err = isentrope("rate", "minisplit-r32-3.5kw", "--within-limits")
    assert code == 2 and "has air indoors, needed water" in err


def test_rate_takes_the_users_design(isentrope):
    words = ("rate", "ashp-r290-8kw", "--pdesign-kw", "5", "--dry", "--json")
    free = json.loads(isentrope(*words)[1])
    both = json.loads(isentrope(*words, "--tbiv", "-2", "--tol", "-8")[1])
    assert free["pdesign_w"] == both["pdesign_w"] == 5000.0
    assert free["tbiv_c"] == -10.0
    assert (both["tbiv_c"], both["tol_c"]) == (-2.0, -8.0)


def test_the_plot_shows_the_documents_numbers(isentrope, tmp_path):
    path = tmp_path / "rating.html"
    code, out, _ = isentrope("rate", "ashp-r290-8kw", "--plot", str(path), "--dry", "--json")
    assert code == 0
    document = json.loads(out)
    text = path.read_text(encoding="utf-8")
    assert "http" not in text.split("<script>")[0]  # nothing to fetch
    traces = {each["name"]: each for each in rating_plot.figures(document)[0]["data"]}
    assert traces["hours a year"]["y"] == [b["hours"] for b in document["bins"]]
    assert traces["COP in the bin"]["y"] == [b["cop"] for b in document["bins"]]
    carried = zip(traces["heat pump"]["y"], traces["backup heater"]["y"], traces["load"]["y"], strict=True)
    assert all(pump + backup == pytest.approx(load) for pump, backup, load in carried)
    assert traces["backup heater"]["y"][0] > 0.5


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["rate", "ashp"], "'ashp' not found"),
        (["rate", "ashp-r290-8kw", "--climate", "hot"], "hot"),
        (["rate", "ashp-r290-8kw", "--application", "45"], "45"),
        (["rate", "ashp-r290-8kw", "--tbiv", "9"], "tbiv is 9 degC, allowed -10 to 2 degC"),
        (["rate", "ashp-r290-8kw", "--dry", "--pdesign-kw", "99"], "this machine allows up to"),
        (["rate", "ashp-r290-8kw", "--plot", "rating.png"], "--plot rating.png: the plot is an .html file"),
        (["rate", "ashp-r290-8kw", "--plot", "no/such/rating.html"], "cannot be written"),
        (["fit", "ashp"], "'ashp' not found"),
        (["check-machine", "ashp"], "'ashp' not found"),
        (["new", "machine", "My_HP"], "machine name 'My_HP': small letters"),
        (["new", "machine", "ashp-r290-8kw"], "isentrope has a machine of that name"),
        (["new", "machine", "mine", "--like", "ashp"], "'ashp' not found"),
    ],
)
def test_mistakes_are_one_line(isentrope, tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    code, out, err = isentrope(*words)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_shipped_machines_pass_the_check(isentrope):
    for name in machine_names():
        code, out, _ = isentrope("check-machine", name, "--json")
        assert (code, json.loads(out)["verdict"]) == (0, "pass"), name


def test_a_charge_too_large_is_refused(isentrope, tmp_path):
    path = tmp_path / "indoor.toml"
    text = (load_text()).replace('placement = "outdoor-monobloc"', INDOOR)
    path.write_text(text, encoding="utf-8")
    code, out, _ = isentrope("check-machine", str(path), "--json")
    document = json.loads(out)
    assert (code, document["verdict"]) == (2, "refused")
    assert document["allowed_kg"] < document["charge_kg"]
    code, out, _ = isentrope("check-machine", str(path), "--room-area", "200")
    assert code == 0
    assert "A3" in out


INDOOR = """placement = "indoor"
room_area = { value = 15.0, unit = "m2", prior = "a utility room" }
release_height = { value = 1.8, unit = "m", prior = "hung on the wall" }"""


def load_text():
    from isentrope_sim.machine import machine_folder

    return (machine_folder() / "ashp-r290-8kw.toml").read_text(encoding="utf-8")


def test_a_new_machine_loads_and_is_not_overwritten(isentrope, tmp_path):
    code, out, _ = isentrope("new", "machine", "my-hp", "--out", str(tmp_path / "mine"))
    path = tmp_path / "mine" / "my-hp.toml"
    assert code == 0
    assert str(path) in out
    made, origin = load_machine(path), load_machine("ashp-r290-8kw")
    assert (made.name, made.values) == ("my-hp", origin.values)
    assert path.read_text(encoding="utf-8").startswith("# my-hp: started from ashp-r290-8kw")
    assert isentrope("check-machine", str(path))[0] == 0
    code, _, err = isentrope("new", "machine", "my-hp", "--out", str(tmp_path / "mine"))
    assert code == 2
    assert "exists already" in err
    assert isentrope("new", "machine", "other", "--like", str(path), "--out", str(tmp_path))[0] == 0


def test_the_schema_is_shown(isentrope):
    code, out, _ = isentrope("schema", "machine", "--json")
    assert code == 0
    assert json.loads(out)["title"] == "Isentrope machine file"
    code, out, _ = isentrope("schema", "machine")
    assert code == 0
    assert re.search(r"compressor +displacement +m3 +1e-06 +0.001", out)


def test_a_machine_without_certificate_or_sound_is_rated_for_people():
    document = rate(load_machine("ashp-r290-8kw"), "warmer", solver=solve) | {"sound_power_db": None}
    rows = dict(cli_rate.season(document))
    assert "certified" not in rows["SCOP"]
    assert "sound power at A7/W55" not in rows
    assert rows["energy class"] == "defined for the average climate only"


def test_an_fmu_lies_where_it_was_asked_for(isentrope, monkeypatch, tmp_path):
    """By default beside the user, named as the machine; its contents are tests/sim/test_fmu.py's."""
    asked = []
    monkeypatch.setattr(
        "isentrope_sim.fmu.build", lambda machine, out: asked.append((machine, str(out))) or out
    )
    monkeypatch.chdir(tmp_path)
    assert isentrope("export-fmu", "ashp-r290-8kw")[:2] == (0, "ashp-r290-8kw.fmu\n")
    assert isentrope("export-fmu", "of/mine.toml")[:2] == (0, "mine.fmu\n")
    assert isentrope("export-fmu", "ashp-r290-8kw", "-o", "hp.fmu")[:2] == (0, "hp.fmu\n")
    assert [out for _, out in asked] == ["ashp-r290-8kw.fmu", "mine.fmu", "hp.fmu"]
