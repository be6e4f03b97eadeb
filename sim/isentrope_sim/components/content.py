"""What a volume of an exchanger holds beside what leaves it: the mean state along it, not the outlet's.

A volume's content is one thermodynamic state (p, h): its mass is V rho(p, h), its energy M h - V p. Taken as
the outlet's state, a condenser cut coarsely would hold too much, since everything upstream is lighter. So the
outlet stands off the content by an offset, J/kg, h_content = h_outlet + offset, which each step holds and
which follows, between the steps, what the profile of the moment has (`follow`): masses and energies are those
of the content whatever the offset, so the books stay exact; within a step outlet and content move together,
so a step has the solutions it had.
"""

from math import log

from isentrope_sim.components import surface
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
    return surface.through(m_in * (surface.THROUGH / STREAM))


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
def _phase_mean(
    fluid: Table,
    sat: Array,
    dry: bool,
    h_from: float,
    h_to: float,
    k: float,
    outer: float,
    m_in: float,
    part: float,
) -> float:
    """Mean enthalpy, J/kg, of one phase that goes from h_from to h_to along `part` of the surface."""
    border = sat[tb.H_VAP] if dry else sat[tb.H_LIQ]
    slope = tb.state(fluid, sat, border)[1]
    return h_from + surface.outlet_share(part * k * outer / (k + outer) * slope / m_in) * (h_to - h_from)


@njit
def _upstream(
    fluid: Table,
    sat: Array,
    slip: float,
    h_in: float,
    h_out: float,
    wall: float,
    outer: float,
    m_in: float,
    k: float,
    vap: float,
    liq: float,
) -> tuple[float, float, float]:
    """(mean density, kg/m3, mean specific enthalpy, J/kg, of the inflow's own phase, its density) of a cell
    from its inflow to where its flow has h_out, which is in the dome or at its border.

    k: of two-phase flow. The inflow's phase and two-phase flow hold surface by their part of the enthalpy
    change at the flux to a wall of one temperature.
    """
    h_liq, h_vap = sat[tb.H_LIQ], sat[tb.H_VAP]
    latent, glide = h_vap - h_liq, sat[tb.T_DEW] - sat[tb.T_BUBBLE]
    x0, x1 = min(max((h_in - h_liq) / latent, 0.0), 1.0), (h_out - h_liq) / latent
    over = wall - sat[tb.T_BUBBLE] - 0.5 * (x0 + x1) * glide
    area = abs(x1 - x0) * latent / (k * (abs(over) + EVEN))
    rho = two_phase_density(sat, slip, x0, x1)
    if h_liq <= h_in <= h_vap:
        return rho, h_in, rho
    dry = h_in > h_vap
    border, t_border, own = (h_vap, sat[tb.T_DEW], vap) if dry else (h_liq, sat[tb.T_BUBBLE], liq)
    h_own = 0.5 * (h_in + border)
    t = tb.state(fluid, sat, h_own)[0]
    over = wall - t_border
    film = max(k, own) if (over > 0.0) != dry else own
    part = abs(h_in - border) / (abs(film * over - own * (t - t_border)) + EVEN * own)
    part /= area + part
    # As in a cell that is all of this phase, or content would jump where the outlet reaches the border.
    h_own = _phase_mean(fluid, sat, dry, h_in, border, own, outer, m_in, part)
    rho_own = tb.state(fluid, sat, h_own)[2]
    return rho + part * (rho_own - rho), h_own, rho_own


@njit
def offset(
    fluid: Table,
    sat: Array,
    slip: float,
    m_in: float,
    h_in: float,
    h: float,
    wall: float,
    outer: float,
    boil: float,
    cond: float,
    vap: float,
    liq: float,
) -> float:
    """Mean state along a volume less its outlet's, J/kg: what `solve_cell` takes as `offset`.

    m_in, h_in: inflow, kg/s, J/kg; h: of the outlet's state (before slip); wall: its temperature, K; outer
    and the conductances, W/K, as in `solve_cell`. Vapour, two-phase flow and liquid each hold their part of
    the surface, the outlet's phase the one it has for its heat (`surface.own_part`); the mean density
    decides.
    """
    flows = formed(m_in)
    if flows == 0.0 or outer == 0.0:
        return 0.0
    h_liq, h_vap = sat[tb.H_LIQ], sat[tb.H_VAP]
    if h_in >= h_vap and h >= h_vap:
        return flows * (_phase_mean(fluid, sat, True, h_in, h, vap, outer, m_in, 1.0) - h)
    if h_in <= h_liq and h <= h_liq:
        mean = _phase_mean(fluid, sat, False, h_in, h, liq, outer, m_in, 1.0)
        return flows * min(max(mean - h, 0.0), most(sat, h))
    latent = h_vap - h_liq
    end = tb.flowing(sat, h, slip)[0]
    single = h > h_vap or h < h_liq
    dry = h > h_vap
    border = h_vap if dry else h_liq
    if single:
        end = border
    hot = dry if single else wall > 0.5 * (sat[tb.T_DEW] + sat[tb.T_BUBBLE])
    x0, x1 = min(max((h_in - h_liq) / latent, 0.0), 1.0), (end - h_liq) / latent
    if hot:
        k = surface.wetted(x0, x1, 1.0, boil, vap, surface.DRY_OUT, 1.0)[0]
    else:
        k = surface.wetted(x0, x1, 1.0, cond, liq, surface.DRAINED, 0.0)[0]
    rho, h_own, rho_own = _upstream(fluid, sat, slip, h_in, end, wall, outer, m_in, k, vap, liq)
    v_vap, v_liq = 1.0 / sat[tb.RHO_VAP], 1.0 / sat[tb.RHO_LIQ]
    h_dry, h_wet, v_dry, v_wet = h_vap, h_liq, v_vap, v_liq
    if h_in > h_vap:
        h_dry, v_dry = h_own, 1.0 / rho_own
    elif h_in < h_liq:
        h_wet, v_wet = h_own, 1.0 / rho_own
    if single:
        own = vap if dry else liq
        u_own, u_b = own * outer / (own + outer), k * outer / (k + outer)
        part = 1.0
        if h_in != border:
            ntu = u_own * tb.state(fluid, sat, border)[1] / m_in
            part = surface.own_part((h - border) * u_b / (u_own * (border - h_in)), ntu)[0]
        h_own = _phase_mean(fluid, sat, dry, border, h, own, outer, m_in, part)
        rho_own = tb.state(fluid, sat, h_own)[2]
        rho += part * (rho_own - rho)
        if dry:
            h_dry, v_dry = h_own, 1.0 / rho_own
        else:
            h_wet, v_wet = h_own, 1.0 / rho_own
    # The state of that density: linear in it within each phase.
    v = 1.0 / rho
    if v > v_vap:
        return flows * (h_vap + (v - v_vap) / (v_dry - v_vap) * (h_dry - h_vap) - h)
    if v < v_liq:
        mean = h_liq + (v_liq - v) / (v_liq - v_wet) * (h_wet - h_liq)
    else:
        mean = h_liq + (v - v_liq) / (v_vap - v_liq) * latent
    return min(max(flows * (mean - h), -0.5 * max(h - h_liq, 0.0)), most(sat, h))


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
