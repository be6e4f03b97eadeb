"""A reversing valve that moves unasked: pressures that change sides are counted, others are not."""

from control_bench import running
from defrost_bench import heating
from isentrope.control import states

STUCK, SWUNG = 27, 230


def swing(bench, every_s=60):
    """The sides change for 5 s; the rest of `every_s` is as it was."""
    bench.inp.evap_kpa, bench.inp.cond_kpa = 1000.0, 950.0
    bench.run(5)
    running(bench.inp)
    bench.run(every_s - 5)


def served():
    bench = heating({"defrost": 0, "minimum_off": 0})
    bench.run(60)
    return bench


def test_the_third_swing_stops_and_each_is_told():
    bench = served()
    swing(bench)
    swing(bench)
    assert not bench.alarms.is_active(STUCK) and len(bench.logged(SWUNG)) == 2
    swing(bench, 6)
    assert bench.alarms.is_active(STUCK) and bench.controller.state == states.FAULT
    assert not bench.alarms.latched_mask, "the third stop in a day latches"
    assert 600 < bench.logged(SWUNG)[0] < 835, "what was across it, lagging"


def test_swings_an_hour_apart_do_not_add_up():
    bench = served()
    for _ in range(3):
        swing(bench, 1200)
    assert not bench.alarms.is_active(STUCK)


def test_a_compressor_that_coasts_down_is_no_swing():
    """As the plant's pressures come together: 953 kPa apart, 624 after 5 s."""
    bench = served()
    for _ in range(4):
        for kpa in (55, 81, 40, 24, 20, 18):
            bench.inp.evap_kpa += kpa
            bench.inp.cond_kpa -= 0.3 * kpa
            bench.run(1)
        running(bench.inp)
        bench.run(50)
    assert not bench.logged(SWUNG)


def test_one_transducer_that_jumps_is_no_swing():
    bench = served()
    for _ in range(4):
        bench.inp.cond_kpa = 600.0
        bench.run(3)
        running(bench.inp)
        bench.run(40)
    assert not bench.logged(SWUNG)
