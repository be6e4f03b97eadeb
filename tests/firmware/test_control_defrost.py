"""Defrost by time and temperature: when it begins, its order, what ends it, and what fails in it."""

from control_bench import profile
from defrost_bench import frosting, heating, machine, melt, melting, phase
from isentrope import alarms, decisions
from isentrope import settings as s
from isentrope.control import defrost, states


def test_a_whole_defrost_in_its_order():
    bench = heating({"defrost_fan_dry": 15})
    control, out = bench.controller, bench.out
    lasted = phase(bench, defrost.PREPARE)
    assert 595.0 <= lasted <= 605.0, "ten minutes of frosting time"
    assert control.state == states.DEFROSTING and control.decision == decisions.DEFROST_SLOWS
    assert out.fan_pct > 0.0 and not out.reversing_on
    phase(bench, defrost.SHIFT)
    assert abs(out.speed_rps - bench.settings.v[s.DEFROST_SHIFT_RPS]) < 1.0
    bench.scan()
    assert out.reversing_on and out.compressor_on and out.fan_pct == 0.0
    phase(bench, defrost.MELT, 10)
    melting(bench.inp)
    bench.run(30)
    assert out.speed_rps == bench.settings.v[s.DEFROST_RPS] and out.pump_pct > 0.0 and out.fan_pct == 0.0
    assert out.eev_steps == 500, "wide"
    bench.run(60)
    melting(bench.inp, 12.5)
    bench.scan()
    assert control.defrost.phase == defrost.BACK and out.reversing_on
    bench.inp.cond_kpa = 900.0
    bench.run(3)
    assert not out.reversing_on and out.compressor_on, "thrown back under pressure"
    phase(bench, defrost.DRIP, 10)
    assert not out.compressor_on and out.fan_pct == 0.0
    bench.run(20)
    assert out.eev_steps == 0, "no more liquid for the coil"
    assert 20.0 <= phase(bench, defrost.DRY, 60) <= 26.0
    assert out.fan_pct == 100.0
    bench.until(lambda: control.state == states.STARTING, 16)
    starts = control.starts
    bench.until(lambda: out.compressor_on, 10)
    assert control.starts == starts + 1 and out.eev_steps > 40
    frosting(bench.inp, 1.0)
    bench.until(lambda: control.state == states.HEATING, 400)
    frosting(bench.inp)
    assert not bench.alarms.stop_mask and not bench.alarms.warned
    assert 595.0 <= phase(bench, defrost.PREPARE) <= 605.0, "counts anew"


def dripping(outdoor_c, values=None):
    """Melted, standing, its refrigerant as warm as the coil."""
    bench = melt(values)
    bench.inp.outdoor_c = outdoor_c
    bench.run(60)
    melting(bench.inp, 12.5)
    bench.inp.cond_kpa = 900.0
    phase(bench, defrost.DRIP, 20)
    bench.inp.evap_kpa = bench.inp.cond_kpa = 800.0
    return bench


def draws(bench):
    """The start after the dripping, without the fan until the coil is colder than the air."""
    out, inp = bench.out, bench.inp
    bench.until(lambda: bench.controller.state == states.STARTING, 50)
    bench.until(lambda: out.compressor_on, 20)
    bench.run(20)
    assert out.compressor_on and out.fan_pct == 0.0, "evaporating at 19 degC"
    inp.evap_kpa, inp.cond_kpa = 300.0, 1000.0
    bench.run(15)
    assert out.fan_pct > 0.0, "the coil is colder than the air now"
    inp.evap_kpa = 800.0
    bench.run(15)
    assert out.fan_pct > 0.0, "for good"


def test_the_start_draws_the_coils_warmth():
    draws(dripping(2.0))


def test_in_frost_nothing_dries():
    draws(dripping(-7.0, {"defrost_fan_dry": 15}))


def test_the_fan_waits_no_longer_than_a_coil_is_warm():
    bench = dripping(-7.0)
    bench.until(lambda: bench.out.compressor_on, 70)
    assert 30.0 <= bench.until(lambda: bench.out.fan_pct > 0.0, 120) <= 95.0


