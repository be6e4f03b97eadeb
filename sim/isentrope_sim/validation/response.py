"""How superheat answers the expansion valve: gain over superheat, and the time of a step's answer.

Two gains: over the valve's stroke, which the bar is on, and over the refrigerant's flow, which is the coil's
own. A step's answer is a delay and a first-order lag, as air-cooled evaporators are identified (Aprea and
Renno 2001, a linear model with delay).
"""

from collections.abc import Callable, Sequence
from math import exp, log
from typing import Any

import numpy as np

from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.machine import Machine
from isentrope_sim.plant import INPUT_NAMES, Plant, U, Y
from isentrope_sim.steady import room, solve

Said = Callable[[str], None]

SOURCE_C, SINK_C, ROOM_C = 7.0, 35.0, 20.0
# Too dry for frost, which would close the coil during a step's answer.
DRY_WET_BULB_C = 1.0
SUPERHEATS_K = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0)
LOW_K, HIGH_K, AROUND_K = 4.0, 14.0, 0.75  # the two gains, and half of what they are taken over
STEP_K = 7.0  # superheat a step starts from
STEP = 0.03  # of the opening, up and down: some 1 to 3 K (own choice)
SENSOR_S = 10.0  # thermistor lag
SETTLE_S, ANSWER_S, DT = 4000.0, 600.0, 0.5
# Bars: gain at LOW_K over that at HIGH_K; dominant time constant, s, sensor's lag included.
GAIN_RATIO, TIME_S = 2.0, (10.0, 60.0)


def point(machine: Machine, superheat_k: float, speed_rps: float, wet_bulb_c: float | None = None) -> Any:
    """The heating point at A7/W35, or A7 and a room at 20 degC; as `steady.solve` and `steady.room` do."""
    asked: dict[str, Any] = {
        "superheat_k": superheat_k,
        "speed_rps": speed_rps,
        "wet_bulb_c": wet_bulb_c,
    }
    if machine.values["indoor_air"] > 0.0:
        return room(machine, SOURCE_C, ROOM_C, cooling=False, **asked)
    return solve(machine, SOURCE_C, SINK_C, **asked)


def speeds(machine: Machine) -> list[float]:
    """A third and two thirds of the highest speed, and the highest, where the machine runs there; 1/s."""
    v = machine.values
    wanted = {min(max(v["max_rps"] * part, v["min_rps"]), v["max_rps"]) for part in (1 / 3, 2 / 3, 1.0)}
    return sorted(wanted)


def gains(machine: Machine, speed_rps: float) -> dict[str, Any]:
    """Openings over SUPERHEATS_K, and gains at LOW_K and HIGH_K: K per full stroke, K per percent of flow.

    `monotone`: more opening is less superheat everywhere. `td_k`: by how much the air is over evaporating
    at LOW_K, more than which superheat cannot be without the coil starving.
    """
    curve = [point(machine, k, speed_rps)["eev_opening"] for k in SUPERHEATS_K]

    def gain(k: float) -> tuple[float, float]:
        wide, narrow = (point(machine, k + way, speed_rps) for way in (-AROUND_K, AROUND_K))
        stroke = wide["eev_opening"] - narrow["eev_opening"]
        flow = 100.0 * log(wide["mass_flow_kg_s"] / narrow["mass_flow_kg_s"])
        return float(2.0 * AROUND_K / stroke), float(2.0 * AROUND_K / flow)

    (gain_low, flow_low), (gain_high, flow_high) = gain(LOW_K), gain(HIGH_K)
    return {
        "speed_rps": speed_rps,
        "superheat_k": list(SUPERHEATS_K),
        "opening": curve,
        "gain_low": gain_low,
        "gain_high": gain_high,
        "flow_low": flow_low,
        "flow_high": flow_high,
        "td_k": SOURCE_C + 273.15 - float(point(machine, LOW_K, speed_rps)["evaporating_k"]),
        "monotone": bool(np.all(np.diff(curve) < 0.0)),
    }


