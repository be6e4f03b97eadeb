"""The course that a diagnosed unit runs: what changes when, and what is refused."""

import pytest
from isentrope_hil import diagnosis_run
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine

MACHINE = "ashp-r290-8kw"


class Bench:
    """Takes what a course sets."""

    scan_s = 0.5

    def __init__(self):
        self.set = {}
        self.steps = 0

    def knob(self, name, value):
        self.set[name] = value

    write = knob

    def step(self, count):
        self.steps += count


def held(fault, count):
    bench, course, seen = Bench(), diagnosis_run._Course(load_machine(MACHINE), 3, fault), []
    for _ in range(count):
        assert course.hold(bench) == pytest.approx(bench.steps * bench.scan_s / 3600.0 / (len(seen) + 1))
        seen.append(dict(bench.set))
    return seen


def test_a_coil_in_heating_has_weather_for_two_hours_and_a_demand_for_half_of_one():
    seen = held("coil", 24)
    assert (
        len({each["outdoor_c"] for each in seen[:12]}) == 1 and seen[0]["outdoor_c"] != seen[12]["outdoor_c"]
    )
    assert len({each["demand_pct"] for each in seen}) == 8
    assert all(-3.0 <= each["outdoor_c"] <= 8.0 and each["outdoor_rh"] >= 0.55 for each in seen)
    assert "test_speed_rps" not in seen[0], "a test makes no defrosts"


def test_a_coil_in_cooling_has_warm_air_and_the_others_a_locked_speed():
    for fault, air_c in (("condenser", (22.0, 36.0)), ("charge", (0.0, 15.0))):
        seen = held(fault, 6)
        assert (
            len({each["outdoor_c"] for each in seen}) == len({each["test_speed_rps"] for each in seen}) == 6
        )
        assert all(air_c[0] <= each["outdoor_c"] <= air_c[1] for each in seen)


def test_an_unknown_fault_is_refused():
    with pytest.raises(InputError, match="fault 'frost' is unknown; known: charge, coil, condenser"):
        diagnosis_run.run(MACHINE, "frost")
