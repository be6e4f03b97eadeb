"""The superheat loop: form, limits, transfer, protection, and how it treats rising and falling speed."""

from control_bench import Bench
from isentrope import settings as s
from isentrope.control import io
from superheat_loop import COND, EVAP, loop, second, steady


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
    """A lasting error e moves the trim by gain * e again within the integral time; opening takes longer."""
    made, v = loop({"superheat_derivative_time": 0})
    steady(made, v[s.SH_SETPOINT], 1)
    start = made.trim
    steady(made, v[s.SH_SETPOINT] - 1.0, 1)
    jump = made.trim - start
    ease = made._ff.ease(60.0, made.forecast.density)  # a little over 1
    assert abs(jump + v[s.SH_GAIN] / 100.0 * (ease * ease + ease / v[s.SH_TI])) < 1e-4
    steady(made, v[s.SH_SETPOINT] - 1.0, int(v[s.SH_TI]))
    assert abs((made.trim - start) / jump - 2.0) < 0.05
    made, v = loop({"superheat_derivative_time": 0})
    steady(made, v[s.SH_SETPOINT], 1)
    steady(made, v[s.SH_SETPOINT] + 2.0, 1 + int(v[s.SH_TI]))
    ease = made._ff.ease(60.0, made.forecast.density)  # less gas at more superheat
    assert 1.4 < (made.trim - start) / (v[s.SH_GAIN] / 100.0 * 2.0) / ease < 1.6


def test_derivative_leads_and_is_not_learned():
    made, v = loop()
    before = steady(made, v[s.SH_SETPOINT], 1)
    trim = made.trim
    sudden = steady(made, v[s.SH_SETPOINT] - 1.0, 1)
    later = steady(made, v[s.SH_SETPOINT] - 1.0, 5)
    assert sudden < 0.9 * before and later > 0.9 * before
    assert trim - made.trim < (1.05 + 6.0 / v[s.SH_TI]) * v[s.SH_GAIN] / 100.0


def test_slowing_down_closes_and_the_integral_waits():
    made, v = loop()
    steady(made, v[s.SH_SETPOINT], 60, 90.0)
    for rps in range(89, 29, -1):
        second(made, v[s.SH_SETPOINT], float(rps))
    assert abs(made.guard - (30.0 / 90.0) ** 0.015) < 1e-3
    trim = made.trim
    gain = v[s.SH_GAIN] / 100.0 * made._ff.ease(30.0, made.forecast.density) * 1.3
    steady(made, v[s.SH_SETPOINT] + 0.2, 30, 30.0)
    assert made.guard < 1.0 and abs(made.trim - trim - 0.2 * gain) < 1e-4


def test_trim_stays_in_bounds_and_returns_at_once():
    """Anti-windup: after an hour at the bound the first opposite error moves the trim."""
    made, v = loop()
    steady(made, 30.0, 3600)
    assert made.trim <= v[s.SH_TRIM_HIGH] / 100.0
    at_bound = made.trim
    steady(made, v[s.SH_SETPOINT] - 1.0, 5)
    assert made.trim < at_bound


def test_valve_at_its_end_does_not_learn():
    made, v = loop({"valve_highest": 40})
    steady(made, v[s.SH_SETPOINT], 1, 90.0)
    before = made.trim
    assert abs(steady(made, v[s.SH_SETPOINT] + 3.0, 600, 90.0) - 0.4) < 1e-4
    assert made.trim == before
    assert steady(made, v[s.SH_SETPOINT], 1, 30.0) < 0.3, "slowing down starts from what was learned in range"


def test_transfer_is_bumpless():
    """Regulation that begins at a large error must not jump by it."""
    made, v = loop()
    for _ in range(30):
        made.follow(60.0, EVAP, COND, True)
    before = made.trim
    second(made, v[s.SH_SETPOINT] + 8.0)
    assert abs(made.trim - before) < 0.01


