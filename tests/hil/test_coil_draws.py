"""Dirt on the coil of drawn units at steady points: what heating hides of it and cooling shows."""

import pytest
from isentrope_hil import coil_draws
from isentrope_hil.cli import app
from isentrope_sim.errors import InputError
from typer.testing import CliRunner

runner = CliRunner()


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coil_draws, "LEARNS", 12)
        patch.setattr(coil_draws, "JUDGED", 6)
        return coil_draws.coil_draws(("ashp-r290-8kw", "ashp-r454b-4kw"), draws=1)


def test_cooling_shows_a_fifth_less_air_and_no_sound_unit(found):
    said = found["cooling"]
    assert said["false"] == 0 and said["found"]["80"] == said["found"]["60"] == 2
    for unit in said["units"]:
        further = unit["further"]
        assert abs(further["100"]) < 0.05 < 0.12 < further["80"] < further["60"]
        assert further["charge"] < -0.05, "less charge condenses nearer to the air"


def test_heating_hides_it_behind_superheat_the_more_the_larger_the_coil(found):
    small, large = (unit["further"] for unit in found["heating"]["units"])
    assert found["heating"]["false"] == 0
    for further in (small, large):
        assert abs(further["100"]) < 0.05 and abs(further["charge"]) < 0.05
    assert small["60"] > found["limit"] > large["60"]
    assert small["80"] < 0.6 * found["cooling"]["units"][0]["further"]["80"]


def test_no_draws_are_refused():
    with pytest.raises(InputError, match="draws is 0"):
        coil_draws.coil_draws(draws=0)


def test_the_command_says_what_it_found(monkeypatch):
    unit = {"machine": "m", "seed": 7, "further": {"100": 0.01, "60": 0.2, "charge": 0.0}}
    said = {"units": [unit], "false": 0, "found": {"60": 1, "charge": 0}}
    document = {"limit": 0.1, "heating": said, "cooling": said}
    monkeypatch.setattr(coil_draws, "coil_draws", lambda *args, **kwargs: document)
    result = runner.invoke(app, ["experiment", "coil-draws"])
    assert result.exit_code == 0, result.output
    assert "20 %" in result.output and "10 % further from the air: 0 of 1 sound units" in result.output
