"""Faults of sensors on a rig: each does what its row says, ends when cleared, and repeats."""

import numpy as np
import pytest
from isentrope_sim.errors import InputError
from isentrope_sim.sensors import ntc_curve, ntc_resistance
from quiet_rig import quiet, raw, step
from test_rig import IN, make, outputs, running, truth

FULL = 4096


def kelvin(rig, name):
    """The thermistor's reading, K."""
    ratio = raw(rig, name) / FULL
    wanted = 1e4 * ratio / (1.0 - ratio)
    a, b, c = ntc_curve("ntc-10k-3435")
    low, high = 200.0, 420.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if ntc_resistance(middle, a, b, c) > wanted else (low, middle)
    return low


def pascal(rig, name):
    top = {"evap_p": 1730e3, "cond_p": 3450e3}[name]
    return (raw(rig, name) / FULL - 0.1) / 0.8 * top + 101_325.0


@pytest.mark.parametrize(
    ("name", "verb", "count"),
    [
        ("outdoor_t", "open", FULL - 1),
        ("outdoor_t", "off", FULL - 1),
        ("outdoor_t", "short", 0),
        ("evap_p", "open", 0),
        ("evap_p", "short", FULL - 1),
    ],
)
def test_broken_wires(name, verb, count):
    rig = step(quiet())
    sound = raw(rig, name)
    rig.fault(name, verb)
    assert raw(step(rig), name) == count
    rig.clear_fault(name)
    assert raw(step(rig), name) == pytest.approx(sound, abs=1)


def test_offset_and_drift_of_a_thermistor():
    rig = step(quiet())
    rig.fault("outdoor_t", "offset", by_k=3.0)
    assert kelvin(step(rig), "outdoor_t") == pytest.approx(283.15, abs=0.05)
    rig.fault("outdoor_t", "drift", by_k_h=-2.0)
    assert kelvin(step(rig, 3600), "outdoor_t") == pytest.approx(279.15, abs=0.05)
    assert truth(rig, "outdoor_k") == 280.15


def test_offset_and_drift_of_a_transducer():
    rig = step(quiet())
    sound = pascal(rig, "cond_p")
    rig.fault("cond_p", "offset", by_kpa=-50.0)
    assert pascal(step(rig), "cond_p") - sound == pytest.approx(-50e3, abs=1.1e3)  # a count is 1.05 kPa
    rig.fault("cond_p", "drift", by_kpa_h=60.0)
    assert pascal(step(rig, 3600), "cond_p") - sound == pytest.approx(30e3, abs=1.1e3 + 1e3)


def test_a_neighbour_that_senses_the_same_is_not_touched():
    sound, broken = quiet(), quiet()
    broken.fault("flow_t", "wrong", value_c=80.0)
    for _ in range(100):
        sound.step(running(), 0.5)
        broken.step(running(), 0.5)
    assert kelvin(broken, "flow_t") == pytest.approx(353.15, abs=0.1)
    differing = [name for name, a, b in zip(IN, sound.raw_in, broken.raw_in, strict=True) if a != b]
    assert differing == ["flow_t"]
    assert np.array_equal(sound.truth, broken.truth)


def test_stuck_holds_the_count():
    rig = make()  # with noise: a stuck converter has none
    step(rig, 10, running())
    rig.fault("discharge_t", "stuck")
    held = raw(rig, "discharge_t")
    assert {raw(step(rig, 1, running()), "discharge_t") for _ in range(200)} == {held}
    rig.clear_fault("discharge_t")
    assert raw(step(rig, 200, running()), "discharge_t") < held - 20  # it has warmed meanwhile


def test_slow_is_a_longer_lag():
    rig = quiet()
    rig.fault("outdoor_t", "slow", factor=6.0)  # 10 s by the machine file
    rig.set("outdoor_c", 17.0)
    assert kelvin(step(rig, 120), "outdoor_t") == pytest.approx(290.15 - 10.0 * np.exp(-1.0), abs=0.05)


def test_delayed_shows_what_was():
    rig, sound = quiet(), quiet()
    rig.fault("cond_p", "delayed", delay_s=30.0)
    past = []
    for number in range(200):
        step(sound, 1, running())
        step(rig, 1, running())
        past.append(raw(sound, "cond_p"))
        if number >= 61:
            assert raw(rig, "cond_p") == pytest.approx(past[number - 60], abs=2)
    assert past[-1] > past[0] + 50


