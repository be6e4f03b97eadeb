"""Time: implicit steps of chosen length, each closed on two pressures, with a fallback to shorter ones.

Each step is backward Euler on masses and enthalpies (see `components.cell`), solved by a Broyden iteration
whose 2 x 2 Jacobian is kept from step to step. A step that does not close, or that changes too much, is
halved, down to DT_MIN; then the solver gives up by name. Implicit first, rather than explicit with an
implicit fallback, because the shut valve under a running compressor leaves cells whose residence time goes
to nothing.
"""

from math import ceil, isfinite

from isentrope_sim.cycle import books, circuit, outputs
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

DT_MAX = 0.25  # s, own choice: on a ramp superheat is then within 0.1 K of steps a tenth as long (tested)
DT_MIN = 1e-5  # s
TOLERANCE = 2e-8  # kg/s, and 1e-8 kg a step; what is left is carried into the next step
CHANGE = (
    0.05  # largest relative change of a pressure in one step, own choice: keeps the coefficients' lag small
)
PATIENCE = 6  # iterations by Broyden before a fresh Jacobian
RELAX = 1e-3  # s: steps up to this may be relaxed instead of closed
SPILL = 2e-6  # kg, own choice: 0.0003 % of the charge
OK, FAILED = 0, 1
RELAXED = 99


@njit
def _reset_guess(w: Array, s: Array, n: int) -> None:
    for i in range(n + 1):
        w[ly.H_LOW, i] = w[ly.H_LOW_OLD, i]
    w[ly.H_LOW, n + 1] = s[ly.S_H_ACC]
    for i in range(n + 2):
        w[ly.H_HIGH, i] = w[ly.H_HIGH_OLD, i]


@njit
def _jacobian(
    par: Record,
    fluid: Table,
    u: Array,
    x: Array,
    w: Array,
    s: Array,
    sats: Array,
    k: Array,
    n: int,
    inv_dt: float,
    p_e: float,
    p_c: float,
) -> None:
    d_e, d_c = 1e-5 * p_e, 1e-5 * p_c
    line = s[ly.S_H_LINE]
    r0 = circuit.residual(par, fluid, u, x, w, s, sats, k, n, inv_dt, p_e, p_c)
    s[ly.S_H_LINE] = line
    r1 = circuit.residual(par, fluid, u, x, w, s, sats, k, n, inv_dt, p_e + d_e, p_c)
    s[ly.S_H_LINE] = line
    r2 = circuit.residual(par, fluid, u, x, w, s, sats, k, n, inv_dt, p_e, p_c + d_c)
    s[ly.S_H_LINE] = line
    s[ly.S_J00] = (r1[0] - r0[0]) / d_e
    s[ly.S_J10] = (r1[1] - r0[1]) / d_e
    s[ly.S_J01] = (r2[0] - r0[0]) / d_c
    s[ly.S_J11] = (r2[1] - r0[1]) / d_c
    s[ly.S_J_DT] = inv_dt


@njit
def _close(
    par: Record,
    fluid: Table,
    u: Array,
    x: Array,
    w: Array,
    s: Array,
    sats: Array,
    k: Array,
    n: int,
    inv_dt: float,
    p_e: float,
    p_c: float,
) -> tuple[int, float, float]:
    """Find the step's two pressures: (iterations, p_e, p_c), iterations 0 if it does not close.

    Without closing, a short step may be relaxed: the trial that came nearest is taken if what it leaves over
    is less than SPILL. The booking of masses and energy is exact for any trial; only the flows are a little
    off their laws.
    """
    if s[ly.S_J_DT] != inv_dt:
        _jacobian(par, fluid, u, x, w, s, sats, k, n, inv_dt, p_e, p_c)
    tolerance = max(TOLERANCE, 1e-8 * inv_dt)
    best_e, best_c, best = p_e, p_c, 1e9
    r_e, r_c = circuit.residual(par, fluid, u, x, w, s, sats, k, n, inv_dt, p_e, p_c)
    for it in range(1, 4 * PATIENCE):
        if not (isfinite(r_e) and isfinite(r_c)):
            return 0, p_e, p_c
        if it % PATIENCE == 0:
            _jacobian(par, fluid, u, x, w, s, sats, k, n, inv_dt, p_e, p_c)
        det = s[ly.S_J00] * s[ly.S_J11] - s[ly.S_J01] * s[ly.S_J10]
        if det == 0.0:
            return 0, p_e, p_c
        d_e = -(s[ly.S_J11] * r_e - s[ly.S_J01] * r_c) / det
        d_c = -(s[ly.S_J00] * r_c - s[ly.S_J10] * r_e) / det
        d_e = min(max(d_e, -0.1 * p_e), 0.1 * p_e)
        d_c = min(max(d_c, -0.1 * p_c), 0.1 * p_c)
        p_e += d_e
        p_c += d_c
        if it > PATIENCE:
            # From one starting point every time: a cell near a phase boundary may otherwise hop between
            # solutions.
            _reset_guess(w, s, n)
        q_e, q_c = circuit.residual(par, fluid, u, x, w, s, sats, k, n, inv_dt, p_e, p_c)
        if abs(q_e) < tolerance and abs(q_c) < tolerance and s[ly.S_LINE_MOVED] < 1.0:
            return it, p_e, p_c
        if abs(q_e) + abs(q_c) < best:
            best_e, best_c, best = p_e, p_c, abs(q_e) + abs(q_c)
        # Broyden's good update in variables scaled by the pressures.
        a, b = d_e / (p_e * p_e), d_c / (p_c * p_c)
        norm = d_e * a + d_c * b
        if norm > 1e-18:
            e0 = (q_e - r_e - s[ly.S_J00] * d_e - s[ly.S_J01] * d_c) / norm
            e1 = (q_c - r_c - s[ly.S_J10] * d_e - s[ly.S_J11] * d_c) / norm
            s[ly.S_J00] += e0 * a
            s[ly.S_J01] += e0 * b
            s[ly.S_J10] += e1 * a
            s[ly.S_J11] += e1 * b
        r_e, r_c = q_e, q_c
    if inv_dt * RELAX >= 1.0 and best < SPILL * inv_dt:
        _reset_guess(w, s, n)
        r_e, r_c = circuit.residual(par, fluid, u, x, w, s, sats, k, n, inv_dt, best_e, best_c)
        if abs(r_e) + abs(r_c) < SPILL * inv_dt:
            return RELAXED, best_e, best_c
    return 0, p_e, p_c


