"""What must hold in every cell, whatever its declared end, judged scan by scan on the plant's truth.

The numbers are declared.toml's `limit` table; those of a machine are taken from its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from isentrope_sim.house import WATER_J_KG_K
from isentrope_sim.machine import Machine

from isentrope_hil.matrix.stand import Stand

ZERO_C = 273.15
TURNING_RPS = 1.0
REST_S = 30.0  # own: so long a standstill ends a run; the shell is drained and warm again
LIQUID_KG_S = 1e-6  # what the plant's own arithmetic leaves is far less


@dataclass
class Worst:
    """The furthest value of an invariant so far, and its limit; `least`: the limit is a lower one."""

    limit: float
    unit: str
    least: bool = False
    value: float = 0.0
    at_s: float = 0.0

    def see(self, value: float, t_s: float) -> None:
        if (value < self.value) if self.least else (value > self.value):
            self.value, self.at_s = value, t_s

    @property
    def broken(self) -> bool:
        return self.value < self.limit if self.least else self.value > self.limit


class Invariants:
    """`worst` by name; `broken` names those that do not hold."""

    def __init__(self, stand: Stand, machine: Machine, limits: Mapping[str, float]) -> None:
        self._stand = stand
        rig = stand.rig
        names = list(rig.truth_names)
        self._at = {
            name: names.index(name)
            for name in (
                "p_discharge",
                "p_suction",
                "t_discharge",
                "liquid_kg_s",
                "slug_index",
                "speed_rps",
                "water_kg_s",
                "t_water_out",
                *(("backup_w",) if "backup_w" in names else ()),
            )
        }
        self._walls = [
            place for place, name in enumerate(rig.state_names) if name.startswith("plant.t_wall_indoor")
        ]
        self._water = machine.values["indoor_air"] == 0.0
        said: Mapping[str, Any] = machine.limits
        opens_pa = float(machine.controller["contacts"]["hp_switch"]["opens"]["value"])
        self._slug_kg = float(rig.truth[self._at["slug_index"]])
        self._dry_s = self._low_s = self._ice_ks = self._stop_s = self._gulp_s = self._rest_s = 0.0
        self._heater_s = 0.0
        self._limits = limits
        self._low_pa = 1e3 * (said["low_kpa"] - limits["low_pressure_under_kpa"])
        self.worst = {
            "high pressure": Worst(opens_pa / 1e3 + limits["switch_over_kpa"], "kPa"),
            "discharge temperature": Worst(said["discharge_max_c"] + limits["discharge_over_k"], "degC"),
            "low pressure": Worst(limits["low_pressure_s"], "s"),
            "liquid at once": Worst(limits["gulp_s"], "s"),
            "liquid in one run": Worst(limits["liquid_kg"], "kg"),
            "run without water": Worst(limits["dry_s"], "s"),
            "ice in the plate": Worst(limits["ice_ks"], "K s"),
            "heater without water": Worst(limits["heater_s"], "s"),
            "heated water": Worst(limits["water_c"], "degC"),
            "compressor told to run under a stop alarm": Worst(limits["told_s"], "s"),
            "compressor turning under a stop alarm": Worst(limits["turning_s"], "s"),
        }

    def look(self, t_s: float) -> None:
        """After a step."""
        stand, at, worst = self._stand, self._at, self.worst
        truth, dt_s = stand.rig.truth, stand.scan_s
        turning = truth[at["speed_rps"]] > TURNING_RPS
        worst["high pressure"].see(float(truth[at["p_discharge"]]) / 1e3, t_s)
        if turning:
            worst["discharge temperature"].see(float(truth[at["t_discharge"]]) - ZERO_C, t_s)
        low = turning and truth[at["p_suction"]] < self._low_pa
        self._low_s = self._low_s + dt_s if low else 0.0
        worst["low pressure"].see(self._low_s, t_s)
        gulp = truth[at["liquid_kg_s"]] > self._limits["gulp_kg_s"]
        self._gulp_s = self._gulp_s + dt_s if gulp else 0.0
        worst["liquid at once"].see(self._gulp_s, t_s)
        slug_kg = float(truth[at["slug_index"]])
        self._rest_s = 0.0 if turning else self._rest_s + dt_s
        if self._rest_s >= REST_S:
            self._slug_kg = slug_kg
        worst["liquid in one run"].see(slug_kg - self._slug_kg, t_s)
        if self._water:
            dry = turning and truth[at["water_kg_s"]] < self._limits["water_kg_s"]
            self._dry_s = self._dry_s + dt_s if dry else 0.0
            worst["run without water"].see(self._dry_s, t_s)
            coldest = min(float(np.min(stand.rig.state[self._walls])), float(truth[at["t_water_out"]]))
            self._ice_ks = max(self._ice_ks + (ZERO_C - coldest) * dt_s, 0.0)
            worst["ice in the plate"].see(self._ice_ks, t_s)
            flow_kg_s = float(truth[at["water_kg_s"]])
            still = flow_kg_s < self._limits["water_kg_s"]
            heater = stand.powered and stand.heater
            self._heater_s = self._heater_s + dt_s if heater and still else 0.0
            worst["heater without water"].see(self._heater_s, t_s)
            if not still:
                backup_w = float(truth[at["backup_w"]]) if "backup_w" in at else 0.0
                warmed_c = float(truth[at["t_water_out"]]) - ZERO_C + backup_w / (flow_kg_s * WATER_J_KG_K)
                worst["heated water"].see(warmed_c, t_s)
        stopped = stand.stop_mask != 0 and stand.powered
        told = stopped and stand.commanded
        self._stop_s = self._stop_s + dt_s if stopped else 0.0
        worst["compressor told to run under a stop alarm"].see(self._stop_s if told else 0.0, t_s)
        worst["compressor turning under a stop alarm"].see(self._stop_s if turning else 0.0, t_s)

    @property
    def broken(self) -> list[str]:
        return [name for name, each in self.worst.items() if each.broken]

    def said(self) -> list[str]:
        """A line for each that does not hold."""
        return [
            f"{name}: {each.value:.3g} {each.unit} at {each.at_s:.0f} s, allowed {each.limit:.3g}"
            for name, each in self.worst.items()
            if each.broken
        ]
