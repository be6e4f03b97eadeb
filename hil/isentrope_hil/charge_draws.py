"""What the charge says of itself at rest: drawn units at drawn steady points, judged as the firmware judges.

A unit is a seed: valve, displacement, heat transfer, charge, and sensors off as drawn, with what noise a
minute's mean leaves. Subcooling is fitted over gas flow, water difference and evaporating temperature at the
points that it learns from, then compared at others, in colder air and warmer water, with the charge whole and
with some of it gone. The fit and its bounds are those of firmware/isentrope/control/baseline.py, done anew
with numpy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from isentrope_sim import fluids
from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.perturbation import Perturbation
from isentrope_sim.steady import solve
from numpy.typing import NDArray

from isentrope_hil.superheat_draws import VALVES, inside_envelope

MACHINES = tuple(VALVES)
LOSSES = (0.0, 0.10, 0.15, 0.20, 0.25)
LEARNS, JUDGED = 30, 10  # points
AIR_C = {True: (2.0, 15.0), False: (-7.0, 15.0)}  # while it learns, afterwards
RETURN_C = {True: (25.0, 36.0), False: (25.0, 42.0)}
WATER = {True: (0.97, 1.03), False: (0.8, 1.0)}  # of the rating's flow
SPEEDS = (30.0, 90.0)
NOISE_K = 0.03
LIMIT = 0.10  # `charge_shortfall`
ZERO_C = 273.15
RATED_K = ZERO_C - 2.0
_RIDGE, _FAR, _LEAST_K = 0.002, 12.0, 1.0  # baseline.py

Row = NDArray[np.float64]
Progress = Callable[[int, int], None]


def charge_draws(
    machines: Sequence[str] = MACHINES, *, draws: int = 6, seed: int = 301, progress: Progress | None = None
) -> dict[str, Any]:
    """Judge `draws` units of each machine, from `seed` on; progress: units done and all of them.

    Returns `units` (machine, seed, and for each loss in percent the mean share of subcooling that is
    lacking), `limit`, `false` (sound units over the limit) and `found` (units over it, by loss). Raises
    InputError.
    """
    if draws < 1:
        raise InputError(f"draws is {draws}, allowed 1 and more")
    units: list[dict[str, Any]] = []
    for name in machines:
        machine = load_machine(name)
        for each in range(seed, seed + draws):
            units.append({"machine": name, "seed": each, "lacking": _unit(machine, each)})
            if progress is not None:
                progress(len(units), draws * len(machines))
    over = {
        loss: sum(unit["lacking"].get(loss, 0.0) >= LIMIT for unit in units)
        for loss in (f"{100 * loss:g}" for loss in LOSSES)
    }
    return {"limit": LIMIT, "units": units, "false": over.pop("0"), "found": over}


def _unit(machine: Machine, seed: int) -> dict[str, float]:
    random = np.random.Generator(np.random.PCG64([seed, 0xC4A6]))
    unit = Perturbation.draw(seed)
    learned = [_point(machine, unit, random, learning=True) for _ in range(LEARNS)]
    z = np.array([row for row, _ in learned])
    ridge = np.diag([0.0] + [_RIDGE * len(z)] * 3)
    inverse = np.linalg.inv(z.T @ z + ridge)
    law = inverse @ z.T @ np.array([subcooling for _, subcooling in learned])
    lacking: dict[str, float] = {}
    for loss in LOSSES:
        less = dataclasses.replace(unit, charge=unit.charge * (1.0 - loss))
        shares = []
        for _ in range(JUDGED):
            row, subcooling = _point(machine, less, random)
            if row @ inverse @ row * len(z) < _FAR:
                shares.append(1.0 - subcooling / max(float(row @ law), _LEAST_K))
        if shares:
            lacking[f"{100 * loss:g}"] = float(np.mean(shares))
    return lacking


def _point(
    machine: Machine, unit: Perturbation, random: np.random.Generator, learning: bool = False
) -> tuple[Row, float]:
    """(regressors, subcooling) of one drawn steady point, as the controller would see them."""
    v = machine.values
    while True:
        air_c = random.uniform(*AIR_C[learning])
        return_c = random.uniform(*RETURN_C[learning])
        speed = random.uniform(max(SPEEDS[0], v["min_rps"]), min(SPEEDS[1], v["max_rps"]))
        # The rating's 5 K, over the capacity that speed and air give, at a flow of the drawn share.
        share = speed / v["rated_rps"] * (1.0 + air_c / 40.0)
        rise_k = 5.0 * share / random.uniform(*WATER[learning])
        if not inside_envelope(machine.limits["envelope"], air_c, return_c + 6.0, speed):
            continue
        try:
            found = solve(
                machine, air_c, return_c + rise_k, sink_dt_k=rise_k, speed_rps=speed,
                superheat_k=8.0, perturbation=unit,
            )  # fmt: skip
        except (PlantError, InputError):
            continue
        return _seen(machine, unit, found, rise_k, random)


def saturated(fluid: fluids.Table, pa: float) -> Row:
    """The saturation table's row at a pressure, Pa."""
    found = np.zeros(tb.SAT_SIZE)
    tb.saturation(fluid, pa, found)
    return found


def gauge_pa(machine: Machine, unit: Perturbation, name: str, pa: float) -> float:
    """What the unit's transducer `name` reads at a pressure, Pa."""
    ends = machine.controller["transducers"][name]
    return pa + unit.pressure_fs[name] * 1e3 * float(ends["high"]["value"] - ends["low"]["value"])


def gas_flow(machine: Machine, fluid: fluids.Table, speed_rps: float, evap: Row) -> float:
    """The compressor's gas flow over the rated one, as the firmware takes it from the suction pressure."""
    rated = saturated(fluid, tb.pressure_of_dew(fluid, RATED_K))[tb.RHO_VAP]
    return float(speed_rps * evap[tb.RHO_VAP] / (machine.values["rated_rps"] * rated))


def _seen(
    machine: Machine, unit: Perturbation, found: dict[str, float], rise_k: float, random: np.random.Generator
) -> tuple[Row, float]:
    fluid = fluids.load(machine.refrigerant)

    def off(name: str) -> float:
        return unit.ntc_k[name] + float(random.normal(0.0, NOISE_K))

    evap = saturated(fluid, gauge_pa(machine, unit, "evap_p", found["suction_pa"]))
    cond = saturated(fluid, gauge_pa(machine, unit, "cond_p", found["condensing_pa"]))
    liquid_k = saturated(fluid, found["condensing_pa"])[tb.T_BUBBLE] - found["subcooling_k"] + off("liquid_t")
    load = gas_flow(machine, fluid, found["speed_rps"], evap)
    difference_k = rise_k + off("flow_t") - off("return_t")
    row = np.array([1.0, load - 1.0, difference_k / 5.0 - 1.0, (evap[tb.T_DEW] - ZERO_C) / 10.0])
    return row, float(cond[tb.T_BUBBLE] - liquid_k)
