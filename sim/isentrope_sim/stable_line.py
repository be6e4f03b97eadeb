"""The minimum-stable-superheat line: what superheat a fixed valve holds steadily, by load.

Every point is a plant of its own, with carry-over, run on a valve that stays where it is: settled, then
watched for 20 min. Superheat is measured as a controller does: suction temperature and pressure through the
machine's own sensors with their lag and noise. Stable is a standard deviation of at most 0.7 K; the line is
the lowest stable mean superheat with none unstable above it. Dry air, so that no frost changes the coil
meanwhile.
"""

from collections.abc import Callable
from math import exp
from typing import Any

import numpy as np

from isentrope_sim.errors import InputError
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import Machine
from isentrope_sim.plant import INPUT_NAMES, Plant, U, Y
from isentrope_sim.site import site_data
from isentrope_sim.steady import solve

ZERO_C = 273.15
STEP_S = 0.5  # the firmware's scan
SETTLE_S, WATCH_S = 1500.0, 1200.0
STABLE_K = 0.7
LOADS = (0.3, 0.45, 0.6, 0.8, 1.0)  # of the heating capacity at full speed
SUPERHEATS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)  # K, of the steady point that gives the opening
SOURCE_C, WET_BULB_C, SINK_C = 7.0, 1.0, 35.0

Progress = Callable[[int, int], None]


def stable_line(
    machine: Machine,
    *,
    loads: tuple[float, ...] = LOADS,
    superheats: tuple[float, ...] = SUPERHEATS,
    seed: int = 0,
    cells: int = 10,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure the line at A7/W35.

    loads: fractions, 0..1, of the capacity at full speed; superheats: K, rising, of the steady points whose
    valve openings are tried; progress: called with points done and all of them.

    Returns a document: `machine`, `seed`, `points` (load, heating_w, speed_rps, eev_opening, steady_k,
    mean_k, std_k, stable, liquid_kg) and `line` (load, superheat_k; None: nothing tried is stable). Raises
    InputError: a machine that does not heat water, a load out of its range.
    """
    if machine.values["indoor_air"] > 0.0:
        raise InputError(f"{machine.name}: the stable line is measured on machines that heat water")
    for load in loads:
        if not 0.05 <= load <= 1.0:
            raise InputError(f"load is {load:g}, allowed 0.05 to 1")
    fastest = machine.values["max_rps"]
    full = _steady(machine, speed_rps=fastest)["heating_w"]
    points: list[dict[str, Any]] = []
    line: list[dict[str, Any]] = []
    for load in loads:
        # One speed for all openings of a load, that of the default superheat.
        speed = fastest if load == 1.0 else _steady(machine, heating_w=load * full)["speed_rps"]
        tried = []
        for superheat in superheats:
            tried.append(_point(machine, load, speed, superheat, seed, cells))
            points.append(tried[-1])
            if progress is not None:
                progress(len(points), len(loads) * len(superheats))
        line.append({"load": load, "superheat_k": lowest_stable(tried)})
    return {"machine": machine.name, "seed": seed, "stable_k": STABLE_K, "points": points, "line": line}


def lowest_stable(tried: list[dict[str, Any]]) -> float | None:
    """Mean superheat, K, at which the deviation falls to STABLE_K for good, between two points linearly."""
    above = len(tried)
    while above > 0 and tried[above - 1]["stable"]:
        above -= 1
    if above == len(tried):
        return None
    low = tried[above]
    if above == 0:
        return float(low["mean_k"])
    high = tried[above - 1]
    share = (STABLE_K - low["std_k"]) / (high["std_k"] - low["std_k"])
    return float(low["mean_k"] + share * (high["mean_k"] - low["mean_k"]))


def _steady(machine: Machine, **goal: Any) -> dict[str, Any]:
    return solve(machine, SOURCE_C, SINK_C, wet_bulb_c=WET_BULB_C, **goal)


def _point(
    machine: Machine, load: float, speed_rps: float, superheat: float, seed: int, cells: int
) -> dict[str, Any]:
    """One valve opening, held."""
    at = _steady(machine, speed_rps=speed_rps, superheat_k=superheat)
    plant = Plant(machine, cells=cells, carry_over=True, seed=seed)
    plant.reset(SOURCE_C + ZERO_C, at["humidity"], at["water_in_k"])
    u = np.zeros(len(INPUT_NAMES))
    for name, value in (
        ("fan", at["fan"]),
        ("water_kg_s", at["water_kg_s"]),
        ("water_in_k", at["water_in_k"]),
        ("outdoor_k", SOURCE_C + ZERO_C),
        ("outdoor_rh", at["humidity"]),
        ("eev_opening", at["eev_opening"]),
    ):
        u[U[name]] = value
    seen = []
    slew = machine.values["slew_rps_s"] * STEP_S
    gauges = Gauges(machine, plant, seed)
    for i in range(round((SETTLE_S + WATCH_S) / STEP_S)):
        u[U["speed_rps"]] = min(u[U["speed_rps"]] + slew, at["speed_rps"])
        plant.step(u, STEP_S)
        measured = gauges.superheat()
        if i * STEP_S >= SETTLE_S:
            seen.append(measured)
        elif i * STEP_S < SETTLE_S - STEP_S:
            slugged = float(plant.y[Y["slug_index"]])
    return {
        "load": load,
        "heating_w": at["heating_w"],
        "speed_rps": speed_rps,
        "eev_opening": at["eev_opening"],
        "steady_k": superheat,
        "mean_k": float(np.mean(seen)),
        "std_k": float(np.std(seen)),
        "stable": bool(np.std(seen) <= STABLE_K),
        "liquid_kg": float(plant.y[Y["slug_index"]]) - slugged,
    }


class Gauges:
    """Suction temperature and pressure as the machine's sensors give them: lag and white noise."""

    def __init__(self, machine: Machine, plant: Plant, seed: int) -> None:
        sensors = site_data(machine).sensors
        pressures = machine.controller["transducers"]["evap_p"]
        self._plant = plant
        self._heat, self._press = sensors["suction_t"], sensors["evap_p"]
        span = 1e3 * (pressures["high"]["value"] - pressures["low"]["value"])
        self._sigma = (self._heat.noise, self._press.noise * span)
        self._t, self._p = self._true()
        self._sat = np.zeros(tb.SAT_SIZE)
        self._random = np.random.Generator(np.random.PCG64(seed))

    def _true(self) -> tuple[float, float]:
        return float(self._plant.y[Y["t_suction"]]), float(self._plant.y[Y["p_suction"]])

    def superheat(self) -> float:
        """Measured superheat, K, after a step of STEP_S; below zero where the noise makes it so."""
        t, p = self._true()
        self._t += (1.0 - exp(-STEP_S / max(self._heat.lag_s, 1e-9))) * (t - self._t)
        self._p += (1.0 - exp(-STEP_S / max(self._press.lag_s, 1e-9))) * (p - self._p)
        noise_t, noise_p = self._random.standard_normal(2) * self._sigma
        tb.saturation(self._plant.fluid, self._p + noise_p, self._sat)
        return float(self._t + noise_t - self._sat[tb.T_DEW])
