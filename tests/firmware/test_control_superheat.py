"""The superheat loop: form, limits, transfer, protection, and how it treats rising and falling speed."""

from control_bench import profile
from isentrope import settings as s
from isentrope.control.feedforward import FeedForward
from isentrope.control.superheat import Superheat
from isentrope.refrigerant.saturation import load

EVAP, COND = 445.0, 1280.0


def loop(values=None):
    held = s.Settings()
    held.load(values or {})
    made = Superheat(FeedForward(profile(), load("R290")), held)
    made.prepare(EVAP)
    return made, held.v


def steady(made, superheat, seconds, rps=60.0):
    opening = 0.0
    for _ in range(seconds):
        opening = made.step(rps, EVAP, COND, superheat, True)
    return opening


def test_at_setpoint_nothing_moves():
    made, v = loop()
    first = steady(made, v[s.SH_SETPOINT], 1)
    assert abs(steady(made, v[s.SH_SETPOINT], 600) - first) < 1e-4


def test_high_superheat_opens_low_closes():
    made, v = loop()
    before = steady(made, v[s.SH_SETPOINT], 1)
    assert steady(made, v[s.SH_SETPOINT] + 3.0, 60) > before
    made, v = loop()
    before = steady(made, v[s.SH_SETPOINT], 1)
    assert steady(made, v[s.SH_SETPOINT] - 3.0, 60) < before


def test_integral_acts_at_its_time():
    """A lasting error e moves the trim by gain * e a second time within the integral time."""
    made, v = loop({"superheat_derivative_time": 0})
    made.step(60.0, EVAP, COND, v[s.SH_SETPOINT], True)
    start = made.trim
    made.step(60.0, EVAP, COND, v[s.SH_SETPOINT] + 1.0, True)
    jump = made.trim - start
    for _ in range(int(v[s.SH_TI])):
        made.step(60.0, EVAP, COND, v[s.SH_SETPOINT] + 1.0, True)
    assert abs((made.trim - start) / jump - 2.0) < 0.05


def test_trim_stays_in_bounds_and_returns_at_once():
    """Anti-windup: after an hour at the stop the first opposite error moves the trim."""
    made, v = loop()
    steady(made, 30.0, 3600)
    assert made.trim <= v[s.SH_TRIM_HIGH] / 100.0
    at_stop = made.trim
    steady(made, v[s.SH_SETPOINT] - 1.0, 5)
    assert made.trim < at_stop


def test_transfer_is_bumpless():
    """Regulation that begins at a large error must not jump by it."""
    made, v = loop()
    for _ in range(30):
        made.step(60.0, EVAP, COND, v[s.SH_SETPOINT] + 8.0, False)
    before = made.trim
    made.step(60.0, EVAP, COND, v[s.SH_SETPOINT] + 8.0, True)
    assert abs(made.trim - before) < 0.005


def test_learned_trim_survives_a_stop():
    made, v = loop()
    steady(made, v[s.SH_SETPOINT] + 2.0, 120)
    learned = made.trim
    assert learned > 1.0
    made.prepare(EVAP)
    assert made.trim == learned


def test_low_superheat_closes_fast_and_gives_back():
    made, v = loop()
    before = steady(made, v[s.SH_SETPOINT], 1)
    closed = steady(made, 0.0, 15)
    assert closed < 0.6 * before, "%.3f of %.3f" % (closed, before)
    trim = made.trim
    steady(made, v[s.SH_SETPOINT], 300)
    assert made.guard == 1.0 and made.trim >= trim


def test_low_superheat_protection_can_be_disabled():
    made, _ = loop({"low_superheat": 0})
    steady(made, 0.0, 60)
    assert made.guard == 1.0


def test_feedforward_follows_speed():
    made, v = loop()
    slow = steady(made, v[s.SH_SETPOINT], 1, 30.0)
    fast = steady(made, v[s.SH_SETPOINT], 1, 90.0)
    assert 2.5 < fast / slow < 5.0


def test_rising_density_is_believed_slowly_and_falling_at_once():
    made, v = loop()
    setpoint = v[s.SH_SETPOINT]
    base = steady(made, setpoint, 1)
    rising = made.step(60.0, 1.3 * EVAP, COND, setpoint, True)
    ratio_rising = rising / base
    made.prepare(1.3 * EVAP)
    base = made.step(60.0, 1.3 * EVAP, COND, setpoint, True)
    for _ in range(5):
        falling = made.step(60.0, EVAP, COND, setpoint, True)
    assert ratio_rising < 1.1
    assert falling / base < 0.85
