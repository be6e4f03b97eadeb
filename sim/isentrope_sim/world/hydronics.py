"""The water circuit of a house: pipes, diverter, buffer, emitters with mixing valve, room, hot-water tank.

    condenser -> flow pipe -> diverter -+-> buffer top    buffer bottom -+-> return pipe -> condenser
                                        +-> tank's exchanger ------------+
    buffer top -> mixing valve -> emitter pump -> emitters -> return: buffer bottom and mixing valve

The buffer is a stratified vessel with four ports, so either pump may run more than the other. The house's own
controls are here, not in the heat pump: a heating curve for the mixing valve, a proportional room thermostat
on the emitters' flow, a thermostat on the tank that turns the diverter.

Everything hands on what it gave: energy closes to rounding whatever the step. Losses of buffer and tank warm
the room. Pipes are mixed volumes by backward Euler and lose nothing.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from isentrope_sim.jit import Array, njit
from isentrope_sim.world import WATER_J_KG_K, ZERO_C, building, emitters, layers, tank
from isentrope_sim.world.building import BuildingData
from isentrope_sim.world.emitters import CELLS, EmitterData
from isentrope_sim.world.tank import TankData

BUFFER_LAYERS = 6
PIPE_KG = 5.0
TRAVEL_S = 10.0  # of the diverter; own choice: between spring return (5 s) and motor valves (30 s)

# Places in the state, before the buffer's layers.
FLOW_PIPE, RETURN_PIPE, WATER_IN, DIVERTER, CHARGING, AIR, MASS = range(7)
_HEAD = ("flow_pipe_k", "return_pipe_k", "water_in_k", "diverter", "charging", "room_k", "mass_k")

OUTPUT_NAMES = (
    "house_heat_w",
    "load_taken_w",
    "house_energy_j",
    "room_k",
    "operative_k",
    "building_loss_w",
    "building_energy_j",
    "gains_w",
    "emitter_heat_w",
    "emitter_fan_w",
    "supply_k",
    "emitter_return_k",
    "emitter_valve",
    "diverter",
    "tank_top_k",
    "tank_sensor_k",
    "tank_bottom_k",
    "tank_heat_w",
    "tank_loss_w",
    "tap_heat_w",
    "tap_k",
    "usable_40_kg",
)
(
    HEAT, TAKEN, ENERGY, ROOM, OPERATIVE, LOSS, B_ENERGY, GAINS, EMITTED, FAN, SUPPLY, RETURN, VALVE, TURNED,
    T_TOP, T_SENSOR, T_BOTTOM, T_HEAT, T_LOSS, TAP_HEAT, TAP_K, USABLE,
) = range(len(OUTPUT_NAMES))  # fmt: skip

INPUTS = (
    "water_out_k", "flow_kg_s", "bath_k", "outdoor_k", "solar_w_m2", "internal_w", "room_setpoint_k",
    "tank_setpoint_k", "tank_charge", "tap_kg_s", "cold_k",
)  # fmt: skip
(
    WATER_OUT, FLOW, BATH, OUTDOOR, SOLAR, INTERNAL, ROOM_SET, TANK_SET, TANK_CHARGE, TAP, COLD,
) = range(len(INPUTS))  # fmt: skip

# Columns of the circuit's own record.
BUFFER_KG, BUFFER_LOSS, DESIGN_OUT, DESIGN_SUPPLY, EXPONENT, MIXING, BAND, HYSTERESIS, SENSOR, APERTURE = (
    range(10)
)
_AUTO = -0.5  # a tank_charge below it: the thermostat decides


@dataclass(frozen=True)
class HouseCircuitData:
    """Sizes and set points of the house.

    Attributes:
        building, emitter, tank: their own data; tank None: no hot water.
        buffer_l: buffer; its loss is that of a tank of class B.
        design_outdoor_k: where the heating curve reaches the emitters' nominal supply.
        mixing: False: the emitters get the buffer's water as it is.
        band_k: proportional band of the room thermostat; EN 215 rates thermostatic valves at 2 K.
        hysteresis_k: the tank's thermostat turns on this far below its set point; own choice.
    """

    building: BuildingData
    emitter: EmitterData
    tank: TankData | None = None
    buffer_l: float = 200.0
    design_outdoor_k: float = ZERO_C - 10.0
    mixing: bool = True
    band_k: float = 2.0
    hysteresis_k: float = 5.0


@njit
def _substep(
    state: Array, buffer: Array, water: Array, slab: Array, hot: Array, par: Array, b_par: Array,
    e_par: Array, t_par: Array, u: Array, dt: float, out: Array, scratch: Array,
) -> None:  # fmt: skip
    """One substep; adds this substep's powers times dt to `out` (energies), sets its temperatures."""
    n = len(buffer)
    mc = u[FLOW] * WATER_J_KG_K
    room, has_tank = state[AIR], len(hot) > 1
    bath = not np.isnan(u[BATH])

    # Flow pipe, diverter.
    rate = PIPE_KG * WATER_J_KG_K / dt
    if not bath:
        state[FLOW_PIPE] = (rate * state[FLOW_PIPE] + mc * u[WATER_OUT]) / (rate + mc)
    arriving = state[FLOW_PIPE]
    if has_tank:
        if u[TANK_CHARGE] >= _AUTO:
            state[CHARGING] = 1.0 if u[TANK_CHARGE] >= 0.5 else 0.0
        elif hot[int(par[SENSOR])] < u[TANK_SET] - par[HYSTERESIS]:
            state[CHARGING] = 1.0
        elif hot[int(par[SENSOR])] >= u[TANK_SET]:
            state[CHARGING] = 0.0
        step = dt / TRAVEL_S
        state[DIVERTER] += min(max(state[CHARGING] - state[DIVERTER], -step), step)
    charge = 0.0 if bath else u[FLOW] * state[DIVERTER]
    primary = 0.0 if bath else u[FLOW] - charge

    # Emitters: thermostat, heating curve, mixing valve.
    valve = min(max((u[ROOM_SET] - room) / par[BAND] + 0.5, 0.0), 1.0)
    part = (u[ROOM_SET] - u[OUTDOOR]) / (u[ROOM_SET] - par[DESIGN_OUT])
    curve = u[ROOM_SET] + (par[DESIGN_SUPPLY] - u[ROOM_SET]) * max(part, 0.0) ** (1.0 / par[EXPONENT])
    source, back = buffer[0], water[len(water) - 1]
    fresh = 1.0
    if par[MIXING] == 1.0:
        if curve >= source:
            fresh = 1.0
        else:
            fresh = min(max((curve - back) / (source - back), 0.0), 1.0) if source > back else 0.0
    flow = e_par[emitters.FLOW] * valve
    emitters.advance(water, slab, e_par, flow, fresh, source, room, valve, dt, scratch)
    emitted, returning = scratch[0], scratch[2]
    out[SUPPLY], out[RETURN], out[VALVE] = scratch[1], returning, valve
    fan_w = e_par[emitters.FAN_W] * valve

    # Buffer: primary enters at the top, the emitters' return at the bottom; both leave at the other end.
    leaving = buffer[n - 1]
    buffer_loss = layers.advance(
        buffer, par[BUFFER_KG], primary, arriving, fresh * flow, returning, room, par[BUFFER_LOSS], 0.0, dt
    )

    # Hot water.
    from_tank, tank_heat, tank_loss, tap_k = arriving, 0.0, 0.0, u[COLD]
    if has_tank:
        tank.advance(hot, t_par, charge, arriving, u[TAP], u[COLD], room, dt, scratch)
        from_tank, tank_heat, tank_loss, tap_k = scratch[0], scratch[1], scratch[2], scratch[3]
    tap_heat = u[TAP] * WATER_J_KG_K * (tap_k - u[COLD])

    # Return pipe; a bath takes whatever comes and holds its own temperature.
    heat = mc * (u[WATER_OUT] - state[WATER_IN])
    if bath:
        bath_w = heat
    else:
        inflow = primary * leaving + charge * from_tank
        state[RETURN_PIPE] = (rate * state[RETURN_PIPE] + inflow * WATER_J_KG_K) / (rate + mc)
        bath_w = 0.0

    # Room.
    e_air = e_par[emitters.CONVECTIVE]
    solar = par[APERTURE] * u[SOLAR]
    gains = u[INTERNAL] + solar + fan_w
    convective = e_air * emitted + 0.5 * u[INTERNAL] + fan_w + buffer_loss + tank_loss
    radiant = (1.0 - e_air) * emitted + 0.5 * u[INTERNAL] + solar
    building.advance(state[AIR : MASS + 1], b_par, u[OUTDOOR], convective, radiant, dt, scratch)
    out[LOSS] += scratch[0] * dt
    out[OPERATIVE] = scratch[2]

    out[HEAT] += heat * dt
    out[TAKEN] += (emitted + buffer_loss + tank_loss + tap_heat + bath_w) * dt
    out[GAINS] += gains * dt
    out[EMITTED] += emitted * dt
    out[FAN] += fan_w * dt
    out[T_HEAT] += tank_heat * dt
    out[T_LOSS] += tank_loss * dt
    out[TAP_HEAT] += tap_heat * dt
    out[TAP_K] += tap_k * dt


