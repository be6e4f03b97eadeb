"""The search for the least stable superheat in closed loop, against the plant's line, which it does not know.

First the line: fixed valves (`isentrope_sim.stable_line`), at the loads that are judged. Then the firmware
with `superheat_law` 2 at the speeds of these loads, one after the other, in dry air at A7 and 30 degC of
return, sensors noisy and lagging, carry-over on. Judged is the plant's true superheat: how soon after
regulating, or after the change of load, a mean of 5 min comes within 1 K of the line; the mean of the last
10 min over it; and for how many whole cycles in a row it hunts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from isentrope_sim import stable_line as line_of
from isentrope_sim.machine import Machine
from numpy.typing import NDArray

from isentrope_hil.bench import Bench

BOARD = "pico-full"
LOADS = (0.6, 0.3, 1.0)  # of the capacity at full speed, in this order
# low_superheat as the law wants it [Danfoss EKE]; a defrost would change the coil meanwhile.
SETTINGS = {"superheat_law": 2, "low_superheat": 2, "defrost": 0}
SOURCE_C, RH, RETURN_C = 7.0, 0.3, 30.0
FIRST_MIN, MIN = 40.0, 30.0  # own: the first load starts at the plain setpoint
FOUND_MIN, WITHIN_K, MOST_CYCLES = 20.0, 1.0, 3  # the bars
FOUND_MEAN_S, LAST_S = 300, 600
SWING_K, SWING_MEAN_S, REST_S = 1.0, 60, 600  # own: a swing, and how long without one ends a run of cycles
# Own: so long dry, no falling pressure feigns it; the loop, which sees through that, has begun by then.
DRY_K, DRY_S, WET_MOST_S = 5.0, 60, 900

Progress = Callable[[int, int], None]
Seconds = NDArray[np.float64]


def minimum_superheat(
    machine: Machine, *, loads: Sequence[float] = LOADS, seed: int = 0, progress: Progress | None = None
) -> dict[str, Any]:
    """Measure line and search.

    loads: 0..1, in the order they are run; progress: called with minutes done and all of them.

    Returns a document: `machine`, `seed`, `line` (load, superheat_k), `phases` (`judge`, with load and
    speed_rps), `trace` (t_min, superheat_k, setpoint_k: means of a minute). Raises InputError: a machine that
    does not heat water, a load out of its range.
    """
    found = line_of.stable_line(machine, loads=tuple(sorted(loads)), seed=seed)
    line = {row["load"]: row["superheat_k"] for row in found["line"]}
    speeds = {point["load"]: point["speed_rps"] for point in found["points"]}
    phases: list[dict[str, Any]] = []
    trace: list[tuple[float, float, float]] = []
    minutes = [FIRST_MIN if n == 0 else MIN for n in range(len(loads))]
    with Bench(machine, BOARD, "cpython", seed=seed, carry_over=True) as bench:
        bench.reset(outdoor_c=SOURCE_C, rh=RH, water_c=RETURN_C, settings=SETTINGS)
        bench.knob("bath", 1.0)
        bench.knob("return_c", RETURN_C)
        bench.write("test_speed_rps", speeds[loads[0]])
        bench.write("enable", 1.0)
        waited_s = _until_dry(bench)
        for load, length in zip(loads, minutes, strict=True):
            bench.write("test_speed_rps", speeds[load])
            true, wanted = [], []
            for minute in range(round(length)):
                for _ in range(60):
                    bench.step(round(1.0 / bench.scan_s))
                    true.append(bench.truth("superheat_k"))
                    wanted.append(bench.read("superheat_setpoint_k"))
                at = len(trace) + 1.0
                trace.append((at, float(np.mean(true[-60:])), float(np.mean(wanted[-60:]))))
                if progress is not None:
                    progress(round(sum(minutes[: len(phases)])) + minute + 1, round(sum(minutes)))
            judged = judge(np.array(true), line[load])
            phases.append({"load": load, "speed_rps": speeds[load], "setpoint_k": wanted[-1], **judged})
        trips = bench.read("stop_alarms")
    names = ("t_min", "superheat_k", "setpoint_k")
    return {
        "machine": machine.name,
        "seed": seed,
        "line": found["line"],
        "wet_s": waited_s,
        "stop_alarms": trips,
        "phases": phases,
        "trace": {name: [row[place] for row in trace] for place, name in enumerate(names)},
    }


def _until_dry(bench: Bench) -> int:
    """Seconds until suction has been dry for `DRY_S`: the loop regulates, the search is near."""
    dry = 0
    for second in range(WET_MOST_S):
        bench.step(round(1.0 / bench.scan_s))
        dry = dry + 1 if bench.read("compressor") and bench.read("superheat_k") > DRY_K else 0
        if dry >= DRY_S:
            return second + 1
    return WET_MOST_S


def judge(true: Seconds, line_k: float | None) -> dict[str, Any]:
    """A load's figures from its true superheat, K, once a second; against no line there is no verdict."""
    cycles = longest_cycles(true)
    last = float(np.mean(true[-LAST_S:]))
    figures: dict[str, Any] = {
        "line_k": line_k, "minutes": len(true) / 60.0, "last_k": last, "cycles": cycles
    }  # fmt: skip
    if line_k is None:
        return figures | {"found_min": None, "over_k": None, "highest_k": None, "met": None}
    means = _means(true, FOUND_MEAN_S)
    near = np.flatnonzero(np.abs(means - line_k) <= WITHIN_K)
    found_min = float(near[0] + FOUND_MEAN_S) / 60.0 if near.size else None
    late = means[max(round(60.0 * FOUND_MIN) - FOUND_MEAN_S, 0) :]
    met = found_min is not None and found_min <= FOUND_MIN and abs(last - line_k) <= WITHIN_K
    return figures | {
        "found_min": found_min,
        "over_k": last - line_k,
        "highest_k": float(late.max()) - line_k if late.size else None,
        "met": met and cycles <= MOST_CYCLES,
    }


def longest_cycles(true: Seconds) -> int:
    """Whole cycles in a row: 60 s means 1 K over and under the mean of the 10 min around them.

    A run ends where no swing comes for ten minutes.
    """
    means = _means(true, SWING_MEAN_S)
    if not means.size:
        return 0
    around = np.array([means[max(n - 300, 0) : n + 301].mean() for n in range(len(means))])
    side = np.where(means > around + SWING_K, 1, np.where(means < around - SWING_K, -1, 0))
    longest = swings = last = 0
    since = 0
    for now in side:
        since += 1
        if since > REST_S:
            swings = last = 0
        if now and now != last:
            swings, last = swings + 1, int(now)
            longest = max(longest, swings)
        if now:
            since = 0
    return longest // 2


def _means(values: Seconds, width: int) -> Seconds:
    """The mean of every `width` values in a row."""
    if len(values) < width:
        return np.zeros(0)
    total = np.concatenate(([0.0], np.cumsum(values)))
    return np.asarray((total[width:] - total[:-width]) / width)
