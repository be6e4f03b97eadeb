"""Weather, building and faults all the way: from a scenario to the controller's points and the verdict."""

import pytest
from isentrope_hil import scenario
from isentrope_hil.bench import Bench
from isentrope_sim.errors import InputError

HEAD = 'machine = "ashp-r290-8kw"\nboard = "pico-full"\nduration = "90 s"\n'
READS = """
[[requirement]]
id = "R-1"
kind = "range"
signal = "outdoor_c"
unit = "degC"
lo = 11.5
hi = 12.5
from = "50 s"
to = "55 s"

[[requirement]]
id = "R-2"
kind = "final"
signal = "outdoor_c"
unit = "degC"
lo = 6.5
hi = 7.5
"""
OFFSET = """
[[timeline]]
at = "5 s"
name = "offset"
fault = { on = "outdoor_t", verb = "offset", by_k = 5.0 }

[[timeline]]
at = "60 s"
name = "repaired"
clear = "outdoor_t"
"""


def run(tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_text(HEAD + text)
    loaded = scenario.load(file)
    with Bench(loaded.machine, loaded.board, "cpython", world=loaded.world) as bench:
        return bench.run(loaded)


def test_a_fault_reaches_the_controller_and_ends(tmp_path):
    document = run(tmp_path, OFFSET + READS)
    assert document["verdict"] == "pass", document["requirements"]
    assert document["trace_sha256"] == run(tmp_path, OFFSET + READS)["trace_sha256"]


def test_a_plant_fault_that_the_plant_lacks_blocks_and_never_passes(tmp_path, monkeypatch):
    from isentrope_sim.plant import Plant

    monkeypatch.setattr(Plant, "fault_parameters", (), raising=False)
    broken = '[[timeline]]\nat = 5\nname = "leak"\nfault = { on = "plant", verb = "charge-loss", kg_h = 1 }\n'
    document = run(tmp_path, OFFSET + READS + broken)
    assert document["verdict"] == "blocked"
    (last,) = [row for row in document["requirements"] if row["verdict"] == "blocked"]
    assert last["id"] == "fault:leak"
    assert "plant fault 'charge-loss' needs" in last["note"]


def test_clearing_what_is_sound_blocks(tmp_path):
    document = run(tmp_path, READS + '[[timeline]]\nat = 5\nname = "repair"\nclear = "coil_t"\n')
    notes = {row["id"]: row.get("note", "") for row in document["requirements"]}
    assert notes["fault:repair"] == "'coil_t' has no fault to clear; broken: nothing"


def test_weather_and_building_from_a_scenario(tmp_path):
    text = '[weather]\nfile = "humid-cold-week"\nstart = "12h"\n[building]\nroom_c = 21.0\n[hot_water]\n'
    needs = '[[requirement]]\nid = "R"\nkind = "final"\nsignal = "true.room_k"\nunit = "degC"\nlo = 20.5\n'
    document = run(tmp_path, text + needs)
    assert document["verdict"] == "pass"
    file = tmp_path / "mine.toml"
    with Bench(target="cpython") as bench, pytest.raises(InputError, match="needs a world of its own"):
        bench.run(file)
