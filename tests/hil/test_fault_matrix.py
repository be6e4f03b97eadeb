"""The matrix of faults: its declaration, that it can fail, block and resume, and a drawn sample of it."""

import json
from dataclasses import replace
from importlib.util import find_spec

import pytest
from isentrope_hil import measuredpage, profile
from isentrope_hil.matrix import cells, declared, trial, work
from isentrope_hil.matrix import page as pages
from isentrope_sim import faults
from isentrope_sim.errors import InputError

MACHINE, BOARD = "ashp-r290-8kw-equipped", "pico-full"
PLAIN = "ashp-r290-8kw"  # it heats, and no more
SAMPLE, SEED = 5, 3  # of each mode


@pytest.fixture(scope="module")
def made():
    return profile.build(BOARD, MACHINE)


@pytest.fixture(scope="module")
def crew():
    crew = work.Crew(MACHINE, BOARD, "cpython", 1)
    yield crew
    crew.close()


def every(made, *modes):
    return cells.every(made, declared.read(), list(modes or declared.read().modes))


def cell(made, name):
    return next(each for each in every(made) if each.name == name)


def test_every_signal_has_every_verb_or_a_reason_why_not(made):
    said = declared.read()
    found = every(made)
    targets = {each.target for each in found}
    assert {row["name"] for row in made["io"]} | {"supply", "link", "plant"} == targets
    for mode in said.modes:
        for target in targets - {"plant"}:
            verbs = [each.verb for each in found if (each.mode, each.target) == (mode, target)]
            assert set(said.columns) <= set(verbs)
    assert all(each.absent for each in found if each.verb == "drift" and each.kind == "relay")


def test_every_fault_can_be_applied_and_has_a_declared_end(made):
    said = declared.read()
    kinds = cells.targets(made)
    for each in every(made):
        if not each.absent:
            faults.check(each.target, each.fault, trial.values(said, each), kinds)
            assert said.rule(each.target, each.kind, each.verb, each.mode) is not None


def test_the_first_rule_counts_and_a_minus_turns_the_size_round(made):
    said = declared.read()
    rule = said.rule("flow_t", "thermistor", "off", "heating")
    assert (rule.end, rule.alarms, rule.within_s) == ("stops", (10,), 10.0)
    assert said.rule("alarm", "relay", "off", "heating").end == "runs"
    up, down = (trial.values(said, cell(made, f"heating/flow_t/{verb}")) for verb in ("offset", "offset-"))
    assert up["by_k"] == -down["by_k"] != 0.0
    assert trial.values(said, cell(made, "defrost/coil_t/wrong")) != trial.values(
        said, cell(made, "heating/coil_t/wrong")
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('end = "explodes"', "rule 1: end is 'explodes', allowed runs"),
        ('end = "stops"', "rule 1: end 'stops' needs alarms and within_s"),
        ('end = "runs"\nonly = 3', "rule 1: .*only"),
    ],
)
def test_a_bad_declaration_is_named(tmp_path, row, message):
    file = tmp_path / "own.toml"
    file.write_text(f'columns = []\n[[rule]]\non = ["*"]\nverbs = ["*"]\nmodes = ["*"]\nwhy = ""\n{row}\n')
    with pytest.raises(InputError, match=message):
        declared.read(file)


def verdict(crew, monkeypatch, made, name, **changed):
    """The result under another rule, or other limits."""
    said = declared.read()
    each = cell(made, name)
    limits = dict(said.limits) | changed.pop("limits", {})
    rule = replace(said.rule(each.target, each.kind, each.verb, each.mode), **changed)
    own = replace(said, limits=limits, rules=(rule,))
    monkeypatch.setattr(declared, "read", lambda: own)
    return crew.run(each)


def test_what_does_not_end_as_declared_fails(crew, monkeypatch, made):
    sound = crew.run(cell(made, "heating/flow_t/off"))
    assert (sound.verdict, sound.end, sound.alarms) == ("pass", "stopped", [10, 38])
    assert 0.0 < sound.alarm_s < 10.0 and 0.0 < sound.recovered_s < 400.0
    ran = verdict(crew, monkeypatch, made, "heating/flow_t/off", end="runs", alarms=(), hold_s=60.0)
    assert ran.verdict == "fail" and "it stopped with alarm 10" in ran.note


def test_another_alarm_or_a_late_one_fails(crew, monkeypatch, made):
    other = verdict(crew, monkeypatch, made, "heating/flow_t/off", alarms=(9,), hold_s=30.0)
    assert "alarm 9 did not come, 10 did" in other.note
    monkeypatch.undo()
    late = verdict(crew, monkeypatch, made, "heating/flow_t/off", within_s=2.0, hold_s=30.0)
    assert "came after 4 s, declared 2" in late.note


