"""The machine on its test rig: plant, house, weather, actuators and sensors, seen as raw counts and levels.

One step takes the controller's raw outputs, holds them for `dt_s`, and returns the raw inputs at its end, in
the order of the profile's `io`. Nothing here knows who is at the other end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from isentrope_sim import terminals
from isentrope_sim.actuators import Actuators
from isentrope_sim.broken import Broken
from isentrope_sim.errors import InputError
from isentrope_sim.faults import ALL, Fault
from isentrope_sim.house import OUTPUT_NAMES as HOUSE_OUTPUTS
from isentrope_sim.house import STATE_NAMES as HOUSE_STATES
from isentrope_sim.house import WATER_J_KG_K, House, HouseData
from isentrope_sim.knobs import Knobs, at_start, knobs_of
from isentrope_sim.machine import Machine
from isentrope_sim.perturbation import Perturbation
from isentrope_sim.plant import INPUT_NAMES, OUTPUT_NAMES, Plant
from isentrope_sim.sensors import Sensors
from isentrope_sim.site import BACKUP, DIVERTER, TANK, site_data
from isentrope_sim.world.live import World
from isentrope_sim.world.settings import WorldData

ZERO_C = 273.15

# True values beside the plant's: what the sensors of the site see, and where the actuators really stand.
SITE_NAMES = (
    "outdoor_k",
    "outdoor_rh",
    "water_in_k",
    "water_kg_s",
    "indoor_k",
    "indoor_rh",
    "indoor_fan",
    "buffer_k",
    *HOUSE_OUTPUTS,
    "eev_true_steps",
    "eev_opening",
    "speed_rps",
    "fan",
    "pump",
    "crankcase_w",
)
TRUTH_NAMES = (*OUTPUT_NAMES, *SITE_NAMES)

_SAFETY_CHAIN = ("hp_switch", "motor_ok")  # contacts in series with the compressor's run relay
_DRY_KG_S = 0.01  # own choice: what a standing pump lets through


class Rig:
    """Plant, house, weather, sensors and actuators of one machine.

    Args:
        machine: the machine under test.
        io_rows: the profile's `io`.
        seed: of the sensors' noise, of what faults draw, and of the plant's carry-over.
        perturbation: how this unit differs from its data sheet; None: not at all.
        cells: finite volumes of each heat exchanger.
        noise: False for noiseless sensors.
        world: weather, building and hot water (docs/world.md); None: constant air and a buffer with a load.
            A machine with room air indoors has no water: its room is held at room_c and room_rh.
        carry_over: the evaporator throws out liquid in bursts (`Plant`).

    Attributes:
        raw_in: the raw inputs now, ints in the order of the `in` rows.
        truth: float64 as `truth_names`, SI.
        state: float64 as `state_names`: every state of the rig but the noise generator's.

    Raises:
        InputError: a row of `io_rows` that the machine has no sensor or actuator for; a building whose water
            circuit a machine with room air indoors cannot feed.
    """

    def __init__(
        self,
        machine: Machine,
        io_rows: Sequence[Mapping[str, Any]],
        *,
        seed: int,
        perturbation: Perturbation | None = None,
        cells: int = 10,
        noise: bool = True,
        world: WorldData | None = None,
        carry_over: bool = False,
    ) -> None:
        unit = perturbation or Perturbation()
        self.site = site_data(machine)
        self.plant = Plant(machine, cells=cells, perturbation=unit, carry_over=carry_over, seed=seed)
        self._room = self.site.house is None
        self.house = House(self.site.house or HouseData(1.0, 1.0))
        self.world = World(world or WorldData())
        self._circuit = self.world.circuit
        if self._room and self._circuit is not None:
            raise InputError(
                f"machine {machine.name!r} has air indoors, a building with a water circuit needs water"
            )
        self.actuators = Actuators(
            [row for row in io_rows if row["dir"] == "out"], self.site.actuators, seed=seed
        )
        rows_in = [row for row in io_rows if row["dir"] == "in"]
        self._wired = self.site.terminals
        seen = [
            *TRUTH_NAMES,
            *self.world.truth_names,
            *(terminals.truth(name) for name in self._wired.knobs),
        ]
        sensed = dict(self.site.sensors)
        if TANK in sensed and not self.world.has_tank:
            sensed[TANK] = replace(sensed[TANK], source="buffer_k")
        self.sensors = Sensors(rows_in, sensed, seen, unit, noise=noise, seed=seed)

        self._turns = DIVERTER in self.actuators.more and self.world.has_tank
        owned = dict(self.world.owned)
        if self._turns:
            owned["tank_charge"] = "the machine's own relay turns the diverter"
        self._knobs = Knobs({**knobs_of(machine), **self.world.knobs}, owned)
        self.truth_names = [*seen, *(["backup_w"] if self.site.backup_w else [])]
        self.state_names = [
            *(f"plant.{name}" for name in self.plant.state_names),
            *(f"house.{name}" for name in ([] if self._circuit or self._room else HOUSE_STATES)),
            *(f"house.{name}" for name in self.world.state_names),
            *(f"actuator.{name}" for name in self.actuators.state_names),
            *(f"sensor.{name}" for name in self.sensors.state_names),
        ]
        self.truth = np.zeros(len(self.truth_names))
        self.state = np.zeros(len(self.state_names))
        self.raw_in: list[int] = []
        self._u = np.zeros(len(INPUT_NAMES))
        self._place = {name: place for place, name in enumerate(INPUT_NAMES)}
        self._water_out = OUTPUT_NAMES.index("t_water_out")
        self._chain = [self.sensors.names.index(name) for name in _SAFETY_CHAIN if name in self.sensors.names]
        self._broken = Broken(self.plant, self.sensors, self.actuators)
        self.reset(ZERO_C + 7.0, 0.87, ZERO_C + 25.0)

    def reset(self, outdoor_k: float, rh: float, water_k: float, eev_fraction: float = 0.3) -> None:
        """Standstill with equalised pressures, everything off and sound, all knobs at their defaults.

        Args:
            outdoor_k: air and refrigerant temperature, K; sets the knob `outdoor_c`. Weather of its own has
                the last word.
            rh: relative humidity of the air, 0..1; likewise.
            water_k: temperature of all water, K; also where a bath would hold the return. With room air
                indoors: of the room and the coil in it.
            eev_fraction: where the valve was left, of its full stroke. Own choice: neither stop, so that a
                controller which does not home finds out.
        """
        now = at_start(self.site, outdoor_k - ZERO_C, rh, water_k - ZERO_C)
        self.clear_fault()
        now |= self.world.reset(water_k, outdoor_k)
        self._knobs.now = now
        self.plant.reset(now["outdoor_c"] + ZERO_C, now["outdoor_rh"], water_k)
        self.house.reset(water_k)
        self.actuators.reset(eev_fraction * self.site.actuators.valve.steps)
        self._see()
        self.sensors.reset(self.truth)
        self._collect()

    @property
    def knobs(self) -> Mapping[str, tuple[str, float, float]]:
        """What `set` takes: name -> unit, lowest, highest (knobs.py, and those of its world)."""
        return self._knobs.limits

    @property
    def faults(self) -> Mapping[tuple[str, str], Fault]:
        """What is broken, by target and, of the plant, name."""
        return self._broken.faults

    def set(self, name: str, value: float) -> None:
        """Turn a knob of `knobs`; it acts from the next step on.

        Raises:
            InputError: no such knob, one that the world turns itself, or a value outside its range.
        """
        self._knobs.set(name, value)

    def knob(self, name: str) -> float:
        """Where a knob stands, in its unit."""
        return self._knobs.now[name]

    def fault(self, target: str, verb: str, **parameters: float) -> None:
        """Break something from the next step on: see `faults.TABLE` and `faults.PLANT`.

        Raises:
            InputError: unknown target, verb or parameter, a value out of range, or a fault this plant lacks.
        """
        self._broken.fault(target, verb, **parameters)

    def clear_fault(self, target: str = ALL) -> None:
        """Repair one target, a plant fault by its name, or all.

        Raises:
            InputError: it has no fault.
        """
        self._broken.clear(target)

    def step(self, raw_out: Sequence[int], dt_s: float) -> list[int]:
        """Hold the raw outputs for `dt_s` and return the raw inputs at its end."""
        self._broken.flicker(dt_s)
        closed = self.sensors.state
        run_ok = all(closed[place] == 1.0 for place in self._chain)
        self.actuators.step(raw_out, dt_s, run_ok)
        now = self._knobs.now
        now |= self.world.outside()
        if self._turns:
            now["tank_charge"] = float(self.actuators.more.on(DIVERTER))
        self._inputs()
        self.plant.step(self._u, dt_s)
        water_out_k, flow_kg_s = self.plant.y[self._water_out], self._u[self._place["water_kg_s"]]
        if self.site.backup_w and flow_kg_s > _DRY_KG_S:
            water_out_k += self._backup_w() / (flow_kg_s * WATER_J_KG_K)
        bath_k = now["return_c"] + ZERO_C if now["bath"] >= 0.5 else np.nan
        if self._circuit is None and not self._room:
            self.house.step(
                water_out_k,
                flow_kg_s,
                now["load_w"],
                now["emitter_w_k"],
                now["room_c"] + ZERO_C,
                bath_k,
                dt_s,
            )
        self.world.step(water_out_k, flow_kg_s, bath_k, now, dt_s)
        self._see()
        self.sensors.sense(self.truth, dt_s)
        self._collect()
        return self.raw_in

    def snapshot(self) -> tuple[Any, ...]:
        """Everything that decides the future, bit-exact, the noise generator included."""
        return (
            self.plant.snapshot(),
            self.house.state.copy(),
            self.house.out.copy(),
            self.actuators.snapshot(),
            self.sensors.snapshot(),
            self.world.snapshot(),
            dict(self._knobs.now),
            self._broken.snapshot(),
        )

    def restore(self, saved: tuple[Any, ...]) -> None:
        """Back to a snapshot of this rig, or of another one of the same machine, unit and profile."""
        plant, house, house_out, actuators, sensors, world, now, broken = saved
        self.plant.restore(plant)
        self.house.state[:] = house
        self.house.out[:] = house_out
        self.actuators.restore(actuators)
        self.sensors.restore(sensors)
        self.world.restore(world)
        self._knobs.now = dict(now)
        self._broken.restore(broken)
        self._see()
        self._collect()

    def _inputs(self) -> None:
        """The plant's inputs from knobs, actuators and house."""
        u, place, actuators, now = self._u, self._place, self.actuators, self._knobs.now
        u[place["eev_opening"]] = actuators.eev_opening
        u[place["speed_rps"]] = actuators.speed_rps
        u[place["fan"]] = actuators.fan
        u[place["water_kg_s"]] = actuators.pump * self.site.water_kg_s * now["water_flow"]
        u[place["water_in_k"]] = (self._circuit or self.house).water_in_k
        u[place["outdoor_k"]] = now["outdoor_c"] + ZERO_C
        u[place["outdoor_rh"]] = now["outdoor_rh"]
        u[place["reversing"]] = actuators.reversing
        u[place["crankcase_w"]] = actuators.crankcase * self.site.crankcase_w
        if self._room:
            u[place["indoor_k"]], u[place["indoor_rh"]] = now["room_c"] + ZERO_C, now["room_rh"]
            u[place["indoor_fan"]] = actuators.pump

    def _backup_w(self) -> float:
        """Electric power of the backup heater. Its heat goes into the water that leaves the plate, behind the
        flow sensor; without flow it goes nowhere, and whoever lets it stay on has a fault to find.
        """
        on = [self.actuators.more.on(name) for name in BACKUP[: len(self.site.backup_w)]]
        return sum(watts for watts, closed in zip(self.site.backup_w, on, strict=True) if closed)

    def _see(self) -> None:
        """Assemble `truth`."""
        self._inputs()
        u, place = self._u, self._place
        count = len(OUTPUT_NAMES)
        self.truth[:count] = self.plant.y
        circuit = self._circuit
        self.truth[count:] = (
            u[place["outdoor_k"]],
            u[place["outdoor_rh"]],
            u[place["water_in_k"]],
            u[place["water_kg_s"]],
            u[place["indoor_k"]],
            u[place["indoor_rh"]],
            u[place["indoor_fan"]],
            self.house.state[1] if circuit is None else circuit.buffer.mean(),
            *(self.house.out if circuit is None else circuit.out[: len(HOUSE_OUTPUTS)]),
            self.actuators.eev_steps,
            u[place["eev_opening"]],
            u[place["speed_rps"]],
            u[place["fan"]],
            self.actuators.pump,
            u[place["crankcase_w"]],
            *self.world.truth,
            *self._wired.seen(self._knobs.now),
            *([self._backup_w()] if self.site.backup_w else []),
        )

    def _collect(self) -> None:
        """Assemble `raw_in` and `state`."""
        self.raw_in = self.sensors.raw.tolist()
        first = len(self.plant.state_names)
        self.state[:first] = self.plant.x
        house = self.house.state if self._circuit is None else self.world.state
        for part in (() if self._room else house, self.actuators.state, self.sensors.state):
            self.state[first : first + len(part)] = part
            first += len(part)
