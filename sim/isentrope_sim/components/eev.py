"""Electronic expansion valve: an orifice whose coefficient grows with opening, starved by flash gas.

m = C A sqrt(2 rho dp), C = 1.066 op^0.8006 (T_sc / T_crit)^0.0609: W. Li, Applied Thermal Engineering 53
(2013), fitted on R22, R407C and R410A at 1.5 to 15 K of subcooling. Subcooling is clamped at 1.5 K from
below; with less, and with flash gas, the homogeneous inlet density alone acts. The full-open area A is the
machine's.
"""

from math import sqrt

from isentrope_sim.jit import njit

LI_FACTOR, LI_SUBCOOLING = 1.066, 0.0609


@njit
def flow_per_root(
    opening: float,
    subcooling: float,
    t_crit: float,
    area: float,
    opening_point: float,
    exponent: float,
    leakage: float,
) -> float:
    """Mass flow per sqrt(2 rho dp), m2.

    opening: fraction of full stroke; opening_point: where flow begins, fraction; leakage: flow of
    the shut valve as a fraction of full-open flow; subcooling, K; t_crit, K; area, m2.
    """
    op = min(max((opening - opening_point) / (1.0 - opening_point), 0.0), 1.0)
    c = LI_FACTOR * (min(max(subcooling, 1.5), 15.0) / t_crit) ** LI_SUBCOOLING
    return area * c * (leakage + (1.0 - leakage) * op**exponent)


@njit
def root(rho: float, dp: float) -> float:
    """sqrt(2 rho dp) with the sign of dp, kg/m2/s; linear within +/- 3 kPa: a smooth rest."""
    return sqrt(2.0 * rho) * dp / (dp * dp + 9.0e6) ** 0.25
