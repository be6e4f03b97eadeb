"""True values after a step: what ideal instruments would read."""

from isentrope_sim.components import accumulator, coil, compressor, receiver
from isentrope_sim.cycle import books, outside
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit


@njit
def liquid(s: Array, sats: Array) -> float:
    """Liquid mass flow into the compressor, kg/s."""
    if s[ly.S_M_COMP] <= 0.0:
        return 0.0
    x = tb.quality(sats[ly.SAT_PORT], s[ly.S_H_SUCTION])
    return min(max(1.0 - x, 0.0), 1.0) * s[ly.S_M_COMP]


@njit
def fill(
    par: Record,
    fluid: Table,
    u: Array,
    w: Array,
    s: Array,
    sats: Array,
    v: Array,
    f: Array,
    y: Array,
    n: int,
) -> None:
    """True values of the last accepted step, in the order of OUTPUT_NAMES."""
    cooling = s[ly.S_COOLING] > 0.0
    low, last = ly.low_cells(cooling, n), w.shape[1] - 1
    for role in range(4):
        tb.saturation(fluid, v[ly.V_START, role], sats[role])
    sat_e, sat_s, sat_d, sat_c = sats[ly.E], sats[ly.S], sats[ly.D], sats[ly.C]
    h_suction = s[ly.S_H_SUCTION]
    rho = tb.state(fluid, sat_s, h_suction)[2]
    p_line = v[ly.V_START, ly.S]
    p_s = max(p_line - compressor.suction_drop(par, rho, u[ly.SPEED]), 0.5 * p_line)
    sat_p = sats[ly.SAT_PORT]
    tb.saturation(fluid, p_s, sat_p)
    t_suction = tb.state(fluid, sat_p, h_suction)[0]
    h_line = w[ly.OUT_OLD, last]
    t_line = tb.state(fluid, sat_c, h_line)[0]
    line = ly.at_indoor(cooling, n, n)
    sat_line = sat_e if cooling else sat_c
    fan_w = outside.fan_power(par, s)
    y[ly.Y_P_SUCTION] = p_s
    y[ly.Y_P_DISCHARGE] = v[ly.V_START, ly.D]
    y[ly.Y_T_SUCTION] = t_suction
    y[ly.Y_T_DISCHARGE] = tb.state(fluid, sat_d, w[ly.H_OLD, low + 1])[0]
    h_pipe = w[ly.OUT_OLD, line] if w[ly.WET, line] > 0.0 else w[ly.H_OLD, line]
    y[ly.Y_T_LIQUID] = tb.state(fluid, sat_line, h_pipe)[0]
    rho = w[ly.MASS_OLD, line] / w[ly.VOLUME, line]
    y[ly.Y_RECEIVER] = receiver.level(par, sat_line, w[ly.H_OLD, line], rho)
    y[ly.Y_T_COIL] = w[ly.T_OLD, ly.at_outdoor(cooling, 0, n)]
    y[ly.Y_T_WATER_OUT] = w[ly.WATER_OLD, 0]
    y[ly.Y_T_DEW] = sat_p[tb.T_DEW]
    y[ly.Y_SUPERHEAT] = max(t_suction - sat_p[tb.T_DEW], 0.0) if h_suction > sat_p[tb.H_VAP] else 0.0
    y[ly.Y_QUALITY] = tb.quality(sat_p, h_suction)
    y[ly.Y_LIQUID] = liquid(s, sats)
    y[ly.Y_SUBCOOLING] = max(sat_c[tb.T_BUBBLE] - t_line, 0.0)
    y[ly.Y_M_EEV] = s[ly.S_M_EEV]
    y[ly.Y_M_COMP] = s[ly.S_M_COMP]
    y[ly.Y_HEAT] = s[ly.S_INDOOR_W]
    y[ly.Y_EVAPORATOR] = s[ly.S_AIR_W]
    y[ly.Y_COMPRESSOR] = s[ly.S_COMP_W]
    y[ly.Y_FAN] = fan_w
    y[ly.Y_ELECTRIC] = s[ly.S_COMP_W] + fan_w + par.controls_w + u[ly.CRANKCASE]
    y[ly.Y_H_SUCTION] = h_suction
    y[ly.Y_H_DISCHARGE] = w[ly.H_OLD, low + 1]
    y[ly.Y_H_LIQUID] = h_line
    y[ly.Y_H_EVAP_IN] = h_line
    y[ly.Y_P_EVAP] = v[ly.V_START, ly.E]
    y[ly.Y_P_COND] = v[ly.V_START, ly.C] + s[ly.S_INERT]
    total = books.charge(w, s)
    y[ly.Y_CHARGE] = total
    y[ly.Y_ENERGY] = books.energy(par, w, s, v, f, n) - s[ly.S_ENERGY_0] - s[ly.S_ENERGY_IN]
    y[ly.Y_THROUGHPUT] = s[ly.S_THROUGHPUT]
    y[ly.Y_CHARGE_ERROR] = (total + s[ly.S_LEAKED_KG]) / s[ly.S_CHARGE_0] - 1.0
    rho_acc = s[ly.S_MASS_ACC_OLD] / par.acc_volume
    y[ly.Y_LEVEL] = accumulator.outlet(par, sat_s, s[ly.S_H_ACC_OLD], rho_acc, 1e-6)[2]
    y[ly.Y_T_SHELL] = w[ly.T_OLD, low + 1]
    water, ice, _enthalpy = coil.stored(f, n * coil.rows_of(par))
    y[ly.Y_FROST] = ice
    y[ly.Y_COIL_WATER] = water - ice
    y[ly.Y_AIR_FLOW] = s[ly.S_AIR_FLOW]
    y[ly.Y_ROOM_OUT], y[ly.Y_ROOM_HUMIDITY] = s[ly.S_ROOM_OUT], s[ly.S_ROOM_HUMIDITY]
    y[ly.Y_ROOM_FLOW], y[ly.Y_CONDENSATE] = s[ly.S_ROOM_FLOW], s[ly.S_CONDENSATE_KG]
    if par.indoor_air > 0.0:
        water, ice, _enthalpy = coil.stored(outside.room_coil(par, f, n), n * coil.rows_of(par.room))
        y[ly.Y_ROOM_WATER], y[ly.Y_ROOM_FROST] = water - ice, ice
    y[ly.Y_SLUG] = s[ly.S_SLUG]
    y[ly.Y_OIL_KG], y[ly.Y_OIL_RELEASE] = s[ly.S_OIL_KG], s[ly.S_OIL_M]
    y[ly.Y_T_OIL], y[ly.Y_FOAM] = s[ly.S_OIL_T], s[ly.S_FOAM]
    if par.oil_mass > 0.0:
        y[ly.Y_DILUTION] = s[ly.S_OIL_KG] / (s[ly.S_OIL_KG] + par.oil_mass)
    y[ly.Y_T_EVAP_OUT] = tb.state(fluid, sat_e, w[ly.OUT_OLD, low - 1])[0]
    y[ly.Y_STEPS] = s[ly.S_STEPS]
    y[ly.Y_FALLBACKS] = s[ly.S_FALLBACKS]
    y[ly.Y_REVERSING] = s[ly.S_Z]
    y[ly.Y_INDOOR_LATENT] = s[ly.S_INDOOR_LATENT_W]
    y[ly.Y_SHORTEST] = s[ly.S_SHORTEST]
