"""What is outside the refrigerant: air over the outdoor coil, water or room air at the indoor exchanger.

It fills each wall's STAR and G, its temperature and conductance without the refrigerant, and the
refrigerant's own conductances. A wall solves C (Tw' - Tw)/dt = G_outer (T_outer - Tw') - Q, so star = (C/dt
Tw + G T)/(C/dt + G), g = C/dt + G. A coil's heat is linearised by `coil.respond`; water is predicted with its
own inflow. OUTER, from which a cell draws its profile, is G without the latent part, which jumps
where dew or frost sets in (no steady point would be found there); it stays 0 for pipes and shell, one mixed
state each.
"""

from isentrope_sim.components import air, coil, receiver, surface
from isentrope_sim.cycle import layout as ly
from isentrope_sim.jit import Array, Record, njit

CP_WATER = 4186.0  # J/kg/K


@njit
def geometry(par: Record, w: Array, n: int, cooling: bool) -> None:
    """Volume, wall capacity and slip of every cell of the chain in this direction."""
    w[ly.SLIPS, :] = 1.0
    for i in range(n):
        o = ly.at_outdoor(cooling, i, n)
        w[ly.VOLUME, o] = par.outdoor_volume / n
        w[ly.CAPACITY, o] = par.outdoor_wall_capacity / n
        j = ly.at_indoor(cooling, i, n)
        w[ly.VOLUME, j] = par.indoor_volume / n
        w[ly.CAPACITY, j] = par.indoor_wall_capacity / n
    low = ly.low_cells(cooling, n)
    line = ly.at_indoor(cooling, n, n)
    w[ly.VOLUME, low], w[ly.CAPACITY, low] = par.suction_line_volume, par.suction_line_capacity
    w[ly.VOLUME, low + 1], w[ly.CAPACITY, low + 1] = par.shell_volume, par.shell_capacity
    w[ly.VOLUME, line], w[ly.CAPACITY, line] = par.liquid_line_volume, par.liquid_line_capacity
    # Pipes and the shell are no exchangers: what lies in them leaves as it is.
    w[ly.SLIPS, low] = w[ly.SLIPS, low + 1] = w[ly.SLIPS, line] = 0.0
    w[ly.DRY, :] = w[ly.WET, :] = 0.0
    w[ly.DRY, line], w[ly.WET, line] = receiver.limits(par)


@njit
def _scale(flow: float, nominal: float, exponent: float, floor: float) -> float:
    return max((abs(flow) / nominal) ** exponent, floor)


@njit
def _set(w: Array, i: int, boil: float, cond: float, vap: float, liq: float) -> None:
    w[ly.K_BOIL, i] = boil
    w[ly.K_COND, i] = cond
    w[ly.K_VAP, i] = vap
    w[ly.K_LIQ, i] = liq


@njit
def conductances(par: Record, w: Array, m_low: float, m_high: float, n: int, cooling: bool) -> None:
    """Refrigerant-side conductances, W/K, at the flows, kg/s, of the evaporating and the condensing side.

    Nominal values scale with flow: turbulent vapour and liquid by 0.8 (Dittus and Boelter), two-phase flow by
    the machine's exponents. The floor of 0.1 is pool boiling, film condensation and free convection at rest.
    """
    m_out, m_in = (m_high, m_low) if cooling else (m_low, m_high)
    f = _scale(m_out, par.outdoor_flow_nominal, 0.8, 0.1) / n
    boil = (
        par.outdoor_boiling_ua
        / n
        * _scale(m_out, par.outdoor_flow_nominal, par.outdoor_boiling_exponent, 0.1)
    )
    cond = (
        par.outdoor_condensing_ua / n
        * _scale(m_out, par.outdoor_flow_nominal, par.outdoor_condensing_exponent, 0.1)
    )  # fmt: skip
    for i in range(n):
        o = ly.at_outdoor(cooling, i, n)
        _set(w, o, boil, cond, par.outdoor_vapour_ua * f, par.outdoor_liquid_ua * f)
    f = _scale(m_in, par.indoor_flow_nominal, 0.8, 0.1) / n
    boil = par.indoor_boiling_ua / n * _scale(m_in, par.indoor_flow_nominal, par.indoor_boiling_exponent, 0.1)
    cond = (
        par.indoor_condensing_ua / n
        * _scale(m_in, par.indoor_flow_nominal, par.indoor_condensing_exponent, 0.1)
    )  # fmt: skip
    for i in range(n):
        j = ly.at_indoor(cooling, i, n)
        _set(w, j, boil, cond, par.indoor_vapour_ua * f, par.indoor_liquid_ua * f)
    k = par.liquid_line_ua * f * n
    _set(w, ly.at_indoor(cooling, n, n), k, k, k, k)
    # Pipes and shell keep their side of the compressor, whichever exchanger that is.
    low = ly.low_cells(cooling, n)
    k = par.suction_line_ua * _scale(m_low, par.outdoor_flow_nominal, 0.8, 0.1)
    # Wet walls of the pipe transfer some five times as much as gas does (own choice: as coil and plate do).
    wet = (
        5.0 * par.suction_line_ua * _scale(m_low, par.outdoor_flow_nominal, par.outdoor_boiling_exponent, 0.1)
    )
    _set(w, low, wet, wet, k, wet)
    k = par.shell_gas_ua * _scale(m_high, par.indoor_flow_nominal, 0.8, 0.1)
    _set(w, low + 1, k, k, k, k)


