"""The diagnosis of charge and fouling in closed loop: one unit learns, stays sound, and then has a fault.

The speed, the air and the returning water change every ten minutes, by a drawn course in dry air; the sound
hours that are judged have colder air and warmer water than those that were learned. The fault grows in
stages, each held for hours, until the alarm comes. The coil is told in heating with frost and defrosts, at a
bus's demand in humid air, where the weather holds for two hours and the demand for half of one; in cooling it
is the condenser.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.perturbation import Perturbation

from isentrope_hil.bench import Bench
from isentrope_hil.superheat_draws import inside_envelope

BOARD = "pico-full"
HELD_S = 600.0
LEARN_H = 2.0  # of `diagnosis_learn`, own: a day on a real machine
# Judged sound, and a stage: the coil's mean of two hours takes 12 defrosts.
HOURS = {"coil": 14.0}
USUAL_H = 2.0
AIR_C = {True: (4.0, 15.0), False: (0.0, 15.0)}  # while it learns, afterwards
RETURN_C = {True: (25.0, 36.0), False: (25.0, 40.0)}
SPEEDS = (30.0, 90.0)
SETTINGS = {"diagnosis": 3, "diagnosis_learn": LEARN_H, "commissioned": 1, "defrost": 0}
# Of the coil in heating, whose weather holds for two hours and whose speed for half of one, and in cooling.
COIL_AIR_C, COIL_RH, COIL_SPEEDS = (-3.0, 8.0), (0.55, 0.95), (55.0, 90.0)
COIL_SETTINGS = SETTINGS | {"defrost": 1, "capacity_source": 4, "bus_timeout": 3600}
WARM_AIR_C, WARM_RH, COLD_RETURN_C = (22.0, 36.0), (0.4, 0.7), (14.0, 22.0)
# The alarm's bit in `more_alarms`, and the stages: the share of the charge that is gone, or of the coil's air
# and conductance, of the plate's conductance, of the water's flow that is left.
FAULTS: dict[str, tuple[int, tuple[float, ...]]] = {
    "charge": (75, (0.10, 0.15, 0.20, 0.25, 0.30)),
    "coil": (76, (0.7, 0.6, 0.5)),
    "condenser": (76, (0.9, 0.8, 0.7, 0.6)),
    "plate": (77, (0.6, 0.45, 0.3, 0.2)),
    "flow": (78, (0.7, 0.55, 0.4)),
}
LEARNED = {"coil": 227, "condenser": 227}  # decisions
WATCHED = tuple(code for code, _ in FAULTS.values())
_LEAK_S, _MOST_KG_H = 900.0, 9.9
_MOST_LEARN_H = 24.0

Progress = Callable[[str, float], None]


def run(
    machine: str | Machine,
    fault: str,
    *,
    seed: int = 1,
    perturbed: bool = True,
    sound_h: float | None = None,
    stage_h: float | None = None,
    stages: tuple[float, ...] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run one unit; seed: of the unit, its course and the noise; sound_h, stage_h: None, as long as the fault
    needs. progress: called with a phase and its hours.

    Returns `machine`, `seed`, `fault`, `unit`, `learned_h` of running (None: never), `false` (alarms in the
    sound hours), `found` (the stage at which the fault's own alarm came, None: never), `found_h` after that
    stage began, `others` (the other alarms then), `log` (what the controller said of it). Raises InputError:
    an unknown fault, a machine that does not heat water.
    """
    if fault not in FAULTS:
        raise InputError(f"fault {fault!r} is unknown; known: {', '.join(FAULTS)}")
    made = machine if isinstance(machine, Machine) else load_machine(machine)
    if made.values["indoor_air"] > 0.0:
        raise InputError(f"{made.name}: diagnosis is measured on machines that heat water")
    code, usual = FAULTS[fault]
    hours_each = HOURS.get(fault, USUAL_H)
    sound_h, stage_h = sound_h or hours_each, stage_h or hours_each
    unit = Perturbation.draw(seed) if perturbed else None
    settings = COIL_SETTINGS if fault == "coil" else SETTINGS
    if fault == "condenser":
        made = replace(made, controller=made.controller | {"cooling": True})
    course = _Course(made, seed, fault)
    said: dict[str, Any] = {
        "machine": made.name, "seed": seed, "fault": fault, "unit": asdict(unit) if unit else None,
        "learned_h": None, "found": None, "found_h": None, "others": [],
    }  # fmt: skip
    tell = progress or (lambda phase, hours: None)
    with Bench(made, BOARD, "cpython", seed=seed, perturb=unit, carry_over=True) as bench:
        bench.reset(outdoor_c=8.0, rh=0.5, water_c=30.0, settings=settings)
        # Settings that choose a function count at the next start.
        bench.reset(outdoor_c=8.0, rh=0.5, water_c=30.0, settings=settings, storage=_stored(bench))
        bench.knob("bath", 1.0)
        if fault == "condenser":
            bench.write("operating_mode", 2.0)
        if fault == "coil":
            bench.write("flow_setpoint_c", 55.0)  # the ceiling of the bus's demand
        bench.write("enable", 1.0)
        hours = 0.0
        while said["learned_h"] is None and hours < _MOST_LEARN_H:
            hours += course.hold(bench, learning=True)
            tell("learns", hours)
            if any(each == LEARNED.get(fault, 75) for _, each, _, _ in bench.events):
                said["learned_h"] = hours
        for held in range(round(sound_h * 3600.0 / HELD_S)):
            course.hold(bench)
            tell("sound", (held + 1) * HELD_S / 3600.0)
        said["false"] = active(bench)
        charge_kg = bench.truth("charge_kg")
        for stage in stages or usual:
            _break(bench, fault, stage, charge_kg, course)
            for held in range(round(stage_h * 3600.0 / HELD_S)):
                course.hold(bench)
                tell(f"{fault} {stage:g}", (held + 1) * HELD_S / 3600.0)
                if code in active(bench):
                    said["found"], said["found_h"] = stage, (held + 1) * HELD_S / 3600.0
                    break
            if said["found"] is not None:
                break
        said["others"] = [each for each in active(bench) if each != code]
        said["log"] = [text for _, each, _, text in bench.events if 75 <= each <= 79 or 226 <= each <= 227]
    return said


