"""How fast the plant is, beside TESPy; every function returns figures, printing is the caller's.

Times are of one core and of warm code; run them on an idle machine.
"""

import time

import numpy as np

from isentrope_sim import fluids, frosting, steady
from isentrope_sim.fluids import table as tb
from isentrope_sim.jit import Array, njit
from isentrope_sim.machine import Machine
from isentrope_sim.peer import TespyCycle
from isentrope_sim.plant import INPUT_NAMES, Plant, U, Y

STEP_S = 0.5  # the firmware's scan

# A duty like the demo's: seconds, compressor 1/s, valve opening, fan, speed slewed at 1 1/s2.
DUTY = (
    (60.0, 0.0, 0.40, 1.0),
    (600.0, 40.0, 0.33, 1.0),
    (1800.0, 55.0, 0.43, 1.0),
    (900.0, 90.0, 0.66, 1.0),
    (900.0, 30.0, 0.24, 1.0),
    (900.0, 0.0, 0.0, 0.0),
    (600.0, 50.0, 0.40, 1.0),
    (240.0, 50.0, 0.0, 1.0),
    (300.0, 0.0, 0.0, 0.0),
    (900.0, 50.0, 0.40, 1.0),
)


def plant_speed(machine: Machine, cells: int = 10) -> dict[str, float]:
    """Run DUTY (two hours with start, load, off, pump-down and restarts) once warm.

    Returns cells, simulated and wall seconds, real-time factor, solver steps, fallbacks, shortest step,
    relative charge and energy error, all since reset.
    """
    plant = Plant(machine, cells=cells)
    u = np.zeros(len(INPUT_NAMES))
    _run_duty(plant, u, DUTY[:1])
    start = time.perf_counter()
    seconds = _run_duty(plant, u, DUTY)
    return _figures(plant, seconds, time.perf_counter() - start)


def _run_duty(plant: Plant, u: Array, duty: tuple[tuple[float, float, float, float], ...]) -> float:
    plant.reset(280.15, 0.87, 298.15)
    u[U["water_kg_s"]], u[U["water_in_k"]] = plant.machine.values["water_flow_low"], 303.15
    u[U["outdoor_k"]], u[U["outdoor_rh"]] = 280.15, 0.87
    speed = 0.0
    for seconds, target, opening, fan in duty:
        u[U["eev_opening"]], u[U["fan"]] = opening, fan
        for _ in range(round(seconds / STEP_S)):
            speed = 0.0 if target == 0 else speed + min(max(target - speed, -STEP_S), STEP_S)
            u[U["speed_rps"]] = speed
            plant.step(u, STEP_S)
    return sum(part[0] for part in duty)


REVERSE_EVERY_S, REVERSALS = 300.0, 24
FROST_C, FROST_SINK_C = 2.0, 35.0  # where a coil frosts most


def _figures(plant: Plant, seconds: float, wall: float) -> dict[str, float]:
    y = plant.y
    return {
        "cells": float(plant.cells),
        "sim_seconds": seconds,
        "wall_seconds": wall,
        "realtime_factor": seconds / wall,
        "solver_steps": float(y[Y["solver_steps"]]),
        "fallbacks": float(y[Y["solver_fallbacks"]]),
        "shortest_step_s": float(y[Y["shortest_step_s"]]),
        "charge_error": float(y[Y["charge_error"]]),
        "energy_error": float(y[Y["energy_residual_j"]] / y[Y["energy_throughput_j"]]),
    }


def reversal_speed(machine: Machine, cells: int = 10) -> dict[str, float]:
    """Reverse under load every REVERSE_EVERY_S for two hours, water at 30 degC; the figures of `plant_speed`.

    The fan runs throughout, so half the time the machine cools the water.
    """
    plant = Plant(machine, cells=cells)
    u = np.zeros(len(INPUT_NAMES))
    _run_duty(plant, u, ((600.0, 50.0, 0.40, 1.0),))
    before, start = plant.time_s, time.perf_counter()
    for i in range(REVERSALS):
        u[U["reversing"]] = float(i % 2 == 0)
        for _ in range(round(REVERSE_EVERY_S / STEP_S)):
            plant.step(u, STEP_S)
    return _figures(plant, plant.time_s - before, time.perf_counter() - start)


def frost_speed(machine: Machine, cells: int = 10) -> dict[str, float]:
    """Two cycles of frost and defrost at A2/W35 and rated speed; the figures of `plant_speed`, `frost_kg`."""
    point = steady.solve(machine, FROST_C, FROST_SINK_C, speed_rps=machine.values["rated_rps"])
    outdoor_k = FROST_C + 273.15
    frosting.Run(machine, point, outdoor_k, frosting.Sequence(), cells).heat(60.0)  # compiled
    run = frosting.Run(machine, point, outdoor_k, frosting.Sequence(), cells)
    start = time.perf_counter()
    frost = max(run.one_cycle().frost_kg for _ in range(2))
    return _figures(run.plant, run.plant.time_s, time.perf_counter() - start) | {"frost_kg": frost}


@njit
def _many_states(fluid: tb.Table, sat: Array, enthalpies: Array, n: int) -> float:
    total = 0.0
    for i in range(n):
        t, slope, rho = tb.state(fluid, sat, enthalpies[i % enthalpies.size])
        total += t + slope + rho
    return total


def property_time(refrigerant: str, calls: int = 2_000_000) -> float:
    """Seconds for one (T, dT/dh, rho) at (p, h), averaged over liquid, dome and vapour."""
    fluid = fluids.load(refrigerant)
    sat = np.empty(tb.SAT_SIZE)
    tb.saturation(fluid, 5e5, sat)
    rng = np.random.Generator(np.random.PCG64(0))
    x = rng.uniform(-0.5, 1.6, 1000)
    enthalpies = sat[tb.H_LIQ] + x * (sat[tb.H_VAP] - sat[tb.H_LIQ])
    _many_states(fluid, sat, enthalpies, 10)
    start = time.perf_counter()
    _many_states(fluid, sat, enthalpies, calls)
    return (time.perf_counter() - start) / calls


def steady_time(machine: Machine, repeats: int = 50) -> float:
    """Seconds for one steady point of a given heating capacity, from a cold guess each time."""
    steady.solve(machine, 7.0, 35.0, heating_w=5600.0)
    start = time.perf_counter()
    for _ in range(repeats):
        steady.solve(machine, 7.0, 35.0, heating_w=5600.0)
    return (time.perf_counter() - start) / repeats


def beside_tespy(machine: Machine, repeats: int = 10) -> dict[str, float]:
    """One point solved here and in TESPy: both times (s) and both COPs of the bare cycle."""
    point = steady.solve(machine, 7.0, 35.0, heating_w=5600.0)
    cycle = TespyCycle(point)
    cop = cycle.solve()
    start = time.perf_counter()
    for _ in range(repeats):
        cycle.solve()
    return {
        "steady_s": steady_time(machine),
        "tespy_s": (time.perf_counter() - start) / repeats,
        "cycle_cop": float(point["cycle_cop"]),
        "tespy_cop": cop,
    }
