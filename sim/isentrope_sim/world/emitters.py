"""Emitters: radiators, floor heating, fan coils, as cells of water in series.

    cell     C_w dT/dt = m c (T_in - T) - q       q = k (T_mean - T_room)^n      radiator, fan coil
    floor    q = G (T_mean - T_slab),  C_s dT_slab/dt = q - k (T_slab - T_room)^n

- Radiator: n = 1.3, heat as EN 442-2's characteristic equation; `k` is set so that the nominal heat comes out
  at nominal flow and temperatures (as in the Modelica Buildings Library's RadiatorEN442_2). A cell's mean
  lies between inlet and outlet as in an exponential profile, so few cells find the logarithmic mean.
- Floor: basic characteristic curve of EN 1264-2, q = 8.92 W/m2 (T_surface - T_room)^1.1; the resistance
  between water and surface is what the nominal point leaves for it.
- Fan coil: n = 1, proportional to the fan; with the fan off the natural draught remains.

The power law enters a step as its secant k |dT|^(n-1) at the step's start, everything else by backward Euler:
one sweep also when part of the return is mixed into the supply, and energy closes to rounding.
"""

from dataclasses import dataclass

import numpy as np

from isentrope_sim.errors import InputError
from isentrope_sim.jit import Array, njit
from isentrope_sim.world import WATER_J_KG_K, ZERO_C

CELLS = 5
EN1264 = 8.92  # W/m2K^1.1
KINDS = ("floor", "radiator", "fan-coil")

# Columns of `EmitterData.record`.
K, N, G, C_W, C_S, FLOW, STILL, CONVECTIVE, FAN_W = range(9)


@dataclass(frozen=True)
class EmitterData:
    """Emitters of a house at their nominal point.

    Attributes:
        kind: one of `KINDS`.
        nominal_w: heat at `supply_k`, `return_k` and `room_k`.
        exponent: n of the module's law.
        water_kg, metal_j_k: water, and metal at water temperature.
        area_m2, slab_j_k: of a heated floor; 0: none.
        convective: share of the heat that goes to the air.
        still: share of a fan coil's heat with the fan off.
        fan_w: electric power of the fans, all of it heat to the air.
    """

    kind: str
    nominal_w: float
    supply_k: float
    return_k: float
    room_k: float
    exponent: float
    water_kg: float
    metal_j_k: float
    area_m2: float = 0.0
    slab_j_k: float = 0.0
    convective: float = 0.7
    still: float = 1.0
    fan_w: float = 0.0

    @property
    def flow_kg_s(self) -> float:
        """Nominal flow."""
        return self.nominal_w / (WATER_J_KG_K * (self.supply_k - self.return_k))

    def record(self) -> Array:
        """Values of one cell for `advance`.

        Raises:
            InputError: a nominal point that the law cannot meet.
        """
        par = np.zeros(9)
        par[N], par[FLOW], par[STILL] = self.exponent, self.flow_kg_s, self.still
        par[CONVECTIVE], par[FAN_W] = self.convective, self.fan_w
        par[C_W] = (self.water_kg * WATER_J_KG_K + self.metal_j_k) / CELLS
        par[C_S] = self.slab_j_k / CELLS
        if self.slab_j_k > 0.0:
            par[K], column = EN1264 * self.area_m2 / CELLS, G
        else:
            column = K
        low, high = 1e-6, 1e9
        for _ in range(100):  # bisection on a monotone curve, in logarithms
            par[column] = (low * high) ** 0.5
            low, high = (par[column], high) if self._heat(par) < self.nominal_w else (low, par[column])
        if abs(self._heat(par) - self.nominal_w) > 1e-6 * self.nominal_w:
            raise InputError(
                f"{self.kind}: {self.nominal_w:g} W at {self.supply_k - ZERO_C:g}/{self.return_k - ZERO_C:g} "
                f"degC is more than {self.area_m2:g} m2 can give (EN 1264: 8.92 W/m2 dT^1.1)"
            )
        return par

    def _heat(self, par: Array) -> float:
        """Heat, W, at rest at nominal flow and supply: the sweep with its capacities left behind."""
        water, slab = np.full(CELLS, self.supply_k), np.full(CELLS, self.supply_k)
        heat = np.zeros(3)
        for _ in range(60):  # the secant of the power law settles by its own contraction
            advance(water, slab, par, par[FLOW], 1.0, self.supply_k, self.room_k, 1.0, 1e12, heat)
        return float(heat[0])


def rest(par: Array, heat_w: float, room_k: float) -> tuple[float, float]:
    """(water, slab) temperature, K, of cells that give `heat_w` in all, the fan at full speed."""
    each = heat_w / CELLS
    emitting = room_k + (each / par[K]) ** (1.0 / par[N])
    return (emitting + each / par[G], emitting) if par[C_S] > 0.0 else (emitting, emitting)


