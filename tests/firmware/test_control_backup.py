"""Backup heater, outdoor mean, pump law and exercise: each alone."""

from control_bench import Bench, profile, running
from isentrope.control import states


def machine():
    made = profile()
    made["backup"] = {"stage_w": [3000.0, 2000.0], "rise_k": [1.8, 1.2]}
    return made


def short(values=None, outdoor_c=-10.0):
    """At full speed, and the flow 6 K under its setpoint."""
    bench = Bench(values, machine())
    bench.inp.enable = True
    bench.until(lambda: bench.out.compressor_on, 300)
    running(bench.inp)
    bench.inp.outdoor_c = outdoor_c
    bench.inp.flow_c, bench.inp.return_c = 29.0, 24.0
    bench.until(lambda: bench.out.speed_rps >= 90.0, 600)
    bench.logged(0)
    return bench


def helped():
    """And the first stage on."""
    bench = short()
    bench.until(lambda: bench.out.backup == 1, 900)
    return bench


def test_stages_come_by_what_is_missing_and_go_with_it():
    bench = short()
    first = bench.until(lambda: bench.out.backup == 1, 900)
    assert bench.controller.backup_w == 3000.0
    second = bench.until(lambda: bench.out.backup == 2, 1500)
    assert first < 660.0 and second > 600.0, "60 K min each: at 6 K, then at what the first stage leaves"
    assert bench.controller.backup_w == 5000.0 and bench.logged(110) == [1, 2]
    bench.inp.flow_c = 33.0
    bench.until(lambda: bench.out.backup == 1, 7200)
    bench.inp.flow_c = 35.5
    bench.until(lambda: bench.out.backup == 0, 7200)


def test_a_supply_far_too_warm_has_none_at_once():
    bench = short()
    bench.until(lambda: bench.out.backup == 1, 900)
    bench.inp.flow_c = 37.5
    bench.run(1)
    assert bench.out.backup == 0


def test_a_flow_that_nothing_reads_is_the_return_s_water():
    """A held reading would never end the stages."""
    bench = short()
    bench.inp.bad = 1 << 5
    bench.until(lambda: bench.alarms.stop, 10)
    bench.until(lambda: bench.out.backup == 2, 2400)
    bench.inp.return_c = 38.0
    bench.run(5)
    assert bench.out.backup == 0
    bench.inp.return_c = 24.0
    bench.inp.bad |= 1 << 6
    bench.run(3600)
    assert bench.out.backup == 0, "nothing is known of the water"


def test_over_the_bivalence_point_the_compressor_does_it_alone():
    bench = short(outdoor_c=-4.0)
    bench.run(3600)
    assert bench.out.backup == 0
    bench.inp.outdoor_c = -6.0
    bench.until(lambda: bench.out.backup == 1, 900)


def test_what_stops_the_compressor_does_not_leave_the_house_cold():
    bench = short(outdoor_c=10.0)
    bench.inp.motor_ok = False
    bench.run(2)
    assert not bench.out.compressor_on
    bench.until(lambda: bench.out.backup >= 1, 900)
    assert bench.out.pump_pct > 0.0 and bench.controller.state == states.FAULT
    bench.inp.motor_ok = True


def test_never_without_flow_leave_or_demand():
    for attribute in ("water_flow", "enable", "supply_ok"):
        bench = helped()
        setattr(bench.inp, attribute, False)
        bench.run(1)
        assert bench.out.backup == 0, attribute
    bench = helped()
    bench.inp.water_flow = False
    bench.scan()
    assert bench.out.backup == 0, "in the same scan"
    bench.run(3)
    bench.inp.water_flow = True
    bench.run(4)
    assert bench.out.backup == 0, "and not before flow is proven"


class Forbids:
    """What limits power, behind the heater's own turn and before the next scan's."""

    def step(self, now_ms, dt_s, inp, out, c):
        c.backup_allowed = False


def test_whoever_limits_power_takes_it_away():
    bench = short()
    bench.until(lambda: bench.out.backup == 1, 900)
    control = bench.controller
    control._options = (Forbids(),) + control._options
    bench.scan()
    assert bench.out.backup == 0
    control._options = control._options[1:]
    bench.until(lambda: bench.out.backup == 1, 900)


def test_a_sensor_that_reads_nonsense_for_a_quarter_of_an_hour_makes_no_summer():
    bench = Bench({"outdoor_mean": 1})
    bench.inp.outdoor_c = 7.0
    bench.run(60)
    bench.inp.outdoor_c = 40.0
    bench.run(900)
    assert 12.0 < bench.controller.outdoor_mean_c < 15.0 and bench.controller.capacity.allowed


def test_the_outdoor_mean_is_of_a_day_and_forbids_heat_over_the_limit():
    bench = Bench({"outdoor_mean": 1})
    inp = bench.inp
    inp.outdoor_c = 10.0
    bench.run(2)
    assert abs(bench.controller.outdoor_mean_c - 10.0) < 1e-3
    mean = bench.controller._options[0]
    for _ in range(24 * 3600):
        mean.step(0, 1.0, inp, bench.out, bench.controller)
    inp.outdoor_c = 34.0
    for _ in range(6 * 3600):
        mean.step(0, 1.0, inp, bench.out, bench.controller)
    assert abs(bench.controller.outdoor_mean_c - 16.0) < 0.3, "a quarter of the day at 34 degC"
    assert bench.controller.capacity.allowed
    for _ in range(4 * 3600):
        mean.step(0, 1.0, inp, bench.out, bench.controller)
    assert not bench.controller.capacity.allowed and bench.logged(63) == [18]


def test_a_failed_outdoor_sensor_does_not_move_the_mean():
    from isentrope.control.io import BAD_OUTDOOR_T

    bench = Bench({"outdoor_mean": 1})
    bench.inp.outdoor_c = 10.0
    bench.run(60)
    bench.inp.bad = BAD_OUTDOOR_T
    bench.inp.outdoor_c = 60.0
    bench.run(600)
    assert abs(bench.controller.outdoor_mean_c - 10.0) < 1e-3


def test_the_pump_keeps_the_difference_within_its_bounds():
    bench = Bench({"pump_difference": 5, "pump_lowest": 50}).start()
    assert bench.controller.state == states.HEATING
    bench.inp.flow_c, bench.inp.return_c = 35.0, 32.0
    bench.run(60)
    slower = bench.out.pump_pct
    assert 55.0 < slower < 75.0, slower
    bench.run(600)
    assert bench.out.pump_pct == 50.0
    bench.inp.flow_c, bench.inp.return_c = 36.0, 29.0
    bench.run(600)
    assert bench.out.pump_pct == bench.settings.v[36]
    bench.inp.flow_c, bench.inp.return_c = 35.0, 30.0
    bench.run(60)
    held = bench.out.pump_pct
    bench.run(60)
    assert bench.out.pump_pct == held


def test_a_pump_that_stands_is_exercised():
    bench = Bench({"pump_exercise": 2})
    bench.run(7190)
    assert bench.out.pump_pct == 0.0
    bench.until(lambda: bench.out.pump_pct > 0.0, 20)
    ran = bench.until(lambda: bench.out.pump_pct == 0.0, 90)
    assert 58.0 <= ran <= 62.0 and bench.logged(112) == [2]
