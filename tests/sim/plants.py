"""Helpers for tests on the dynamic plant."""

from math import exp

import numpy as np
from isentrope_sim.machine import load_machine
from isentrope_sim.plant import INPUT_NAMES, Plant, U, Y
from isentrope_sim.steady import solve

MACHINE = load_machine("ashp-r290-8kw")
SLEW = 2.0  # 1/s2, of the compressor in these tests


class Held:
    """A plant with its inputs held between changes; `log` keeps every output row."""

    def __init__(self, plant):
        self.plant = plant
        self.u = np.zeros(len(INPUT_NAMES))
        self.log = []

    def put(self, **inputs):
        for name, value in inputs.items():
            self.u[U[name]] = value

    def run(self, seconds, rps=None, dt=0.5, **inputs):
        """Advance; a new speed is approached at SLEW (downwards to 0 at once)."""
        self.put(**inputs)
        for _ in range(round(seconds / dt)):
            if rps is not None:
                now = self.u[U["speed_rps"]]
                change = SLEW * dt
                self.u[U["speed_rps"]] = 0.0 if rps == 0 else now + min(max(rps - now, -change), change)
            self.plant.step(self.u, dt)
            self.log.append(self.plant.y.copy())
        return self

    def __getitem__(self, name):
        return self.plant.y[Y[name]]

    def column(self, name):
        return np.array([row[Y[name]] for row in self.log])


class Stand(Held):
    """A plant in outdoor air on water."""

    def __init__(self, cells=10, outdoor_c=7.0, water_c=25.0, perturbation=None, machine=None):
        super().__init__(Plant(machine or MACHINE, cells=cells, perturbation=perturbation))
        self.plant.reset(outdoor_c + 273.15, 0.87, water_c + 273.15)
        self.put(fan=1.0, water_kg_s=0.2676, water_in_k=303.15, outdoor_k=outdoor_c + 273.15, outdoor_rh=0.87)

    def assert_balanced(self):
        """Charge within 0.1 % and energy within 0.5 % of the throughput, at every step so far."""
        assert np.abs(self.column("charge_error")).max() < 1e-3
        assert np.all(
            np.abs(self.column("energy_residual_j")) <= 5e-3 * self.column("energy_throughput_j") + 1.0
        )
        assert np.all(np.isfinite(self.plant.x))


def running(point, cells=10, machine=None):
    """A stand settled on a steady point (a result of `solve` for that machine)."""
    stand = Stand(cells, water_c=point["water_in_k"] - 273.15, machine=machine)
    stand.put(fan=point["fan"], water_kg_s=point["water_kg_s"], water_in_k=point["water_in_k"])
    stand.put(outdoor_rh=point["humidity"])
    stand.run(90, rps=point["speed_rps"], eev_opening=point["eev_opening"])
    return stand.run(4000, dt=1.0)


def steady(**kwargs):
    return solve(MACHINE, 7.0, 35.0, **kwargs)


def answer_time(stand, opening, seconds):
    """Time to 63 % of superheat's answer to another opening, behind a 10 s sensor, and the whole change."""
    start = sensed = stand["superheat_k"]
    trace = []
    stand.put(eev_opening=opening)
    for _ in range(round(seconds / 0.5)):
        stand.run(0.5)
        sensed += (stand["superheat_k"] - sensed) * (1.0 - exp(-0.5 / 10.0))
        trace.append(sensed)
    change = trace[-1] - start
    return 0.5 * (1 + int(np.argmax(np.abs(np.array(trace) - start) >= 0.632 * abs(change)))), change
