"""Which points are measured, and at which water temperature."""

import pytest
from isentrope_sim.certified import certified_points
from isentrope_sim.rating.conditions import conditions, outlet


def names(*args, **more):
    return [("/".join(c.names), c.outdoor_c) for c in conditions(*args, **more)]


def test_certificates_were_measured_at_these_outlets():
    rows = [p for p in certified_points("ashp-r290-8kw") if p.test.startswith("EN14825")]
    assert len(rows) == 5
    for row in rows:
        assert outlet("average", 35, row.source_c) == pytest.approx(row.sink_out_c)


@pytest.mark.parametrize(
    ("climate", "application", "outdoor", "water"),
    [
        ("average", 55, -7, 52),
        ("average", 55, 2, 42),
        ("warmer", 35, 7, 31),
        ("warmer", 55, 2, 55),
        ("colder", 35, -15, 32),
        ("colder", 55, -22, 55),
        ("average", 35, -8.5, 34.5),  # half way from A to the design point
        ("average", 35, -6, 34 - 4 / 9),  # between A and B
        ("average", 35, 15, 24),  # no heating curve below D's
    ],
)
def test_variable_outlet(climate, application, outdoor, water):
    assert outlet(climate, application, outdoor) == pytest.approx(water)


def test_points_of_the_average_climate():
    wanted = [("TOL", -10.0), ("A", -7.0), ("Tbiv", -6.0), ("B", 2.0), ("C", 7.0), ("D", 12.0)]
    assert names("average", 35, -6.0, -10.0) == wanted


def test_coinciding_points_are_measured_once():
    wanted = [("A/Tbiv", -7.0), ("B", 2.0), ("C", 7.0), ("D", 12.0)]
    assert names("average", 35, -7.0, -10.0)[1:] == wanted
    assert names("warmer", 55, 2.0, -25.0)[0] == ("B/TOL/Tbiv", 2.0)


def test_the_operation_limit_moves_to_the_design_point_and_hides_colder_points():
    assert names("colder", 35, -10.0, -30.0)[0] == ("TOL", -22.0)
    assert ("G", -15.0) in names("colder", 35, -10.0, -30.0)
    assert names("colder", 35, -7.0, -10.0)[:2] == [("TOL", -10.0), ("A/Tbiv", -7.0)]


def test_brine_and_water_sources_keep_their_temperature():
    assert {c.source_c for c in conditions("average", 35, -7.0, -10.0, "brine")} == {0.0}
    assert {c.source_c for c in conditions("average", 35, -7.0, -10.0, "water")} == {10.0}
