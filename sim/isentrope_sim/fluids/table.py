"""Evaluation of the property tables: T, density and entropy on (p, h), phase by phase.

Outside the dome each property is a tensor-product cubic B-spline (C2) on uniform nodes of ln p and of z, the
enthalpy distance from saturation over its span, stored relative to its value at saturation. So the seam at
the dome is exact whatever the spline error. Inside the dome temperature runs linearly with quality from
bubble to dew (exact for a pure fluid, adequate for a zeotrope: the glide of R454B is 1.5 K at 8 bar).
"""

from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from isentrope_sim.jit import Array, njit

VERSION = 1

# Indices of Table.meta.
P_MIN, P_MAX, LNP0, DLN_SAT, DLN, DZ, H_MIN, H_MAX, T_CRIT, P_CRIT, MOLAR_MASS = range(11)

# Indices of the array `saturation` fills; bubble and dew are kept apart for zeotropes.
P, T_BUBBLE, T_DEW, H_LIQ, H_VAP, RHO_LIQ, RHO_VAP, S_LIQ, S_VAP, SLIP, NODE, W0, W1, W2, W3 = range(15)
SAT_SIZE = 15


class Table(NamedTuple):
    """A refrigerant's property table (B-spline coefficients; SI units, J/kg, J/kg/K, kg/m3).

    meta: see the indices above; saturation: (n, 8) over ln p; vapour: (n, m, 3) of T - T_dew, v / v_dew, s -
    s_dew; liquid: (n, m, 2) of T_bubble - T, rho / rho_bubble.
    """

    meta: NDArray[np.float64]
    saturation: NDArray[np.float64]
    vapour: NDArray[np.float64]
    liquid: NDArray[np.float64]