def test_learned_trim_survives_a_stop():
    made, v = loop()
    steady(made, v[s.SH_SETPOINT] + 2.0, 120)
    learned = made.trim
    assert learned > 1.0
    made.prepare(60.0, EVAP)
    assert made.trim == learned


def test_a_speed_that_dithers_does_not_close():
    made, v = loop()
    steady(made, v[s.SH_SETPOINT], 60, 60.0)
    for k in range(600):
        second(made, v[s.SH_SETPOINT], 58.0 + 4.0 * (k % 2))
    assert made.guard > 0.99


def test_low_superheat_closes_fast_and_gives_back():
    made, v = loop()
    before = steady(made, v[s.SH_SETPOINT], 1)
    closed = steady(made, 1.5, 15)
    assert made.closing and closed < 0.6 * before, "%.3f of %.3f" % (closed, before)
    guard = made.guard
    steady(made, v[s.SH_SETPOINT], 60)
    assert made.guard == guard, "at setpoint nothing is given back"
    steady(made, v[s.SH_SETPOINT] + 3.0, 600)
    assert made.guard == 1.0


def test_low_superheat_protection_can_be_disabled():
    made, _ = loop({"low_superheat": 0})
    steady(made, 1.5, 60)
    steady(made, -0.5, 10)
    assert made.guard == 1.0 and not made.closing


def test_the_trim_does_not_open_while_the_speed_moves():
    """Falling pressure feigns superheat for a lagging thermistor; the evaporator fills as a ramp ends."""
    made, v = loop({"superheat_derivative_time": 0})
    steady(made, v[s.SH_SETPOINT] + 1.0, 10, 40.0)
    trim = made.trim
    for rps in range(41, 81):
        second(made, v[s.SH_SETPOINT] + 1.0, float(rps))
    steady(made, v[s.SH_SETPOINT] + 1.0, 14, 80.0)
    assert made.trim == trim
    steady(made, v[s.SH_SETPOINT] + 1.0, 5, 80.0)
    assert made.trim > trim
    for rps in range(80, 50, -1):
        second(made, v[s.SH_SETPOINT] - 1.0, float(rps))
    assert made.trim < trim, "it closes"


def test_a_speed_that_follows_noisy_water_is_no_ramp():
    """Demand moves the speed by some tenths a second all day: the trim still opens."""
    made, v = loop({"superheat_derivative_time": 0})
    steady(made, v[s.SH_SETPOINT] + 4.0, 5, 60.0)
    trim = made.trim
    for k in range(60):
        second(made, v[s.SH_SETPOINT] + 4.0, 60.0 + (0.0, 0.5, 0.2, -0.3)[k % 4] - 0.03 * k)
    assert made.trim > trim + 0.01


def test_a_falling_pressure_feigns_no_superheat():
    made, v = loop()
    steady(made, v[s.SH_SETPOINT], 5)
    trim = made.trim
    for _ in range(10):
        made.step(60.0, EVAP, COND, v[s.SH_SETPOINT] + 1.0, v[s.SH_SETPOINT], -5.0)
    assert made.trim - trim < 0.3 * 1.6 * v[s.SH_GAIN] / 100.0, "but for what noise sets them apart"
    made.step(60.0, EVAP, COND, v[s.SH_SETPOINT], v[s.SH_SETPOINT], -5.0)
    trim = made.trim
    made.step(60.0, EVAP, COND, v[s.SH_SETPOINT] - 1.0, v[s.SH_SETPOINT], -5.0)
    assert made.trim < trim, "a rising one closes at once"


def test_a_setpoint_that_rises_closes_alike_at_any_flow():
    """Measured superheat is answered more firmly at a low flow; what is asked for is the same percentage."""
    closed = []
    for rps in (20.0, 60.0):
        made, v = loop({"superheat_integral_time": 2000})
        made.prepare(rps, EVAP)
        made.wet, made.guard = False, 1.0
        steady(made, v[s.SH_SETPOINT], 1, rps)
        trim = made.trim
        made.setpoint += 1.0
        steady(made, v[s.SH_SETPOINT], 1, rps)
        closed.append((trim - made.trim) / v[s.SH_GAIN] * 100.0)
    assert all(0.95 < each < 1.06 for each in closed)


