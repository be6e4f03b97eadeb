"""Seasonal efficiency and classes at the regulations' limits."""

import pytest
from isentrope_sim.rating import classes


@pytest.mark.parametrize(
    ("percent", "application", "name"),
    [
        (175.0, 35, "A+++"),
        (174.5, 35, "A+++"),  # rounded to 175 first
        (174.4, 35, "A++"),
        (150.0, 35, "A++"),
        (123.0, 35, "A+"),
        (115.0, 35, "A"),
        (107.0, 35, "B"),
        (54.0, 35, "G"),
        (150.0, 55, "A+++"),
        (125.0, 55, "A++"),
        (124.0, 55, "A+"),
        (98.0, 55, "A+"),
        (90.0, 55, "A"),
        (82.0, 55, "B"),
        (75.0, 55, "C"),
        (36.0, 55, "D"),
        (34.0, 55, "E"),
        (30.0, 55, "F"),
        (29.0, 55, "G"),
    ],
)
def test_classes_of_space_heating(percent, application, name):
    assert classes.space_heating_class(percent, application) == name


@pytest.mark.parametrize(
    ("value", "least", "name"),
    [
        (8.5, classes.AIR_COOLING, "A+++"),
        (6.1, classes.AIR_COOLING, "A++"),
        (2.5, classes.AIR_COOLING, "G"),
        (5.1, classes.AIR_HEATING, "A+++"),
        (3.99, classes.AIR_HEATING, "A"),
    ],
)
def test_classes_of_air_conditioners(value, least, name):
    assert classes.energy_class(value, least) == name


@pytest.mark.parametrize(
    ("scop", "source", "certified"),
    [(4.44, "air", 175), (4.58, "air", 180), (5.05, "air", 199), (5.06, "brine", 195)],
)
def test_certified_efficiencies_follow_from_the_certified_scop(scop, source, certified):
    """HP KEYMARK certificates; 3 % for controls, 5 % for the brine pump."""
    assert round(classes.efficiency_percent(scop, source)) == pytest.approx(certified, abs=1)
