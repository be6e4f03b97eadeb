"""What lies on one patch of fins: frost, ice and water, with its mass, its enthalpy and the frost's
thickness.

The enthalpy, J, counts from liquid water at 0 degC, so phase and temperature follow from enthalpy and mass
alone: all ice below -M L, a mixture at 0 degC between -M L and 0, all water above. Melting, the freezing of
water that stayed behind and the freezing of dew need no case of their own.

Frost grows from vapour. Part of it diffuses into the layer and makes it denser, the rest makes it thicker
(Jones and Parker, J. Heat Transfer 97 (1975)); what makes it thicker has the density of Hermes, Piucco,
Barbosa and Melo, Exp. Therm. Fluid Sci. 33 (2009), which falls as the surface gets colder.
"""

from math import exp

from isentrope_sim.jit import njit

ZERO = 273.15  # K
FUSION = 0.3336e6  # J/kg at 0 degC
C_ICE, C_WATER = 2100.0, 4187.0  # J/kg/K
RHO_ICE = 917.0  # kg/m3

# Resistance of a layer of no thickness, m2 K/W, own choice: 0.03 % of the air's, so that a bare fin keeps its
# own.
CONTACT = 1e-5
# First crystals, kg/m3: Na and Webb, Int. J. Heat Mass Transfer 47 (2004), start from 30.
RHO_FIRST = 30.0
# Share of the vapour that can at most go into the layer (own choice: a layer that takes all would never
# grow).
DENSIFYING = 0.95
TORTUOSITY = 1.1  # Na and Webb 2004


@njit
def conductivity(rho: float) -> float:
    """Of frost, W/m/K, from its density, kg/m3 (Lee, Jhee and Lee 1994: walls -30 to -5 degC, 1 to 5 m/s)."""
    return 0.132 + 3.13e-4 * rho + 1.6e-7 * rho * rho


@njit
def new_density(t_surface: float, t_wall: float) -> float:
    """Density, kg/m3, of frost that grows on a layer with these temperatures, K (Hermes and others 2009).

    Measured with plates of -15 to -5 degC in air of 16 to 22; held between first crystals and 600 kg/m3.
    """
    rho = 207.3 * exp(0.266 * (t_surface - ZERO) - 0.0615 * (t_wall - ZERO))
    return min(max(rho, RHO_FIRST), 600.0)


@njit
def half_conductance(area: float, ice: float, thickness: float) -> float:
    """Conductance, W/K, of half the layer, m, of `ice`, kg, on an area, m2; of a bare fin, CONTACT alone.

    Water lies in drops and bridges and adds no resistance (own choice: wet coils transfer as well as dry
    ones).
    """
    if thickness <= 0.0:
        return area / CONTACT
    return area / (CONTACT + 0.5 * thickness / conductivity(ice / (area * thickness)))


@njit
def ice_mass(mass: float, enthalpy: float) -> float:
    """Ice, kg, in a deposit of this mass, kg, and enthalpy, J."""
    return min(max(-enthalpy / FUSION, 0.0), mass)


@njit
def temperature(mass: float, enthalpy: float) -> float:
    """Of a deposit, K; ZERO if there is none."""
    if mass <= 0.0:
        return ZERO
    if enthalpy > 0.0:
        return ZERO + enthalpy / (mass * C_WATER)
    return ZERO + min(enthalpy + mass * FUSION, 0.0) / (mass * C_ICE)


@njit
def inward(t_surface: float, humidity_slope: float, density_air: float, rho: float, flux: float) -> float:
    """Vapour that diffuses from the surface into the layer, kg/m2/s.

    humidity_slope: d(saturated humidity ratio)/dT at the surface, 1/K, times density_air, kg/m3, the slope of
    vapour density; rho: the layer's density; flux: heat through the surface, W/m2, which with the
    conductivity gives the temperature gradient. Diffusivity of water in air 2.26e-5 m2/s at 0 degC with
    T^1.81.
    """
    porosity = 1.0 - min(rho, RHO_ICE) / RHO_ICE
    diffusivity = 2.26e-5 * (t_surface / ZERO) ** 1.81 * porosity / TORTUOSITY
    return diffusivity * density_air * humidity_slope * max(flux, 0.0) / conductivity(rho)


@njit
def thickness(
    old: float, area: float, ice_old: float, ice: float, deposited: float, into_layer: float, rho_new: float
) -> float:
    """Thickness, m, after a step that changed the ice from ice_old to ice, kg.

    deposited: kg of vapour that came in the step, of which `into_layer` only made it denser; water that froze
    fills pores. Melting and sublimation take the layer away at its density.
    """
    if ice <= 0.0:
        return 0.0
    if ice >= ice_old:
        grown = min(max(deposited, 0.0), ice - ice_old)
        share = 1.0 - min(into_layer / deposited, DENSIFYING) if deposited > 0.0 else 0.0
        return max(old + grown * share / (area * rho_new), ice / (area * RHO_ICE))
    return old * ice / ice_old
