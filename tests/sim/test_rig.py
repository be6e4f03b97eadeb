"""The rig as a whole: names, knobs, determinism, snapshots, safety chain."""

import numpy as np
import pytest
from isentrope_sim import machine
from isentrope_sim.errors import InputError
from isentrope_sim.knobs import WATER
from isentrope_sim.perturbation import Perturbation
from isentrope_sim.rig import Rig
from isentrope_sim.sensors import ntc_curve
from isentrope_sim.world import weather
from isentrope_sim.world.settings import WorldSettings

MACHINE = machine.load_machine("ashp-r290-8kw")


def io_rows():
    rows = []
    for name in ("suction_t", "discharge_t", "liquid_t", "coil_t", "outdoor_t", "flow_t", "return_t"):
        curve = ntc_curve("ntc-50k-3977" if name == "discharge_t" else "ntc-10k-3435")
        rows.append({"name": name, "dir": "in", "kind": "ntc", "bits": 12, "pullup_ohm": 1e4, "sh": curve})
    for name, top in (("evap_p", 1730.0), ("cond_p", 3450.0)):
        row = {"name": name, "dir": "in", "kind": "ratiometric", "bits": 12, "min_kpa": 0.0, "max_kpa": top}
        rows.append({**row, "gauge": True, "lo_ratio": 0.1, "hi_ratio": 0.9})
    for name in ("hp_switch", "motor_ok", "water_flow", "supply_ok"):
        rows.append({"name": name, "dir": "in", "kind": "contact", "active": 0})
    rows.append({"name": "eev_count", "dir": "out", "kind": "stepper_count", "safe": 0})
    rows.append({"name": "eev_coils", "dir": "out", "kind": "level", "active": 1, "safe": 0})
    for name in ("compressor_run", "reversing_valve", "crankcase_heater", "alarm"):
        rows.append({"name": name, "dir": "out", "kind": "relay", "active": 1, "safe": 0})
    for name, top in (("compressor_ref", 120.0), ("fan_ref", 100.0), ("pump_ref", 100.0)):
        rows.append({"name": name, "dir": "out", "kind": "analog_out", "min": 0.0, "max": top, "safe": 0})
    return rows


ROWS = io_rows()
IN = [row["name"] for row in ROWS if row["dir"] == "in"]
OUT = [row["name"] for row in ROWS if row["dir"] == "out"]


def make(seed=1, **more):
    rig = Rig(MACHINE, ROWS, seed=seed, **more)
    rig.reset(280.15, 0.87, 303.15)
    return rig


def outputs(**values):
    return [values.get(name, 0) for name in OUT]


def running(rps=50.0, count=300):
    return outputs(
        eev_count=count,
        eev_coils=1,
        compressor_run=1,
        compressor_ref=round(rps / 120.0 * 65535),
        fan_ref=65535,
        pump_ref=65535,
    )


def truth(rig, name):
    return rig.truth[rig.truth_names.index(name)]


def test_names_match_the_arrays():
    rig = make()
    assert len(rig.state_names) == len(rig.state) == len(set(rig.state_names))
    assert len(rig.truth_names) == len(rig.truth) == len(set(rig.truth_names))
    assert len(rig.raw_in) == len(IN)
    assert all(type(value) is int for value in rig.raw_in)


def test_same_seed_same_run_and_reset_starts_anew():
    def run(rig):
        return [(tuple(rig.step(running(), 0.5)), rig.state.tobytes()) for _ in range(200)]

    rig = make()
    first = run(rig)
    assert run(make()) == first
    rig.reset(280.15, 0.87, 303.15)
    assert run(rig) == first
    assert [raw for raw, _ in run(make(seed=2))] != [raw for raw, _ in first]


def test_noise_never_reaches_the_plant():
    loud, quiet = make(), make(noise=False)
    for _ in range(200):
        loud.step(running(), 0.5)
        quiet.step(running(), 0.5)
    plant = [place for place, name in enumerate(loud.state_names) if name.startswith("plant.")]
    assert np.array_equal(loud.state[plant], quiet.state[plant])
    assert loud.raw_in != quiet.raw_in


def test_snapshot_brings_back_every_bit():
    rig = make()
    for _ in range(100):
        rig.step(running(), 0.5)
    saved = rig.snapshot()
    first = [(tuple(rig.step(running(70.0), 0.5)), rig.state.tobytes()) for _ in range(50)]
    rig.set("load_w", 1000.0)
    rig.step(outputs(), 0.5)
    rig.restore(saved)
    assert [(tuple(rig.step(running(70.0), 0.5)), rig.state.tobytes()) for _ in range(50)] == first
    other = make(seed=9)
    other.restore(saved)
    assert [(tuple(other.step(running(70.0), 0.5)), other.state.tobytes()) for _ in range(50)] == first


def test_a_rested_machine_reads_its_surroundings():
    rig = make(noise=False)
    assert truth(rig, "outdoor_k") == 280.15
    assert truth(rig, "water_in_k") == 303.15
    assert truth(rig, "p_suction") == pytest.approx(truth(rig, "p_discharge"), rel=0.01)
    assert rig.raw_in[IN.index("hp_switch")] == 0
    assert rig.raw_in[IN.index("water_flow")] == 1  # open: the pump rests


