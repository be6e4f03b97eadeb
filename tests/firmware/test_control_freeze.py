"""Freeze protection of a standing circuit, and of a plate that cools."""

from isentrope.control import states
from isentrope.control.io import BAD_FLOW_T, BAD_OUTDOOR_T, BAD_RETURN_T
from wired_bench import bench

DANGER = 30


def cold(values=None, water_c=12.0, air_c=-10.0):
    """In standby, flow proven whenever the pump runs."""
    at = bench(values=values, freeze={})
    at.inp.outdoor_c, at.inp.flow_c, at.inp.return_c = air_c, water_c, water_c
    at.inp.evap_kpa = at.inp.cond_kpa = 345.0
    return at


def passes(at, seconds):
    """Run with a flow switch that follows the pump; seconds with the pump on."""
    on = 0
    for _ in range(int(seconds)):
        at.inp.water_flow = at.out.pump_pct > 0.0
        at.run(1)
        on += at.out.pump_pct > 0.0
    return on


def test_the_pump_looks_every_ten_minutes_in_cold_air_only():
    on = passes(cold(), 3600)
    assert 4 * 118 < on < 6 * 125
    assert passes(cold(air_c=8.0), 3600) == 0


def test_the_pump_stays_on_while_water_is_cold():
    at = cold(water_c=9.0)
    assert passes(at, 1800) > 1790
    at.inp.flow_c = at.inp.return_c = 12.5
    passes(at, 5)
    assert passes(at, 500) < 5
    assert not at.out.compressor_on


def test_cold_water_is_heated_without_a_demand_until_it_returns_warm():
    at = cold(water_c=7.5)
    passes(at, 120)
    assert at.out.compressor_on and not at.inp.enable
    assert at.logged(130) == [7]
    at.inp.evap_kpa, at.inp.cond_kpa, at.inp.suction_c = 300.0, 820.0, 2.0
    passes(at, 300)
    assert at.out.compressor_on and at.controller.state == states.HEATING
    at.inp.flow_c, at.inp.return_c = 19.0, 15.5
    passes(at, 120)
    assert not at.out.compressor_on


def test_backup_is_asked_where_the_compressor_cannot():
    at = cold(water_c=7.5)
    at.inp.motor_ok = False
    passes(at, 600)
    assert not at.controller.backup_asked and at.out.pump_pct > 0.0
    passes(at, 700)
    assert at.controller.backup_asked and not at.out.compressor_on


def test_a_demand_that_heats_is_left_alone():
    at = cold(water_c=30.0)
    at.inp.outdoor_c = -10.0
    at.start()
    at.inp.flow_c, at.inp.return_c = 30.0, 26.0
    passes(at, 300)
    assert at.controller.capacity.setpoint_c < 0.0 and not at.controller.frost_call


def test_standing_ice_cold_water_stops_the_compressor_until_it_has_thawed():
    at = cold(water_c=0.5)
    at.inp.water_flow = False
    at.run(65)
    assert at.alarms.is_active(DANGER)
    at.inp.enable = True
    at.run(400)
    assert not at.out.compressor_on and at.out.pump_pct > 0.0
    at.inp.water_flow = True
    at.inp.flow_c = at.inp.return_c = 5.0
    at.run(310)
    assert not at.alarms.is_active(DANGER)


def test_failed_sensors_are_cold_where_the_others_say_so():
    at = cold(air_c=15.0)
    at.inp.bad = BAD_OUTDOOR_T
    assert passes(at, 700) > 100, "without its sensor the air counts as cold"
    at = cold()
    at.inp.bad = BAD_FLOW_T | BAD_RETURN_T
    assert passes(at, 700) > 690, "cold air and unknown water: the pump runs on"
    assert not at.out.compressor_on
    at = cold(air_c=15.0)
    at.inp.bad = BAD_OUTDOOR_T | BAD_FLOW_T | BAD_RETURN_T
    assert passes(at, 700) == 0, "a board on a desk"


def cooling():
    """A running compressor whose plate evaporates: the mode is the modes' own matter."""
    at = bench(freeze={}).start(rps=60.0)
    at.controller.mode = states.COOLING
    at.inp.flow_c, at.inp.return_c, at.inp.evap_kpa = 7.0, 12.0, 530.0  # evaporating at 4 degC
    at.inp.suction_c = 10.0
    at.run(60)
    assert not at.alarms.stop
    return at


def test_cooling_slows_down_near_the_walls_zero_and_stops_on_ice():
    at = cooling()
    before = at.out.speed_rps
    at.inp.evap_kpa = 390.0  # -6 degC: wall at 1.7 with 5.5 degC water
    at.inp.flow_c = 5.5
    at.run(20)
    assert at.out.speed_rps < before - 10.0 and not at.alarms.stop
    at.inp.flow_c, at.inp.evap_kpa = 4.0, 320.0  # -12 degC: wall at -1.3
    at.run(30)
    assert at.alarms.is_active(DANGER) and not at.out.compressor_on


def test_cooling_stops_on_cold_flow_and_without_flow():
    at = cooling()
    at.inp.flow_c = 2.9
    at.run(1)
    assert at.alarms.is_active(DANGER)
    at = cooling()
    at.inp.water_flow = False
    at.run(3)
    assert at.alarms.is_active(DANGER) and not at.out.compressor_on


def test_chilled_water_in_warm_air_is_nobodys_frost():
    at = cold(water_c=7.0, air_c=25.0)
    assert passes(at, 1800) == 0 and not at.out.compressor_on
