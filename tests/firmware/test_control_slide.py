"""The reversing valve's slide: what water and refrigerant say of where it is."""

from control_bench import running
from defrost_bench import heating, machine, melt, melting, phase
from isentrope.control import defrost, states

STUCK = 27


def cooled(inp):
    """Heating is asked for, but the plate evaporates: the slide is where the defrost left it."""
    inp.flow_c, inp.return_c, inp.liquid_c = 26.0, 29.0, -12.0
    inp.evap_kpa, inp.cond_kpa, inp.suction_c, inp.coil_c = 300.0, 590.0, -6.0, 9.0


def test_heating_that_cools_the_water_stops_and_the_third_latches():
    bench = heating({"defrost": 0, "minimum_off": 0})
    inp, out, raised = bench.inp, bench.out, bench.alarms
    for time in range(3):
        bench.until(lambda: out.compressor_on, 700)
        cooled(inp)
        assert bench.until(lambda: raised.is_active(STUCK), 70) >= 25.0
        assert not out.compressor_on and bench.controller.state == states.FAULT
        assert raised.latched_mask >> STUCK & 1 == (time == 2)
        running(inp)
    bench.run(1200)
    assert not out.compressor_on, "a person's reset"
    raised.reset(bench.ms & 0x3FFFFFFF)
    bench.until(lambda: out.compressor_on, 700)


def test_other_water_from_the_house_is_no_stuck_slide():
    bench = heating({"defrost": 0})
    bench.inp.return_c = 48.0  # the diverter turns to a hot tank; the plate's liquid follows
    bench.inp.liquid_c = 44.0
    bench.run(25)
    bench.inp.flow_c = 52.0
    bench.run(60)
    bench.inp.flow_c, bench.inp.return_c = 30.0, 32.0  # a sensor off
    bench.run(120)
    assert not bench.alarms.is_active(STUCK)


def test_one_water_sensor_that_lies_is_no_stuck_slide():
    bench = heating({"defrost": 0})
    bench.inp.return_c = 46.0
    bench.run(200)
    assert not bench.alarms.is_active(STUCK)
    bench.inp.bad = 1 << 3  # nobody says what the coil does
    bench.until(lambda: bench.alarms.is_active(STUCK), 40)


def test_a_condenser_under_five_degrees_after_five_minutes():
    bench = heating({"defrost": 0})
    bench.inp.liquid_c = 4.0
    bench.run(340)
    assert not bench.alarms.is_active(STUCK), "its coil boils: the liquid's sensor lies"
    bench.inp.coil_c = 12.0
    assert bench.until(lambda: bench.alarms.is_active(STUCK), 40) >= 29.0


def test_a_defrost_that_takes_no_heat():
    bench = melt()
    melting(bench.inp, -8.0)
    bench.inp.flow_c, bench.inp.return_c = 33.0, 30.0
    assert 118.0 <= bench.until(lambda: bench.alarms.is_active(STUCK), 130) <= 122.0
    assert bench.logged(95)
    bench.scan()
    assert not bench.out.reversing_on and bench.controller.defrost.phase == defrost.NONE
    assert not bench.controller.defrost.frost.clean


def test_a_defrost_that_works_is_none():
    bench = melt()
    bench.inp.flow_c, bench.inp.return_c = 34.0, 30.0
    bench.run(100)
    bench.inp.flow_c = 25.0
    bench.run(200)
    bench.inp.flow_c, bench.inp.coil_c = 29.8, 6.0  # nearly done
    phase(bench, defrost.BACK, 100)
    assert not bench.alarms.is_active(STUCK)


def test_no_valve_no_check():
    from control_bench import Bench, profile

    bench = Bench({}, profile())
    assert not [each for each in bench.controller._options if type(each).__name__ == "Slide"]
    bench = Bench({}, machine())
    assert [each for each in bench.controller._options if type(each).__name__ == "Slide"]


def round_and_round(inp):
    """The slide is half way: condensing at 18 degC, and the water keeps what it has."""
    inp.flow_c, inp.return_c, inp.liquid_c = 30.1, 30.0, 16.0
    inp.evap_kpa, inp.cond_kpa, inp.suction_c = 380.0, 800.0, 7.0


def test_half_way_the_gas_goes_round():
    bench = heating({"defrost": 0})
    bench.run(120)
    round_and_round(bench.inp)
    assert 28.0 <= bench.until(lambda: bench.alarms.is_active(STUCK), 60) <= 40.0
    assert not bench.out.compressor_on


def test_a_compressor_that_stands_is_no_slide_half_way():
    bench = heating({"defrost": 0})
    bench.run(120)
    round_and_round(bench.inp)
    bench.inp.evap_kpa, bench.inp.cond_kpa = 800.0, 917.0  # in the envelope
    bench.run(100)
    assert not bench.alarms.is_active(STUCK)


def test_a_start_that_builds_its_pressure_up_slowly_is_not_half_way():
    bench = heating({"defrost": 0, "minimum_off": 0})
    bench.inp.enable = False
    bench.until(lambda: not bench.out.compressor_on, 400)
    bench.inp.enable = True
    bench.until(lambda: bench.out.compressor_on, 700)
    round_and_round(bench.inp)
    bench.run(110)
    running(bench.inp)
    bench.run(120)
    assert not bench.alarms.is_active(STUCK)


def test_one_sensor_that_is_off_is_not_half_way():
    for name, value in (("cond_kpa", 645.0), ("liquid_c", 12.0), ("flow_c", 30.2), ("suction_c", 60.0)):
        bench = heating({"defrost": 0})
        bench.run(120)
        setattr(bench.inp, name, value)
        bench.run(90)
        assert not bench.alarms.is_active(STUCK), name


def test_half_way_in_warm_air():
    bench = heating({"defrost": 0})
    bench.run(120)
    bench.inp.flow_c, bench.inp.suction_c = 31.0, 60.0
    assert 28.0 <= bench.until(lambda: bench.alarms.is_active(STUCK), 60) <= 40.0
