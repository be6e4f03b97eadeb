"""A cold night: refrigerant that migrates into the oil, what boils out at the start, the crankcase heater."""

from functools import cache

import numpy as np
import pytest
from isentrope_sim import migration
from isentrope_sim.errors import InputError
from test_oil_plant import oiled

HOURS = 8.0


@cache
def night(low_side):
    machine = oiled(oil_low_side=low_side, oil_interaction=0.5)
    return migration.migration(machine, hours=HOURS)["cases"]


@pytest.mark.parametrize("low_side", [0.0, 1.0])
def test_the_oil_takes_up_refrigerant_unless_it_is_kept_warm(low_side):
    cold, warm = night(low_side)
    held = np.array(cold["night"]["oil_g"])
    assert held[-1] > held[len(held) // 2] + 30.0, "it keeps migrating, most when the coil warms first"
    assert cold["dilution"] > 3.0 * warm["dilution"]
    assert warm["dilution"] < 0.15
    outdoor = np.array(warm["night"]["outdoor_c"])
    warmer = np.array(warm["night"]["t_oil_c"]) - outdoor
    assert warmer[outdoor.argmin()] > 10.0, "what makers ask of a crankcase heater"
    assert warmer.min() > 5.0, "even while the air warms faster than the shell"


def test_oil_in_suction_gas_foams_at_the_start():
    """Its pressure falls as the compressor draws: what it took up boils; a warm sump has little to boil."""
    cold, warm = night(1.0)
    assert cold["foam_first_g"] > 3.0 * warm["foam_first_g"] > 0.0
    assert cold["foam_g"] > 100.0 > 5.0 * warm["foam_g"]


def test_oil_in_discharge_gas_is_diluted_further_by_the_start():
    """Pressure rises over a cold sump, and the cold shell condenses: thin oil rather than foam."""
    cold, warm = night(0.0)
    assert cold["foam_first_g"] < 1.0
    assert max(cold["start"]["dilution"]) > cold["dilution"] + 0.05
    assert max(warm["start"]["dilution"]) < 0.7 * max(cold["start"]["dilution"])


def test_the_night_warms_again_before_the_start():
    hours = np.linspace(0.0, HOURS, 97)
    air = np.array([migration.outdoor_c(h, HOURS, -7.0) for h in hours])
    assert air[0] == pytest.approx(2.0) and air[-1] == pytest.approx(2.0) and air.min() >= -7.0
    assert abs(hours[air.argmin()] - 0.7 * HOURS) < 0.1 and air.min() < -6.9


@pytest.mark.parametrize(
    ("changed", "words", "says"),
    [
        ({"oil_mass": 0.0}, {}, "no section oil"),
        ({}, {"hours": 0.1}, "hours is 0.1, allowed 0.5 to 72"),
        ({}, {"coldest_c": 5.0}, "coldest_c is 5, allowed -25 to 2"),
    ],
)
def test_what_cannot_be_measured_is_named(changed, words, says):
    with pytest.raises(InputError, match=says):
        migration.migration(oiled(**changed), **words)
