"""The finite volume every heat exchanger and pipe is made of: refrigerant, wall, and what is behind it.

Backward Euler over a step closes mass and energy exactly for any step; `inv_dt` = 0 is the steady equation.

    mass    M' = V rho(p', h'),   m_out = m_in - (M' - M) / dt
    energy  (M' h' - M h - V (p' - p)) / dt = m_in h_in - m_out h_out + Q
    wall    C (Tw' - Tw) / dt = G (T_outer - Tw') - Q,    Q = K (Tw' - T_s) - J

with upwind enthalpies, h_out with slip (`fluids.table.flowing`). Mass into energy gives M (h' - h) / dt
- V (p' - p) / dt = m_in (h_in - h') - m_out (h_out - h') + Q; with the wall eliminated, one monotone
equation in h'. h' is of the content; what leaves is of the outlet's state, which stands off it by `offset`
(`content`), held over the step.

T_s is of saturation, J what single-phase flow carries against it. Both and K are means over what lies between
inflow and outlet, not the outlet's own, so that a result hardly depends on the number of cells:

- Boiling falls off from DRY_OUT to all vapour, condensing from DRAINED to all liquid; K is the mean over the
  qualities in the cell (`wetted`).
- A single phase counts with its mean temperature along the cell (`outlet_share`, beside water `against`),
  J = K (T_mean - T_s).
- Superheated vapour over a wall colder than dew condenses on it: film conductance to dew plus convective
  desuperheating (Webb, Int. J. HVAC&R Research 4 (1998)); subcooled liquid over a wall hotter than bubble
  boils on it in the same way. So K changes where Tw = T_s, where it does not matter.
- Where the outlet's single phase shares a cell with two-phase flow it holds the surface that its heat takes
  (`own_part`); an inflow's phase counts by its part of the enthalpy change (`_shared`).
- Means give way to the content's own state as the inflow goes to nothing (THROUGH), at rest, reversed, and in
  volumes that are one mixed state (pipe, shell).

At any wall temperature Q then never rises with h: K falls with h while the wall is the hotter and rises while
it is the colder, J rises. Without it a cell would have two solutions. It takes vap <= boil and liq <= cond.
"""

from isentrope_sim.components.surface import (
    DRAINED,
    DRY_OUT,
    against,
    outlet_share,
    own_part,
    profile,
    through,
    wetted,
)
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, njit

TOLERANCE = 1e-4  # J/kg, of h' in one cell: 1e-9 of its energy


@njit
def _two_phase(
    x: float,
    x0: float,
    share: float,
    d_share: float,
    dry_in: bool,
    through: float,
    hot: bool,
    boil: float,
    cond: float,
    vap: float,
    liq: float,
) -> tuple[float, float]:
    """(K, dK/dx) of a two-phase outlet under a hotter (`hot`) or colder wall.

    x, x0: flow qualities at outlet and inlet, 0..1; share: of the surface that the inflow's own phase holds,
    with its slope; dry_in: that phase is vapour.
    """
    if hot:
        k, d_k = wetted(x0, x, through, boil, vap, DRY_OUT, 1.0)
        bare = vap
    else:
        k, d_k = wetted(x0, x, through, cond, liq, DRAINED, 0.0)
        bare = liq
    if share > 0.0 and hot == dry_in:
        return k + share * (bare - k), d_k * (1.0 - share) + d_share * (bare - k)
    return k, d_k


@njit
def inflow(
    fluid: Table,
    sat: Array,
    m_in: float,
    h_in: float,
    outer: float,
    stream: float,
    through: float,
    vap: float,
    liq: float,
) -> tuple[float, float, float]:
    """(J, W, of an inflow outside the dome whose cell ends in it, over the whole surface; T_in, K; theta)."""
    if through == 0.0 or sat[tb.H_LIQ] < h_in < sat[tb.H_VAP]:
        return 0.0, 0.0, 1.0
    t_in, slope, _rho = tb.state(fluid, sat, h_in)
    dry = h_in >= sat[tb.H_VAP]
    k = vap if dry else liq
    ntu = k * outer / (k + outer) * slope / m_in
    theta = 1.0 - through * (1.0 - against(ntu, outer, m_in / slope, stream))
    border, t_border = (sat[tb.H_VAP], sat[tb.T_DEW]) if dry else (sat[tb.H_LIQ], sat[tb.T_BUBBLE])
    # Just saturated: what the table's last digit leaves is no heat, and no enthalpy would stand under it.
    over = t_in - t_border if h_in != border else 0.0
    return k * (1.0 - theta) * over, t_in, theta


