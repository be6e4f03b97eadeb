"""docs/world.md names every key, knob and true value of a world."""

from pathlib import Path

from isentrope_sim.world.live import World
from isentrope_sim.world.settings import OPTIONS, WorldSettings

TEXT = (Path(__file__).parents[3] / "docs" / "world.md").read_text()


def test_every_key_knob_and_true_value():
    world = World(WorldSettings(building={}, hot_water={"profile": "M"}).build())
    names = [key for options in OPTIONS.values() for key in options]
    names += [*World.KNOBS, *world.truth_names]
    assert [name for name in names if f"`{name}`" not in TEXT] == []


def test_defaults_are_within_their_ranges():
    for options in OPTIONS.values():
        for option in options.values():
            assert (
                option.default in option.known
                if option.known
                else option.low <= option.default <= option.high
            )
