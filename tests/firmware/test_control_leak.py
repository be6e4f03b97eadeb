"""Leaked refrigerant in the air and in the heating water."""

from control_bench import profile
from isentrope.control.leak import Leak
from isentrope.settings import Settings
from wired_bench import bench

GAS, LOST, IN_WATER = 28, 29, 31
A3 = {"class": "A3", "off": ["fan", "crankcase", "pump", "reversing", "alarm", "backup"]}
A2L = {"class": "A2L", "full": ["fan"]}


def test_a_transmitter_acts_at_its_limit_and_lets_go_five_minutes_after():
    at = bench(leak=A3)
    at.wired.has_leak, at.wired.leak_pct = True, 24.0
    at.start()
    at.run(60)
    assert at.out.compressor_on and at.out.fan_pct > 0.0
    at.wired.leak_pct = 25.0
    assert at.until(lambda: at.alarms.is_active(GAS), 5) <= 3.0
    assert not at.out.compressor_on
    assert at.out.fan_pct == at.out.pump_pct == 0.0 and not at.out.alarm_on and not at.out.crankcase_on
    at.wired.leak_pct = 5.0
    assert 295.0 < at.until(lambda: not at.alarms.is_active(GAS), 310) < 303.0


def test_a2l_blows():
    at = bench(("leak_ok",), leak=A2L)
    at.start()
    at.wired.set("leak_ok", False)
    at.run(4)
    assert not at.out.compressor_on and at.out.fan_pct == 100.0
    at.run(600)
    assert at.out.fan_pct == 100.0, "as long as there is gas"
    at.wired.set("leak_ok", True)
    at.run(310)
    assert not at.alarms.stop and at.out.fan_pct < 100.0


def test_a_chattering_relay_is_no_leak():
    at = bench(("leak_ok",), leak=A2L).start()
    for _ in range(20):
        at.wired.set("leak_ok", False)
        at.run(1)
        at.wired.set("leak_ok", True)
        at.run(1)
    assert at.out.compressor_on


def test_the_third_in_two_hours_latches():
    at = bench(("leak_ok",), leak=A2L)
    for n in range(3):
        at.wired.set("leak_ok", False)
        at.run(5)
        at.wired.set("leak_ok", True)
        at.run(310)
        assert at.alarms.is_active(GAS) == (n == 2)
    at.alarms.reset(at.ms & 0x3FFFFFFF)
    at.run(1)
    assert not at.alarms.stop


def test_three_in_more_than_two_hours_do_not():
    at = bench(("leak_ok",), leak=A2L)
    for _ in range(3):
        at.wired.set("leak_ok", False)
        at.run(5)
        at.wired.set("leak_ok", True)
        at.run(3600)
    assert not at.alarms.stop


def test_a_lost_sensor_stops_within_fifteen_seconds():
    for lose in ("contact", "transmitter"):
        at = bench(("leak_sensor_ok",), leak=A3)
        at.wired.has_leak, at.wired.leak_pct = True, 0.0
        at.start()
        if lose == "contact":
            at.wired.set("leak_sensor_ok", False)
        else:
            at.wired.leak_pct = None
        at.run(4)
        assert at.out.compressor_on, "a flicker is none"
        at.run(8)
        assert at.alarms.is_active(LOST) and not at.alarms.is_active(GAS)
        assert not at.out.compressor_on and at.out.fan_pct == 0.0
        at.wired.set("leak_sensor_ok", True)
        at.wired.leak_pct = 0.0
        at.run(310)
        assert not at.alarms.stop


def test_gas_whose_sensor_is_lost_is_not_taken_back():
    at = bench(leak=A3)
    at.wired.has_leak, at.wired.leak_pct = True, 40.0
    at.run(5)
    at.wired.leak_pct = None
    at.run(1000)
    assert at.alarms.is_active(GAS) and at.alarms.is_active(LOST)


def test_an_answer_that_the_class_forbids_is_refused():
    for wrong in ({"class": "A3"}, {"class": "A3", "off": ["fan"], "full": ["pump"]}):
        try:
            Leak(wrong, Settings(), None)
            raise AssertionError("not refused")
        except ValueError as error:
            assert "leak.off" in str(error)


def test_the_separators_contact_stops_compressor_and_pump_for_good():
    at = bench(("separator_ok",), separator={}).start()
    assert at.out.pump_pct > 0.0
    at.wired.set("separator_ok", False)
    at.run(5)
    assert at.alarms.is_active(IN_WATER) and not at.out.compressor_on and at.out.pump_pct == 0.0
    at.wired.set("separator_ok", True)
    at.run(3600)
    assert at.alarms.is_active(IN_WATER) and at.out.pump_pct == 0.0
    at.alarms.reset(at.ms & 0x3FFFFFFF)
    at.run(1)
    assert not at.alarms.stop


def test_pressure_that_rises_fast_is_gas_warming_is_not():
    at = bench(separator={})
    at.wired.water_kpa = 150.0
    at.start()
    for _ in range(3600):  # 70 kPa in an hour
        at.wired.water_kpa += 70.0 / 3600.0
        at.run(1)
    assert not at.alarms.stop
    at.wired.water_kpa += 40.0  # a pump behind the sensor
    at.run(30)
    assert not at.alarms.stop
    at.run(1200)
    for _ in range(30):  # a burst plate, 5 kPa a second
        at.wired.water_kpa += 5.0
        at.run(1)
    assert at.alarms.is_active(IN_WATER)


def test_without_the_profiles_key_nothing_is_loaded():
    assert bench().optional == [] and profile().get("leak") is None
