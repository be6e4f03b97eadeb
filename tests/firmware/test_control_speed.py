"""Slew, range, and what protections leave."""

from control_bench import profile
from isentrope import decisions
from isentrope.control.speed import Speed


class Free:
    cap_rps = 90.0
    floor_rps = 0.0
    cap_why = decisions.HOLD_DISCHARGE
    floor_why = decisions.RAISE_ENVELOPE


def test_slew_is_the_compressors():
    speed = Speed(profile()["compressor"])
    last = speed.step(0.5, 90.0, Free, False)
    assert last <= 21.0
    for _ in range(200):
        now = speed.step(0.5, 90.0, Free, False)
        assert now - last <= 0.5001
        last = now
    assert last == 90.0


def test_range_is_the_compressors():
    speed = Speed(profile()["compressor"])
    for wanted, end in ((200.0, 90.0), (5.0, 20.0)):
        for _ in range(300):
            speed.step(0.5, wanted, Free, False)
        assert speed.set_rps == end


def test_cap_wins_over_floor_and_says_so():
    class Tight(Free):
        cap_rps = 40.0
        floor_rps = 50.0

    speed = Speed(profile()["compressor"])
    for _ in range(200):
        speed.step(0.5, 80.0, Tight, False)
    assert speed.set_rps == 40.0 and speed.limit == decisions.HOLD_DISCHARGE


def test_low_superheat_holds_slowing_but_not_rising():
    speed = Speed(profile()["compressor"])
    for _ in range(100):
        speed.step(0.5, 60.0, Free, False)
    speed.step(0.5, 30.0, Free, True)
    assert speed.set_rps == 60.0 and speed.limit == decisions.HOLD_SUPERHEAT
    speed.step(0.5, 80.0, Free, True)
    assert speed.set_rps == 60.5


def test_lead_looks_ahead_of_a_falling_speed_and_of_a_rising_one():
    speed = Speed(profile()["compressor"])
    for _ in range(100):
        speed.step(0.5, 60.0, Free, False)
    speed.step(0.5, 30.0, Free, False)
    assert abs(speed.ahead(8.0) - (speed.set_rps - 8.0)) < 1e-4
    speed.step(0.5, 58.0, Free, False)
    assert speed.ahead(8.0) == 58.0
    speed.step(0.5, 80.0, Free, False)
    assert speed.ahead(8.0) == speed.set_rps
    assert abs(speed.ahead(8.0, 1.5) - (speed.set_rps + 1.5)) < 1e-4
    for _ in range(60):
        speed.step(0.5, 80.0, Free, False)
    assert speed.ahead(0.0, 1.5) == 80.0, "and not beyond where it is to be"