@njit
def outdoor_humidity(u: Array) -> float:
    """Humidity ratio of the outdoor air."""
    return air.humidity_ratio(u[ly.OUTDOOR_RH] * air.water_vapour_pressure(u[ly.OUTDOOR]))


@njit
def room_humidity(u: Array) -> float:
    """Humidity ratio of the room's air."""
    return air.humidity_ratio(u[ly.INDOOR_RH] * air.water_vapour_pressure(u[ly.INDOOR]))


@njit
def room_coil(par: Record, f: Array, n: int) -> Array:
    """The indoor coil's part of f, whose patches follow the outdoor coil's."""
    return f[:, n * coil.rows_of(par) :]


@njit
def fan_power(par: Record, s: Array) -> float:
    """Electric power of the outdoor fan and, over a coil in room air, of the indoor fan, W."""
    watts = s[ly.S_FAN_W]
    if par.indoor_air > 0.0:
        watts += s[ly.S_ROOM_FAN_W]
    return float(watts)


@njit
def water_conductance(par: Record, flow: float, n: int) -> float:
    """Wall to water of one indoor cell, W/K; free convection keeps 5 % when the pump stands."""
    return par.water_ua / n * _scale(flow, par.water_flow_nominal, par.water_exponent, 0.05)


@njit
def wall(w: Array, i: int, inv_dt: float, g: float, t: float) -> None:
    """STAR and G of chain cell i, whose wall is joined by g, W/K, to something at t, K."""
    c = w[ly.CAPACITY, i] * inv_dt
    w[ly.WALL_C, i] = c
    w[ly.G, i] = c + g
    w[ly.OUTER, i] = 0.0
    w[ly.STAR, i] = (c * w[ly.T_OLD, i] + g * t) / (c + g)


@njit
def coil_walls(
    par: Record, w: Array, f: Array, n: int, inv_dt: float, first: int, step: int, t_air: float, w_air: float
) -> None:
    """The same of a coil's cells, chain positions first, first + step, ..., after `coil.air_flow`."""
    for i in range(n):
        f[coil.F_WALL, i] = w[ly.T_OLD, first + i * step]
    coil.respond(par, f, n, inv_dt, t_air, w_air, w[ly.CAPACITY, first])
    for i in range(n):
        o = first + i * step
        c = w[ly.CAPACITY, o] * inv_dt
        slope = f[coil.F_CELL_SLOPE, i]
        w[ly.WALL_C, o] = c
        w[ly.G, o] = c - slope
        w[ly.OUTER, o] = coil.sensible_conductance(par, f, i)
        w[ly.STAR, o] = (c * w[ly.T_OLD, o] + f[coil.F_CELL_Q, i] - slope * f[coil.F_AT, i]) / (c - slope)


@njit
def pipes(par: Record, u: Array, w: Array, n: int, cooling: bool, inv_dt: float) -> None:
    """Suction line, shell and liquid line, all in outdoor air."""
    low = ly.low_cells(cooling, n)
    wall(w, low, inv_dt, par.suction_line_ambient, u[ly.OUTDOOR])
    wall(w, low + 1, inv_dt, par.shell_ambient, u[ly.OUTDOOR])
    wall(w, ly.at_indoor(cooling, n, n), inv_dt, par.liquid_line_ambient, u[ly.OUTDOOR])


@njit
def streams(w: Array, n: int, cooling: bool, flow_c: float) -> None:
    """STREAM of the indoor cells: the water, m cp in W/K, runs against the refrigerant while heating."""
    way = 1.0 if cooling else -1.0
    w[ly.STREAM, :] = 0.0
    for i in range(n):
        w[ly.STREAM, ly.at_indoor(cooling, i, n)] = way / flow_c if flow_c > 0.0 else 0.0


