"""Closing one step on its four pressures: Broyden's method on a Jacobian kept from step to step.

The fifth unknown is the enthalpy in front of the expansion valve, which the sweep needs at its beginning and
knows at its end. Left to repetition it converges slowly where flash gas makes the valve's flow depend on it;
where a step did not close with it, though, repetition is tried (`_repeat`).
"""

from math import isfinite

from isentrope_sim.cycle import circuit
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

TOLERANCE = 2e-8  # kg/s, and 1e-8 kg a step; what is left is carried into the next step
DROP_TOLERANCE = 1.0  # Pa, of the reversing valve's law
PA_PER_FLOW = 4e5  # Pa per kg/s: about the slope of the reversing valve's drop at the rating
PATIENCE = 7  # iterations by Broyden before a fresh Jacobian
RELAX = 1e-3  # s: steps up to this may be relaxed instead of closed
SPILL = 2e-6  # kg, own choice: 0.0003 % of the charge
RELAXED = 99
# Broyden's measure of a change: pressures by themselves, the line's enthalpy, J/kg, by this (own choice:
# at 3 bar 300 J/kg weigh as much as 1 Pa, about as in the valve's flow); and its most in one iteration.
LINE_SIZE, LINE_REACH = 1e8, 5e4


@njit
def reset_guess(w: Array, s: Array) -> None:
    """First guess of the step's end: its start."""
    w[ly.H, :] = w[ly.H_OLD, :]
    s[ly.S_H_ACC] = s[ly.S_H_ACC_OLD]
    s[ly.S_H_LINE] = w[ly.OUT_OLD, w.shape[1] - 1]


@njit
def _trial(
    par: Record,
    fluid: Table,
    u: Array,
    w: Array,
    s: Array,
    sats: Array,
    v: Array,
    n: int,
    inv_dt: float,
    out: int,
) -> None:
    """Residuals of the trial v[V_P] into v[out]; the fifth is what the line's enthalpy misses, J/kg."""
    s[ly.S_H_LINE] = v[ly.V_P, ly.V_LINE]
    circuit.residual(par, fluid, u, w, s, sats, v, n, inv_dt, out)
    v[out, ly.V_LINE] = s[ly.S_H_LINE] - v[ly.V_P, ly.V_LINE]


@njit
def miss(v: Array, row: int) -> float:
    """What a trial leaves over, kg/s; pressure drops count by the flow they stand for."""
    return (
        abs(v[row, ly.S]) + abs(v[row, ly.C]) + (abs(v[row, ly.E]) + abs(v[row, ly.D])) * (0.02 / PA_PER_FLOW)
    )


@njit
def _jacobian(
    par: Record, fluid: Table, u: Array, w: Array, s: Array, sats: Array, v: Array, n: int, inv_dt: float
) -> None:
    _trial(par, fluid, u, w, s, sats, v, n, inv_dt, ly.V_R)
    for c in range(ly.V_SIZE):
        saved = v[ly.V_P, c]
        change = 10.0 if c == ly.V_LINE else 1e-5 * saved
        v[ly.V_P, c] = saved + change
        _trial(par, fluid, u, w, s, sats, v, n, inv_dt, ly.V_NEXT)
        for r in range(ly.V_SIZE):
            v[ly.V_J + r, c] = (v[ly.V_NEXT, r] - v[ly.V_R, r]) / change
        v[ly.V_P, c] = saved
    s[ly.S_J_DT] = inv_dt


@njit
def _repeat(v: Array) -> None:
    """Let the line's enthalpy stand apart: its change is what it misses, and no pressure answers to it.

    Slower, but it closed steps the five together did not (`ashp-r32-9kw`, duty 37: slide half way, pressures
    the wrong way round).
    """
    v[ly.V_J : ly.V_J + ly.V_SIZE, ly.V_LINE] = 0.0
    v[ly.V_J + ly.V_LINE, :] = 0.0
    v[ly.V_J + ly.V_LINE, ly.V_LINE] = -1.0


@njit
def _direction(v: Array) -> bool:
    """v[V_CHANGE] = -J^-1 v[V_R] by elimination with pivoting; False if singular."""
    a, b = v[ly.V_A : ly.V_A + ly.V_SIZE], v[ly.V_CHANGE]
    for i in range(ly.V_SIZE):
        # Rows in Pa and in kg/s: brought to one size so that pivots compare.
        size = 0.0
        for c in range(ly.V_SIZE):
            size = max(size, abs(v[ly.V_J + i, c]))
        if size == 0.0 or not isfinite(size):
            return False
        for c in range(ly.V_SIZE):
            a[i, c] = v[ly.V_J + i, c] / size
        b[i] = -v[ly.V_R, i] / size
    for i in range(ly.V_SIZE):
        p = i
        for j in range(i + 1, ly.V_SIZE):
            if abs(a[j, i]) > abs(a[p, i]):
                p = j
        if a[p, i] == 0.0:
            return False
        if p != i:
            for c in range(ly.V_SIZE):
                a[i, c], a[p, c] = a[p, c], a[i, c]
            b[i], b[p] = b[p], b[i]
        for j in range(i + 1, ly.V_SIZE):
            f = a[j, i] / a[i, i]
            for c in range(i + 1, ly.V_SIZE):
                a[j, c] -= f * a[i, c]
            b[j] -= f * b[i]
    for i in range(ly.V_SIZE - 1, -1, -1):
        for c in range(i + 1, ly.V_SIZE):
            b[i] -= a[i, c] * b[c]
        b[i] /= a[i, i]
    return True


