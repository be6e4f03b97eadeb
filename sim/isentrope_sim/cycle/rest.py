"""The circuit at rest in time: the same cells and components as `circuit` with 1/dt = 0, for `rest_newton`.

Unknowns v: evaporating and condensing pressure, mass flow through the exchangers, enthalpy before the valve
(of a liquid receiver at the condensing side's end the content instead), speed, and water inlet temperature.
Conditions: the compressor carries the flow, the superheat at its inlet, the condensing side's end gives the
enthalpy assumed, the masses add up to the charge, either the capacity or the speed is as asked, and the water
leaves as asked. Heating, water marches against the refrigerant from its known outlet; cooling, with it from
its inlet. The valve's opening follows from the flow, so it is no unknown.
"""

from math import expm1

from isentrope_sim.components import cell, coil, content, oil, receiver, reversing
from isentrope_sim.cycle import circuit, outside
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

# Goals, array g: superheat K, water outlet K, capacity W (used if BY_POWER > 0), speed 1/s.
G_SUPERHEAT, G_WATER_OUT, G_POWER, G_SPEED, G_BY_POWER = range(5)
# Results, array r; R_POWER: net heating or cooling capacity, W; R_INDOOR_Q: heat into water or room, W;
# R_VAPOUR: condensed there, kg/s; R_H_LINE: enthalpy before the valve, J/kg; R_LEVEL: receiver's, 0..1.
(
    R_POWER,
    R_INDOOR_Q,
    R_SUPERHEAT,
    R_T_SHELL,
    R_T_LINE,
    R_CHARGE,
    R_WATER_IN,
    R_FAN_W,
    R_AIR_W,
    R_T_DISCHARGE,
    R_LATENT_W,
    R_VAPOUR,
    R_H_LINE,
    R_LEVEL,
) = range(14)
R_SIZE = 14
V_P_E, V_P_C, V_FLOW, V_H_LINE, V_SPEED, V_WATER_IN = range(6)
UNKNOWNS = 6


@njit
def fan_fraction(par: Record, speed: float) -> float:
    """The machine's own fan law: in proportion to compressor speed between its lowest and full air flow."""
    return min(max(speed / par.fan_full_rps, par.fan_min), 1.0)


@njit
def room_fan_fraction(par: Record, speed: float) -> float:
    """The same of the indoor fan, which gives its full air flow from the same speed up."""
    return min(max(speed / par.fan_full_rps, par.room.fan_min), 1.0)


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
def _solve(
    fluid: Table, sat: Array, w: Array, i: int, m: float, h_in: float, star: float, g: float, outer: float
) -> float:
    """Chain cell i at rest; heat into the refrigerant, W."""
    h, h_flow, _t, _mass, wall, _out, q = cell.solve_cell(
        fluid, sat, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, m, h_in, w[ly.H, i], star, g, outer, w[ly.STREAM, i],
        w[ly.K_BOIL, i], w[ly.K_COND, i], w[ly.K_VAP, i], w[ly.K_LIQ, i],
        sat[tb.SLIP] if w[ly.SLIPS, i] > 0.0 else 1.0, 0.0,
    )  # fmt: skip
    w[ly.IN, i], w[ly.OUTER, i] = h_in, outer
    w[ly.H, i] = h
    w[ly.OUT, i] = h_flow
    w[ly.T, i] = wall
    return q


@njit
def _coil_cell(
    par: Record,
    fluid: Table,
    sat: Array,
    w: Array,
    f: Array,
    k: int,
    i: int,
    n: int,
    m: float,
    h: float,
    t_air: float,
    w_air: float,
) -> float:
    """A coil's cell k, chain position i, at rest: heat into the refrigerant, W; the air side's linearisation
    is repeated until wall and surfaces agree. par: the coil's own record.
    """
    q = 0.0
    rows = coil.rows_of(par)
    outer = coil.sensible_conductance(par, f, k)
    t_lin, before, share = w[ly.T, i], 1e9, 1.0
    for attempt in range(60):
        heat, slope = coil.respond_cell(par, f, k, t_lin, n, 0.0, t_air, w_air)
        q = _solve(fluid, sat, w, i, m, h, t_lin - heat / slope, -slope, outer)
        moved = abs(w[ly.T, i] - t_lin)
        for j in range(k * rows, (k + 1) * rows):
            moved = max(moved, abs(f[coil.F_NEXT, j] - f[coil.F_SURFACE, j]))
        # About where dew sets in a surface and its vapour chase each other: shorter ways then meet.
        if attempt > 8 and moved > 0.9 * before:
            share = max(0.7 * share, 0.02)
        before = moved
        t_lin += share * (w[ly.T, i] - t_lin)
        for j in range(k * rows, (k + 1) * rows):
            f[coil.F_SURFACE, j] += share * (f[coil.F_NEXT, j] - f[coil.F_SURFACE, j])
        if moved < 1e-8:
            break
    return q


