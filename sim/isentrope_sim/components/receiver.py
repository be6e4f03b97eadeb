"""Liquid receiver: a vessel between the exchangers, both ports dip tubes, that gives liquid and keeps vapour.

Liquid and vapour are separate at one pressure, an equilibrium state (p, h); the pipe and drier between the
vessel and the expansion valve hang on it and are part of its volume. Liquid volume V_l, vessel V, pipe V_p,
mouth of the tubes at `tube` of the height (upright cylinder):

    V_l >= tube V + V_b    the mouth is covered: saturated liquid leaves
    V_l <= tube V          it is free: saturated vapour leaves
    between                share = s^2 (3 - 2 s),  s = (V_l - tube V) / V_b

`share` is the liquid's part of the pipe's volume, and what leaves is the pipe's mixture (no slip, as in the
other pipes): x = (1 - share) rho_v / ((1 - share) rho_v + share rho_l). V_b = V_p + BLEND V: as the mouth
falls free it is the pipe that empties. Without a vessel that is, but for the smooth ends, a pipe's mixed
cell. Liquid-full, a vessel passes on its own state, as a pipe does.

What enters mixes with the whole content: a receiver in which subcooled liquid stays apart at the bottom is
not described, nor is, for a blend, liquid richer in the heavier component than what circulates.
"""

from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

TOLERANCE = 1e-6  # J/kg: next to full of liquid, 1e-4 is already 1e-8 kg/s in the flow out of a litre
BLEND = 0.05  # of the vessel, own choice: surface waves and the funnel over the mouth
QUOTIENT = 5.0  # J/kg, of the difference quotient: far above rounding, far under a litre's curvature


@njit
def limits(par: Record) -> tuple[float, float]:
    """Liquid volumes, m3, at which the mouth is free and at which it is covered; (0, 0) without a vessel."""
    if par.receiver_volume == 0.0:
        return 0.0, 0.0
    dry = par.receiver_tube * par.receiver_volume
    return dry, dry + (par.liquid_line_volume - par.receiver_volume) + BLEND * par.receiver_volume


@njit
def liquid_volume(sat: Array, volume: float, h: float, rho: float) -> float:
    """Liquid in a volume, m3, at enthalpy h, J/kg, and density rho, kg/m3."""
    return min(max(1.0 - tb.quality(sat, h), 0.0) * rho / sat[tb.RHO_LIQ], 1.0) * volume


@njit
def _covered(liquid: float, dry: float, wet: float) -> float:
    s = min(max((liquid - dry) / (wet - dry), 0.0), 1.0)
    return s * s * (3.0 - 2.0 * s)


@njit
def outlet(sat: Array, volume: float, h: float, rho: float, dry: float, wet: float) -> float:
    """Enthalpy, J/kg, that leaves a vessel of content (h, rho) with `limits` dry and wet."""
    if h <= sat[tb.H_LIQ] or h >= sat[tb.H_VAP]:
        return h
    share = _covered(liquid_volume(sat, volume, h, rho), dry, wet)
    vapour, liquid = (1.0 - share) * sat[tb.RHO_VAP], share * sat[tb.RHO_LIQ]
    return sat[tb.H_LIQ] + vapour / (vapour + liquid) * (sat[tb.H_VAP] - sat[tb.H_LIQ])


@njit
def level(par: Record, sat: Array, h: float, rho: float) -> float:
    """Height of the liquid in the vessel, 0..1; 0 in a machine without one."""
    if par.receiver_volume == 0.0:
        return 0.0
    dry, wet = limits(par)
    liquid = liquid_volume(sat, par.liquid_line_volume, h, rho)
    piped = _covered(liquid, dry, wet) * (par.liquid_line_volume - par.receiver_volume)
    # A full vessel's pipe is full as well; under the mouth's height the pipe is empty.
    return min(max((liquid - piped) / par.receiver_volume, 0.0), 1.0) if h > sat[tb.H_LIQ] else 1.0


@njit
def heat(star: float, g: float, k: float, t: float) -> tuple[float, float]:
    """(heat into the content, W; wall, K) with a wall of `star` and g and a conductance k, W/K, to t, K."""
    wall = (g * star + k * t) / (g + k)
    return g * (star - wall), wall


@njit
def filled(sat: Array, fill: float) -> float:
    """Enthalpy, J/kg, of a content with about that part of its volume liquid; for a solver's unknown.

    1 to 2: 0 to 1 of the volume (of a pure fluid: exactly); under 1 it is superheated, over 2 subcooled, by
    1e5 J/kg a unit.
    """
    if fill <= 1.0:
        return sat[tb.H_VAP] + (1.0 - fill) * 1e5
    if fill >= 2.0:
        return sat[tb.H_LIQ] - (fill - 2.0) * 1e5
    liquid, vapour = (fill - 1.0) * sat[tb.RHO_LIQ], (2.0 - fill) * sat[tb.RHO_VAP]
    return sat[tb.H_LIQ] + vapour / (vapour + liquid) * (sat[tb.H_VAP] - sat[tb.H_LIQ])


@njit
def solve_receiver(
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
    k: float,
    dry: float,
    wet: float,
) -> tuple[float, float, float, float, float, float]:
    """One step of the vessel: (h', h_out, M', Tw', m_out, Q), arguments as of `cell.solve_cell`.

    M' = V rho(p', h'),  m_out = m_in - (M' - M) / dt,  (M' h' - M h - V (p' - p)) / dt = m_in h_in - m_out
    h_out + Q. Monotone in h': with liquid leaving rho + drho/dh (h' - h_liq) = rho^2 / rho_liq > 0, and as
    the level falls what leaves only gets richer. k: of the content to the wall, in any phase.
    """
    h = guess
    low, high = fluid.meta[tb.H_MIN], fluid.meta[tb.H_MAX]
    storage = mass * inv_dt
    h_out, rho, m_out, q, wall = 0.0, 0.0, 0.0, 0.0, 0.0
    for it in range(60):
        r, gain = 0.0, 0.0
        for side in range(2):
            hs = h + QUOTIENT * (1 - side)
            t, _slope, rho = tb.state(fluid, sat, hs)
            m_out = m_in - (volume * rho * inv_dt - storage)
            h_out = outlet(sat, volume, hs, rho, dry, wet)
            q, wall = heat(star, g, k, t)
            leaves = h_out if m_out >= 0.0 else h_next
            gain = r
            r = storage * (hs - h_old) - volume * dp_dt - m_in * (h_in - hs) + m_out * (leaves - hs) - q
        gain = (gain - r) / QUOTIENT
        if r > 0.0:
            high = h
        else:
            low = h
        new = h - r / gain if gain > 1e-9 else low
        if abs(new - h) < TOLERANCE or high - low < TOLERANCE:
            break
        if new <= low or new >= high or it > 15:
            new = 0.5 * (low + high)
        h = new
    return h, h_out, volume * rho, wall, m_out, q
