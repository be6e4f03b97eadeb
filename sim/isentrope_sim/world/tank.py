"""Hot-water tank: stratified layers, charged through a coil inside or a plate exchanger outside.

- Coil: the heat pump's water runs downwards through the layers it passes; in each it approaches the layer as
  1 - exp(-UA / m c).
- Plate: a loading pump runs as much tank water as heating water, bottom to top, counter-flow with
  effectiveness NTU / (1 + NTU); it stands while the heating water is no warmer than the tank's bottom.
- Draw-off: hot water leaves at the top, mains water enters at the bottom and mixes the layers it shoots into.
- Standing loss to the room, conduction through water and wall, buoyancy: `layers`.
"""

from dataclasses import dataclass

import numpy as np

from isentrope_sim.errors import InputError
from isentrope_sim.jit import Array, njit
from isentrope_sim.world import WATER_J_KG_K, layers

# Columns of `TankData.record`.
KG, LOSS, CONDUCTION, UA, COIL_TOP, COIL_END, JET, PLATE = range(8)

WATER_KG_L = 0.99  # at 45 degC
CONDUCTIVITY = 1.2  # W/mK, own choice: water 0.63, and as much again through a steel wall of 2.5 mm
SLENDERNESS = 2.5  # height over diameter, own choice: usual upright tank


@dataclass(frozen=True)
class TankData:
    """A tank.

    Attributes:
        volume_l: water.
        layers: 5 to 40.
        charge: "coil" or "plate".
        ua_w_k: of the coil or plate. 1200 W/K: 3 m2 of coil at 400 W/m2K, a heat-pump tank's (own choice).
        coil_height: share of the height the coil fills, from the bottom.
        standing_loss_w: at 45 K (EN 12897); None: the upper bound of energy class B of EU 812/2013,
            12 + 5.93 V^0.4 with V in litres.
        jet: share of the height that the mains water mixes while it enters. Own choice: a deflector plate.
        sensor: height of the charging sensor, share from the bottom.
    """

    volume_l: float = 250.0
    layers: int = 15
    charge: str = "coil"
    ua_w_k: float = 1200.0
    coil_height: float = 0.6
    standing_loss_w: float | None = None
    jet: float = 0.1
    sensor: float = 0.5

    def record(self) -> Array:
        """Values of one layer for `advance`.

        Raises:
            InputError: an unknown way of charging.
        """
        if self.charge not in ("coil", "plate"):
            raise InputError(f"hot-water tank charged by {self.charge!r}; known: coil, plate")
        n = self.layers
        loss = self.standing_loss_w
        if loss is None:
            loss = 12.0 + 5.93 * self.volume_l**0.4
        diameter = (4.0 * self.volume_l * 1e-3 / (np.pi * SLENDERNESS)) ** (1.0 / 3.0)
        between = CONDUCTIVITY * np.pi / 4.0 * diameter**2 / (SLENDERNESS * diameter / n)
        return np.array(
            [
                self.volume_l * WATER_KG_L / n,
                loss / 45.0 / n,
                between,
                self.ua_w_k,
                n - max(1, round(self.coil_height * n)),
                n,
                n - max(1, round(self.jet * n)),
                self.charge == "plate",
            ]
        )

    @property
    def sensor_layer(self) -> int:
        return min(self.layers - 1, int((1.0 - self.sensor) * self.layers))


@njit
def substeps(par: Array, charge_kg_s: float, tap_kg_s: float, dt: float) -> int:
    """Substeps that `advance` needs for `dt` s."""
    if par[PLATE] == 1.0:
        return layers.substeps(par[KG], max(charge_kg_s, tap_kg_s), 0.0, dt)
    per_layer = min(par[UA] / (par[COIL_END] - par[COIL_TOP]), charge_kg_s * WATER_J_KG_K)
    return layers.substeps(par[KG], tap_kg_s, per_layer, dt)


@njit
def advance(
    t: Array,
    par: Array,
    charge_kg_s: float,
    charge_k: float,
    tap_kg_s: float,
    cold_k: float,
    ambient_k: float,
    dt: float,
    out: Array,
) -> None:
    """One substep.

    Args:
        t: layers, K, top first.
        charge_kg_s, charge_k: heating water to the exchanger.
        tap_kg_s, cold_k: drawn at the top, and the mains water that follows it.
        out: heating water back, K; heat from it, W; standing loss, W; temperature of the drawn water, K.
    """
    n = len(t)
    back, heat = charge_k, 0.0
    load_kg_s, load_k = 0.0, 0.0
    if charge_kg_s > 0.0:
        mc = charge_kg_s * WATER_J_KG_K
        if par[PLATE] == 1.0:
            ntu = par[UA] / mc
            approach = charge_k - t[n - 1]
            if approach > 0.0:
                heat = mc * approach * ntu / (1.0 + ntu)
                load_kg_s, load_k = charge_kg_s, t[n - 1] + heat / mc
        else:
            first, end = int(par[COIL_TOP]), int(par[COIL_END])
            effectiveness = 1.0 - np.exp(-par[UA] / (end - first) / mc)
            for i in range(first, end):
                given = mc * (back - t[i]) * effectiveness
                t[i] += given * dt / (par[KG] * WATER_J_KG_K)
                back -= given / mc
                heat += given
        back = charge_k - heat / mc
    out[0], out[1] = back, heat
    out[3] = t[0]
    out[2] = layers.advance(
        t, par[KG], load_kg_s, load_k, tap_kg_s, cold_k, ambient_k, par[LOSS], par[CONDUCTION], dt
    )
    if tap_kg_s > 0.0:
        layers.blend(t, int(par[JET]), n)
        layers.settle(t)
