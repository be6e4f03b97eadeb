"""The circuit's books: states in and out of the work array, masses, energy, closing a step."""

from isentrope_sim.components import coil
from isentrope_sim.cycle import circuit
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit


@njit
def unpack(x: Array, w: Array, s: Array, n: int) -> None:
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
def pack(x: Array, w: Array, n: int, p_e: float, p_c: float) -> None:
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
def _returning(sat: Array, h: float, rho: float, h_next: float) -> float:
    """Enthalpy that returns into a volume (h, rho) from its neighbour h_next with reversed flow.

    At one trial pressure, subcooled liquid drawn back into a boiling volume would collapse its vapour and so
    draw more: the sweep has two solutions if h - h_next exceeds latent heat / (rho dv). Half of that is the
    most let through in one step; what is held back stays with the neighbour, so nothing is lost.
    """
    reach = 0.5 * (sat[tb.H_VAP] - sat[tb.H_LIQ]) / (rho * (1.0 / sat[tb.RHO_VAP] - 1.0 / sat[tb.RHO_LIQ]))
    if h > sat[tb.H_LIQ] - reach:
        return max(h_next, h - reach)
    return h_next


@njit
def returns(par: Record, w: Array, s: Array, sats: Array, n: int) -> None:
    """Fill BACK_LOW and BACK_HIGH from the state at the step's start."""
    for i in range(n + 1):
        volume = par.evap_volume / n if i < n else par.suction_line_volume
        h_next = w[ly.OUT_LOW_OLD, i + 1] if i < n else s[ly.S_H_BACK]
        rho = w[ly.MASS_LOW_OLD, i] / volume
        w[ly.BACK_LOW, i] = _returning(sats[ly.SAT_E], w[ly.H_LOW_OLD, i], rho, h_next)
    for i in range(n + 2):
        volume = par.cond_volume / n
        if i == 0:
            volume = par.shell_volume
        elif i == n + 1:
            volume = par.liquid_line_volume
        # Into the liquid line it is the evaporator's liquid that returns, through the valve.
        h_next = w[ly.OUT_HIGH_OLD, i + 1] if i < n + 1 else w[ly.OUT_LOW_OLD, 0]
        rho = w[ly.MASS_HIGH_OLD, i] / volume
        w[ly.BACK_HIGH, i] = _returning(sats[ly.SAT_C], w[ly.H_HIGH_OLD, i], rho, h_next)


@njit
def masses(par: Record, fluid: Table, x: Array, w: Array, s: Array, sats: Array, n: int) -> float:
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
def charge(w: Array, s: Array, n: int) -> float:
    """Refrigerant in the circuit, kg, with what the last step still owes."""
    total = s[ly.S_MASS_ACC_OLD] + s[ly.S_DEBT]
    for i in range(n + 1):
        total += w[ly.MASS_LOW_OLD, i]
    for i in range(n + 2):
        total += w[ly.MASS_HIGH_OLD, i]
    return total


@njit
def energy(par: Record, x: Array, w: Array, s: Array, f: Array, n: int) -> float:
    """Energy stored in refrigerant, walls, frost, shell and water, J."""
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
    return total + coil.stored(f, n * coil.rows_of(par))[2]


@njit
def _outer(w: Array, star: int, g: int, c: int, wall: int, old: int, i: int) -> float:
    """Heat, W, from outside into wall i over the step just made."""
    return w[g, i] * w[star, i] - w[c, i] * w[old, i] - (w[g, i] - w[c, i]) * w[wall, i]


@njit
def commit(par: Record, u: Array, w: Array, s: Array, sats: Array, f: Array, n: int, dt: float) -> None:
    """Close the books of an accepted step: coil, water, boundary heat, debt; the new state is the old."""
    inv_dt = 1.0 / dt
    air_w, vapour, drained, drained_w = coil.settle(
        par, f, w[ly.T_LOW_OLD], w[ly.T_LOW], n, dt, u[ly.OUTDOOR], circuit.outdoor_humidity(u)
    )
    s[ly.S_VAPOUR_KG] += vapour * dt
    s[ly.S_DRAINED_KG] += drained * dt
    e_in = air_w - drained_w + _outer(w, ly.STAR_LOW, ly.G_LOW, ly.C_LOW, ly.T_LOW, ly.T_LOW_OLD, n)
    e_in += _outer(w, ly.STAR_HIGH, ly.G_HIGH, ly.C_HIGH, ly.T_HIGH, ly.T_HIGH_OLD, 0)
    e_in += _outer(w, ly.STAR_HIGH, ly.G_HIGH, ly.C_HIGH, ly.T_HIGH, ly.T_HIGH_OLD, n + 1)
    e_in += s[ly.S_LOSS_W] + u[ly.CRANKCASE]
    if s[ly.S_M_OUT_LOW] > 0.0:
        e_in += s[ly.S_M_OUT_LOW] * (s[ly.S_PORT_H] - s[ly.S_H_SUCTION])
    flow_c = u[ly.WATER_FLOW] * circuit.CP_WATER
    storage = par.water_volume / n * 1000.0 * circuit.CP_WATER * inv_dt
    upstream = u[ly.WATER_IN]
    for j in range(n):
        i = n - 1 - j
        q = -_outer(w, ly.STAR_HIGH, ly.G_HIGH, ly.C_HIGH, ly.T_HIGH, ly.T_HIGH_OLD, i + 1)
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
