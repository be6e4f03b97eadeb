"""Protections: stop values, holds, reductions, trips that latch, data that is missing."""

from control_bench import Bench, profile, running
from isentrope import alarms, decisions
from isentrope import settings as s
from isentrope.control import states


def trip(bench, set_bad, set_good, code):
    """Trip and come back; True when it came back by itself."""
    bench.until(lambda: bench.out.compressor_on, 1200)
    running(bench.inp)
    bench.run(150)
    set_bad(bench.inp)
    bench.run(10)
    assert bench.alarms.is_active(code) and not bench.out.compressor_on
    set_good(bench.inp)
    bench.run(400)
    return not bench.alarms.is_active(code)


def test_missing_limit_keeps_the_compressor_off_and_is_named():
    for key in ("high_kpa", "low_kpa", "discharge_max_c", "envelope"):
        machine = profile()
        del machine["limits"][key]
        bench = Bench(machine=machine)
        bench.inp.enable, bench.inp.test_rps = True, 60.0
        bench.run(300)
        assert not bench.out.compressor_on and bench.alarms.is_active(alarms.LIMIT_MISSING)
        values = bench.logged(decisions.LIMIT_MISSING)
        assert len(values) == 1
        assert key in decisions.text(decisions.LIMIT_MISSING, values[0])


def test_high_pressure_stops_at_once():
    bench = Bench().start(60.0)
    bench.inp.cond_kpa = 3200.0
    bench.scan()
    assert not bench.out.compressor_on and bench.out.eev_steps == 0
    assert bench.controller.state == states.FAULT and bench.out.alarm_on


def test_high_pressure_holds_and_reduces_before_it_stops():
    bench = Bench().start(60.0)
    bench.inp.cond_kpa = 3200.0 - bench.settings.v[s.HP_HOLD] + 10.0
    bench.inp.test_rps = 80.0
    bench.run(60)
    assert bench.out.speed_rps <= 60.5
    assert bench.controller.decision == decisions.HOLD_HIGH_PRESSURE
    bench.inp.cond_kpa = 3200.0 - bench.settings.v[s.HP_REDUCE] + 10.0
    bench.run(10)
    assert bench.out.speed_rps < 57.0


def test_low_pressure_waits_for_its_delay():
    bench = Bench().start(60.0)
    bench.inp.evap_kpa = 119.0
    bench.run(4)
    assert bench.out.compressor_on
    bench.run(2)
    assert not bench.out.compressor_on and bench.alarms.is_active(alarms.LOW_PRESSURE)


def test_low_pressure_is_masked_at_the_start():
    bench = Bench()
    bench.inp.enable, bench.inp.test_rps = True, 60.0
    bench.until(lambda: bench.out.compressor_on, 200)
    running(bench.inp)
    bench.inp.evap_kpa = 100.0
    bench.run(95)
    assert bench.out.compressor_on
    bench.run(15)
    assert not bench.out.compressor_on


def test_contacts_stop_at_once():
    for name, code in (
        ("hp_ok", alarms.HP_SWITCH),
        ("motor_ok", alarms.MOTOR_PROTECTOR),
        ("supply_ok", alarms.SUPPLY_LOSS),
    ):
        bench = Bench().start(60.0)
        setattr(bench.inp, name, False)
        bench.scan()
        assert not bench.out.compressor_on and bench.alarms.is_active(code), name
        assert bench.out.eev_steps == 0


def test_contacts_stop_a_start_and_a_stop_at_once():
    for name in ("hp_ok", "motor_ok", "supply_ok"):
        for stopping in (False, True):
            bench = Bench()
            bench.inp.enable, bench.inp.test_rps = True, 90.0
            bench.run(30)
            running(bench.inp)
            if stopping:
                bench.run(200)
                bench.inp.enable = False
            bench.run(5)
            assert bench.out.compressor_on
            assert bench.controller.state == (states.STOPPING if stopping else states.STARTING)
            setattr(bench.inp, name, False)
            bench.scan()
            assert not bench.out.compressor_on and bench.out.eev_steps == 0, name


def test_supply_loss_closes_a_valve_that_rests_open():
    bench = Bench({"valve_off": 20})
    bench.run(5)
    assert bench.out.eev_steps > 100
    bench.inp.supply_ok = False
    bench.scan()
    assert bench.out.eev_steps == 0


