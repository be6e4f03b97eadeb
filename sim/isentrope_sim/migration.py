"""Refrigerant migration: what a compressor's oil takes up in a cold night, and how it boils out at the start.

A machine at work is switched off in the evening, valve shut, fan and pump at rest, left to a night that cools
and then warms towards noon, and started in the morning as a controller does it: fan and pump, valve open,
speed on its ramp. Once without the crankcase heater and once with it. Coil, lines and shell follow the
outdoor air with their own lag; the indoor exchanger keeps the water it holds.
"""

from collections.abc import Callable
from math import cos, pi
from typing import Any

import numpy as np

from isentrope_sim.errors import InputError
from isentrope_sim.jit import Array
from isentrope_sim.machine import Machine
from isentrope_sim.plant import INPUT_NAMES, Plant, U, Y, check
from isentrope_sim.site import site_data
from isentrope_sim.steady import solve

ZERO_C = 273.15
STEP_S = 0.5  # the firmware's scan
RUN_S = 1800.0
START_S = 600.0
EVENING_C, SINK_C = 2.0, 35.0
NIGHT_H, COLDEST_C = 12.0, -7.0
COLDEST_AT = 0.7  # own choice: share of the night, some three hours before the start
HUMIDITY = 0.5  # too dry for frost, which is not what is looked at
SAMPLE_S, START_SAMPLE_S = 120.0, 2.0
Series = dict[str, list[float]]


def migration(
    machine: Machine,
    *,
    hours: float = NIGHT_H,
    coldest_c: float = COLDEST_C,
    cells: int = 10,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """The night without and with the heater.

    hours: of standstill; coldest_c: lowest outdoor temperature, degC, from EVENING_C down and back to it;
    progress: called with nights done and all of them.

    Returns a document: `machine`, `heater_w`, `hours`, `cases` of two, each with `heater` (0 or 1), `night`
    and `start` (series by name: hours or seconds, oil_g, dilution, t_oil_c, outdoor_c, release_g_s), and of
    the start `dilution`, `oil_g` before it, `foam_g` (boiled out of the oil in START_S), `foam_first_g` (in
    its first minute) and `slug_g` (liquid into the compressor). Raises InputError: no oil or no heater in the
    machine file, a night out of range.
    """
    if machine.values["oil_mass"] <= 0.0:
        raise InputError(f"{machine.name}: the file has no section oil, so nothing dissolves")
    heater = site_data(machine).crankcase_w
    if heater <= 0.0:
        raise InputError(f"{machine.name}: controller.crankcase_power is 0, there is no heater to compare")
    if machine.values["indoor_air"] > 0.0:
        raise InputError(f"{machine.name}: the night is measured on machines that heat water")
    check("hours", hours, 0.5, 72.0)
    check("coldest_c", coldest_c, -25.0, EVENING_C)
    at = solve(machine, EVENING_C, SINK_C, speed_rps=machine.values["rated_rps"])
    cases = []
    for on in (0, 1):
        cases.append(_case(machine, at, cells, hours, coldest_c, on * heater))
        if progress is not None:
            progress(on + 1, 2)
    return {"machine": machine.name, "heater_w": heater, "hours": hours, "cases": cases}


def outdoor_c(hour: float, hours: float, coldest_c: float) -> float:
    """Outdoor air, degC: a cosine down to coldest_c at COLDEST_AT of the night, and back."""
    down = hour / (COLDEST_AT * hours)
    phase = down if down < 1.0 else 1.0 + (hour / hours - COLDEST_AT) / (1.0 - COLDEST_AT)
    return EVENING_C - 0.5 * (EVENING_C - coldest_c) * (1.0 - cos(pi * phase))


def _case(
    machine: Machine, at: dict[str, Any], cells: int, hours: float, coldest_c: float, heater: float
) -> dict[str, Any]:
    """One night with this heater, W."""
    plant = Plant(machine, cells=cells)
    plant.reset(EVENING_C + ZERO_C, HUMIDITY, at["water_in_k"])
    u = np.zeros(len(INPUT_NAMES))
    u[U["water_in_k"]], u[U["outdoor_rh"]] = at["water_in_k"], HUMIDITY
    u[U["outdoor_k"]] = EVENING_C + ZERO_C
    _run(plant, u, at, RUN_S, {}, RUN_S)
    for name in ("speed_rps", "eev_opening", "fan", "water_kg_s"):
        u[U[name]] = 0.0
    u[U["crankcase_w"]] = heater
    night: Series = {}
    steps = round(hours * 3600.0 / STEP_S)
    for i in range(steps):
        u[U["outdoor_k"]] = outdoor_c(i * STEP_S / 3600.0, hours, coldest_c) + ZERO_C
        plant.step(u, STEP_S)
        if i % round(SAMPLE_S / STEP_S) == 0 or i == steps - 1:
            _take(night, plant, u, "hours", (i + 1) * STEP_S / 3600.0)
    u[U["crankcase_w"]] = 0.0
    foam, slug = plant.y[Y["foam_index"]], plant.y[Y["slug_index"]]
    start: Series = {}
    first = _run(plant, u, at, START_S, start, START_SAMPLE_S)
    return {
        "heater": float(heater > 0.0),
        "night": night,
        "start": start,
        "oil_g": night["oil_g"][-1],
        "dilution": night["dilution"][-1],
        "foam_g": 1e3 * float(plant.y[Y["foam_index"]] - foam),
        "foam_first_g": 1e3 * float(first - foam),
        "slug_g": 1e3 * float(plant.y[Y["slug_index"]] - slug),
    }


def _run(
    plant: Plant, u: Array, at: dict[str, Any], seconds: float, series: Series, sample_s: float
) -> float:
    """Heat at the steady point `at`, the speed on its ramp; the foam index after the first minute."""
    u[U["fan"]], u[U["water_kg_s"]], u[U["eev_opening"]] = at["fan"], at["water_kg_s"], at["eev_opening"]
    slew = plant.machine.values["slew_rps_s"] * STEP_S
    u[U["speed_rps"]] = plant.machine.values["min_rps"]
    first = 0.0
    for i in range(round(seconds / STEP_S)):
        plant.step(u, STEP_S)
        u[U["speed_rps"]] = min(u[U["speed_rps"]] + slew, at["speed_rps"])
        if (i + 1) % round(sample_s / STEP_S) == 0:
            _take(series, plant, u, "seconds", (i + 1) * STEP_S)
        if (i + 1) * STEP_S == 60.0:
            first = float(plant.y[Y["foam_index"]])
    return first


def _take(series: Series, plant: Plant, u: Array, clock: str, time: float) -> None:
    y = plant.y
    for name, value in (
        (clock, time),
        ("oil_g", 1e3 * y[Y["oil_refrigerant_kg"]]),
        ("dilution", y[Y["oil_dilution"]]),
        ("release_g_s", 1e3 * y[Y["oil_release_kg_s"]]),
        ("t_oil_c", y[Y["t_oil"]] - ZERO_C),
        ("outdoor_c", u[U["outdoor_k"]] - ZERO_C),
    ):
        series.setdefault(name, []).append(float(value))
