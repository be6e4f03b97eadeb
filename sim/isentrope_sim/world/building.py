"""The building: the five resistances of ISO 13790:2008 (annex C) with a second capacity for the air.

    air      C_a  --- H_ve --- outdoor          ventilation and infiltration
     |  H_is
    surface  (no capacity) --- H_w --- outdoor  windows: no mass
     |  H_ms
    mass     C_m  --- H_em --- outdoor          opaque envelope

ISO 13790 has no capacity at the air; the 10 kJ/m2K of air and furniture are those of ISO 52016-1:2017
(table B.17), so that the room answers within minutes and not at once. H_is = 3.45 A_t, H_ms = 9.1 A_m,
A_t = 4.5 A_f, A_m and C_m by class (table 12). Gains: half of the internal heat and the convective part of
the emitters go to the air, the rest and the sun to surface and mass by area, with the small part through
the windows lost, all as in equations C.1 to C.3.

Backward Euler: two equations, energy closes to rounding for any step.
"""

from dataclasses import dataclass

import numpy as np

from isentrope_sim.errors import InputError
from isentrope_sim.jit import Array, njit

# ISO 13790:2008 table 12: effective mass area over floor area, capacity J/K per m2 of floor.
CLASSES = {
    "very-light": (2.5, 80e3),
    "light": (2.5, 110e3),
    "medium": (2.5, 165e3),
    "heavy": (3.0, 260e3),
    "very-heavy": (3.5, 370e3),
}
AIR_J_K_M2 = 10e3  # ISO 52016-1:2017 table B.17
SURFACE_RATIO = 4.5  # ISO 13790: area of all surfaces facing the room over floor area
H_IS_M2, H_MS_M2 = 3.45, 9.1  # W/m2K, ISO 13790

# Columns of `BuildingData.record`.
H_VE, H_IS, H_W, H_MS, H_EM, C_A, C_M, TO_MASS, TO_SURFACE = range(9)
OUT = ("loss_w", "surface_k", "operative_k")


@dataclass(frozen=True)
class BuildingData:
    """A building by its heat loss and its mass.

    Attributes:
        floor_m2: conditioned floor area.
        mass: one of `CLASSES`.
        heat_loss_w_k: design heat loss per K to the outdoor air, ventilation included.
        ventilation, windows: their shares of it; the rest is opaque. Own choice, typical of a renovated
            house: 30 % and 20 %.
        aperture_m2: effective solar aperture (area x g-value x frame x shading), for the mean of the four
            vertical orientations.
        internal_w: people and appliances; 3 W/m2 is usual for dwellings.
    """

    floor_m2: float = 140.0
    mass: str = "medium"
    heat_loss_w_k: float = 180.0
    ventilation: float = 0.30
    windows: float = 0.20
    aperture_m2: float = 7.0
    internal_w: float = 420.0

    def record(self) -> Array:
        """Conductances (W/K), capacities (J/K) and the shares of radiant gains, for `advance`.

        Raises:
            InputError: a mass class or shares that cannot be, or a loss that the surfaces cannot pass.
        """
        if self.mass not in CLASSES:
            raise InputError(f"building mass {self.mass!r}; known: {', '.join(CLASSES)}")
        area_ratio, mass_j = CLASSES[self.mass]
        a_t, a_m = SURFACE_RATIO * self.floor_m2, area_ratio * self.floor_m2
        opaque = self.heat_loss_w_k * (1.0 - self.ventilation - self.windows)
        h_ms, h_w = H_MS_M2 * a_m, self.heat_loss_w_k * self.windows
        if not 0.0 < opaque < h_ms:
            raise InputError(
                f"building: {opaque:g} W/K through opaque walls; allowed over 0 to {h_ms:g} W/K, "
                "what the inner surfaces of this floor area pass"
            )
        return np.array(
            [
                self.heat_loss_w_k * self.ventilation,
                H_IS_M2 * a_t,
                h_w,
                h_ms,
                1.0 / (1.0 / opaque - 1.0 / h_ms),
                AIR_J_K_M2 * self.floor_m2,
                mass_j * self.floor_m2,
                a_m / a_t,
                1.0 - a_m / a_t - h_w / (H_MS_M2 * a_t),
            ]
        )


@njit
def advance(
    state: Array,
    par: Array,
    outdoor_k: float,
    convective_w: float,
    radiant_w: float,
    dt: float,
    out: Array,
) -> None:
    """Advance air and mass (`state`, K) by `dt` s; `out` as `OUT`: loss, W, surface and operative, K.

    Args:
        convective_w: heat to the air; radiant_w: sun and radiation, before the part that leaves again.
    """
    to_mass, to_surface = par[TO_MASS] * radiant_w, par[TO_SURFACE] * radiant_w
    # Surface: T_s = (H_is T_a + H_ms T_m + H_w T_e + gains) / sum.
    total = par[H_IS] + par[H_MS] + par[H_W]
    fixed = (par[H_W] * outdoor_k + to_surface) / total
    rate_a, rate_m = par[C_A] / dt, par[C_M] / dt
    a11 = rate_a + par[H_VE] + par[H_IS] - par[H_IS] * par[H_IS] / total
    a12 = -par[H_IS] * par[H_MS] / total
    a22 = rate_m + par[H_EM] + par[H_MS] - par[H_MS] * par[H_MS] / total
    b1 = rate_a * state[0] + par[H_VE] * outdoor_k + convective_w + par[H_IS] * fixed
    b2 = rate_m * state[1] + par[H_EM] * outdoor_k + to_mass + par[H_MS] * fixed
    determinant = a11 * a22 - a12 * a12
    air = (b1 * a22 - a12 * b2) / determinant
    mass = (a11 * b2 - a12 * b1) / determinant
    state[0], state[1] = air, mass
    surface = (par[H_IS] * air + par[H_MS] * mass) / total + fixed
    out[0] = (
        par[H_VE] * (air - outdoor_k)
        + par[H_W] * (surface - outdoor_k)
        + par[H_EM] * (mass - outdoor_k)
        + radiant_w
        - to_mass
        - to_surface
    )
    out[1] = surface
    out[2] = 0.3 * air + 0.7 * surface  # ISO 13790 (C.12)


def heat_need(
    par: Array, outdoor_k: float, room_k: float, convective: float, gains: tuple[float, float]
) -> float:
    """Heat, W, that holds the air at `room_k`; at least 0.

    Args:
        convective: share of that heat that goes to the air; gains: convective and radiant gains besides, W.
    """
    none = steady(par, outdoor_k, *gains)[0]
    some = steady(par, outdoor_k, gains[0] + 1e3 * convective, gains[1] + 1e3 * (1.0 - convective))[0]
    return max(0.0, 1e3 * float((room_k - none) / (some - none)))  # the network is linear


def steady(par: Array, outdoor_k: float, convective_w: float, radiant_w: float) -> Array:
    """Air and mass, K, at rest under constant gains."""
    state, out = np.array([outdoor_k, outdoor_k]), np.zeros(len(OUT))
    advance(state, par, outdoor_k, convective_w, radiant_w, 1e15, out)
    return state