def test_discharge_holds_steps_down_and_stops():
    bench = Bench().start(60.0)
    bench.inp.discharge_c = 106.0
    bench.inp.test_rps = 80.0
    bench.run(60)
    assert 59.5 <= bench.out.speed_rps <= 60.5
    assert bench.controller.decision == decisions.HOLD_DISCHARGE
    values = bench.logged(decisions.HOLD_DISCHARGE)
    assert decisions.text(decisions.HOLD_DISCHARGE, values[-1]) == "speed held at 60 rps: discharge 106 degC"
    bench.inp.discharge_c = 110.0
    bench.run(110)
    assert bench.out.speed_rps > 59.0
    bench.run(20)
    assert 54.0 < bench.out.speed_rps < 56.0
    bench.inp.discharge_c = 114.0
    bench.run(55)
    assert 44.0 < bench.out.speed_rps < 47.0, "a kelvin under the limit each 24 s"
    bench.inp.discharge_c = 115.0
    bench.scan()
    assert not bench.out.compressor_on
    bench.inp.discharge_c = 91.0
    bench.run(600)
    assert not bench.out.compressor_on, "restarts under 90 degC only"
    bench.inp.discharge_c = 89.0
    bench.until(lambda: bench.out.compressor_on, 400)


def test_speed_returns_when_the_limit_lets_go():
    bench = Bench().start(60.0)
    bench.inp.discharge_c = 106.0
    bench.inp.test_rps = 80.0
    bench.run(60)
    bench.inp.discharge_c = 80.0
    bench.run(250)
    assert bench.out.speed_rps == 80.0


def test_envelope_reduces_then_stops_after_its_delay():
    bench = Bench().start(60.0)
    bench.inp.evap_kpa, bench.inp.suction_c = 160.0, -20.0  # evaporating at -32 degC
    bench.run(16)
    assert bench.out.compressor_on and bench.out.speed_rps < 56.0
    assert bench.controller.decision == decisions.REDUCE_ENVELOPE
    bench.run(10)
    assert not bench.out.compressor_on and bench.alarms.is_active(alarms.ENVELOPE)


def test_envelope_is_masked_at_the_start_and_its_delay_counts_from_there():
    bench = Bench()
    bench.inp.enable, bench.inp.test_rps = True, 60.0
    bench.until(lambda: bench.out.compressor_on, 200)
    running(bench.inp)
    bench.inp.evap_kpa, bench.inp.suction_c = 160.0, -20.0
    bench.run(110)
    assert bench.out.compressor_on
    bench.run(10)
    assert not bench.out.compressor_on and bench.alarms.is_active(alarms.ENVELOPE)


def test_low_superheat_does_not_hold_up_a_protection():
    bench = Bench().start(60.0)
    bench.inp.suction_c = -2.0
    bench.inp.test_rps = 40.0
    bench.inp.cond_kpa = 3200.0 - bench.settings.v[s.HP_REDUCE] + 10.0
    bench.run(15)
    assert bench.out.speed_rps < 50.0


def test_a_stalled_scan_stops_until_the_pause_is_over():
    """The outputs were safe meanwhile: the compressor must not return with the next scan."""
    bench = Bench().start(60.0)
    bench.inp.lapsed = True
    bench.scan()
    assert not bench.out.compressor_on and bench.alarms.is_active(alarms.SCAN_STALLED)
    bench.inp.lapsed = False
    assert bench.until(lambda: bench.out.compressor_on, 600) >= bench.settings.v[s.TRIP_PAUSE]


def test_low_lift_raises_the_speed():
    bench = Bench().start(60.0)
    bench.inp.evap_kpa, bench.inp.suction_c, bench.inp.cond_kpa = 770.0, 26.0, 790.0  # 17 / 18 degC
    bench.run(16)
    assert bench.out.speed_rps > 60.0
    assert bench.controller.decision == decisions.RAISE_ENVELOPE


def test_three_high_trips_in_an_hour_latch():
    bench = Bench()
    bench.inp.enable, bench.inp.test_rps = True, 60.0

    def bad(inp):
        inp.hp_ok = False

    def good(inp):
        inp.hp_ok = True

    assert trip(bench, bad, good, alarms.HP_SWITCH)
    assert trip(bench, bad, good, alarms.HP_SWITCH)
    assert not trip(bench, bad, good, alarms.HP_SWITCH), "the third must latch"
    bench.run(3600)
    assert not bench.out.compressor_on
    bench.alarms.reset(bench.ms & 0x3FFFFFFF)
    bench.until(lambda: bench.out.compressor_on, 400)


def test_three_high_trips_in_two_hours_do_not_latch():
    bench = Bench()
    bench.inp.enable, bench.inp.test_rps = True, 60.0

    def bad(inp):
        inp.hp_ok = False

    def good(inp):
        inp.hp_ok = True

    for _ in range(4):
        assert trip(bench, bad, good, alarms.HP_SWITCH)
        bench.run(1900)


def test_five_low_trips_in_three_hours_latch():
    bench = Bench()
    bench.inp.enable, bench.inp.test_rps = True, 60.0

    def bad(inp):
        inp.evap_kpa = 110.0

    for i in range(5):
        assert trip(bench, bad, running, alarms.LOW_PRESSURE) == (i < 4)


def test_pause_after_a_trip():
    bench = Bench().start(60.0)
    bench.inp.hp_ok = False
    bench.run(2)
    bench.inp.hp_ok = True
    off = bench.until(lambda: bench.out.compressor_on, 600)
    assert off >= bench.settings.v[s.TRIP_PAUSE]
