"""One defrost by the firmware on a house's water, for the validation page.

The machine heats at A2, wet bulb 1, W35 against a constant load until its controller defrosts by its own law
(factory settings); measured on the true values of the plant.
"""

from __future__ import annotations

import os
from typing import Any

from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.house import House, HouseData
from isentrope_sim.machine import load_machine
from isentrope_sim.site import fixed_speed
from isentrope_sim.validation.frost import BUFFERS, RH, SINK_C, SOURCE_C

from isentrope_hil.bench import Bench
from isentrope_hil.errors import TargetError

BOARD = "pico-full"
SCAN_S = 0.5
DEFROSTING = 5  # the state point (docs/control.md)
START_WATER_C = 30.0
LONGEST_S = 7200.0  # until a defrost begins: the law's 44 min of frosting and a start
OVER_S = 1200.0  # longest defrost: melting's 600 s, and what is around it
RECOVERY_S = 900.0  # after it, as in `frosting_house`


def measure(machine: str, heat_w: float) -> dict[str, Any]:
    """A defrost on every buffer of BUFFERS: {"note", "load_w", "rows"}.

    machine: a name or a path; heat_w: what the house draws, W. A row: buffer (kg a kilowatt), frost_kg at the
    begin, left_kg when it is over, melting_s (reversing valve on), whole_s, supply_k (fall of the buffer),
    coldest_c (water out of the plate). `note` says why there is none.
    """
    found: dict[str, Any] = {"note": "", "load_w": float(heat_w), "rows": []}
    if os.name != "posix":
        return found | {"note": "not run: the firmware's process needs a pseudo-terminal"}
    try:
        data = load_machine(machine)
        if fixed_speed(data):
            return found | {"note": "it runs inverter machines so far"}
        rated_kw = data.controller["house"]["rated_heat"]["value"] / 1e3
        with Bench(machine, BOARD, "unix") as bench:
            for per_kw in BUFFERS:
                row = _defrost(bench, heat_w, per_kw * rated_kw)
                found["rows"].append({"buffer": per_kw} | row)
    except (InputError, PlantError, TargetError) as error:
        found["note"] = str(error)
    return found


def _defrost(bench: Bench, heat_w: float, buffer_kg: float) -> dict[str, float]:
    site = bench.rig.site
    if site.house is None:
        raise InputError(f"machine {bench.machine}: no water indoors")
    bench.rig.house = House(HouseData(buffer_kg, site.house.pipe_kg))
    bench.reset(outdoor_c=SOURCE_C, rh=RH, water_c=START_WATER_C)
    bench.knob("load_w", heat_w)
    bench.write("flow_setpoint_c", SINK_C)
    bench.write("enable", 1)
    for _ in range(round(LONGEST_S / SCAN_S)):
        bench.step()
        if bench.read("state") == DEFROSTING:
            break
    else:
        raise TargetError(f"no defrost began within {LONGEST_S:g} s")
    before, frost = bench.truth("buffer_k"), bench.truth("frost_kg")
    seen: list[tuple[float, float]] = []
    whole = melting = 0.0
    while bench.read("state") == DEFROSTING:
        whole += SCAN_S
        melting += SCAN_S * bench.read("reversing_valve")
        _look(bench, seen)
        if whole > OVER_S:
            raise TargetError(f"a defrost was not over after {OVER_S:g} s")
    left = bench.truth("frost_kg")
    for _ in range(round(RECOVERY_S / SCAN_S)):
        _look(bench, seen)
    return {
        "frost_kg": frost,
        "left_kg": left,
        "melting_s": melting,
        "whole_s": whole,
        "supply_k": before - min(supply for supply, _ in seen),
        "coldest_c": min(outlet for _, outlet in seen) - 273.15,
    }


def _look(bench: Bench, seen: list[tuple[float, float]]) -> None:
    bench.step()
    seen.append((bench.truth("buffer_k"), bench.truth("t_water_out")))
