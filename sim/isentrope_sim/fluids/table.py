"""Evaluation of the property tables: T, density and entropy on (p, h), phase by phase.

Outside the dome each property is a tensor-product cubic B-spline (C2) on uniform nodes of two coordinates,
stored relative to its value at saturation, so the seam at the dome is exact whatever the spline error:

    y = ln(p / (1 - p / P_STRETCH)): ln p where p is low, ever denser towards the critical pressure
    w = z (1 + a) / (z + a), z the enthalpy distance from saturation over its span: denser at saturation,
        where the heat capacity of a dense fluid turns sharply

Inside the dome temperature and specific volume run with the quality x (by enthalpy) between bubble and dew:

    T = T_bubble + x glide + x (1 - x) (GLIDE0 + GLIDE1 x)
    v = x v_dew + (1 - x) v_bubble + x (1 - x) (VOL0 + VOL1 x)

The last terms are 0 for a pure fluid. A zeotrope's glide is no straight line over enthalpy: without them
R454B would be up to 0.4 K too warm and 0.3 % too light half way.
"""

from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from isentrope_sim.jit import Array, njit

VERSION = 2

# Indices of Table.meta.
P_MIN, P_MAX, P_STRETCH, Y0, DY_SAT, DY, DW, A_VAP, A_LIQ, H_MIN, H_MAX, T_CRIT, P_CRIT, MOLAR_MASS = range(
    14
)
META_SIZE = 14

# Indices of the array `saturation` fills; bubble and dew are kept apart for zeotropes.
P, T_BUBBLE, T_DEW, H_LIQ, H_VAP, RHO_LIQ, RHO_VAP, S_LIQ, S_VAP, GLIDE0, GLIDE1, VOL0, VOL1 = range(13)
SLIP, NODE, W0, W1, W2, W3 = range(13, 19)
SAT_SIZE = 19
SAT_COLUMNS = 12  # of Table.saturation: T_BUBBLE to VOL1


class Table(NamedTuple):
    """A refrigerant's property table (B-spline coefficients; SI units, J/kg, J/kg/K, kg/m3).

    meta: see the indices above; saturation: (n, SAT_COLUMNS) over y; vapour: (n, m, 3) of T - T_dew,
    v / v_dew and s - s_dew over y and w; liquid: (n, m, 2) of T_bubble - T and rho / rho_bubble.
    """

    meta: NDArray[np.float64]
    saturation: NDArray[np.float64]
    vapour: NDArray[np.float64]
    liquid: NDArray[np.float64]


@njit
def pressure_place(p: float, stretch: float) -> float:
    """The coordinate y of a pressure, both in Pa; see the head of this file."""
    return log(p / (1.0 - p / stretch))


