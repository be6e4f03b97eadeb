"""The flow expected of speed, air and water, and how the machine's own exponent is learned."""

from isentrope import settings as s
from superheat_loop import COND, EVAP, flow, in_air, loop, second, steady


def test_a_guessed_pressure_does_not_move_the_density():
    made, v = loop()
    steady(made, v[s.SH_SETPOINT], 1)
    before = made.follow(60.0, 1.1 * EVAP, COND, False)
    for _ in range(1800):
        after = made.follow(60.0, 1.1 * EVAP, COND, False)
    assert abs(after - before) < 1e-6
    for _ in range(1800):
        after = made.follow(60.0, 1.1 * EVAP, COND, True)
    assert after > 1.05 * before, "a measured one does"


def test_feedforward_follows_speed():
    made, v = loop()
    slow = steady(made, v[s.SH_SETPOINT], 1, 30.0)
    fast = steady(made, v[s.SH_SETPOINT], 1, 90.0)
    assert 2.5 < fast / slow < 4.5


def test_pressure_is_believed_slowly():
    """A valve that followed suction density at once would leave the evaporator without self-regulation."""
    made, v = loop()
    base = steady(made, v[s.SH_SETPOINT], 1)
    for _ in range(10):
        opening = second(made, v[s.SH_SETPOINT], evap=1.2 * EVAP)
    assert opening / base < 1.12, "a fifth more density within 10 s"
    for _ in range(7200):
        opening = second(made, v[s.SH_SETPOINT], evap=1.2 * EVAP)
    assert opening / base > 1.3, "but it is believed in the end"


def test_colder_air_closes_before_superheat_tells():
    made, v = loop()
    before = flow(in_air(made, v, 7.0, 60))
    # 3 K: 2.5 % of flow a kelvin for good, and 1.5 % for a while.
    soon = flow(in_air(made, v, 4.0, 15)) / before
    assert 0.89 < soon < 0.91
    later = flow(in_air(made, v, 4.0, 400)) / before
    assert 0.94 < later < 0.96
    # What the measured density then says replaces it.
    assert abs(flow(in_air(made, v, 4.0, 9000)) / before - 1.0) < 0.01


def test_warmer_air_opens_as_the_evaporator_follows():
    made, v = loop()
    before = flow(in_air(made, v, 7.0, 60))
    assert 1.00 < flow(in_air(made, v, 10.0, 10)) / before < 1.02
    assert 1.05 < flow(in_air(made, v, 10.0, 170)) / before < 1.10


def test_air_of_a_failed_sensor_moves_nothing():
    made, v = loop()
    before = in_air(made, v, 7.0, 60)
    assert abs(in_air(made, v, -55.0, 30, known=False) - before) < 1e-3
    assert abs(in_air(made, v, 2.0, 30) - before) < 1e-3, "nor does its return"


def test_a_start_begins_with_the_air_that_is():
    """The density expected for it is already that air's."""
    made, v = loop()
    in_air(made, v, 10.0, 60)
    made.prepare(60.0, EVAP)
    made.wet, made.guard = False, 1.0
    before = in_air(made, v, -5.0, 1)
    assert abs(in_air(made, v, -5.0, 30) / before - 1.0) < 0.01


def test_flow_falls_with_speed_by_the_machines_data():
    made, _ = loop()
    forecast, ff = made.forecast, made._ff
    ff.speed_exponent = 0.05
    forecast.begin(60.0, EVAP, 8.0)
    for known, exponent in ((True, 0.05), (False, 0.10)):
        ff.subcooled = known
        for _ in range(400):
            forecast.flow(90.0, EVAP, COND)
        assert abs(forecast._used / forecast.density - 1.5**-exponent) < 1e-3, "subcooling grows too"


def runs_at(made, rps, more, seconds=160):
    """A stay at `rps` of a machine whose flow falls by so much more with speed, after a ramp to it."""
    forecast = made.forecast
    forecast._ff.subcooled, forecast._unseen = True, 0.0
    forecast.learn(rps, 1.0, False)
    for _ in range(seconds):
        forecast.flow(rps, EVAP, COND)
        takes = rps ** -(forecast._ff.speed_exponent + more)
        forecast.learn(rps, takes / forecast._used, True)
    return forecast.more


def test_how_the_flow_falls_with_speed_is_learned():
    for more in (-0.05, 0.04):
        made, _ = loop()
        assert runs_at(made, 30.0, more) == 0.0, "one speed says nothing"
        assert abs(runs_at(made, 90.0, more) - 0.7 * more) < 0.001
        for rps in (30.0, 90.0, 30.0):
            found = runs_at(made, rps, more)
        assert abs(found - more) < 0.002


def test_what_is_learned_keeps_its_bounds_and_moves_no_valve():
    for more, bound in ((-0.5, -0.06), (0.9, 0.06)):
        made, _ = loop()
        for rps in (30.0, 90.0) * 4:
            found = runs_at(made, rps, more)
        assert abs(found - bound) < 0.002
    made, v = loop()
    steady(made, v[s.SH_SETPOINT], 60, 30.0)
    before = steady(made, v[s.SH_SETPOINT], 60, 90.0)
    made.forecast._take(-0.05)
    assert abs(steady(made, v[s.SH_SETPOINT], 1, 90.0) / before - 1.0) < 2e-3


def test_nothing_is_learned_of_a_small_change_a_short_stay_or_one_long_ago():
    made, _ = loop()
    for rps in (60.0, 80.0, 60.0):
        assert runs_at(made, rps, 0.2) == 0.0
    runs_at(made, 30.0, 0.2, 140)
    assert runs_at(made, 90.0, 0.2, 140) == 0.0
    made, _ = loop()
    runs_at(made, 30.0, 0.2)
    for _ in range(300):
        made.forecast.learn(90.0, 1.0, False)
    assert runs_at(made, 90.0, 0.2) == 0.0