def test_what_slowing_down_closed_comes_back_near_the_setpoint():
    """The trim waits for the guard, so a tenth of a kelvin must not keep it for minutes."""
    for guard, least in ((0.985, 0.0045), (0.9, 0.0)):
        made, v = loop()
        steady(made, v[s.SH_SETPOINT], 1)
        made.guard = guard
        steady(made, v[s.SH_SETPOINT] + 0.1, 30)
        assert least < made.guard - guard < least + 0.0025, "what the protection closed waits for more"


def test_the_protection_looks_ahead():
    """A clamped thermistor shows a collapse by its rate before it shows it by its value."""
    made, v = loop()
    steady(made, v[s.SH_SETPOINT], 5)
    for superheat in (7.5, 7.0, 6.4, 5.8, 5.2):
        second(made, superheat)
        assert superheat > v[s.SH_LOW]
    assert made.closing
    made, v = loop()
    steady(made, 2.0, 20)
    guard = made.guard
    for superheat in (2.5, 3.0, 3.5):
        second(made, superheat)
    assert made.guard > guard - 0.05, "and leaves off when superheat comes back"


def test_the_derivative_grows_where_the_refrigerant_stays_longer():
    leads = []
    for rps in (60.0, 30.0):
        made, v = loop()
        made.prepare(rps, EVAP)
        made.wet, made.guard = False, 1.0
        steady(made, v[s.SH_SETPOINT], 1, rps)
        second(made, v[s.SH_SETPOINT] - 1.0, rps)
        leads.append(made._lead / made._ff.ease(rps, made.forecast.density))
    assert abs(leads[1] / leads[0] - 2.0 * 2.0 ** (2 * 0.45)) < 0.03, "and it closes more firmly"


def test_gentler_above_the_rated_flow_firmer_below():
    """Full load swings for ever at the gain that part load needs."""
    made, v = loop({"superheat_derivative_time": 0, "superheat_integral_time": 2000})
    changes = []
    for rps in (20.0, 40.0, 60.0, 90.0):
        made.prepare(rps, EVAP)
        made.wet, made.guard = False, 1.0
        steady(made, v[s.SH_SETPOINT], 1, rps)
        trim = made.trim
        steady(made, v[s.SH_SETPOINT] - 1.0, 1, rps)
        changes.append((trim - made.trim) / v[s.SH_GAIN] * 100.0)
    assert abs(changes[0] - 1.3 * 2.0) < 0.01, "no firmer than at half of the flow"
    assert 1.88 < changes[1] < 2.02 and 0.97 < changes[2] < 1.03
    assert 0.45 < changes[3] / changes[2] < 0.55
    made.prepare(60.0, 1.3 * EVAP)
    assert made._ff.ease(60.0, made.forecast.density) < 0.75, "denser gas is more flow"


def test_less_firm_where_the_air_would_bear_more():
    """Far under what the air allows, a percent of the flow is up to four times as much superheat."""
    changes = []
    for rps, room_k, searching in (
        (30.0, -5.0, 0),
        (30.0, 0.0, 0),
        (30.0, 3.0, 0),
        (30.0, 9.0, 1),
        (60.0, 3.0, 0),
    ):
        made, v = loop({"superheat_derivative_time": 0, "superheat_integral_time": 2000})
        made.prepare(rps, EVAP)
        made.wet, made.guard = False, 1.0
        made.room_k, made.searching = room_k, bool(searching)
        steady(made, v[s.SH_SETPOINT], 1, rps)
        trim = made.trim
        steady(made, v[s.SH_SETPOINT] - 1.0, 1, rps)
        changes.append((trim - made.trim) / v[s.SH_GAIN] * 100.0)
    assert changes[0] == changes[1] > 2.5, "superheat near the air's temperature over evaporating: firm"
    assert 0.5 < changes[2] < 0.75, "3 K under it: a quarter of that"
    assert 0.97 < changes[3] < 1.03, "a search knows no firmness"
    assert 0.95 < changes[4] < 1.03, "nor has the rated flow any"


