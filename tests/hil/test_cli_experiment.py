"""`isentrope experiment` as a user meets it."""

import json
import re

import pytest
from isentrope_sim import migration, stable_line
from isentrope_sim.machine import load_machine, machine_path


@pytest.fixture
def short(monkeypatch):
    """The same experiment on fewer points, watched for a minute."""
    monkeypatch.setattr(stable_line, "SETTLE_S", 300.0)
    monkeypatch.setattr(stable_line, "WATCH_S", 60.0)
    monkeypatch.setattr(
        stable_line.stable_line, "__kwdefaults__",
        stable_line.stable_line.__kwdefaults__ | {"loads": (0.3, 1.0), "superheats": (4.0, 9.0)},
    )  # fmt: skip


def test_stable_line_as_data_and_picture(isentrope, short, tmp_path):
    picture = tmp_path / "line.png"
    code, out, err = isentrope("experiment", "stable-line", "ashp-r290-8kw", "--plot", str(picture), "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert [p["load"] for p in document["points"]] == [0.3, 0.3, 1.0, 1.0]
    assert [row["load"] for row in document["line"]] == [0.3, 1.0]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_stable_line_for_people(isentrope, short):
    code, out, _ = isentrope("experiment", "stable-line", "ashp-r290-8kw")
    assert code == 0
    assert "least stable superheat, K" in out and "100 %" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ashp-r290",), "machine 'ashp-r290' not found, nearest of 8: ashp-r290-8kw"),
        (("ashp-r290-8kw", "--plot", "line.html"), "--plot line.html: the plot is a .png file"),
        (("ashp-r290-8kw", "--seed", "-1"), "seed"),
    ],
)
def test_mistakes_are_one_line(isentrope, words, says):
    code, out, err = isentrope("experiment", "stable-line", *words)
    assert (code, out) == (2, "")
    assert says in err and err.count("\n") == 1


def test_progress_is_told_and_a_load_out_of_range_named(short):
    seen = []
    stable_line.stable_line(load_machine("ashp-r290-8kw"), progress=lambda *done: seen.append(done))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    with pytest.raises(ValueError, match=r"load is 1.2, allowed 0.05 to 1"):
        stable_line.stable_line(load_machine("ashp-r290-8kw"), loads=(1.2,))


OIL = """
[oil]
kind = "PAG, ISO VG 46"
sump = "high-pressure"
mass = { value = 0.5, unit = "kg", prior = "test" }
density = { value = 980.0, unit = "kg/m3", prior = "test" }
interaction = { value = 0.5, unit = "1", prior = "test" }
boil_time = { value = 60.0, unit = "s", prior = "test" }
absorb_time = { value = 10000.0, unit = "s", prior = "test" }
contact_ua = { value = 20.0, unit = "W/K", prior = "test" }
"""


def made(tmp_path, oil):
    """The file of ashp-r290-8kw with this section of oil, or without any."""
    text = re.sub(r"\n\[oil\][^\[]*", "\n", machine_path("ashp-r290-8kw").read_text(encoding="utf-8"))
    path = tmp_path / "made.toml"
    path.write_text(text.replace("\n[outdoor]", oil + "\n[outdoor]", 1), encoding="utf-8")
    return str(path)


@pytest.fixture
def brief(monkeypatch):
    monkeypatch.setattr(migration, "RUN_S", 300.0)
    monkeypatch.setattr(migration, "START_S", 90.0)


def test_migration_as_data_and_picture(isentrope, brief, tmp_path):
    picture, machine = tmp_path / "night.png", made(tmp_path, OIL)
    words = ("experiment", "migration", machine, "--hours", "0.5", "--plot", str(picture), "--json")
    code, out, err = isentrope(*words)
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert [case["heater"] for case in document["cases"]] == [0.0, 1.0] and document["heater_w"] == 35.0
    assert document["cases"][0]["start"]["seconds"][-1] == 90.0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_migration_for_people(isentrope, brief, tmp_path):
    code, out, _ = isentrope("experiment", "migration", made(tmp_path, OIL), "--hours", "0.5")
    assert code == 0 and "35 W" in out and "off" in out


def test_migration_without_oil_is_one_line(isentrope, tmp_path):
    code, out, err = isentrope("experiment", "migration", made(tmp_path, ""))
    assert (code, out) == (2, "") and "no section oil" in err and err.count("\n") == 1
