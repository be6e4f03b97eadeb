"""What dirt on the coil says of itself: drawn units at drawn steady points, judged as the firmware judges.

A unit is a seed: displacement, heat transfer, charge, and sensors off as drawn. In heating it learns
in colder air and is judged in warmer, its coil free of frost, with what moisture the air may have; in cooling
it learns in mild air and is judged in hot, with warmer water. The laws are those of
firmware/isentrope/control/coilfouling.py, done anew with numpy.
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
from isentrope_sim.steady import cool, solve

from isentrope_hil.charge_draws import MACHINES, NOISE_K, ZERO_C, Progress, gas_flow, gauge_pa, saturated
from isentrope_hil.superheat_draws import inside_envelope

LEFT = (1.0, 0.8, 0.7, 0.6, 0.5)  # of air flow and air-side conductance
LOSS = 0.2  # of the charge
LEARNS, JUDGED = 30, 20  # points
# By cooling and learning: air; returning water (own choices).
AIR_C = {
    (False, True): (-5.0, 5.0), (False, False): (-3.0, 8.0),
    (True, True): (22.0, 31.0), (True, False): (24.0, 38.0),
}  # fmt: skip
RETURN_C = {
    (False, True): (25.0, 36.0), (False, False): (25.0, 42.0),
    (True, True): (13.0, 20.0), (True, False): (14.0, 23.0),
}  # fmt: skip
SPEEDS = (30.0, 90.0)
SUPERHEAT_K = (8.0, 10.0)  # by speed, the factory's
LIMIT = 0.10  # `coil_fouling`
_AIR, _HOT, _HOT_C, _RIDGE, _LEAST_LOAD, _LEAST_K = 0.6, 0.012, 30.0, 0.002, 0.8, 2.0  # coilfouling.py

Law = Callable[[float], float]


def coil_draws(
    machines: Sequence[str] = MACHINES, *, draws: int = 6, seed: int = 301, progress: Progress | None = None
) -> dict[str, Any]:
    """Judge `draws` units of each machine, from `seed` on; progress: units done and all of them.

    Returns `limit` and, under `heating` and `cooling`: `units` (machine, seed, `further`: for what is left of
    the coil's air in percent, and "charge" with a fifth of the charge gone, the mean share by which it works
    further from the air), `false` (sound units over the limit), `found` (units over it, by what is left).
    Raises InputError.
    """
    if draws < 1:
        raise InputError(f"draws is {draws}, allowed 1 and more")
    said: dict[str, Any] = {"limit": LIMIT}
    done, count = 0, 2 * draws * len(machines)
    for cooling in (False, True):
        units: list[dict[str, Any]] = []
        for name in machines:
            machine = load_machine(name)
            for each in range(seed, seed + draws):
                units.append({"machine": name, "seed": each, "further": _unit(machine, each, cooling)})
                done += 1
                if progress is not None:
                    progress(done, count)
        over = {key: sum(unit["further"][key] >= LIMIT for unit in units) for key in units[0]["further"]}
        said["cooling" if cooling else "heating"] = {"units": units, "false": over.pop("100"), "found": over}
    return said


def _unit(machine: Machine, seed: int, cooling: bool) -> dict[str, float]:
    random = np.random.Generator(np.random.PCG64([seed, 0xC011, cooling]))
    unit = Perturbation.draw(seed)
    x, y, _hidden = np.array([_point(machine, unit, random, cooling, learning=True) for _ in range(LEARNS)]).T
    x -= 1.0
    slope = np.cov(x, y, bias=True)[0, 1] / (np.var(x) + _RIDGE)
    first = float(y.mean() - slope * x.mean())

    def further(left: float, sick: Perturbation) -> float:
        fouled = _fouled(machine, left)
        judged = np.random.Generator(np.random.PCG64([seed, 0xC0DE, cooling]))  # the same weather for all
        shares = []
        for _ in range(JUDGED):
            load, distance_k, hidden_k = _point(fouled, sick, judged, cooling)
            expected_k = first + slope * (load - 1.0)
            shares.append((distance_k - expected_k) / max(expected_k + hidden_k, _LEAST_K))
        return float(np.mean(shares))

    said = {f"{100 * left:g}": further(left, unit) for left in LEFT}
    said["charge"] = further(1.0, dataclasses.replace(unit, charge=unit.charge * (1.0 - LOSS)))
    return said


def _fouled(machine: Machine, left: float) -> Machine:
    """As the plant's fault `coil-fouling` has it."""
    less = {name: machine.values[name] * left for name in ("air_multiplier", "fan_flow", "fan_free_flow")}
    return dataclasses.replace(machine, values=machine.values | less)