@njit
def _outdoor(
    par: Record,
    fluid: Table,
    u: Array,
    sat: Array,
    w: Array,
    s: Array,
    f: Array,
    n: int,
    cooling: bool,
    m: float,
    h: float,
    r: Array,
) -> float:
    """The outdoor exchanger in flow order; the enthalpy that leaves it."""  # fmt: skip
    s[ly.S_AIR_FLOW], s[ly.S_FAN_W] = coil.air_flow(par, u[ly.FAN], u[ly.OUTDOOR], f, n)
    w_air = outside.outdoor_humidity(u)
    r[R_AIR_W] = 0.0
    for step in range(n):
        k = n - 1 - step if cooling else step
        i = ly.at_outdoor(cooling, k, n)
        r[R_AIR_W] += _coil_cell(par, fluid, sat, w, f, k, i, n, m, h, u[ly.OUTDOOR], w_air)
        h = w[ly.OUT, i]
    return h


@njit
def _indoor(
    par: Record,
    fluid: Table,
    u: Array,
    sat: Array,
    w: Array,
    s: Array,
    f: Array,
    n: int,
    cooling: bool,
    m: float,
    h: float,
    t_water: float,
    r: Array,
) -> tuple[float, float]:
    """The indoor exchanger in flow order: (enthalpy that leaves it, water temperature at the march's end).

    t_water: heating, the water's outlet, K; cooling, its inlet.
    """  # fmt: skip
    r[R_INDOOR_Q] = r[R_LATENT_W] = 0.0
    fr = outside.room_coil(par, f, n)
    w_air = 0.0
    c_water, g_w = 1.0, 1.0
    if par.indoor_air > 0.0:
        w_air = outside.room_humidity(u)
        s[ly.S_ROOM_FLOW], s[ly.S_ROOM_FAN_W] = coil.air_flow(par.room, u[ly.INDOOR_FAN], u[ly.INDOOR], fr, n)
    else:
        c_water = u[ly.WATER_FLOW] * outside.CP_WATER
        g_w = outside.water_conductance(par, u[ly.WATER_FLOW], n)
        outside.streams(w, n, cooling, c_water)
    # From the wall to the water's outlet, or inlet, from which the cells are marched: with it the mean
    # temperature of `outside.walls` is met exactly.
    g_out, g_in = c_water * expm1(g_w / c_water), -c_water * expm1(-g_w / c_water)
    for step in range(n):
        k = n - 1 - step if cooling else step
        i = ly.at_indoor(cooling, k, n)
        if par.indoor_air > 0.0:
            q = _coil_cell(par.room, fluid, sat, w, fr, k, i, n, m, h, u[ly.INDOOR], w_air)
        elif cooling:
            q = _solve(fluid, sat, w, i, m, h, t_water, g_in, g_w)
            t_water -= q / c_water
        else:
            q = _solve(fluid, sat, w, i, m, h, t_water, g_out, g_w)
            t_water += q / c_water
        r[R_INDOOR_Q] -= q
        h = w[ly.OUT, i]
    if par.indoor_air > 0.0:
        r[R_VAPOUR], r[R_LATENT_W], _kept = coil.moisture(fr, n * coil.rows_of(par.room))
    return h, t_water


@njit
def _line(
    par: Record, fluid: Table, u: Array, sat: Array, w: Array, n: int, cooling: bool, m: float, h: float
) -> float:
    i = ly.at_indoor(cooling, n, n)
    if w[ly.WET, i] == 0.0:
        _solve(fluid, sat, w, i, m, h, u[ly.OUTDOOR], par.liquid_line_ambient, 0.0)
    else:
        w[ly.H, i], w[ly.OUT, i], _mass, w[ly.T, i], _out, _q = receiver.solve_receiver(
            fluid, sat, 0.0, w[ly.VOLUME, i], 0.0, 0.0, 0.0, 0.0, m, h, w[ly.H, i], u[ly.OUTDOOR],
            par.liquid_line_ambient, w[ly.K_LIQ, i], w[ly.DRY, i], w[ly.WET, i],
        )  # fmt: skip
    return float(w[ly.OUT, i])


