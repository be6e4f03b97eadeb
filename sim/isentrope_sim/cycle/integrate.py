"""Time: implicit steps of chosen length, each closed on four pressures, with a fallback to shorter ones.

Each step is backward Euler on masses and enthalpies (see `components.cell`), closed by `newton`. A step that
does not close, or that changes too much, is halved, down to DT_MIN; then the solver gives up by name.
Implicit first, rather than explicit with an implicit fallback, because the shut valve under a running
compressor leaves cells whose residence time goes to nothing.
"""

from math import ceil, isnan

from isentrope_sim.components import carry_over, liquid_line, oil, reversing
from isentrope_sim.cycle import books, circuit, newton, outputs, outside
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

DT_MAX = 0.25  # s, own choice: on a ramp superheat is then within 0.1 K of steps a tenth as long (tested)
DT_MIN = 1e-5  # s
# Largest relative change of a pressure in one step, own choice: keeps the coefficients' lag small.
CHANGE = 0.05
# Largest travel of the slide in one step, own choice: its passages change by a twentieth.
SLIDE_STEP = 0.05
# kg/s, own choice, 0.5 % of an 8 kW machine: a cell that had less at the step's start counts as one mixed
# state. Along the cell there is then no profile to speak of, and a trial's flow must not conjure one up.
STEADY_FLOW = 1e-4
# Steps, own choice, for which all cells count as mixed after one that did not close: a profile along the cell
# that depends on the flow sought can leave a step without solution, a mixed state cannot.
MIXED_STEPS = 20.0
# Where no short step closes, longer ones may (liquid drawn forward into superheated gas: in a short step it
# shrinks the gas by more than it brings): LONGER, s, halved up to CLIMBS times, is tried before giving up.
LONGER, CLIMBS = 0.01, 6.0
# Pa/s, own choice: how fast air collects in the exchanger that condenses, after a fault or a reversal.
INERT_RATE = 2e3
OK, FAILED = 0, 1


@njit
def _mix(w: Array, s: Array) -> None:
    """Which cells count as one mixed state in this step: outer conductance and offset are then 0."""
    for i in range(w.shape[1]):
        if s[ly.S_MIXED] > 0.0 or w[ly.FLOW_OLD, i] <= STEADY_FLOW:
            w[ly.OUTER, i] = w[ly.OFFSET, i] = 0.0


@njit
def _reversed_too_far(w: Array, s: Array, dt: float) -> bool:
    """True if a reversed flow, whose enthalpy is the step's start's, would empty half a volume."""
    far = -s[ly.S_M_LINE] * dt > 0.5 * s[ly.S_MASS_ACC_OLD]
    for i in range(w.shape[1]):
        far |= -w[ly.FLOW, i] * dt > 0.5 * w[ly.MASS_OLD, i]
    return far


@njit
def _change(v: Array) -> float:
    """Largest relative change of a pressure over the step."""
    change = 0.0
    for role in range(4):
        change = max(change, abs(v[ly.V_P, role] / v[ly.V_START, role] - 1.0))
    return change


@njit
def _inside(fluid: Table, v: Array) -> bool:
    inside = True
    for role in range(4):
        inside &= fluid.meta[tb.P_MIN] < v[ly.V_P, role] < fluid.meta[tb.P_MAX]
    return inside


@njit
def _oil(
    par: Record, fluid: Table, u: Array, w: Array, s: Array, sat: Array, v: Array, n: int, dt: float
) -> None:
    """What the oil gives and takes in this step, into s; sat: workspace."""
    low = ly.low_cells(s[ly.S_COOLING] > 0.0, n)
    at, role = (low, ly.S) if par.oil_low_side > 0.0 else (low + 1, ly.D)
    tb.saturation(fluid, v[ly.V_START, role], sat)
    wall = oil.beside(par, w[ly.T_OLD, low + 1], w[ly.T_OLD, low])
    s[ly.S_OIL_M], s[ly.S_OIL_W], s[ly.S_OIL_WALL_W], s[ly.S_OIL_KG_NEW], s[ly.S_OIL_T_NEW] = oil.exchange(
        par, fluid, sat, w[ly.H_OLD, at], w[ly.MASS_OLD, at], wall, u[ly.CRANKCASE],
        u[ly.SPEED] > 0.0, s[ly.S_OIL_KG], s[ly.S_OIL_T], dt,
    )  # fmt: skip


