"""Measuring a machine model at the part-load conditions, with any solver of its net operating point."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isentrope_sim import limits
from isentrope_sim.machine import Machine
from isentrope_sim.rating.conditions import Condition

# solve(machine, source_c, sink_out_c, heating_w=... | speed_rps=...) -> keys of `isentrope steady --json`.
Solver = Callable[..., dict[str, Any]]
# (highest speed, 1/s, at a condition; the limit that holds it there, or "")
Top = Callable[[Condition], tuple[float, str]]


@dataclass(frozen=True)
class Measured:
    """A condition with its load and the solved point; full_w: capacity at full speed; powers W.

    running: "modulating", or at "least" or "full" speed; limit: what holds full speed, or would hold it where
    limits are not asked for, or "".
    """

    condition: Condition
    load_w: float
    full_w: float
    running: str
    point: dict[str, Any]
    limit: str = ""


def unlimited(machine: Machine) -> Top:
    """The machine's highest speed at any condition."""
    return lambda condition: (machine.values["max_rps"], "")


def limited(machine: Machine, dry: Solver) -> Top:
    """The highest speed inside the machine's limits (`limits.top_speed`), by its points without frost."""

    def top(condition: Condition) -> tuple[float, str]:
        at = (condition.source_c, condition.outlet_c)
        return limits.top_speed(machine, lambda rps: dry(machine, *at, speed_rps=rps))

    return top


def capacity_at_full_speed(machine: Machine, solver: Solver, condition: Condition, top: Top) -> float:
    """Net heating capacity, W, at the highest speed."""
    point = solver(machine, condition.source_c, condition.outlet_c, speed_rps=top(condition)[0])
    return float(point["heating_w"])


def measure(
    machine: Machine,
    solver: Solver,
    condition: Condition,
    load_w: float,
    quick: Solver | None = None,
    top: Top | None = None,
) -> Measured:
    """The point at a load: the speed follows it; at the ends of the speed range the capacity is what it is.

    Below the least capacity the unit cycles, above the full one the backup heater helps: both are the
    season's matter. `quick` never gives less heat than `solver` (no frost): where it falls short of the load
    at least speed, the slow one is not asked. `top`: highest speed (default: the machine's own). Raises what
    the solver raises.
    """

    def at(solver: Solver = solver, **wanted: float) -> dict[str, Any]:
        return solver(machine, condition.source_c, condition.outlet_c, **wanted)

    least = machine.values["min_rps"]
    most, limit = (top or unlimited(machine))(condition)
    full = at(speed_rps=most)
    full_w, limit = full["heating_w"], limit or str(full.get("limit", ""))
    if full_w <= load_w:
        return Measured(condition, load_w, full_w, "full", full, limit)
    if least == most or quick is None or at(quick, speed_rps=least)["heating_w"] >= load_w:
        low = full if least == most else at(speed_rps=least)
        if low["heating_w"] >= load_w:
            return Measured(condition, load_w, full_w, "least", low, limit)
    return Measured(condition, load_w, full_w, "modulating", at(heating_w=load_w), limit)
