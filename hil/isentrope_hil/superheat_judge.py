"""What a case's trace is judged by: the bars of steady superheat and of disturbances.

Measured superheat counts for steadiness and return, true superheat and liquid for safety. "Back" is judged on
a mean over 30 s: bursts of carry-over alone move a sample by more than a kelvin now and then.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from isentrope_hil.superheat_draws import Case
from isentrope_hil.superheat_journey import STEADY_S, Phase, Trace

MEAN_K = 0.5
DEVIATION_K = {True: 0.5, False: 1.0}  # of a fine valve, of a coarse one
FINE_STEPS = 1000
LOW_K = {False: 2.0, True: 1.0}  # nominal, perturbed
LOW_S = 5.0
BAND_K, BACK_S, OVER_S = 1.0, 120.0, 30.0
AFTER_START_S = 600.0  # own: the accumulator boils empty in up to some 420 s; starts have their own test
_LIMITS = range(20, 29)  # decisions that hold, reduce or raise the speed near a limit
_DISCHARGE = (20, 21)
_RUNS_RPS = 1.0
_STANDS_RPS = 0.5
_ENDS_S = 150.0  # of steady end of a phase on the way, before the next
_BEFORE_S = 180.0
_WIDE = 0.5  # of that time at its end: the valve is too small for the unit, nothing regulates

RAMPS = ("ramp up", "ramp down")

Numbers = NDArray[np.float64]


def judge(case: Case, trace: Trace, valve_steps: int, discharge_max_c: float) -> dict[str, Any]:
    """Figures and verdicts of one case; `bars` holds name -> passed, None where nothing is judged."""
    columns, step_s = trace.columns, trace.step_s
    error = columns["superheat_k"] - columns["superheat_setpoint_k"]
    running = columns["true.speed_rps"] > _RUNS_RPS
    judged = running & (np.arange(len(running)) * step_s >= AFTER_START_S)
    figures: dict[str, Any] = {"trips": int(np.max(columns["stop_alarms"]) > 0)}
    bars: dict[str, bool | None] = {}
    low_k = LOW_K[case.unit is not None]
    deviation_k = DEVIATION_K[valve_steps > FINE_STEPS]
    slow: list[str] = []
    wet = liquid_s = 0.0
    for phase, start, end in trace.windows():
        part = slice(start, end)
        under = longest_s(judged[part] & (columns["true.superheat_k"][part] < low_k), step_s)
        liquid = float(np.sum(judged[part] & (columns["true.liquid_kg_s"][part] > 0.0))) * step_s
        name = phase.name
        truth = columns["true.superheat_k"][part][judged[part]]
        figures[f"{name}: least K"] = float(np.min(truth)) if len(truth) else None
        figures[f"{name}: low s"], figures[f"{name}: liquid s"] = under, liquid
        wet, liquid_s = max(wet, under), liquid_s + liquid
        if name == "steady":
            window = error[end - round(STEADY_S / step_s) : end]
            figures["mean K"], figures["deviation K"] = float(np.mean(window)), float(np.std(window))
            bars["mean"] = abs(figures["mean K"]) <= MEAN_K
            bars["deviation"] = figures["deviation K"] <= deviation_k
        if name in RAMPS:
            window = error[end - round(_BEFORE_S / step_s) : end]
            figures[f"{name}: mean K"] = float(np.mean(window))
            figures[f"{name}: deviation K"] = float(np.std(window))
        if name != "steady" and not phase.stop:
            wide = columns["eev_target_steps"][end - round(_BEFORE_S / step_s) : end] >= valve_steps - 1
            if np.mean(wide) > _WIDE:
                figures["valve wide open"] = [*figures.get("valve wide open", ()), name]
                continue
            back = _back(trace, phase, start, end, error)
            figures[f"{name}: back s"] = back
            if back is not None and back > BACK_S:
                slow.append(name)
    deepest = min(v for k, v in figures.items() if k.endswith("least K") and v is not None)
    figures |= {"least K": deepest, "low s": wet, "liquid s": liquid_s, "slow": slow}
    bars["low"] = wet <= LOW_S
    bars["liquid"] = liquid_s == 0.0
    bars["back"] = not slow
    governed = np.isin(columns["decision"], _DISCHARGE)
    figures["discharge governs s"] = float(np.sum(governed)) * step_s
    figures["discharge degC"] = float(np.max(columns["discharge_c"]))
    bars["limits"] = not figures["trips"] and figures["discharge degC"] < discharge_max_c
    return {**figures, "bars": bars}


def longest_s(mask: NDArray[np.bool_], step_s: float) -> float:
    """The longest unbroken time of `mask`, s."""
    edges = np.diff(np.concatenate(([0], mask.view(np.int8), [0])))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return float(np.max(ends - begins, initial=0)) * step_s


def _back(trace: Trace, phase: Phase, start: int, end: int, error: Numbers) -> float | None:
    """Seconds from the ramp's end until the mean over `OVER_S` stays in the band to the phase's end.

    None where a limit keeps the speed on the move up to that end: there the limit's law is judged, not this.
    """
    step_s = trace.step_s
    ramp_end = start + round(phase.slew_s / step_s)
    limited = np.isin(trace.columns["decision"][start:end], _LIMITS)
    if limited.any():
        speed = trace.columns["speed_set_rps"][start:end]
        moving = np.flatnonzero(np.abs(speed - speed[-1]) > _STANDS_RPS)
        ramp_end = max(ramp_end, start + (int(moving[-1]) if len(moving) else 0))
        if (end - ramp_end) * step_s < BACK_S + _ENDS_S:
            return None
    width = round(OVER_S / step_s)
    means = np.convolve(error[start:end], np.ones(width) / width, "valid")  # means[i]: the mean from i on
    out = np.flatnonzero(np.abs(means) > BAND_K)
    last = start + (int(out[-1]) + 1 if len(out) else 0)
    return max(0.0, (last - ramp_end) * step_s)
