"""The defrost on demand and a reversing valve that does not move, in closed loop on MicroPython."""

import os

import pytest
from isentrope_hil import Bench

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

HEATING, DEFROSTING, FAULT = 2, 5, 9
GROWN, NOT_MOVED = 90, 95  # decisions
STUCK = 27  # alarm
FLOW = 0.85  # m3/s, the fan through the clean coil


def heating(bench: Bench, **settings: float) -> None:
    bench.reset(outdoor_c=2.0, rh=0.9, water_c=30.0, settings=settings)
    bench.knob("load_w", 4600.0)
    bench.write("flow_setpoint_c", 35.0)
    bench.write("enable", 1)


def until(bench: Bench, state: int, most_s: int) -> None:
    for _ in range(2 * most_s):
        if bench.read("state") == state:
            return
        bench.step()
    raise AssertionError(f"state {state} not within {most_s} s")


def test_demand_begins_between_needless_and_missed() -> None:
    with Bench("ashp-r290-8kw", "pico-full", "unix", seed=1) as bench:
        heating(bench, defrost=2)
        bench.step(2 * 2400)
        assert bench.read("state") == HEATING, "the coil still has its air"
        air = 1.0
        for _ in range(2 * 1800):
            if bench.read("state") == DEFROSTING:
                break
            air = bench.truth("air_m3_s") / (FLOW * bench.read("fan_pct") / 100.0)
            bench.step()
        assert GROWN in [code for _, code, _, _ in bench.events]
        assert 0.6 <= air <= 0.88
        assert bench.read("frost_growth_k") > 0.5


def test_a_relay_that_never_pulls_in() -> None:
    with Bench("ashp-r290-8kw", "pico-full", "unix", seed=1) as bench:
        heating(bench)
        bench.step(2 * 900)
        bench.fault("reversing_valve", "off")
        bench.write("defrost_start", 1)
        until(bench, DEFROSTING, 10)
        until(bench, FAULT, 240)
        assert int(bench.read("stop_alarms")) >> STUCK & 1 and not bench.raw("reversing_valve")
        bench.step(2)
        assert NOT_MOVED in [code for _, code, _, _ in bench.events]
        bench.clear()
        until(bench, HEATING, 900)


def test_a_slide_that_stays_behind_after_a_defrost() -> None:
    with Bench("ashp-r290-8kw", "pico-full", "unix", seed=1) as bench:
        heating(bench)
        bench.step(2 * 900)
        bench.write("defrost_start", 1)
        bench.step(2 * 60)
        bench.fault("plant", "reversing-stuck", position=1.0)
        until(bench, FAULT, 400)
        assert int(bench.read("stop_alarms")) >> STUCK & 1
        assert bench.truth("t_water_out") > 278.0, "long before the plate is cold"


def test_a_slide_half_way_while_heating() -> None:
    """Gas goes round: no heat, and condensing under the water."""
    with Bench("ashp-r290-8kw", "pico-full", "unix", seed=1) as bench:
        heating(bench)
        bench.step(2 * 900)
        bench.fault("plant", "reversing-stuck", position=0.5)
        until(bench, FAULT, 120)
        assert int(bench.read("stop_alarms")) >> STUCK & 1
        bench.clear()
        until(bench, HEATING, 900)
        bench.step(2 * 300)
        assert not bench.read("stop_alarms"), "not found where it works"