@njit
def _advance(
    state: Array, buffer: Array, water: Array, slab: Array, hot: Array, par: Array, b_par: Array,
    e_par: Array, t_par: Array, u: Array, dt: float, out: Array, scratch: Array,
) -> None:  # fmt: skip
    """A whole step in as many substeps as needed; `out` gets means, and temperatures at its end."""
    count = layers.substeps(par[BUFFER_KG], max(u[FLOW], e_par[emitters.FLOW]), 0.0, dt)
    if len(hot) > 1:
        count = max(count, tank.substeps(t_par, u[FLOW], u[TAP], dt))
    out[:] = 0.0
    mean = 0.0
    for _ in range(count):
        _substep(state, buffer, water, slab, hot, par, b_par, e_par, t_par, u, dt / count, out, scratch)
        mean += u[BATH] if not np.isnan(u[BATH]) else state[RETURN_PIPE]
    state[WATER_IN] = mean / count
    for place in (HEAT, TAKEN, LOSS, GAINS, EMITTED, FAN, T_HEAT, T_LOSS, TAP_HEAT, TAP_K):
        out[place] /= dt
    _status(state, buffer, water, slab, hot, par, b_par, e_par, t_par, u[COLD], out)


@njit
def _status(
    state: Array, buffer: Array, water: Array, slab: Array, hot: Array, par: Array, b_par: Array,
    e_par: Array, t_par: Array, cold_k: float, out: Array,
) -> None:  # fmt: skip
    """Temperatures and energies of the state."""
    energy = PIPE_KG * WATER_J_KG_K * (state[FLOW_PIPE] + state[RETURN_PIPE])
    energy += par[BUFFER_KG] * WATER_J_KG_K * buffer.sum()
    energy += e_par[emitters.C_W] * water.sum() + e_par[emitters.C_S] * slab.sum()
    if len(hot) > 1:
        energy += t_par[tank.KG] * WATER_J_KG_K * hot.sum()
        out[T_TOP], out[T_SENSOR], out[T_BOTTOM] = hot[0], hot[int(par[SENSOR])], hot[len(hot) - 1]
        out[USABLE] = layers.usable_kg(hot, t_par[tank.KG], ZERO_C + 40.0, cold_k)
    out[ENERGY] = energy
    out[ROOM] = state[AIR]
    out[TURNED] = state[DIVERTER]
    out[B_ENERGY] = b_par[building.C_A] * state[AIR] + b_par[building.C_M] * state[MASS]