def test_the_log_tells_why():
    bench = melt()
    bench.run(100)
    melting(bench.inp, 13.0)
    bench.run(30)
    entry, told = [0, 0, 0], []
    while bench.log.pop_into(entry):
        told.append(decisions.text(entry[1], entry[2]))
    for line in (
        "defrost: 10 min of frost, coil -4 degC", "defrost: slows down to 45 rps",
        "defrost: reversing valve shifts, 837 kPa across it", "defrost: melts at 60 rps, coil -4 degC",
        "defrost ended after 101 s: coil 13 degC", "speed raised, 175 kPa across the reversing valve",
    ):  # fmt: skip
        assert [one for one in told if line in one], (line, told)


def test_coil_limit_by_outdoor_band():
    for outdoor, clean, frosted in ((2.0, -2.5, -3.5), (-5.0, -4.5, -5.5), (-15.0, -11.5, -12.5)):
        bench = heating()
        bench.inp.outdoor_c, bench.inp.coil_c = outdoor, clean
        bench.run(800)
        assert bench.controller.state == states.HEATING
        bench.inp.coil_c = frosted
        assert 58.0 <= phase(bench, defrost.PREPARE, 70) <= 62.0, "held for a minute"


def test_only_frosting_time_counts():
    bench = heating()
    bench.inp.coil_c = 1.0
    bench.run(900)
    bench.inp.coil_c = -4.0
    assert phase(bench, defrost.PREPARE) >= 595.0


def test_coil_between_ends_it_after_a_while():
    bench = melt()
    melting(bench.inp, 7.0)
    bench.run(60)
    melting(bench.inp, 4.0)
    bench.scan()
    melting(bench.inp, 7.0)
    assert 79.0 <= phase(bench, defrost.BACK) <= 81.0
    assert bench.logged(decisions.DEFROST_ENDED)


def test_longest_time_then_retry():
    bench = melt({"defrost_retry": 20, "defrost_interval": 40})
    lasted = phase(bench, defrost.BACK)
    assert 599.0 <= lasted <= 601.0 and bench.alarms.is_active(alarms.DEFROST_TIME)
    assert bench.logged(decisions.DEFROST_LATE)
    phase(bench, defrost.NONE, 300)
    frosting(bench.inp, 1.0)
    bench.until(lambda: bench.controller.state == states.HEATING, 400)
    frosting(bench.inp)
    assert 1195.0 <= phase(bench, defrost.PREPARE, 1300) <= 1205.0, "the retry's time, not the interval's"
    phase(bench, defrost.MELT, 100)
    melting(bench.inp, 13.0)
    bench.run(25)
    assert not bench.alarms.is_active(alarms.DEFROST_TIME)


def test_no_pressure_to_begin():
    stiff = machine()
    stiff["reversing"]["shift_kpa"] = 900.0  # of the 838 there are
    bench = heating(None, stiff)
    phase(bench, defrost.PREPARE)
    phase(bench, defrost.SHIFT, 200)
    slow = bench.out.speed_rps
    bench.run(20)
    assert bench.controller.decision == decisions.DEFROST_RAISES and bench.out.speed_rps >= slow + 18.0
    assert not bench.out.reversing_on
    waited = bench.until(lambda: not bench.out.compressor_on, 60) + 20.0
    assert 59.0 <= waited <= 61.0 and bench.alarms.is_active(alarms.REVERSING_PRESSURE)
    bench.scan()
    assert bench.out.reversing_on and bench.controller.decision == decisions.DEFROST_SHIFTS_OFF
    off = bench.until(lambda: bench.out.compressor_on, 20)
    assert 8.0 <= off <= 11.0 and bench.controller.defrost.phase == defrost.MELT
    melting(bench.inp, 13.0)
    bench.inp.cond_kpa = 1500.0
    bench.run(30)
    assert not bench.alarms.is_active(alarms.REVERSING_PRESSURE)


def test_no_pressure_to_end():
    bench = melt()
    melting(bench.inp, 13.0)
    phase(bench, defrost.BACK, 30)
    bench.run(58)
    assert bench.out.reversing_on and bench.out.compressor_on
    bench.until(lambda: not bench.out.compressor_on, 4)
    bench.run(1)
    assert not bench.out.reversing_on and bench.alarms.is_active(alarms.REVERSING_PRESSURE)
    bench.until(lambda: bench.controller.state == states.STARTING, 80)


