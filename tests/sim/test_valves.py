"""The valve catalogue: complete, within bounds, every number with its origin."""

import pytest
from isentrope_sim import valves
from isentrope_sim.errors import InputError

NAMES = sorted(valves.catalogue())


def test_catalogue_spans_the_market():
    steps = [valve.steps for valve in valves.catalogue().values()]
    assert min(steps) <= 500 and max(steps) >= 3000
    assert {valve.coil for valve in valves.catalogue().values()} == {"bipolar", "unipolar"}


@pytest.mark.parametrize("name", NAMES)
def test_entry_is_sound(name):
    valve = valves.load_valve(name)
    assert valve.start_rate_hz <= valve.rate_hz
    assert 0.0 <= valve.opening_point < 0.1
    assert valve.backlash_steps < valve.overdrive_steps
    assert set(valve.tags) == set(valves._BOUNDS) | set(valves._CHOICES) | set(valves._TEXTS)
    for tag in valve.tags.values():
        (text,) = tag.values()
        assert len(text) > 5


@pytest.mark.parametrize("name", NAMES)
def test_the_supply_can_drive_the_rated_current(name):
    """At least nine tenths of it, which a supply at its lower tolerance does; the numbers belong together."""
    valve = valves.load_valve(name)
    if valve.resistance_ohm and valve.phase_ma:
        assert 1000 * valve.supply_v / valve.resistance_ohm >= 0.9 * valve.phase_ma


def test_unipolar_coils_are_driven_in_half_steps():
    """As both in the catalogue are: 1-2 phase excitation, which their stroke and rate count."""
    for valve in valves.catalogue().values():
        assert valve.half_steps is (valve.coil == "unipolar")


def test_unknown_valve_names_the_nearest():
    with pytest.raises(InputError, match=r"unknown valve 'sporlan-sei-1597'.*sporlan-sei-1596"):
        valves.load_valve("sporlan-sei-1597")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("steps = { value = 50, prior = 'a reason' }", "steps = 50, allowed 100 to 10000"),
        ("steps = { value = 500 }", "steps needs a value and one of source or prior"),
        ("steps = { value = 500, source = 'x', prior = 'y' }", "steps needs a value and one of"),
        ("coil = { value = 'tripolar', prior = 'a reason' }", "coil = 'tripolar', allowed"),
        ("half_steps = { value = 1.5, prior = 'a reason' }", "half_steps = 1.5, allowed"),
        ("leads = { value = 4, prior = 'a reason' }", "leads = 4, a text is wanted"),
        ("phase_ma = { value = 5000, prior = 'a reason' }", "phase_ma = 5000, allowed 0 to 3000"),
        ("colour = { value = 1, prior = 'a reason' }", "unknown key 'colour'"),
    ],
)
def test_a_bad_entry_is_named(tmp_path, monkeypatch, change, message):
    lines = valves.CATALOGUE.read_text().splitlines()
    key = change.split(" ")[0]
    body = [line for line in lines if not line.startswith(f"{key} =")]
    first = next(place for place, line in enumerate(body) if line.startswith("title"))
    bad = tmp_path / "valves.toml"
    bad.write_text("\n".join([*body[: first + 1], change, *body[first + 1 :]]))
    monkeypatch.setattr(valves, "CATALOGUE", bad)
    with pytest.raises(InputError, match=message):
        valves.catalogue()
