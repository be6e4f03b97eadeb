"""One cell: closes mass and energy, has one solution, meets the exact exchanger, goes smoothly to rest."""

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isentrope_sim import fluids
from isentrope_sim.components import cell, surface
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


def solve(sat, inv_dt, dp_dt, mass, h_old, m_in, h_in, guess, star, g, outer, stream=0.0):
    return cell.solve_cell(
        R290, sat, inv_dt, VOLUME, dp_dt, mass, h_old, h_old, m_in, h_in, guess, star, g, outer, stream,
        BOIL, COND, VAP, LIQ, sat[tb.SLIP], 0.0,
    )  # fmt: skip


def heat(sat, x, m_in, x_in, star, g=300.0, outer=120.0, stream=0.0):
    """Q, W, with the content held at x by a step of no duration."""
    h = enthalpy(sat, x)
    mass = VOLUME * tb.state(R290, sat, h)[2]
    return solve(sat, 1e9, 0.0, mass, h, m_in, enthalpy(sat, x_in), h, star, g, outer, stream)[6]


bar = st.floats(2.0, 25.0)
quality = st.floats(-0.2, 1.3)
flow = st.one_of(st.just(0.0), st.floats(-0.01, 0.03))
above_dew = st.floats(-25.0, 25.0)
outer = st.one_of(st.just(0.0), st.floats(20.0, 250.0))
# K/W: air, water with the refrigerant and against it, down to hardly any.
stream = st.one_of(st.just(0.0), st.floats(-0.5, 0.5))


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
@given(bar, flow, quality, above_dew, outer, stream)
def test_heat_never_rises_with_enthalpy(p, m_in, x_in, over, outer, stream):
    """Over both phase borders, heated and cooled, whatever flows in."""
    sat = record(p * 1e5)
    star = sat[tb.T_DEW] + over
    q = [heat(sat, x, m_in, x_in, star, 120.0 + outer, outer, stream) for x in np.linspace(-0.2, 1.3, 301)]
    assert np.diff(q).max() < 1e-5


@settings(deadline=None, max_examples=200)
@given(bar, flow, quality, above_dew, outer, stream, st.sampled_from([0.0, 1.0]))
def test_heat_is_continuous_at_the_phase_borders(p, m_in, x_in, over, outer, stream, border):
    sat = record(p * 1e5)
    star = sat[tb.T_DEW] + over
    below, above = (heat(sat, border + d, m_in, x_in, star, 300.0, outer, stream) for d in (-1e-7, 1e-7))
    assert below == pytest.approx(above, abs=0.05)


@settings(deadline=None, max_examples=200)
@given(bar, st.floats(0.002, 0.03), quality, above_dew, outer, stream, st.sampled_from([0.0, 1.0]))
def test_heat_is_continuous_where_the_inflow_changes_phase(p, m_in, x, over, outer, stream, border):
    sat = record(p * 1e5)
    star = sat[tb.T_DEW] + over
    below, above = (heat(sat, x, m_in, border + d, star, 300.0, outer, stream) for d in (-1e-7, 1e-7))
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
            R290, sat, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, m, h, h, star, outer / cells, outer / cells, 0.0,
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


@pytest.mark.parametrize("x_in", [0.2, 0.1, 0.05, 0.02, 0.005])
@pytest.mark.parametrize("cells", [1, 3])
def test_condensate_ends_where_a_fine_grid_ends_and_never_colder_than_outside(cells, x_in):
    """The last of the vapour and seven transfer units of liquid in one cell or three, against 300.

    Liquid alone would come within 0.1 % of the 3 K; a mean difference over the cell went beyond. 0.02 K:
    a part's liquid has one heat capacity, its border's.
    """
    sat = record(15e5)
    star, m = sat[tb.T_BUBBLE] - 3.0, 2e-3

    def outlet(cells):
        return tb.state(R290, sat, steady_outlet(sat, cells, m, x_in, star, 300.0))[0]

    coarse, fine = outlet(cells), outlet(300)
    assert star - 0.02 < coarse <= sat[tb.T_BUBBLE]
    assert coarse == pytest.approx(fine, abs=0.15)


@pytest.mark.parametrize("ratio", [0.05, 1.0, 20.0])
@pytest.mark.parametrize("ntu", [1e-7, 0.1, 2.0, 40.0])
def test_own_part_closes_both_phases_heat(ratio, ntu):
    y, slope = surface.own_part(ratio, ntu)
    assert 0.0 < y < 1.0
    assert -np.expm1(-y * ntu) / ntu == pytest.approx(ratio * (1.0 - y), rel=1e-7)
    step = 1e-4 * ratio
    change = surface.own_part(ratio + step, ntu)[0] - surface.own_part(ratio - step, ntu)[0]
    assert slope == pytest.approx(change / (2.0 * step), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize(("way", "rate"), [(-1.0, 150.0), (-1.0, 600.0), (1.0, 150.0), (1.0, 600.0)])
def test_liquid_against_water_meets_the_exact_effectiveness(way, rate):
    """One cell, water of 900 W/K with or against the refrigerant (VDI Heat Atlas, C1)."""
    liquid, g_w, c_water = 470.0, 1336.0, 900.0
    ntu, c = liquid * g_w / (liquid + g_w) / rate, rate / c_water
    if way > 0.0:
        exact = (1.0 - exp(-ntu * (1.0 + c))) / (1.0 + c)
    else:
        e = exp(-ntu * (1.0 - c))
        exact = (1.0 - e) / (1.0 - c * e)
    own, water = surface.against(ntu, g_w, rate, way / c_water), surface.outlet_share(g_w / c_water)
    # Of 1 K between inflows: ntu times the mean difference is the change.
    change = ntu / (1.0 + ntu * (own + water * c))
    assert change == pytest.approx(exact, rel=1e-9)


def test_boiling_falls_off_above_quality_080():
    def at(x0, x):
        return surface.wetted(x0, x, 1.0, BOIL, VAP, surface.DRY_OUT, 1.0)[0]

    assert at(0.2, 0.3) == at(0.7, 0.79) == BOIL
    assert at(0.9, 0.9) == pytest.approx(0.5 * (BOIL + VAP))
    assert at(1.0, 1.0) == pytest.approx(VAP)
    halves = [at(0.7, 0.85), at(0.85, 1.0)]
    assert at(0.7, 1.0) == pytest.approx(2.0 / sum(1.0 / k for k in halves), rel=0.02)


def test_outlet_share_is_the_logarithmic_mean():
    for ntu in (0.005, 0.0099, 0.0101, 0.5, 3.0, 30.0):
        log_mean = (1.0 - exp(-ntu)) / ntu
        mean = surface.outlet_share(ntu) * exp(-ntu) + (1.0 - surface.outlet_share(ntu))
        assert mean == pytest.approx(log_mean, rel=1e-9)
