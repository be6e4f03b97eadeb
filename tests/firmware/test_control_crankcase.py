"""The crankcase heater: on while the compressor stands in cold air, if the machine says so, with a band."""

from control_bench import Bench, profile
from isentrope.control.io import BAD_OUTDOOR_T


def heated(below_c=10.0):
    machine = profile()
    machine["compressor"]["crankcase_below_c"] = below_c
    return Bench(machine=machine)


def at(bench, outdoor_c):
    bench.inp.outdoor_c = outdoor_c
    bench.scan()
    return bench.out.crankcase_on


def test_on_in_cold_air_and_off_two_kelvin_over_it():
    bench = heated()
    assert [at(bench, c) for c in (10.1, 9.9, 11.9, 12.1, 10.1)] == [False, True, True, False, False]


def test_off_while_the_compressor_runs():
    bench = heated()
    assert at(bench, -5.0)
    bench.start(rps=60.0)
    assert bench.out.compressor_on and not bench.out.crankcase_on
    bench.inp.enable = False
    bench.until(lambda: not bench.out.compressor_on, 300)
    assert bench.out.crankcase_on


def test_without_its_sensor_it_is_on():
    bench = heated()
    bench.inp.outdoor_c, bench.inp.bad = 30.0, BAD_OUTDOOR_T
    bench.run(30)
    assert bench.out.crankcase_on


def test_a_machine_without_the_key_never_heats():
    bench = Bench()
    assert not any(at(bench, c) for c in (-20.0, 0.0, 20.0))