@njit
def _reversed_too_far(w: Array, s: Array, n: int, dt: float) -> bool:
    """True if a reversed flow, whose enthalpy is the step's start's, would empty half a volume."""
    for i in range(n + 1):
        if -w[ly.FLOW_LOW, i] * dt > 0.5 * w[ly.MASS_LOW_OLD, i]:
            return True
    if -w[ly.FLOW_LOW, n + 1] * dt > 0.5 * s[ly.S_MASS_ACC_OLD]:
        return True
    reversed_high = False
    for i in range(n + 2):
        reversed_high |= -w[ly.FLOW_HIGH, i] * dt > 0.5 * w[ly.MASS_HIGH_OLD, i]
    return reversed_high


@njit
def advance(
    par: Record,
    fluid: Table,
    u: Array,
    x: Array,
    w: Array,
    s: Array,
    sats: Array,
    k: Array,
    f: Array,
    y: Array,
    n: int,
    dt_max: float,
    duration: float,
) -> int:
    """Advance the circuit by `duration`, s, with inputs held; fill outputs y. Returns OK or FAILED.

    On FAILED the state is that of the last accepted step.
    """
    left = duration
    status = OK
    while left > 1e-9:
        pieces = ceil(left / min(s[ly.S_DT], dt_max) - 1e-9)
        dt = left / pieces
        inv_dt = 1.0 / dt
        circuit.conductances(par, s[ly.S_M_LOW_LAG], s[ly.S_M_HIGH_LAG], n, k)
        circuit.outside(par, u, w, s, f, n, inv_dt)
        guess_e = x[ly.P_E] + min(max(s[ly.S_RATE_E] * dt, -0.02 * x[ly.P_E]), 0.02 * x[ly.P_E])
        guess_c = x[ly.P_C] + min(max(s[ly.S_RATE_C] * dt, -0.02 * x[ly.P_C]), 0.02 * x[ly.P_C])
        its, p_e, p_c = _close(par, fluid, u, x, w, s, sats, k, n, inv_dt, guess_e, guess_c)
        change = max(abs(p_e / x[ly.P_E] - 1.0), abs(p_c / x[ly.P_C] - 1.0))
        inside = fluid.meta[tb.P_MIN] < p_e and max(p_e, p_c) < fluid.meta[tb.P_MAX]
        # Change alone never drives the step under 1 ms: a step that closes is exact in mass and energy.
        too_far = (change > CHANGE or _reversed_too_far(w, s, n, dt)) and dt > 1e-3
        if its == 0 or too_far or not inside:
            s[ly.S_FALLBACKS] += 1.0
            s[ly.S_J_DT] = 0.0
            s[ly.S_RATE_E] = s[ly.S_RATE_C] = 0.0
            _reset_guess(w, s, n)
            s[ly.S_H_LINE] = w[ly.H_HIGH_OLD, n + 1]
            if dt < 2.0 * DT_MIN:
                status = FAILED
                break
            s[ly.S_DT] = 0.5 * dt
            continue
        books.commit(par, u, w, s, sats, f, n, dt)
        s[ly.S_RATE_E] = (p_e - x[ly.P_E]) * inv_dt
        s[ly.S_RATE_C] = (p_c - x[ly.P_C]) * inv_dt
        books.pack(x, w, n, p_e, p_c)
        s[ly.S_STEPS] += 1.0
        if its == RELAXED:
            s[ly.S_FALLBACKS] += 1.0
            s[ly.S_J_DT] = 0.0
        s[ly.S_TIME] += dt
        s[ly.S_SLUG] += outputs.liquid(s, sats) * dt
        if its <= 6 and change < 0.4 * CHANGE:
            s[ly.S_DT] = min(max(2.0 * dt, s[ly.S_DT]), dt_max)
        left -= dt
    outputs.fill(par, fluid, u, x, w, s, sats, f, y, n)
    return status
