"""Four-way reversing valve: four orifices that a slide opens and closes, a leak, and heat through the body.

Slide position z: 0 heating (discharge to indoor, outdoor to suction), 1 cooling. Half way all four passages
are open by the machine's `mid_opening`: the short circuit of which catalogues speak as intermediate flow. A
compressor that cannot feed it loses the pressure difference that drives the slide, and the slide stays half
way: it leaves its seat only if discharge less suction exceeds the machine's `min_dp`, and goes on with a
share of it.

An orifice obeys  dp = m (|m| + m_0) / (2 rho A^2),  m_0 = A sqrt(2 rho DP_LINEAR): the usual square law with
a laminar foot, so that it can be read both ways and rest is smooth.
"""

from math import sqrt

from isentrope_sim.jit import njit

# Pa, own choice: 1 % of the drop at full flow; below it the law runs linear.
DP_LINEAR = 30.0
# Share of `min_dp` that keeps a slide moving, own choice: sliding friction, and no seat to break away from.
MOVING = 0.3


@njit
def opening(crossed: float, mid: float) -> float:
    """Opening, 0..1, of a passage when the slide has travelled `crossed`, 0..1, from it; `mid` half way."""
    if crossed <= 0.5:
        return 1.0 - 2.0 * (1.0 - mid) * crossed
    return 2.0 * mid * (1.0 - crossed)


@njit
def drop(m: float, rho: float, area: float) -> float:
    """Pressure drop, Pa, signed as the flow m, kg/s, through `area`, m2 (coefficient included), at rho."""
    square = 2.0 * rho * area * area
    return m * (abs(m) + sqrt(square * DP_LINEAR)) / square


@njit
def flow(dp: float, rho: float, area: float) -> float:
    """Mass flow, kg/s, signed as dp, Pa: the inverse of `drop`; 0 through a shut passage."""
    if area <= 0.0:
        return 0.0
    square = 2.0 * rho * area * area
    foot = sqrt(square * DP_LINEAR)
    # (-b + sqrt(b^2 + c)) / 2 without the cancellation at small c.
    c = 4.0 * square * abs(dp)
    m = 0.5 * c / (foot + sqrt(foot * foot + c))
    return m if dp >= 0.0 else -m


@njit
def driven(z: float, command: float, dp: float, min_dp: float) -> bool:
    """True if the slide at z is not where the command (below or above 0.5) wants it and dp, Pa, moves it."""
    if z == (1.0 if command >= 0.5 else 0.0):
        return False
    return dp >= (min_dp if z == 0.0 or z == 1.0 else MOVING * min_dp)


@njit
def slide(z: float, command: float, travel_s: float, dt: float) -> float:
    """Position after a driven slide has moved for dt, s."""
    step = dt / travel_s
    return min(z + step, 1.0) if command >= 0.5 else max(z - step, 0.0)
