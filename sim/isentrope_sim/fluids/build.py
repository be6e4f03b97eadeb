"""Builds a fluid's property table from CoolProp; `isentrope fluids build` runs it and proves the result.

Every value is sampled where the table has a node, at exactly its (p, h); `equation` makes the samples.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isentrope_sim.fluids import equation, ranges, read
from isentrope_sim.fluids import table as tb

# Resolution and stretch, own choice for all fluids: the smallest found that prove the bars of `prove.BARS`
# up to two bar under the critical point. P_STRETCH lies over the critical pressure by STRETCH_P, since the
# nodes may not all crowd there.
N_SAT, N_Y, N_W = 200, 100, 36
STRETCH_P = 1.04
A_VAPOUR, A_LIQUID = 0.5, 0.5
WET = (0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.85, 0.95)  # molar vapour fractions a blend's dome is sampled at


def bspline(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Coefficients (n + 2 along `axis`) of the uniform cubic B-spline through n values, not-a-knot."""
    n = values.shape[axis]
    a = np.zeros((n + 2, n + 2))
    for i in range(n):
        a[i, i : i + 3] = 1 / 6, 4 / 6, 1 / 6
    a[n, :5] = a[n + 1, -5:] = 1.0, -4.0, 6.0, -4.0, 1.0
    f = np.moveaxis(values, axis, 0)
    rhs = np.concatenate([f.reshape(n, -1), np.zeros((2, f[0].size))])
    return np.moveaxis(np.linalg.solve(a, rhs).reshape(n + 2, *f.shape[1:]), 0, axis)


def pressures(meta: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Pressures, Pa, at `count` equal steps of the table's coordinate y, both ends of the range included."""
    stretch = meta[tb.P_STRETCH]
    y0, y1 = (tb.pressure_place(meta[i], stretch) for i in (tb.P_MIN, tb.P_MAX))
    grown = np.exp(np.linspace(y0, y1, count))
    at = grown / (1.0 + grown / stretch)
    at[0], at[-1] = meta[tb.P_MIN], meta[tb.P_MAX]
    return at


def sample(fluid: ranges.Range) -> tb.Table:
    """Sample a fluid over its range and fit the splines; InputError without CoolProp."""
    source = equation.of(fluid)
    meta = np.zeros(tb.META_SIZE)
    meta[[tb.P_MIN, tb.P_MAX]] = fluid.p_min, fluid.p_max
    meta[tb.P_STRETCH] = STRETCH_P * source.p_crit
    meta[[tb.A_VAP, tb.A_LIQ]] = A_VAPOUR, A_LIQUID
    meta[[tb.T_CRIT, tb.P_CRIT, tb.MOLAR_MASS]] = source.t_crit, source.p_crit, source.molar_mass
    meta[tb.Y0] = tb.pressure_place(fluid.p_min, meta[tb.P_STRETCH])
    length = tb.pressure_place(fluid.p_max, meta[tb.P_STRETCH]) - meta[tb.Y0]
    meta[[tb.DY_SAT, tb.DY, tb.DW]] = length / (N_SAT - 1), length / (N_Y - 1), 1.0 / (N_W - 1)
    meta[tb.H_MAX] = h_max = source.at_temperature(fluid.p_min, fluid.t_max, True).h
    meta[tb.H_MIN] = h_min = source.at_temperature(fluid.p_min, fluid.t_min, False).h

    rows = []
    for p in pressures(meta, N_SAT):
        bubble, dew = source.saturated(p, False), source.saturated(p, True)
        ends = [bubble.t, dew.t, bubble.h, dew.h, bubble.rho, dew.rho, bubble.s, dew.s]
        rows.append([*ends, *(bend(source, p, bubble, dew) if fluid.kind == "blend" else (0.0,) * 4)])

    w = np.linspace(0.0, 1.0, N_W)[1:]
    vapour, liquid = np.zeros((N_Y, N_W, 3)), np.zeros((N_Y, N_W, 2))
    vapour[:, 0, 1] = liquid[:, 0, 1] = 1.0
    z_vapour, z_liquid = (a * w / (1.0 + a - w) for a in (A_VAPOUR, A_LIQUID))
    for i, p in enumerate(pressures(meta, N_Y)):
        bubble, dew = source.saturated(p, False), source.saturated(p, True)
        away = source.along(p, True, dew.h + z_vapour * (h_max - dew.h))
        vapour[i, 1:] = [(at.t - dew.t, dew.rho / at.rho, at.s - dew.s) for at in away]
        away = source.along(p, False, bubble.h - z_liquid * (bubble.h - h_min))
        liquid[i, 1:] = [(bubble.t - at.t, at.rho / bubble.rho) for at in away]
    return tb.Table(
        meta, bspline(np.array(rows), 0), bspline(bspline(vapour, 0), 1), bspline(bspline(liquid, 0), 1)
    )


def bend(
    source: equation.Equation, p: float, bubble: equation.State, dew: equation.State
) -> tuple[float, float, float, float]:
    """GLIDE0, GLIDE1 (K), VOL0, VOL1 (m3/kg) of a blend at p, Pa: least squares over the wet states."""
    x, t, v = [], [], []
    for fraction in WET:
        at = source.wet(p, fraction)
        quality = (at.h - bubble.h) / (dew.h - bubble.h)
        x.append(quality)
        t.append(at.t - bubble.t - quality * (dew.t - bubble.t))
        v.append(1.0 / at.rho - quality / dew.rho - (1.0 - quality) / bubble.rho)
    places = np.array(x)
    part = places * (1.0 - places)
    shape = np.stack([part, part * places], axis=1)
    glide, _, _, _ = np.linalg.lstsq(shape, np.array(t), rcond=None)
    # By relative volume, which is what density and charge ask for.
    scale = places / dew.rho + (1.0 - places) / bubble.rho
    volume, _, _, _ = np.linalg.lstsq(shape / scale[:, None], np.array(v) / scale, rcond=None)
    return float(glide[0]), float(glide[1]), float(volume[0]), float(volume[1])


def write(table: tb.Table, path: Path) -> None:
    """Write a table's file. The two large arrays are kept in single precision: 1e-7 of a value is far under
    their error, and they are stored relative to saturation.
    """
    data = table._asdict()
    for key in ("vapour", "liquid"):
        data[key] = data[key].astype(np.float32)
    np.savez_compressed(path, version=tb.VERSION, **data)


def build(name: str, folder: Path) -> tuple[Path, tb.Table]:
    """Sample and write one fluid into `folder`; the file and the table as it reads back."""
    path = folder / f"{name.lower()}.npz"
    write(sample(ranges.of(name)), path)
    return path, read(path)
