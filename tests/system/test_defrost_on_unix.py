"""The firmware defrosts the frosting plant: the packaged scenario, other machines, and what fails."""

import os
from dataclasses import replace

import pytest
from isentrope_hil import Bench
from isentrope_hil.scenario import load

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

DEFROSTING = 5


def test_the_scenario() -> None:
    scenario = load("defrost")
    with Bench(scenario.machine, scenario.board, "unix", seed=scenario.seed) as bench:
        document = bench.run(scenario)
    failed = {r["id"]: (r["value"], r["limit"]) for r in document["requirements"] if r["verdict"] != "pass"}
    assert not failed


# What is the R290 machine's alone: two defrosts in its two hours, a kilogram of frost, its accumulator.
OWN = ("LAW-3", "LAW-4", "FROST-1", "SLUG-1", "SLUG-2", "SH-1")


@pytest.mark.parametrize("machine", ["ashp-r32-9kw", "ashp-r454b-4kw", "ashp-r410a-evi-16kw"])
def test_one_defrost_of_other_machines(machine: str) -> None:
    scenario = load("defrost")
    kept = tuple(each for each in scenario.requirements if each.id not in OWN)
    scenario = replace(scenario, machine=machine, duration_s=4200.0, requirements=kept)
    with Bench(machine, scenario.board, "unix", seed=scenario.seed) as bench:
        document = bench.run(scenario)
        assert bench.read("starts") == 2, "the demand's and the defrost's"
    failed = {r["id"]: (r["value"], r["limit"]) for r in document["requirements"] if r["verdict"] != "pass"}
    assert not failed


def frosted(bench: Bench, **settings: float) -> None:
    """Forty minutes of frost at A2, and a defrost asked for."""
    bench.reset(outdoor_c=2.0, rh=0.84, water_c=30.0, settings=settings)
    bench.knob("load_w", 5600.0)
    bench.write("flow_setpoint_c", 35.0)
    bench.write("enable", 1)
    bench.step(4800)
    assert bench.truth("frost_kg") > 0.8


def ends(bench: Bench, most_s: int = 900) -> float:
    """Seconds until the defrost is over."""
    for scan in range(2 * most_s):
        bench.step(1)
        if scan > 10 and bench.read("state") != DEFROSTING:
            return scan / 2
    raise AssertionError(f"not over after {most_s} s")


def test_failures_on_the_plant() -> None:
    with Bench("ashp-r290-8kw", "pico-full", "unix", seed=1) as bench:
        # The coil's sensor is open: the liquid that leaves the coil ends it.
        frosted(bench)
        bench.fault("coil_t", "open")
        bench.step(20)
        bench.write("defrost_start", 1)
        assert 100.0 < ends(bench) < 400.0
        assert bench.truth("frost_kg") < 0.1 and bench.read("stop_alarms") == 0

        # Time ends it before the ice is gone.
        frosted(bench, defrost_longest=60, defrost_end_hold=60, defrost_speed=20)
        bench.write("defrost_start", 1)
        ends(bench)
        assert bench.truth("frost_kg") > 0.1 and int(bench.read("warn_alarms")) >> (45 - 32) & 1

        # The water is too cold to begin with.
        frosted(bench, defrost_water_start=40)
        bench.write("defrost_start", 1)
        bench.step(120)
        assert bench.read("state") == 2 and int(bench.read("warn_alarms")) >> (46 - 32) & 1
