"""Inverter compressor, semi-physical: swept volume, re-expansion, one leak path, losses, drive.

    flow   m = V n rho_s (1 - c (PR^(1/kappa) - 1)) - A_leak sqrt(2 rho_d dp)        (floored)
    power  P = V n rho_s dh_s / eta_i + n (E_0 + c_p V dp + c_v n),  P_motor = P / eta_m, plus the inverter

Dry friction and oil shearing cost energy a revolution, so they weigh most where a revolution moves little gas
(Winandy, Saavedra and Lebrun, Int. J. Refrigeration 25 (2002), semi-empirical scroll model: same split of
losses). The leak path stays when the machine stands: it is what equalises the pressures.
"""

from math import sqrt

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
def compress(
    par: Record,
    fluid: Table,
    sat_s: Array,
    sat_d: Array,
    p_s: float,
    p_d: float,
    h_s: float,
    rho_d: float,
    n: float,
) -> tuple[float, float, float, float, float, float]:
    """One compressor state: (m, m_pumped, gas_w, loss_w, electric_w, isentropic_j_kg).

    p_s, p_d: pressures, Pa, at its ports (records sat_s, sat_d belong to them); h_s: suction enthalpy;
    rho_d: discharge density; n: speed, 1/s. m: net mass flow, kg/s (negative when it stands and leaks);
    gas_w: indicated work, W; loss_w: friction and motor heat, W; electric_w: at the inverter's input.
    """
    m_leak = leak(par.leak_area, rho_d, p_d - p_s)
    if n <= 0.0:
        return -m_leak, 0.0, 0.0, 0.0, 0.0, 0.0
    rho = tb.state(fluid, sat_s, h_s)[2]
    if rho > par.rho_suction_max:
        # Liquid: what a shell can draw is bounded; the slug index tells of it.
        rho = par.rho_suction_max
    ratio = max(p_d / p_s, 1.0)
    swept = par.displacement * n * rho
    filling = max(1.0 - par.clearance * (ratio ** (1.0 / par.kappa) - 1.0), par.volumetric_floor)
    # No compressor pumps below this: fades out so that a pump-down ends in a low pressure, not in none.
    fade = min(max((p_s - par.p_vacuum) / par.p_vacuum, 0.0), 1.0)
    pumped = swept * filling * fade
    m = pumped - m_leak
    h_is = tb.enthalpy_of_entropy(fluid, sat_d, tb.entropy(fluid, sat_s, h_s))
    work = max(h_is - h_s, 0.0)
    gas = pumped * work / par.indicated_efficiency
    friction = n * (
        par.loss_per_rev + par.loss_per_dp * par.displacement * max(p_d - p_s, 0.0) + par.loss_viscous * n
    )
    shaft = gas + friction
    motor = shaft / (par.motor_efficiency * par.efficiency_multiplier)
    electric = motor / par.inverter_efficiency + par.inverter_w
    return m, pumped, gas, motor - gas, electric, work