class HouseCircuit:
    """The circuit of one house.

    Attributes:
        state: float64 as `state_names`, everything that decides the future.
        out: float64 as `OUTPUT_NAMES`: powers are means of the step, the others hold at its end.
            `house_heat_w` is brought by the water, `load_taken_w` leaves it (room, losses, taps, bath);
            without a tank its outputs are 0.

    Raises:
        InputError: data that cannot be.
    """

    def __init__(self, data: HouseCircuitData) -> None:
        n_hot = data.tank.layers if data.tank else 1
        self.has_tank = data.tank is not None
        self.state_names = [
            *_HEAD,
            *(f"buffer_{i}_k" for i in range(BUFFER_LAYERS)),
            *(f"emitter_{i}_k" for i in range(CELLS)),
            *(f"slab_{i}_k" for i in range(CELLS)),
            *((f"tank_{i}_k" for i in range(n_hot)) if data.tank else ()),
        ]
        self.state = np.zeros(len(self.state_names))
        ends = np.cumsum([len(_HEAD), BUFFER_LAYERS, CELLS, CELLS, n_hot if data.tank else 0])
        parts = [self.state[a:b] for a, b in pairwise(ends)]
        self._parts = [*parts[:3], parts[3] if data.tank else np.zeros(1)]
        self._records = [data.building.record(), data.emitter.record(), (data.tank or TankData()).record()]
        loss_w = 12.0 + 5.93 * data.buffer_l**0.4  # class B at 45 K, EU 812/2013
        self._par = np.array(
            [
                data.buffer_l * tank.WATER_KG_L / BUFFER_LAYERS,
                loss_w / 45.0 / BUFFER_LAYERS,
                data.design_outdoor_k,
                data.emitter.supply_k,
                data.emitter.exponent,
                float(data.mixing),
                data.band_k,
                data.hysteresis_k,
                float(data.tank.sensor_layer if data.tank else 0),
                data.building.aperture_m2,
            ]
        )
        self.out = np.zeros(len(OUTPUT_NAMES))
        self._scratch = np.zeros(4)

    @property
    def buffer(self) -> Array:
        """The buffer's layers, K, top first; as `water`, `slab`, `hot` a view of the state."""
        return self._parts[0]

    @property
    def hot(self) -> Array:
        """The tank's layers, K, top first."""
        return self._parts[3]

    def reset(
        self,
        water_k: float,
        room_k: float,
        tank_k: float,
        outdoor_k: float,
        internal_w: float,
        solar_w_m2: float,
    ) -> None:
        """A house that has been heated: the room, its mass and the emitters at rest in this weather.

        Pipes and buffer start at `water_k`, the tank at `tank_k`.
        """
        b_par, e_par = self._records[0], self._records[1]
        share = float(e_par[emitters.CONVECTIVE])
        gains = (0.5 * internal_w, 0.5 * internal_w + float(self._par[APERTURE]) * solar_w_m2)
        heat = building.heat_need(b_par, outdoor_k, room_k, share, gains)
        held = building.steady(b_par, outdoor_k, gains[0] + share * heat, gains[1] + (1.0 - share) * heat)
        self.state[:] = water_k
        self.state[DIVERTER] = self.state[CHARGING] = 0.0
        self.state[AIR], self.state[MASS] = room_k, held[1]
        self._parts[1][:], self._parts[2][:] = emitters.rest(e_par, heat, room_k)
        self._parts[3][:] = tank_k
        self.out[:] = 0.0
        self.out[OPERATIVE], self.out[TAP_K] = room_k, tank_k
        self.out[SUPPLY] = self.out[RETURN] = float(self._parts[1][-1])
        _status(self.state, *self._parts, self._par, *self._records, ZERO_C + 10.0, self.out)

    def step(self, u: Array, dt_s: float) -> None:
        """Advance by `dt_s` under the inputs `u`, float64 as `INPUTS`; `bath_k` NaN: no bath."""
        _advance(self.state, *self._parts, self._par, *self._records, u, dt_s, self.out, self._scratch)

    @property
    def water_in_k(self) -> float:
        """Water into the condenser, K: the mean of what left the return pipe in the last step."""
        return float(self.state[WATER_IN])
