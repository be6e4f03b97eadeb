"""Drive faults become alarms, its limits hold and reduce."""

from control_bench import Bench, profile
from isentrope import decisions

LIMITS = [["current_a", 9.0, 10.0], ["bus_v", 340.0, 330.0], ["module_c", 80.0, 85.0]]


class Drive:
    lost = False
    fault = 0
    fault_raw = 0
    current_a = 5.0
    bus_v = 380.0
    module_c = 50.0
    reset = False


class More:
    """Of drivers/more.py what the guard reads."""


def bench(values=None):
    made = profile()
    made["drive"] = {"kind": "modbus", "limits": LIMITS}
    at = Bench(values, machine=made)
    at.inp.more = More()
    at.inp.more.drive = Drive()
    return at


def test_current_holds_then_reduces():
    at = bench().start(rps=60.0)
    at.run(60)
    at.inp.more.drive.current_a = 9.2
    at.inp.test_rps = 80.0
    at.run(30)
    assert at.out.speed_rps < 64.0
    at.inp.more.drive.current_a = 10.1
    at.run(20)
    assert at.out.speed_rps < 45.0
    held = at.logged(56)
    assert held and decisions.text(56, held[-1]).endswith("drive current 9 A")


def test_a_falling_bus_reduces_too():
    at = bench().start(rps=60.0)
    at.run(60)
    at.inp.more.drive.bus_v = 329.0
    at.run(20)
    assert at.out.speed_rps < 45.0
    assert at.logged(59)


def test_a_hot_module_holds():
    at = bench().start(rps=60.0)
    at.run(60)
    at.inp.more.drive.module_c = 81.0
    at.inp.test_rps = 90.0
    at.run(60)
    assert at.out.speed_rps <= 66.0  # the cap returns at a tenth of the slew while it is not hot
    assert at.logged(60)


def test_what_the_drive_does_not_say_is_not_judged():
    at = bench().start(rps=60.0)
    at.inp.more.drive.current_a = at.inp.more.drive.module_c = None
    at.run(60)
    assert at.out.speed_rps == 60.0


def test_each_class_of_fault_has_its_alarm():
    for fault, alarm in ((1, 18), (2, 19), (3, 20), (4, 21)):
        at = bench().start()
        at.inp.more.drive.fault, at.inp.more.drive.fault_raw = fault, 77
        at.scan()
        assert at.alarms.is_active(alarm) and not at.out.compressor_on
        entry = [0, 0, 0]
        assert at.alarms.history.pop_into(entry) and entry[1:] == [alarm, 77]


def test_a_silent_drive_stops_and_comes_back_after_the_pause():
    at = bench().start()
    at.inp.more.drive.lost = True
    at.scan()
    assert at.alarms.is_active(17) and not at.out.compressor_on
    at.run(400)
    at.inp.more.drive.lost = False
    at.run(295)
    assert at.alarms.is_active(17)
    at.run(10)
    assert not at.alarms.is_active(17)


def test_a_fault_is_reset_after_the_pause_and_three_latch():
    at = bench()
    for n in range(3):
        at.start()
        at.inp.more.drive.fault = 3
        at.run(290)
        assert not at.inp.more.drive.reset
        at.run(20)
        assert at.inp.more.drive.reset is (n < 2)
        at.inp.more.drive.fault = 0
        at.run(310)
        at.inp.flow_c = at.inp.return_c = 30.0
    assert at.alarms.is_active(20) and at.alarms.latched_mask
    at.alarms.reset(at.ms & 0x3FFFFFFF)
    at.run(2)
    assert not at.alarms.is_active(20)


def test_a_latched_fault_is_reset_by_the_persons_reset():
    at = bench()
    for _ in range(3):
        at.start()
        at.inp.more.drive.fault = 1
        at.run(310)
        at.inp.more.drive.fault = 0
        at.run(310)
    at.inp.more.drive.fault = 1
    at.run(400)
    assert not at.inp.more.drive.reset
    at.alarms.reset(at.ms & 0x3FFFFFFF)
    at.run(310)
    assert at.inp.more.drive.reset


def test_a_limit_that_is_none_is_named():
    made = profile()
    for limits in ([["speed", 1.0, 2.0]], [["bus_v", 300.0, 300.0]]):
        made["drive"] = {"kind": "modbus", "limits": limits}
        try:
            Bench(machine=made)
            raise AssertionError(limits)
        except ValueError as error:
            assert "drive.limits" in str(error)