def test_cold_water_lets_it_wait():
    bench = heating()
    bench.inp.return_c = 14.0
    bench.run(900)
    assert bench.controller.state == states.HEATING and bench.alarms.is_active(alarms.DEFROST_WATER)
    assert len(bench.logged(decisions.DEFROST_WAITS)) == 1
    bench.inp.return_c = 16.0
    phase(bench, defrost.PREPARE, 2)
    assert not bench.alarms.is_active(alarms.DEFROST_WATER)


def test_water_that_might_freeze_ends_it():
    bench = melt()
    bench.run(30)
    bench.inp.flow_c = 7.5
    bench.scan()
    assert bench.controller.defrost.phase == defrost.BACK and bench.alarms.is_active(alarms.DEFROST_WATER)
    assert bench.logged(decisions.DEFROST_COLD)
    bench.until(lambda: not bench.out.compressor_on, 3), "no minute of raised speed"


def test_a_wall_above_freezing_does_not_end_it():
    """Evaporating at -26 degC with water of 20: the wall, a third of the way, is at 5 degC."""
    bench = melt()
    bench.run(60)
    bench.inp.flow_c, bench.inp.evap_kpa = 20.0, 195.0
    bench.run(120)
    assert (
        bench.controller.defrost.phase == defrost.MELT
        and bench.out.speed_rps == bench.settings.v[s.DEFROST_RPS]
    )


def test_a_wall_near_freezing_slows_down():
    bench = melt()
    bench.run(60)
    full = bench.out.speed_rps
    bench.inp.flow_c, bench.inp.evap_kpa = 14.0, 195.0
    bench.run(20)
    slowed = bench.out.speed_rps
    assert bench.controller.defrost.phase == defrost.MELT and full - 21.0 < slowed < full - 15.0
    bench.inp.flow_c = 20.0
    bench.run(60)
    assert bench.out.speed_rps == full, "and comes back"


def test_ice_on_the_wall_ends_it_and_the_next_is_gentler():
    """Evaporating at -38 degC with water of 10: -6 degC on the wall, 10 K s within two to six seconds."""
    bench = melt({"defrost_retry": 20, "defrost_interval": 40})
    bench.run(120)
    bench.inp.flow_c, bench.inp.evap_kpa = 10.0, 120.5
    assert 1.0 < phase(bench, defrost.BACK, 12) < 7.0
    assert bench.logged(decisions.DEFROST_COLD) and bench.alarms.is_active(alarms.DEFROST_WATER)
    melting(bench.inp)
    phase(bench, defrost.NONE, 100)
    frosting(bench.inp, 1.0)
    bench.until(lambda: bench.controller.state == states.HEATING, 400)
    frosting(bench.inp)
    phase(bench, defrost.MELT, 1400)
    melting(bench.inp)
    bench.run(30)
    full = bench.settings.v[s.DEFROST_RPS]
    assert abs(bench.out.speed_rps - 0.7 * full) < 0.01
    melting(bench.inp, 13.0)
    phase(bench, defrost.BACK, 5)
    assert bench.controller.defrost._plate.gentle == 1.0


def test_a_coil_far_under_the_air_is_iced_up():
    """18 K under it: no 40 min are waited for, but ten since the last defrost."""
    bench = heating(interval=40)
    bench.inp.coil_c = -15.5
    bench.run(900)
    assert bench.controller.state == states.HEATING
    bench.inp.coil_c = -16.5
    assert 18.0 <= phase(bench, defrost.PREPARE, 30) <= 22.0
    assert not bench.alarms.stop_mask
    bench.inp.evap_kpa, bench.inp.suction_c = 140.0, -26.0
    bench.run(35)
    assert not bench.alarms.stop_mask, "slowing down under the envelope is part of it"
    bench = heating(interval=40)
    bench.inp.coil_c = -16.5
    assert 595.0 <= phase(bench, defrost.PREPARE, 700) <= 605.0


