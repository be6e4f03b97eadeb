"""The building against its own network solved by hand, and against the exact time course."""

import numpy as np
import pytest
from isentrope_sim.errors import InputError
from isentrope_sim.world import building

DATA = building.BuildingData()
OUTDOOR = 268.15


def run(par, state, seconds, dt, convective=0.0, radiant=0.0, outdoor=OUTDOOR):
    out, lost = np.zeros(3), 0.0
    for _ in range(round(seconds / dt)):
        building.advance(state, par, outdoor, convective, radiant, dt, out)
        lost += out[0] * dt
    return lost


@pytest.mark.parametrize("mass", building.CLASSES)
def test_at_rest_convective_heat_meets_the_design_heat_loss(mass):
    data = building.BuildingData(mass=mass, ventilation=1.0 - 1e-9, windows=0.0)
    state = building.steady(data.record(), OUTDOOR, 1800.0, 0.0)
    assert state[0] - OUTDOOR == pytest.approx(1800.0 / data.heat_loss_w_k, rel=1e-6)


def test_at_rest_the_network_is_the_one_of_iso_13790():
    par = DATA.record()
    heat = 3600.0
    air, mass = building.steady(par, OUTDOOR, heat, 0.0)
    # H_tr,1 .. H_tr,3 of annex C.4 with the mass at rest: H_em and H_ms in series.
    wall = 1.0 / (1.0 / par[building.H_MS] + 1.0 / par[building.H_EM])
    through = 1.0 / (1.0 / par[building.H_IS] + 1.0 / (wall + par[building.H_W]))
    assert air - OUTDOOR == pytest.approx(heat / (through + par[building.H_VE]), rel=1e-9)
    assert wall == pytest.approx(0.5 * DATA.heat_loss_w_k)  # the opaque share
    assert OUTDOOR < mass < air


def test_time_course_is_that_of_the_matrix_exponential():
    from scipy.linalg import expm

    par = DATA.record()
    total = par[building.H_IS] + par[building.H_MS] + par[building.H_W]
    cross = par[building.H_IS] * par[building.H_MS] / total
    a = np.array(
        [
            [-(par[building.H_VE] + par[building.H_IS] - par[building.H_IS] ** 2 / total), cross],
            [cross, -(par[building.H_EM] + par[building.H_MS] - par[building.H_MS] ** 2 / total)],
        ]
    ) / np.array([[par[building.C_A]], [par[building.C_M]]])
    state = np.array([293.15, 293.15])
    run(par, state, 6 * 3600.0, 1.0)
    # Without gains the outdoor air is the rest; seen from there the course is a pure decay.
    assert state - OUTDOOR == pytest.approx(expm(a * 6 * 3600.0) @ np.array([25.0, 25.0]), abs=2e-3)


@pytest.mark.parametrize("dt", [0.5, 60.0, 3600.0])
def test_energy_closes_to_rounding(dt):
    par = DATA.record()
    state = np.array([293.15, 292.0])
    held = par[building.C_A] * state[0] + par[building.C_M] * state[1]
    lost = run(par, state, 24 * 3600.0, dt, 1500.0, 900.0)
    now = par[building.C_A] * state[0] + par[building.C_M] * state[1]
    assert now - held == pytest.approx(24 * 3600.0 * 2400.0 - lost, abs=1e-9 * held)


def test_a_heavy_house_cools_more_slowly():
    last = {}
    for mass in ("light", "heavy"):
        state = np.array([293.15, 293.15])
        run(building.BuildingData(mass=mass).record(), state, 12 * 3600.0, 10.0)
        last[mass] = state[0]
    assert last["light"] < last["heavy"] - 2.0


def test_heat_need_holds_the_room():
    par = DATA.record()
    heat = building.heat_need(par, OUTDOOR, 294.15, 0.6, (210.0, 510.0))
    state = building.steady(par, OUTDOOR, 210.0 + 0.6 * heat, 510.0 + 0.4 * heat)
    assert state[0] == pytest.approx(294.15)
    assert building.heat_need(par, 303.15, 293.15, 0.6, (0.0, 0.0)) == 0.0


def test_what_cannot_be():
    with pytest.raises(InputError, match="mass 'airy'; known: very-light"):
        building.BuildingData(mass="airy").record()
    with pytest.raises(InputError, match="20000 W/K through opaque walls; allowed over 0 to 3185 W/K"):
        building.BuildingData(heat_loss_w_k=40_000.0).record()
