"""Service modes, the clock's age, and the service that is due."""

from struct import pack_into

from control_bench import Bench
from isentrope import points
from isentrope.control import states
from isentrope.control.cleaning import Cleaning
from isentrope.control.clock import Clock
from isentrope.control.io import Inputs
from isentrope.decisions import Log
from isentrope.ledger import Ledger


def test_evacuating_opens_the_valve_and_locks_the_compressor():
    bench = Bench()
    bench.run(10)
    assert bench.controller.serve(1)
    bench.run(10)
    assert bench.out.eev_steps == 500 and bench.controller.state == states.MANUAL
    assert bench.out.pump_pct == bench.out.fan_pct == 0.0 and not bench.out.compressor_on
    assert bench.logged(136) == [1]
    assert bench.controller.serve(0)
    bench.run(1)
    assert bench.out.eev_steps == 0 and bench.controller.state == states.OFF
    assert bench.controller.service is None and bench.controller._last_word == ()


def test_recovery_moves_water_and_air():
    bench = Bench()
    bench.run(10)
    assert bench.controller.serve(2)
    bench.run(10)
    assert bench.out.eev_steps == 500 and bench.out.pump_pct > 0.0 and bench.out.fan_pct == 100.0


def test_air_purge_moves_the_water_by_turns():
    bench = Bench()
    bench.run(10)
    assert bench.controller.serve(3)
    bench.run(170)
    assert bench.out.pump_pct > 0.0 and bench.out.eev_steps == 0 and not bench.out.compressor_on
    bench.run(20)
    assert bench.out.pump_pct == bench.out.fan_pct == 0.0
    bench.run(55)
    assert bench.out.pump_pct > 0.0 and bench.controller.state == states.MANUAL


def test_it_ends_by_demand_by_alarm_and_after_four_hours():
    for end in ("enable", "alarm", "time"):
        bench = Bench()
        bench.run(10)
        assert bench.controller.serve(1)
        bench.run(60)
        if end == "enable":
            bench.inp.enable = True
        elif end == "alarm":
            bench.inp.hp_ok = False
        else:
            bench.run(14_300)
            assert bench.controller.service
            bench.run(60)
        bench.run(2)
        assert bench.controller.service is None and bench.logged(137), end


def test_a_running_machine_is_not_serviced():
    bench = Bench().start()
    assert not bench.controller.serve(1) and bench.controller.service is None


def test_the_point_wants_an_installer():
    from test_points import Bench as Points

    at = Points()
    at.control.may_serve = lambda mode: mode == 1
    at.control.serve = lambda mode: None
    assert at.points.write(0x2069, 1) == points.LOCKED
    at.control.settings.unlock(1)
    assert at.points.write(0x2069, 1) == points.DONE
    assert at.points.write(0x2069, 2) == points.NOT_NOW
    assert at.points.write(0x2069, 4) == points.OUT_OF_RANGE


def clock():
    inp, log = Inputs(), Log(8)
    return inp, log, Clock(inp, log)


def codes(log):
    entry, found = [0, 0, 0], []
    while log.pop_into(entry):
        found.append(entry[1])
    return found


def test_the_clock_counts_on_and_wraps_at_midnight():
    inp, log, at = clock()
    at.step(0, 600_000)
    assert inp.minute == -1, "nobody told it"
    at.tell(1438)
    for _ in range(4 * 60):
        at.step(0, 500)
    assert inp.minute == 0 and codes(log) == [74, 134]


def test_a_clock_that_nobody_sets_again_grows_old():
    inp, log, at = clock()
    at.tell(100)
    for _ in range(11_519):
        at.step(0, 60_000)
    assert inp.minute >= 0
    at.tell(100)
    for _ in range(11_519):
        at.step(0, 60_000)
    assert inp.minute >= 0, "told in time"
    at.step(0, 60_000)
    assert inp.minute == -1 and codes(log) == [74, 134, 135]
    at.tell(5)
    assert inp.minute == 5 and codes(log) == [74, 134]


def test_service_is_due_at_its_hours_until_later_ones_are_set():
    bench = Bench({"service_at": 200})
    bench.controller.restore(10, 199 * 3600)
    bench.run(5)
    assert not bench.alarms.is_active(59)
    bench.controller.restore(10, 200 * 3600)
    bench.run(5)
    assert bench.alarms.is_active(59)
    bench.settings.load({"service_at": 400})
    bench.run(5)
    assert not bench.alarms.is_active(59)


def test_coil_and_filter_are_to_be_cleaned_at_the_fans_hours():
    ledger = Ledger()
    bench = Bench({"clean_at": 200})
    watch = Cleaning(bench.settings, bench.alarms, ledger)
    pack_into("<I", ledger.image, 24, 199_99)
    ledger.touch()
    watch.step(0, 0.5, bench.inp, bench.out, bench.controller)
    assert not bench.alarms.is_active(80)
    pack_into("<I", ledger.image, 24, 200_00)
    ledger.touch()
    watch.step(0, 0.5, bench.inp, bench.out, bench.controller)
    assert bench.alarms.is_active(80)
    bench.settings.load({"clean_at": 400})
    watch.step(0, 0.5, bench.inp, bench.out, bench.controller)
    assert not bench.alarms.is_active(80)
