"""The experiment of `frosting` on a machine with room air indoors: heating and defrosting over and over.

    cycle_average(load_machine("minisplit-r32-3.5kw"), 2.0, 20.0, heating_w=2500.0)["cop"]

The room is held, as in a test chamber. In defrost the indoor fan stands with the outdoor one, so that no cold
air is blown; the coil indoors then evaporates at what its metal, the compressor and still air give.
"""

from dataclasses import replace
from typing import Any

from isentrope_sim.components.fan import fan_point
from isentrope_sim.frosting import DT, Run, Sequence, at_heat
from isentrope_sim.machine import Machine
from isentrope_sim.net import FROST_C
from isentrope_sim.operating_point import SUPERHEAT_K, ZERO_C
from isentrope_sim.plant import Perturbed, U
from isentrope_sim.steady import CELLS, ROOM_RH, room

# Air/air units have little heat to melt with: the coil's outlet ends melting at 12 degC (makers' 10 to 15),
# and the compressor runs faster (own choice: what keeps melting of half a blocked coil under two minutes).
SEQUENCE = Sequence(ended_k=285.15, defrost_rps=60.0)
# Of the way from the valve's opening point to the clean machine's opening (own choice): as far as it closes.
LEAST_SHARE = 0.8


class RoomRun(Run):
    """`frosting.Run` between outdoor air and a room of room_k, K, and room_rh; point: of `steady.room`."""

    def __init__(
        self,
        machine: Machine,
        point: dict[str, Any],
        outdoor_k: float,
        room_k: float,
        room_rh: float,
        sequence: Sequence,
        cells: int = CELLS,
        perturbation: Perturbed | None = None,
    ) -> None:
        standing = {"water_kg_s": 0.0, "water_in_k": room_k}
        super().__init__(machine, point | standing, outdoor_k, sequence, cells, perturbation)
        self.u[U["indoor_k"]], self.u[U["indoor_rh"]] = room_k, room_rh
        self.room_fan = point["room_fan"]
        self._room_fan_w = float(fan_point(self.plant.par.room, self.room_fan, 1.0)[1])
        # Small machines work not far over the opening point of their valve: while the accumulator still
        # holds what the defrost left, superheat reads nothing and would shut it.
        shut = self.plant.par.eev_opening_point
        self._least = shut + LEAST_SHARE * (point["eev_opening"] - shut)

    def _advance(self, rps: float, fan: float, opening: float) -> None:
        """One tick; the indoor fan stands when the outdoor one does, and warms the air that it blows."""
        blows = fan > 0.0
        self.u[U["indoor_fan"]] = self.room_fan if blows else 0.0
        self.opening = max(self.opening, self._least)
        super()._advance(rps, fan, max(opening, self._least))
        self.cycle.heat_j += self._room_fan_w * DT if blows else 0.0


def cycle_average(
    machine: Machine,
    source_c: float,
    room_c: float,
    *,
    wet_bulb_c: float | None = None,
    room_rh: float = ROOM_RH,
    heating_w: float | None = None,
    speed_rps: float | None = None,
    superheat_k: float = SUPERHEAT_K,
    cells: int = CELLS,
    perturbation: Perturbed | None = None,
    sequence: Sequence | None = None,
) -> dict[str, Any]:
    """Average over whole cycles of frosting and defrosting of an air/air machine (EN 14511-3).

    Arguments as `steady.room`; heating_w, W, is the average over a cycle, and the speed follows from it; else
    speed_rps, default rated. The first cycle starts from a dry coil, the next is the average.

    Returns the keys of `steady.room` for the clean machine at that speed with the averages in their place:
    heating_w, electric_w, cop; `dry_heating_w`, `dry_cop` of the clean machine; `defrost_loss`, 1 - cop / COP
    of the clean machine at the same heat (below its least heat: at the same speed); cycle_s, melting_s,
    frost_kg, left_kg, ended_by; `frost`: "simulated". Raises InputError as `steady.room`, or if the speed
    range cannot give the heat; PlantError.
    """
    options: dict[str, Any] = {
        "cooling": False,
        "wet_bulb_c": wet_bulb_c,
        "room_rh": room_rh,
        "superheat_k": superheat_k,
        "cells": cells,
        "perturbation": perturbation,
    }
    point = room(machine, source_c, room_c, capacity_w=heating_w, speed_rps=speed_rps, **options)
    q = SEQUENCE if sequence is None else sequence
    q = replace(q, defrost_rps=min(q.defrost_rps, machine.values["max_rps"]))
    run = RoomRun(machine, point, source_c + ZERO_C, room_c + ZERO_C, room_rh, q, cells, perturbation)
    cycle = at_heat(machine, run, heating_w)
    clean = room(machine, source_c, room_c, speed_rps=run.speed_rps, **options)
    heat, electric = cycle.heat_j / cycle.seconds, cycle.electric_j / cycle.seconds
    least = run.speed_rps <= machine.values["min_rps"]
    same = clean if least else room(machine, source_c, room_c, capacity_w=heat, **options)
    return {
        **clean,
        "heating_w": heat,
        "electric_w": electric,
        "cop": heat / electric,
        "dry_heating_w": clean["heating_w"],
        "dry_cop": clean["cop"],
        "defrost_loss": 1.0 - heat / electric / same["cop"],
        "cycle_s": cycle.seconds,
        "melting_s": cycle.melting_s,
        "frost_kg": cycle.frost_kg,
        "left_kg": cycle.left_kg,
        "ended_by": cycle.ended_by,
        "frost": "simulated",
    }


def net(
    machine: Machine,
    source_c: float,
    room_c: float,
    *,
    cooling: bool,
    room_rh: float = ROOM_RH,
    capacity_w: float | None = None,
    speed_rps: float | None = None,
) -> dict[str, Any]:
    """The net point of an air/air machine: heating at or below FROST_C is averaged over defrost cycles.

    Arguments and keys as `steady.room`, `frost` is "simulated" or "none". Raises as `cycle_average`.
    """
    if cooling or source_c > FROST_C:
        point = room(
            machine,
            source_c,
            room_c,
            cooling=cooling,
            room_rh=room_rh,
            capacity_w=capacity_w,
            speed_rps=speed_rps,
        )
        return point | {"frost": "none"}
    return cycle_average(
        machine, source_c, room_c, room_rh=room_rh, heating_w=capacity_w, speed_rps=speed_rps
    )