@njit
def saturation(fluid: Table, p: float, out: Array) -> None:
    """Fill `out` (SAT_SIZE) with the saturated properties at pressure p, Pa, clamped to the table's range."""
    meta = fluid.meta
    p = min(max(p, meta[P_MIN]), meta[P_MAX])
    y = pressure_place(p, meta[P_STRETCH]) - meta[Y0]
    x = y / meta[DY_SAT]
    i = min(int(x), fluid.saturation.shape[0] - 4)
    t = x - i
    u = 1.0 - t
    b0 = u * u * u / 6.0
    b1 = (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0
    b3 = t * t * t / 6.0
    b2 = 1.0 - b0 - b1 - b3
    c = fluid.saturation
    out[P] = p
    for k in range(SAT_COLUMNS):
        out[1 + k] = b0 * c[i, k] + b1 * c[i + 1, k] + b2 * c[i + 2, k] + b3 * c[i + 3, k]
    # Slip ratio of Zivi, J. Heat Transfer 86 (1964): vapour moves faster by the cube root of the density
    # ratio.
    out[SLIP] = (out[RHO_LIQ] / out[RHO_VAP]) ** (1.0 / 3.0)
    x = y / meta[DY]
    i = min(int(x), fluid.vapour.shape[0] - 4)
    t = x - i
    u = 1.0 - t
    out[NODE] = i
    out[W0] = u * u * u / 6.0
    out[W1] = (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0
    out[W3] = t * t * t / 6.0
    out[W2] = 1.0 - out[W0] - out[W1] - out[W3]


@njit
def _place(z: float, a: float, dw: float, n: int) -> tuple[int, float, float]:
    """(j, t, dw/dz over dw) of the enthalpy distance z: place j + t; one node beyond the ends at most."""
    # z under 0 is met by Newton's trials only; the coordinate has a pole at -a.
    ahead = max(z, -0.5 * a) + a
    x = z * (1.0 + a) / (ahead * dw)
    j = min(max(int(x), 0), n - 4)
    t = min(max(x - j, -1.0), 2.0)
    return j, t, (1.0 + a) * a / (ahead * ahead * dw)


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
    w0, w1, w2, w3 = sat[W0], sat[W1], sat[W2], sat[W3]
    r0, r1, r2, r3 = c[i], c[i + 1], c[i + 2], c[i + 3]
    # Over pressure first: a place's derivative and both columns share that sum.
    a0 = w0 * r0[j, 0] + w1 * r1[j, 0] + w2 * r2[j, 0] + w3 * r3[j, 0]
    a1 = w0 * r0[j + 1, 0] + w1 * r1[j + 1, 0] + w2 * r2[j + 1, 0] + w3 * r3[j + 1, 0]
    a2 = w0 * r0[j + 2, 0] + w1 * r1[j + 2, 0] + w2 * r2[j + 2, 0] + w3 * r3[j + 2, 0]
    a3 = w0 * r0[j + 3, 0] + w1 * r1[j + 3, 0] + w2 * r2[j + 3, 0] + w3 * r3[j + 3, 0]
    e0 = w0 * r0[j, 1] + w1 * r1[j, 1] + w2 * r2[j, 1] + w3 * r3[j, 1]
    e1 = w0 * r0[j + 1, 1] + w1 * r1[j + 1, 1] + w2 * r2[j + 1, 1] + w3 * r3[j + 1, 1]
    e2 = w0 * r0[j + 2, 1] + w1 * r1[j + 2, 1] + w2 * r2[j + 2, 1] + w3 * r3[j + 2, 1]
    e3 = w0 * r0[j + 3, 1] + w1 * r1[j + 3, 1] + w2 * r2[j + 3, 1] + w3 * r3[j + 3, 1]
    first = b0 * a0 + b1 * a1 + b2 * a2 + b3 * a3
    slope = d0 * a0 + d1 * a1 + d2 * a2 + d3 * a3
    return first, slope, b0 * e0 + b1 * e1 + b2 * e2 + b3 * e3


@njit
def vapour(fluid: Table, sat: Array, h: float) -> tuple[float, float, float]:
    """(T, dT/dh, rho) of superheated vapour at the saturation record `sat` and h >= h_dew."""
    span = fluid.meta[H_MAX] - sat[H_VAP]
    j, t, dz = _place((h - sat[H_VAP]) / span, fluid.meta[A_VAP], fluid.meta[DW], fluid.vapour.shape[1])
    above, slope, volume = _spline(sat, fluid.vapour, j, t)
    return sat[T_DEW] + above, slope * dz / span, sat[RHO_VAP] / volume


@njit
def liquid(fluid: Table, sat: Array, h: float) -> tuple[float, float, float]:
    """(T, dT/dh, rho) of subcooled liquid at the saturation record `sat` and h <= h_bubble."""
    span = sat[H_LIQ] - fluid.meta[H_MIN]
    j, t, dz = _place((sat[H_LIQ] - h) / span, fluid.meta[A_LIQ], fluid.meta[DW], fluid.liquid.shape[1])
    drop, slope, ratio = _spline(sat, fluid.liquid, j, t)
    return sat[T_BUBBLE] - drop, slope * dz / span, sat[RHO_LIQ] * ratio


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
    glide, bend, turn = sat[T_DEW] - sat[T_BUBBLE], sat[GLIDE0], sat[GLIDE1]
    part = x * (1.0 - x)
    rho = 1.0 / (x / sat[RHO_VAP] + (1.0 - x) / sat[RHO_LIQ] + part * (sat[VOL0] + sat[VOL1] * x))
    slope = glide + (1.0 - 2.0 * x) * (bend + turn * x) + part * turn
    return sat[T_BUBBLE] + x * glide + part * (bend + turn * x), slope / (sat[H_VAP] - sat[H_LIQ]), rho


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
    j, t, _dz = _place((h - sat[H_VAP]) / span, fluid.meta[A_VAP], fluid.meta[DW], c.shape[1])
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
    return _pressure_of(fluid, temperature, T_DEW)


@njit
def pressure_of_bubble(fluid: Table, temperature: float) -> float:
    """Bubble pressure, Pa, from temperature, K (bisection on ln p: not for the hot path)."""
    return _pressure_of(fluid, temperature, T_BUBBLE)


@njit
def _pressure_of(fluid: Table, temperature: float, line: int) -> float:
    sat = np.empty(SAT_SIZE)
    low, high = log(fluid.meta[P_MIN]), log(fluid.meta[P_MAX])
    for _ in range(60):
        mid = 0.5 * (low + high)
        saturation(fluid, np.exp(mid), sat)
        if sat[line] < temperature:
            low = mid
        else:
            high = mid
    return np.exp(0.5 * (low + high))
