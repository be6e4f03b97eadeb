"""commission as an installer meets it, on simulated machines."""

import io
import json

import pytest
from isentrope_hil import commissioning
from isentrope_hil.reach import Where, reached

TARGET = ("--target", "cpython")


def test_a_sound_machine_is_commissioned_and_keeps_it(isentrope, tmp_path):
    where = (*TARGET, "--storage", str(tmp_path / "flash.bin"))
    code, out, _ = isentrope("commission", *where, "--yes", "--buses", "rtu,bacnet", "--json")
    assert code == 0
    assert json.loads(out) == {
        "commissioned": True,
        "steps": {"sensors": "good", "hp-switch": "good", "valve": "good", "outputs": "good"},
        "bus_write": ["rtu", "bacnet"],
        "error": "",
    }
    code, out, _ = isentrope("settings", "get", "commissioned", "bus_write", *where, "--json")
    assert [row["value"] for row in json.loads(out).values()] == [1.0, 5.0]


def test_the_installer_is_asked_and_a_no_ends_the_walk(isentrope, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\nn\n"))
    code, out, err = isentrope("commission", *TARGET)
    assert code == 1
    assert "flow_c " in out and "did it turn, and towards open? [y/n]" in out
    assert err == (
        "isentrope: valve: not confirmed: did it turn, and towards open?; the board is not commissioned\n"
    )
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, _, err = isentrope("commission", *TARGET, "--skip", "sensors", "--skip", "hp-switch")
    assert code == 2 and "nobody answers" in err


def walked(spoil, *skip, hand=None):
    """The steps of a walk at a machine that something is wrong with, and why it ended."""
    with reached(Where(target="cpython")) as found:
        spoil(found.bench)
        found.wait(5.0)
        walk = commissioning.Walk(found, commissioning.Person(lambda line: None, lambda question: True, hand))
        with pytest.raises(commissioning.Stopped) as stopped:
            walk.run(["tcp"], skip)
        values = found.board.settings()
        assert values["commissioned"] == values["bus_write"] == 0.0
        return walk.done, str(stopped.value)


def test_a_failed_sensor_ends_it():
    done, why = walked(lambda bench: bench.fault("liquid_t", "open"))
    assert why.startswith("sensors: liquid_c: failed or not connected") and list(done) == ["sensors"]


def test_a_switch_that_nobody_opens_or_that_is_not_seen_ends_it(monkeypatch):
    monkeypatch.setattr(commissioning, "HAND_S", 3.0)
    done, why = walked(lambda bench: None, hand=lambda state: None)
    assert why.startswith("hp-switch: the controller did not see it open") and done["sensors"] == "good"
    _, why = walked(lambda bench: bench.fault("hp_switch", "open"), hand=lambda state: None)
    assert why.startswith("hp-switch: the controller sees it open")


def test_pressures_apart_are_asked_about():
    asked = []
    with reached(Where(target="cpython")) as found:
        found.bench.fault("cond_p", "offset", by_kpa=300.0)
        found.wait(5.0)
        person = commissioning.Person(lambda line: None, lambda question: asked.append(question) or False)
        with pytest.raises(commissioning.Stopped):
            commissioning.Walk(found, person).run([])
    assert "kPa apart" in asked[0]


def test_mistakes_are_one_line(isentrope):
    for words, says in (
        (("--buses", "canbus"), "unknown bus in --buses 'canbus'"),
        (("--skip", "valves"), "unknown step in --skip 'valves'"),
        ((), "--port P for a live board"),
    ):
        code, out, err = isentrope("commission", *words)
        assert (code, out) == (2, "") and says in err and err.count("\n") == 1
