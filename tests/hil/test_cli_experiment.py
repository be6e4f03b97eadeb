"""`isentrope experiment` as a user meets it."""

import json
import re

import numpy as np
import pytest
from isentrope_hil import valve_resolution
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
        (("ashp-r290",), "machine 'ashp-r290' not found, nearest of 10: ashp-r290-8kw"),
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


@pytest.fixture
def hurried(monkeypatch):
    """The coarsest and the finest valve, as the firmware is and with every step used; minutes of each."""
    monkeypatch.setattr(valve_resolution, "KINDS", valve_resolution.KINDS[1:4:2])
    monkeypatch.setattr(valve_resolution, "SETTLE_S", 900.0)
    monkeypatch.setattr(valve_resolution, "WATCH_S", 120.0)
    monkeypatch.setattr(valve_resolution, "SLOWEST_S", 60.0)


def test_valve_resolution_as_data_and_picture(isentrope, hurried, tmp_path):
    picture = tmp_path / "steps.png"
    words = ("--machine", "ashp-r454b-4kw", "--steps", "3000", "--steps", "250", "--plot", str(picture))
    code, out, err = isentrope("experiment", "valve-resolution", *words, "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    cases = document["cases"]
    assert len(cases) == 2 * 2 * 2  # strokes, kinds, speeds
    for case in cases:
        assert case["stops"] == 0.0 and case["std_k"] < 1.0 and abs(case["mean_error_k"]) < 1.0
        assert abs(case["opening"] - case["steady_opening"]) < 0.1
    coarse, fine = (
        next(c for c in cases if c["steps"] == steps and c["size"] == "alike" and c["share"] == 0.7)
        for steps in (250, 3000)
    )
    assert coarse["k_per_step"] == pytest.approx(12.0 * fine["k_per_step"])
    assert coarse["steady_opening"] == pytest.approx(valve_resolution.ALIKE)
    assert "R454B" in document["conclusion"][0]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_valve_resolution_of_an_air_machine_is_one_line(isentrope):
    code, out, err = isentrope("experiment", "valve-resolution", "--machine", "ptac-r32-2.6kw")
    assert (code, out) == (2, "") and "machines that heat water" in err and err.count("\n") == 1
    code, out, err = isentrope("experiment", "valve-resolution", "--steps", "90")
    assert (code, out) == (2, "") and "steps is 90, allowed 100 to 3000" in err


def case_of(refrigerant, steps, std_k):
    return {
        "refrigerant": refrigerant, "steps": steps, "std_k": std_k, "share": 0.7, "size": "alike",
        "every_step": True, "noisy": True, "k_per_step": 100.0 / steps, "mean_error_k": 0.1,
    }  # fmt: skip


def test_the_conclusion_follows_from_the_figures():
    """It says what the figures say, whichever way they go."""
    steps, old = (250, 500, 3000), [0.2, 0.1, 0.1]
    for new, says in (([0.4, 0.3, 0.1], " holds here."), ([0.2, 0.1, 0.1], " does not hold here.")):
        rows = [case_of("R410A", *row) for row in zip(steps, old, strict=True)]
        for fluid in ("R32", "R290"):
            rows += [case_of(fluid, *row) for row in zip(steps, new, strict=True)]
        rows += [row | {"every_step": False} for row in rows] + [row | {"noisy": False} for row in rows]
        assert valve_resolution.conclusion(rows)[-1].endswith(says)
        assert valve_resolution.enough(rows, "R290", 0.7, True) == (3000 if new[1] > 0.2 else 500)


def test_the_strongest_cycle_is_found_in_noise():
    rng = np.random.default_rng(1)
    t = np.arange(0.0, 1200.0, 0.5)
    values = 8.0 + 0.4 * np.sin(2.0 * np.pi * t / 120.0) + rng.normal(0.0, 0.1, t.size) + 1e-3 * t
    amplitude, period = valve_resolution.strongest_cycle(values, 0.5)
    assert amplitude == pytest.approx(0.4, rel=0.1) and period == pytest.approx(120.0, rel=0.02)
