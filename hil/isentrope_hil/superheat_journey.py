"""One case's way through steady running and disturbances: what happens when, and what is noted of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isentrope_hil.bench import Bench
from isentrope_hil.superheat_draws import Case, machine_of

BOARD = "pico-full"
RH = 0.3  # dry air: frost is another test's
SETTLE_S, STEADY_S = 900.0, 480.0
_RISE_K = 5.0  # of the water, return to flow
_STEP_SUPERHEAT_K, _STEP_WATER_K, _STEP_AIR_K = 2.0, 5.0, 3.0
_AFTER_S = 280.0  # of a step
_RAMP_AFTER_S = 330.0
_END_S = 150.0

POINTS = (
    "superheat_k",
    "superheat_setpoint_k",
    "speed_set_rps",
    "decision",
    "eev_target_steps",
    "feedforward_steps",
    "flow_trim_pct",
    "discharge_c",
    "stop_alarms",
    "state",
)
TRUTHS = ("superheat_k", "liquid_kg_s", "speed_rps", "heat_w", "eev_opening", "p_suction")


@dataclass
class Phase:
    """A stretch of the journey; `rps` is the speed asked for, `slew_s` how long the ramp to it takes."""

    name: str
    duration_s: float
    rps: float
    knobs: dict[str, float] = field(default_factory=dict)
    shift_k: float = 0.0  # of the setpoint
    slew_s: float = 0.0
    stop: bool = False


@dataclass(frozen=True)
class Trace:
    """`columns[name]` is a point, `columns["true." + name]` a true value, one sample a scan from reset on."""

    step_s: float
    columns: dict[str, NDArray[np.float64]]
    phases: tuple[Phase, ...]

    def windows(self) -> list[tuple[Phase, int, int]]:
        """Each phase with its first sample and the one after its last."""
        found, at = [], 0
        for phase in self.phases:
            end = at + round(phase.duration_s / self.step_s)
            found.append((phase, at, min(end, len(self.columns["state"]))))
            at = end
        return found


def phases(case: Case, slew_rps_s: float) -> tuple[Phase, ...]:
    """The journey: steady, then steps of setpoint, water and air, ramps, the stop from full speed."""
    low, high = case.ramp_rps
    n, return_c = case.speed_rps, case.sink_c - _RISE_K

    def ramp(name: str, start: float, end: float) -> Phase:
        slew_s = abs(end - start) / slew_rps_s
        return Phase(name, slew_s + _RAMP_AFTER_S, end, slew_s=slew_s)

    return (
        Phase("steady", SETTLE_S + STEADY_S, n),
        Phase("setpoint up", _AFTER_S, n, shift_k=_STEP_SUPERHEAT_K),
        Phase("setpoint down", _AFTER_S, n),
        Phase("water up", _AFTER_S, n, {"return_c": return_c + _STEP_WATER_K}),
        Phase("water down", _AFTER_S, n, {"return_c": return_c}),
        Phase("air down", _AFTER_S, n, {"outdoor_c": case.air_c - _STEP_AIR_K}),
        Phase("air up", _AFTER_S, n, {"outdoor_c": case.air_c}),
        ramp("to high", n, high),
        ramp("ramp down", high, low),
        ramp("ramp up", low, high),
        Phase("stop", _END_S, high, stop=True),
    )


def run(case: Case, settings: dict[str, float], target: str = "cpython", until: str = "") -> Trace:
    """Closed loop through all phases, or up to and with phase `until`. Raises TargetError, PlantError."""
    bench = Bench(machine_of(case), BOARD, target, seed=case.seed + 1, perturb=case.unit, carry_over=True)
    with bench:
        slew = float(bench.profile["compressor"]["slew_rps_s"])
        journey = phases(case, slew)
        if until:
            journey = journey[: [phase.name for phase in journey].index(until) + 1]
        bench.reset(outdoor_c=case.air_c, rh=RH, water_c=case.sink_c - _RISE_K, settings=settings)
        bench.knob("bath", 1.0)
        bench.knob("return_c", case.sink_c - _RISE_K)
        bench.write("flow_setpoint_c", case.sink_c)
        rows = [row for phase in journey for row in _phase(bench, phase, settings)]
        step_s = bench.scan_s
    table = np.array(rows, dtype=np.float64)
    names = (*POINTS, *(f"true.{name}" for name in TRUTHS))
    return Trace(step_s, {name: table[:, i] for i, name in enumerate(names)}, journey)


def _phase(bench: Bench, phase: Phase, settings: dict[str, float]) -> list[list[float]]:
    for name, value in phase.knobs.items():
        bench.knob(name, value)
    for name in ("superheat_setpoint", "superheat_setpoint_high"):
        bench.write(name, settings[name] + phase.shift_k)
    bench.write("test_speed_rps", 0.0 if phase.stop else phase.rps)
    bench.write("enable", 0.0 if phase.stop else 1.0)
    table = bench.link.table.points
    named = {signal.name: (i, signal) for i, signal in enumerate(table)}
    points = [named[name] for name in POINTS]
    truths = [list(bench.rig.truth_names).index(name) for name in TRUTHS]
    rows = []
    for _ in range(round(phase.duration_s / bench.scan_s)):
        bench.step()
        raw: Any = bench.link.points
        row = [signal.physical(raw[i]) for i, signal in points]
        row.extend(bench.rig.truth[i] for i in truths)
        rows.append(row)
    return rows