@njit
def _size(v: Array, c: int) -> float:
    """What a change of unknown c is measured by: its pressure, Pa, or LINE_SIZE, J/kg."""
    return LINE_SIZE if c == ly.V_LINE else v[ly.V_P, c]


@njit
def _broyden(v: Array) -> None:
    """Broyden's good update in variables scaled by their size; v[V_NEXT] becomes v[V_R]."""
    norm = 0.0
    for c in range(ly.V_SIZE):
        d = v[ly.V_CHANGE, c] / _size(v, c)
        norm += d * d
    for r in range(ly.V_SIZE):
        if norm > 1e-18:
            e = v[ly.V_NEXT, r] - v[ly.V_R, r]
            for c in range(ly.V_SIZE):
                e -= v[ly.V_J + r, c] * v[ly.V_CHANGE, c]
            e /= norm
            for c in range(ly.V_SIZE):
                size = _size(v, c)
                v[ly.V_J + r, c] += e * v[ly.V_CHANGE, c] / (size * size)
        v[ly.V_R, r] = v[ly.V_NEXT, r]


@njit
def close(
    par: Record, fluid: Table, u: Array, w: Array, s: Array, sats: Array, v: Array, n: int, inv_dt: float
) -> int:
    """Find the step's pressures from the guess in v[V_P]: iterations, 0 if it does not close.

    Without closing, a short step may be relaxed: the trial that came nearest is taken if what it leaves over
    is less than SPILL. The booking of masses and energy is exact for any trial; only the flows are a little
    off their laws.
    """
    its = _iterate(par, fluid, u, w, s, sats, v, n, inv_dt, False)
    if its == 0:
        reset_guess(w, s)
        s[ly.S_J_DT] = 0.0
        for role in range(4):
            v[ly.V_P, role] = v[ly.V_START, role]
        its = _iterate(par, fluid, u, w, s, sats, v, n, inv_dt, True)
        s[ly.S_J_DT] = 0.0
    return its


@njit
def _iterate(
    par: Record,
    fluid: Table,
    u: Array,
    w: Array,
    s: Array,
    sats: Array,
    v: Array,
    n: int,
    inv_dt: float,
    repeated: bool,
) -> int:
    """`close` by five unknowns together, or with the line's enthalpy `repeated`."""
    v[ly.V_P, ly.V_LINE] = s[ly.S_H_LINE]
    if s[ly.S_J_DT] != inv_dt:
        _jacobian(par, fluid, u, w, s, sats, v, n, inv_dt)
    tolerance = max(TOLERANCE, 1e-8 * inv_dt)
    pressure = max(DROP_TOLERANCE, PA_PER_FLOW * tolerance)
    best = 1e9
    _trial(par, fluid, u, w, s, sats, v, n, inv_dt, ly.V_R)
    for it in range(1, 4 * PATIENCE):
        if it % PATIENCE == 0:
            _jacobian(par, fluid, u, w, s, sats, v, n, inv_dt)
        if repeated:
            _repeat(v)
        if not isfinite(miss(v, ly.V_R)) or not _direction(v):
            return 0
        for c in range(ly.V_SIZE):
            reach = LINE_REACH if c == ly.V_LINE else 0.1 * v[ly.V_P, c]
            v[ly.V_CHANGE, c] = min(max(v[ly.V_CHANGE, c], -reach), reach)
            v[ly.V_P, c] += v[ly.V_CHANGE, c]
        if it > PATIENCE:
            # From one starting point every time: a cell near a phase boundary may otherwise hop between
            # solutions.
            reset_guess(w, s)
        _trial(par, fluid, u, w, s, sats, v, n, inv_dt, ly.V_NEXT)
        if (
            abs(v[ly.V_NEXT, ly.S]) < tolerance
            and abs(v[ly.V_NEXT, ly.C]) < tolerance
            and abs(v[ly.V_NEXT, ly.E]) < pressure
            and abs(v[ly.V_NEXT, ly.D]) < pressure
            and s[ly.S_LINE_MOVED] < 1.0
        ):
            return it
        now = miss(v, ly.V_NEXT)
        if now < best:
            best = now
            v[ly.V_BEST, :] = v[ly.V_P, :]
        _broyden(v)
    if inv_dt * RELAX >= 1.0 and best < SPILL * inv_dt:
        reset_guess(w, s)
        v[ly.V_P, :] = v[ly.V_BEST, :]
        _trial(par, fluid, u, w, s, sats, v, n, inv_dt, ly.V_R)
        if miss(v, ly.V_R) < SPILL * inv_dt:
            return RELAXED
    return 0
