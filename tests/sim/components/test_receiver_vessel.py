"""The receiver alone: what its dip tubes give, its books, its limits."""

import numpy as np
import pytest
from isentrope_sim import fluids
from isentrope_sim.components import receiver
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import load_machine
from isentrope_sim.parameters import DTYPE

VESSEL, PIPE, TUBE = 1.2e-3, 0.4e-3, 0.05
VOLUME = VESSEL + PIPE
PAR = np.zeros(1, DTYPE).view(np.recarray)[0]
PAR.receiver_volume, PAR.receiver_tube, PAR.liquid_line_volume = VESSEL, TUBE, VOLUME
DRY, WET = receiver.limits(PAR)


@pytest.fixture(params=["R290", "R32", "R454B", "R410A"])
def saturated(request):
    fluid = fluids.load(request.param)
    sat = np.zeros(tb.SAT_SIZE)
    tb.saturation(fluid, tb.pressure_of_dew(fluid, 308.15), sat)
    return fluid, sat


def content(fluid, sat, liquid):
    """Enthalpy and density of a vessel with that volume of liquid, m3."""
    low, high = sat[tb.H_LIQ], sat[tb.H_VAP]
    for _ in range(100):
        h = 0.5 * (low + high)
        rho = tb.state(fluid, sat, h)[2]
        if receiver.liquid_volume(sat, VOLUME, h, rho) > liquid:
            low = h
        else:
            high = h
    return h, rho


def leaves(fluid, sat, liquid):
    h, rho = content(fluid, sat, liquid)
    return receiver.outlet(sat, VOLUME, h, rho, DRY, WET)


def test_limits_are_the_mouths_height_and_the_pipe_over_it():
    assert pytest.approx(TUBE * VESSEL) == DRY
    assert pytest.approx(DRY + PIPE + receiver.BLEND * VESSEL) == WET
    assert receiver.limits(load_machine("ashp-r32-9kw").record()) == (0.0, 0.0)


def test_liquid_leaves_while_the_mouth_is_covered_and_vapour_once_it_is_free(saturated):
    fluid, sat = saturated
    for liquid in (1.001 * WET, 0.7 * VOLUME, 0.999 * VOLUME):
        assert leaves(fluid, sat, liquid) == sat[tb.H_LIQ]
    for liquid in (0.5 * DRY, 0.999 * DRY):
        assert leaves(fluid, sat, liquid) == pytest.approx(sat[tb.H_VAP], rel=1e-12)


def test_what_leaves_turns_to_vapour_smoothly_and_never_back(saturated):
    """Monotone, and its slope has no jump: halving the step halves the largest difference of slopes."""
    fluid, sat = saturated

    def slopes(count):
        at = np.linspace(0.5 * DRY, 1.2 * WET, count)
        return np.diff([leaves(fluid, sat, v) for v in at]) / np.diff(at)

    coarse, fine = slopes(401), slopes(801)
    assert coarse.max() <= 1e-6 * abs(coarse.min())
    assert np.abs(np.diff(fine)).max() < 0.6 * np.abs(np.diff(coarse)).max()


def test_one_phase_passes_as_it_is(saturated):
    fluid, sat = saturated
    for h in (sat[tb.H_LIQ] - 2e4, sat[tb.H_VAP] + 2e4):
        rho = tb.state(fluid, sat, h)[2]
        assert receiver.outlet(sat, VOLUME, h, rho, DRY, WET) == h


def test_level_is_the_liquid_over_the_vessel(saturated):
    fluid, sat = saturated
    for wanted in (0.2, 0.5, 0.9):
        h, rho = content(fluid, sat, PIPE + wanted * VESSEL)
        assert receiver.level(PAR, sat, h, rho) == pytest.approx(wanted, abs=1e-6)
    h = sat[tb.H_LIQ] - 1e4
    assert receiver.level(PAR, sat, h, tb.state(fluid, sat, h)[2]) == 1.0
    h = sat[tb.H_VAP] + 1e4
    assert receiver.level(PAR, sat, h, tb.state(fluid, sat, h)[2]) == 0.0


def test_a_fill_is_about_that_part_of_the_volume(saturated):
    fluid, sat = saturated
    for part in (0.1, 0.4, 0.8):
        h = receiver.filled(sat, 1.0 + part)
        rho = tb.state(fluid, sat, h)[2]
        assert receiver.liquid_volume(sat, VOLUME, h, rho) / VOLUME == pytest.approx(part, abs=0.01)
    fills = [receiver.filled(sat, f) for f in np.linspace(0.8, 2.2, 50)]
    assert np.all(np.diff(fills) < 0.0)


