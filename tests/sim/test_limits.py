"""A machine's own limits: where the controller would hold its speed, and what full capacity is there."""

import pytest
from isentrope_sim import limits, steady
from isentrope_sim.machine import load_machine
from isentrope_sim.rating.rate import rate

R32 = load_machine("ashp-r32-9kw")


def test_each_limit_is_named():
    """A point in the middle of everything, then over each limit in turn."""
    said = R32.limits
    good = {
        "discharge_k": 350.0,
        "discharge_pa": 2e6,
        "suction_pa": 8e5,
        "evaporating_k": 273.15,
        "condensing_k": 308.15,
    }
    assert limits.broken(R32, good) == ""
    for change, name in (
        ({"discharge_k": said["discharge_max_c"] + 273.15 - 9.9}, "discharge"),
        ({"discharge_pa": 1e3 * said["high_kpa"] - 1.9e5}, "high pressure"),
        ({"suction_pa": 1e3 * said["low_kpa"] + 2.9e4}, "low pressure"),
        ({"condensing_k": 273.15 + 60.5}, "envelope"),
        # Too small a lift: the controller speeds up, nothing holds it.
        ({"condensing_k": 273.15 + 10.5}, ""),
    ):
        assert limits.broken(R32, good | change) == name


def test_full_speed_is_held_where_the_discharge_is_hot():
    """A-10/W55: R32's discharge holds the speed 10 K under its limit; at A-10/W35 nothing does."""

    def at(sink_c):
        return lambda rps: steady.solve(R32, -10.0, sink_c, speed_rps=rps)

    assert limits.top_speed(R32, at(35.0)) == (R32.values["max_rps"], "")
    rps, limit = limits.top_speed(R32, at(45.0))
    assert limit == "discharge"
    assert R32.values["min_rps"] < rps < R32.values["max_rps"]
    held = R32.limits["discharge_max_c"] - 10.0
    assert at(45.0)(rps)["discharge_k"] - 273.15 == pytest.approx(held, abs=0.2)
    assert at(45.0)(rps)["limit"] == "" and at(45.0)(rps + 0.2)["limit"] == "discharge"


def test_where_the_least_speed_is_too_much_it_is_the_answer():
    def hot(rps):
        return steady.solve(R32, -20.0, 60.0, speed_rps=rps)

    assert limits.top_speed(R32, hot)[0] == R32.values["min_rps"]
    assert limits.top_speed(R32, hot)[1] != ""


def test_a_fixed_speed_machine_has_its_one_speed():
    fixed = load_machine("ashp-r290-fixed")
    rps = fixed.values["max_rps"]
    assert limits.top_speed(fixed, lambda n: steady.solve(fixed, 7.0, 35.0, speed_rps=n)) == (rps, "")


def test_a_season_counts_what_the_limits_leave():
    """55 degC, dry: points whose full speed is held, or would be, say by what; held, they have less heat."""
    asked = {"application_c": 55, "pdesign_w": 7800.0, "tbiv_c": -2.0, "solver": steady.solve}
    free, held = (rate(R32, within_limits=each, **asked) for each in (False, True))
    names = [p["name"] for p in held["points"] if p["limit"]]
    assert names and len(names) < len(held["points"])
    assert [p["name"] for p in free["points"] if p["limit"]] == names
    for a, b in zip(held["points"], free["points"], strict=True):
        assert (a["full_w"] < b["full_w"]) == bool(a["limit"])
    assert held["scop"] < free["scop"]
