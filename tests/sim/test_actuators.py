"""Actuators: the valve's pulses, stops and play, relays, drive, fan and pump."""

import math

import pytest
from isentrope_sim.actuators import SIGNALS, ActuatorData, Actuators
from isentrope_sim.errors import InputError
from isentrope_sim.valves import load_valve

VALVE = load_valve("sporlan-sei-1596")
DATA = ActuatorData(
    valve=VALVE,
    relay_delay_s=0.05,
    acceleration_rps_s=5.0,
    coast_rps_s=90.0,
    start_rps=10.0,
    fan_lag_s=2.0,
    pump_lag_s=1.0,
)
ANALOG = {"compressor_ref": 120.0, "fan_ref": 100.0, "pump_ref": 100.0}


def rows(active=1):
    made = []
    for name in SIGNALS:
        row = {"name": name, "dir": "out", "safe": 0}
        if name in ANALOG:
            row |= {"kind": "analog_out", "min": 0.0, "max": ANALOG[name]}
        elif name == "eev_count":
            row |= {"kind": "stepper_count"}
        elif name == "eev_coils":
            row |= {"kind": "level", "active": 1}
        else:
            row |= {"kind": "relay", "active": active, "safe": 1 - active}
        made.append(row)
    return made


class Bench:
    """Outputs by name, one scan of 0.5 s at a time."""

    def __init__(self, data=DATA, eev_steps=0.0):
        self.part = Actuators(rows(), data)
        self.part.reset(eev_steps)
        self.raw = dict.fromkeys(SIGNALS, 0)

    def scan(self, dt_s=0.5, run_ok=True, **changed):
        self.raw.update(changed)
        self.part.step([self.raw[name] for name in SIGNALS], dt_s, run_ok)
        return self.part


def test_steps_count_across_the_wrap_both_ways():
    bench = Bench(eev_steps=500.0)
    bench.scan(eev_coils=1, eev_count=65_436)  # 100 steps down through zero
    assert bench.part.eev_steps == 400.0
    bench.scan(eev_count=50)  # 150 up through zero: the rotor leads by the play
    assert bench.part.eev_steps == 550.0 - VALVE.backlash_steps


def test_stops_hold_the_rotor_and_pulses_beyond_them_are_lost():
    bench = Bench(eev_steps=300.0)
    bench.scan(eev_coils=1, eev_count=-(VALVE.steps + VALVE.overdrive_steps) & 0xFFFF)
    assert bench.part.eev_steps == 0.0
    bench.scan(eev_count=bench.raw["eev_count"] + 100 & 0xFFFF)
    assert bench.part.eev_steps == 100.0 - VALVE.backlash_steps
    bench.scan(eev_count=bench.raw["eev_count"] + 5000 & 0xFFFF)
    assert bench.part.eev_steps == VALVE.steps - VALVE.backlash_steps


def test_play_is_lost_on_each_reversal_and_only_there():
    bench = Bench(eev_steps=500.0)
    bench.scan(eev_coils=1, eev_count=10)
    opened = bench.part.eev_steps
    assert opened == 510.0 - VALVE.backlash_steps
    bench.scan(eev_count=10 - VALVE.backlash_steps)
    assert bench.part.eev_steps == opened
    bench.scan(eev_count=0)
    assert bench.part.eev_steps == 500.0


def test_pulses_without_coil_current_move_nothing():
    bench = Bench(eev_steps=500.0)
    bench.scan(eev_count=50)
    assert bench.part.eev_steps == 500.0
    bench.scan(eev_coils=1)
    bench.scan(eev_coils=0, eev_count=150)  # switched off after the last pulse of this scan
    assert bench.part.eev_steps == 600.0 - VALVE.backlash_steps
    bench.scan(eev_count=250)
    assert bench.part.eev_steps == 600.0 - VALVE.backlash_steps


def test_opening_is_the_fraction_of_full_stroke():
    assert Bench(eev_steps=0.0).part.eev_opening == 0.0
    assert Bench(eev_steps=VALVE.steps / 4).part.eev_opening == 0.25
    assert Bench(eev_steps=VALVE.steps).part.eev_opening == 1.0


def test_drive_follows_its_reference_at_its_own_ramp():
    bench = Bench()
    reference = round(60.0 / 120.0 * 65535)
    speeds = [bench.scan(compressor_run=1, compressor_ref=reference).speed_rps for _ in range(40)]
    assert speeds[0] == pytest.approx(2.5)
    assert speeds[3] == pytest.approx(10.0)
    assert speeds[-1] == pytest.approx(60.0, abs=0.001)
    speeds = [bench.scan(compressor_ref=round(30.0 / 120.0 * 65535)).speed_rps for _ in range(40)]
    assert speeds[0] == pytest.approx(57.5, abs=0.01)
    assert speeds[-1] == pytest.approx(30.0, abs=0.001)


def test_drive_needs_a_least_reference():
    bench = Bench()
    for _ in range(10):
        bench.scan(compressor_run=1, compressor_ref=round(9.9 / 120.0 * 65535))
    assert bench.part.speed_rps == 0.0


def test_shaft_coasts_down_within_a_second_of_the_relay_or_the_safety_chain_opening():
    for off in ({"compressor_run": 0}, {"run_ok": False}):
        bench = Bench()
        for _ in range(60):
            bench.scan(compressor_run=1, compressor_ref=round(90.0 / 120.0 * 65535))
        assert bench.part.speed_rps == pytest.approx(90.0, abs=0.001)
        bench.scan(**off)
        assert 0.0 < bench.part.speed_rps < 90.0
        bench.scan(**off)
        assert bench.part.speed_rps == pytest.approx(0.0, abs=0.01)


def test_relay_moves_after_its_delay_and_an_interruption_starts_it_anew():
    bench = Bench(ActuatorData(VALVE, 0.2, 5.0, 90.0, 10.0, 2.0, 1.0))
    assert not bench.scan(0.1, compressor_run=1).running
    assert not bench.scan(0.1, compressor_run=0).running
    assert not bench.scan(0.1, compressor_run=1).running
    assert bench.scan(0.1).running


def test_relays_of_either_polarity():
    part = Actuators(rows(active=0), DATA)
    part.reset(0.0)
    part.step([row["safe"] for row in rows(active=0)], 0.5, True)
    assert not part.running and part.crankcase == 0.0
    part.step([0] * len(SIGNALS), 0.5, True)
    assert part.running and part.crankcase == 1.0


def test_fan_and_pump_lag_their_duty():
    bench = Bench()
    for _ in range(4):
        bench.scan(fan_ref=65535, pump_ref=32768)
    assert bench.part.fan == pytest.approx(1.0 - math.exp(-1.0))
    assert bench.part.pump == pytest.approx(0.5 * (1.0 - math.exp(-2.0)), abs=1e-4)


def test_unknown_output_is_named():
    with pytest.raises(InputError, match="no output 'backup_heater'"):
        Actuators([{"name": "backup_heater", "dir": "out", "kind": "relay", "active": 1, "safe": 0}], DATA)
