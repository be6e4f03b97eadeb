"""The sound estimate: laws of its two sources, their sum, and distance."""

import math

import pytest
from isentrope_sim import sound, steady
from isentrope_sim.declared import Sound
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine

FAN = Sound(level=60.0, speed=50.0, fan=1.0, fan_share=1.0)
COMPRESSOR = Sound(level=60.0, speed=50.0, fan=1.0, fan_share=0.0)
BOTH = Sound(level=60.0, speed=50.0, fan=0.8, fan_share=0.5)


def test_the_declared_point_has_the_declared_level():
    assert sound.power_level(BOTH, 50.0, 0.8) == pytest.approx(60.0)


def test_fan_law():
    assert sound.power_level(FAN, 0.0, 0.5) == pytest.approx(60.0 + 50 * math.log10(0.5))


def test_compressor_law():
    assert sound.power_level(COMPRESSOR, 100.0, 0.0) == pytest.approx(60.0 + 25 * math.log10(2))


def test_two_equal_sources_are_3_db_over_one():
    alone = sound.power_level(BOTH, 50.0, 0.0)
    assert sound.power_level(BOTH, 50.0, 0.8) - alone == pytest.approx(10 * math.log10(2))


def test_silence():
    assert sound.power_level(BOTH, 0.0, 0.0) == -math.inf


@pytest.mark.parametrize(
    ("power", "place", "distance", "level"),
    [
        # A manufacturer's table (Kospel HPM.Z, 64 dB): Q 2, 4 and 8.
        (64.0, "free", 1.0, 56),
        (64.0, "free", 5.0, 42),
        (64.0, "free", 10.0, 36),
        (64.0, "wall", 3.0, 49),
        (64.0, "corner", 15.0, 39),
        # Panasonic's planning manual: 67 dB against a wall, 10 and 20 m.
        (67.0, "wall", 10.0, 42),
        (67.0, "wall", 20.0, 36),
    ],
)
def test_published_levels_at_a_distance(power, place, distance, level):
    """Published tables are rounded, one of them up by a whole decibel."""
    found = sound.pressure_level(power, distance, sound.DIRECTIVITY[place])
    assert found == pytest.approx(level, abs=1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sound.pressure_level(60.0, 0.1), "distance is 0.1 m"),
        (lambda: sound.pressure_level(60.0, math.nan), "distance is nan m"),
        (lambda: sound.pressure_level(60.0, 1.0, 16.0), "directivity is 16.0"),
        (lambda: sound.power_level(BOTH, -1.0, 0.5), "speed_rps is -1.0"),
        (lambda: sound.power_level(BOTH, 50.0, math.nan), "fan is nan"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_a_steady_point_tells_its_sound():
    machine = load_machine("ashp-r290-8kw")
    slow, fast = (steady.solve(machine, 7.0, 35.0, speed_rps=rps)["sound_power_db"] for rps in (25.0, 90.0))
    assert 38.0 < slow < 50.0 < fast < 60.0
