"""How long the compressor runs outside its envelope: true pressures, every shipped scenario, seeded duties.

Judged as the firmware is told to (docs/control.md): the first 100 s of a start and a defrost's reversal,
which have to leave the envelope, are not counted.
"""

import os
from dataclasses import dataclass

import numpy as np
import pytest
from isentrope_hil import Bench
from isentrope_hil.resources import root
from isentrope_hil.scenario import load
from isentrope_sim import fluids, limits
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import load_machine

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

LONGEST_S = 15.0
MASK_S = 100.0  # setting start_mask
AGAIN_S = 60.0  # of a defrost's end: the slide is back, pressures part anew
SCENARIOS = sorted(
    path.stem for path in (root("firmware").parent / "hil" / "isentrope_hil" / "scenarios").glob("*.toml")
)
DEFROSTING = 5


@dataclass
class Found:
    """The longest time outside, s, how far, K, and whether the compressor ran at all."""

    outside_s: float
    depth_k: float
    ran_s: float


def excursion(machine, pressures, speed, defrosting, step_s):
    """Judge a trace: `pressures` suction and discharge, Pa; `speed` 1/s; each an array over the scans."""
    fluid, sat = fluids.load(machine.refrigerant), np.zeros(tb.SAT_SIZE)
    corners = machine.limits["envelope"]
    longest = lasted = depth = ran_s = 0.0
    since_start, since_defrost = 0.0, np.inf
    for low, high, rps, reversed_ in zip(*pressures, speed, defrosting, strict=True):
        since_start = since_start + step_s if rps > 1.0 else 0.0
        ran_s += step_s * (rps > 1.0)
        since_defrost = 0.0 if reversed_ else since_defrost + step_s
        if since_start <= MASK_S or since_defrost <= AGAIN_S:
            lasted = 0.0
            continue
        dew = []
        for p in (low, high):
            tb.saturation(fluid, p, sat)
            dew.append(sat[tb.T_DEW] - 273.15)
        margin, _ = limits.envelope(corners, *dew)
        lasted = lasted + step_s if margin < 0.0 else 0.0
        longest, depth = max(longest, lasted), max(depth, -margin)
    return Found(longest, depth, ran_s)


def of_run(bench, machine):
    """The excursions of what `bench` recorded."""
    column = bench.recorder.column
    low, high, speed = (column("true." + name) for name in ("p_suction", "p_discharge", "speed_rps"))
    return excursion(machine, (low, high), speed, column("state") == DEFROSTING, bench.scan_s)


def test_the_judge_sees_an_excursion():
    machine = load_machine("ashp-r290-8kw")
    low, high = np.full(600, 4.3e5), np.full(600, 12.5e5)
    high[300:340] = 29e5  # condensing at 75 degC for 20 s
    speed, defrosting = np.full(600, 60.0), np.zeros(600, bool)
    found = excursion(machine, (low, high), speed, defrosting, 0.5)
    assert found.outside_s == 20.0 and 5.0 < found.depth_k < 9.0
    assert excursion(machine, (low, high), speed, defrosting | True, 0.5).outside_s == 0.0
    high[300:340], high[100:150] = 12.5e5, 29e5  # in the first 100 s
    assert excursion(machine, (low, high), speed, defrosting, 0.5).outside_s == 0.0


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario(name):
    scenario = load(name)
    with Bench(scenario.machine, scenario.board, "unix", seed=scenario.seed, world=scenario.world) as bench:
        document = bench.run(scenario)
        found = of_run(bench, load_machine(scenario.machine))
    failed = {r["id"]: (r["value"], r["limit"]) for r in document["requirements"] if r["verdict"] != "pass"}
    assert not failed
    assert found.ran_s > 150.0
    assert found.outside_s <= LONGEST_S, f"{found.depth_k:.1f} K deep"


MACHINES = ("ashp-r290-8kw", "ashp-r32-9kw", "ashp-r454b-4kw", "ashp-r410a-evi-16kw")


@pytest.mark.parametrize("draw", range(8))
def test_a_drawn_duty(draw):
    """Air, water and speeds drawn from the whole range, asked for or not by the envelope; changes in mid-run.

    A sensor's filter and the trip's own delay make 18 s of the 15 s where the controller has to stop.
    """
    rng = np.random.default_rng(9000 + draw)
    machine = load_machine(MACHINES[draw % len(MACHINES)])
    with Bench(
        machine, "pico-full", "unix", seed=draw, perturb=None if draw < 4 else draw, carry_over=True
    ) as bench:
        bench.reset(outdoor_c=rng.uniform(-15.0, 20.0), rh=rng.uniform(0.3, 0.9), water_c=30.0)
        recorder = bench.record("")
        bench.knob("bath", 1)
        bench.write("enable", 1)
        for _ in range(4):
            bench.knob("return_c", rng.choice([25.0, 30.0, 40.0, 47.0]))
            share = rng.uniform(0.2, 1.0)
            bench.write("test_speed_rps", max(share * machine.values["max_rps"], machine.values["min_rps"]))
            bench.step(720)
        assert len(recorder) == 4 * 720
        found = of_run(bench, machine)
        tripped = any("alarm raised: envelope" in text for *_, text in bench.events)
    assert found.outside_s <= (LONGEST_S + 3.0 if tripped else LONGEST_S), f"{found.depth_k:.1f} K deep"


def test_an_excursion_is_fought_and_ended_in_time():
    """Return water that leaps to 72 degC drives condensing beyond the top: reduced, then stopped."""
    machine = load_machine("ashp-r290-8kw")
    with Bench(machine, "pico-full", "unix", seed=5) as bench:
        bench.reset(outdoor_c=7.0, rh=0.4, water_c=30.0)
        recorder = bench.record("")
        bench.knob("bath", 1)
        bench.write("test_speed_rps", 60.0)
        bench.write("enable", 1)
        bench.step(1000)
        assert bench.read("compressor") == 1
        bench.knob("return_c", 72.0)
        bench.step(600)
        assert len(recorder) == 1600
        found = of_run(bench, machine)
        said = [text for *_, text in bench.events]
    assert LONGEST_S - 3.0 <= found.outside_s <= LONGEST_S + 3.0, "the delay, the filter and the lag of both"
    assert sum("alarm raised: envelope" in text for text in said) == 1
    assert any("speed reduced" in text for text in said)
