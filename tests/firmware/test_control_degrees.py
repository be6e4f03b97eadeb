"""Degree-minutes and starts a day."""

from control_bench import Bench
from isentrope import settings
from isentrope.control.daily import Daily
from isentrope.control.degrees import Degrees

MASK = 0x3FFFFFFF


def law(start=60):
    held = settings.Settings()
    held.load({"degree_minutes": start})
    return Degrees(held)


def minutes(degrees, error, call, running, lowest, most=10_000):
    """Minutes until `call` changes."""
    for n in range(most * 60):
        if degrees.step(1.0, error, call, running, lowest) != call:
            return n / 60.0
    return None


def test_starts_when_enough_is_missing():
    degrees = law()
    assert abs(minutes(degrees, 2.0, False, False, False) - 30.0) < 0.1


def test_a_colder_flow_starts_sooner():
    assert abs(minutes(law(), 6.0, False, False, False) - 10.0) < 0.1


def test_stops_at_lowest_speed_when_all_is_given_back():
    degrees = law()
    minutes(degrees, 2.0, False, False, False)
    assert minutes(degrees, -1.0, True, True, False, 200) is None, "it can still slow down"
    degrees.missing = 60.0
    assert abs(minutes(degrees, -1.0, True, True, True) - 60.0) < 0.1


def test_far_too_warm_stops_at_once():
    degrees = law()
    degrees.missing = 60.0
    assert minutes(degrees, -6.5, True, True, True) == 0.0


def test_no_debt_grows_while_it_regulates():
    degrees = law()
    for _ in range(36_000):
        degrees.step(1.0, 1.0, True, True, False)
    assert degrees.missing == 60.0


def test_heat_is_wanted_until_the_start():
    """The call stays while the start waits, until the flow is far too warm."""
    degrees = law()
    minutes(degrees, 2.0, False, False, False)
    assert degrees.step(1.0, -1.0, True, False, False)
    assert not degrees.step(1.0, -3.5, True, False, False)


def guard(most=3):
    held = settings.Settings()
    held.load({"starts_per_day": most})
    return Daily(held, most), held


def test_no_more_than_so_many_in_any_day():
    daily, _ = guard()
    now = 2**30 - 50_000_000  # a day across the clock's wrap
    starts = []
    for n in range(96 * 3):  # a start every quarter of an hour if it may
        daily.step(now & MASK, 0.0, None, None, None)
        if daily.ready():
            daily.add()
            starts.append(n)
        now += 900_000
    for first in range(len(starts)):
        assert len([n for n in starts if 0 <= n - starts[first] < 96]) <= 3
    assert len(starts) == 9


def test_says_how_long():
    daily, _ = guard(1)
    daily.step(0, 0.0, None, None, None)
    assert daily.ready()
    daily.add()
    daily.step(3_600_000 * 5, 0.0, None, None, None)
    assert not daily.ready() and daily.hours == 20


def test_a_start_of_a_fortnight_ago_does_not_look_young():
    daily, _ = guard(1)
    daily.step(0, 0.0, None, None, None)
    daily.add()
    for hours in range(14 * 24):
        daily.step(hours * 3_600_000 & MASK, 0.0, None, None, None)
    assert daily.ready()


def test_the_setting_may_lower_it_at_once():
    daily, held = guard(3)
    daily.step(0, 0.0, None, None, None)
    daily.add()
    assert daily.ready()
    held.set_raw(0x4000 + 83, 1)
    assert not daily.ready()


def test_the_controller_waits_and_says_so():
    bench = Bench({"starts_per_day": 1, "minimum_off": 0, "starts_per_hour": 60})
    bench.start()
    bench.inp.enable = False
    bench.run(200)
    assert not bench.out.compressor_on
    bench.inp.enable = True
    bench.inp.flow_c = bench.inp.return_c = 30.0
    bench.run(300)
    assert not bench.out.compressor_on and bench.logged(50) == [24]
    bench.run(86_400)
    assert bench.controller.starts == 2