def test_a_limit_that_is_passed_fails_whatever_the_end(crew, monkeypatch, made):
    found = verdict(
        crew, monkeypatch, made, "heating/pump_ref/off", hold_s=30.0, limits={"dry_s": 2.0, "recover_s": 20.0}
    )
    assert found.verdict == "fail" and found.broken == ["run without water"]
    assert "not back 20 s after the repair: state 9, alarm 9" in found.note


def test_a_stop_with_its_warning_and_a_rest_that_is_guarded(crew, monkeypatch, made):
    unwarned = verdict(crew, monkeypatch, made, "heating/flow_t/off", alarms=(10, 53), hold_s=30.0)
    assert "warning 53 did not come" in unwarned.note
    monkeypatch.undo()
    rests = verdict(crew, monkeypatch, made, "cooling/compressor_run/off", alarms=(7, 53))
    assert rests.end == "rested" and rests.note == "warning 53 did not come"
    monkeypatch.undo()
    still = verdict(crew, monkeypatch, made, "cooling/compressor_run/off", end="either")
    assert "the compressor does not run" in still.note


def test_what_cannot_be_tried_is_blocked(crew, monkeypatch, made):
    plain = work.Crew(PLAIN, BOARD, "cpython", 1)
    cooling = plain.run(cell(made, "cooling/flow_t/off"))
    plain.close()
    assert (cooling.verdict, cooling.note) == ("blocked", "the machine's file has no cooling")
    said = declared.read()
    monkeypatch.setattr(declared, "read", lambda: replace(said, parameters={}))
    assert "the fault was not applied" in crew.run(cell(made, "heating/coil_t/delayed")).note
    monkeypatch.setattr(declared, "read", lambda: replace(said, rules=()))
    assert crew.run(cell(made, "heating/coil_t/off")).note == "no end is declared for it"


def test_a_firmware_that_stops_on_the_way_is_no_pass(crew, monkeypatch, made):
    def broken(self):
        raise ZeroDivisionError("seeded")

    sound = crew.run(cell(made, "heating/alarm/off"))
    assert sound.verdict == "pass", "the mode is reached, from here on cells begin there"
    monkeypatch.setattr("isentrope_hil.matrix.stand.InProcess.step", broken)
    found = crew.run(cell(made, "heating/alarm/off"))
    assert found.verdict == "fail" and "uncaught ZeroDivisionError: seeded" in found.note


@pytest.mark.parametrize("mode", declared.read().modes)
def test_a_drawn_sample_ends_as_declared(crew, made, mode):
    of_mode = every(made, mode)
    drawn = cells.sample(of_mode, SAMPLE, SEED)
    assert drawn == cells.sample(of_mode, SAMPLE, SEED) != cells.sample(of_mode, SAMPLE, SEED + 1)
    found = [crew.run(each) for each in drawn]
    assert len(found) == SAMPLE
    assert [(each.cell, each.note) for each in found if each.verdict != "pass"] == []


@pytest.mark.parametrize(
    "name",
    ["heating/discharge_t/off", "standby/supply/cut", "cooling/water_flow/off", "hot-water/tank_t/off"],
)
def test_on_micropython(made, name):
    found = work.Crew(MACHINE, BOARD, "unix", 1).run(cell(made, name))
    assert found.verdict == "pass", found.note


def test_the_command_resumes_draws_and_writes_its_page(isentrope, tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{pages.MARK}\nstale\n{measuredpage.END}\nafter\n")
    words = [
        "matrix",
        PLAIN,
        "--cell",
        "standby/hp_switch/o*",
        "--cell",
        "cooling/hp_switch/off",
        "--out",
        str(tmp_path),
    ]
    words += ["--mode", "standby", "--mode", "cooling"]
    drawn = ["--plot", str(tmp_path / "grid.png")] if find_spec("matplotlib") else []
    code, out, _ = isentrope(*words, "--page", str(page), *drawn, "--json")
    found = json.loads(out)
    assert code == 3 and found["verdict"] == "blocked" and found["failed"] == 0
    assert found["passed"] == found["cells"] - 1 and found["blocked"] == 1
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "stale" not in text
    assert (
        "Blocked, all 1 cells: the machine's file has no cooling." in text
        and "| `hp_switch` | stop 4 |" in text
    )
    if drawn:
        assert (tmp_path / "grid.png").stat().st_size > 1000

    def none(*_):
        raise AssertionError("it is in the store")

    monkeypatch.setattr(trial, "run", none)
    assert json.loads(isentrope(*words, "--json")[1])["results"] == found["results"]
    code, out, _ = isentrope(*words)
    assert "standby" in out and "cooling: blocked: the machine's file has no cooling" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--mode", "heat"], "unknown mode 'heat'"),
        (["--cell", "nothing"], "no cell is like that"),
        (["--target", "serial:X"], "the matrix judges this firmware"),
        (["--plot", "x.pdf"], "a .png or .svg file"),
        (["nowhere"], "nowhere"),
    ],
)
def test_bad_words_are_one_line(isentrope, words, message):
    code, _, err = isentrope("matrix", *words)
    assert code == 2 and message in err and err.count("\n") == 1
