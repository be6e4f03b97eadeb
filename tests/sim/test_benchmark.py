"""The benchmark's duties do what they are named after; their speed is nobody's assertion."""

from typing import ClassVar

import pytest
from isentrope_sim import benchmark
from isentrope_sim.machine import load_machine
from isentrope_sim.plant import Y
from plants import MACHINE

KEYS = {
    "cells",
    "sim_seconds",
    "cpu_seconds",
    "realtime_factor",
    "solver_steps",
    "fallbacks",
    "shortest_step_s",
}
SPLIT = load_machine(benchmark.SPLIT)


def heating(machine, cells):
    return benchmark.room_speed(machine, False, cells)


def cooling(machine, cells):
    return benchmark.room_speed(machine, True, cells)


@pytest.mark.parametrize(
    ("duty", "machine"),
    [
        (benchmark.plant_speed, MACHINE),
        (benchmark.reversal_speed, MACHINE),
        (benchmark.frost_speed, MACHINE),
        (heating, SPLIT),
        (cooling, SPLIT),
        (benchmark.room_reversal_speed, SPLIT),
        (benchmark.frost_speed, SPLIT),
    ],
)
def test_a_duty_counts_and_balances(duty, machine):
    figures = duty(machine, cells=5)
    assert set(figures) >= KEYS
    assert figures["cells"] == 5.0 and figures["sim_seconds"] > 5400.0
    assert figures["solver_steps"] >= figures["sim_seconds"] / 0.5
    assert abs(figures["charge_error"]) < 1e-3 and abs(figures["energy_error"]) < 5e-3


def test_the_frosting_duty_frosts():
    assert benchmark.frost_speed(MACHINE, cells=5)["frost_kg"] > 1.0
    assert benchmark.frost_speed(SPLIT, cells=5)["frost_kg"] > 0.3


class Watched(benchmark.Plant):
    """A plant that remembers where the slide stood and what heat it gave."""

    positions: ClassVar[set[float]] = set()
    heat: ClassVar[list[float]] = []

    def step(self, u, dt_s):
        super().step(u, dt_s)
        self.positions.add(round(float(self.y[Y["reversing_position"]]), 1))
        self.heat.append(float(self.y[Y["heat_w"]]))


@pytest.mark.parametrize(
    ("duty", "machine"), [(benchmark.reversal_speed, MACHINE), (benchmark.room_reversal_speed, SPLIT)]
)
def test_the_reversal_duties_reverse(monkeypatch, duty, machine):
    Watched.positions.clear()
    monkeypatch.setattr(benchmark, "Plant", Watched)
    duty(machine, cells=5)
    assert {0.0, 1.0} <= Watched.positions


def test_the_room_duties_heat_and_cool(monkeypatch):
    monkeypatch.setattr(benchmark, "Plant", Watched)
    for duty, sign in ((heating, 1.0), (cooling, -1.0)):
        Watched.heat.clear()
        duty(SPLIT, cells=5)
        assert 1000.0 < sign * sum(Watched.heat) / len(Watched.heat) < 4000.0


def test_the_faults_act(monkeypatch):
    set_to = []

    class Faulty(benchmark.Plant):
        def set_fault(self, name, value):
            super().set_fault(name, value)
            set_to.append(name)

    monkeypatch.setattr(benchmark, "Plant", Faulty)
    figures = benchmark.fault_speed(MACHINE, cells=5)
    assert len(set_to) == 2 * len(benchmark.FAULTY)
    assert abs(figures["energy_error"]) < 5e-3


def test_every_scenario_names_a_machine_that_takes_it():
    for scenario in benchmark.SCENARIOS:
        air = load_machine(scenario.machine).values["indoor_air"] > 0.0
        assert air == scenario.what.startswith("air/air")


def test_work_is_timed():
    assert 0.0 < benchmark.work_time(100_000) < 10.0
