"""A compressor that was told to run and does not."""

from control_bench import Bench, healthy, profile, running
from isentrope.control import states

STANDS = 68


def told():
    """Told to run; the pressures stay where they were."""
    bench = Bench()
    bench.inp.enable = True
    bench.until(lambda: bench.out.compressor_on, 300)
    return bench


def test_no_pressure_difference_a_minute_after_the_start():
    bench = told()
    bench.run(58)
    assert not bench.alarms.is_active(STANDS)
    bench.run(4)
    assert bench.alarms.is_active(STANDS) and not bench.alarms.stop and not bench.out.compressor_on
    assert bench.logged(149) == [0] and bench.controller.state == states.OFF
    assert bench.until(lambda: bench.out.compressor_on, 700) > 170.0, "and tries again"
    running(bench.inp)
    bench.run(10)
    assert not bench.alarms.is_active(STANDS)


def test_one_that_falls_out_in_service():
    machine = profile()
    machine["limits"]["envelope"] = [[-30, 5], [-30, 82], [20, 82], [20, 5]]  # else it is the first to say
    bench = Bench(machine=machine).start()
    still = healthy()
    bench.inp.evap_kpa, bench.inp.cond_kpa = still.evap_kpa, 1.1 * still.cond_kpa
    bench.run(25)
    assert not bench.alarms.is_active(STANDS)
    bench.run(15)
    assert bench.alarms.is_active(STANDS)


def test_a_slide_on_its_way_and_a_failed_transducer_say_nothing():
    bench = Bench().start()
    bench.inp.cond_kpa = bench.inp.evap_kpa
    bench.run(15)
    running(bench.inp)
    bench.run(60)
    bench.inp.cond_kpa = bench.inp.evap_kpa
    bench.inp.bad = 1 << 8
    bench.run(60)
    assert not bench.alarms.is_active(STANDS)


def test_a_drive_on_a_bus_says_it_itself():
    machine = profile()
    machine["drive"] = {"kind": "modbus"}
    bench = Bench(machine=machine)
    bench.inp.enable = True
    bench.until(lambda: bench.out.compressor_on, 300)
    bench.run(90)
    assert not bench.alarms.is_active(STANDS)
