"""Random duty cycles far outside what a controller does: `python -m isentrope_sim.duties MACHINE 1000`.

Valve shut or wide, fan off, reversed under load, stopped in mid-travel, power cut, all speeds, -25 to +43
degC. A seed is a duty: the same seed gives the same trace in any process. The command prints what took short
steps, and fails on a duty that does not finish, or loses charge or energy.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np

from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.plant import INPUT_NAMES, Plant, U, Y

STEP_S = 0.5  # the firmware's scan
PHASES = 8
CELLS = (5, 8, 10, 10, 10, 16)
TRIP_PA = 31e5  # where a pressure switch opens: beyond it nobody runs a compressor
SLEW_RPS_S = 2.0
SHORT_S = 1e-5
CHARGE_LIMIT, ENERGY_LIMIT = 1e-3, 5e-3


@dataclass
class Report:
    """What became of one duty: seconds are simulated, but for wall_s; errors are relative; `end` says why it
    stopped early, or is empty.
    """

    seed: int
    cells: int
    seconds: float
    wall_s: float
    steps: int
    fallbacks: int
    shortest_s: float
    charge_error: float
    energy_error: float
    reversals: int
    end: str

    def fails(self) -> bool:
        """True if the duty did not finish, or its books do not balance."""
        balanced = self.charge_error < CHARGE_LIMIT and self.energy_error < ENERGY_LIMIT
        return bool(self.end) or not balanced

    def line(self) -> str:
        """One line for people."""
        return (
            f"seed {self.seed}: {self.cells} cells, {self.seconds:.0f} s, {self.steps} steps, "
            f"{self.fallbacks} fallbacks, shortest {self.shortest_s:.1e} s, {self.reversals} reversals, "
            f"charge {self.charge_error:.1e}, energy {self.energy_error:.1e} {self.end}"
        )


def run(machine: Machine, seed: int) -> Report:
    """Run the duty of a seed on a plant of its own."""
    rng = np.random.Generator(np.random.PCG64(seed))
    cells = int(rng.choice(CELLS))
    plant = Plant(machine, cells=cells)
    outdoor, water = float(rng.uniform(-25.0, 43.0)), float(rng.uniform(7.0, 55.0))
    plant.reset(outdoor + 273.15, 0.8, water + 273.15)
    v, u = machine.values, np.zeros(len(INPUT_NAMES))
    u[U["outdoor_k"]], u[U["outdoor_rh"]] = outdoor + 273.15, rng.uniform(0.3, 1.0)
    u[U["water_in_k"]] = water + 273.15
    u[U["indoor_k"]], u[U["indoor_rh"]] = rng.uniform(288.15, 308.15), rng.uniform(0.3, 0.8)
    nominal = v.get("water_flow_nominal", 0.0)
    charge = energy = 0.0
    reversals, end, start = 0, "", time.perf_counter()
    try:
        for _ in range(PHASES):
            target = float(
                rng.choice([0.0, rng.uniform(v["min_rps"], v["max_rps"]), rng.uniform(20.0, 60.0)])
            )
            u[U["eev_opening"]] = rng.choice([0.0, rng.uniform(0.05, 0.6), rng.uniform(0.2, 0.5), 1.0])
            u[U["fan"]] = rng.choice([0.0, 0.6, 1.0, 1.0])
            u[U["indoor_fan"]] = rng.choice([0.0, 0.6, 1.0, 1.0])
            u[U["water_kg_s"]] = nominal * rng.choice([0.0, 0.4, 1.0, 1.0, 1.5])
            u[U["water_in_k"]] = np.clip(u[U["water_in_k"]] + rng.uniform(-15.0, 15.0), 276.15, 328.15)
            u[U["outdoor_k"]] = np.clip(u[U["outdoor_k"]] + rng.uniform(-8.0, 8.0), 248.15, 316.15)
            if rng.random() < 0.5:
                u[U["reversing"]] = 1.0 - u[U["reversing"]]
                reversals += 1
            # Now and then the power fails within a second after the valve was switched.
            cut = float(rng.uniform(0.2, 1.2)) if rng.random() < 0.2 else np.inf
            tripped = False
            for i in range(round(float(rng.uniform(30.0, 240.0)) / STEP_S)):
                tripped |= plant.y[Y["p_discharge"]] > TRIP_PA
                now = u[U["speed_rps"]]
                reach = SLEW_RPS_S * STEP_S
                u[U["speed_rps"]] = now + min(max(target - now, -reach), reach)
                if target == 0.0 or tripped or i * STEP_S >= cut:
                    u[U["speed_rps"]] = 0.0
                if i * STEP_S >= cut:
                    u[U["fan"]] = u[U["indoor_fan"]] = u[U["water_kg_s"]] = u[U["reversing"]] = 0.0
                plant.step(u, STEP_S)
                y = plant.y
                charge = max(charge, abs(y[Y["charge_error"]]))
                scale = max(y[Y["energy_throughput_j"]], 1e4)
                energy = max(energy, abs(y[Y["energy_residual_j"]]) / scale)
        if not np.all(np.isfinite(plant.x)):
            end = "not finite"
    except PlantError as error:
        end = str(error)
    y = plant.y
    return Report(
        seed=seed,
        cells=cells,
        seconds=plant.time_s,
        wall_s=time.perf_counter() - start,
        steps=int(y[Y["solver_steps"]]),
        fallbacks=int(y[Y["solver_fallbacks"]]),
        shortest_s=float(y[Y["shortest_step_s"]]),
        charge_error=float(charge),
        energy_error=float(energy),
        reversals=reversals,
        end=end,
    )


def main(argv: list[str]) -> int:
    """MACHINE COUNT [FIRST SEED]: run the duties, print what was unusual and the sum."""
    if not 2 <= len(argv) <= 3:
        raise InputError("usage: python -m isentrope_sim.duties MACHINE COUNT [FIRST_SEED]")
    machine, count, first = load_machine(argv[0]), int(argv[1]), int(argv[2]) if len(argv) > 2 else 0
    reports = []
    for seed in range(first, first + count):
        report = run(machine, seed)
        reports.append(report)
        if report.fails() or report.shortest_s < SHORT_S:
            print(report.line(), flush=True)
    seconds, wall = sum(r.seconds for r in reports), sum(r.wall_s for r in reports)
    print(
        f"{count} duties, {sum(r.fails() for r in reports)} failed, {seconds / 3600:.0f} h simulated at "
        f"{seconds / wall:.0f} times real time; {sum(r.steps for r in reports)} steps, "
        f"{sum(r.fallbacks for r in reports)} fallbacks, {sum(r.reversals for r in reports)} reversals "
        f"asked; worst charge {max(r.charge_error for r in reports):.1e}, "
        f"energy {max(r.energy_error for r in reports):.1e}, "
        f"shortest step {min(r.shortest_s for r in reports):.1e} s"
    )
    return 1 if any(r.fails() for r in reports) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except InputError as error:
        sys.exit(f"error: {error}")
