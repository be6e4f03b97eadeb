"""Time: implicit steps of chosen length, each closed on two pressures, with a fallback to shorter ones.

Each step is backward Euler on masses and enthalpies (see `components.cell`), solved by a Broyden iteration whose
2 x 2 Jacobian is kept from step to step. A step that does not close, or that changes too much, is halved, down
to DT_MIN; then the solver gives up by name. Implicit first, rather than explicit with an implicit fallback, because the
shut valve under a running compressor leaves cells whose residence time goes to nothing.
"""

from math import ceil, isfinite

from isentrope_sim.components import accumulator, compressor
from isentrope_sim.cycle import circuit
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.jit import njit

DT_MAX = 0.25  # s, own choice: superheat then follows the exact solution within 0.5 K on a ramp; see the test
DT_MIN = 1e-5  # s
TOLERANCE = 2e-8  # kg/s, and 1e-8 kg a step; what is left is carried into the next step
CHANGE = 0.05  # largest relative change of a pressure in one step, own choice: keeps the coefficients' lag small
PATIENCE = 6  # iterations by Broyden before a fresh Jacobian
RELAX = 1e-3  # s: steps up to this may be relaxed instead of closed
SPILL = 2e-6  # kg, own choice: 0.0003 % of the charge
OK, FAILED = 0, 1
RELAXED = 99


@njit
def _reset_guess(w, s, n):
    for i in range(n + 1):
        w[ly.H_LOW, i] = w[ly.H_LOW_OLD, i]
    w[ly.H_LOW, n + 1] = s[ly.S_H_ACC]
    for i in range(n + 2):
        w[ly.H_HIGH, i] = w[ly.H_HIGH_OLD, i]


@njit
def _jacobian(par, fluid, u, x, w, s, sats, k, n, inv_dt, p_e, p_c):
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
def _close(par, fluid, u, x, w, s, sats, k, n, inv_dt, p_e, p_c):
    """Find the step's two pressures: (iterations, p_e, p_c), iterations 0 if it does not close.

    Without closing, a short step may be relaxed: the trial that came nearest is taken if what it leaves over is
    less than SPILL. The booking of masses and energy is exact for any trial; only the flows are a little off their laws.
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
            # From one starting point every time: a cell near a phase boundary may otherwise hop between solutions.
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
def unpack(x, w, s, n):
    """State vector into the work array: the start of a step and the first guess of its end."""
    s[ly.S_H_ACC] = x[ly.H_ACC]
    at = ly.CELLS
    for i in range(n + 1):
        w[ly.H_LOW_OLD, i] = w[ly.H_LOW, i] = x[at + i]
        w[ly.T_LOW_OLD, i] = w[ly.T_LOW, i] = x[at + n + 1 + i]
    w[ly.H_LOW, n + 1] = x[ly.H_ACC]
    at += 2 * (n + 1)
    for i in range(n + 2):
        w[ly.H_HIGH_OLD, i] = w[ly.H_HIGH, i] = x[at + i]
        w[ly.T_HIGH_OLD, i] = w[ly.T_HIGH, i] = x[at + n + 2 + i]
    s[ly.S_H_LINE] = x[at + n + 1]
    at += 2 * (n + 2)
    for i in range(n):
        w[ly.WATER_OLD, i] = w[ly.WATER, i] = x[at + i]


@njit
def pack(x, w, n, p_e, p_c):
    """The end of a step into the state vector."""
    x[ly.P_E] = p_e
    x[ly.P_C] = p_c
    x[ly.H_ACC] = w[ly.H_LOW, n + 1]
    at = ly.CELLS
    for i in range(n + 1):
        x[at + i] = w[ly.H_LOW, i]
        x[at + n + 1 + i] = w[ly.T_LOW, i]
    at += 2 * (n + 1)
    for i in range(n + 2):
        x[at + i] = w[ly.H_HIGH, i]
        x[at + n + 2 + i] = w[ly.T_HIGH, i]
    at += 2 * (n + 2)
    for i in range(n):
        x[at + i] = w[ly.WATER, i]


@njit
def _returning(sat, h, rho, h_next):
    """Enthalpy that returns into a volume (h, rho) from its neighbour h_next when the flow between them reverses.

    At one trial pressure, subcooled liquid drawn back into a boiling volume would collapse its vapour and so draw more:
    the sweep has two solutions if h - h_next exceeds latent heat / (rho dv). Half of that is the most let through
    in one step; what is held back stays with the neighbour, so nothing is lost.
    """
    reach = 0.5 * (sat[tb.H_VAP] - sat[tb.H_LIQ]) / (rho * (1.0 / sat[tb.RHO_VAP] - 1.0 / sat[tb.RHO_LIQ]))
    if h > sat[tb.H_LIQ] - reach:
        return max(h_next, h - reach)
    return h_next


@njit
def returns(par, w, s, sats, n):
    """Fill BACK_LOW and BACK_HIGH from the state at the step's start."""
    for i in range(n + 1):
        volume = par.evap_volume / n if i < n else par.suction_line_volume
        h_next = w[ly.OUT_LOW_OLD, i + 1] if i < n else s[ly.S_H_BACK]
        rho = w[ly.MASS_LOW_OLD, i] / volume
        w[ly.BACK_LOW, i] = _returning(sats[ly.SAT_E], w[ly.H_LOW_OLD, i], rho, h_next)
    for i in range(n + 1):
        volume = par.cond_volume / n if i > 0 else par.shell_volume
        rho = w[ly.MASS_HIGH_OLD, i] / volume
        w[ly.BACK_HIGH, i] = _returning(sats[ly.SAT_C], w[ly.H_HIGH_OLD, i], rho, w[ly.OUT_HIGH_OLD, i + 1])


