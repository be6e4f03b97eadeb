"""The climates are data: what the standard says about their sums holds."""

import pytest
from isentrope_sim.rating import bins


@pytest.mark.parametrize(("climate", "hours"), [("average", 4910), ("warmer", 3590), ("colder", 6446)])
def test_hours_of_the_heating_seasons(climate, hours):
    season = bins.HEATING[climate]
    assert sum(h for _, h in season.bins) == hours
    assert season.bins[0][0] == season.design_c
    assert season.bins[-1][0] == 15.0


@pytest.mark.parametrize("season", bins.HEATING.values(), ids=list(bins.HEATING))
def test_equivalent_hours_are_the_bins_under_the_load_line(season):
    """The published equivalent hours and the bin table are two statements of one thing."""
    assert sum(h * season.load(t) for t, h in season.bins) == pytest.approx(season.active_h, abs=0.5)


@pytest.mark.parametrize("climate", bins.HEATING)
def test_the_year_of_a_hydronic_unit_has_8760_hours(climate):
    season, hours = bins.HEATING[climate], bins.HEATING_HOURS[climate]["heating"]
    assert sum(h for _, h in season.bins) + hours.thermostat_off_w + hours.off_w == 8760
    assert hours.crankcase_w == hours.thermostat_off_w + hours.off_w


def test_the_cooling_season():
    assert sum(h for _, h in bins.AIR_COOLING.bins) == 2602
    assert bins.AIR_COOLING.bins[0][0] == 17.0
    assert bins.AIR_COOLING.bins[-1][0] == 40.0


def test_part_load_ratios_of_the_standard():
    """EN 14825: 88, 54, 35, 15 % heating (average), 74, 47, 21 % cooling."""
    average = bins.HEATING["average"]
    assert [round(100 * average.load(t)) for t in (-7, 2, 7, 12)] == [88, 54, 35, 15]
    assert [round(100 * bins.AIR_COOLING.load(t)) for t in (35, 30, 25, 20)] == [100, 74, 47, 21]