def _point(
    machine: Machine, unit: Perturbation, random: np.random.Generator, cooling: bool, learning: bool = False
) -> tuple[float, float, float]:
    """(load, distance from the air less what superheat asks, that), K, of one drawn steady point, as the
    controller would see them.
    """
    v = machine.values
    low, high = max(SPEEDS[0], v["min_rps"]), min(SPEEDS[1], v["max_rps"])
    while True:
        air_c = random.uniform(*AIR_C[cooling, learning])
        return_c = random.uniform(*RETURN_C[cooling, learning])
        speed, moist = random.uniform(low, high), random.uniform(0.0, 1.0)
        noise_k = float(random.normal(0.0, NOISE_K))
        if not cooling and not inside_envelope(machine.limits["envelope"], air_c, return_c + 6.0, speed):
            continue
        rise_k = max(5.0 * speed / v["rated_rps"] * (1.0 if cooling else 1.0 + air_c / 40.0), 1.5)
        share = (speed - v["min_rps"]) / (v["max_rps"] - v["min_rps"])
        superheat_k = SUPERHEAT_K[0] + share * (SUPERHEAT_K[1] - SUPERHEAT_K[0])
        given: dict[str, Any] = {"sink_dt_k": rise_k, "speed_rps": speed, "superheat_k": superheat_k}
        given["perturbation"] = unit
        try:
            if cooling:
                found = cool(machine, air_c, return_c - rise_k, **given)
            else:
                # Relative humidity of 93 to 57 % at 5 degC, 91 to 50 % at -3.
                wet_c = air_c - 0.5 - moist * (2.0 + 0.1 * max(air_c, 0.0))
                found = solve(machine, air_c, return_c + rise_k, wet_bulb_c=wet_c, **given)
        except (PlantError, InputError):
            continue
        load, distance_k, hidden_k = _seen(machine, unit, found, air_c, noise_k, cooling)
        if cooling or load * found["fan"] ** _AIR >= _LEAST_LOAD:
            return load, distance_k, hidden_k


def _seen(
    machine: Machine, unit: Perturbation, found: dict[str, float], air_c: float, noise_k: float, cooling: bool
) -> tuple[float, float, float]:
    fluid = fluids.load(machine.refrigerant)
    evap = saturated(fluid, gauge_pa(machine, unit, "evap_p", found["suction_pa"]))
    load = gas_flow(machine, fluid, found["speed_rps"], evap) / found["fan"] ** _AIR
    seen_c = air_c + unit.ntc_k["outdoor_t"] + noise_k
    if cooling:
        cond = saturated(fluid, gauge_pa(machine, unit, "cond_p", found["condensing_pa"]))
        return load * (1.0 - _HOT * (seen_c - _HOT_C)), float(cond[tb.T_BUBBLE]) - ZERO_C - seen_c, 0.0
    suction_c = float(saturated(fluid, found["suction_pa"])[tb.T_DEW]) - ZERO_C + found["suction_superheat_k"]
    hidden_k = suction_c + unit.ntc_k["suction_t"] - (float(evap[tb.T_DEW]) - ZERO_C)
    return load, seen_c - (float(evap[tb.T_DEW]) - ZERO_C) - hidden_k, hidden_k