@njit
def masses(par, fluid, x, w, s, sats, n):
    """Masses of every volume from the state vector, into the *_OLD rows; returns the charge, kg."""
    tb.saturation(fluid, x[ly.P_E], sats[ly.SAT_E])
    tb.saturation(fluid, x[ly.P_C], sats[ly.SAT_C])
    rho = tb.state(fluid, sats[ly.SAT_E], x[ly.H_ACC])[2]
    s[ly.S_MASS_ACC_OLD] = s[ly.S_MASS_ACC] = rho * par.acc_volume
    s[ly.S_H_BACK] = max(x[ly.H_ACC], sats[ly.SAT_E][tb.H_VAP])
    total = s[ly.S_MASS_ACC]
    for i in range(n + 1):
        volume = par.evap_volume / n if i < n else par.suction_line_volume
        m = volume * tb.state(fluid, sats[ly.SAT_E], x[ly.CELLS + i])[2]
        w[ly.MASS_LOW_OLD, i] = w[ly.MASS_LOW, i] = m
        slip = sats[ly.SAT_E][tb.SLIP] if i < n else 1.0
        w[ly.OUT_LOW_OLD, i] = w[ly.OUT_LOW, i] = tb.flowing(sats[ly.SAT_E], x[ly.CELLS + i], slip)[0]
        total += m
    at = ly.CELLS + 2 * (n + 1)
    for i in range(n + 2):
        volume = par.cond_volume / n
        if i == 0:
            volume = par.shell_volume
        elif i == n + 1:
            volume = par.liquid_line_volume
        m = volume * tb.state(fluid, sats[ly.SAT_C], x[at + i])[2]
        w[ly.MASS_HIGH_OLD, i] = w[ly.MASS_HIGH, i] = m
        slip = sats[ly.SAT_C][tb.SLIP] if 0 < i < n + 1 else 1.0
        w[ly.OUT_HIGH_OLD, i] = w[ly.OUT_HIGH, i] = tb.flowing(sats[ly.SAT_C], x[at + i], slip)[0]
        total += m
    returns(par, w, s, sats, n)
    return total


@njit
def charge(w, s, n):
    """Refrigerant in the circuit, kg, with what the last step still owes."""
    total = s[ly.S_MASS_ACC_OLD] + s[ly.S_DEBT]
    for i in range(n + 1):
        total += w[ly.MASS_LOW_OLD, i]
    for i in range(n + 2):
        total += w[ly.MASS_HIGH_OLD, i]
    return total


@njit
def energy(par, x, w, s, n):
    """Energy stored in refrigerant, walls, shell and water, J."""
    v_low = par.evap_volume + par.suction_line_volume + par.acc_volume
    v_high = par.shell_volume + par.cond_volume + par.liquid_line_volume
    total = s[ly.S_MASS_ACC_OLD] * x[ly.H_ACC] - v_low * x[ly.P_E] - v_high * x[ly.P_C]
    at = ly.CELLS
    for i in range(n + 1):
        c = par.evap_wall_capacity / n if i < n else par.suction_line_capacity
        total += w[ly.MASS_LOW_OLD, i] * x[at + i] + c * x[at + n + 1 + i]
    at += 2 * (n + 1)
    for i in range(n + 2):
        c = par.cond_wall_capacity / n
        if i == 0:
            c = par.shell_capacity
        elif i == n + 1:
            c = par.liquid_line_capacity
        total += w[ly.MASS_HIGH_OLD, i] * x[at + i] + c * x[at + n + 2 + i]
    at += 2 * (n + 2)
    for i in range(n):
        total += par.water_volume / n * 1000.0 * circuit.CP_WATER * x[at + i]
    return total


