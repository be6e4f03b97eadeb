"""Builds a property table from CoolProp and proves its error: `python -m isentrope_sim.fluids.build R290`.

CoolProp (extra `fluids`) is needed here and in the tests only. A mixture needs another sampler (saturation
sampled densely with failures dropped, (p, T) with the phase imposed outside the dome); `sample_pure` is the
place to put it beside.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isentrope_sim.errors import InputError
from isentrope_sim.fluids import read
from isentrope_sim.fluids import table as tb

# Range and resolution per fluid: p_min, p_max in Pa (p_max is saturation near 88 degC, above every pressure
# switch), coldest liquid and hottest vapour in K. Nodes are own choices: the smallest that prove 0.005 % and
# 0.01 K.
RANGES = {"R290": (1.0e4, 36.5e5, 165.0, 470.0)}
PROVEN_P = 32e5  # Pa; above it, towards the critical point, errors grow
N_SAT, N_LNP, N_Z = 200, 84, 30


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


def sample_pure(fluid: str) -> tb.Table:
    """Sample a pure fluid with CoolProp's reference equation of state and fit the splines."""
    import CoolProp
    from CoolProp import AbstractState

    p_min, p_max, t_min, t_max = RANGES[fluid]
    eos = AbstractState("HEOS", fluid)

    def saturated(p: float, q: float) -> tuple[float, float, float, float]:
        eos.update(CoolProp.PQ_INPUTS, p, q)
        return eos.T(), eos.hmass(), eos.rhomass(), eos.smass()

    ln0, ln1 = np.log(p_min), np.log(p_max)
    rows = []
    for p in np.exp(np.linspace(ln0, ln1, N_SAT)):
        (tb_, hl, rl, sl), (td, hv, rv, sv) = saturated(p, 0.0), saturated(p, 1.0)
        rows.append([tb_, td, hl, hv, rl, rv, sl, sv])
    eos.update(CoolProp.PT_INPUTS, p_min, t_max)
    h_max = eos.hmass()
    eos.update(CoolProp.PT_INPUTS, p_min, t_min)
    h_min = eos.hmass()

    z = np.linspace(0.0, 1.0, N_Z)
    vapour, liquid = np.zeros((N_LNP, N_Z, 3)), np.zeros((N_LNP, N_Z, 2))
    vapour[:, 0, 1] = liquid[:, 0, 1] = 1.0
    for i, p in enumerate(np.exp(np.linspace(ln0, ln1, N_LNP))):
        (tb_, hl, rl, _), (td, hv, rv, sv) = saturated(p, 0.0), saturated(p, 1.0)
        for j in range(1, N_Z):
            eos.update(CoolProp.HmassP_INPUTS, hv + z[j] * (h_max - hv), p)
            vapour[i, j] = eos.T() - td, rv / eos.rhomass(), eos.smass() - sv
            eos.update(CoolProp.HmassP_INPUTS, hl - z[j] * (hl - h_min), p)
            liquid[i, j] = tb_ - eos.T(), eos.rhomass() / rl
    meta = np.zeros(11)
    meta[[tb.P_MIN, tb.P_MAX, tb.LNP0]] = p_min, p_max, ln0
    meta[[tb.DLN_SAT, tb.DLN, tb.DZ]] = (ln1 - ln0) / (N_SAT - 1), (ln1 - ln0) / (N_LNP - 1), 1.0 / (N_Z - 1)
    meta[[tb.H_MIN, tb.H_MAX, tb.T_CRIT, tb.P_CRIT]] = h_min, h_max, eos.T_critical(), eos.p_critical()
    meta[tb.MOLAR_MASS] = eos.molar_mass()
    return tb.Table(
        meta, bspline(np.array(rows), 0), bspline(bspline(vapour, 0), 1), bspline(bspline(liquid, 0), 1)
    )


def prove(fluid: str, table: tb.Table, points: int = 4000, seed: int = 1) -> dict[str, float]:
    """Worst error against CoolProp on random (p, h) over the whole table, dome included, up to 32 bar
    (PROVEN_P).

    A dict of bounds: relative for density, K for temperatures, J/kg/K for entropy.
    """
    import CoolProp
    from CoolProp import AbstractState

    eos: Any = AbstractState("HEOS", fluid)
    rng = np.random.Generator(np.random.PCG64(seed))
    sat = np.empty(tb.SAT_SIZE)
    meta = table.meta
    worst = {"density": 0.0, "temperature_k": 0.0, "entropy": 0.0, "saturation_k": 0.0}
    for _ in range(points):
        p = float(np.exp(rng.uniform(np.log(meta[tb.P_MIN]), np.log(min(meta[tb.P_MAX], PROVEN_P)))))
        tb.saturation(table, p, sat)
        h = float(rng.uniform(meta[tb.H_MIN], meta[tb.H_MAX]))
        eos.update(CoolProp.HmassP_INPUTS, h, p)
        t, _slope, rho = tb.state(table, sat, h)
        worst["density"] = max(worst["density"], abs(rho / eos.rhomass() - 1))
        worst["temperature_k"] = max(worst["temperature_k"], abs(t - eos.T()))
        if h > sat[tb.H_LIQ]:
            worst["entropy"] = max(worst["entropy"], abs(tb.entropy(table, sat, h) - eos.smass()))
        eos.update(CoolProp.PQ_INPUTS, p, 1.0)
        worst["saturation_k"] = max(worst["saturation_k"], abs(sat[tb.T_DEW] - eos.T()))
    return worst


def main(argv: list[str]) -> int:
    """Build the named fluids and print the proven errors."""
    for name in argv or sorted(RANGES):
        if name not in RANGES:
            raise InputError(f"refrigerant {name!r}: no range to build it in, known are {', '.join(RANGES)}")
        path = Path(__file__).parent / f"{name.lower()}.npz"
        np.savez_compressed(path, version=tb.VERSION, **sample_pure(name)._asdict())
        worst = prove(name, read(path))
        print(
            f"{name}: {path.stat().st_size / 1024:.0f} kB, worst "
            + ", ".join(f"{k} {v:.2g}" for k, v in worst.items())
        )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except InputError as error:
        sys.exit(f"error: {error}")
