"""Suction accumulator: keeps liquid back and bleeds it, with the oil, through a hole.

One homogeneous state (p, h). Saturated vapour leaves at the top while there is liquid; the bleed hole adds
liquid driven by the level and by the pressure drop of the outlet bend; above 85 % of the height (own choice:
about where the outlet pipe ends) liquid is carried over.
"""

from math import sqrt

from isentrope_sim.components import cell
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

GRAVITY = 9.81
STILL = 1e-3  # kg/s, own choice: flow below which the outlet pipe no longer lifts liquid


@njit
def outlet(par: Record, sat: Array, h: float, rho: float, m: float) -> tuple[float, float, float]:
    """(outlet enthalpy J/kg, liquid flow kg/s, level 0..1) for an outflow m >= 0 at vessel state (h, rho)."""
    x = tb.quality(sat, h)
    if x >= 1.0:
        return h, 0.0, 0.0
    x = max(x, 0.0)
    m = max(m, 0.0)
    level = min((1.0 - x) * rho / sat[tb.RHO_LIQ], 1.0)
    velocity_head = par.acc_bend_loss * m * m / sat[tb.RHO_VAP]
    head = sat[tb.RHO_LIQ] * GRAVITY * par.acc_height * level + velocity_head
    # A film under 0.5 % of the height no longer covers the hole (own choice; a jump would stop the solver).
    covered = min(level / 0.005, 1.0)
    bleed = covered * par.acc_bleed_area * sqrt(2.0 * sat[tb.RHO_LIQ] * head)
    over = min(max((level - 0.85) / 0.15, 0.0), 1.0)
    # Without suction hardly anything is drawn from the hole into the standing pipe.
    fraction = min(bleed / (bleed + m + STILL) + over * (1.0 - x), 1.0)
    return sat[tb.H_VAP] - fraction * (sat[tb.H_VAP] - sat[tb.H_LIQ]), fraction * m, level


@njit
def solve_accumulator(
    par: Record,
    fluid: Table,
    sat: Array,
    inv_dt: float,
    dp_dt: float,
    mass: float,
    h_old: float,
    m_in: float,
    h_in: float,
    h_back: float,
    m_lag: float,
    guess: float,
) -> tuple[float, float, float, float]:
    """One step of the vessel: (h', rho', m_out, h_outlet), the last what a compressor would draw.

    (M' h' - M h - V (p' - p)) / dt = m_in h_in - m_out h_out; h_back, J/kg, enters when the outflow is
    reversed; m_lag, kg/s: the flow before this step, which sets the share of liquid drawn.
    """
    volume = par.acc_volume
    low, high = fluid.meta[tb.H_MIN], fluid.meta[tb.H_MAX]
    h = guess
    storage = mass * inv_dt
    rho, m_out, h_own = 0.0, 0.0, h
    for it in range(50):
        r0 = 0.0
        gain = 0.0
        # A difference quotient: the outlet's enthalpy has no tidy derivative and there is one vessel only.
        for side in range(2):
            hs = h + 5.0 * (1 - side)
            rho = tb.state(fluid, sat, hs)[2]
            m_out = m_in - (volume * rho * inv_dt - storage)
            h_own = outlet(par, sat, hs, rho, m_lag)[0]
            h_out = h_own if m_out >= 0.0 else h_back
            r = volume * rho * inv_dt * hs - storage * h_old - volume * dp_dt - m_in * h_in + m_out * h_out
            if side == 0:
                r0 = r
            else:
                gain = (r0 - r) / 5.0
                r0 = r
        if r0 > 0.0:
            high = h
        else:
            low = h
        new = h - r0 / gain if gain > 1e-9 else low
        if abs(new - h) < cell.TOLERANCE or high - low < cell.TOLERANCE:
            break
        if new <= low or new >= high or it > 15:
            new = 0.5 * (low + high)
        h = new
    return h, rho, m_out, h_own
