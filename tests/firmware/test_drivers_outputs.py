"""Relay levels and analogue references."""

from isentrope.drivers.analog_out import AnalogOut
from isentrope.drivers.relay import Relay
from sample import analog_row, level_row


def test_relay_drives_its_active_level():
    for active in (0, 1):
        levels = [9, 9]
        relay = Relay(level_row("x", active=active), levels, 1)
        relay.set(True)
        assert levels == [9, active]
        relay.set(False)
        assert levels == [9, 1 - active]


def test_duty_is_proportional_and_held_inside():
    duties = [0]
    reference = AnalogOut(analog_row("compressor_ref", most=90.0), duties, 0)
    for rps, duty in ((0.0, 0), (45.0, 32768), (90.0, 65535), (120.0, 65535), (-5.0, 0)):
        reference.set(rps)
        assert duties[0] == duty, rps


def test_a_range_may_start_above_zero():
    duties = [0]
    row = analog_row("x", most=20.0)
    row["min"] = 4.0
    AnalogOut(row, duties, 0).set(12.0)
    assert duties[0] == 32768
