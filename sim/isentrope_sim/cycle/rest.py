"""The circuit at rest in time: the same cells and components as `circuit` with 1/dt = 0, closed by Newton.

Unknowns v: evaporating and condensing pressure, mass flow, enthalpy before the valve, speed. Conditions: the
compressor carries the flow, the superheat at its inlet, the condenser's end gives the enthalpy assumed, the
masses add up to the charge, and either the heating capacity or the speed is as asked. Water marches against
the refrigerant from its known outlet. The valve's opening follows from the flow, so it is no unknown.
"""

from math import expm1, isfinite

import numpy as np

from isentrope_sim.components import air, cell
from isentrope_sim.cycle import circuit
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

# Goals, array g: superheat K, water outlet K, charge kg, heating W (used if BY_HEAT > 0), speed 1/s.
G_SUPERHEAT, G_WATER_OUT, G_HEAT, G_SPEED, G_BY_HEAT = range(5)
# Results, array r.
R_HEAT, R_WATER_Q, R_SUPERHEAT, R_T_SHELL, R_T_LINE, R_CHARGE, R_WATER_IN, R_FAN_W, R_AIR_W, R_T_DISCHARGE = (
    range(10)
)
R_SIZE = 10
UNKNOWNS = 5
CLOSED = 1e-7  # sum of the relative misses; the cells' own tolerance leaves a few 1e-9


@njit
def fan_fraction(par: Record, speed: float) -> float:
    """The machine's own fan law: in proportion to compressor speed between its lowest and full air flow."""
    return min(max(speed / par.fan_full_rps, par.fan_min), 1.0)


@njit
def pump_share(par: Record, flow: float) -> tuple[float, float]:
    """(electric W, heat W) of the share of the water pump the standard counts, for a flow in kg/s.

    EN 14511-3: hydraulic power of the unit's own pressure drop over the efficiency 0.0721 P_h^0.3183; the
    pump's loss, which warms the water, is added to the capacity.
    """
    drop = par.water_drop * (flow / par.water_flow_nominal) ** 2
    hydraulic = flow / 1000.0 * drop
    electric = hydraulic ** (1.0 - 0.3183) / 0.0721  # without a drop: none
    return electric, electric - hydraulic


@njit
def _coil_cell(
    fluid: Table,
    sat: Array,
    w: Array,
    k: Array,
    i: int,
    m: float,
    h_in: float,
    g_s: float,
    c_air: float,
    t_air: float,
    w_air: float,
) -> tuple[float, float]:
    """One evaporator cell at rest; the latent heat's linearisation is repeated until the wall agrees."""
    q = 0.0
    for _ in range(30):
        t_lin = w[ly.T_LOW, i]
        heat, slope = air.latent(g_s, c_air, w_air, t_lin)
        g = g_s - slope
        star = (g_s * t_air + heat - slope * t_lin) / g
        h, h_flow, _t, _mass, wall, _out, q = cell.solve_cell(
            fluid, sat, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, m, h_in, w[ly.H_LOW, i], star, g, g_s,
            k[ly.K_EVAP, 0], k[ly.K_EVAP, 1], k[ly.K_EVAP, 2], k[ly.K_EVAP, 3], sat[tb.SLIP],
        )  # fmt: skip
        w[ly.H_LOW, i] = h
        w[ly.OUT_LOW, i] = h_flow
        w[ly.T_LOW, i] = wall
        if abs(wall - t_lin) < 1e-8:
            break
    return w[ly.OUT_LOW, i], q