@njit
def _shared(
    fluid: Table,
    sat: Array,
    h: float,
    h_flow: float,
    x: float,
    t: float,
    slope: float,
    m_in: float,
    h_in: float,
    x0: float,
    j_in: float,
    through: float,
    star: float,
    g: float,
    outer: float,
    stream: float,
    boil: float,
    cond: float,
    vap: float,
    liq: float,
) -> tuple[float, float, float]:
    """(Q, Tw, -dQ/dh_flow) of a cell whose two-phase conductance varies, or that phases share.

    h, t, slope: content, its temperature and dT/dh; h_flow, x: what flows out and its quality; x0: of the
    inflow, 0..1; j_in: `inflow`; through: 1 while the inflow determines what is in the cell, 0 at rest and
    reversed; the others as in `solve_cell`. A single-phase outlet's surface y is `own_part`; conductances to
    the outside u add up by surface, and heat never rises with h: u falls with y where two-phase flow takes
    the more, and J rises by more than what the wall's share of it, J / outer, gives back.
    """
    h_liq, h_vap = sat[tb.H_LIQ], sat[tb.H_VAP]
    glide = sat[tb.T_DEW] - sat[tb.T_BUBBLE]
    inside = not (h < h_liq or h > h_vap)
    dry = h > h_vap
    dry_in = h_in > h_vap
    border, t_border = (h_vap, sat[tb.T_DEW]) if dry else (h_liq, sat[tb.T_BUBBLE])
    # Two-phase flow ends at h_flow or, if the outlet is of one phase, at the border to it.
    end = h_flow if inside else border
    x = min(max(x, 0.0), 1.0)
    t_s = sat[tb.T_BUBBLE] + glide * (x - 0.5 * through * (x - x0))
    # Share of the surface that an inflow of one phase holds, taken as its share of the enthalpy change.
    share, d_share, j = 0.0, 0.0, 0.0
    if j_in != 0.0:
        share = (h_in - (h_vap if dry_in else h_liq)) / (h_in - end)
        d_share = through * share / (h_in - end) * (h_vap - h_liq)
        j = share * j_in
        share *= through
    if inside:
        d_j = j / (h_in - end) if j != 0.0 else 0.0
        drive = g * (star - t_s) + j
        k, d_k = _two_phase(x, x0, share, d_share, dry_in, through, drive > 0.0, boil, cond, vap, liq)
        over = drive / (g + k)
        d_j += (0.5 * glide * k - d_k * over) / (h_vap - h_liq)
        return g * (star - t_s - over), t_s + over, d_j * g / (g + k)

    k_own, film = (vap, max(cond, vap)) if dry else (liq, max(boil, liq))
    k_b = _two_phase(x, x0, share, 0.0, dry_in, through, dry, boil, cond, vap, liq)[0]
    u_b, u_own = k_b * outer / (k_b + outer), k_own * outer / (k_own + outer)
    slope_0 = tb.state(fluid, sat, border)[1]
    ntu = u_own * slope_0 / m_in
    y, d_y = 1.0, 0.0
    if h_in != border:
        ratio = u_b / (u_own * (border - h_in))
        y, d_y = own_part((h - border) * ratio, ntu)
        d_y *= ratio
    theta, d_theta = profile(ntu * y)
    if stream != 0.0:
        off = against(ntu, outer, m_in / slope_0, stream) - outlet_share(ntu)
        theta += y * off
        d_theta += 2.0 * y * off
    # Where the flow determines nothing all is at the content's temperature; u_b has its own way there.
    weight, d_weight = 1.0 - through * (1.0 - y * theta), through * d_theta * d_y
    u = u_b + y * (u_own - u_b)
    own = u_own * (y * (t_border - t_s) + weight * (t - t_border))
    d_own = u_own * (d_y * (t_border - t_s) + d_weight * (t - t_border) + weight * slope)
    d_u = d_y * (u_own - u_b)
    if j != 0.0:
        own += (1.0 - y) * j * u_b / k_b
        d_own -= d_y * j * u_b / k_b
    # From conductances to the outside back to those to one wall.
    c = outer / (outer - u)
    k, d_k = u * c, d_u * c * c
    j, d_j = own * c, d_own * c + own * d_u * c * c / outer
    drive = g * (star - t_s) + j
    if (drive > 0.0) != dry:
        k = film
        if y < 1.0:
            k_b = _two_phase(x, x0, share, 0.0, dry_in, through, not dry, boil, cond, vap, liq)[0]
            k = 1.0 / ((1.0 - y) / k_b + y / film)
        d_k = 0.0
    over = drive / (g + k)
    return g * (star - t_s - over), t_s + over, (d_j - d_k * over) * g / (g + k)