def step(fluid, sat, dt, p_old, h_old, m_in, h_in, h_next, star=300.0, g=3000.0, k=50.0):
    """One step to the pressure of `sat`; the result and what its energy balance misses, W."""
    before = np.zeros(tb.SAT_SIZE)
    tb.saturation(fluid, p_old, before)
    mass = VOLUME * tb.state(fluid, before, h_old)[2]
    dp_dt = (sat[tb.P] - p_old) / dt
    h, h_out, new, wall, m_out, q = receiver.solve_receiver(
        fluid, sat, 1.0 / dt, VOLUME, dp_dt, mass, h_old, h_next, m_in, h_in, h_old, star, g, k, DRY, WET
    )
    out = h_out if m_out >= 0.0 else h_next
    missed = (new * h - mass * h_old) / dt - VOLUME * dp_dt - m_in * h_in + m_out * out - q
    return h, h_out, new, mass, m_out, q, wall, missed


def test_mass_and_energy_are_exact_in_both_directions(saturated):
    """300 random steps: vapour, two phases or liquid in and held, pressures up and down, flows both ways."""
    fluid, sat = saturated
    rng = np.random.Generator(np.random.PCG64(5))
    for _ in range(300):
        dt = 10.0 ** rng.uniform(-3.0, -0.6)
        latent = sat[tb.H_VAP] - sat[tb.H_LIQ]
        h_old = sat[tb.H_LIQ] + latent * rng.uniform(-0.1, 1.1)
        # As `books` bounds it: what returns is no colder than half of what would collapse the vapour.
        m_in, h_in = rng.uniform(-0.002, 0.03), sat[tb.H_LIQ] + latent * rng.uniform(-0.01, 1.0)
        p_old = sat[tb.P] * (1.0 + rng.uniform(-2e-3, 2e-3))
        h, _out, new, mass, m_out, q, wall, missed = step(fluid, sat, dt, p_old, h_old, m_in, h_in, h_old)
        assert np.isfinite([h, new, m_out, q, wall]).all()
        assert m_in - m_out == pytest.approx((new - mass) / dt, rel=1e-9, abs=1e-12)
        assert abs(missed) < 1e-5 * max(mass / dt, 1.0)


@pytest.mark.parametrize("saturated", ["R290", "R32"], indirect=True)
def test_vapour_drives_out_its_own_volume_of_liquid(saturated):
    """Adiabatic, at one pressure: m_out = m_in (1 + x (v_vap - v_liq) / v_liq); a pure fluid's books."""
    fluid, sat = saturated
    h_old = content(fluid, sat, 0.7 * VOLUME)[0]
    for x in (0.0, 0.01, 0.05):
        h_in = sat[tb.H_LIQ] + x * (sat[tb.H_VAP] - sat[tb.H_LIQ])
        m_out = step(fluid, sat, 1e-3, sat[tb.P], h_old, 1e-3, h_in, h_old, g=0.0)[4]
        push = x * (1.0 / sat[tb.RHO_VAP] - 1.0 / sat[tb.RHO_LIQ]) * sat[tb.RHO_LIQ]
        assert m_out / 1e-3 == pytest.approx(1.0 + push, rel=1e-3)


def test_a_full_vessel_passes_what_comes_and_stays_finite(saturated):
    """No overflow: liquid in is liquid out, at the level 1."""
    fluid, sat = saturated
    h_old = sat[tb.H_LIQ] - 1.5e4
    h, h_out, new, _mass, m_out, _q, _wall, missed = step(
        fluid, sat, 0.25, sat[tb.P], h_old, 0.03, h_old, h_old
    )
    assert receiver.level(PAR, sat, h, new / VOLUME) == 1.0
    assert h_out == h
    assert m_out == pytest.approx(0.03, rel=0.02)
    assert abs(missed) < 1e-3


def test_at_rest_in_time_it_gives_what_it_gets_and_the_ambient(saturated):
    """1/dt = 0: the level settles where the outlet carries the inflow's enthalpy less the heat lost."""
    fluid, sat = saturated
    m, h_in = 0.02, sat[tb.H_LIQ] + 0.2 * (sat[tb.H_VAP] - sat[tb.H_LIQ])
    h, h_out, _mass, wall, m_out, q = receiver.solve_receiver(
        fluid, sat, 0.0, VOLUME, 0.0, 0.0, 0.0, 0.0, m, h_in, h_in, 280.0, 1.0, 50.0, DRY, WET
    )
    assert m_out == m
    assert q < 0.0
    assert 280.0 < wall < tb.state(fluid, sat, h)[0]
    assert m * (h_out - h_in) == pytest.approx(q, rel=1e-4)
    assert receiver.level(PAR, sat, h, tb.state(fluid, sat, h)[2]) == pytest.approx(TUBE, abs=0.15)
