"""One cell: closes mass and energy, has one solution, meets the exact exchanger, goes smoothly to rest."""

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isentrope_sim import fluids
from isentrope_sim.components import cell
from isentrope_sim.fluids import table as tb

R290 = fluids.load("R290")
VOLUME = 2e-4
BOIL, COND, VAP, LIQ = 400.0, 400.0, 20.0, 60.0


def record(p):
    sat = np.empty(tb.SAT_SIZE)
    tb.saturation(R290, p, sat)
    return sat


def enthalpy(sat, x):
    return sat[tb.H_LIQ] + x * (sat[tb.H_VAP] - sat[tb.H_LIQ])


def solve(sat, inv_dt, dp_dt, mass, h_old, m_in, h_in, guess, star, g, outer):
    return cell.solve_cell(
        R290, sat, inv_dt, VOLUME, dp_dt, mass, h_old, h_old, m_in, h_in, guess, star, g, outer,
        BOIL, COND, VAP, LIQ, sat[tb.SLIP], 0.0,
    )  # fmt: skip


def heat(sat, x, m_in, x_in, star, g=300.0, outer=120.0):
    """Q, W, with the content held at x by a step of no duration."""
    h = enthalpy(sat, x)
    mass = VOLUME * tb.state(R290, sat, h)[2]
    return solve(sat, 1e9, 0.0, mass, h, m_in, enthalpy(sat, x_in), h, star, g, outer)[6]


bar = st.floats(2.0, 25.0)
quality = st.floats(-0.2, 1.3)
flow = st.one_of(st.just(0.0), st.floats(-0.01, 0.03))
above_dew = st.floats(-25.0, 25.0)
outer = st.one_of(st.just(0.0), st.floats(20.0, 250.0))


@settings(deadline=None, max_examples=400)
@given(bar, quality, flow, quality, above_dew, outer, st.floats(0.01, 0.5), st.floats(-0.02, 0.02))
def test_closes_mass_and_energy_for_any_step(p, x, m_in, x_in, over, outer, dt, change):
    """Mass by construction, energy to the tolerance of its enthalpy; the wall lies between what it meets."""
    sat_old, sat = record(p * 1e5), record(p * 1e5 * (1.0 + change))
    h_old, h_in = enthalpy(sat_old, x), enthalpy(sat, x_in)
    mass = VOLUME * tb.state(R290, sat_old, h_old)[2]
    dp = sat[tb.P] - sat_old[tb.P]
    star = sat[tb.T_DEW] + over
    h, h_flow, _t, new, wall, m_out, q = solve(
        sat, 1 / dt, dp / dt, mass, h_old, m_in, h_in, h_old, star, 300.0, outer
    )
    assert new - mass == pytest.approx(dt * (m_in - m_out), abs=1e-12)
    h_out = h_flow if m_out >= 0 else h_old
    stored = (new * h - mass * h_old - VOLUME * dp) / dt
    # 1e-4 J/kg of h in a step of 10 ms moves up to 0.1 kg/10 ms of content
    tolerance = 2e-3 + 4e-4 * (mass / dt + abs(m_in))
    assert stored == pytest.approx(m_in * h_in - m_out * h_out + q, abs=tolerance)
    assert q == pytest.approx(300.0 * (star - wall), abs=1e-6)


@settings(deadline=None, max_examples=200)
@given(bar, flow, quality, above_dew, outer)
def test_heat_never_rises_with_enthalpy(p, m_in, x_in, over, outer):
    """Over both phase borders, heated and cooled, whatever flows in."""
    sat = record(p * 1e5)
    star = sat[tb.T_DEW] + over
    q = [heat(sat, x, m_in, x_in, star, 120.0 + outer, outer) for x in np.linspace(-0.2, 1.3, 301)]
    assert np.diff(q).max() < 1e-5


@settings(deadline=None, max_examples=200)
@given(bar, flow, quality, above_dew, outer, st.sampled_from([0.0, 1.0]))
def test_heat_is_continuous_at_the_phase_borders(p, m_in, x_in, over, outer, border):
    sat = record(p * 1e5)
    star = sat[tb.T_DEW] + over
    below, above = (heat(sat, border + d, m_in, x_in, star, 300.0, outer) for d in (-1e-7, 1e-7))
    assert below == pytest.approx(above, abs=0.05)


@settings(deadline=None, max_examples=200)
@given(bar, quality, quality, above_dew, outer)
def test_goes_smoothly_through_no_flow(p, x, x_in, over, outer):
    sat = record(p * 1e5)
    star = sat[tb.T_DEW] + over
    still = heat(sat, x, 0.0, x_in, star, 300.0, outer)
    for m_in in (1e-7, -1e-7):
        assert heat(sat, x, m_in, x_in, star, 300.0, outer) == pytest.approx(still, abs=0.05)


def steady_outlet(sat, cells, m, x_in, star, outer):
    """Outlet enthalpy of a surface cut into cells at rest in time."""
    h = enthalpy(sat, x_in)
    for _ in range(cells):
        h = cell.solve_cell(
            R290, sat, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, m, h, h, star, outer / cells, outer / cells,
            BOIL / cells, COND / cells, VAP / cells, LIQ / cells, sat[tb.SLIP], 0.0,
        )[1]  # fmt: skip
    return h


@pytest.mark.parametrize("cells", [1, 2, 10])
def test_vapour_meets_the_exact_effectiveness(cells):
    """1 - exp(-NTU) to a stream of one temperature, with any number of cells."""
    sat = record(5e5)
    t_in, slope, _rho = tb.state(R290, sat, enthalpy(sat, 1.05))
    star, m = t_in + 6.0, 2e-3
    ntu = 20.0 * 120.0 / 140.0 * slope / m
    t_out = tb.state(R290, sat, steady_outlet(sat, cells, m, 1.05, star, 120.0))[0]
    assert t_out - t_in == pytest.approx(6.0 * (1.0 - exp(-ntu)), rel=0.01)


@pytest.mark.parametrize(("x_in", "over"), [(0.3, 4.0), (0.7, 6.0), (1.2, -6.0), (0.3, -8.0)])
def test_one_surface_gives_the_same_outlet_however_it_is_cut(x_in, over):
    """Boiling with dry-out to superheat, condensing from gas, subcooling: 10 cells against 160."""
    sat = record(5e5)
    coarse, fine = (steady_outlet(sat, n, 2e-3, x_in, sat[tb.T_DEW] + over, 300.0) for n in (10, 160))
    assert coarse - fine == pytest.approx(0.0, abs=0.02 * abs(fine - enthalpy(sat, x_in)))


def test_boiling_falls_off_above_quality_080():
    def at(x0, x):
        return cell.wetted(x0, x, 1.0, BOIL, VAP, cell.DRY_OUT, 1.0)[0]

    assert at(0.2, 0.3) == at(0.7, 0.79) == BOIL
    assert at(0.9, 0.9) == pytest.approx(0.5 * (BOIL + VAP))
    assert at(1.0, 1.0) == pytest.approx(VAP)
    halves = [at(0.7, 0.85), at(0.85, 1.0)]
    assert at(0.7, 1.0) == pytest.approx(2.0 / sum(1.0 / k for k in halves), rel=0.02)


def test_outlet_share_is_the_logarithmic_mean():
    for ntu in (0.005, 0.0099, 0.0101, 0.5, 3.0, 30.0):
        log_mean = (1.0 - exp(-ntu)) / ntu
        mean = cell.outlet_share(ntu) * exp(-ntu) + (1.0 - cell.outlet_share(ntu))
        assert mean == pytest.approx(log_mean, rel=1e-9)
