"""A finished run in figures: the JSON document of `isentrope run`."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isentrope_hil import requirements
from isentrope_hil.conditions import Condition, Expression, Missing, View
from isentrope_hil.labels import state_labels
from isentrope_hil.recorder import Recorder
from isentrope_hil.requirements import Result
from isentrope_hil.scenario import Scenario
from isentrope_hil.targets.unix import DEFAULT_HEAP

_J_PER_KWH = 3.6e6
# Superheat is summed up over steady running: from 300 s after a start on, as issue requirements count it.
_RUNNING = "true.speed_rps > 1 for 300 s"


@dataclass
class RunInfo:
    """What the bench knows about a run besides its recorder.

    Args:
        scenario: as loaded.
        target: as given on the command line.
        seed: the run's seed, which may differ from the scenario's.
        wall_seconds: of the loop, from the first step on.
        speed: "max" or the pace; free_run: the board ran on its own clock, so there is no trace hash.
        link_noise: probability of a flipped byte; heap: of MicroPython on the unix port.
        image: of MicroPython for target rp2040, as given on the command line.
        error: why the run ended early, in one line; empty when it did not.
        firmware_sha256, firmware_version, device: what answered HELLO, and the hash of the files it runs.
        retries: requests sent again; counters: further link counters for the report.
        perturbation: how the plant differs from its machine file; empty for the nominal one.
        storage_before, storage: the controller's flash at the start and at the end; empty: new, none.
        unapplied: why the faults of these events were not applied; empty: all were.
        profile: the profile given to the firmware; console: bytes the device printed outside frames.
    """

    scenario: Scenario
    target: str
    seed: int
    wall_seconds: float
    speed: str = "max"
    free_run: bool = False
    link_noise: float = 0.0
    heap: str = DEFAULT_HEAP
    image: str | None = None
    error: str = ""
    firmware_sha256: str = ""
    firmware_version: str = ""
    device: str = ""
    retries: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    perturbation: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    console: bytes = b""
    storage_before: bytes = b""
    storage: bytes = b""
    unapplied: dict[str, str] = field(default_factory=dict)


def view_of(recorder: Recorder, scenario: Scenario) -> View:
    """The run as requirements see it."""
    return View(recorder, scenario.event_times_s(), scenario.duration_s, {"state": state_labels()})


def judge(recorder: Recorder, info: RunInfo) -> list[Result]:
    """The verdict on every requirement, and a blocked one for each event whose fault was not applied."""
    scenario = info.scenario
    view = view_of(recorder, scenario)
    judged = [requirements.judge(each, view) for each in scenario.requirements]
    return judged + scenario.blocked(info.unapplied)


def document(
    recorder: Recorder, info: RunInfo, results: list[Result], files: dict[str, str]
) -> dict[str, Any]:
    """The JSON document: keys may be added, never renamed; a figure that the run lacks is null."""
    # A run that ended early proves nothing about the controller, whatever it broke before.
    verdict = requirements.BLOCKED if info.error else requirements.overall(results)
    view = view_of(recorder, info.scenario)
    seconds = view.end_s + view.step_s if len(recorder) else 0.0
    return {
        "scenario": info.scenario.name,
        "machine": info.scenario.machine,
        "board": info.scenario.board,
        "target": info.target,
        "seed": info.seed,
        "verdict": verdict,
        "error": info.error or None,
        "sim_seconds": seconds,
        "wall_seconds": round(info.wall_seconds, 3),
        "realtime_factor": _rounded(seconds / info.wall_seconds if info.wall_seconds > 0.0 else None, 1),
        "trace_sha256": None if info.free_run else recorder.sha256(),
        "trace_rows": len(recorder),
        "trace_columns": len(recorder.layout),
        "firmware_sha256": info.firmware_sha256 or None,
        "firmware_version": info.firmware_version or None,
        "free_run": info.free_run,
        "requirements": [result.as_json() for result in results],
        "summary": figures(view),
        "link": {
            "steps": len(recorder),
            "rtt_us_p50": _percentile(view, "timing.rtt_us", 50),
            "rtt_us_p99": _percentile(view, "timing.rtt_us", 99),
            "retries": info.retries,
            **info.counters,
        },
        "device": {
            "scan_us_p50": _percentile(view, "timing.scan_us", 50),
            "scan_us_p99": _percentile(view, "timing.scan_us", 99),
            "heap_free_min": _least(view, "timing.heap_free"),
            "gc_count": _collections(view),
        },
        "files": files,
    }


def figures(view: View) -> dict[str, Any]:
    """Heat, electricity and COP of the whole run (true values), superheat while running, starts and defrosts.

    Superheat's mean and standard deviation are of the measured value, its minimum of the true one, all
    from 300 s after each start.
    """
    heat_j, electric_j = _integral_j(view, "true.heat_w"), _integral_j(view, "true.electric_w")
    measured, true = _running(view, "superheat_k"), _running(view, "true.superheat_k")
    cop = heat_j / electric_j if heat_j is not None and electric_j else None
    return {
        "cop": _rounded(cop, 3),
        "heat_kwh": _rounded(None if heat_j is None else heat_j / _J_PER_KWH, 4),
        "electric_kwh": _rounded(None if electric_j is None else electric_j / _J_PER_KWH, 4),
        "superheat_mean_k": _rounded(float(np.mean(measured)) if len(measured) else None, 3),
        "superheat_std_k": _rounded(float(np.std(measured)) if len(measured) else None, 3),
        "superheat_min_k": _rounded(float(np.min(true)) if len(true) else None, 3),
        "defrosts": _rises(view, "state == defrosting"),
        "starts": _rises(view, "true.speed_rps > 1"),
        "run_s": _held_s(view, "true.speed_rps > 1"),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)


def _values(view: View, name: str) -> np.ndarray:
    try:
        return view.values(Expression(name))
    except Missing:
        return np.empty(0)


def _integral_j(view: View, name: str) -> float | None:
    values = _values(view, name)
    return float(np.sum(values)) * view.step_s if len(values) else None


def _running(view: View, name: str) -> np.ndarray:
    values = _values(view, name)
    try:
        return values[view.holds(Condition.parse(_RUNNING))] if len(values) else values
    except Missing:
        return np.empty(0)


def _held(view: View, condition: str) -> np.ndarray | None:
    try:
        return view.holds(Condition.parse(condition))
    except Missing:
        return None


def _rises(view: View, condition: str) -> int | None:
    held = _held(view, condition)
    return None if held is None else int(np.count_nonzero(held & ~np.concatenate(([False], held[:-1]))))


def _held_s(view: View, condition: str) -> float | None:
    held = _held(view, condition)
    return None if held is None else float(np.count_nonzero(held)) * view.step_s


def _percentile(view: View, name: str, percent: float) -> float | None:
    values = _values(view, name)
    return round(float(np.percentile(values, percent)), 1) if len(values) else None


def _least(view: View, name: str) -> int | None:
    values = _values(view, name)
    return int(values.min()) if len(values) else None


def _collections(view: View) -> int | None:
    """Collections over the run; the device's counter wraps at 2^16."""
    values = _values(view, "timing.gc_count").astype(np.int64)
    return int(values[0] + np.sum(np.diff(values) & 0xFFFF)) if len(values) else None