@njit
def _outer(w, star, g, c, wall, old, i, inv_dt):
    """Heat, W, from outside into wall i over the step just made."""
    return w[g, i] * w[star, i] - w[c, i] * w[old, i] - (w[g, i] - w[c, i]) * w[wall, i]


@njit
def _commit(par, u, w, s, sats, n, dt):
    """Close the books of an accepted step: water, boundary heat, debt; the new state becomes the old."""
    inv_dt = 1.0 / dt
    air_w = 0.0
    for i in range(n):
        air_w += _outer(w, ly.STAR_LOW, ly.G_LOW, ly.C_LOW, ly.T_LOW, ly.T_LOW_OLD, i, inv_dt)
    e_in = air_w + _outer(w, ly.STAR_LOW, ly.G_LOW, ly.C_LOW, ly.T_LOW, ly.T_LOW_OLD, n, inv_dt)
    e_in += _outer(w, ly.STAR_HIGH, ly.G_HIGH, ly.C_HIGH, ly.T_HIGH, ly.T_HIGH_OLD, 0, inv_dt)
    e_in += _outer(w, ly.STAR_HIGH, ly.G_HIGH, ly.C_HIGH, ly.T_HIGH, ly.T_HIGH_OLD, n + 1, inv_dt)
    e_in += s[ly.S_LOSS_W] + u[ly.CRANKCASE]
    if s[ly.S_M_OUT_LOW] > 0.0:
        e_in += s[ly.S_M_OUT_LOW] * (s[ly.S_PORT_H] - s[ly.S_H_SUCTION])
    flow_c = u[ly.WATER_FLOW] * circuit.CP_WATER
    storage = par.water_volume / n * 1000.0 * circuit.CP_WATER * inv_dt
    upstream = u[ly.WATER_IN]
    for j in range(n):
        i = n - 1 - j
        q = -_outer(w, ly.STAR_HIGH, ly.G_HIGH, ly.C_HIGH, ly.T_HIGH, ly.T_HIGH_OLD, i + 1, inv_dt)
        w[ly.WATER, i] = (storage * w[ly.WATER_OLD, i] + flow_c * upstream + q) / (storage + flow_c)
        upstream = w[ly.WATER, i]
    water_w = flow_c * (upstream - u[ly.WATER_IN])
    e_in -= water_w
    s[ly.S_AIR_W] = air_w
    s[ly.S_WATER_W] = water_w
    s[ly.S_ENERGY_IN] += e_in * dt
    s[ly.S_THROUGHPUT] += (abs(air_w) + abs(water_w) + s[ly.S_COMP_W]) * dt
    s[ly.S_DEBT] = s[ly.S_R_C] * dt
    s[ly.S_M_LOW_LAG] = s[ly.S_M_EEV]
    s[ly.S_M_HIGH_LAG] = s[ly.S_M_COMP]
    s[ly.S_MASS_ACC_OLD] = s[ly.S_MASS_ACC]
    s[ly.S_H_ACC] = w[ly.H_LOW, n + 1]
    # What flows back out of the vessel's inlet is vapour, whatever lies at the bottom.
    s[ly.S_H_BACK] = max(s[ly.S_H_ACC], sats[ly.SAT_E][tb.H_VAP])
    for i in range(n + 1):
        w[ly.OUT_LOW_OLD, i] = w[ly.OUT_LOW, i]
        w[ly.MASS_LOW_OLD, i] = w[ly.MASS_LOW, i]
        w[ly.H_LOW_OLD, i] = w[ly.H_LOW, i]
        w[ly.T_LOW_OLD, i] = w[ly.T_LOW, i]
    for i in range(n + 2):
        w[ly.OUT_HIGH_OLD, i] = w[ly.OUT_HIGH, i]
        w[ly.MASS_HIGH_OLD, i] = w[ly.MASS_HIGH, i]
        w[ly.H_HIGH_OLD, i] = w[ly.H_HIGH, i]
        w[ly.T_HIGH_OLD, i] = w[ly.T_HIGH, i]
    for i in range(n):
        w[ly.WATER_OLD, i] = w[ly.WATER, i]
    returns(par, w, s, sats, n)


@njit
def _reversed_too_far(w, s, n, dt):
    """True if a reversed flow would empty a volume in this step (its enthalpy is taken at the step's start)."""
    for i in range(n + 1):
        if -w[ly.FLOW_LOW, i] * dt > 0.5 * w[ly.MASS_LOW_OLD, i]:
            return True
    if -w[ly.FLOW_LOW, n + 1] * dt > 0.5 * s[ly.S_MASS_ACC_OLD]:
        return True
    for i in range(n + 2):
        if -w[ly.FLOW_HIGH, i] * dt > 0.5 * w[ly.MASS_HIGH_OLD, i]:
            return True
    return False


