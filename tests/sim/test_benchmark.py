"""The benchmark's duties do what they are named after; their speed is nobody's assertion."""

import pytest
from isentrope_sim import benchmark
from isentrope_sim.plant import Y
from plants import MACHINE

KEYS = {"cells", "sim_seconds", "realtime_factor", "solver_steps", "fallbacks", "shortest_step_s"}


@pytest.mark.parametrize("duty", [benchmark.plant_speed, benchmark.reversal_speed, benchmark.frost_speed])
def test_a_duty_counts_and_balances(duty):
    figures = duty(MACHINE, cells=5)
    assert set(figures) >= KEYS
    assert figures["cells"] == 5.0 and figures["sim_seconds"] > 7000.0
    assert figures["solver_steps"] >= figures["sim_seconds"] / 0.5
    assert abs(figures["charge_error"]) < 1e-3 and abs(figures["energy_error"]) < 5e-3


def test_the_frosting_duty_frosts():
    assert benchmark.frost_speed(MACHINE, cells=5)["frost_kg"] > 1.0


def test_the_reversal_duty_reverses(monkeypatch):
    positions = set()

    class Watched(benchmark.Plant):
        def step(self, u, dt_s):
            super().step(u, dt_s)
            positions.add(round(float(self.y[Y["reversing_position"]]), 1))

    monkeypatch.setattr(benchmark, "Plant", Watched)
    benchmark.reversal_speed(MACHINE, cells=5)
    assert {0.0, 1.0} <= positions