def test_water_warms_and_heat_balances():
    rig = make(noise=False)
    rig.set("load_w", 3000.0)
    for _ in range(2400):
        rig.step(running(), 0.5)
    assert rig.raw_in[IN.index("water_flow")] == 0
    assert truth(rig, "speed_rps") == pytest.approx(50.0, abs=0.01)
    assert truth(rig, "load_taken_w") == 3000.0
    assert truth(rig, "house_heat_w") == pytest.approx(truth(rig, "heat_w"), rel=0.05)
    assert truth(rig, "buffer_k") > 303.0


def test_bath_holds_the_return():
    rig = make(noise=False)
    rig.set("bath", 1.0)
    rig.set("return_c", 32.0)
    for _ in range(100):
        rig.step(running(), 0.5)
    assert truth(rig, "water_in_k") == pytest.approx(305.15)


def test_the_wired_pressure_switch_stops_the_compressor_whatever_the_relay_says():
    rig = make(noise=False)
    for _ in range(60):
        rig.step(running(), 0.5)
    assert truth(rig, "speed_rps") > 20.0
    rig.sensors.state[IN.index("hp_switch")] = 0.0
    rig.step(running(), 0.5)
    rig.step(running(), 0.5)
    assert truth(rig, "speed_rps") < 20.0


def test_offsets_move_the_readings_only():
    nominal = make(noise=False)
    shifted = make(
        noise=False, perturbation=Perturbation(ntc_k={"outdoor_t": 1.0}, pressure_fs={"evap_p": 0.01})
    )
    assert np.array_equal(nominal.truth, shifted.truth)
    changed = [name for name, a, b in zip(IN, nominal.raw_in, shifted.raw_in, strict=True) if a != b]
    assert changed == ["outdoor_t", "evap_p"]


def test_knobs_are_bounded_and_named():
    rig = make()
    for name, (unit, low, high) in WATER.items():
        assert unit and low < high
        assert low <= rig.knob(name) <= high
        rig.set(name, high)
        assert rig.knob(name) == high
    with pytest.raises(InputError, match=r"knob outdoor_c = 99.0, allowed -40 to 50 degC"):
        rig.set("outdoor_c", 99.0)
    with pytest.raises(InputError, match=r"unknown knob 'outdoors'.*outdoor_c"):
        rig.set("outdoors", 1.0)
    with pytest.raises(InputError, match="load_w = nan"):
        rig.set("load_w", float("nan"))


def weathered(**more):
    settings = WorldSettings(weather="humid-cold-week", start_s=6 * 3600.0, building={}, **more)
    return make(world=settings.build())


def test_a_rig_with_a_world_names_repeats_and_snapshots_all_of_it():
    rig = weathered(hot_water={"profile": "L"})
    assert len(rig.state_names) == len(rig.state) == len(set(rig.state_names))
    assert len(rig.truth_names) == len(rig.truth) == len(set(rig.truth_names))

    def onward(on, steps=300):
        return [
            (tuple(on.step(running(), 0.5)), on.state.tobytes(), on.truth.tobytes()) for _ in range(steps)
        ]

    first = onward(rig)
    assert onward(weathered(hot_water={"profile": "L"})) == first
    for _ in range(7200):  # through the first draws of the day
        rig.step(running(), 0.5)
    saved = rig.snapshot()
    later = onward(rig)
    rig.restore(saved)
    assert onward(rig) == later
    assert truth(rig, "tap_useful_j") > 3e5
    rig.reset(280.15, 0.87, 303.15)
    assert onward(rig) == first


def test_the_weather_moves_the_air_and_nobody_else_may():
    rig = weathered()
    found = weather.load("humid-cold-week")
    assert truth(rig, "outdoor_k") == pytest.approx(273.15 + found.at(6 * 3600.0)[0])
    for _ in range(100):
        rig.step(outputs(), 36.0)
    dry_c, rh, *_ = found.at(7 * 3600.0 - 36.0)
    assert truth(rig, "outdoor_k") == pytest.approx(273.15 + dry_c)
    assert truth(rig, "outdoor_rh") == pytest.approx(rh)
    for name in ("outdoor_c", "load_w"):
        with pytest.raises(InputError, match=f"knob '{name}' cannot be set: the (weather|building)"):
            rig.set(name, 5.0)
    rig.set("room_setpoint_c", 22.0)
    with pytest.raises(InputError, match=r"unknown knob 'tank_setpoint_c'"):
        rig.set("tank_setpoint_c", 50.0)


def test_without_a_world_nothing_changed():
    rig = make()
    assert [name for name in rig.state_names if name.startswith("house.")] == [
        "house.flow_pipe_k", "house.buffer_k", "house.return_pipe_k", "house.water_in_k"
    ]  # fmt: skip
    assert rig.truth_names[-1] == "crankcase_w"


def test_homing_ends_on_the_stop_from_wherever_the_valve_was_left():
    rig = make(noise=False)
    assert truth(rig, "eev_true_steps") > 0.0
    valve = rig.site.actuators.valve
    count = 0
    for _ in range(40):
        count = (count - valve.rate_hz // 2) & 0xFFFF
        rig.step(outputs(eev_count=count, eev_coils=1), 0.5)
    assert truth(rig, "eev_true_steps") == 0.0
