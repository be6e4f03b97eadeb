"""The finite volume every heat exchanger and pipe is made of: refrigerant, wall, and what is behind it.

Backward Euler over a step closes mass and energy exactly for any step; `inv_dt` = 0 is the steady equation.

    mass    M' = V rho(p', h'),   m_out = m_in - (M' - M) / dt
    energy  (M' h' - M h - V (p' - p)) / dt = m_in h_in - m_out h_out + Q
    wall    C (Tw' - Tw) / dt = G (T_outer - Tw') - Q,    Q = K (Tw' - T_a)

with upwind enthalpies, h_out with slip (`fluids.table.flowing`). Mass into energy gives M (h' - h) / dt
- V (p' - p) / dt = m_in (h_in - h') - m_out (h_out - h') + Q; with the wall eliminated, one monotone
equation in h'.
"""

from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, njit

TOLERANCE = 1e-4  # J/kg, of h' in one cell: 1e-9 of its energy


@njit
def conductance(
    sat: Array,
    h: float,
    x: float,
    t: float,
    star: float,
    g: float,
    boil: float,
    cond: float,
    vap: float,
    liq: float,
) -> tuple[float, float, float, float]:
    """Refrigerant-side conductance K, its derivative in x, the effective temperature T_a and dT_a/dT.

    x: flow quality; boil, cond, vap, liq: conductances, W/K, of fully wetted boiling, condensing, vapour and
    liquid flow; star: the temperature, K, the wall would take alone; g: its conductance, W/K.

    Boiling falls smoothly off above a quality of 0.8 (dry-out; Kattan, Thome and Favrat 1998 place its onset
    at 0.75 to 0.9 in small tubes). Superheated vapour over a wall colder than dew condenses on it: film
    conductance to dew plus convective desuperheating (Webb, Int. J. HVAC&R Research 4 (1998)); subcooled
    liquid over a wall hotter than bubble boils on it in the same way. Both keep the flux monotone in h,
    without which a cell has two solutions.
    """
    if h >= sat[tb.H_VAP]:
        dew = sat[tb.T_DEW]
        if star < t and cond > vap:
            ratio = vap / cond
            t_a = dew + ratio * (t - dew)
            if g * star + cond * t_a < (g + cond) * dew:
                return cond, 0.0, t_a, ratio
        return vap, 0.0, t, 1.0
    if h <= sat[tb.H_LIQ]:
        bubble = sat[tb.T_BUBBLE]
        if star > t and boil > liq:
            ratio = liq / boil
            t_a = bubble - ratio * (bubble - t)
            if g * star + boil * t_a > (g + boil) * bubble:
                return boil, 0.0, t_a, ratio
        return liq, 0.0, t, 1.0
    k = boil if star > t else cond
    slope = 0.0
    if x < 0.05 and star < t:
        s = x / 0.05
        w = s * s * (3.0 - 2.0 * s)
        slope = (k - liq) * 6.0 * s * (1.0 - s) / 0.05
        k = liq + w * (k - liq)
    elif x > 0.8 and star > t:
        s = (x - 0.8) / 0.2
        w = 1.0 - s * s * (3.0 - 2.0 * s)
        slope = -(k - vap) * 6.0 * s * (1.0 - s) / 0.2
        k = vap + w * (k - vap)
    return k, slope, t, 1.0


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
    boil: float,
    cond: float,
    vap: float,
    liq: float,
    slip: float,
) -> tuple[float, float, float, float, float, float, float]:
    """One cell over one step: (h', h_flow, T', M', Tw', m_out, Q).

    Arguments: saturation at the new pressure; 1/dt (0: steady); volume, m3; (p' - p)/dt, Pa/s; mass, kg,
    and enthalpy, J/kg, before the step; enthalpy of the next cell downstream (for reversed flow); inflow,
    kg/s, with its enthalpy; a first guess of h'; `star` and `g` of the wall without refrigerant;
    conductances as in `conductance`; slip ratio.
    h_flow is what this cell gives when it flows out; Q, W, is the heat into the refrigerant.
    """
    h = guess
    low, high = fluid.meta[tb.H_MIN], fluid.meta[tb.H_MAX]
    storage = mass * inv_dt
    for it in range(40):
        t, slope, rho = tb.state(fluid, sat, h)
        h_flow, d_x, x = tb.flowing(sat, h, slip)
        k, dk, t_a, dta = conductance(sat, h, x, t, star, g, boil, cond, vap, liq)
        ke = k * g / (k + g) if g > 0.0 else 0.0
        q = ke * (star - t_a)
        m_out = m_in - (volume * rho * inv_dt - storage)
        h_out, d_out = (h_flow, d_x) if m_out >= 0.0 else (h_next, 0.0)
        r = storage * (h - h_old) - volume * dp_dt - m_in * (h_in - h) + m_out * (h_out - h) - q
        if r > 0.0:
            high = h
        else:
            low = h
        gain = storage + m_in + m_out * (d_out - 1.0) + ke * dta * slope
        if 0.0 < x < 1.0:
            per_latent = 1.0 / (sat[tb.H_VAP] - sat[tb.H_LIQ])
            swell = rho * rho * (1.0 / sat[tb.RHO_VAP] - 1.0 / sat[tb.RHO_LIQ]) * per_latent
            gain += volume * inv_dt * swell * (h_out - h)
            # Only the stabilising part of the conductance's slope helps Newton.
            dk *= d_x * per_latent
            gain += max(-dk * (g / (k + g)) ** 2 * (star - t_a), 0.0)
        gain = max(gain, 1e-9)
        new = h - r / gain
        if abs(new - h) < TOLERANCE or high - low < TOLERANCE:
            break
        if new <= low or new >= high or it > 12:
            new = 0.5 * (low + high)
        h = new
    wall = (g * star + k * t_a) / (g + k)
    return h, h_flow, t, volume * rho, wall, m_out, q
