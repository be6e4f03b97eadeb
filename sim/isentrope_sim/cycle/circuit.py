"""The circuit over one step: what is outside every wall, then a sweep from valve to valve.

For trial pressures (p_e, p_c) the sweep finds what flow the masses leave at the end of each side; the
difference to what compressor and valve would carry is the residual. Two unknowns, O(N), no matrix.
"""

from math import exp

from isentrope_sim.components import accumulator, air, cell, compressor, eev
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

CP_WATER = 4186.0  # J/kg/K


@njit
def _scale(flow: float, nominal: float, exponent: float, floor: float) -> float:
    return max((abs(flow) / nominal) ** exponent, floor)


@njit
def conductances(par: Record, m_low: float, m_high: float, n: int, k: Array) -> None:
    """Fill k (K_ROWS, 4) with each cell's refrigerant-side conductances, W/K, at these flows, kg/s.

    Nominal values scale with flow: turbulent vapour and liquid by 0.8 (Dittus and Boelter), two-phase flow by
    the machine's exponents. The floor of 0.1 is pool boiling, film condensation and free convection at rest.
    """
    f = _scale(m_low, par.evap_flow_nominal, 0.8, 0.1)
    two = _scale(m_low, par.evap_flow_nominal, par.boiling_exponent, 0.1)
    k[ly.K_EVAP, 0] = par.evap_boiling_ua * two / n
    k[ly.K_EVAP, 1] = par.evap_condensing_ua * two / n
    k[ly.K_EVAP, 2] = par.evap_vapour_ua * f / n
    k[ly.K_EVAP, 3] = par.evap_liquid_ua * f / n
    # Wet walls of the pipe transfer some five times as much as gas does (own choice: as coil and plate do).
    k[ly.K_SUCTION, 2] = par.suction_line_ua * f
    k[ly.K_SUCTION, 0] = k[ly.K_SUCTION, 1] = k[ly.K_SUCTION, 3] = 5.0 * par.suction_line_ua * two
    f = _scale(m_high, par.cond_flow_nominal, 0.8, 0.1)
    two = _scale(m_high, par.cond_flow_nominal, par.condensing_exponent, 0.1)
    k[ly.K_SHELL, :] = par.shell_gas_ua * f
    k[ly.K_COND, 0] = par.cond_boiling_ua * two / n
    k[ly.K_COND, 1] = par.cond_condensing_ua * two / n
    k[ly.K_COND, 2] = par.cond_vapour_ua * f / n
    k[ly.K_COND, 3] = par.cond_liquid_ua * f / n
    k[ly.K_LINE, :] = par.liquid_line_ua * f


@njit
def air_side(par: Record, u: Array) -> tuple[float, float, float, float]:
    """(sensible conductance of the whole coil W/K, humidity ratio, heat capacity flow W/K, fan W)."""
    fraction = max(u[ly.FAN], 0.0)
    flow = par.fan_flow * max(fraction, par.fan_natural)
    c_air = flow * air.density(u[ly.OUTDOOR]) * air.CP_AIR
    ua = par.air_ua * par.air_multiplier * (flow / par.fan_flow) ** par.air_exponent
    g = c_air * (1.0 - exp(-ua / c_air))
    w = air.humidity_ratio(u[ly.OUTDOOR_RH] * air.water_vapour_pressure(u[ly.OUTDOOR]))
    return g, w, c_air, par.fan_w * fraction**par.fan_exponent


@njit
def water_conductance(par: Record, flow: float, n: int) -> float:
    """Wall to water of one condenser cell, W/K; free convection keeps 5 % when the pump stands."""
    return par.water_ua / n * _scale(flow, par.water_flow_nominal, par.water_exponent, 0.05)