def test_intermittent_is_off_for_its_share():
    rig = quiet()
    rig.fault("coil_t", "intermittent", period_s=20.0, off_s=5.0)
    seen = [raw(step(rig), "coil_t") == FULL - 1 for _ in range(400)]
    assert sum(seen) == 100


def test_garbage_is_random_but_repeats_and_leaves_the_noise_of_others():
    def run(seed, broken):
        rig = make(seed=seed)
        if broken:
            rig.fault("liquid_t", "garbage")
        return [tuple(rig.step(outputs(), 0.5)) for _ in range(100)]

    place = IN.index("liquid_t")
    first, sound = run(1, True), run(1, False)
    assert run(1, True) == first
    assert [row[place] for row in run(2, True)] != [row[place] for row in first]
    values = np.array([row[place] for row in first])
    assert values.min() < 0.1 * FULL and values.max() > 0.9 * FULL
    others = [[v for i, v in enumerate(row) if i != place] for row in first]
    assert others == [[v for i, v in enumerate(row) if i != place] for row in sound]


def test_a_bridged_pressure_switch_no_longer_stops_the_compressor():
    rig = step(quiet(), 60, running())
    rig.fault("hp_switch", "open")
    step(rig, 20, running())
    assert truth(rig, "speed_rps") == 0.0 and raw(rig, "hp_switch") == 1
    rig.fault("hp_switch", "short")
    step(rig, 20, running())
    assert truth(rig, "speed_rps") > 10.0 and raw(rig, "hp_switch") == 0
    rig.clear_fault("hp_switch")
    assert raw(step(rig, 1, running()), "hp_switch") == 0


def test_a_chattering_contact_goes_back_to_what_it_senses():
    rig = quiet()
    rig.fault("motor_ok", "intermittent", period_s=4.0, off_s=1.0)
    seen = [raw(step(rig), "motor_ok") for _ in range(16)]
    assert sum(seen) == 4
    rig.fault("water_flow", "stuck")  # open: the pump rests
    step(rig, 60, running())
    assert raw(rig, "water_flow") == 1
    rig.clear_fault()
    assert raw(step(rig, 2, running()), "water_flow") == 0


@pytest.mark.parametrize(
    ("name", "sound", "broken", "verb", "values"),
    [
        ("water_flow", 0, 1, "wrong", {}),
        ("water_flow", 0, 1, "offset", {"by": 9.0}),
        ("hp_switch", 0, 1, "offset", {"by": -0.9}),
    ],
)
def test_a_contact_that_says_the_opposite_or_too_early(name, sound, broken, verb, values):
    rig = step(quiet(), 60, running())
    assert raw(rig, name) == sound
    rig.fault(name, verb, **values)
    assert raw(step(rig, 1, running()), name) == broken
    rig.clear_fault(name)
    assert raw(step(rig, 2, running()), name) == sound


def test_a_drifting_switch_opens_when_its_threshold_arrives():
    rig = step(quiet(), 60, running())
    rig.fault("water_flow", "drift", by_h=60.0)  # doubled after a minute, 0.08 to 0.16 kg/s
    rig.set("water_flow", 0.3)
    seen = [raw(step(rig, 1, running()), "water_flow") for _ in range(120)]
    assert seen[0] == 0 and seen[-1] == 1 and sorted(seen) == seen


@pytest.mark.parametrize(("verb", "values"), [("delayed", {"delay_s": 3.0}), ("slow", {"lag_s": 3.0})])
def test_a_late_contact_is_late(verb, values):
    rig = step(quiet(), 60, running())
    rig.fault("water_flow", verb, **values)
    rig.set("water_flow", 0.0)
    seen = [raw(step(rig, 1, running()), "water_flow") for _ in range(12)]
    assert seen == [0] * 6 + [1] * 6


def test_a_contact_chatters_and_repeats():
    def run():
        rig = quiet()
        rig.fault("motor_ok", "garbage")
        return [raw(step(rig), "motor_ok") for _ in range(100)]

    seen = run()
    assert run() == seen and 30 < sum(seen) < 70


def test_a_contact_without_a_threshold_cannot_drift():
    rig = quiet()
    with pytest.raises(InputError, match="'offset' on 'motor_ok': this contact has no threshold"):
        rig.fault("motor_ok", "offset", by=0.5)
    assert rig.faults == {}
