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

from math import expm1

from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, njit

TOLERANCE = 1e-4  # J/kg, of h' in one cell: 1e-9 of its energy
DRY_OUT = 0.8  # flow quality: onset in small tubes 0.75 to 0.9 (Kattan, Thome and Favrat 1998)
DRAINED = 0.05  # flow quality under which a condensing film gives way to liquid (own choice)
LEAN = (
    0.6  # own choice: no less of `outlet_share`, so that heat falls as enthalpy rises whatever runs outside
)
THROUGH = 5e-4  # kg/s, own choice, 3 % of an 8 kW machine: under it a cell is more and more one mixed state


@njit
def outlet_share(ntu: float) -> float:
    """Weight of the outlet in the mean temperature of a stream along a surface of `ntu` transfer units.

    1 / (1 - exp(-NTU)) - 1 / NTU: with theta T_out + (1 - theta) T_in the surface at one temperature
    transfers UA times the logarithmic mean difference, without its logarithm of a negative number off rest.
    """
    if abs(ntu) < 0.01:
        return 0.5 + ntu / 12.0
    return -1.0 / expm1(-ntu) - 1.0 / ntu


@njit
def against(ntu: float, outer: float, rate: float, stream: float) -> float:
    """`outlet_share` beside a stream outside that changes along the cell too, as its own cell counts it.

    ntu: of the refrigerant, whose m cp is `rate`, W/K; stream: K/W, 1 / (m cp) of what is outside, below 0
    in counterflow, 0: one temperature. Refrigerant less outside falls as exp(-ntu (1 + rate stream)) and its
    mean has that exponent's weights; but the outside's mean is taken against a wall of one temperature
    (weight outlet_share(outer |stream|) of its outlet), so what that is off goes into this weight.
    """
    alone = outlet_share(ntu)
    if stream == 0.0:
        return alone
    c = min(rate * abs(stream), 1.0)
    water = outlet_share(outer * abs(stream))
    if stream > 0.0:
        share = outlet_share(ntu * (1.0 + c))
        share += c * (share - water)
    else:
        share = outlet_share(ntu * (1.0 - c))
        share += c * (1.0 - share - water)
    return min(max(share, LEAN * alone), 1.0)


@njit
def profile(ntu: float) -> tuple[float, float]:
    """(`outlet_share`, derivative of ntu times it)."""
    if ntu < 0.01:
        return 0.5 + ntu / 12.0, 0.5 + ntu / 6.0
    e = -1.0 / expm1(-ntu)
    return e - 1.0 / ntu, e * (1.0 - ntu * (e - 1.0))


@njit
def own_part(ratio: float, ntu: float) -> tuple[float, float]:
    """(part y of a cell's surface that the outlet's single phase holds beside two-phase flow, dy/dratio).

    Both parts face one outside temperature T_o. Two-phase flow takes its enthalpy h_border - h_in at u_b (T_s
    - T_o), the single phase h - h_border at a difference that falls as exp(-y ntu) along its part, ntu = u /
    (m cp) being of the whole surface: (1 - exp(-y ntu)) / ntu = ratio (1 - y), with ratio
    (h - h_border) / (h_border - h_in) u_b / u. So the single phase never passes T_o, which a mean difference
    over the cell would let it do.
    """
    if ratio <= 0.0:
        return 0.0, 1.0
    a = ratio * ntu
    # Newton on a concave function comes from below; both starts are below.
    y = max(ratio / (1.0 + ratio), 1.0 - 1.0 / a if a > 1.0 else 0.0)
    e = 1.0
    for _ in range(20):
        less = expm1(-y * ntu)
        e = 1.0 + less
        step = (a * (1.0 - y) + less) / (a + ntu * e) if ntu > 1e-6 else 0.0
        y += step
        if step < 1e-9:
            break
    return y, (1.0 - y) / (e + ratio)


@njit
def through(m_in: float) -> float:
    """How far an inflow, kg/s, determines what is along a cell: 1 in a stream, 0 at rest and reversed."""
    s = min(max(m_in / THROUGH, 0.0), 1.0)
    return s * s * (3.0 - 2.0 * s)


@njit
def _mixture(s: float, full: float, bare: float) -> float:
    w = s * s * (3.0 - 2.0 * s)
    return full + w * (bare - full)


@njit
def _resistance(s0: float, s1: float, full: float, bare: float) -> float:
    """Mean of 1/k, K/W, from s0 to s1, where k goes from `full` at s <= 0 smoothly to `bare` at s >= 1.

    Gauss and Legendre's four points: within 0.5 % for full / bare up to 16.
    """
    low, high = min(s0, s1), max(s0, s1)
    a, b = min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)
    mid, half = 0.5 * (a + b), 0.5 * (b - a)
    inner = 0.34785484513745385 * (
        1.0 / _mixture(mid - 0.8611363115940526 * half, full, bare)
        + 1.0 / _mixture(mid + 0.8611363115940526 * half, full, bare)
    ) + 0.6521451548625461 * (
        1.0 / _mixture(mid - 0.33998104358485626 * half, full, bare)
        + 1.0 / _mixture(mid + 0.33998104358485626 * half, full, bare)
    )
    if high - low < 1e-9:
        return 0.5 * inner
    outer = (a - low) / full + (high - b) / bare
    return (half * inner + outer) / (high - low)


@njit
def wetted(
    x0: float, x: float, through: float, full: float, bare: float, onset: float, end: float
) -> tuple[float, float]:
    """Conductance, W/K, of a cell with flow qualities from x0 to x (0..1), harmonic mean; its slope in x.

    k is `full` up to the quality `onset` and falls smoothly to `bare` at `end`. Along a surface the quality
    dwells where little heat comes in, so it is resistances that are averaged; the remainder 1 - through
    counts at x.
    """
    s, s0 = (x - onset) / (end - onset), (x0 - onset) / (end - onset)
    if s <= 0.0 and s0 <= 0.0:
        return full, 0.0
    c = min(max(s, 0.0), 1.0)
    own = 1.0 / _mixture(c, full, bare)
    rise = own * own * 6.0 * c * (1.0 - c) * (full - bare)
    mean, d_mean = own, rise
    if through > 0.0:
        mean = _resistance(s0, s, full, bare)
        d_mean = (own - mean) / (s - s0) if abs(s - s0) > 1e-6 else 0.5 * rise
    k = 1.0 / (through * mean + (1.0 - through) * own)
    return k, -k * k * (through * d_mean + (1.0 - through) * rise) / (end - onset)


@njit
def _two_phase(
    sat: Array,
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
        k, d_k = _two_phase(sat, x, x0, share, d_share, dry_in, through, drive > 0.0, boil, cond, vap, liq)
        over = drive / (g + k)
        d_j += (0.5 * glide * k - d_k * over) / (h_vap - h_liq)
        return g * (star - t_s - over), t_s + over, d_j * g / (g + k)

    k_own, film = (vap, max(cond, vap)) if dry else (liq, max(boil, liq))
    k_b = _two_phase(sat, x, x0, share, 0.0, dry_in, through, dry, boil, cond, vap, liq)[0]
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
            k_b = _two_phase(sat, x, x0, share, 0.0, dry_in, through, not dry, boil, cond, vap, liq)[0]
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