@njit
def outside(par: Record, u: Array, w: Array, n: int, inv_dt: float) -> None:
    """Fill STAR and G of both sides: each wall's temperature and conductance without its refrigerant.

    A wall solves C (Tw' - Tw)/dt = G_outer (T_outer - Tw') - Q, so star = (C/dt Tw + G T)/(C/dt + G), g =
    C/dt + G; OUTER is G, sensible only (its latent part jumps where dew or frost sets in, and no point
    would be found there), and stays 0 for pipes and shell, which are one mixed state each. Latent heat is
    linearised at the old wall temperature; water is predicted with its own inflow.
    """
    g_air, w_air, c_air, _fan_w = air_side(par, u)
    g_s = g_air / n
    for i in range(n):
        c = par.evap_wall_capacity / n * inv_dt
        t = w[ly.T_LOW_OLD, i]
        heat, slope = air.latent(g_s, c_air / n, w_air, t)
        g = c + g_s - slope
        w[ly.STAR_LOW, i] = (c * t + g_s * u[ly.OUTDOOR] + heat - slope * t) / g
        w[ly.G_LOW, i] = g
        w[ly.OUTER_LOW, i] = g_s
        w[ly.C_LOW, i] = c
    c = par.suction_line_capacity * inv_dt
    w[ly.G_LOW, n] = c + par.suction_line_ambient
    w[ly.STAR_LOW, n] = (c * w[ly.T_LOW_OLD, n] + par.suction_line_ambient * u[ly.OUTDOOR]) / w[ly.G_LOW, n]
    w[ly.C_LOW, n] = c

    c = par.shell_capacity * inv_dt
    w[ly.G_HIGH, 0] = c + par.shell_ambient
    w[ly.STAR_HIGH, 0] = (c * w[ly.T_HIGH_OLD, 0] + par.shell_ambient * u[ly.OUTDOOR]) / w[ly.G_HIGH, 0]
    w[ly.C_HIGH, 0] = c
    flow_c = u[ly.WATER_FLOW] * CP_WATER
    storage = par.water_volume / n * 1000.0 * CP_WATER * inv_dt
    g_w = water_conductance(par, u[ly.WATER_FLOW], n)
    # The wall meets the water's mean temperature along the cell, not its outlet's.
    theta = cell.outlet_share(g_w / flow_c) if flow_c > 0.0 else 1.0
    for i in range(n):
        upstream = w[ly.WATER_OLD, i + 1] if i < n - 1 else u[ly.WATER_IN]
        own = storage + flow_c
        g_x = g_w * own / (own + theta * g_w)
        t_x = theta * (storage * w[ly.WATER_OLD, i] + flow_c * upstream) / own + (1.0 - theta) * upstream
        c = par.cond_wall_capacity / n * inv_dt
        j = i + 1
        w[ly.G_HIGH, j] = c + g_x
        w[ly.STAR_HIGH, j] = (c * w[ly.T_HIGH_OLD, j] + g_x * t_x) / w[ly.G_HIGH, j]
        w[ly.C_HIGH, j] = c
        w[ly.OUTER_HIGH, j] = g_w
    c = par.liquid_line_capacity * inv_dt
    j = n + 1
    w[ly.G_HIGH, j] = c + par.liquid_line_ambient
    w[ly.STAR_HIGH, j] = (c * w[ly.T_HIGH_OLD, j] + par.liquid_line_ambient * u[ly.OUTDOOR]) / w[ly.G_HIGH, j]
    w[ly.C_HIGH, j] = c


@njit
def valve_flow(
    par: Record, fluid: Table, sat_c: Array, p_e: float, p_c: float, h_line: float, opening: float
) -> float:
    """Flow through the expansion valve, kg/s; negative when the pressures are reversed."""
    t, _slope, rho = tb.state(fluid, sat_c, h_line)
    per_root = eev.flow_per_root(
        opening,
        sat_c[tb.T_BUBBLE] - t,
        fluid.meta[tb.T_CRIT],
        par.eev_area,
        par.eev_opening_point,
        par.eev_exponent,
        par.eev_leakage,
    )
    return per_root * eev.root(rho, p_c - p_e)