def active(bench: Bench) -> list[int]:
    """The diagnosis' alarms that are active."""
    mask = int(bench.read("more_alarms"))
    return [code for code in WATCHED if mask >> (code - 64) & 1]


def _stored(bench: Bench) -> bytes:
    """The flash of a controller that has kept its settings."""
    bench.step(round(120.0 / bench.scan_s))
    return bench.storage()


def _break(bench: Bench, fault: str, stage: float, charge_kg: float, course: _Course) -> None:
    if fault == "charge":
        target = charge_kg * (1.0 - stage)
        kg_h = min((bench.truth("charge_kg") - target) / _LEAK_S * 3600.0, _MOST_KG_H)
        bench.fault("plant", "charge-loss", kg_h=kg_h)
        while bench.truth("charge_kg") > target:
            bench.step()
        bench.clear("plant")
    elif fault == "flow":
        course.water_flow = stage
    else:
        bench.fault("plant", "plate-fouling" if fault == "plate" else "coil-fouling", factor=stage)


class _Course:
    """Speeds, air and water, drawn inside the machine's envelope."""

    def __init__(self, machine: Machine, seed: int, fault: str) -> None:
        self._fault = fault
        self._corners = machine.limits["envelope"]
        self._range = machine.values["min_rps"], machine.values["max_rps"]
        low, high = COIL_SPEEDS if fault == "coil" else SPEEDS
        self._speeds = max(low, self._range[0]), min(high, self._range[1])
        self._holds = 0
        self._weather_now, self._speed = (0.0, 0.0, 0.0), 0.0
        self._random = np.random.Generator(np.random.PCG64([seed, 0xD1A6]))
        self.water_flow = 1.0

    def hold(self, bench: Bench, learning: bool = False) -> float:
        """The next condition, for `HELD_S`; hours that passed."""
        draw = self._random.uniform
        coil, count = self._fault == "coil", self._holds
        self._holds = count + 1
        while True:
            if not coil or count % 12 == 0:
                self._weather_now = self._weather(draw, learning)
            if not coil or count % 3 == 0:
                self._speed = draw(*self._speeds)
            air_c, rh, return_c = self._weather_now
            speed = self._speed
            if self._fault == "condenser" or inside_envelope(self._corners, air_c, return_c + 6.0, speed):
                break
            count = 0
        if rh < 0.0:
            rh = draw(0.3, 0.7) if air_c > 7.0 else draw(0.3, 0.5)
        knobs = {
            "outdoor_c": air_c,
            "outdoor_rh": rh,
            "return_c": return_c,
            "water_flow": self.water_flow,
        }
        for name, value in knobs.items():
            bench.knob(name, value)
        if self._fault == "coil":
            low, high = self._range
            bench.write("demand_pct", round(100.0 * (speed - low) / (high - low), 1))
        else:
            bench.write("test_speed_rps", round(speed, 1))
        bench.step(round(HELD_S / bench.scan_s))
        return HELD_S / 3600.0

    def _weather(self, draw: Callable[[float, float], float], learning: bool) -> tuple[float, float, float]:
        """Air, degC, its relative humidity (negative: drawn afterwards), returning water, degC."""
        if self._fault == "coil":
            return draw(*COIL_AIR_C), draw(*COIL_RH), draw(*RETURN_C[learning])
        if self._fault == "condenser":
            return draw(*WARM_AIR_C), draw(*WARM_RH), draw(*COLD_RETURN_C)
        return draw(*AIR_C[learning]), -1.0, draw(*RETURN_C[learning])
