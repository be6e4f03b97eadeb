"""Drawn cases for the superheat loop: machine, valve, weather, sink, speed and how the unit deviates.

A case lies inside the machine's envelope at its own speed; where the fast end of its ramps does not, the
ramps end where it still does. Everything follows from the fluid's machine and the seed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine, load_machine, machine_path, parse
from isentrope_sim.perturbation import Perturbation
from isentrope_sim.valves import load_valve

# Machine -> its coarse and its fine valve, of about the area of its own.
VALVES: Mapping[str, tuple[str, str]] = {
    "ashp-r290-8kw": ("sanhua-dpf-500", "generic-3000"),
    "ashp-r32-9kw": ("sanhua-dpf-500", "generic-3000"),
    "ashp-r454b-4kw": ("sanhua-dpf-500", "generic-3000"),
    "ashp-r410a-evi-16kw": ("sanhua-dpf-500-24", "generic-3000-25"),
}
AIR_C = (-15.0, 20.0)
SINKS_C = (35.0, 55.0)
SPEEDS = (0.2, 1.0)  # of the highest
RAMP_RPS = (30.0, 90.0)
_STEP_RPS = 5.0
# Own: how far evaporating lies under the air (at rest, and a rps more) and condensing over the flow.
_UNDER_K, _UNDER_K_PER_RPS, _OVER_K = 5.0, 0.1, 4.0
_INSIDE_K = 3.0  # own: sensors 1 K and 1 % of full scale off, and what a step of the air takes
_TRIES = 200


@dataclass(frozen=True)
class Case:
    """One drawn case; `unit` is what the plant differs from its file, None the nominal one."""

    machine: str
    seed: int
    valve: str
    air_c: float
    sink_c: float
    speed_rps: float
    ramp_rps: tuple[float, float]
    unit: Perturbation | None

    @property
    def name(self) -> str:
        """Unique among the cases of a campaign."""
        return f"{self.machine}-{self.seed}{'' if self.unit else '-nominal'}"

    def as_json(self) -> dict[str, Any]:
        """Plain numbers."""
        return {**asdict(self), "name": self.name}


def draw(machine: str, seed: int, *, perturbed: bool = True) -> Case:
    """The case of a seed; raises InputError for a machine without valves here."""
    if machine not in VALVES:
        raise InputError(f"machine {machine!r} has no drawn cases; known: {', '.join(VALVES)}")
    if seed < 0:
        raise InputError(f"seed is {seed}, needed a whole number from 0")
    made = load_machine(machine)
    corners = made.limits["envelope"]
    values = made.values
    random = np.random.Generator(np.random.PCG64([seed, list(VALVES).index(machine)]))
    valve = VALVES[machine][int(random.integers(2))]
    for _ in range(_TRIES):
        air_c = float(random.uniform(*AIR_C))
        sink_c = SINKS_C[int(random.integers(2))]
        speed = max(values["max_rps"] * float(random.uniform(*SPEEDS)), values["min_rps"])
        low, high = RAMP_RPS
        while high > low and not inside_envelope(corners, air_c, sink_c, high):
            high -= _STEP_RPS
        if high >= low + 2 * _STEP_RPS and all(
            inside_envelope(corners, air_c, sink_c, n) for n in (speed, low)
        ):
            break
    else:
        raise InputError(f"{machine}: no draw inside the envelope")
    unit = Perturbation.draw(seed) if perturbed else None
    return Case(machine, seed, valve, round(air_c, 2), sink_c, round(speed, 1), (low, high), unit)


def machine_of(case: Case) -> Machine:
    """The case's machine, with its valve."""
    path = machine_path(case.machine)
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    load_valve(case.valve)
    data["eev"]["valve"] = case.valve
    return parse(data, path.name)


def inside_envelope(corners: list[list[float]], air_c: float, sink_c: float, rps: float) -> bool:
    """What this air, flow (degC) and speed lead to lies inside, sensors off or not."""
    evap, cond = air_c - _UNDER_K - _UNDER_K_PER_RPS * rps, sink_c + _OVER_K
    near = [(evap + de, cond + dc) for de in (-_INSIDE_K, _INSIDE_K) for dc in (-_INSIDE_K, _INSIDE_K)]
    return all(_inside(corners, *point) for point in near)


def _inside(corners: list[list[float]], evap_c: float, cond_c: float) -> bool:
    """Even-odd rule."""
    found = False
    e1, c1 = corners[-1]
    for e2, c2 in corners:
        if (c1 > cond_c) != (c2 > cond_c) and evap_c < (e2 - e1) * (cond_c - c1) / (c2 - c1) + e1:
            found = not found
        e1, c1 = e2, c2
    return found