@njit
def compressor_at(
    par: Record,
    fluid: Table,
    sats: Array,
    p_e: float,
    p_c: float,
    h_suction: float,
    h_shell: float,
    rpm_s: float,
    s: Array,
) -> float:
    """Compressor between the sides; fills its scalars and returns the net flow, kg/s."""
    rho_s = tb.state(fluid, sats[ly.SAT_E], h_suction)[2]
    p_s = max(p_e - compressor.suction_drop(par, rho_s, rpm_s), 0.5 * p_e)
    tb.saturation(fluid, p_s, sats[ly.SAT_S])
    rho_d = tb.state(fluid, sats[ly.SAT_C], h_shell)[2]
    m, _pumped, gas, loss, electric, _work = compressor.compress(
        par, fluid, sats[ly.SAT_S], sats[ly.SAT_C], p_s, p_c, h_suction, rho_d, rpm_s
    )
    s[ly.S_M_COMP] = m
    s[ly.S_LOSS_W] = loss
    s[ly.S_COMP_W] = electric
    s[ly.S_P_SUCTION] = p_s
    # Work reaches the gas it is done on; with hardly any gas it heats the shell instead.
    share = max(m, 0.0) / (max(m, 0.0) + 1e-5)
    s[ly.S_PORT_H] = h_suction + (share * gas / m if m > 0.0 else 0.0)
    s[ly.S_LOSS_W] += (1.0 - share) * gas
    return m


@njit
def sweep_low(
    par: Record,
    fluid: Table,
    sat: Array,
    w: Array,
    s: Array,
    k: Array,
    n: int,
    inv_dt: float,
    dp_dt: float,
    m_in: float,
    h_in: float,
    h_back: float,
) -> float:
    """Evaporator, suction line, accumulator at a trial pressure; the flow out of the accumulator."""
    for i in range(n + 1):
        row = ly.K_EVAP if i < n else ly.K_SUCTION
        volume = par.evap_volume / n if i < n else par.suction_line_volume
        if m_in < 0.0:
            h_in = w[ly.BACK_LOW, i - 1] if i > 0 else w[ly.BACK_HIGH, n + 1]
        h, h_out, _t, mass, wall, m_out, _q = cell.solve_cell(
            fluid,
            sat,
            inv_dt,
            volume,
            dp_dt,
            w[ly.MASS_LOW_OLD, i],
            w[ly.H_LOW_OLD, i],
            w[ly.BACK_LOW, i],
            m_in,
            h_in,
            w[ly.H_LOW, i],
            w[ly.STAR_LOW, i],
            w[ly.G_LOW, i],
            w[ly.OUTER_LOW, i],
            k[row, 0],
            k[row, 1],
            k[row, 2],
            k[row, 3],
            sat[tb.SLIP] if i < n else 1.0,
        )
        w[ly.H_LOW, i] = h
        w[ly.OUT_LOW, i] = h_out
        w[ly.T_LOW, i] = wall
        w[ly.MASS_LOW, i] = mass
        w[ly.FLOW_LOW, i] = m_in
        m_in = m_out
        h_in = h_out
    w[ly.FLOW_LOW, n + 1] = m_in
    if m_in < 0.0:
        h_in = w[ly.BACK_LOW, n]
    h, rho, m_out, h_out = accumulator.solve_accumulator(
        par,
        fluid,
        sat,
        inv_dt,
        dp_dt,
        s[ly.S_MASS_ACC_OLD],
        s[ly.S_H_ACC],
        m_in,
        h_in,
        h_back,
        s[ly.S_M_HIGH_LAG],
        w[ly.H_LOW, n + 1],
    )
    w[ly.H_LOW, n + 1] = h
    s[ly.S_MASS_ACC] = rho * par.acc_volume
    s[ly.S_H_SUCTION] = h_out
    s[ly.S_M_OUT_LOW] = m_out
    return m_out


