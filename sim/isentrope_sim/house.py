"""The house side of the water circuit: flow pipe, buffer with emitters, return pipe.

Three well-mixed volumes in series, each solved exactly over a step for constant inflow and load,

    M c dT/dt = m c (T_in - T) - Q - G (T - T_room),

and handing its **mean** outflow temperature to the next one, so that the energy taken from one volume is what
the next one gets, whatever the step and the flow. Losses other than the load are neglected.

The emitters take `load_w`, but never more than the emitter law gives, emitter_w_k (T_buffer - T_room): a cold
buffer starves the load instead of freezing. A load above every emitter's reach makes it a pure emitter law.
A negative load is the heat of a warm house that cold water takes in, by the same law the other way round.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from isentrope_sim.jit import njit

WATER_J_KG_K = 4186.0  # liquid water, 15 to 60 degC within 0.2 %

STATE_NAMES = ("flow_pipe_k", "buffer_k", "return_pipe_k", "water_in_k")
OUTPUT_NAMES = ("house_heat_w", "load_taken_w", "house_energy_j")


@dataclass(frozen=True)
class HouseData:
    """Sizes of the water circuit.

    Attributes:
        buffer_kg: water in buffer and emitters.
        pipe_kg: water in each of the two pipes; 5 kg is 10 m of DN 25 (own choice).
    """

    buffer_kg: float
    pipe_kg: float = 5.0


@njit
def _mix(
    kelvin: float,
    inflow_k: float,
    flow_kg_s: float,
    load_w: float,
    g_w_k: float,
    room_k: float,
    kg: float,
    dt_s: float,
) -> tuple[float, float]:
    """Temperature (K) after `dt_s` and mean over `dt_s` of one mixed volume. See the module's equation."""
    capacity = kg * WATER_J_KG_K
    conductance = flow_kg_s * WATER_J_KG_K + g_w_k
    source = flow_kg_s * WATER_J_KG_K * inflow_k + g_w_k * room_k - load_w
    exponent = conductance * dt_s / capacity
    if exponent < 1e-9:  # nothing flows: the limit of the formulas below
        change = source * dt_s / capacity
        return kelvin + change, kelvin + 0.5 * change
    final = source / conductance
    gap = kelvin - final
    return final + gap * math.exp(-exponent), final - gap * math.expm1(-exponent) / exponent


@njit
def _advance(
    water_out_k: float,
    flow_kg_s: float,
    load_w: float,
    emitter_w_k: float,
    room_k: float,
    bath_k: float,
    dt_s: float,
    kg: np.ndarray,
    state: np.ndarray,
    out: np.ndarray,
) -> None:
    """One step; `bath_k` NaN: the house, else a bath that holds the return at this temperature."""
    out[0] = flow_kg_s * WATER_J_KG_K * (water_out_k - state[3])
    if not math.isnan(bath_k):
        state[:] = bath_k
        out[1] = out[0]
    else:
        state[0], inflow = _mix(state[0], water_out_k, flow_kg_s, 0.0, 0.0, room_k, kg[0], dt_s)
        way = 1.0 if load_w >= 0.0 else -1.0
        reach = max(way * emitter_w_k * (state[1] - room_k), 0.0)
        if way * load_w < reach:
            state[1], mean = _mix(state[1], inflow, flow_kg_s, load_w, 0.0, room_k, kg[1], dt_s)
            out[1] = load_w
        elif reach > 0.0:
            state[1], mean = _mix(state[1], inflow, flow_kg_s, 0.0, emitter_w_k, room_k, kg[1], dt_s)
            out[1] = emitter_w_k * (mean - room_k)
        else:
            state[1], mean = _mix(state[1], inflow, flow_kg_s, 0.0, 0.0, room_k, kg[1], dt_s)
            out[1] = 0.0
        state[2], state[3] = _mix(state[2], mean, flow_kg_s, 0.0, 0.0, room_k, kg[2], dt_s)
    out[2] = WATER_J_KG_K * (kg[0] * state[0] + kg[1] * state[1] + kg[2] * state[2])


class House:
    """The water circuit between the condenser's outlet and its inlet.

    Attributes:
        state: float64 as `STATE_NAMES`: the volumes' temperatures and the mean temperature (K) of the water
            that left the circuit in the last step, which enters the condenser in the next one.
        out: float64 as `OUTPUT_NAMES`: heat brought by the water (W, mean of the step), load taken (W, mean),
            energy held above 0 K (J).
    """

    def __init__(self, data: HouseData) -> None:
        self._kg = np.array([data.pipe_kg, data.buffer_kg, data.pipe_kg])
        self.state = np.zeros(len(STATE_NAMES))
        self.out = np.zeros(len(OUTPUT_NAMES))

    def reset(self, water_k: float) -> None:
        """All water at one temperature (K)."""
        self.state[:] = water_k
        self.out[:] = 0.0, 0.0, WATER_J_KG_K * float(self._kg.sum()) * water_k

    def step(
        self,
        water_out_k: float,
        flow_kg_s: float,
        load_w: float,
        emitter_w_k: float,
        room_k: float,
        bath_k: float,
        dt_s: float,
    ) -> None:
        """Advance by `dt_s`; see `_advance`."""
        _advance(
            water_out_k, flow_kg_s, load_w, emitter_w_k, room_k, bath_k, dt_s, self._kg, self.state, self.out
        )

    @property
    def water_in_k(self) -> float:
        """Water into the condenser, K."""
        return float(self.state[3])
