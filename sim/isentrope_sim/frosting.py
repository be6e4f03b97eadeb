"""An experiment on the dynamic plant: frosting and defrosting over and over at one operating point, and its
average.

    cycle_average(load_machine("ashp-r290-8kw"), 2.0, 30.0, heating_w=3500.0)["cop"]

The machine runs at one speed with its valve on superheat, water enters at one temperature; a plain time-
temperature logic (`Sequence`) decides when it reverses and for how long, as a test laboratory sees it from
outside. The logic is the experiment's, not the controller's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isentrope_sim.cycle import rest
from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.machine import Machine
from isentrope_sim.operating_point import SUPERHEAT_K, ZERO_C
from isentrope_sim.plant import INPUT_NAMES, Perturbed, Plant, U, Y
from isentrope_sim.steady import CELLS, solve

DT = 0.5  # s, the experiment's clock, as the firmware's scan
# Valve on superheat: parts of the opening a kelvin, and a kelvin and second (own choice: settles in some ten
# minutes at any speed, slower than the coil's answer of 10 to 60 s).
PROPORTIONAL, INTEGRAL = 0.006, 0.0004
OPENING = (0.03, 1.0)
AGREED = 0.004  # of the heat asked, at which the speed is taken (own choice: a third of a percent of COP)
TRIALS = 6  # speeds

# Told before each cycle what runs: "cycle 2 at 41.2 1/s".
Said = Callable[[str], None]


@dataclass(frozen=True)
class Sequence:
    """When to defrost and how: K, s, 1/s, fractions. All own choice within what makers use."""

    # Longest heating between two defrosts once the coil is cold enough: 30 to 90 min in the field; the US
    # test procedure's reference for a control without demand is 1.5 h (10 CFR 430, appendix M1, 3.9).
    interval_s: float = 5400.0
    # The coil must be under this, or there is no frost to melt.
    cold_k: float = 272.15
    # Sooner, but not within shortest_s, if the coil falls by this under its temperature when clean,
    # which is taken after clean_s, when the start has settled.
    fallen_k: float = 3.0
    shortest_s: float = 1200.0
    clean_s: float = 600.0
    # Speed at which the reversing valve is thrown: quiet, with the pressure difference it needs.
    shift_rps: float = 20.0
    # While melting; the valve gives all the flow there is.
    defrost_rps: float = 50.0
    opening: float = 1.0
    # Coil outlet that ends melting: 10 to 35 degC in the field, 20 to 25 best (Song and others, Applied
    # Energy 185 (2017)); and the longest time for it.
    ended_k: float = 293.15
    longest_s: float = 600.0
    # For the slide to come back, running; standing, for the water to leave.
    throw_s: float = 3.0
    drip_s: float = 45.0


@dataclass
class Cycle:
    """What one cycle, from the end of a defrost to the end of the next, brought; J, s, kg.

    `heating_*` count until the defrost begins; frost_kg is what lay on the coil then; ended_by says what
    ended heating: "time", "fallen", or "none" if the coil never got cold enough to frost.
    """

    seconds: float = 0.0
    heat_j: float = 0.0
    electric_j: float = 0.0
    heating_s: float = 0.0
    heating_heat_j: float = 0.0
    heating_electric_j: float = 0.0
    melting_s: float = 0.0
    frost_kg: float = 0.0
    left_kg: float = 0.0
    ended_by: str = "none"


class Run:
    """A plant at one operating point with the experiment's valve and defrost logic.

    Parameters: machine; a dry steady point of it (`steady.solve`), whose air, water flow, fan and first valve
    opening it takes; sequence; cells; perturbation. `y` holds the plant's true values.
    """

    def __init__(
        self,
        machine: Machine,
        point: dict[str, Any],
        outdoor_k: float,
        sequence: Sequence,
        cells: int = CELLS,
        perturbation: Perturbed | None = None,
    ) -> None:
        self.plant = Plant(machine, cells=cells, perturbation=perturbation)
        self.plant.reset(outdoor_k, point["humidity"], point["water_in_k"])
        self.y = self.plant.y
        self.values = machine.values
        self.sequence = sequence
        self.superheat_k = point["suction_superheat_k"]
        self.speed_rps = point["speed_rps"]
        self.pump_w, pump_heat_w = rest.pump_share(self.plant.par, point["water_kg_s"])
        self._pump_heat_w = pump_heat_w
        self.opening = point["eev_opening"]
        self._error = 0.0
        self.u = np.zeros(len(INPUT_NAMES))
        for name, value in (
            ("water_kg_s", point["water_kg_s"]),
            ("water_in_k", point["water_in_k"]),
            ("outdoor_k", outdoor_k),
            ("outdoor_rh", point["humidity"]),
        ):
            self.u[U[name]] = value
        self.cycle = Cycle()

    def _advance(self, rps: float, fan: float, opening: float) -> None:
        """One tick; the speed follows its ramp, stopping is at once."""
        u, now = self.u, self.u[U["speed_rps"]]
        ramp = self.values["slew_rps_s"] * DT
        u[U["speed_rps"]] = 0.0 if rps == 0.0 else now + min(max(rps - now, -ramp), ramp)
        u[U["fan"]], u[U["eev_opening"]] = fan, opening
        self.plant.step(u, DT)
        cycle = self.cycle
        cycle.seconds += DT
        cycle.heat_j += (self.y[Y["heat_w"]] + self._pump_heat_w) * DT
        cycle.electric_j += (self.y[Y["electric_w"]] + self.pump_w) * DT

    def heat(self, seconds: float) -> None:
        """Heat with the valve on superheat for a time, s."""
        fan = rest.fan_fraction(self.plant.par, self.speed_rps)
        for _ in range(round(seconds / DT)):
            self._advance(self.speed_rps, fan, self.opening)
            error = float(self.y[Y["superheat_k"]]) - self.superheat_k
            change = PROPORTIONAL * (error - self._error) + INTEGRAL * error * DT
            self._error = error
            self.opening = min(max(self.opening * (1.0 + change), OPENING[0]), OPENING[1])

    def heat_until_frosted(self) -> None:
        """Heat until the sequence asks for a defrost, or for its interval if nothing frosts."""
        q, cycle = self.sequence, self.cycle
        clean = None
        while cycle.seconds < q.interval_s:
            self.heat(10.0)
            coldest = float(self.y[Y["t_coil"]])
            if clean is None and cycle.seconds >= q.clean_s:
                clean = coldest
            if clean is not None and cycle.seconds >= q.shortest_s and coldest < clean - q.fallen_k:
                cycle.ended_by = "fallen"
                break
        if coldest < q.cold_k and self.y[Y["frost_kg"]] > 0.0 and cycle.ended_by == "none":
            cycle.ended_by = "time"
        cycle.frost_kg = float(self.y[Y["frost_kg"]])
        cycle.heating_s, cycle.heating_heat_j = cycle.seconds, cycle.heat_j
        cycle.heating_electric_j = cycle.electric_j

    def defrost(self) -> None:
        """Slow down, reverse, melt with the fan off, reverse back, stop, and drip standing."""
        q, u, y = self.sequence, self.u, self.y
        fan = rest.fan_fraction(self.plant.par, self.speed_rps)
        while abs(u[U["speed_rps"]] - q.shift_rps) > 0.1:
            self._advance(q.shift_rps, fan, self.opening)
        u[U["reversing"]] = 1.0
        start = self.cycle.seconds
        while y[Y["t_coil"]] < q.ended_k:
            self._advance(q.defrost_rps, 0.0, q.opening)
            if self.cycle.seconds - start >= q.longest_s:
                break
        self.cycle.melting_s = self.cycle.seconds - start
        self.cycle.left_kg = float(y[Y["frost_kg"]] + y[Y["coil_water_kg"]])
        # Thrown back while the compressor still holds the pressure difference that moves the slide.
        u[U["reversing"]] = 0.0
        for _ in range(round(q.throw_s / DT)):
            self._advance(q.defrost_rps, 0.0, q.opening)
        for _ in range(round(q.drip_s / DT)):
            self._advance(0.0, 0.0, q.opening)
        self._error = 0.0

    def one_cycle(self) -> Cycle:
        """Heat until frosted, then defrost if there is frost; what it brought."""
        self.cycle = Cycle()
        self.heat_until_frosted()
        if self.cycle.ended_by != "none":
            self.defrost()
        return self.cycle


def cycle_average(
    machine: Machine,
    source_c: float,
    sink_out_c: float,
    *,
    wet_bulb_c: float | None = None,
    sink_dt_k: float | None = None,
    heating_w: float | None = None,
    speed_rps: float | None = None,
    superheat_k: float = SUPERHEAT_K,
    cells: int = CELLS,
    perturbation: Perturbed | None = None,
    sequence: Sequence | None = None,
    said: Said | None = None,
) -> dict[str, Any]:
    """Average over whole cycles of frosting and defrosting, as EN 14511 measures capacity and COP.

    Arguments as `steady.solve`: heating_w, W, is the average over a cycle, and the speed follows from it;
    else speed_rps, default rated. Water enters at what gives sink_out_c on average with that heat (with a
    speed: with the dry point's). The first cycle starts from a dry coil and only brings the water that stays;
    the next is the average.

    Returns the keys of `solve` for the clean machine at that speed, with the averages in their place:
    heating_w, electric_w, cop, speed_rps; the dry point's `dry_cop` at the same heat (below the least dry
    heat: at the same speed) and `dry_heating_w` at the same speed; `defrost_loss`: 1 - cop / dry_cop, all
    that frost and defrost cost; `frosting_loss`: the same with the heating part of the cycle alone; cycle_s,
    heating_s, melting_s, frost_kg at the start of melting, left_kg of ice and water at its end, ended_by.
    Without frost these are the dry point's. Raises InputError as `solve` does, or if the speed range cannot
    give the heat.
    """
    q = Sequence() if sequence is None else sequence
    options: dict[str, Any] = {
        "wet_bulb_c": wet_bulb_c,
        "sink_dt_k": sink_dt_k,
        "superheat_k": superheat_k,
        "cells": cells,
        "perturbation": perturbation,
    }
    point = solve(machine, source_c, sink_out_c, heating_w=heating_w, speed_rps=speed_rps, **options)
    run = Run(machine, point, source_c + ZERO_C, q, cells, perturbation)
    cycle = at_heat(machine, run, heating_w, said)
    return _summary(machine, source_c, sink_out_c, point, run, cycle, options)


def at_heat(machine: Machine, run: Run, asked_w: float | None, said: Said | None = None) -> Cycle:
    """A cycle, after a first one from a dry coil, that gives the heat asked, W; None: at the run's speed.

    The speed is sought by secants over whole cycles. Raises InputError (the speed range cannot give it),
    PlantError (not found in TRIALS).
    """
    v = machine.values
    say = said or (lambda text: None)
    say(f"first cycle at {run.speed_rps:.1f} 1/s")
    run.one_cycle()
    tried: list[tuple[float, float]] = []
    for trial in range(TRIALS):
        say(f"cycle {trial + 2} at {run.speed_rps:.1f} 1/s")
        cycle = run.one_cycle()
        heat = cycle.heat_j / cycle.seconds
        if asked_w is None or abs(heat / asked_w - 1.0) < AGREED:
            return cycle
        tried.append((run.speed_rps, heat))
        slope = heat / run.speed_rps
        if len(tried) > 1:
            (slow, less), (fast, more) = tried[-2:]
            slope = (more - less) / (fast - slow)
        new = min(max(run.speed_rps + (asked_w - heat) / slope, v["min_rps"]), v["max_rps"])
        if new == run.speed_rps:
            raise InputError(
                f"heating_w is {asked_w:g}, this point with frost allows {heat:.0f} W at {new:g} rps"
            )
        run.speed_rps = new
    raise PlantError(
        f"no speed found that gives {asked_w:g} W with frost; last {heat:.0f} W at {run.speed_rps:.1f} rps"
    )


def _summary(
    machine: Machine,
    source_c: float,
    sink_out_c: float,
    point: dict[str, Any],
    run: Run,
    cycle: Cycle,
    options: dict[str, Any],
) -> dict[str, Any]:
    heat, electric = cycle.heat_j / cycle.seconds, cycle.electric_j / cycle.seconds
    cop = heat / electric
    clean = solve(machine, source_c, sink_out_c, speed_rps=run.speed_rps, **options)
    dry = clean
    if run.speed_rps > machine.values["min_rps"]:
        dry = solve(machine, source_c, sink_out_c, heating_w=heat, **options)
    return {
        **clean,
        "heating_w": heat,
        "electric_w": electric,
        "cop": cop,
        "speed_rps": run.speed_rps,
        "dry_cop": dry["cop"],
        "dry_heating_w": clean["heating_w"],
        "defrost_loss": 1.0 - cop / dry["cop"],
        "frosting_loss": 1.0 - cycle.heating_heat_j / cycle.heating_electric_j / dry["cop"],
        "cycle_s": cycle.seconds,
        "heating_s": cycle.heating_s,
        "melting_s": cycle.melting_s,
        "frost_kg": cycle.frost_kg,
        "left_kg": cycle.left_kg,
        "ended_by": cycle.ended_by,
        "water_in_k": point["water_in_k"],
        "frost": "simulated",
    }
