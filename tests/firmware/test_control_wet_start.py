"""Superheat after a start, while liquid stands in the accumulator."""

from isentrope import settings as s
from superheat_loop import COND, EVAP, loop, second, steady


def test_without_superheat_the_guard_of_the_wet_start_fades():
    """Nothing tells when the accumulator is dry: held, the guard would flood the compressor for ever."""
    made, _ = loop(wet=True)
    for _ in range(60):
        second(made, 0.0, below_dry=10.0)
    assert made.guard > 3.0
    for _ in range(400):
        made.follow(60.0, EVAP, COND, True)
    assert abs(made.guard - 1.0) < 0.05


def test_trim_starts_from_its_setting_also_when_that_comes_late():
    made, v = loop(wet=True)
    v[s.SH_TRIM_START] = 80.0
    made.prepare(60.0, EVAP)
    assert abs(made.trim - 0.8) < 1e-6


def test_wet_suction_is_answered_by_the_evaporating_temperature():
    made, _ = loop(wet=True)
    start = made.guard
    for _ in range(20):
        second(made, 0.0, below_dry=6.0)
    assert made.guard > start, "too far below: the compressor starves"
    top = made.guard
    for _ in range(60):
        second(made, 0.0, below_dry=-6.0)
    assert made.guard < top, "too high: the evaporator is not dry"
    held = made.guard
    for _ in range(60):
        second(made, 0.0, below_dry=0.5)
    assert made.guard == held and made.wet


def test_a_wet_start_that_lasts_seeks_a_deeper_dry_evaporator():
    made, _ = loop(wet=True)
    for _ in range(240):
        second(made, 0.0, below_dry=0.0)
    assert made.deeper_k == 0.0, "an accumulator may take so long"
    for _ in range(60):
        second(made, 0.0, below_dry=0.0)
    assert abs(made.deeper_k - 2.0) < 0.1
    for _ in range(900):
        second(made, 0.0, below_dry=0.0)
    assert made.deeper_k == 10.0
    steady(made, 10.0, 16)
    assert not made.wet and made.deeper_k == 0.0


def test_a_guard_beyond_the_valves_end_comes_back():
    """Wound up to eight times the flow, closing shows within half a minute, not after minutes."""
    made, _ = loop(wet=True)
    for _ in range(300):
        opening = second(made, 0.0, below_dry=20.0)
    assert made.guard == 8.0 and opening == 1.0
    for _ in range(60):
        opening = second(made, 0.0, below_dry=-10.0)
    assert opening < 0.9, "%.2f at guard %.2f" % (opening, made.guard)


def test_dry_suction_ends_the_wet_start_and_lasting_liquid_begins_it():
    made, _ = loop(wet=True)
    steady(made, 4.0, 1)
    steady(made, 10.0, 14)
    assert made.wet
    steady(made, 10.0, 2)
    assert not made.wet
    steady(made, 0.0, 19)
    assert not made.wet
    steady(made, 0.0, 2)
    assert made.wet


def test_a_thermistor_warm_from_standstill_shows_no_dry_suction():
    """It cools within four lags; 13 s after a start it still shows 8 K over liquid."""
    made, _ = loop(wet=True)
    for k in range(40):
        second(made, 20.0 * 0.905**k)
    assert made.wet, "over 5 K for 14 s, then cold"
    steady(made, 9.0, 16)
    assert not made.wet
    made, _ = loop(wet=True)
    steady(made, 9.0, 59)
    assert made.wet
    steady(made, 9.0, 2)
    assert not made.wet, "dry all the while"


def test_a_learned_trim_outlives_what_a_wet_start_opened():
    def start(made, v):
        made.prepare(60.0, EVAP)
        made.guard = 1.3
        second(made, 4.0, below_dry=0.0)
        for _ in range(15):
            second(made, v[s.SH_SETPOINT], below_dry=0.0)
        assert not made.wet

    made, v = loop()
    steady(made, v[s.SH_SETPOINT], 300)
    start(made, v)
    assert made.trim == 1.0 and made.guard == 1.3
    steady(made, v[s.SH_SETPOINT], 120)
    assert abs(made.guard - 1.0) < 0.01 and abs(made.trim - 1.0) < 0.01
    made, v = loop()
    start(made, v)
    assert made.guard == 1.0 and made.trim == 1.3, "a first start is believed"
