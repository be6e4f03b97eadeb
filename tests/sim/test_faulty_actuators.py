"""Faults of actuators on a rig: each does what its row says, ends when cleared, and repeats."""

from itertools import pairwise

import pytest
from quiet_rig import quiet, rotor, step
from test_rig import OUT, running, truth


def test_a_jammed_valve_counts_in_vain():
    rig = step(quiet(), 2, running(count=300))
    before = truth(rig, "eev_true_steps")
    rig.fault("eev_count", "stuck")
    step(rig, 2, running(count=500))
    assert truth(rig, "eev_true_steps") == before
    rig.clear_fault("eev_count")
    assert truth(step(rig, 1, running(count=510)), "eev_true_steps") == before + 10  # only what comes now


def test_lost_steps_are_spread_evenly():
    rig = quiet()
    step(rig, 1, running(count=0))
    rig.fault("eev_count", "lost-steps", fraction=0.1)
    before, worst = rotor(rig), 0.0
    for count in range(7, 707, 7):
        step(rig, 1, running(count=count))
        worst = max(worst, abs(rotor(rig) - before - 0.9 * count))
    assert rotor(rig) == before + 700 - 70
    assert worst < 1.0
    for count in range(700, 0, -7):
        step(rig, 1, running(count=count - 7))
    assert rotor(rig) == before


def valve(verb, **values):
    """A rig whose valve has this fault, its rotor and its count at 200."""
    rig = quiet()
    step(rig, 1, running(count=0))
    step(rig, 1, running(count=65536 - 1000))
    step(rig, 1, running(count=65536 - 800))
    assert rotor(rig) == 200
    rig.fault("eev_count", verb, **values)
    return rig


def at(steps):
    return running(count=(steps - 1000) & 0xFFFF)


def test_exchanged_wires_turn_the_valve_the_other_way():
    assert rotor(step(valve("wrong"), 1, at(230))) == 170


def test_a_loose_plug_loses_the_pulses_of_its_time():
    rig = valve("intermittent", period_s=4.0, off_s=1.0)
    for count in range(201, 241):
        step(rig, 1, at(count))
    assert rotor(rig) == 230


def test_a_slow_valve_follows_in_the_end():
    rig = valve("slow", rate_hz=10.0)
    assert rotor(step(rig, 1, at(260))) == 205
    assert rotor(step(rig, 9, at(260))) == 250
    assert rotor(step(rig, 9, at(260))) == 260
    assert rotor(step(rig, 4, at(230))) == 240


def test_late_pulses_come_after_their_time():
    rig = valve("delayed", delay_s=3.0)
    assert rotor(step(rig, 6, at(240))) == 200
    assert rotor(step(rig, 1, at(240))) == 240


def test_a_rotor_slips_once_or_ever_further():
    rig = step(valve("offset", by_steps=-50.0), 5, at(210))
    assert rotor(rig) == 160
    rig.fault("eev_count", "drift", by_steps_h=3600.0)
    assert rotor(step(rig, 20, at(210))) == 170


def test_rocking_pulses_go_either_way_and_repeat():
    def run():
        rig, seen = valve("garbage"), []
        for count in range(201, 301):
            seen.append(rotor(step(rig, 1, at(count))))
        return seen

    seen = run()
    assert run() == seen
    assert {b - a for a, b in pairwise(seen)} == {-1.0, 1.0}


def test_a_slow_relay_ignores_what_does_not_last():
    rig = step(quiet(), 4)
    rig.fault("compressor_run", "slow", lag_s=3.0)
    for _ in range(6):
        step(rig, 2, running())
        step(rig, 1)
    assert not rig.actuators.running
    step(rig, 9, running())
    assert rig.actuators.running


@pytest.mark.parametrize("name", ["compressor_run", "eev_coils"])
def test_a_chattering_output_repeats(name):
    place = {"compressor_run": "actuator.run_on", "eev_coils": "actuator.eev_coils_on"}[name]

    def run():
        rig = quiet()
        rig.fault(name, "garbage")
        return [step(rig, 1, running()).state[rig.state_names.index(place)] for _ in range(100)]

    seen = run()
    assert run() == seen and 20 < sum(seen) < 80


def test_a_drifting_reference():
    rig = step(quiet(), 60, running(50.0))
    rig.fault("compressor_ref", "drift", by_h=15.0)  # 120 rps are full scale
    step(rig, 61, running(50.0))
    assert truth(rig, "speed_rps") == pytest.approx(65.0, abs=0.3)


def test_dead_coils_move_nothing():
    rig = step(quiet(), 2, running(count=300))
    before = truth(rig, "eev_true_steps")
    rig.fault("eev_coils", "off")
    step(rig, 1, running(count=300))
    step(rig, 3, running(count=400))
    assert truth(rig, "eev_true_steps") == before


@pytest.mark.parametrize(
    ("verb", "values", "speed"),
    [("off", {}, 0.0), ("low", {"factor": 0.5}, 25.0), ("wrong", {"value": 0.25}, 30.0)],
)
def test_a_drive_that_trips_or_does_not_follow(verb, values, speed):
    rig = step(quiet(), 60, running(50.0))
    rig.fault("compressor_ref", verb, **values)
    step(rig, 60, running(50.0))
    assert truth(rig, "speed_rps") == pytest.approx(speed, abs=0.01)


def test_a_failed_fan_and_a_weak_pump():
    rig = step(quiet(), 60, running())
    rig.fault("fan_ref", "off")
    rig.fault("pump_ref", "low", factor=0.4)
    step(rig, 60, running())
    assert truth(rig, "fan") < 1e-3
    assert truth(rig, "pump") == pytest.approx(0.4, abs=1e-3)
    rig.clear_fault()
    step(rig, 60, running())
    assert truth(rig, "fan") == pytest.approx(1.0, abs=1e-3)


def test_a_slow_drive_ramps_slowly():
    rig = quiet()
    rig.fault("compressor_ref", "slow", factor=10.0)
    step(rig, 21, running(90.0))
    assert truth(rig, "speed_rps") == pytest.approx(5.25, abs=0.1)  # a tenth of 5 rps/s for 10.5 s


@pytest.mark.parametrize(
    ("verb", "values", "runs"), [("off", {}, False), ("stuck", {}, True), ("wrong", {}, True)]
)
def test_a_run_relay_that_does_not_obey(verb, values, runs):
    rig = step(quiet(), 10, running())
    rig.fault("compressor_run", verb, **values)
    wanted = running() if verb == "off" else [*running()]
    if verb != "off":
        wanted[OUT.index("compressor_run")] = 0
    step(rig, 10, wanted)
    assert rig.actuators.running is runs


def test_a_late_relay_is_late():
    rig = step(quiet(), 4)
    rig.fault("compressor_run", "delayed", delay_s=5.0)
    step(rig, 9, running())
    assert not rig.actuators.running
    step(rig, 4, running())
    assert rig.actuators.running
