"""True values after a step: what ideal instruments would read."""

from isentrope_sim.components import accumulator, coil, compressor
from isentrope_sim.cycle import books
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit


@njit
def liquid(s: Array, sats: Array) -> float:
    """Liquid mass flow into the compressor, kg/s."""
    if s[ly.S_M_COMP] <= 0.0:
        return 0.0
    sat = sats[ly.SAT_S]
    x = tb.quality(sat, s[ly.S_H_SUCTION])
    return min(max(1.0 - x, 0.0), 1.0) * s[ly.S_M_COMP]


@njit
def fill(
    par: Record,
    fluid: Table,
    u: Array,
    x: Array,
    w: Array,
    s: Array,
    sats: Array,
    f: Array,
    y: Array,
    n: int,
) -> None:
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
    fan_w = s[ly.S_FAN_W]
    water, ice, _enthalpy = coil.stored(f, n * coil.rows_of(par))
    y[ly.Y_P_SUCTION] = p_s
    y[ly.Y_P_DISCHARGE] = x[ly.P_C]
    y[ly.Y_T_SUCTION] = t_suction
    y[ly.Y_T_DISCHARGE] = tb.state(fluid, sat_c, x[shell])[0]
    y[ly.Y_T_LIQUID] = t_line
    y[ly.Y_T_COIL] = w[ly.T_LOW_OLD, 0]
    y[ly.Y_T_WATER_OUT] = w[ly.WATER_OLD, 0]
    y[ly.Y_T_DEW] = sat_s[tb.T_DEW]
    y[ly.Y_SUPERHEAT] = max(t_suction - sat_s[tb.T_DEW], 0.0) if h_suction > sat_s[tb.H_VAP] else 0.0
    y[ly.Y_QUALITY] = tb.quality(sat_s, h_suction)
    y[ly.Y_LIQUID] = liquid(s, sats)
    y[ly.Y_SUBCOOLING] = max(sat_c[tb.T_BUBBLE] - t_line, 0.0)
    y[ly.Y_M_EEV] = s[ly.S_M_EEV]
    y[ly.Y_M_COMP] = s[ly.S_M_COMP]
    y[ly.Y_HEAT] = s[ly.S_WATER_W]
    y[ly.Y_EVAPORATOR] = s[ly.S_AIR_W]
    y[ly.Y_COMPRESSOR] = s[ly.S_COMP_W]
    y[ly.Y_FAN] = fan_w
    y[ly.Y_ELECTRIC] = s[ly.S_COMP_W] + fan_w + par.controls_w + u[ly.CRANKCASE]
    y[ly.Y_H_SUCTION] = h_suction
    y[ly.Y_H_DISCHARGE] = x[shell]
    y[ly.Y_H_LIQUID] = h_line
    y[ly.Y_H_EVAP_IN] = h_line
    y[ly.Y_P_EVAP] = x[ly.P_E]
    y[ly.Y_P_COND] = x[ly.P_C]
    total = books.charge(w, s, n)
    y[ly.Y_CHARGE] = total
    y[ly.Y_ENERGY] = books.energy(par, x, w, s, f, n) - s[ly.S_ENERGY_0] - s[ly.S_ENERGY_IN]
    y[ly.Y_THROUGHPUT] = s[ly.S_THROUGHPUT]
    y[ly.Y_CHARGE_ERROR] = total / s[ly.S_CHARGE_0] - 1.0
    rho_acc = s[ly.S_MASS_ACC_OLD] / par.acc_volume
    y[ly.Y_LEVEL] = accumulator.outlet(par, sat_e, x[ly.H_ACC], rho_acc, 1e-6)[2]
    y[ly.Y_T_SHELL] = x[shell + n + 2]
    y[ly.Y_FROST] = ice
    y[ly.Y_COIL_WATER] = water - ice
    y[ly.Y_AIR_FLOW] = s[ly.S_AIR_FLOW]
    y[ly.Y_SLUG] = s[ly.S_SLUG]
    y[ly.Y_T_EVAP_OUT] = tb.state(fluid, sat_e, x[ly.CELLS + n - 1])[0]
    y[ly.Y_STEPS] = s[ly.S_STEPS]
    y[ly.Y_FALLBACKS] = s[ly.S_FALLBACKS]
