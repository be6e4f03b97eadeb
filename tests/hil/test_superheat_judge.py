"""The judge of superheat's cases on traces made by hand, and the draws it is given."""

import json

import numpy as np
import pytest
from isentrope_hil import superheat_campaign, superheat_draws, superheat_judge
from isentrope_hil.superheat_journey import POINTS, TRUTHS, Trace, phases
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine

CASE = superheat_draws.draw("ashp-r290-8kw", 3)


def trace(case=CASE):
    """Everything at its setpoint of 8 K, the speed where it is asked to be."""
    journey = phases(case, 1.0)
    count = sum(round(phase.duration_s / 0.5) for phase in journey)
    columns = {name: np.zeros(count) for name in (*POINTS, *(f"true.{name}" for name in TRUTHS))}
    for name in ("superheat_k", "superheat_setpoint_k", "true.superheat_k"):
        columns[name] += 8.0
    made = Trace(0.5, columns, journey)
    for phase, start, end in made.windows():
        speed = 0.0 if phase.stop else phase.rps
        columns["true.speed_rps"][start:end] = columns["speed_set_rps"][start:end] = speed
    return made


def judged(made, case=CASE, steps=3000):
    return superheat_judge.judge(case, made, steps, 115.0)


def window(made, name):
    return next((start, end) for phase, start, end in made.windows() if phase.name == name)


def test_a_perfect_trace_meets_every_bar():
    assert set(judged(trace())["bars"].values()) == {True}
    assert set(judged(trace())["bars"]) == set(superheat_campaign.BARS)


def test_mean_and_deviation():
    made = trace()
    _, end = window(made, "steady")
    made.columns["superheat_k"][end - 200 : end] += np.tile([0.7, -0.7], 100)
    row = judged(made)
    assert row["deviation K"] == pytest.approx(0.7 * np.sqrt(200 / 960))
    made.columns["superheat_k"][end - 960 : end] = 8.0 + np.tile([0.7, -0.7], 480)
    assert judged(made)["bars"]["deviation"] is False
    assert judged(made, steps=500)["bars"]["deviation"] is True, "a coarse valve may"
    made.columns["superheat_k"][end - 960 : end] += 0.6
    assert judged(made)["bars"]["mean"] is False


@pytest.mark.parametrize(("kelvin", "perturbed", "met"), [(1.5, True, True), (1.5, False, False)])
def test_low_superheat_counts_from_five_seconds_on(kelvin, perturbed, met):
    case = superheat_draws.draw("ashp-r290-8kw", 3, perturbed=perturbed)
    made = trace(case)
    start, _ = window(made, "air down")
    made.columns["true.superheat_k"][start : start + 10] = kelvin
    assert judged(made, case)["bars"]["low"] is True, "5 s"
    made.columns["true.superheat_k"][start : start + 11] = kelvin
    assert judged(made, case)["bars"]["low"] is met


def test_any_liquid_counts_but_not_in_the_start():
    made = trace()
    made.columns["true.liquid_kg_s"][:1100] = 1e-3
    made.columns["true.superheat_k"][:1100] = 0.0
    assert set(judged(made)["bars"].values()) == {True}
    made.columns["true.liquid_kg_s"][3000] = 1e-6
    row = judged(made)
    assert row["bars"]["liquid"] is False and row["liquid s"] == 0.5


def test_back_is_counted_from_the_end_of_the_ramp():
    made = trace()
    start, _ = window(made, "ramp up")
    slew = round((CASE.ramp_rps[1] - CASE.ramp_rps[0]) / 0.5)
    made.columns["superheat_k"][start : start + slew + 200] += 3.0
    row = judged(made)
    assert row["bars"]["back"] is True and 80.0 < row["ramp up: back s"] <= 100.0
    made.columns["superheat_k"][start : start + slew + 300] = 11.0
    row = judged(made)
    assert row["bars"]["back"] is False and row["slow"] == ["ramp up"]


def test_a_speed_that_a_limit_keeps_moving_is_not_judged_by_its_return():
    made = trace()
    start, end = window(made, "ramp up")
    made.columns["superheat_k"][start:end] += 3.0
    made.columns["decision"][start:end] = 20.0
    made.columns["speed_set_rps"][start:end] -= np.linspace(0.0, 20.0, end - start)
    assert judged(made)["bars"]["back"] is True
    made.columns["discharge_c"][end - 1] = 115.0
    assert judged(made)["bars"]["limits"] is False, "its own law is"


def test_a_valve_that_stands_wide_open_regulates_nothing():
    made = trace()
    start, end = window(made, "ramp up")
    made.columns["superheat_k"][start:end] += 3.0
    assert judged(made)["bars"]["back"] is False
    made.columns["eev_target_steps"][start:end] = 3000.0
    row = judged(made)
    assert row["bars"]["back"] is True and row["valve wide open"] == ["ramp up"]


@pytest.mark.parametrize("machine", superheat_draws.VALVES)
def test_draws_repeat_and_lie_inside_the_envelope(machine):
    valves = set()
    for seed in range(12):
        case = superheat_draws.draw(machine, seed)
        assert case == superheat_draws.draw(machine, seed)
        assert case.ramp_rps[0] + 10.0 <= case.ramp_rps[1] <= 90.0
        made = superheat_draws.machine_of(case)
        assert made.values["min_rps"] <= case.speed_rps <= made.values["max_rps"]
        own = load_machine(machine).values["eev_area"]
        assert made.values["eev_area"] == pytest.approx(own, rel=0.1)
        valves.add(case.valve)
    assert len(valves) == 2


@pytest.mark.parametrize(("machine", "seed"), [("ptac-r32-2.6kw", 1), ("ashp-r290-8kw", -1)])
def test_what_cannot_be_drawn_is_named(machine, seed):
    with pytest.raises(InputError, match=machine if seed > 0 else "-1"):
        superheat_draws.draw(machine, seed)


def test_a_campaign_goes_on_where_it_ended(tmp_path, monkeypatch):
    cases = [superheat_draws.draw("ashp-r290-8kw", seed) for seed in (1, 2)]
    ran = []

    def instead(case, options):
        ran.append(case.name)
        return {**case.as_json(), **judged(trace(case), case)}

    monkeypatch.setattr(superheat_campaign, "run_case", instead)
    options = superheat_campaign.Options()
    superheat_campaign.run(cases[:1], tmp_path, options)
    with (tmp_path / "cases.jsonl").open("a", encoding="utf-8") as log:
        log.write('{"name": "cut sh')
        log.write("\n")
    document = superheat_campaign.run(cases, tmp_path, options)
    assert ran == [case.name for case in cases]
    group = document["groups"]["ashp-r290-8kw, drawn units"]
    assert (group["cases"], group["all"]) == (2, 2)
    assert json.loads((tmp_path / "summary.json").read_text()) == document
    assert len((tmp_path / "cases.csv").read_text().splitlines()) == 3