@njit
def sweep_high(
    par: Record,
    fluid: Table,
    sat: Array,
    u: Array,
    w: Array,
    s: Array,
    k: Array,
    n: int,
    inv_dt: float,
    dp_dt: float,
    m_in: float,
    h_in: float,
    h_valve: float,
) -> float:
    """Shell, condenser and liquid line at a trial pressure; returns the flow out of the liquid line.

    h_valve, J/kg, would enter from the valve if its flow were reversed.
    """
    for i in range(n + 2):
        volume = par.cond_volume / n
        row = ly.K_COND
        star = w[ly.STAR_HIGH, i]
        if i == 0:
            volume, row = par.shell_volume, ly.K_SHELL
            star += (s[ly.S_LOSS_W] + u[ly.CRANKCASE]) / w[ly.G_HIGH, 0]
        elif i == n + 1:
            volume, row = par.liquid_line_volume, ly.K_LINE
        h_next = w[ly.BACK_HIGH, i] if i < n + 1 else h_valve
        if m_in < 0.0:
            h_in = w[ly.BACK_HIGH, i - 1] if i > 0 else w[ly.OUT_HIGH_OLD, 0]
        h, h_out, _t, mass, wall, m_out, _q = cell.solve_cell(
            fluid,
            sat,
            inv_dt,
            volume,
            dp_dt,
            w[ly.MASS_HIGH_OLD, i],
            w[ly.H_HIGH_OLD, i],
            h_next,
            m_in,
            h_in,
            w[ly.H_HIGH, i],
            star,
            w[ly.G_HIGH, i],
            w[ly.OUTER_HIGH, i],
            k[row, 0],
            k[row, 1],
            k[row, 2],
            k[row, 3],
            sat[tb.SLIP] if 0 < i < n + 1 else 1.0,
        )
        w[ly.H_HIGH, i] = h
        w[ly.OUT_HIGH, i] = h_out
        w[ly.T_HIGH, i] = wall
        w[ly.MASS_HIGH, i] = mass
        w[ly.FLOW_HIGH, i] = m_in
        m_in = m_out
        h_in = h_out
    return m_in


@njit
def residual(
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
) -> tuple[float, float]:
    """Sweep the circuit at trial pressures; (r_e, r_c), kg/s: flow left over at compressor and valve."""
    tb.saturation(fluid, p_e, sats[ly.SAT_E])
    tb.saturation(fluid, p_c, sats[ly.SAT_C])
    h_line = s[ly.S_H_LINE]
    m_eev = valve_flow(par, fluid, sats[ly.SAT_C], p_e, p_c, h_line, u[ly.EEV_OPENING])
    s[ly.S_M_EEV] = m_eev
    h_shell = w[ly.H_HIGH_OLD, 0]
    # What the last step left over enters here, so that the charge is exact whatever the tolerance.
    m_in = m_eev + s[ly.S_DEBT] * inv_dt
    m_low = sweep_low(
        par, fluid, sats[ly.SAT_E], w, s, k, n, inv_dt, (p_e - x[ly.P_E]) * inv_dt, m_in, h_line, h_shell
    )
    m = compressor_at(par, fluid, sats, p_e, p_c, s[ly.S_H_SUCTION], h_shell, u[ly.SPEED], s)
    # Only reversed pressures bring the evaporator's liquid back; a trial flow's sign must not.
    h_valve = w[ly.BACK_HIGH, n + 1] if m_eev < 0.0 else w[ly.OUT_HIGH_OLD, n + 1]
    dp_dt = (p_c - x[ly.P_C]) * inv_dt
    m_high = sweep_high(
        par, fluid, sats[ly.SAT_C], u, w, s, k, n, inv_dt, dp_dt, m_low, s[ly.S_PORT_H], h_valve
    )
    # The valve's inlet enthalpy is closed by repetition; how far it still moves is part of the closing test.
    s[ly.S_LINE_MOVED] = abs(w[ly.H_HIGH, n + 1] - h_line)
    s[ly.S_H_LINE] = w[ly.H_HIGH, n + 1]
    s[ly.S_R_E] = m_low - m
    s[ly.S_R_C] = m_high - m_eev
    return m_low - m, m_high - m_eev
