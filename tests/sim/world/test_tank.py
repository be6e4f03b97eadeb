"""The hot-water tank: energy, exchangers against their effectiveness, standing loss, what a bath leaves."""

import numpy as np
import pytest
from isentrope_sim.errors import InputError
from isentrope_sim.world import WATER_J_KG_K, layers, tank

COLD, ROOM = 283.15, 293.15


def start(kelvin=323.15, **data):
    made = tank.TankData(**data)
    return np.full(made.layers, kelvin), made.record(), np.zeros(4)


def energy(t, par):
    return par[tank.KG] * WATER_J_KG_K * float(t.sum())


@pytest.mark.parametrize("charge", ["coil", "plate"])
def test_energy_is_conserved_through_charging_and_drawing(charge):
    t, par, out = start(300.0, charge=charge)
    first, brought, moved = energy(t, par), 0.0, 0.0
    for step in range(7200):
        tap = 0.15 if step % 600 < 120 else 0.0
        tank.advance(t, par, 0.25, 328.15, tap, COLD, ROOM, 0.5, out)
        assert out[1] == pytest.approx(0.25 * WATER_J_KG_K * (328.15 - out[0]), abs=1e-9)
        brought += 0.5 * (out[1] - out[2] - tap * WATER_J_KG_K * (out[3] - COLD))
        moved += 0.5 * abs(out[1])
    assert abs(energy(t, par) - first - brought) < 1e-9 * first
    assert moved > 1e7
    assert np.all(np.diff(t) <= 1e-9)


def test_a_coil_in_an_isothermal_tank_is_its_own_effectiveness():
    t, par, out = start(300.0, ua_w_k=1200.0, standing_loss_w=0.0)
    tank.advance(t, par, 0.25, 328.15, 0.0, COLD, ROOM, 1e-3, out)
    expected = 0.25 * WATER_J_KG_K * 28.15 * (1.0 - np.exp(-1200.0 / (0.25 * WATER_J_KG_K)))
    assert out[1] == pytest.approx(expected, rel=1e-6)


def test_a_plate_loads_hot_water_on_top_and_stands_when_there_is_nothing_to_give():
    t, par, out = start(300.0, charge="plate", ua_w_k=2000.0, standing_loss_w=0.0)
    for _ in range(1600):
        tank.advance(t, par, 0.1, 328.15, 0.0, COLD, ROOM, 0.5, out)
    ntu = 2000.0 / (0.1 * WATER_J_KG_K)
    assert t[0] == pytest.approx(300.0 + 28.15 * ntu / (1.0 + ntu), abs=0.01)
    assert t[-1] == pytest.approx(300.0, abs=0.01)
    tank.advance(t, par, 0.1, 299.0, 0.0, COLD, ROOM, 0.5, out)
    assert out[1] == 0.0 and out[0] == 299.0


def test_a_coil_mixes_what_lies_above_it_only_once_it_is_warmer():
    t, par, out = start(300.0, coil_height=0.5)
    t[:5] = 330.0
    for _ in range(600):
        tank.advance(t, par, 0.2, 325.0, 0.0, COLD, ROOM, 0.5, out)
    assert t[0] > 329.5  # the hot top is not touched
    assert t[-1] > 302.0


def test_standing_loss_is_that_of_its_energy_class():
    t, par, out = start(ROOM + 45.0, volume_l=250.0)
    tank.advance(t, par, 0.0, 0.0, 0.0, COLD, ROOM, 1e-3, out)
    assert out[2] == pytest.approx(12.0 + 5.93 * 250.0**0.4, rel=1e-6)


def test_a_tank_delivers_most_of_its_volume_hot():
    t, par, out = start(328.15, volume_l=200.0, layers=20)
    promised = layers.usable_kg(t, par[tank.KG], 313.15, COLD)
    drawn = 0.0
    while t[0] >= 313.15:
        tank.advance(t, par, 0.0, 0.0, 10.0 / 60.0, COLD, ROOM, 0.5, out)
        drawn += 10.0 / 60.0 * 0.5 * (out[3] - COLD) / 30.0  # EN 16147: V40
    assert 0.85 * promised < drawn < promised


def test_unknown_exchanger():
    with pytest.raises(InputError, match="charged by 'mantle'; known: coil, plate"):
        tank.TankData(charge="mantle").record()
