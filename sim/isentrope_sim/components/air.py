"""Moist air over the coil: psychrometrics, and the exchange with a surface of one temperature.

Effectiveness 1 - exp(-NTU). Vapour follows by the Lewis analogy (Chilton and Colburn 1934, Le^(2/3) = 0.90
for water in air), with the NTU of mass transfer larger by its inverse. What happens on the surface belongs to
`frost`.
"""

from math import exp

from isentrope_sim.jit import njit

CP_AIR = 1006.0  # J/kg/K
PRESSURE = 101325.0  # Pa
LEWIS = 1.0 / 0.90
EVAPORATION = 2.501e6  # J/kg at 0 degC
CP_VAPOUR = 1860.0  # J/kg/K


@njit
def saturated_vapour_pressure(t: float) -> float:
    """Pa over water or, below 273.15 K, ice; Magnus form, Sonntag, Z. Meteorologie 70 (1990)."""
    c = t - 273.15
    if c >= 0.0:
        return 611.2 * exp(17.62 * c / (243.12 + c))
    return 611.2 * exp(22.46 * c / (272.62 + c))


@njit
def water_vapour_pressure(t: float) -> float:
    """Pa over water at any T, the base of a weather service's relative humidity."""
    c = t - 273.15
    return 611.2 * exp(17.62 * c / (243.12 + c))


@njit
def humidity_ratio(pressure: float) -> float:
    """kg of water per kg of dry air from the vapour's partial pressure, Pa."""
    return 0.62198 * pressure / (PRESSURE - pressure)


@njit
def density(t: float) -> float:
    """kg/m3 of air at T, K."""
    return PRESSURE / (287.05 * t)


@njit
def saturated_humidity(t: float) -> tuple[float, float]:
    """(humidity ratio of air saturated over water or ice at T, its derivative in T, 1/K)."""
    c = t - 273.15
    a, b = (17.62, 243.12) if c >= 0.0 else (22.46, 272.62)
    p = 611.2 * exp(a * c / (b + c))
    w = humidity_ratio(p)
    return w, w * a * b / (b + c) ** 2 * PRESSURE / (PRESSURE - p)


@njit
def vapour_enthalpy(t: float) -> float:
    """Of water vapour at T, J/kg, from liquid at 0 degC."""
    return EVAPORATION + CP_VAPOUR * (t - 273.15)


@njit
def exchange(ua: float, c_air: float) -> tuple[float, float]:
    """(sensible conductance W/K, vapour conductance kg/s), air inlet to surface.

    ua: sensible conductance of the film, W/K; c_air: heat capacity flow, W/K. Heat is the first times the
    difference of temperatures, vapour the second times that of humidity ratios: the air leaves at most
    saturated at the surface.
    """
    ntu = ua / c_air
    return c_air * (1.0 - exp(-ntu)), c_air / CP_AIR * (1.0 - exp(-LEWIS * ntu))