def test_water_lost_stops_at_once():
    bench = melt()
    bench.run(30)
    bench.inp.water_flow = False
    bench.until(lambda: not bench.out.compressor_on, 3)
    assert not bench.out.reversing_on and bench.controller.state == states.FAULT
    bench.scan()
    assert bench.controller.defrost.phase == defrost.NONE


def test_the_coils_sensor_failed():
    """The interval serves in the law's place, at least 25 min; the coil's liquid ends the defrost."""
    from isentrope.control.io import BAD_COIL_T

    bench = heating()
    bench.inp.bad = BAD_COIL_T
    bench.inp.coil_c = 40.0
    assert 1490.0 <= phase(bench, defrost.PREPARE, 1600) <= 1510.0
    assert bench.alarms.is_active(51) and bench.logged(97)
    phase(bench, defrost.MELT, 200)
    melting(bench.inp, 40.0)
    bench.inp.liquid_c = 1.0
    bench.run(100)
    assert bench.controller.defrost.phase == defrost.MELT, "liquid of 1 degC comes from ice"
    bench.inp.liquid_c = 13.0
    phase(bench, defrost.BACK, 10)


def test_who_does_not_defrost():
    for values, made, rps in (({"defrost": 0}, machine(), 0.0), ({}, profile(), 0.0), ({}, machine(), 60.0)):
        bench = heating(values, made)
        bench.inp.test_rps = rps
        bench.run(900)
        assert bench.controller.defrost.phase == defrost.NONE and not bench.out.reversing_on


def test_asked_for_it_comes_once():
    bench = heating({"defrost": 0})
    bench.controller.defrost.forced = True
    phase(bench, defrost.MELT, 60)
    melting(bench.inp, 13.0)
    bench.inp.cond_kpa = 900.0
    phase(bench, defrost.NONE, 100)
    bench.run(900)
    assert bench.controller.defrost.phase == defrost.NONE


def test_demand_withdrawn():
    bench = heating()
    phase(bench, defrost.PREPARE)
    bench.inp.enable = False
    bench.run(2)
    assert bench.controller.state == states.STOPPING and not bench.out.reversing_on
    bench = melt()
    bench.run(30)
    bench.inp.enable = False
    bench.scan()
    assert bench.logged(decisions.DEFROST_LEFT)
    bench.inp.cond_kpa = 900.0
    phase(bench, defrost.NONE, 100)
    assert bench.controller.state == states.OFF
    bench.inp.enable = True
    bench.run(60)
    assert not bench.out.compressor_on and bench.controller.decision == decisions.WAIT_OFF_TIME


def test_its_starts_are_none_to_the_guard():
    """One start an hour is allowed: the one of the demand; and the defrost's does not begin a new hour."""
    bench = heating({"starts_per_hour": 1})
    began = bench.seconds
    phase(bench, defrost.MELT)
    melting(bench.inp, 13.0)
    bench.inp.cond_kpa = 900.0
    bench.until(lambda: not bench.out.compressor_on, 30)
    assert bench.until(lambda: bench.out.compressor_on, 80) < 75.0
    frosting(bench.inp, 1.0)
    bench.run(300)
    bench.inp.enable = False
    bench.until(lambda: not bench.out.compressor_on, 200)
    bench.inp.enable = True
    bench.until(lambda: bench.out.compressor_on, 3600)
    assert 3200.0 <= bench.seconds - began <= 3600.0


def test_a_trip_ends_it_in_the_same_scan():
    bench = melt()
    bench.run(30)
    bench.inp.hp_ok = False
    bench.scan()
    assert not bench.out.compressor_on and not bench.out.reversing_on
    bench.inp.hp_ok = True
    bench.until(lambda: bench.out.compressor_on, 900)
    assert bench.controller.state == states.STARTING


def test_the_envelope_is_not_a_defrosts():
    """Condensing at 5 degC lies under the envelope; low pressure is masked for a while, then judged."""
    bench = melt()
    bench.run(120)
    assert not bench.alarms.stop_mask
    bench = melt()
    bench.inp.evap_kpa, bench.inp.flow_c = 110.0, 45.0
    bench.run(80)
    assert not bench.alarms.stop_mask
    bench.run(30)
    assert bench.alarms.is_active(alarms.LOW_PRESSURE)