def settled(machine: Machine, start: dict[str, Any]) -> tuple[Plant, Any]:
    """The dynamic plant settled on a point of `point`; (plant, its inputs)."""
    plant = Plant(machine)
    indoor_k = start.get("water_in_k", ROOM_C + 273.15)
    plant.reset(SOURCE_C + 273.15, start["humidity"], indoor_k)
    u = np.zeros(len(INPUT_NAMES))
    for name, value in (
        ("outdoor_k", SOURCE_C + 273.15),
        ("outdoor_rh", start["humidity"]),
        ("fan", start["fan"]),
        ("eev_opening", start["eev_opening"]),
        ("water_kg_s", start.get("water_kg_s", 0.0)),
        ("water_in_k", indoor_k),
        ("indoor_k", ROOM_C + 273.15),
        ("indoor_rh", 0.5),
        ("indoor_fan", start.get("room_fan", 1.0)),
    ):
        u[U[name]] = value
    for _ in range(round(SETTLE_S)):
        u[U["speed_rps"]] = min(u[U["speed_rps"]] + machine.values["slew_rps_s"], start["speed_rps"])
        plant.step(u, 1.0)
    return plant, u


def identified(trace: Sequence[float], dt_s: float) -> tuple[float, float, float]:
    """(delay, time constant, time to 63.2 %), s, of a step's answer sampled every dt_s from the step on.

    The first-order lag with delay through 28.3 and 63.2 % of the answer: constant 1.5 (t63 - t28) and delay
    t63 less the constant (C. L. Smith, Digital Computer Process Control, 1972); between samples linear. The
    trace ends at the answer's final value.
    """
    share = (np.array(trace) - trace[0]) / (trace[-1] - trace[0])

    def reached(part: float) -> float:
        i = int(np.argmax(share >= part))
        return dt_s * float(i - 1 + (part - share[i - 1]) / (share[i] - share[i - 1]))

    t63 = reached(0.632)
    constant = 1.5 * (t63 - reached(0.283))
    return t63 - constant, constant, t63


def answer(machine: Machine, speed_rps: float) -> dict[str, Any]:
    """Sensed superheat after a step of the valve down and up: `identified` of each, down first."""
    plant, u = settled(machine, point(machine, STEP_K, speed_rps, DRY_WET_BULB_C))
    saved, opening = plant.snapshot(), u[U["eev_opening"]]
    traces, found, right = [], [], True
    for change in (-STEP, STEP):
        plant.restore(saved)
        u[U["eev_opening"]] = opening * (1.0 + change)
        sensed = plant.y[Y["superheat_k"]]
        trace = [float(sensed)]
        for _ in range(round(ANSWER_S / DT)):
            plant.step(u, DT)
            sensed += (plant.y[Y["superheat_k"]] - sensed) * (1.0 - exp(-DT / SENSOR_S))
            trace.append(float(sensed))
        total = trace[-1] - trace[0]
        right &= total * change < 0.0
        found.append(identified(trace, DT))
        traces.append(trace[::10])
    delays, constants, seconds = (list(column) for column in zip(*found, strict=True))
    return {
        "speed_rps": speed_rps,
        "delay_s": delays,
        "constant_s": constants,
        "seconds": seconds,
        "right_way": right,
        "traces": traces,
        "trace_dt": 5.0,
    }


def measure(machine: Machine, said: Said) -> list[dict[str, Any]]:
    """Gains and answers at each of `speeds`; `note` where a point has no solution."""
    found = []
    for speed in speeds(machine):
        said(f"superheat at {speed:.0f} 1/s")
        try:
            found.append(gains(machine, speed) | answer(machine, speed) | {"note": ""})
        except (InputError, PlantError) as error:
            found.append({"speed_rps": speed, "note": str(error)})
    return found
