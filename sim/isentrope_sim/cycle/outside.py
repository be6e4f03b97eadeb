"""What is outside the refrigerant: air over the outdoor coil, water or room air at the indoor exchanger.

It fills each wall's STAR and G, its temperature and conductance without the refrigerant, and the
refrigerant's own conductances. A wall solves C (Tw' - Tw)/dt = G_outer (T_outer - Tw') - Q, so star = (C/dt
Tw + G T)/(C/dt + G), g = C/dt + G. Latent heat is linearised at the old wall temperature; water is predicted
with its own inflow. OUTER, from which a cell draws its profile, is G without the latent part, which jumps
where dew or frost sets in (no steady point would be found there); it stays 0 for pipes and shell, one mixed
state each.
"""

from math import exp

from isentrope_sim.components import air, cell, coil
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
def _air_side(
    flow_full: float, fraction: float, natural: float, ua: float, exponent: float, t: float, rh: float
) -> tuple[float, float, float]:
    """(sensible conductance of a whole coil W/K, humidity ratio, heat capacity flow W/K)."""
    share = max(fraction, natural)
    c_air = flow_full * share * air.density(t) * air.CP_AIR
    g = c_air * (1.0 - exp(-ua * share**exponent / c_air))
    return g, air.humidity_ratio(rh * air.water_vapour_pressure(t)), c_air


@njit
def outdoor_humidity(u: Array) -> float:
    """Humidity ratio of the outdoor air."""
    return air.humidity_ratio(u[ly.OUTDOOR_RH] * air.water_vapour_pressure(u[ly.OUTDOOR]))


@njit
def room_air(par: Record, u: Array) -> tuple[float, float, float]:
    """(sensible conductance of the indoor coil W/K, humidity ratio, heat capacity flow W/K) of room air."""
    return _air_side(
        par.room_flow, u[ly.INDOOR_FAN], par.room_natural, par.room_ua, par.room_exponent,
        u[ly.INDOOR], u[ly.INDOOR_RH],
    )  # fmt: skip


@njit
def fan_power(par: Record, u: Array, s: Array) -> float:
    """Electric power of the outdoor fan and, over a coil in room air, of the indoor fan, W."""
    watts = s[ly.S_FAN_W]
    if par.indoor_air > 0.0:
        watts += par.room_fan_w * max(u[ly.INDOOR_FAN], 0.0) ** par.room_fan_exponent
    return watts


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
def air_wall(
    w: Array, i: int, inv_dt: float, g_s: float, c_air: float, w_air: float, t_air: float
) -> tuple[float, float]:
    """The same of a finned cell, sensible conductance g_s; (latent heat W, slope W/K) at the old wall."""
    t = w[ly.T_OLD, i]
    heat, slope = air.latent(g_s, c_air, w_air, t)
    c = w[ly.CAPACITY, i] * inv_dt
    g = c + g_s - slope
    w[ly.WALL_C, i] = c
    w[ly.G, i] = g
    w[ly.OUTER, i] = g_s
    w[ly.STAR, i] = (c * t + g_s * t_air + heat - slope * t) / g
    return heat, slope


@njit
def pipes(par: Record, u: Array, w: Array, n: int, cooling: bool, inv_dt: float) -> None:
    """Suction line, shell and liquid line, all in outdoor air."""
    low = ly.low_cells(cooling, n)
    wall(w, low, inv_dt, par.suction_line_ambient, u[ly.OUTDOOR])
    wall(w, low + 1, inv_dt, par.shell_ambient, u[ly.OUTDOOR])
    wall(w, ly.at_indoor(cooling, n, n), inv_dt, par.liquid_line_ambient, u[ly.OUTDOOR])


@njit
def walls(par: Record, u: Array, w: Array, s: Array, f: Array, n: int, cooling: bool, inv_dt: float) -> None:
    """STAR and G of every wall for a step of 1 / inv_dt from the old state; the coil's in f (`coil`)."""
    s[ly.S_AIR_FLOW], s[ly.S_FAN_W] = coil.air_flow(par, u[ly.FAN], u[ly.OUTDOOR], f, n)
    for i in range(n):
        f[coil.F_WALL, i] = w[ly.T_OLD, ly.at_outdoor(cooling, i, n)]
    coil.respond(par, f, n, inv_dt, u[ly.OUTDOOR], outdoor_humidity(u))
    for i in range(n):
        o = ly.at_outdoor(cooling, i, n)
        c = w[ly.CAPACITY, o] * inv_dt
        slope = f[coil.F_CELL_SLOPE, i]
        w[ly.WALL_C, o] = c
        w[ly.G, o] = c - slope
        w[ly.OUTER, o] = coil.sensible_conductance(par, f, i)
        w[ly.STAR, o] = (c * w[ly.T_OLD, o] + f[coil.F_CELL_Q, i] - slope * f[coil.F_AT, i]) / (c - slope)
    pipes(par, u, w, n, cooling, inv_dt)
    if par.indoor_air > 0.0:
        g_air, w_air, c_air = room_air(par, u)
        for i in range(n):
            j = ly.at_indoor(cooling, i, n)
            w[ly.ROOM_LATENT, i], w[ly.ROOM_SLOPE, i] = air_wall(
                w, j, inv_dt, g_air / n, c_air / n, w_air, u[ly.INDOOR]
            )
        return
    flow_c = u[ly.WATER_FLOW] * CP_WATER
    storage = par.water_volume / n * 1000.0 * CP_WATER * inv_dt
    g_w = water_conductance(par, u[ly.WATER_FLOW], n)
    own = storage + flow_c
    # The wall meets the water's mean temperature along the cell, not its outlet's.
    theta = cell.outlet_share(g_w / flow_c) if flow_c > 0.0 else 1.0
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
        par, f, n, 1.0 / inv_dt, u[ly.OUTDOOR], outdoor_humidity(u)
    )
    s[ly.S_VAPOUR_KG] += vapour / inv_dt
    s[ly.S_DRAINED_KG] += drained / inv_dt
    low = ly.low_cells(cooling, n)
    brought = heat_in(w, low) + heat_in(w, low + 1) + heat_in(w, ly.at_indoor(cooling, n, n))
    latent_w = 0.0
    indoor_w = 0.0
    if par.indoor_air > 0.0:
        for i in range(n):
            j = ly.at_indoor(cooling, i, n)
            indoor_w -= heat_in(w, j)
            latent_w -= w[ly.ROOM_LATENT, i] + w[ly.ROOM_SLOPE, i] * (w[ly.T, j] - w[ly.T_OLD, j])
    else:
        flow_c = u[ly.WATER_FLOW] * CP_WATER
        storage = par.water_volume / n * 1000.0 * CP_WATER * inv_dt
        upstream = u[ly.WATER_IN]
        for i in range(n - 1, -1, -1):
            q = -heat_in(w, ly.at_indoor(cooling, i, n))
            upstream = (storage * w[ly.WATER_OLD, i] + flow_c * upstream + q) / (storage + flow_c)
            w[ly.WATER, i] = upstream
        indoor_w = flow_c * (upstream - u[ly.WATER_IN])
    s[ly.S_AIR_W] = air_w
    s[ly.S_INDOOR_W] = indoor_w
    s[ly.S_INDOOR_LATENT_W] = latent_w
    return brought + air_w - drained_w - indoor_w