@njit
def mismatch(
    par: Record,
    fluid: Table,
    u: Array,
    g: Array,
    v: Array,
    w: Array,
    s: Array,
    sats: Array,
    k: Array,
    n: int,
    r: Array,
    f: Array,
) -> None:
    """Fill f (UNKNOWNS) with what the trial point v misses, in comparable units, and r with its results."""
    p_e, p_c, m, h_line, speed = v[0], v[1], v[2], v[3], v[4]
    sat_e, sat_c = sats[ly.SAT_E], sats[ly.SAT_C]
    tb.saturation(fluid, p_e, sat_e)
    tb.saturation(fluid, p_c, sat_c)
    u[ly.SPEED] = speed
    u[ly.FAN] = fan_fraction(par, speed)
    circuit.conductances(par, m, m, n, k)
    g_air, w_air, c_air, fan_w = circuit.air_side(par, u)
    h = h_line
    air_w = 0.0
    mass = 0.0
    for i in range(n):
        h, q = _coil_cell(fluid, sat_e, w, k, i, m, h, g_air / n, c_air / n, u[ly.OUTDOOR], w_air)
        air_w += q
        mass += par.evap_volume / n * tb.state(fluid, sat_e, w[ly.H_LOW, i])[2]
    h, _f, _t, _m, w[ly.T_LOW, n], _o, _q = cell.solve_cell(
        fluid, sat_e, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, m, h, h, u[ly.OUTDOOR], par.suction_line_ambient, 0.0,
        k[ly.K_SUCTION, 0], k[ly.K_SUCTION, 1], k[ly.K_SUCTION, 2], k[ly.K_SUCTION, 3], 1.0,
    )  # fmt: skip
    w[ly.H_LOW, n] = h
    mass += (par.suction_line_volume + par.acc_volume) * tb.state(fluid, sat_e, h)[2]
    h_suction = h
    s[ly.S_H_SUCTION] = h

    m_comp = 0.0
    for _ in range(20):
        h_shell = w[ly.H_HIGH, 0]
        m_comp = circuit.compressor_at(par, fluid, sats, p_e, p_c, h_suction, h_shell, speed, s)
        star = u[ly.OUTDOOR] + s[ly.S_LOSS_W] / par.shell_ambient
        h, _f, r[R_T_DISCHARGE], _m, r[R_T_SHELL], _o, _q = cell.solve_cell(
            fluid, sat_c, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, m, s[ly.S_PORT_H], h_shell, star,
            par.shell_ambient, 0.0,
            k[ly.K_SHELL, 0], k[ly.K_SHELL, 1], k[ly.K_SHELL, 2], k[ly.K_SHELL, 3], 1.0,
        )  # fmt: skip
        w[ly.H_HIGH, 0] = h
        if abs(h - h_shell) < 1e-4:
            break
    w[ly.T_HIGH, 0] = r[R_T_SHELL]
    mass += par.shell_volume * tb.state(fluid, sat_c, h)[2]
    t_water = g[G_WATER_OUT]
    c_water = u[ly.WATER_FLOW] * circuit.CP_WATER
    g_w = circuit.water_conductance(par, u[ly.WATER_FLOW], n)
    # From the wall to the outlet of the water, against which the cells are marched: with it the mean
    # temperature of `circuit.outside` is met exactly.
    g_out = c_water * expm1(g_w / c_water)
    for i in range(1, n + 1):
        w[ly.WATER, i - 1] = t_water
        hs, h, _t, _m, w[ly.T_HIGH, i], _o, q = cell.solve_cell(
            fluid, sat_c, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, m, h, w[ly.H_HIGH, i], t_water, g_out, g_w,
            k[ly.K_COND, 0], k[ly.K_COND, 1], k[ly.K_COND, 2], k[ly.K_COND, 3], sat_c[tb.SLIP],
        )  # fmt: skip
        w[ly.H_HIGH, i] = hs
        mass += par.cond_volume / n * tb.state(fluid, sat_c, hs)[2]
        t_water += q / c_water
    h, _f, t_line, _m, w[ly.T_HIGH, n + 1], _o, _q = cell.solve_cell(
        fluid, sat_c, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, m, h, h, u[ly.OUTDOOR], par.liquid_line_ambient, 0.0,
        k[ly.K_LINE, 0], k[ly.K_LINE, 1], k[ly.K_LINE, 2], k[ly.K_LINE, 3], 1.0,
    )  # fmt: skip
    w[ly.H_HIGH, n + 1] = h
    mass += par.liquid_line_volume * tb.state(fluid, sat_c, h)[2]

    sat_s = sats[ly.SAT_S]
    if h_suction > sat_s[tb.H_VAP]:
        superheat = tb.state(fluid, sat_s, h_suction)[0] - sat_s[tb.T_DEW]
    else:
        # Wet: a superheat below zero, at about the heat capacity of the vapour, J/kg/K, leads Newton out.
        superheat = (h_suction - sat_s[tb.H_VAP]) / 1800.0
    water_q = c_water * (g[G_WATER_OUT] - t_water)
    heat = water_q + pump_share(par, u[ly.WATER_FLOW])[1]
    r[R_HEAT], r[R_WATER_Q], r[R_SUPERHEAT], r[R_T_LINE] = heat, water_q, superheat, t_line
    r[R_CHARGE], r[R_WATER_IN], r[R_FAN_W], r[R_AIR_W] = mass, t_water, fan_w, air_w
    f[0] = (m_comp - m) / par.cond_flow_nominal
    f[1] = (superheat - g[G_SUPERHEAT]) / 10.0
    f[2] = (h - h_line) / 1e4
    f[3] = mass / par.charge - 1.0
    f[4] = (heat - g[G_HEAT]) / 5e3 if g[G_BY_HEAT] > 0.0 else speed / g[G_SPEED] - 1.0


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
def newton(
    par: Record,
    fluid: Table,
    u: Array,
    g: Array,
    v: Array,
    w: Array,
    s: Array,
    sats: Array,
    k: Array,
    n: int,
    r: Array,
) -> int:
    """Solve for v in place from a guess; returns the number of iterations, 0 if it does not converge."""
    f = np.empty(UNKNOWNS)
    f1 = np.empty(UNKNOWNS)
    jac = np.empty((UNKNOWNS, UNKNOWNS))
    old = np.empty(UNKNOWNS)
    steps = np.array([1e-5, 1e-5, 1e-5, 1e-5, 1e-5])
    # Largest relative change in one iteration, own choice: keeps trial points inside the tables.
    reach = np.array([0.15, 0.15, 0.3, 0.15, 0.3])
    mismatch(par, fluid, u, g, v, w, s, sats, k, n, r, f)
    for it in range(1, 61):
        for c in range(UNKNOWNS):
            saved = v[c]
            v[c] = saved * (1.0 + steps[c])
            mismatch(par, fluid, u, g, v, w, s, sats, k, n, r, f1)
            for j in range(UNKNOWNS):
                jac[j, c] = (f1[j] - f[j]) / steps[c]
            v[c] = saved
        for j in range(UNKNOWNS):
            f1[j] = -f[j]
            old[j] = v[j]
        if not _solve_linear(jac, f1, UNKNOWNS):
            return 0
        shrink = 1.0
        for c in range(UNKNOWNS):
            shrink = min(shrink, reach[c] / max(abs(f1[c]), 1e-30))
        norm = 0.0
        for j in range(UNKNOWNS):
            norm += abs(f[j])
        # Full steps may pass a rise; a cycle between the two sides of a kink may not go on.
        allowed = 1.5 if it < 8 else 0.9
        for _ in range(8):
            for c in range(UNKNOWNS):
                v[c] = old[c] * (1.0 + shrink * f1[c])
            mismatch(par, fluid, u, g, v, w, s, sats, k, n, r, f)
            now = 0.0
            for j in range(UNKNOWNS):
                now += abs(f[j])
            if now < allowed * norm:
                break
            shrink *= 0.5
        if not isfinite(now):
            return 0
        if now < CLOSED:
            return it
    return 0
