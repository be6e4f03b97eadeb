"""Whole steps, dead band and play."""

from isentrope.control.valve import ValvePosition
from isentrope.settings import Settings


def position(play):
    held = Settings()
    held.load({"valve_play": play / 5.0})  # steps of 500
    return ValvePosition(500, held)


def needle_of(rotors, play):
    """Where a needle with `play` comes to stand after the rotor's positions."""
    needle = 0
    for rotor in rotors:
        needle = min(max(needle, rotor - play), rotor)
    return needle


def test_needle_reaches_the_wanted_place_from_both_sides():
    for play in (0, 2, 5):
        valve = position(play)
        rotors = [valve.move(200.0)]
        assert needle_of(rotors, play) == 200
        rotors.append(valve.move(190.0))
        assert needle_of(rotors, play) == 190
        rotors.append(valve.move(191.0))
        assert needle_of(rotors, play) == 191


def test_jitter_does_not_move_the_valve():
    valve = position(2)
    valve.move(200.0)
    before = valve.target
    for wanted in (200.4, 199.6, 200.7, 199.3):
        assert valve.move(wanted) == before


def test_ends_hold():
    valve = position(2)
    assert valve.move(700.0) == 500
    assert valve.move(-20.0) == 0
    valve.move(100.0)
    assert valve.close() == 0 and valve.target == 0