@njit
def solve_cell(
    fluid: Table,
    sat: Array,
    inv_dt: float,
    volume: float,
    dp_dt: float,
    mass: float,
    h_old: float,
    h_next: float,
    m_in: float,
    h_in: float,
    guess: float,
    star: float,
    g: float,
    outer: float,
    stream: float,
    boil: float,
    cond: float,
    vap: float,
    liq: float,
    slip: float,
    offset: float,
) -> tuple[float, float, float, float, float, float, float]:
    """One cell over one step: (h', h_flow, T of the outlet, M', Tw', m_out, Q).

    Arguments: saturation at the new pressure; 1/dt (0: steady); volume, m3; (p' - p)/dt, Pa/s; mass, kg,
    and enthalpy, J/kg, before the step; enthalpy of the next cell downstream (for reversed flow); inflow,
    kg/s, with its enthalpy; a first guess of h'; `star` and `g` of the wall without refrigerant; `outer`,
    W/K: g without the wall's storage, 0 for a volume that is one mixed state (pipe, shell); stream, K/W, of
    what runs outside (`against`); boil, cond, vap,
    liq: conductances, W/K, of fully wetted boiling, condensing, vapour and liquid flow; slip ratio; offset:
    h' less the enthalpy of the outlet's state, J/kg (steady: 0, and h' is the outlet's). h_flow is
    what this cell gives when it flows out; Q, W, is the heat into the refrigerant.
    """
    h = guess - offset
    h_liq, h_vap = sat[tb.H_LIQ], sat[tb.H_VAP]
    uniform = sat[tb.T_BUBBLE] == sat[tb.T_DEW]
    low, high = fluid.meta[tb.H_MIN] - min(offset, 0.0), fluid.meta[tb.H_MAX] - max(offset, 0.0)
    storage = mass * inv_dt
    flows = 0.0
    if outer > 0.0 and m_in > 0.0:
        flows = through(m_in)
    x0 = min(max(tb.quality(sat, h_in), 0.0), 1.0)
    j_in, t_in, theta = 0.0, 0.0, 1.0
    if flows > 0.0 and (h_in >= h_vap or h_in <= h_liq):
        j_in, t_in, theta = inflow(fluid, sat, m_in, h_in, outer, stream, flows, vap, liq)
    for it in range(40):
        t, slope, rho = tb.state(fluid, sat, h)
        content = h + offset
        if offset != 0.0:
            rho = tb.state(fluid, sat, content)[2]
        h_flow, d_x, x = tb.flowing(sat, h, slip)
        # The plain cases stand here and not in a function: with its many arguments a call costs as much
        # again.
        hot, cold, t_s, j, d_j = boil, cond, t, 0.0, 0.0
        if h > h_vap:
            plain = flows == 0.0 or h_in >= h_vap
            hot, cold, t_s = vap, max(cond, vap), sat[tb.T_DEW]
            j = vap * (theta * (t - t_s) + (1.0 - theta) * (t_in - t_s))
            d_j = vap * theta * slope
        elif h < h_liq:
            plain = flows == 0.0 or h_in <= h_liq
            hot, cold, t_s = max(boil, liq), liq, sat[tb.T_BUBBLE]
            j = liq * (theta * (t - t_s) + (1.0 - theta) * (t_in - t_s))
            d_j = liq * theta * slope
        else:
            plain = uniform and j_in == 0.0 and min(x, x0) >= DRAINED and max(x, x0) <= DRY_OUT
        if plain:
            drive = g * (star - t_s) + j
            k = hot if drive > 0.0 else cold
            over = drive / (g + k)
            q, wall, d_q = g * (star - t_s - over), t_s + over, d_j * g / (g + k)
        else:
            q, wall, d_q = _shared(
                fluid, sat, h, h_flow, x, t, slope, m_in, h_in, x0, j_in, flows, star, g, outer, stream,
                boil, cond, vap, liq,
            )  # fmt: skip
        m_out = m_in - (volume * rho * inv_dt - storage)
        h_out, d_out = (h_flow, d_x) if m_out >= 0.0 else (h_next, 0.0)
        r = storage * (content - h_old) - volume * dp_dt - m_in * (h_in - content)
        r += m_out * (h_out - content) - q
        if r > 0.0:
            high = h
        else:
            low = h
        gain = storage + m_in + m_out * (d_out - 1.0) + max(d_q, 0.0) * d_x
        if h_liq < content < h_vap:
            swell = rho * rho * (1.0 / sat[tb.RHO_VAP] - 1.0 / sat[tb.RHO_LIQ]) / (h_vap - h_liq)
            gain += volume * inv_dt * swell * (h_out - content)
        gain = max(gain, 1e-9)
        new = h - r / gain
        if abs(new - h) < TOLERANCE or high - low < TOLERANCE:
            break
        if new <= low or new >= high or it > 12:
            new = 0.5 * (low + high)
        h = new
    return h + offset, h_flow, t, volume * rho, wall, m_out, q
