"""How a cell's surface is shared, and what a stream's mean along it is: what `cell` builds its heat on.

Plain functions of transfer units, qualities and conductances; nothing here knows a fluid.
"""

from math import expm1

from isentrope_sim.jit import njit

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
