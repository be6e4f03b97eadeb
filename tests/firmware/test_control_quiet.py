"""Quiet mode: by the bus and by the clock, and what it leaves alone."""

from control_bench import Bench, profile, running
from isentrope import decisions, points
from isentrope.control.quiet import within

QUIET = {"quiet": 1, "quiet_speed": 40, "quiet_fan": 60, "fan_lowest": 30}


def cold(bench):
    """Water so cold that demand asks for full speed."""
    bench.inp.flow_c, bench.inp.return_c = 25.0, 22.0


def heating(values=None):
    bench = Bench(values or QUIET)
    bench.inp.enable = True
    bench.until(lambda: bench.out.compressor_on, 300)
    running(bench.inp)
    cold(bench)
    bench.until(lambda: bench.controller.state == 2, 400)
    return bench


def test_the_bus_caps_fan_and_speed():
    bench = heating()
    bench.run(120)
    assert bench.out.speed_rps > 80.0 and bench.out.fan_pct == 100.0
    bench.inp.quiet = True
    bench.run(120)
    assert bench.out.speed_rps == 40.0 and bench.out.fan_pct == 60.0
    values = bench.logged(49)
    assert decisions.text(49, values[-1]) == "speed held at 40 rps: quiet"
    bench.inp.quiet = False
    bench.run(120)
    assert bench.out.speed_rps > 80.0 and bench.out.fan_pct == 100.0


def test_the_clock_across_midnight():
    assert within(1320, 1320.0, 360.0) and within(1439, 1320.0, 360.0) and within(0, 1320.0, 360.0)
    assert within(359, 1320.0, 360.0)
    assert not within(360, 1320.0, 360.0) and not within(1319, 1320.0, 360.0)
    assert within(60, 0.0, 120.0) and not within(120, 0.0, 120.0)
    assert not within(60, 60.0, 60.0), "equal ends are no time"
    assert not within(-1, 0.0, 1439.0), "nobody told the time"


def test_quiet_by_the_clock():
    values = dict(QUIET)
    values.update({"quiet_from": 1320, "quiet_to": 360})
    bench = heating(values)
    bench.run(120)
    assert bench.out.speed_rps > 80.0, "no time, no schedule"
    bench.inp.minute = 1330
    bench.run(120)
    assert bench.out.speed_rps == 40.0
    bench.inp.minute = 400
    bench.run(120)
    assert bench.out.speed_rps > 80.0


def test_the_clock_point_counts_on_and_wraps():
    from test_points import Bench as Points

    at = Points()
    assert at.points.write(0x2068, 1439) == points.DONE
    for _ in range(120):
        at.points.clock.step(0, 500)
    assert at.inp.minute == 0
    assert at.points.write(0x2068, 1440 + 30) == points.DONE
    assert at.inp.minute == 30 and at.inp.weekday == 0, "Monday"
    assert at.points.write(0x2068, 8 * 1440) == points.OUT_OF_RANGE


def test_quiet_nights_of_the_week():
    """Friday and Saturday nights, past midnight too; without a day of the week none, and the log says so."""
    values = dict(QUIET)
    values.update({"quiet_from": 1320, "quiet_to": 360, "quiet_days": 16 + 32})
    bench = heating(values)
    expected = (
        (1330, -1, False), (1330, 3, False), (1330, 4, True), (100, 4, False),
        (100, 5, True), (1330, 5, True), (100, 6, True), (1330, 6, False), (100, 0, False),
    )  # fmt: skip
    for minute, weekday, quiet in expected:
        bench.inp.minute, bench.inp.weekday = minute, weekday
        bench.run(90)
        assert (bench.out.speed_rps == 40.0) == quiet, (minute, weekday)
    assert len(bench.logged(138)) == 1


def test_the_start_is_quiet_too_and_a_test_is_not():
    bench = Bench(QUIET)
    bench.inp.quiet = True
    bench.inp.enable = True
    bench.until(lambda: bench.out.compressor_on, 300)
    running(bench.inp)
    bench.run(50)
    assert bench.out.speed_rps == 40.0
    bench.inp.test_rps = 70.0
    bench.until(lambda: bench.controller.state == 11, 400)
    bench.run(60)
    assert bench.out.speed_rps == 70.0


def test_a_protection_asks_for_more_than_quiet():
    """Outside the envelope at too small a lift: the speed rises whoever sleeps."""
    bench = heating({"quiet": 1, "quiet_speed": 30, "quiet_fan": 60})
    bench.inp.quiet = True
    bench.run(200)
    bench.inp.evap_kpa, bench.inp.cond_kpa = 850.0, 900.0  # 21 and 24 degC
    bench.run(10)
    assert bench.out.speed_rps > 31.0


def test_without_the_setting_it_is_not_loaded():
    bench = Bench(machine=profile())
    assert bench.optional == []


def test_hours_without_a_time_are_logged_once():
    bench = Bench({"quiet": 1, "quiet_from": 60, "quiet_to": 120})
    bench.run(10)
    assert bench.logged(138) == [0]
    bench.inp.minute = 70
    bench.run(10)
    assert bench.logged(138) == []