def preset(kind: str, nominal_w: float, floor_m2: float, room_k: float) -> EmitterData:
    """Usual emitters of a kind for a house of `floor_m2` and design heat `nominal_w`, W.

    Floor 35/30 degC, 65 mm of screed (130 kJ/m2K) on 85 % of the floor, 0.13 l a m of 16 mm pipe at 150 mm
    spacing; radiators 55/45, steel panels with 4.5 kg of water and 20 kg of steel a kW at 75/65 scaled to
    here by 2; fan coils 45/40, 1.5 kg a kW and 8 W of fan a kW. Sizes are the project's own choice.

    Raises:
        InputError: unknown kind.
    """
    kilowatts = nominal_w / 1e3
    c = ZERO_C
    if kind == "floor":
        area = 0.85 * floor_m2
        return EmitterData(
            kind, nominal_w, 35 + c, 30 + c, room_k, 1.1, 0.87 * area, 0.0, area, 130e3 * area, convective=0.5
        )
    if kind == "radiator":
        return EmitterData(
            kind, nominal_w, 55 + c, 45 + c, room_k, 1.3, 9 * kilowatts, 40 * kilowatts * 470, convective=0.7
        )
    if kind == "fan-coil":
        return EmitterData(
            kind,
            nominal_w,
            45 + c,
            40 + c,
            room_k,
            1.0,
            1.5 * kilowatts,
            3e3 * kilowatts,
            convective=1.0,
            still=0.1,
            fan_w=8 * kilowatts,
        )
    raise InputError(f"unknown emitter {kind!r}; known: {', '.join(KINDS)}")


@njit
def advance(
    water: Array,
    slab: Array,
    par: Array,
    flow_kg_s: float,
    fresh: float,
    source_k: float,
    room_k: float,
    fan: float,
    dt: float,
    out: Array,
) -> None:
    """Advance all cells by `dt` s.

    Args:
        water, slab: K at the cells' outlets and of the slab, in the order of flow; `slab` only counts if the
            record has one.
        flow_kg_s: through the emitters.
        fresh: share of it, 0..1, that comes from the source; the rest is mixed in from the return.
        source_k, room_k: of the source and of the room.
        fan: 0..1, of a fan coil.
        out: heat to the room, W; supply and return of the step, K.
    """
    n = len(water)
    mc = flow_kg_s * WATER_J_KG_K
    rate, rate_s = par[C_W] / dt, par[C_S] / dt
    has_slab = par[C_S] > 0.0
    k = par[K] * (par[STILL] + (1.0 - par[STILL]) * fan)
    # T_i' = gain T_(i-1)' + own: first along the cells, then the mixing closes the loop.
    cells = np.empty((n, 4))
    along, offset = 1.0, 0.0
    for i in range(n):
        if has_slab:
            emitting = k * abs(slab[i] - room_k) ** (par[N] - 1.0)
            d = rate_s + par[G] + emitting
            passing = par[G] * (1.0 - par[G] / d)
            beyond = par[G] * (rate_s * slab[i] + emitting * room_k) / d
            weight = _weight(par[G], mc)  # the slab of a cell is of one temperature
        else:
            weight = _weight(k * abs(water[i] - room_k) ** (par[N] - 1.0), mc)
            before = water[i - 1] if i > 0 else 2.0 * water[0] - water[1]
            mean = weight * water[i] + (1.0 - weight) * before
            emitting = k * abs(mean - room_k) ** (par[N] - 1.0)
            passing, beyond = emitting, emitting * room_k
            weight = _weight(passing, mc)
        below = rate + mc + passing * weight
        gain = (mc - passing * (1.0 - weight)) / below
        own = (rate * water[i] + beyond) / below
        cells[i, 0], cells[i, 1], cells[i, 2], cells[i, 3] = gain, own, weight, emitting
        along, offset = gain * along, gain * offset + own
    leaving = (along * fresh * source_k + offset) / (1.0 - along * (1.0 - fresh))
    supply = fresh * source_k + (1.0 - fresh) * leaving
    entering, heat = supply, 0.0
    for i in range(n):
        weight, emitting = cells[i, 2], cells[i, 3]
        water[i] = cells[i, 0] * entering + cells[i, 1]
        mean = weight * water[i] + (1.0 - weight) * entering
        if has_slab:
            d = rate_s + par[G] + emitting
            slab[i] = (rate_s * slab[i] + par[G] * mean + emitting * room_k) / d
            mean = slab[i]
        heat += emitting * (mean - room_k)
        entering = water[i]
    out[0], out[1], out[2] = heat, supply, entering


@njit
def _weight(conductance: float, mc: float) -> float:
    """Share of the outlet in a cell's mean temperature: 1/2 in a fast flow, 1 at rest.

    1 / (1 - exp(-x)) - 1 / x with x = conductance / mc, for which the steady cell has the exponential
    profile of the exact solution.
    """
    x = conductance / mc if mc > 0.0 else np.inf
    if x < 1e-3:
        return 0.5 + x / 12.0
    return -1.0 / np.expm1(-x) - (1.0 / x if x < np.inf else 0.0)
