"""Sensor failure: delays, masks, chosen actions, alarms, recovery."""

from control_bench import Bench, running
from isentrope import alarms, decisions
from isentrope.control import io, states


def test_bad_reading_counts_after_its_delay():
    bench = Bench().start(60.0)
    bench.inp.bad = io.BAD_SUCTION_T
    bench.run(2)
    assert not bench.alarms.is_active(alarms.SUCTION_T)
    bench.run(2)
    assert bench.alarms.is_active(alarms.SUCTION_T)


def test_a_flicker_does_not_count():
    bench = Bench().start(60.0)
    for _ in range(20):
        bench.inp.bad ^= io.BAD_SUCTION_T
        bench.run(1)
    assert not bench.alarms.is_active(alarms.SUCTION_T)


def test_suction_thermistor_average_keeps_the_learned_flow():
    bench = Bench({"suction_sensor_action": 2}).start(60.0)
    before = bench.out.eev_steps
    bench.inp.bad = io.BAD_SUCTION_T
    bench.run(120)
    assert bench.out.compressor_on
    assert abs(bench.out.eev_steps - before) < 30
    assert bench.logged(decisions.VALVE_AVERAGE)
    bench.inp.test_rps = 30.0
    bench.run(120)
    assert bench.out.eev_steps < 0.7 * before, "without superheat the valve still follows the speed"


def test_suction_thermistor_fixed():
    bench = Bench({"suction_sensor_action": 1, "valve_fixed": 40}).start(60.0)
    bench.inp.bad = io.BAD_SUCTION_T
    bench.run(10)
    assert abs(bench.out.eev_steps - (32 + 0.4 * 468)) <= 3
    assert bench.out.compressor_on


def test_suction_thermistor_stop():
    bench = Bench({"suction_sensor_action": 0}).start(60.0)
    bench.inp.bad = io.BAD_SUCTION_T
    bench.run(4)
    assert not bench.out.compressor_on and bench.controller.state == states.FAULT
    assert bench.alarms.is_active(alarms.SENSOR_STOP)


def test_suction_pressure_stops_by_default():
    bench = Bench().start(60.0)
    bench.inp.bad = io.BAD_EVAP_P
    bench.run(4)
    assert not bench.out.compressor_on


def test_suction_pressure_average_uses_the_coil():
    bench = Bench({"suction_pressure_action": 2}).start(60.0)
    before = bench.out.eev_steps
    bench.inp.bad = io.BAD_EVAP_P
    bench.run(60)
    assert bench.out.compressor_on
    assert abs(bench.out.eev_steps - before) < 0.2 * before


def test_what_protection_needs_stops():
    for bit in (io.BAD_COND_P, io.BAD_DISCHARGE_T, io.BAD_FLOW_T):
        bench = Bench().start(60.0)
        bench.inp.bad = bit
        bench.run(4)
        assert not bench.out.compressor_on, bit


def test_others_only_warn():
    for bit in (io.BAD_LIQUID_T, io.BAD_COIL_T, io.BAD_OUTDOOR_T, io.BAD_RETURN_T):
        bench = Bench().start(60.0)
        bench.inp.bad = bit
        bench.run(30)
        assert bench.out.compressor_on and bench.alarms.warned, bit


def test_cold_discharge_thermistor_is_masked_until_after_the_start():
    bench = Bench()
    bench.inp.bad = io.BAD_DISCHARGE_T
    bench.inp.enable, bench.inp.test_rps = True, 60.0
    bench.until(lambda: bench.out.compressor_on, 200)
    running(bench.inp)
    bench.run(90)
    assert bench.out.compressor_on
    bench.run(20)
    assert not bench.out.compressor_on
    bench.run(3600)
    assert bench.controller.starts == 1, "one that stays open when warm is not tried again"
    bench.inp.bad = 0
    bench.until(lambda: bench.out.compressor_on, 60)


def test_a_start_without_the_suction_thermistor_opens_no_further_than_with_it():
    """Pressures still equal make the flow equation ask for a wide open valve."""
    healthy, blind = Bench(), Bench()
    blind.inp.bad = io.BAD_SUCTION_T
    for bench in (healthy, blind):
        bench.inp.enable, bench.inp.test_rps = True, 60.0
    for _ in range(150):
        healthy.scan()
        blind.scan()
        assert blind.out.eev_steps <= healthy.out.eev_steps
    assert blind.out.compressor_on


def test_recovers_after_ten_good_seconds():
    bench = Bench().start(60.0)
    bench.inp.bad = io.BAD_SUCTION_T
    bench.run(20)
    bench.inp.bad = 0
    bench.run(9)
    assert bench.alarms.is_active(alarms.SUCTION_T)
    before = bench.out.eev_steps
    bench.run(3)
    assert not bench.alarms.is_active(alarms.SUCTION_T)
    assert abs(bench.out.eev_steps - before) <= 3, "the valve jumped when superheat came back"


def test_no_start_without_a_needed_sensor():
    bench = Bench()
    bench.inp.bad = io.BAD_COND_P
    bench.inp.enable, bench.inp.test_rps = True, 60.0
    bench.run(300)
    assert not bench.out.compressor_on and bench.controller.starts == 0
