"""What a volume of an exchanger holds beside what leaves it: the mean state along it, not the outlet's.

A volume's content is one thermodynamic state (p, h): its mass is V rho(p, h), its energy M h - V p. Taken as
the outlet's state, a condenser cut coarsely would hold too much, since everything upstream is lighter. So the
outlet stands off the content by an offset, J/kg, h_content = h_outlet + offset, which each step holds and
which follows, between the steps, what the profile of the moment has (`follow`): masses and energies are those
of the content whatever the offset, so the books stay exact; within a step outlet and content move together,
so a step has the solutions it had.
"""

from math import log

from isentrope_sim.components import cell
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, njit

# Of latent heat over rho dv, own choice: an outlet colder than the content by all of it would let an inflow
# push out more than it brings (content that boils swells and drives the cold outlet's liquid out).
STABLE = 0.5
# s, own choice: a profile forms while the stream passes once; quicker than the first it would only follow
# noise, and what stands longer than the second is mixed by then.
QUICK, SLOW = 1.0, 20.0
STREAM = 2e-3  # kg/s, own choice, half of what the smallest machine moves at its lowest speed
EVEN = 0.05  # K, own choice: differences to the wall count as at least this


@njit
def formed(m_in: float) -> float:
    """How much of a profile an inflow, kg/s, keeps up: all from STREAM on, none at rest and reversed."""
    return cell.through(m_in * (cell.THROUGH / STREAM))


@njit
def two_phase_density(sat: Array, slip: float, x0: float, x1: float) -> float:
    """Mean density, kg/m3, over flow qualities from x0 to x1, each holding as much of the surface.

    With x the flow's quality and S the slip the density is (S - (S - 1) x) / (S v_l + (v_v - S v_l) x), whose
    integral is a logarithm.
    """
    v_liq, v_vap = 1.0 / sat[tb.RHO_LIQ], 1.0 / sat[tb.RHO_VAP]
    c, d = slip * v_liq, v_vap - slip * v_liq
    change = x1 - x0
    if abs(d * change) < 1e-3 * c:
        x = 0.5 * (x0 + x1)
        return (slip - (slip - 1.0) * x) / (c + d * x)
    b = 1.0 - slip
    return b / d + (slip - b * c / d) / (d * change) * log((c + d * x1) / (c + d * x0))


@njit
def offset(
    fluid: Table,
    sat: Array,
    slip: float,
    through: float,
    h_in: float,
    h: float,
    wall: float,
    boil: float,
    cond: float,
    vap: float,
    liq: float,
) -> float:
    """Mean state along a volume less its outlet's, J/kg: what `solve_cell` takes as `offset`.

    through: `formed`; h_in: of the inflow; h: of the outlet's state (before slip); wall: its
    temperature, K; the conductances, W/K, as in `solve_cell`. Vapour, two-phase flow and liquid each hold the
    surface that their part of the enthalpy change takes at their own flux; the mean density decides.
    """
    h_liq, h_vap = sat[tb.H_LIQ], sat[tb.H_VAP]
    if h_in >= h_vap and h >= h_vap:
        return through * 0.5 * (h_in - h)
    if h_in <= h_liq and h <= h_liq:
        return through * min(max(0.5 * (h_in - h), 0.0), most(sat, h))
    latent = h_vap - h_liq
    h_flow = tb.flowing(sat, h, slip)[0]
    high, low = max(h_in, h_flow), min(h_in, h_flow)
    x0 = min(max((low - h_liq) / latent, 0.0), 1.0)
    x1 = min(max((high - h_liq) / latent, 0.0), 1.0)
    hot_dew, hot_bubble = wall > sat[tb.T_DEW], wall > sat[tb.T_BUBBLE]
    dry, wet = max(high - h_vap, 0.0), max(h_liq - low, 0.0)

    k = boil if hot_dew else cond
    if hot_dew and x1 > cell.DRY_OUT:
        k = cell.wetted(x0, x1, 1.0, boil, vap, cell.DRY_OUT, 1.0)[0]
    t_s = sat[tb.T_BUBBLE] + 0.5 * (x0 + x1) * (sat[tb.T_DEW] - sat[tb.T_BUBBLE])
    area = (x1 - x0) * latent / (k * (abs(wall - t_s) + EVEN))
    mass = area * two_phase_density(sat, slip, x0, x1)
    v_vap, v_liq = 1.0 / sat[tb.RHO_VAP], 1.0 / sat[tb.RHO_LIQ]
    h_dry = h_wet = 0.0
    v_dry, v_wet = v_vap, v_liq
    if dry > 0.0:
        h_dry = h_vap + 0.5 * dry
        t, _slope, rho = tb.vapour(fluid, sat, h_dry)
        film = vap if hot_dew else max(cond, vap)
        flux = abs(film * (wall - sat[tb.T_DEW]) - vap * (t - sat[tb.T_DEW]))
        part = dry / (flux + EVEN * vap)
        area, mass, v_dry = area + part, mass + part * rho, 1.0 / rho
    if wet > 0.0:
        h_wet = h_liq - 0.5 * wet
        t, _slope, rho = tb.liquid(fluid, sat, h_wet)
        film = max(boil, liq) if hot_bubble else liq
        flux = abs(film * (wall - sat[tb.T_BUBBLE]) + liq * (sat[tb.T_BUBBLE] - t))
        part = wet / (flux + EVEN * liq)
        area, mass, v_wet = area + part, mass + part * rho, 1.0 / rho
    if area <= 0.0:
        return 0.0
    # The state of that density: linear in it within each phase.
    v = area / mass
    if v > v_vap:
        return through * (h_vap + (v - v_vap) / (v_dry - v_vap) * (h_dry - h_vap) - h)
    if v < v_liq:
        mean = h_liq + (v_liq - v) / (v_liq - v_wet) * (h_wet - h_liq)
    else:
        mean = h_liq + (v - v_liq) / (v_vap - v_liq) * latent
    return min(max(through * (mean - h), -0.5 * max(h - h_liq, 0.0)), most(sat, h))


@njit
def most(sat: Array, h: float) -> float:
    """Largest offset, J/kg, of a volume whose outlet's state has h: STABLE of what its content bears.

    A content of volume v bears v latent / dv: from r = v_liq latent / dv in liquid on, one for one with h.
    """
    r = (sat[tb.H_VAP] - sat[tb.H_LIQ]) / (sat[tb.RHO_LIQ] / sat[tb.RHO_VAP] - 1.0)
    return STABLE * max(r, (r + h - sat[tb.H_LIQ]) / (1.0 - STABLE))


@njit
def least(sat: Array, content: float) -> float:
    """Smallest offset, J/kg, of a content: its outlet has at most twice its vapour, and with none none."""
    return -max(content - sat[tb.H_LIQ], 0.0)


@njit
def follow(now: float, target: float, mass: float, m_in: float, dt: float) -> float:
    """The offset after a step of dt, s, that passed m_in, kg/s, through a volume that holds `mass`, kg.

    It closes on `target` with the time the stream takes through the volume. Slower than half of that, no
    wave of the inflow's enthalpy leaves larger than it came (dense fluid: |H|^2 <= 1 at every frequency).
    """
    lag = min(max(mass / max(m_in, 1e-9), QUICK), SLOW)
    return now + (target - now) * dt / (dt + lag)
