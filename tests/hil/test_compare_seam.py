"""The comparison runs the firmware that the targets run, and exchanges the valve's law alone."""

import os
from dataclasses import replace

import pytest
from isentrope_hil import Bench
from isentrope_hil.compare import carel, duties
from isentrope_hil.compare.law import Spec
from isentrope_hil.compare.laws import LAWS, OURS
from isentrope_hil.compare.trial import plants
from isentrope_hil.errors import TargetError

MACHINE = "ashp-r290-8kw"
DRAW = duties.Draw(21)
# A start and the first half of a ramp.
SHORT = replace(
    duties.RAMPS,
    start_s=420.0,
    length_s=60.0,
    turns=(duties.Turn(10.0, "speed", 90.0),),
    windows=(duties.Window("30 to 90 rps", "ramp", 10.0, 60.0),),
)


class Still:
    """A law that leaves the valve where it found it."""

    def begin(self, signals, position_pct):
        self.opening = position_pct

    def step(self, signals):
        return self.opening


@pytest.fixture(scope="module")
def machines():
    with plants() as made:
        yield made


def traced(machines, spec, values=None):
    found = []
    machines.run(MACHINE, SHORT, DRAW, spec, values or {}, lambda t, truth: found.append(truth))
    return found


@pytest.mark.parametrize("target", ["cpython", "unix"])
def test_our_law_is_the_one_that_the_target_runs(machines, target):
    if target == "unix" and os.name != "posix":
        pytest.skip("not run: target unix needs a pseudo-terminal")
    ours = [truth["superheat_k"] for truth in traced(machines, LAWS[OURS])]
    with Bench(MACHINE, duties.BOARD, target, seed=DRAW.seed, carry_over=True) as bench:
        bench.reset(outdoor_c=7.0, rh=0.5, water_c=30.0, settings=duties.SETTINGS)
        bench.knob("bath", 1.0)
        bench.knob("return_c", 30.0)
        bench.write("test_speed_rps", 30.0)
        bench.write("enable", 1)
        bench.step(840)
        theirs = []
        for scan in range(120):
            if scan == 20:
                bench.write("test_speed_rps", 90.0)
            bench.step()
            theirs.append(bench.truth("superheat_k"))
    assert ours == pytest.approx(theirs, abs=1e-9)
    assert max(ours) - min(ours) > 0.1, "something happens"


def test_a_law_takes_the_valve_and_nothing_else(machines):
    ours = traced(machines, LAWS[OURS])
    still = traced(machines, Spec("still", "", (), lambda unit, values: Still()))
    assert [row["speed_rps"] for row in still] == [row["speed_rps"] for row in ours]
    # It may have been on its way at the hand-over: the stepper ramps down, then it stands.
    assert len({row["eev_opening"] for row in still[4:]}) == 1
    assert still[-1]["superheat_k"] > ours[-1]["superheat_k"] + 1.0


def test_runs_do_not_touch_each_other(machines):
    first = traced(machines, LAWS["carel"])
    traced(machines, LAWS[OURS], {"superheat_gain": 9.0})
    traced(machines, LAWS["valden"])
    assert traced(machines, LAWS["carel"]) == first


def test_what_the_firmware_refuses_is_said(machines):
    with pytest.raises(TargetError, match="superheat_gain"):
        traced(machines, LAWS[OURS], {"superheat_gain": 99.0})


def test_a_law_sees_what_the_firmware_measures(machines):
    seen = []

    class Looking(carel.Carel):
        def step(self, signals):
            seen.append(replace(signals))
            return super().step(signals)

    machines.run(
        MACHINE, SHORT, DRAW, Spec("looking", "", carel.PARAMETERS, Looking), {}, lambda t, truth: None
    )
    assert len(seen) == 60, "once a second"
    for signals in seen:
        assert signals.suction_c - signals.evap_c == pytest.approx(signals.superheat_k, abs=1.5)
        assert 300.0 < signals.evap_kpa < 600.0
        assert 30.0 < signals.cond_c < 50.0
    assert seen[0].speed_rps == 30.0 and seen[-1].speed_rps == pytest.approx(79.0, abs=1.0)