@njit
def advance(par, fluid, u, x, w, s, sats, k, y, n, dt_max, duration):
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
        circuit.outside(par, u, w, n, inv_dt)
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
        _commit(par, u, w, s, sats, n, dt)
        s[ly.S_RATE_E] = (p_e - x[ly.P_E]) * inv_dt
        s[ly.S_RATE_C] = (p_c - x[ly.P_C]) * inv_dt
        pack(x, w, n, p_e, p_c)
        s[ly.S_STEPS] += 1.0
        if its == RELAXED:
            s[ly.S_FALLBACKS] += 1.0
            s[ly.S_J_DT] = 0.0
        s[ly.S_TIME] += dt
        s[ly.S_SLUG] += _liquid(par, fluid, s, sats) * dt
        if its <= 6 and change < 0.4 * CHANGE:
            s[ly.S_DT] = min(max(2.0 * dt, s[ly.S_DT]), dt_max)
        left -= dt
    outputs(par, fluid, u, x, w, s, sats, y, n)
    return status


@njit
def _liquid(par, fluid, s, sats):
    """Liquid mass flow into the compressor, kg/s."""
    if s[ly.S_M_COMP] <= 0.0:
        return 0.0
    sat = sats[ly.SAT_S]
    x = tb.quality(sat, s[ly.S_H_SUCTION])
    return min(max(1.0 - x, 0.0), 1.0) * s[ly.S_M_COMP]


@njit
def outputs(par, fluid, u, x, w, s, sats, y, n):
    """True values after the step, in the order of OUTPUT_NAMES."""
    tb.saturation(fluid, x[ly.P_E], sats[ly.SAT_E])
    tb.saturation(fluid, x[ly.P_C], sats[ly.SAT_C])
    sat_e, sat_c = sats[ly.SAT_E], sats[ly.SAT_C]
    h_suction = s[ly.S_H_SUCTION]
    rho = tb.state(fluid, sat_e, h_suction)[2]
    p_s = max(x[ly.P_E] - compressor.suction_drop(par, rho, u[ly.SPEED]), 0.5 * x[ly.P_E])
    tb.saturation(fluid, p_s, sats[ly.SAT_S])
    sat_s = sats[ly.SAT_S]
    t_suction = tb.state(fluid, sat_s, h_suction)[0]
    line = ly.CELLS + 2 * (n + 1) + n + 1
    shell = ly.CELLS + 2 * (n + 1)
    h_line = x[line]
    t_line = tb.state(fluid, sat_c, h_line)[0]
    fan_w = circuit.air_side(par, u)[3]
    y[0] = p_s
    y[1] = x[ly.P_C]
    y[2] = t_suction
    y[3] = tb.state(fluid, sat_c, x[shell])[0]
    y[4] = t_line
    y[5] = w[ly.T_LOW_OLD, 0]
    y[6] = w[ly.WATER_OLD, 0]
    y[7] = sat_s[tb.T_DEW]
    y[8] = max(t_suction - sat_s[tb.T_DEW], 0.0) if h_suction > sat_s[tb.H_VAP] else 0.0
    y[9] = tb.quality(sat_s, h_suction)
    y[10] = _liquid(par, fluid, s, sats)
    y[11] = max(sat_c[tb.T_BUBBLE] - t_line, 0.0)
    y[12] = s[ly.S_M_EEV]
    y[13] = s[ly.S_M_COMP]
    y[14] = s[ly.S_WATER_W]
    y[15] = s[ly.S_AIR_W]
    y[16] = s[ly.S_COMP_W]
    y[17] = fan_w
    y[18] = s[ly.S_COMP_W] + fan_w + par.controls_w + u[ly.CRANKCASE]
    y[19] = h_suction
    y[20] = x[shell]
    y[21] = h_line
    y[22] = h_line
    y[23] = x[ly.P_E]
    y[24] = x[ly.P_C]
    total = charge(w, s, n)
    y[25] = total
    y[26] = energy(par, x, w, s, n) - s[ly.S_ENERGY_0] - s[ly.S_ENERGY_IN]
    y[27] = s[ly.S_THROUGHPUT]
    y[28] = total / s[ly.S_CHARGE_0] - 1.0
    rho_acc = s[ly.S_MASS_ACC_OLD] / par.acc_volume
    y[29] = accumulator.outlet(par, sat_e, x[ly.H_ACC], rho_acc, 1e-6)[2]
    y[30] = x[shell + n + 2]
    y[31] = 0.0
    y[32] = s[ly.S_SLUG]
    y[33] = tb.state(fluid, sat_e, x[ly.CELLS + n - 1])[0]
    y[34] = s[ly.S_STEPS]
    y[35] = s[ly.S_FALLBACKS]
