"""A world at run time: what the weather is now, and the house that answers to the machine's water."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from isentrope_sim.world import ZERO_C
from isentrope_sim.world import draws as taps
from isentrope_sim.world import hydronics as hy
from isentrope_sim.world.settings import WorldData

_WEATHER = ("outdoor_c", "outdoor_rh")
_LEGACY = ("load_w", "emitter_w_k", "room_c")
_TANK_OUT = ("tank_", "tap_", "usable_", "diverter")


class World:
    """Weather and house of a rig.

    Attributes:
        knobs: this world's own knobs: unit, lowest, highest.
        owned: knobs of the rig that this world sets itself, with the reason.
        circuit: the house, or None: the rig's own buffer and load.
        truth_names, truth: true values beside the rig's, SI.
    """

    KNOBS: ClassVar[dict[str, tuple[str, float, float]]] = {
        "room_setpoint_c": ("degC", 5.0, 30.0),
        "internal_w": ("W", 0.0, 20_000.0),
        "solar_w_m2": ("W/m2", 0.0, 1200.0),  # mean of the vertical orientations, where there is no weather
        "tank_setpoint_c": ("degC", 30.0, 75.0),
        "tank_charge": ("1", -1.0, 1.0),  # -1: the tank's thermostat decides, 0: never, 1: always
        "tap_kg_s": ("kg/s", 0.0, 1.0),  # besides the profile
        "cold_water_c": ("degC", 1.0, 25.0),
    }

    def __init__(self, data: WorldData) -> None:
        self._data = data
        self.circuit = hy.HouseCircuit(data.house) if data.house else None
        self.has_tank = self.circuit is not None and self.circuit.has_tank
        self._taps = taps.Taps(data.profile) if self.has_tank else None
        self._u = np.full(len(hy.INPUTS), math.nan)
        self._t_s = 0.0
        self._solar = 0.0
        self.knobs = knobs_of(data)
        self.owned = owned_knobs(data)
        self._places = [
            place
            for place, name in enumerate(hy.OUTPUT_NAMES)
            if place > hy.ENERGY and (self.has_tank or not name.startswith(_TANK_OUT))
        ]
        self.truth_names = [] if self.circuit is None else [hy.OUTPUT_NAMES[i] for i in self._places]
        self.truth_names += ["solar_w_m2"] if self.circuit else []
        self.truth_names += taps.TOTALS if self._taps else ()
        self.state_names = [] if self.circuit is None else list(self.circuit.state_names)
        self.state_names += taps.STATE_NAMES if self._taps else ()

    def reset(self, water_k: float, outdoor_k: float) -> dict[str, float]:
        """The start; `outdoor_k` counts where there is no weather.

        Returns the knobs, the rig's own `outdoor_c` and `outdoor_rh` too, as they then stand.
        """
        data = self._data
        self._t_s = 0.0
        defaults = {"solar_w_m2": 0.0, "tank_charge": -1.0, "tap_kg_s": 0.0, **data.numbers}
        outside = self.outside()
        if self.circuit is not None:
            self._solar = self._solar if outside else 0.0
            outdoor_k = outside["outdoor_c"] + ZERO_C if outside else outdoor_k
            self.circuit.reset(
                water_k, data.room_k, data.tank_k, outdoor_k, defaults["internal_w"], self._solar
            )
        if self._taps is not None:
            self._taps.reset(data.clock_s)
        return {name: defaults[name] for name in self.knobs} | outside

    def outside(self) -> dict[str, float]:
        """The weather now as knobs of the rig; empty without weather."""
        weather = self._data.weather
        if weather is None:
            return {}
        dry_c, rh, _, self._solar = weather.at(self._data.start_s + self._t_s)
        return {"outdoor_c": dry_c, "outdoor_rh": rh}

    def step(
        self, water_out_k: float, flow_kg_s: float, bath_k: float, knobs: dict[str, float], dt_s: float
    ) -> None:
        """Advance by `dt_s` under the condenser's water and the knobs; `bath_k` NaN: none."""
        circuit = self.circuit
        if circuit is not None:
            u = self._u
            u[hy.WATER_OUT], u[hy.FLOW], u[hy.BATH] = water_out_k, flow_kg_s, bath_k
            u[hy.OUTDOOR] = knobs["outdoor_c"] + ZERO_C
            if self._data.weather is None:
                self._solar = knobs["solar_w_m2"]
            u[hy.SOLAR] = self._solar
            u[hy.INTERNAL] = knobs["internal_w"]
            u[hy.ROOM_SET] = knobs["room_setpoint_c"] + ZERO_C
            u[hy.TAP] = 0.0
            if self._taps is not None:
                u[hy.TANK_SET], u[hy.COLD] = knobs["tank_setpoint_c"] + ZERO_C, knobs["cold_water_c"] + ZERO_C
                u[hy.TANK_CHARGE] = knobs["tank_charge"]
                drawn = self._taps.flow(self._data.clock_s + self._t_s, dt_s, float(circuit.hot[0]))
                u[hy.TAP] = drawn + knobs["tap_kg_s"]
                circuit.step(u, dt_s)
                self._taps.account(drawn, float(circuit.out[hy.TAP_K]), dt_s)
            else:
                u[hy.TANK_SET] = u[hy.COLD] = ZERO_C + 10.0
                u[hy.TANK_CHARGE] = 0.0
                circuit.step(u, dt_s)
        self._t_s += dt_s

    @property
    def truth(self) -> list[float]:
        """As `truth_names`."""
        if self.circuit is None:
            return []
        totals = self._taps.totals.tolist() if self._taps else []
        return [*self.circuit.out[self._places].tolist(), self._solar, *totals]

    @property
    def state(self) -> np.ndarray:
        """As `state_names`."""
        parts = [] if self.circuit is None else [self.circuit.state]
        parts += [self._taps.state] if self._taps else []
        return np.concatenate(parts) if parts else np.zeros(0)

    def snapshot(self) -> Any:
        circuit, drawn = self.circuit, self._taps
        return (
            self._t_s,
            self._solar,
            None if circuit is None else (circuit.state.copy(), circuit.out.copy()),
            None if drawn is None else (drawn.state.copy(), drawn.totals.copy()),
        )

    def restore(self, saved: Any) -> None:
        self._t_s, self._solar, house, drawn = saved
        if self.circuit is not None:
            self.circuit.state[:], self.circuit.out[:] = house
        if self._taps is not None:
            self._taps.state[:], self._taps.totals[:] = drawn


def knobs_of(data: WorldData) -> dict[str, tuple[str, float, float]]:
    """The knobs such a world has."""
    names: list[str] = []
    if data.house is not None:
        names += ["room_setpoint_c", "internal_w"]
        names += [] if data.weather is not None else ["solar_w_m2"]
        if data.house.tank is not None:
            names += ["tank_setpoint_c", "tank_charge", "tap_kg_s", "cold_water_c"]
    return {name: World.KNOBS[name] for name in names}


def owned_knobs(data: WorldData) -> dict[str, str]:
    """The rig's knobs that such a world turns itself, and why nobody else may."""
    found = (
        {} if data.weather is None else dict.fromkeys(_WEATHER, f"the weather {data.weather.name} sets it")
    )
    if data.house is not None:
        found |= dict.fromkeys(_LEGACY, "the building has its own load, emitters and room")
    return found