@njit
def walls(par: Record, u: Array, w: Array, s: Array, f: Array, n: int, cooling: bool, inv_dt: float) -> None:
    """STAR and G of every wall for a step of 1 / inv_dt from the old state; the coils' in f (`coil`)."""
    step = -1 if cooling else 1
    s[ly.S_AIR_FLOW], s[ly.S_FAN_W] = coil.air_flow(par, u[ly.FAN], u[ly.OUTDOOR], f, n)
    first = ly.at_outdoor(cooling, 0, n)
    coil_walls(par, w, f, n, inv_dt, first, step, u[ly.OUTDOOR], outdoor_humidity(u))
    pipes(par, u, w, n, cooling, inv_dt)
    if par.indoor_air > 0.0:
        fr = room_coil(par, f, n)
        s[ly.S_ROOM_FLOW], s[ly.S_ROOM_FAN_W] = coil.air_flow(par.room, u[ly.INDOOR_FAN], u[ly.INDOOR], fr, n)
        first = ly.at_indoor(cooling, 0, n)
        coil_walls(par.room, w, fr, n, inv_dt, first, step, u[ly.INDOOR], room_humidity(u))
        return
    flow_c = u[ly.WATER_FLOW] * CP_WATER
    storage = par.water_volume / n * 1000.0 * CP_WATER * inv_dt
    g_w = water_conductance(par, u[ly.WATER_FLOW], n)
    own = storage + flow_c
    streams(w, n, cooling, flow_c)
    # The wall meets the water's mean temperature along the cell, not its outlet's.
    theta = surface.outlet_share(g_w / flow_c) if flow_c > 0.0 else 1.0
    g_x = g_w * own / (own + theta * g_w)
    for i in range(n):
        upstream = w[ly.WATER_OLD, i + 1] if i < n - 1 else u[ly.WATER_IN]
        t_x = theta * (storage * w[ly.WATER_OLD, i] + flow_c * upstream) / own + (1.0 - theta) * upstream
        j = ly.at_indoor(cooling, i, n)
        wall(w, j, inv_dt, g_x, t_x)
        w[ly.OUTER, j] = g_w


@njit
def heat_in(w: Array, i: int) -> float:
    """Heat, W, from outside into the wall of chain cell i over the step just made."""
    outer = w[ly.G, i] - w[ly.WALL_C, i]
    return w[ly.G, i] * w[ly.STAR, i] - w[ly.WALL_C, i] * w[ly.T_OLD, i] - outer * w[ly.T, i]


@njit
def close(par: Record, u: Array, w: Array, s: Array, f: Array, n: int, cooling: bool, inv_dt: float) -> float:
    """Heat streams of an accepted step into s, frost and water; returns all heat brought in, W."""
    for i in range(n):
        f[coil.F_WALL_NEW, i] = w[ly.T, ly.at_outdoor(cooling, i, n)]
    air_w, vapour, drained, drained_w = coil.settle(
        par,
        f,
        n,
        1.0 / inv_dt,
        u[ly.OUTDOOR],
        outdoor_humidity(u),
        w[ly.CAPACITY, ly.at_outdoor(cooling, 0, n)],
    )
    s[ly.S_VAPOUR_KG] += vapour / inv_dt
    s[ly.S_DRAINED_KG] += drained / inv_dt
    s[ly.S_AIR_W] = air_w
    low = ly.low_cells(cooling, n)
    brought = heat_in(w, low) + heat_in(w, low + 1) + heat_in(w, ly.at_indoor(cooling, n, n))
    brought += air_w - drained_w
    if par.indoor_air > 0.0:
        return brought + _close_room(par, u, w, s, room_coil(par, f, n), n, cooling, inv_dt)
    flow_c = u[ly.WATER_FLOW] * CP_WATER
    storage = par.water_volume / n * 1000.0 * CP_WATER * inv_dt
    upstream = u[ly.WATER_IN]
    for i in range(n - 1, -1, -1):
        q = -heat_in(w, ly.at_indoor(cooling, i, n))
        upstream = (storage * w[ly.WATER_OLD, i] + flow_c * upstream + q) / (storage + flow_c)
        w[ly.WATER, i] = upstream
    s[ly.S_INDOOR_W] = flow_c * (upstream - u[ly.WATER_IN])
    return brought - s[ly.S_INDOOR_W]


@njit
def _close_room(
    par: Record, u: Array, w: Array, s: Array, fr: Array, n: int, cooling: bool, inv_dt: float
) -> float:
    """The indoor coil's streams into s; returns the heat it brought in, W, its condensate's taken off.

    The room's heat is sensible and latent (`coil.moisture`); its condensate's own enthalpy is neither.
    """
    for i in range(n):
        fr[coil.F_WALL_NEW, i] = w[ly.T, ly.at_indoor(cooling, i, n)]
    humidity = room_humidity(u)
    room_w, vapour, drained, drained_w = coil.settle(
        par.room, fr, n, 1.0 / inv_dt, u[ly.INDOOR], humidity, w[ly.CAPACITY, ly.at_indoor(cooling, 0, n)]
    )
    _vapour, latent_w, kept_w = coil.moisture(fr, n * coil.rows_of(par.room))
    s[ly.S_ROOM_VAPOUR_KG] += vapour / inv_dt
    s[ly.S_CONDENSATE_KG] += drained / inv_dt
    s[ly.S_INDOOR_W] = kept_w - room_w
    s[ly.S_INDOOR_LATENT_W] = 0.0 - latent_w
    c_air = s[ly.S_ROOM_FLOW] * air.density(u[ly.INDOOR]) * air.CP_AIR
    # What the fan draws warms the air that it blows.
    sensible_w = room_w - kept_w - latent_w - s[ly.S_ROOM_FAN_W]
    s[ly.S_ROOM_OUT] = u[ly.INDOOR] - sensible_w / c_air
    s[ly.S_ROOM_HUMIDITY] = humidity - vapour * air.CP_AIR / c_air
    return room_w - drained_w
