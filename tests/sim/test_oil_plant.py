"""Refrigerant in the oil: solubility, and the plant's books with it."""

import dataclasses

import numpy as np
import pytest
from isentrope_sim.components import oil
from plants import MACHINE, Stand

OILS = {"oil_mass": 0.5, "oil_density": 980.0, "oil_interaction": 0.3}


def oiled(**changed):
    values = MACHINE.values | OILS | changed
    return dataclasses.replace(MACHINE, values=values | {"charge": values["charge"] + 0.08})


@pytest.mark.parametrize("interaction", [-1.0, 0.0, 0.5])
def test_solubility_rises_with_pressure_and_falls_with_temperature(interaction):
    par = oiled(oil_interaction=interaction).record()
    kg = [
        oil.dissolved(par, p, 330.0) for p in np.linspace(1e5, 0.97 * oil.saturation_pressure(par, 330.0), 40)
    ]
    assert kg[0] > 0.0 and np.all(np.diff(kg) > 0.0)
    assert np.all(np.diff([oil.dissolved(par, 8e5, t) for t in np.linspace(300.0, 400.0, 40)]) < 0.0)


def test_what_is_dissolved_has_the_pressure_it_is_in_equilibrium_with():
    par = oiled().record()
    kg = oil.dissolved(par, 8e5, 330.0)
    assert oil.activity(par, kg)[0] * oil.saturation_pressure(par, 330.0) == pytest.approx(8e5, rel=1e-9)


@pytest.mark.parametrize("low_side", [0.0, 1.0])
def test_the_books_close_over_start_off_and_restart(low_side):
    stand = Stand(machine=oiled(oil_low_side=low_side))
    stand.run(900, rps=50, eev_opening=0.4)
    stand.run(600, rps=0, eev_opening=0.0, fan=0.0, crankcase_w=35.0)
    stand.run(900, rps=50, eev_opening=0.4, fan=1.0, crankcase_w=0.0)
    stand.assert_balanced()
    assert np.ptp(stand.column("oil_refrigerant_kg")) > 0.005


def test_a_snapshot_continues_bit_for_bit():
    stand = Stand(machine=oiled())
    stand.run(300, rps=50, eev_opening=0.4)
    saved = stand.plant.snapshot()
    stand.run(200, rps=0, eev_opening=0.0)
    first = stand.plant.x.copy()
    stand.plant.restore(saved)
    stand.run(200, rps=0)
    assert np.array_equal(first, stand.plant.x)