def test_what_the_air_would_bear_needs_its_sensor():
    made = Bench().start()
    room = made.inp.outdoor_c - made.controller.evap_sat_c - made.controller.expansion.setpoint.k
    assert abs(made.controller.expansion.loop.room_k - room) < 1e-6 and abs(room) > 0.1
    made.inp.bad |= io.BAD_OUTDOOR_T
    made.run(10)
    assert made.controller.expansion.loop.room_k == 0.0


def test_at_a_high_flow_only_what_swings_is_gentler():
    """The integral comes to rest as soon as at the rated flow, and the derivative closes as much."""
    moved = []
    for rps in (60.0, 90.0):
        made, v = loop({"superheat_gain": 2})
        made.prepare(rps, EVAP)
        made.wet, made.guard = False, 1.0
        steady(made, v[s.SH_SETPOINT], 2, rps)
        second(made, v[s.SH_SETPOINT] - 0.5, rps)
        falls = made._lead
        steady(made, v[s.SH_SETPOINT] - 0.5, 30, rps)
        trim = made.trim
        steady(made, v[s.SH_SETPOINT] - 0.5, 30, rps)
        integral = made.trim - trim
        second(made, v[s.SH_SETPOINT], rps)
        moved.append((falls, integral, made._lead))
    (fall, integral, rise), (fall_high, integral_high, rise_high) = moved
    assert abs(fall_high / fall - 1.0) < 0.03 and abs(integral_high / integral - 1.0) < 0.03
    assert 0.4 < rise_high / rise < 0.6, "opening by a rise is eased"


def test_the_guard_waits_while_superheat_falls():
    """The evaporator fills already; at the full rate it would overfill by as much as before."""
    gained = []
    for slope in (0.0, -0.1):
        made, v = loop()
        second(made, v[s.SH_SETPOINT] + 6.0)
        made.guard = 0.5
        for k in range(30):
            second(made, v[s.SH_SETPOINT] + 6.0 + slope * k)
        gained.append(made.guard - 0.5)
    assert 0.02 < gained[1] < 0.4 * gained[0]


def test_noise_at_a_low_flow_moves_no_mean():
    """A derivative that closes more than it opens makes noise a mean, against which the trim would open."""
    made, v = loop()
    made.prepare(30.0, EVAP)
    made.wet, made.guard = False, 1.0
    steady(made, v[s.SH_SETPOINT], 5, 30.0)
    leads = []
    for k in range(120):
        second(made, v[s.SH_SETPOINT] + (0.1, -0.1)[k % 2], 30.0)
        leads.append(made._lead)
    assert max(leads[20:]) > 0.05 and abs(sum(leads[20:])) / 100 < 0.02 * max(leads)


def test_a_burst_at_the_least_stable_superheat_is_let_pass():
    """Closing would leave the evaporator dry; without the search it closes, and turns wet."""
    kept = []
    for bears in (False, True):
        made, v = loop({"low_superheat": 2})
        steady(made, v[s.SH_SETPOINT], 60)
        made.searching = made.bears = bears
        before = made.trim
        steady(made, 0.5, 25)
        assert made.wet is not bears
        kept.append(made.guard)
        if bears:
            assert made.trim > before * 0.94
    assert kept[1] == 1.0 > kept[0]


def test_what_is_far_from_the_setpoint_of_a_search_comes_back_sooner():
    gained = []
    for superheat in (9.5, 11.0):
        made, _ = loop({"superheat_setpoint": 8})
        made.searching, made.calm = True, 0.4
        steady(made, superheat, 10)
        before = made.trim
        steady(made, superheat, 60)
        gained.append(made.trim - before)
    assert gained[1] > 3.0 * gained[0] > 0.0
