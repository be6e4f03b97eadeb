"""Frost and defrost of a machine at A2, wet bulb 1: cost, melting, swing of the supply, two cycles."""

from collections.abc import Callable
from typing import Any

from isentrope_sim import frosting_house, frosting_room
from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.frosting import Run, Sequence, cycle_average
from isentrope_sim.jit import Array
from isentrope_sim.machine import Machine
from isentrope_sim.plant import Y
from isentrope_sim.steady import ROOM_RH, humidity_default, room, solve

Said = Callable[[str], None]

SOURCE_C, SINK_C, ROOM_C = 2.0, 35.0, 20.0
RH = humidity_default(SOURCE_C)
# Bars: share of COP that frost and defrost cost together; seconds of melting; K that a house's supply falls
# in a defrost with the first buffer.
PENALTY, MELTING_S, SWING_K = (0.08, 0.17), (150.0, 310.0), (1.0, 3.0)
# Water in buffer and emitters, kg a kilowatt of rated heat: the usual buffer, and hardly more than what fan
# convectors hold (own choice).
BUFFERS = (25.0, 1.0)
EVERY_S = 30.0  # of the trace


TRACED = ("frost_kg", "air_m3_s", "heat_w", "electric_w")


def two_cycles(run: Run) -> dict[str, list[float]]:
    """Time and TRACED of a run's next two cycles, every EVERY_S."""
    trace: dict[str, list[float]] = {name: [] for name in ("t_s", *TRACED)}
    step = run.plant.step

    def watched(u: Array, dt_s: float) -> None:
        step(u, dt_s)
        if run.plant.time_s % EVERY_S < 0.5 * dt_s:
            trace["t_s"].append(round(run.plant.time_s, 1))
            for name in TRACED:
                trace[name].append(float(run.y[Y[name]]))

    run.plant.step = watched  # type: ignore[method-assign]
    run.one_cycle()
    run.one_cycle()
    return trace


def _water(machine: Machine) -> tuple[dict[str, Any], Run]:
    rated = machine.values["rated_rps"]
    point = solve(machine, SOURCE_C, SINK_C, speed_rps=rated)
    average = cycle_average(machine, SOURCE_C, SINK_C, speed_rps=rated)
    return average, Run(machine, point, SOURCE_C + 273.15, Sequence())


def swings(machine: Machine, heat_w: float) -> list[dict[str, float]]:
    """A defrost of the experiment on a house that draws heat_w, W, on every buffer of BUFFERS.

    Keys: buffer (kg a kilowatt), frost_kg, melting_s, supply_k (fall of the supply), coldest_c (water out of
    the plate).
    """
    point = solve(machine, SOURCE_C, SINK_C, speed_rps=machine.values["rated_rps"])
    rated_kw = machine.controller["house"]["rated_heat"]["value"] / 1e3
    found = []
    for per_kw in BUFFERS:
        s = frosting_house.swing(
            machine, point, SOURCE_C + 273.15, heat_w=heat_w, buffer_kg=per_kw * rated_kw
        )
        row = {"frost_kg": s.frost_kg, "melting_s": s.melting_s, "supply_k": s.supply_k}
        found.append({"buffer": per_kw, **row, "coldest_c": s.coldest_k - 273.15})
    return found


def _room(machine: Machine) -> tuple[dict[str, Any], Run]:
    rated, room_k = machine.values["rated_rps"], ROOM_C + 273.15
    point = room(machine, SOURCE_C, ROOM_C, cooling=False, speed_rps=rated)
    average = frosting_room.cycle_average(machine, SOURCE_C, ROOM_C, speed_rps=rated)
    run = frosting_room.RoomRun(machine, point, SOURCE_C + 273.15, room_k, ROOM_RH, frosting_room.SEQUENCE)
    return average, run


def measure(machine: Machine, said: Said) -> dict[str, Any]:
    """`cycle_average` at A2/W35, or A2 and a room at 20 degC, and rated speed, with the trace of two cycles.

    `swings` with water indoors, at the heat of the average. `note` says why where there is none.
    """
    said("frost and defrost")
    air = machine.values["indoor_air"] > 0.0
    try:
        average, run = _room(machine) if air else _water(machine)
        trace = two_cycles(run)
        on_house = [] if air else swings(machine, average["heating_w"])
    except (InputError, PlantError) as error:
        return {"note": str(error)}
    kept = (
        "heating_w",
        "cop",
        "dry_cop",
        "defrost_loss",
        "frosting_loss",
        "cycle_s",
        "melting_s",
        "frost_kg",
        "speed_rps",
        "ended_by",
    )
    return {name: average.get(name) for name in kept} | {"swings": on_house, "trace": trace, "note": ""}
