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


def record(p):
    sat = np.empty(tb.SAT_SIZE)
    tb.saturation(R32, p, sat)
    return sat


def enthalpy(sat, x):
    return sat[tb.H_LIQ] + x * (sat[tb.H_VAP] - sat[tb.H_LIQ])


def offset(sat, h_in, h, wall, through=1.0):
    return content.offset(R32, sat, sat[tb.SLIP], through, h_in, h, wall, BOIL, COND, VAP, LIQ)


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


quality = st.floats(-0.25, 1.3)


@settings(deadline=None, max_examples=300)
@given(st.floats(3.0, 40.0), quality, quality, st.floats(-30.0, 30.0), st.floats(0.0, 1.0))
def test_offset_stays_within_what_a_content_bears(p, x_in, x, over, through):
    """Never more than half of latent heat over rho dv above the outlet, never twice its vapour below it."""
    sat = record(p * 1e5)
    h = enthalpy(sat, x)
    d = offset(sat, enthalpy(sat, x_in), h, sat[tb.T_DEW] + over, through)
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
    assert offset(sat, enthalpy(sat, 0.2), enthalpy(sat, 0.5), sat[tb.T_DEW] + 5.0, 0.0) == 0.0
    assert content.formed(0.0) == content.formed(-0.01) == 0.0 and content.formed(0.01) == 1.0


def test_a_profile_forms_while_the_stream_passes_once():
    now = 0.0
    for _ in range(2000):
        now = content.follow(now, 1.0, 0.06, 0.02, 0.0015)
    assert now == pytest.approx(1.0 - np.exp(-1.0), abs=0.01)
