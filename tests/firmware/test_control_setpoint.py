"""Superheat's setpoint: its three laws, its bounds, and the re-zero of a valve that never closes."""

from control_bench import Bench
from isentrope import decisions as d
from isentrope import settings as s
from isentrope.control import states
from isentrope.control.setpoint import Setpoint

COMPRESSOR = {"min_rps": 20, "max_rps": 90}


def made(values):
    held = s.Settings()
    held.load(values)
    return Setpoint(held, COMPRESSOR)


def after(setpoint, seconds, rps=60.0, discharge_superheat=20.0, measured=True):
    for _ in range(seconds):
        setpoint.step(rps, discharge_superheat, measured, 8.0, False, False)
    return setpoint.k


def test_fixed():
    setpoint = made({"superheat_setpoint": 7.5, "superheat_setpoint_high": 12})
    assert setpoint.k == 7.5
    assert after(setpoint, 100, 90.0, 40.0) == 7.5


def test_by_load():
    law = {"superheat_law": 1, "superheat_setpoint": 6, "superheat_setpoint_high": 9}
    assert abs(after(made(law), 1, 20.0) - 6.0) < 1e-6
    assert abs(after(made(law), 1, 90.0) - 9.0) < 1e-6
    setpoint = made(law)
    assert abs(after(setpoint, 1, 55.0) - 7.5) < 1e-6
    # A higher load is followed at once, a lower one within minutes: neither opens the valve in a ramp.
    assert after(setpoint, 1, 90.0) >= 9.0
    after(setpoint, 300, 90.0)
    assert abs(after(setpoint, 1, 55.0) - 9.0) < 0.05
    assert abs(after(setpoint, 60, 55.0) - 8.05) < 0.1
    assert abs(after(setpoint, 600, 55.0) - 7.5) < 0.01
    assert abs(after(setpoint, 900, 120.0) - 9.0) < 0.01


def test_a_ramp_up_raises_it_for_a_while():
    """The evaporator fills as the ramp ends: what the last 20 s added counts twice."""
    setpoint = made({"superheat_law": 1, "superheat_setpoint": 6, "superheat_setpoint_high": 9})
    after(setpoint, 1, 30.0)
    for rps in range(31, 91):
        k = after(setpoint, 1, float(rps))
    assert 9.7 < k < 9.9, k
    assert abs(after(setpoint, 120, 90.0) - 9.0) < 0.05
    for rps in range(89, 29, -1):
        k = after(setpoint, 1, float(rps))
    assert k < 9.0, "down nothing is added"


def test_it_yields_near_the_limit_of_the_discharge_gas():
    setpoint = made({"superheat_law": 1, "superheat_setpoint": 8, "superheat_setpoint_high": 11})
    setpoint.left_k = 10.0
    assert after(setpoint, 600, 20.0) == 8.0 and not setpoint.yields
    setpoint.left_k = 5.0
    assert 7.9 < after(setpoint, 1, 20.0) < 8.0, "slower than a thermistor"
    assert abs(after(setpoint, 600, 20.0) - 6.0) < 0.01 and setpoint.yields
    setpoint.left_k = -3.0
    assert abs(after(setpoint, 600, 20.0) - 5.0) < 0.01, "a kelvin over low superheat"
    setpoint.left_k = 8.0
    after(setpoint, 600, 20.0)
    assert setpoint.yields, "told from 1 K on, until 0.5 K"
    setpoint.left_k = 50.0
    assert abs(after(setpoint, 600, 20.0) - 8.0) < 0.01 and not setpoint.yields
    setpoint.left_k = 0.0
    after(setpoint, 600, 20.0)
    setpoint.begin()
    setpoint.left_k = 50.0
    assert after(setpoint, 1, 20.0) == 8.0


def test_denser_gas_is_more_load():
    setpoint = made({"superheat_law": 1, "superheat_setpoint": 6, "superheat_setpoint_high": 9})
    setpoint.thicker = 1.2
    assert abs(after(setpoint, 300, 90.0) - (6.0 + 3.0 * (108.0 - 20.0) / 70.0)) < 0.01
    setpoint.thicker = 3.0
    assert abs(after(setpoint, 300, 90.0) - 10.5) < 0.01, "one and a half times the way at most"


def test_by_discharge_superheat():
    law = {"superheat_law": 3, "superheat_setpoint": 6, "superheat_setpoint_high": 10}
    setpoint = made(law)
    assert abs(after(setpoint, 100) - 6.0) < 1e-6
    # Discharge gas 5 K too cool: 1 K at once, another each `discharge_superheat_time`.
    assert abs(after(setpoint, 1, discharge_superheat=15.0) - 7.0) < 0.01
    assert abs(after(setpoint, 299, discharge_superheat=15.0) - 8.0) < 0.01
    assert after(setpoint, 3000, discharge_superheat=15.0) == 10.0
    # No wind-up: 10 K too hot comes down at once, and to the lowest within 20 min.
    assert abs(after(setpoint, 1, discharge_superheat=30.0) - 8.0) < 0.02
    assert after(setpoint, 1200, discharge_superheat=30.0) == 6.0
    assert after(setpoint, 100, discharge_superheat=0.0, measured=False) == 6.0


def test_stays_above_the_low_superheat_limit():
    law = {"superheat_law": 1, "superheat_setpoint": 8, "superheat_setpoint_high": 4, "low_superheat": 5}
    assert abs(after(made(law), 900, 90.0) - 6.0) < 1e-6
    # A plain setpoint that lies nearer stands as it is.
    assert after(made({"superheat_setpoint": 5.5, "low_superheat": 5}), 5) == 5.5


def test_the_point_shows_the_setpoint_in_force():
    law = {"superheat_law": 1, "superheat_setpoint": 6, "superheat_setpoint_high": 9, "start_longest": 100}
    bench = Bench(law)
    bench.run(1)
    assert bench.controller.superheat_setpoint_k == 6.0
    bench.start(90.0)
    bench.until(lambda: abs(bench.controller.superheat_setpoint_k - 9.0) < 0.05, 900)


def heating(values):
    """A machine that heats and never has to stop."""
    bench = Bench(dict(values, defrost=0)).start()
    bench.inp.flow_c, bench.inp.return_c = 34.0, 30.0
    bench.until(lambda: bench.controller.state == states.HEATING, 600)
    return bench


def hours(bench, count):
    """Let the running time pass without its scans."""
    bench.controller.run_s += int(count * 3600)


def test_a_valve_that_never_closes_finds_its_stop_again():
    bench = heating({"valve_rezero": 48, "valve_off": 10})
    hours(bench, 47)
    bench.run(5)
    assert bench.controller.state == states.HEATING
    hours(bench, 1)
    bench.until(lambda: bench.controller.state == states.OFF, 300)
    assert bench.logged(d.VALVE_REZERO) == [48]
    bench.until(lambda: bench.out.eev_steps == 0, 2)
    bench.scan()
    # Demand never went: it starts again by itself after the usual wait, and does not stop again.
    bench.until(lambda: bench.out.compressor_on, 400)
    bench.run(900)
    assert bench.out.compressor_on and not bench.logged(d.VALVE_REZERO)


def test_no_rezero_where_it_is_off_or_the_speed_is_locked():
    bench = heating({"valve_rezero": 0})
    hours(bench, 2000)
    bench.run(60)
    assert bench.controller.state == states.HEATING
    bench = Bench({"defrost": 0}).start(50.0)
    hours(bench, 2000)
    bench.run(60)
    assert bench.controller.state == states.TEST
