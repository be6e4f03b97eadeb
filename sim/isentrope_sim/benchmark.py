"""How fast the plant is, beside TESPy; every function returns figures, printing is the caller's.

Times are processor times of this process on warm code (`time.process_time`): what other programs take of a
shared machine is not in them, only what they take of its caches and clock. `work_time` measures a fixed piece
of arithmetic in the same run, so that figures of two machines compare as ratios to it.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from isentrope_sim import fluids, frosting, frosting_room, steady
from isentrope_sim.fluids import table as tb
from isentrope_sim.jit import Array, njit
from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.peer import TespyCycle
from isentrope_sim.plant import FAULTS, INPUT_NAMES, Plant, U, Y

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

    Returns cells, simulated and processor seconds, real-time factor, solver steps, fallbacks, shortest step,
    relative charge and energy error, all since reset.
    """
    plant = Plant(machine, cells=cells)
    u = np.zeros(len(INPUT_NAMES))
    _run_duty(plant, u, DUTY[:1])
    start = time.process_time()
    seconds = _run_duty(plant, u, DUTY)
    return _figures(plant, seconds, time.process_time() - start)


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
FROST_C, FROST_SINK_C, ROOM_C = 2.0, 35.0, 20.0  # where a coil frosts most


def _figures(plant: Plant, seconds: float, spent: float) -> dict[str, float]:
    y = plant.y
    return {
        "cells": float(plant.cells),
        "sim_seconds": seconds,
        "cpu_seconds": spent,
        "realtime_factor": seconds / spent,
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
    return _reversing(plant, u, REVERSALS)


def _reversing(plant: Plant, u: Array, reversals: int) -> dict[str, float]:
    before, start = plant.time_s, time.process_time()
    for i in range(reversals):
        u[U["reversing"]] = float(i % 2 == 0)
        _hold(plant, u, REVERSE_EVERY_S)
    return _figures(plant, plant.time_s - before, time.process_time() - start)


def _hold(plant: Plant, u: Array, seconds: float) -> None:
    for _ in range(round(seconds / STEP_S)):
        plant.step(u, STEP_S)


def frost_speed(machine: Machine, cells: int = 10) -> dict[str, float]:
    """Two cycles of frost and defrost at A2, W35 or a room of 20 degC, and rated speed.

    The figures of `plant_speed` and `frost_kg`.
    """
    _frost_run(machine, cells).heat(60.0)  # compiled
    run = _frost_run(machine, cells)
    start = time.process_time()
    frost = max(run.one_cycle().frost_kg for _ in range(2))
    return _figures(run.plant, run.plant.time_s, time.process_time() - start) | {"frost_kg": frost}


def _frost_run(machine: Machine, cells: int) -> frosting.Run:
    rated, outdoor_k = machine.values["rated_rps"], FROST_C + 273.15
    if machine.values["indoor_air"] == 0.0:
        point = steady.solve(machine, FROST_C, FROST_SINK_C, speed_rps=rated)
        return frosting.Run(machine, point, outdoor_k, frosting.Sequence(), cells)
    point = steady.room(machine, FROST_C, ROOM_C, cooling=False, speed_rps=rated)
    return frosting_room.RoomRun(
        machine, point, outdoor_k, ROOM_C + 273.15, steady.ROOM_RH, frosting_room.SEQUENCE, cells
    )


# Seconds, share of rated speed (slewed at 1 1/s2), share of the point's valve opening, outdoor fan.
ROOM_DUTY = (
    (1800.0, 1.0, 1.0, 1.0),
    (900.0, 1.3, 1.3, 1.0),
    (900.0, 0.6, 0.6, 1.0),
    (900.0, 0.0, 0.0, 0.0),
    (900.0, 0.8, 0.8, 1.0),
    (240.0, 0.8, 0.0, 1.0),
    (300.0, 0.0, 0.0, 0.0),
    (1260.0, 1.0, 1.0, 1.0),
)


def _at_room(machine: Machine, cooling: bool, cells: int) -> tuple[Plant, Array, dict[str, Any]]:
    """A plant, its inputs and its rated point in heating at A7/20 degC or cooling at A35/27 degC."""
    source_c, room_c = (35.0, 27.0) if cooling else (7.0, ROOM_C)
    point = steady.room(machine, source_c, room_c, cooling=cooling, speed_rps=machine.values["rated_rps"])
    plant, u = Plant(machine, cells=cells), np.zeros(len(INPUT_NAMES))
    for name, value in (
        ("outdoor_k", source_c + 273.15),
        ("outdoor_rh", point["humidity"]),
        ("water_in_k", room_c + 273.15),
        ("indoor_k", room_c + 273.15),
        ("indoor_rh", steady.ROOM_RH),
        ("reversing", float(cooling)),
    ):
        u[U[name]] = value
    plant.reset(source_c + 273.15, point["humidity"], room_c + 273.15)
    return plant, u, point


def room_speed(machine: Machine, cooling: bool, cells: int = 10) -> dict[str, float]:
    """Run ROOM_DUTY of an air/air machine, two hours with stop, pump-down and restarts; as `plant_speed`."""
    plant, u, point = _at_room(machine, cooling, cells)
    _hold(plant, u, 10.0)  # compiled
    plant, u, point = _at_room(machine, cooling, cells)
    rated, speed, start = machine.values["rated_rps"], 0.0, time.process_time()
    for seconds, share, opening, fan in ROOM_DUTY:
        u[U["eev_opening"]], u[U["fan"]] = opening * point["eev_opening"], fan
        u[U["indoor_fan"]] = point["room_fan"] if fan > 0.0 else 0.0
        target = min(share * rated, machine.values["max_rps"])
        for _ in range(round(seconds / STEP_S)):
            speed = 0.0 if target == 0 else speed + min(max(target - speed, -STEP_S), STEP_S)
            u[U["speed_rps"]] = speed
            plant.step(u, STEP_S)
    return _figures(plant, plant.time_s, time.process_time() - start)


def room_reversal_speed(machine: Machine, cells: int = 10) -> dict[str, float]:
    """`reversal_speed` of an air/air machine, at A7 and a room of 20 degC, both fans on."""
    plant, u, point = _at_room(machine, False, cells)
    u[U["eev_opening"]], u[U["fan"]] = point["eev_opening"], 1.0
    u[U["indoor_fan"]], u[U["speed_rps"]] = point["room_fan"], 0.8 * machine.values["rated_rps"]
    _hold(plant, u, 600.0)
    return _reversing(plant, u, REVERSALS)


# Faults of `Plant.set_fault` one after another, 1,200 s each, then repaired.
FAULTY = (
    ("coil_factor", 0.3),
    ("plate_factor", 0.3),
    ("inert_pa", 1e5),
    ("filter_clog", 30.0),
    ("leak_kg_s", 2e-5),
    ("slide_position", 0.5),
)


def fault_speed(machine: Machine, cells: int = 10) -> dict[str, float]:
    """A machine on water at A7 through FAULTY, two hours; the last leaves the slide half way, under load.

    The figures of `plant_speed`; the charge error counts what leaked.
    """
    plant, u = Plant(machine, cells=cells), np.zeros(len(INPUT_NAMES))
    _run_duty(plant, u, ((600.0, 50.0, 0.40, 1.0),))
    before, start = plant.time_s, time.process_time()
    for name, value in FAULTY:
        if name in plant.fault_parameters:
            plant.set_fault(name, value)
            _hold(plant, u, 900.0)
            plant.set_fault(name, FAULTS[name].nominal)
            _hold(plant, u, 300.0)
    return _figures(plant, plant.time_s - before, time.process_time() - start)


class Scenario(NamedTuple):
    """A line of the benchmark: what it is, on which machine, what measures it."""

    what: str
    machine: str
    measure: Callable[[Machine], dict[str, float]]


def _heating(machine: Machine) -> dict[str, float]:
    return room_speed(machine, False)


def _cooling(machine: Machine) -> dict[str, float]:
    return room_speed(machine, True)


WATER, SPLIT, DUCTED = "ashp-r290-8kw", "minisplit-r32-3.5kw", "ducted-r454b-10kw"
SCENARIOS = (
    Scenario("start, load, off, pump-down, restart", WATER, plant_speed),
    Scenario("start, load, off, pump-down, restart", "ashp-r454b-4kw", plant_speed),
    Scenario("reversed under load every 300 s", WATER, reversal_speed),
    Scenario("reversed under load every 300 s", "ashp-r454b-4kw", reversal_speed),
    Scenario("two cycles of frost and defrost", WATER, frost_speed),
    Scenario("two cycles of frost and defrost", "ashp-r454b-4kw", frost_speed),
    Scenario("six faults, one after another", WATER, fault_speed),
    Scenario("six faults, one after another", "ashp-r454b-4kw", fault_speed),
    Scenario("air/air heating, off, pump-down, restart", SPLIT, _heating),
    Scenario("air/air cooling, off, pump-down, restart", SPLIT, _cooling),
    Scenario("air/air reversed under load every 300 s", SPLIT, room_reversal_speed),
    Scenario("air/air, two cycles of frost and defrost", SPLIT, frost_speed),
    Scenario("air/air heating, off, pump-down, restart", DUCTED, _heating),
    Scenario("air/air cooling, off, pump-down, restart", DUCTED, _cooling),
    Scenario("air/air reversed under load every 300 s", DUCTED, room_reversal_speed),
    Scenario("air/air, two cycles of frost and defrost", DUCTED, frost_speed),
)


def measured(scenario: Scenario) -> dict[str, float]:
    """The figures of a scenario."""
    return scenario.measure(load_machine(scenario.machine))


@njit
def _work(n: int) -> float:
    total, x = 0.0, 0.5
    for _ in range(n):
        x = 3.7 * x * (1.0 - x)
        total += x
    return total


WORK = 10_000_000


def work_time(n: int = WORK) -> float:
    """Processor seconds of n dependent multiplications in compiled code: how fast this core is now."""
    _work(1)
    start = time.process_time()
    _work(n)
    return time.process_time() - start


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
    start = time.process_time()
    _many_states(fluid, sat, enthalpies, calls)
    return (time.process_time() - start) / calls


def steady_time(machine: Machine, repeats: int = 50) -> float:
    """Seconds for one steady point of a given heating capacity, from a cold guess each time."""
    steady.solve(machine, 7.0, 35.0, heating_w=5600.0)
    start = time.process_time()
    for _ in range(repeats):
        steady.solve(machine, 7.0, 35.0, heating_w=5600.0)
    return (time.process_time() - start) / repeats


def beside_tespy(machine: Machine, repeats: int = 10) -> dict[str, float]:
    """One point solved here and in TESPy: both times (s) and both COPs of the bare cycle."""
    point = steady.solve(machine, 7.0, 35.0, heating_w=5600.0)
    cycle = TespyCycle(point)
    cop = cycle.solve()
    start = time.process_time()
    for _ in range(repeats):
        cycle.solve()
    return {
        "steady_s": steady_time(machine),
        "tespy_s": (time.process_time() - start) / repeats,
        "cycle_cop": float(point["cycle_cop"]),
        "tespy_cop": cop,
    }
