"""Measuring a machine model at the part-load conditions, with any solver of its net operating point."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isentrope_sim.machine import Machine
from isentrope_sim.rating.conditions import Condition

# solve(machine, source_c, sink_out_c, heating_w=... | speed_rps=...) -> keys of `isentrope steady --json`.
Solver = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Measured:
    """A condition with its load and the solved point; full_w: capacity at full speed; powers W.

    running: "modulating", or at "least" or "full" speed.
    """

    condition: Condition
    load_w: float
    full_w: float
    running: str
    point: dict[str, Any]


def capacity_at_full_speed(machine: Machine, solver: Solver, condition: Condition) -> float:
    """Net heating capacity, W, at the highest speed."""
    top = machine.values["max_rps"]
    point = solver(machine, condition.source_c, condition.outlet_c, speed_rps=top)
    return float(point["heating_w"])


def measure(
    machine: Machine, solver: Solver, condition: Condition, load_w: float, quick: Solver | None = None
) -> Measured:
    """The point at a load: the speed follows it; at the ends of the speed range the capacity is what it is.

    Below the least capacity the unit cycles, above the full one the backup heater helps: both are the
    season's matter. `quick` never gives less heat than `solver` (no frost): where it falls short of the load
    at least speed, the slow one is not asked. Raises what the solver raises.
    """

    def at(solver: Solver = solver, **wanted: float) -> dict[str, Any]:
        return solver(machine, condition.source_c, condition.outlet_c, **wanted)

    least, top = machine.values["min_rps"], machine.values["max_rps"]
    full = at(speed_rps=top)
    full_w = full["heating_w"]
    if full_w <= load_w:
        return Measured(condition, load_w, full_w, "full", full)
    if least == top or quick is None or at(quick, speed_rps=least)["heating_w"] >= load_w:
        low = full if least == top else at(speed_rps=least)
        if low["heating_w"] >= load_w:
            return Measured(condition, load_w, full_w, "least", low)
    return Measured(condition, load_w, full_w, "modulating", at(heating_w=load_w))
