"""Inverter compressor, semi-physical: suction heating, swept volume, re-expansion, a leak, losses, drive.

    heat   q = (1 - exp(-NTU)) c_p (T_shell - T_s),  NTU = NTU_nominal (m / m_nominal)^-0.2
    flow   m = V n rho_1 (1 - c (PR^(1/kappa) - 1)) - A_leak sqrt(2 rho_d dp)    (floored), 1: heated by q
    power  P = V n rho_1 (dh_s + w) / eta_i + n (E_0 + c_p V dp + c_v n),  P_motor = P / eta_m, and inverter

Dry friction and oil shearing cost energy a revolution, so they weigh most where a revolution moves little
gas. Suction gas takes heat from the hot parts round it, more the hotter the discharge is. A scroll compresses
by its built-in volume ratio whatever the pressures are: w. (Winandy, Saavedra and Lebrun, Applied Thermal
Engineering 22 (2002), semi-empirical scroll model: the same split; Molinaroli, Joppolo and De Antonellis,
Int. J. Refrigeration 79 (2017), of rolling pistons.) The leak path stays when the machine stands: it is what
equalises the pressures.
"""

from math import exp, sqrt

from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit


@njit
def leak(area: float, rho: float, dp: float) -> float:
    """Leakage, kg/s, discharge to suction; linear within +/- 2 kPa: equal pressures are a smooth rest."""
    return area * sqrt(2.0 * rho) * dp / (dp * dp + 4.0e6) ** 0.25


@njit
def suction_drop(par: Record, rho: float, n: float) -> float:
    """Pressure drop, Pa, of coil outlet, line and accumulator at speed n, 1/s: quadratic in volume flow."""
    ratio = n / par.suction_drop_rps
    return par.suction_drop * ratio * ratio * rho / par.suction_drop_rho


@njit
def suction_heating(
    par: Record, fluid: Table, sat_s: Array, h_s: float, m: float, t: float, t_wall: float
) -> float:
    """Heat, J/kg, that a flow m, kg/s, of suction gas at t, K, takes from a wall at t_wall, K.

    Turbulent: the conductance grows with m^0.8. Wet gas takes it at its saturation temperature, as much as
    dry gas would.
    """
    cp = 1.0 / tb.vapour(fluid, sat_s, max(h_s, sat_s[tb.H_VAP]))[1]
    ntu = par.suction_ntu * (m / par.outdoor_flow_nominal) ** -0.2
    return (1.0 - exp(-ntu)) * cp * (t_wall - t)


@njit
def built_in_work(par: Record, p_s: float, rho: float, ratio: float) -> float:
    """Work, J/kg, beyond the isentropic one that a built-in volume ratio costs at a pressure ratio.

    Gas is compressed to Vi times its density, then meets the line's pressure at that volume: too much is done
    at small ratios, back flow is pushed out at large ones. Perfect gas of the exponent kappa; never
    negative, nothing at PR = Vi^kappa. 0 of a compressor whose valve opens at the line's pressure.
    """
    vi, k = par.volume_ratio, par.kappa
    if vi <= 0.0:
        return 0.0
    c = k / (k - 1.0)
    fixed = c * (vi ** (k - 1.0) - 1.0) + (ratio - vi**k) / vi
    ideal = c * (ratio ** (1.0 / c) - 1.0)
    return p_s / rho * max(fixed - ideal, 0.0)


@njit
def compress(
    par: Record,
    fluid: Table,
    sat_s: Array,
    sat_d: Array,
    p_s: float,
    p_d: float,
    h_s: float,
    rho_d: float,
    t_wall: float,
    n: float,
) -> tuple[float, float, float, float, float, float, float]:
    """One compressor state: (m, m_pumped, gas_w, loss_w, electric_w, isentropic_j_kg, heating_w).

    p_s, p_d: pressures, Pa, at its ports (records sat_s, sat_d belong to them); h_s: suction enthalpy;
    rho_d: discharge density; t_wall: of the shell, K; n: speed, 1/s. m: net mass flow, kg/s (negative when it
    stands and leaks); gas_w: indicated work, W; loss_w: friction and motor heat, W; electric_w: at the
    inverter's input; isentropic_j_kg: from the suction port's state; heating_w: what the gas takes from the
    shell before it is compressed, W.
    """
    m_leak = leak(par.leak_area, rho_d, p_d - p_s)
    if n <= 0.0:
        return -m_leak, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    ratio = max(p_d / p_s, 1.0)
    filling = max(1.0 - par.clearance * (ratio ** (1.0 / par.kappa) - 1.0), par.volumetric_floor)
    # No compressor pumps below this: fades out so that a pump-down ends in a low pressure, not in none.
    fade = min(max((p_s - par.p_vacuum) / par.p_vacuum, 0.0), 1.0)
    drawn = par.displacement * n * filling * fade
    t, _slope, rho = tb.state(fluid, sat_s, h_s)
    heat, h_1 = 0.0, h_s
    if par.suction_ntu > 0.0 and drawn > 0.0:
        # The flow that is heated is taken before heating: it enters the NTU with its fifth root only.
        heat = suction_heating(par, fluid, sat_s, h_s, drawn * min(rho, par.rho_suction_max), t, t_wall)
        h_1 = h_s + heat
        rho = tb.state(fluid, sat_s, h_1)[2]
    # Liquid: what a shell can draw is bounded; the slug index tells of it.
    rho = min(rho, par.rho_suction_max)
    pumped = drawn * rho
    m = pumped - m_leak
    h_is = tb.enthalpy_of_entropy(fluid, sat_d, tb.entropy(fluid, sat_s, h_s))
    work = max(h_is - h_s, 0.0)
    inner = work
    if h_1 != h_s:
        inner = max(tb.enthalpy_of_entropy(fluid, sat_d, tb.entropy(fluid, sat_s, h_1)) - h_1, 0.0)
    gas = pumped * (inner + built_in_work(par, p_s, rho, ratio)) / par.indicated_efficiency
    friction = n * (
        par.loss_per_rev + par.loss_per_dp * par.displacement * max(p_d - p_s, 0.0) + par.loss_viscous * n
    )
    shaft = gas + friction
    motor = shaft / (par.motor_efficiency * par.efficiency_multiplier)
    electric = motor / par.inverter_efficiency + par.inverter_w
    return m, pumped, gas, motor - gas, electric, work, pumped * heat