@njit
def advance(
    par: Record,
    fluid: Table,
    u: Array,
    x: Array,
    w: Array,
    s: Array,
    sats: Array,
    v: Array,
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
    climbs = 0.0
    while left > 1e-9:
        z, dp = s[ly.S_Z], v[ly.V_START, ly.D] - v[ly.V_START, ly.S]
        stuck, inert = par.slide_position, s[ly.S_INERT]
        if isnan(stuck):
            sliding = par.reversible > 0.0 and reversing.driven(z, u[ly.REVERSING], dp, par.rv_min_dp)
        else:
            sliding = z != stuck
        longest = min(dt_max, SLIDE_STEP * par.rv_travel) if sliding else dt_max
        dt = left / ceil(left / min(s[ly.S_DT], longest) - 1e-9)
        inv_dt = 1.0 / dt
        if sliding:
            reach = dt / par.rv_travel
            if isnan(stuck):
                moved = reversing.slide(z, u[ly.REVERSING], par.rv_travel, dt)
            else:
                moved = z + min(max(stuck - z, -reach), reach)
            if (moved > 0.5) != (s[ly.S_COOLING] > 0.0):
                books.pack(x, w, s, v, n)
                # Past half way the exchangers change roles; on the way back the same.
                books.mirror(w, s, n)
                books.unpack(par, fluid, x, w, s, sats, v, n, s[ly.S_COOLING] == 0.0)
                s[ly.S_M_LOW_LAG], s[ly.S_M_COND_LAG] = s[ly.S_M_COND_LAG], s[ly.S_M_LOW_LAG]
                inert = s[ly.S_INERT] = 0.0
            s[ly.S_Z] = moved
        s[ly.S_INERT] = inert + min(max(par.inert_pa - inert, -INERT_RATE * dt), INERT_RATE * dt)
        cooling = s[ly.S_COOLING] > 0.0
        circuit.passages(par, s, cooling)
        s[ly.S_RESISTANCE] = liquid_line.per_square(par, s[ly.S_M_LOW_LAG])
        line = ly.at_indoor(cooling, n, n)
        rho = w[ly.MASS_OLD, line] / w[ly.VOLUME, line]
        if w[ly.WET, line] > 0.0:
            # The column stands in the pipe, not in the vessel.
            rho = tb.state(fluid, sats[ly.E if cooling else ly.C], w[ly.OUT_OLD, line])[2]
        s[ly.S_HEAD] = liquid_line.head(par, rho)
        outside.conductances(par, w, s[ly.S_M_LOW_LAG], s[ly.S_M_COND_LAG], n, cooling)
        outside.walls(par, u, w, s, f, n, cooling, inv_dt)
        if par.oil_mass > 0.0:
            _oil(par, fluid, u, w, s, sats[ly.SAT_PORT], v, n, dt)
        _mix(w, s)
        carry_over.surge(par, fluid, w, s, sats[ly.E], ly.low_cells(cooling, n), n)
        for role in range(4):
            p = v[ly.V_START, role]
            v[ly.V_P, role] = p + min(max(v[ly.V_RATE, role] * dt, -0.02 * p), 0.02 * p)
        its = newton.close(par, fluid, u, w, s, sats, v, n, inv_dt)
        change = _change(v)
        # Change alone never drives the step under 1 ms: a step that closes is exact in mass and energy.
        too_far = (change > CHANGE or _reversed_too_far(w, s, dt)) and dt > 1e-3
        if its == 0 or too_far or not _inside(fluid, v):
            s[ly.S_FALLBACKS] += 1.0
            s[ly.S_J_DT] = 0.0
            s[ly.S_Z], s[ly.S_INERT] = z, inert
            v[ly.V_RATE, :] = 0.0
            newton.reset_guess(w, s)
            if its == 0 and s[ly.S_MIXED] == 0.0:
                s[ly.S_MIXED] = MIXED_STEPS
                continue
            if dt < 2.0 * DT_MIN:
                if climbs < CLIMBS:
                    s[ly.S_DT] = LONGER * 0.5**climbs
                    s[ly.S_MIXED] = MIXED_STEPS
                    climbs += 1.0
                    continue
                status = FAILED
                break
            s[ly.S_DT] = 0.5 * dt
            continue
        books.commit(par, fluid, u, w, s, sats, v, f, n, dt)
        s[ly.S_STEPS] += 1.0
        climbs = 0.0
        s[ly.S_MIXED] = max(s[ly.S_MIXED] - 1.0, 0.0)
        s[ly.S_SHORTEST] = min(s[ly.S_SHORTEST], dt)
        if its == newton.RELAXED:
            s[ly.S_FALLBACKS] += 1.0
            s[ly.S_J_DT] = 0.0
        s[ly.S_TIME] += dt
        s[ly.S_SLUG] += outputs.liquid(s, sats) * dt
        if its <= 6 and change < 0.4 * CHANGE:
            s[ly.S_DT] = min(max(2.0 * dt, s[ly.S_DT]), dt_max)
        left -= dt
    books.pack(x, w, s, v, n)
    outputs.fill(par, fluid, u, w, s, sats, v, f, y, n)
    return status


@njit
def advance_first(
    pars: Array,
    fluid: Table,
    u: Array,
    x: Array,
    w: Array,
    s: Array,
    sats: Array,
    v: Array,
    f: Array,
    y: Array,
    n: int,
    dt_max: float,
    duration: float,
) -> int:
    """`advance` of the first record in an array of records.

    The way in from Python: a record by itself takes 10 us to hand over, a fifth of a step, an array 1 us.
    """
    return advance(pars[0], fluid, u, x, w, s, sats, v, f, y, n, dt_max, duration)
