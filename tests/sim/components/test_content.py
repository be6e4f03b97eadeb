"""What a cell holds beside what leaves it: the mean along it, bounded so that a step keeps one solution."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isentrope_sim import fluids
from isentrope_sim.components import content
from isentrope_sim.fluids import table as tb

R32 = fluids.load("R32")
BOIL, COND, VAP, LIQ = 900.0, 900.0, 60.0, 150.0
FLOW, OUTER = 0.02, 1e4  # kg/s; W/K: the wall is at the temperature outside


def record(p):
    sat = np.empty(tb.SAT_SIZE)
    tb.saturation(R32, p, sat)
    return sat


def enthalpy(sat, x):
    return sat[tb.H_LIQ] + x * (sat[tb.H_VAP] - sat[tb.H_LIQ])


def offset(sat, h_in, h, wall, m_in=FLOW, outer=OUTER):
    return content.offset(R32, sat, sat[tb.SLIP], m_in, h_in, h, wall, outer, BOIL, COND, VAP, LIQ)


def flow_density(sat, x):
    """Of a passage with flow quality x and Zivi's slip, from its void fraction."""
    vapour = x / sat[tb.RHO_VAP]
    void = vapour / (vapour + sat[tb.SLIP] * (1.0 - x) / sat[tb.RHO_LIQ])
    return void * sat[tb.RHO_VAP] + (1.0 - void) * sat[tb.RHO_LIQ]


@pytest.mark.parametrize(("x0", "x1"), [(0.0, 1.0), (0.2, 0.3), (0.0, 0.05), (0.7, 0.7)])
def test_two_phase_density_is_the_mean_void_fractions(x0, x1):
    sat = record(22e5)
    x = np.linspace(x0, x1, 20001)
    mean = np.trapezoid([flow_density(sat, q) for q in x], dx=1.0 / 20000)
    assert content.two_phase_density(sat, sat[tb.SLIP], x0, x1) == pytest.approx(mean, rel=1e-6)


@pytest.mark.parametrize("coarse", [5, 10])
def test_a_condenser_holds_the_same_however_it_is_cut(coarse):
    """Even flux from dew to bubble: each cell's content weighs what a hundredth as long cells' would."""
    sat = record(22e5)
    wall = sat[tb.T_BUBBLE] - 3.0

    def mass(cells):
        total = 0.0
        x = np.linspace(1.0, 0.0, cells + 1)
        for x_in, x_out in pairwise(x):
            slip = sat[tb.SLIP]
            own = x_out / (slip - (slip - 1.0) * x_out)
            h = enthalpy(sat, own)
            total += tb.state(R32, sat, h + offset(sat, enthalpy(sat, x_in), h, wall))[2] / cells
        return total

    fine = mass(500)
    assert mass(coarse) == pytest.approx(fine, rel=0.02)


@pytest.mark.parametrize("x_in", [0.3, 0.1, 0.02])
def test_a_cell_half_full_of_condensate_weighs_its_liquid(x_in):
    """From x_in through the border to liquid, one cell against its phases one after the other, by hand."""
    sat = record(22e5)
    over, m = 4.0, 0.005
    star = sat[tb.T_BUBBLE] - over
    u, u_liq = (k * OUTER / (k + OUTER) for k in (COND, LIQ))
    slope = tb.state(R32, sat, sat[tb.H_LIQ])[1]
    # Surface of condensing (without its last stretch's drained film), what is left cools liquid.
    wet = m * x_in * (sat[tb.H_VAP] - sat[tb.H_LIQ]) / (u * over)
    ntu = u_liq * (1.0 - wet) * slope / m
    h = sat[tb.H_LIQ] - over * (1.0 - np.exp(-ntu)) / slope
    rho_liq = tb.state(R32, sat, 0.5 * (h + sat[tb.H_LIQ]))[2]
    by_hand = wet * content.two_phase_density(sat, sat[tb.SLIP], x_in, 0.0) + (1.0 - wet) * rho_liq
    held = h + offset(sat, enthalpy(sat, x_in), h, star, m_in=m)
    assert 0.0 < wet < 1.0
    assert tb.state(R32, sat, held)[2] == pytest.approx(by_hand, rel=0.05)


quality = st.floats(-0.25, 1.3)


@settings(deadline=None, max_examples=300)
@given(st.floats(3.0, 40.0), quality, quality, st.floats(-30.0, 30.0), st.floats(-0.01, 0.1))
def test_offset_stays_within_what_a_content_bears(p, x_in, x, over, m_in):
    """Never more than half of latent heat over rho dv above the outlet, never twice its vapour below it."""
    sat = record(p * 1e5)
    h = enthalpy(sat, x)
    d = offset(sat, enthalpy(sat, x_in), h, sat[tb.T_DEW] + over, m_in)
    held = h + d
    assert np.isfinite(d)
    if d < 0.0:
        assert d >= content.least(sat, held) - 1e-6
    if d > 0.0 and sat[tb.H_LIQ] < held < sat[tb.H_VAP]:
        rho = tb.state(R32, sat, held)[2]
        bears = (sat[tb.H_VAP] - sat[tb.H_LIQ]) / (rho * (1.0 / sat[tb.RHO_VAP] - 1.0 / sat[tb.RHO_LIQ]))
        assert d <= content.STABLE * bears * (1.0 + 1e-2)


def test_nothing_flows_nothing_stands_off():
    sat = record(10e5)
    for still in ({"m_in": 0.0}, {"m_in": -0.02}, {"outer": 0.0}):
        assert offset(sat, enthalpy(sat, 0.2), enthalpy(sat, 0.5), sat[tb.T_DEW] + 5.0, **still) == 0.0
    assert content.formed(0.0) == content.formed(-0.01) == 0.0 and content.formed(0.01) == 1.0


def test_a_profile_forms_while_the_stream_passes_once():
    now = 0.0
    for _ in range(2000):
        now = content.follow(now, 1.0, 0.06, 0.02, 0.0015)
    assert now == pytest.approx(1.0 - np.exp(-1.0), abs=0.01)