@njit
def saturation(fluid: Table, p: float, out: Array) -> None:
    """Fill `out` (SAT_SIZE) with the saturated properties at pressure p, Pa, clamped to the table's range."""
    meta = fluid.meta
    p = min(max(p, meta[P_MIN]), meta[P_MAX])
    lnp = log(p) - meta[LNP0]
    x = lnp / meta[DLN_SAT]
    i = min(int(x), fluid.saturation.shape[0] - 4)
    t = x - i
    u = 1.0 - t
    b0 = u * u * u / 6.0
    b1 = (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0
    b3 = t * t * t / 6.0
    b2 = 1.0 - b0 - b1 - b3
    c = fluid.saturation
    out[P] = p
    for k in range(8):
        out[1 + k] = b0 * c[i, k] + b1 * c[i + 1, k] + b2 * c[i + 2, k] + b3 * c[i + 3, k]
    # Slip ratio of Zivi, J. Heat Transfer 86 (1964): vapour moves faster by the cube root of the density
    # ratio.
    out[SLIP] = (out[RHO_LIQ] / out[RHO_VAP]) ** (1.0 / 3.0)
    x = lnp / meta[DLN]
    i = min(int(x), fluid.vapour.shape[0] - 4)
    t = x - i
    u = 1.0 - t
    out[NODE] = i
    out[W0] = u * u * u / 6.0
    out[W1] = (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0
    out[W3] = t * t * t / 6.0
    out[W2] = 1.0 - out[W0] - out[W1] - out[W3]


@njit
def _z_place(z: float, dz: float, n: int) -> tuple[int, float]:
    x = z / dz
    j = min(max(int(x), 0), n - 4)
    t = min(max(x - j, -1.0), 2.0)
    return j, t


@njit
def _spline(sat: Array, c: Array, j: int, t: float) -> tuple[float, float, float]:
    """(first column, its derivative by place, second column) of the bicubic B-spline `c` at place j + t."""
    u = 1.0 - t
    i = int(sat[NODE])
    b0, b3 = u * u * u / 6.0, t * t * t / 6.0
    b1 = (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0
    b2 = 1.0 - b0 - b1 - b3
    d0, d3 = -0.5 * u * u, 0.5 * t * t
    d1 = 1.5 * t * t - 2.0 * t
    d2 = -d0 - d1 - d3
    first, slope, second = 0.0, 0.0, 0.0
    for k in range(4):
        w = sat[W0 + k]
        r = c[i + k]
        first += w * (b0 * r[j, 0] + b1 * r[j + 1, 0] + b2 * r[j + 2, 0] + b3 * r[j + 3, 0])
        slope += w * (d0 * r[j, 0] + d1 * r[j + 1, 0] + d2 * r[j + 2, 0] + d3 * r[j + 3, 0])
        second += w * (b0 * r[j, 1] + b1 * r[j + 1, 1] + b2 * r[j + 2, 1] + b3 * r[j + 3, 1])
    return first, slope, second


@njit
def vapour(fluid: Table, sat: Array, h: float) -> tuple[float, float, float]:
    """(T, dT/dh, rho) of superheated vapour at the saturation record `sat` and h >= h_dew."""
    span = fluid.meta[H_MAX] - sat[H_VAP]
    j, t = _z_place((h - sat[H_VAP]) / span, fluid.meta[DZ], fluid.vapour.shape[1])
    above, slope, volume = _spline(sat, fluid.vapour, j, t)
    return sat[T_DEW] + above, slope / (fluid.meta[DZ] * span), sat[RHO_VAP] / volume


@njit
def liquid(fluid: Table, sat: Array, h: float) -> tuple[float, float, float]:
    """(T, dT/dh, rho) of subcooled liquid at the saturation record `sat` and h <= h_bubble."""
    span = sat[H_LIQ] - fluid.meta[H_MIN]
    j, t = _z_place((sat[H_LIQ] - h) / span, fluid.meta[DZ], fluid.liquid.shape[1])
    drop, slope, ratio = _spline(sat, fluid.liquid, j, t)
    return sat[T_BUBBLE] - drop, slope / (fluid.meta[DZ] * span), sat[RHO_LIQ] * ratio


@njit
def quality(sat: Array, h: float) -> float:
    """Vapour quality from enthalpy, not clamped: below 0 subcooled, above 1 superheated."""
    return (h - sat[H_LIQ]) / (sat[H_VAP] - sat[H_LIQ])


@njit
def state(fluid: Table, sat: Array, h: float) -> tuple[float, float, float]:
    """(T, dT/dh at constant p, rho) at the saturation record and the enthalpy h of the content."""
    if h >= sat[H_VAP]:
        return vapour(fluid, sat, h)
    if h <= sat[H_LIQ]:
        return liquid(fluid, sat, h)
    x = quality(sat, h)
    glide = sat[T_DEW] - sat[T_BUBBLE]
    rho = 1.0 / (x / sat[RHO_VAP] + (1.0 - x) / sat[RHO_LIQ])
    return sat[T_BUBBLE] + x * glide, glide / (sat[H_VAP] - sat[H_LIQ]), rho


@njit
def flowing(sat: Array, h: float, slip: float) -> tuple[float, float, float]:
    """(enthalpy, its derivative, quality) of what flows out of a volume whose content has enthalpy h.

    With the slip ratio S the flow quality is x S / (1 - x + x S): vapour leaves faster than liquid, so a
    passage holds more liquid than flows through it. This is Zivi's void fraction, written so that the
    volume's content stays a thermodynamic state: mixing, standstill and reversed flow then need no second
    void model. slip = 1: none.
    """
    if h >= sat[H_VAP] or h <= sat[H_LIQ]:
        return h, 1.0, quality(sat, h)
    latent = sat[H_VAP] - sat[H_LIQ]
    x = (h - sat[H_LIQ]) / latent
    d = 1.0 - x + x * slip
    x_flow = x * slip / d
    return sat[H_LIQ] + x_flow * latent, slip / (d * d), x_flow


@njit
def entropy(fluid: Table, sat: Array, h: float) -> float:
    """Entropy of vapour or wet vapour, J/kg/K; liquid counts as saturated liquid (no compressor draws it)."""
    if h < sat[H_VAP]:
        x = max(quality(sat, h), 0.0)
        return sat[S_LIQ] + x * (sat[S_VAP] - sat[S_LIQ])
    span = fluid.meta[H_MAX] - sat[H_VAP]
    c = fluid.vapour
    j, t = _z_place((h - sat[H_VAP]) / span, fluid.meta[DZ], c.shape[1])
    u = 1.0 - t
    i = int(sat[NODE])
    b0, b3 = u * u * u / 6.0, t * t * t / 6.0
    b1 = (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0
    b2 = 1.0 - b0 - b1 - b3
    s = 0.0
    for k in range(4):
        r = c[i + k]
        s += sat[W0 + k] * (b0 * r[j, 2] + b1 * r[j + 1, 2] + b2 * r[j + 2, 2] + b3 * r[j + 3, 2])
    return sat[S_VAP] + s


@njit
def enthalpy_of_entropy(fluid: Table, sat: Array, s: float) -> float:
    """Enthalpy, J/kg, of dry or wet vapour from entropy at `sat` (Newton with dh/ds = T)."""
    if s <= sat[S_VAP]:
        x = max((s - sat[S_LIQ]) / (sat[S_VAP] - sat[S_LIQ]), 0.0)
        return sat[H_LIQ] + x * (sat[H_VAP] - sat[H_LIQ])
    h = sat[H_VAP] + 1.02 * sat[T_DEW] * (s - sat[S_VAP])
    for _ in range(5):
        t = vapour(fluid, sat, h)[0]
        step = t * (s - entropy(fluid, sat, h))
        h += step
        if abs(step) < 0.01:
            break
    return h


@njit
def vapour_enthalpy(fluid: Table, sat: Array, temperature: float) -> float:
    """Enthalpy, J/kg, of superheated vapour from temperature, K (Newton; saturated if not above dew)."""
    h = sat[H_VAP] + 2000.0 * max(temperature - sat[T_DEW], 0.0)
    for _ in range(6):
        t, slope, _rho = vapour(fluid, sat, h)
        h = max(h + (temperature - t) / slope, sat[H_VAP])
    return h


@njit
def liquid_enthalpy(fluid: Table, sat: Array, temperature: float) -> float:
    """Enthalpy, J/kg, of subcooled liquid from temperature, K (Newton; saturated if not below bubble)."""
    h = sat[H_LIQ] - 2500.0 * max(sat[T_BUBBLE] - temperature, 0.0)
    for _ in range(6):
        t, slope, _rho = liquid(fluid, sat, h)
        h = min(h + (temperature - t) / slope, sat[H_LIQ])
    return h


@njit
def pressure_of_dew(fluid: Table, temperature: float) -> float:
    """Dew pressure, Pa, from temperature, K (bisection on ln p: not for the hot path)."""
    sat = np.empty(SAT_SIZE)
    low, high = log(fluid.meta[P_MIN]), log(fluid.meta[P_MAX])
    for _ in range(60):
        mid = 0.5 * (low + high)
        saturation(fluid, np.exp(mid), sat)
        if sat[T_DEW] < temperature:
            low = mid
        else:
            high = mid
    return np.exp(0.5 * (low + high))
