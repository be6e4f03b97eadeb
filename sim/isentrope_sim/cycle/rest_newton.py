"""Newton's method on the circuit at rest: `rest.mismatch` to zero by difference quotients, step by step held.

A handful of unknowns, so the Jacobian is dense and solved by elimination. A step is shortened until it does
not make things much worse: the conditions have kinks (wet to dry, valve to no valve).
"""

from math import isfinite

import numpy as np

from isentrope_sim.cycle.rest import UNKNOWNS, mismatch
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

CLOSED = 1e-7  # sum of the relative misses; the cells' own tolerance leaves a few 1e-9


@njit
def _solve_linear(a: Array, b: Array, size: int) -> bool:
    """Gaussian elimination with pivoting in place; False if singular."""
    for i in range(size):
        pivot = i
        for j in range(i + 1, size):
            if abs(a[j, i]) > abs(a[pivot, i]):
                pivot = j
        if a[pivot, i] == 0.0 or not isfinite(a[pivot, i]):
            return False
        if pivot != i:
            for c in range(size):
                a[i, c], a[pivot, c] = a[pivot, c], a[i, c]
            b[i], b[pivot] = b[pivot], b[i]
        for j in range(i + 1, size):
            factor = a[j, i] / a[i, i]
            for c in range(i, size):
                a[j, c] -= factor * a[i, c]
            b[j] -= factor * b[i]
    for i in range(size - 1, -1, -1):
        for c in range(i + 1, size):
            b[i] -= a[i, c] * b[c]
        b[i] /= a[i, i]
    return True


@njit
def solve(
    par: Record,
    fluid: Table,
    u: Array,
    g: Array,
    v: Array,
    w: Array,
    s: Array,
    sats: Array,
    f: Array,
    n: int,
    r: Array,
) -> int:
    """Solve for v in place from a guess; returns the number of iterations, 0 if it does not converge."""
    miss = np.empty(UNKNOWNS)
    other = np.empty(UNKNOWNS)
    jac = np.empty((UNKNOWNS, UNKNOWNS))
    old = np.empty(UNKNOWNS)
    steps = np.array([1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-6])
    # Largest relative change in one iteration, own choice: keeps trial points inside the tables.
    reach = np.array([0.15, 0.15, 0.3, 0.15, 0.3, 0.02])
    mismatch(par, fluid, u, g, v, w, s, sats, f, n, r, miss)
    for it in range(1, 61):
        # A kink nearer than a step gives a slope of neither side: shorter ones then, to either side.
        size = 1.0 if it < 8 else (-0.1 if it % 2 else 0.1)
        for c in range(UNKNOWNS):
            saved, step = v[c], size * steps[c]
            v[c] = saved * (1.0 + step)
            mismatch(par, fluid, u, g, v, w, s, sats, f, n, r, other)
            for j in range(UNKNOWNS):
                jac[j, c] = (other[j] - miss[j]) / step
            v[c] = saved
        for j in range(UNKNOWNS):
            other[j] = -miss[j]
            old[j] = v[j]
        if not _solve_linear(jac, other, UNKNOWNS):
            return 0
        shrink = 1.0
        for c in range(UNKNOWNS):
            shrink = min(shrink, reach[c] / max(abs(other[c]), 1e-30))
        norm = 0.0
        for j in range(UNKNOWNS):
            norm += abs(miss[j])
        # Full steps may pass a rise; a cycle between the two sides of a kink may not go on.
        allowed = 1.5 if it < 8 else 0.9
        for _ in range(8):
            for c in range(UNKNOWNS):
                v[c] = old[c] * (1.0 + shrink * other[c])
            mismatch(par, fluid, u, g, v, w, s, sats, f, n, r, miss)
            now = 0.0
            for j in range(UNKNOWNS):
                now += abs(miss[j])
            if now < allowed * norm:
                break
            shrink *= 0.5
        if not isfinite(now):
            return 0
        if now < CLOSED:
            return it
    return 0
