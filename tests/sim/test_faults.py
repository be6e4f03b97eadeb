"""Faults of sensors and actuators on a rig: each does what its row says, ends when cleared, and repeats."""

from itertools import pairwise

import numpy as np
import pytest
from isentrope_sim import faults
from isentrope_sim.errors import InputError
from isentrope_sim.sensors import ntc_curve, ntc_resistance
from test_rig import IN, OUT, ROWS, make, outputs, running, truth

FULL = 4096
KINDS = {row["name"]: faults.kind_of(row) for row in ROWS} | {
    faults.SUPPLY: faults.SUPPLY,
    faults.LINK: faults.LINK,
}


def quiet():
    return make(noise=False)


def step(rig, count=1, raw=None, dt=0.5):
    for _ in range(count):
        rig.step(outputs() if raw is None else raw, dt)
    return rig


def raw(rig, name):
    return rig.raw_in[IN.index(name)]


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

    def rotor():
        return rig.state[rig.state_names.index("actuator.eev_rotor_steps")]

    before, worst = rotor(), 0.0
    for count in range(7, 707, 7):
        step(rig, 1, running(count=count))
        worst = max(worst, abs(rotor() - before - 0.9 * count))
    assert rotor() == before + 700 - 70
    assert worst < 1.0
    for count in range(700, 0, -7):
        step(rig, 1, running(count=count - 7))
    assert rotor() == before


def rotor(rig):
    return rig.state[rig.state_names.index("actuator.eev_rotor_steps")]


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


def test_a_supply_that_comes_and_goes():
    rig = step(quiet(), 60, running())
    rig.fault("supply", "intermittent", period_s=10.0, off_s=2.0)
    seen = [raw(step(rig, 1, running()), "supply_ok") for _ in range(40)]
    assert seen == [1] * 4 + [0] * 16 + [1] * 4 + [0] * 16
    step(rig, 1, running())
    saved = rig.snapshot()
    first = [raw(step(rig, 1, running()), "supply_ok") for _ in range(30)]
    rig.clear_fault()
    assert raw(step(rig, 1, running()), "supply_ok") == 0
    rig.restore(saved)
    assert [raw(step(rig, 1, running()), "supply_ok") for _ in range(30)] == first


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


def test_a_power_cut_stops_everything_and_shows_at_the_monitor():
    rig = step(quiet(), 60, running())
    valve = truth(rig, "eev_true_steps")
    rig.fault("supply", "off")
    step(rig, 1, running())
    step(rig, 40, running(count=400))
    assert raw(rig, "supply_ok") == 1
    assert truth(rig, "speed_rps") == 0.0 and not rig.actuators.running
    assert truth(rig, "fan") < 1e-3 and truth(rig, "pump") < 1e-3
    assert truth(rig, "eev_true_steps") == valve
    rig.fault("supply_ok", "short")  # a bridged monitor hides it, until it is repaired
    assert raw(step(rig), "supply_ok") == 0
    rig.clear_fault("supply_ok")
    assert raw(step(rig), "supply_ok") == 1
    saved = rig.snapshot()
    rig.clear_fault("supply")
    step(rig, 40, running(count=400))
    assert raw(rig, "supply_ok") == 0
    assert truth(rig, "speed_rps") > 20.0
    rig.restore(saved)
    assert raw(step(rig, 4, running()), "supply_ok") == 1
    assert not rig.actuators.running


def test_a_snapshot_carries_the_faults():
    rig = make()
    step(rig, 20, running())
    rig.fault("liquid_t", "garbage")
    rig.fault("evap_p", "delayed", delay_s=4.0)
    rig.fault("water_flow", "intermittent", period_s=6.0, off_s=2.0)
    rig.fault("eev_count", "lost-steps", fraction=0.3)
    rig.fault("pump_ref", "garbage")
    step(rig, 20, running(count=350))
    saved = rig.snapshot()

    def onward(on):
        return [(tuple(on.step(running(70.0, 350 + i), 0.5)), on.state.tobytes()) for i in range(50)]

    first = onward(rig)
    rig.clear_fault()
    step(rig, 3)
    rig.restore(saved)
    assert onward(rig) == first
    other = make(seed=9)
    other.restore(saved)
    assert onward(other) == first
    assert set(other.faults) == set(rig.faults)


def test_reset_repairs_everything():
    rig = quiet()
    rig.fault("outdoor_t", "short")
    rig.reset(280.15, 0.87, 303.15)
    assert rig.faults == {}
    assert raw(step(rig), "outdoor_t") > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("outdoor", "open"), r"no such target; known: plant, suction_t"),
        (("outdoor_t", "bent"), r"a thermistor knows open, off, short"),
        (("outdoor_t", "offset"), r"by_k is missing, -100 to 100 K"),
        (("outdoor_t", "offset", {"by_k": 400.0}), r"by_k = 400.0, allowed -100 to 100 K"),
        (("outdoor_t", "offset", {"by_k": float("nan")}), r"by_k = nan, allowed"),
        (("outdoor_t", "open", {"by_k": 1.0}), r"unknown parameter 'by_k'; known: none"),
        (
            ("coil_t", "intermittent", {"period_s": 5.0, "off_s": 6.0}),
            r"off_s = 6 is longer than period_s = 5",
        ),
        (("plant", "rust"), r"unknown; the plant has charge-loss, coil-fouling"),
    ],
)
def test_what_cannot_be_is_named(arguments, message):
    rig = quiet()
    with pytest.raises(InputError, match=message):
        rig.fault(*arguments[:2], **(arguments[2] if len(arguments) > 2 else {}))
    assert rig.faults == {}


def test_clearing_what_is_sound_is_an_error():
    rig = quiet()
    rig.fault("outdoor_t", "open")
    with pytest.raises(InputError, match="'coil_t' has no fault to clear; broken: outdoor_t"):
        rig.clear_fault("coil_t")


class Circuit:
    """A plant that offers the parameters of `faults.PLANT`."""

    fault_parameters = tuple(row.parameter for row in faults.PLANT.values())


@pytest.mark.parametrize("name", faults.PLANT)
def test_a_plant_fault_is_refused_with_its_need_until_the_plant_offers_it(name):
    fault = faults.check("plant", name, {faults.PLANT[name].key: faults.PLANT[name].limits.high}, KINDS)
    missing = faults.unmet(fault, object())
    assert f"plant fault {name!r} needs " in missing and faults.PLANT[name].parameter in missing
    assert faults.unmet(fault, Circuit()) == ""


def test_plant_faults_reach_the_plant_in_si():
    assert faults.plant_setting(faults.check("plant", "charge-loss", {"kg_h": 3.6}, {})) == (
        "leak_kg_s",
        pytest.approx(1e-3),
    )
    assert faults.plant_setting(faults.check("plant", "non-condensables", {"kpa": 20.0}, {})) == (
        "inert_pa",
        20e3,
    )
    assert faults.plant_setting(faults.check("plant", "reversing-stuck", {}, {})) == ("slide_position", 0.5)


def test_every_kind_of_signal_has_rows_and_every_row_a_meaning():
    assert set(KINDS.values()) == set(faults.TABLE)
    for rows in faults.TABLE.values():
        for row in rows.values():
            assert row.meaning
            for parameter in row.parameters.values():
                assert parameter.low < parameter.high and parameter.unit