@njit
def _receiver(
    par: Record, fluid: Table, u: Array, sat: Array, w: Array, i: int, fill: float
) -> tuple[float, float]:
    """A vessel at the condenser's end, chain cell i: (enthalpy that leaves it, heat into it, W).

    In steady flow a part-filled one gives saturated liquid at any level, so it is its content that is the
    unknown, `receiver.filled`.
    """
    h = receiver.filled(sat, fill)
    t, _slope, rho = tb.state(fluid, sat, h)
    q, wall = receiver.heat(u[ly.OUTDOOR], par.liquid_line_ambient, w[ly.K_LIQ, i], t)
    w[ly.H, i], w[ly.T, i] = h, wall
    w[ly.OUT, i] = receiver.outlet(sat, w[ly.VOLUME, i], h, rho, w[ly.DRY, i], w[ly.WET, i])
    return float(w[ly.OUT, i]), q


@njit
def _compressor_side(
    par: Record,
    fluid: Table,
    u: Array,
    w: Array,
    s: Array,
    sats: Array,
    low: int,
    m: float,
    h_e: float,
    r: Array,
) -> tuple[float, float]:
    """Reversing valve, suction line, compressor and shell: (compressor's flow less what reaches it, enthalpy
    that enters role C). Pressures of S and D follow from the valve's drops.
    """
    shell = low + 1
    p_e, p_c = sats[ly.E, tb.P], sats[ly.C, tb.P]
    rho = tb.state(fluid, sats[ly.E], h_e)[2]
    tb.saturation(fluid, p_e - reversing.drop(m, rho, s[ly.S_AREA_E]), sats[ly.S])
    tb.saturation(fluid, p_c, sats[ly.D])
    miss, body = 0.0, 0.0
    for _ in range(40):
        h_shell, h_line = w[ly.H, shell], w[ly.H, low]
        t_d, _slope, rho = tb.state(fluid, sats[ly.D], h_shell)
        tb.saturation(fluid, p_c + reversing.drop(m, rho, s[ly.S_AREA_D]), sats[ly.D])
        leak = reversing.flow(sats[ly.D, tb.P] - sats[ly.S, tb.P], rho, par.rv_leak_area)
        body = par.rv_body_ua * (t_d - tb.state(fluid, sats[ly.S], h_line)[0])
        drawn = m + leak
        h_in = (m * h_e + leak * h_shell + body) / drawn
        _solve(fluid, sats[ly.S], w, low, drawn, h_in, u[ly.OUTDOOR], par.suction_line_ambient, 0.0)
        s[ly.S_H_SUCTION] = w[ly.H, low]
        t_shell = w[ly.T, shell]
        miss = circuit.compressor_at(par, fluid, sats, w[ly.H, low], h_shell, t_shell, u[ly.SPEED], s) - drawn
        star = u[ly.OUTDOOR] + s[ly.S_LOSS_W] / par.shell_ambient
        h_in = s[ly.S_PORT_H] - body / drawn
        _solve(fluid, sats[ly.D], w, shell, drawn, h_in, star, par.shell_ambient, 0.0)
        if abs(w[ly.H, shell] - h_shell) < 1e-4 and abs(w[ly.H, low] - h_line) < 1e-4:
            break
    r[R_T_SHELL] = w[ly.T, shell]
    r[R_T_DISCHARGE] = tb.state(fluid, sats[ly.D], w[ly.H, shell])[0]
    return miss, w[ly.H, shell]


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
    f: Array,
    n: int,
    r: Array,
    miss: Array,
) -> None:
    """Fill miss (UNKNOWNS) with what the trial point v misses, in comparable units, r with its results."""
    cooling = s[ly.S_COOLING] > 0.0
    low = ly.low_cells(cooling, n)
    m, h_line = v[V_FLOW], v[V_H_LINE]
    sat_e, sat_c = sats[ly.E], sats[ly.C]
    tb.saturation(fluid, v[V_P_E], sat_e)
    tb.saturation(fluid, v[V_P_C], sat_c)
    u[ly.SPEED] = v[V_SPEED]
    u[ly.FAN] = fan_fraction(par, v[V_SPEED])
    if s[ly.S_ROOM_FOLLOWS] > 0.0:
        u[ly.INDOOR_FAN] = room_fan_fraction(par, v[V_SPEED])
    outside.conductances(par, w, m, m, n, cooling)
    line, q = ly.at_indoor(cooling, n, n), 0.0
    vessel = w[ly.WET, line] > 0.0 and not cooling
    if vessel:
        h_line, q = _receiver(par, fluid, u, sat_c, w, line, v[V_H_LINE])
    r[R_H_LINE] = h_line
    water = g[G_WATER_OUT]
    if cooling:
        h = _line(par, fluid, u, sat_e, w, n, cooling, m, h_line)
        h, water = _indoor(par, fluid, u, sat_e, w, s, f, n, cooling, m, h, v[V_WATER_IN], r)
    else:
        h = _outdoor(par, fluid, u, sat_e, w, s, f, n, cooling, m, h_line, r)
    short, h = _compressor_side(par, fluid, u, w, s, sats, low, m, h, r)
    if cooling:
        h = _outdoor(par, fluid, u, sat_c, w, s, f, n, cooling, m, h, r)
    else:
        h, r[R_WATER_IN] = _indoor(par, fluid, u, sat_c, w, s, f, n, cooling, m, h, water, r)
        h = h + q / m if vessel else _line(par, fluid, u, sat_c, w, n, cooling, m, h)

    mass = par.acc_volume * tb.state(fluid, sats[ly.S], w[ly.H, low])[2]
    for i in range(w.shape[1]):
        role = ly.E if i < low else (ly.S if i == low else (ly.D if i == low + 1 else ly.C))
        sat, held = sats[role], w[ly.H, i]
        if w[ly.SLIPS, i] > 0.0:
            held += content.offset(
                fluid, sat, sat[tb.SLIP], m, w[ly.IN, i], held, w[ly.T, i], w[ly.OUTER, i],
                w[ly.K_BOIL, i], w[ly.K_COND, i], w[ly.K_VAP, i], w[ly.K_LIQ, i],
            )  # fmt: skip
        mass += w[ly.VOLUME, i] * tb.state(fluid, sat, held)[2]
    if par.oil_mass > 0.0:
        over = sats[ly.S] if par.oil_low_side > 0.0 else sats[ly.D]
        mass += oil.dissolved(par, over[tb.P], oil.beside(par, w[ly.T, low + 1], w[ly.T, low]))
    sat_p, h_suction = sats[ly.SAT_PORT], s[ly.S_H_SUCTION]
    if h_suction > sat_p[tb.H_VAP]:
        superheat = tb.state(fluid, sat_p, h_suction)[0] - sat_p[tb.T_DEW]
    else:
        # Wet: a superheat below zero, at about the heat capacity of the vapour, J/kg/K, leads Newton out.
        superheat = (h_suction - sat_p[tb.H_VAP]) / 1800.0
    # What pump or indoor fan turn into heat belongs to the capacity (EN 14511-3).
    gain = s[ly.S_ROOM_FAN_W] if par.indoor_air > 0.0 else pump_share(par, u[ly.WATER_FLOW])[1]
    power = r[R_INDOOR_Q] + gain
    r[R_POWER] = -power if cooling else power
    r[R_SUPERHEAT], r[R_T_LINE], r[R_CHARGE] = superheat, tb.state(fluid, sat_c, h)[0], mass
    r[R_FAN_W] = outside.fan_power(par, s)
    miss[0] = short / par.indoor_flow_nominal
    miss[1] = (superheat - g[G_SUPERHEAT]) / 10.0
    miss[2] = (h - h_line) / 1e4
    rho = tb.state(fluid, sat_e if cooling else sat_c, w[ly.H, line])[2]
    r[R_LEVEL] = receiver.level(par, sat_e if cooling else sat_c, w[ly.H, line], rho)
    miss[3] = mass / par.charge - 1.0
    miss[4] = (r[R_POWER] - g[G_POWER]) / 5e3 if g[G_BY_POWER] > 0.0 else v[V_SPEED] / g[G_SPEED] - 1.0
    miss[5] = v[V_WATER_IN] / g[G_WATER_OUT] - 1.0
    if cooling and par.indoor_air == 0.0:
        r[R_WATER_IN] = v[V_WATER_IN]
        miss[5] = (water - g[G_WATER_OUT]) / 10.0
