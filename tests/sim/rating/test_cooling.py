"""SEER alone: each rule of the calculation."""

import pytest
from isentrope_sim.rating.bins import (
    AIR_COOLING,
    AIR_COOLING_HOURS,
    Hours,
)
from isentrope_sim.rating.cooling import CONDITIONS, seer
from isentrope_sim.rating.part_load import PartLoad

NO_STANDBY = dict.fromkeys(Hours.__dataclass_fields__, 0.0)


def modulating(eer):
    return [
        PartLoad(t, 3500.0 * AIR_COOLING.load(t), e, 0.25) for t, e in zip((35, 30, 25, 20), eer, strict=True)
    ]


def test_constant_efficiency_stays():
    hours = AIR_COOLING_HOURS["reversible"]
    found = seer(3500.0, modulating((4.0,) * 4), standby_w=NO_STANDBY, hours=hours)
    assert found.seer == pytest.approx(4.0)
    assert found.cold_kwh == pytest.approx(3.5 * 350)


def test_standby_of_a_unit_that_cools_alone_and_of_a_reversible_one():
    """Regulation (EU) 206/2012: 221 h thermostat-off, 2142 h standby, 5088 h off, 7760 or 2672 h heated."""
    powers = {"off_w": 1.0, "thermostat_off_w": 10.0, "standby_w": 2.0, "crankcase_w": 3.0}
    points = modulating((4.0,) * 4)
    alone = seer(3500.0, points, standby_w=powers, hours=AIR_COOLING_HOURS["cooling"])
    both = seer(3500.0, points, standby_w=powers, hours=AIR_COOLING_HOURS["reversible"])
    active = 3.5 * 350 / 4.0
    assert alone.electric_kwh == pytest.approx(active + (5088 + 2210 + 4284 + 3 * 7760) / 1e3)
    assert both.electric_kwh == pytest.approx(active + (2210 + 4284 + 3 * 2672) / 1e3)


def test_efficiency_is_linear_between_conditions_and_constant_outside():
    eer = (3.0, 4.0, 5.0, 7.0)
    found = seer(3500.0, modulating(eer), standby_w=NO_STANDBY, hours=AIR_COOLING_HOURS["reversible"])
    load = [(t, h * AIR_COOLING.load(t)) for t, h in AIR_COOLING.bins]

    def at(t):
        if t <= 20:
            return 7.0
        if t >= 35:
            return 3.0
        return 7.0 - 0.4 * (t - 20) if t <= 25 else 5.0 - 0.2 * (t - 25)

    expected = sum(w for _, w in load) / sum(w / at(t) for t, w in load)
    assert found.seer_on == pytest.approx(expected)


def test_a_fixed_speed_unit_cycles():
    """Capacity constant: EER falls by a quarter of the share of time it stands."""
    points = [PartLoad(t, 3500.0, 4.0, 0.25) for t in CONDITIONS.values()]
    found = seer(3500.0, points, standby_w=NO_STANDBY, hours=AIR_COOLING_HOURS["reversible"])
    least = 4.0 * (1.0 - 0.25 * (1.0 - AIR_COOLING.load(20.0)))
    assert least < found.seer_on < 4.0
