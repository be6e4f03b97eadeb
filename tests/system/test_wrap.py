"""Control time wraps at 2^30 ms: a run across it is the same run, wherever in it the wrap falls."""

import os
from functools import cache

import numpy as np
import pytest
from isentrope_hil import Bench
from isentrope_hil.scenario import load

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

WRAP = 1 << 30
ELSEWHERE = 123_456_000  # ms; nothing wraps within hours
SCANS = 6600  # 55 min: start, frost, a defrost and the start after it


@cache
def lived(before_s):
    """Every raw output, point, state of the plant and event of a run that wraps after so many seconds."""
    scenario = load("defrost")
    t0_ms = ELSEWHERE if before_s is None else WRAP - round(1000 * before_s)
    with Bench(scenario.machine, scenario.board, "unix", seed=3, t0_ms=t0_ms) as bench:
        bench.reset(outdoor_c=2.0, rh=0.84, water_c=30.0)
        bench.knob("load_w", 5600.0)
        bench.write("flow_setpoint_c", 35.0)
        bench.write("enable", 1)
        rows = []
        for scan in range(SCANS):
            if scan == 6200:
                bench.fault("hp_switch", "open")  # a trip, its pause and its count
            elif scan == 6210:
                bench.clear("hp_switch")
            bench.step()
            rows.append((*bench.link.raw_out, *bench.link.points, *bench.rig.raw_in))
        events = [((t - t0_ms) & (WRAP - 1), *rest) for t, *rest in bench.events]
        assert bench.link.t_ms < WRAP
        return np.array(rows), bench.rig.state.copy(), events


def test_the_run_has_what_the_wrap_could_break():
    *_, events = lived(None)
    said = " | ".join(text for *_, text in events)
    for what in ("state heating", "melts at", "coil drips", "alarm raised: high-pressure switch"):
        assert what in said
    melts = next(t for t, _, _, text in events if "melts at" in text) / 1000.0
    assert 2830.0 < melts < 2945.0, "one case below wraps while the coil melts"


@pytest.mark.parametrize(
    "before_s",
    [600.0, 2950.0, 3102.0],
    ids=["ten minutes", "melting", "trip pause"],
)
def test_across_the_wrap_as_anywhere(before_s):
    rows, state, events = lived(before_s)
    other_rows, other_state, other_events = lived(None)
    np.testing.assert_array_equal(rows, other_rows)
    np.testing.assert_array_equal(state, other_state)
    assert events == other_events
