"""What each defrost law costs, against fixed intervals on the same plant, and with a sensor that drifts.

`laws`: constant humid air. First fixed intervals of frosting time (time and temperature whose coil limits are
all 0 degC), then each law as it comes from the factory. `drift`: a part of a week's weather, each law with
its sensors right, then with the coil's or the outdoor sensor off, without and with detection
(`sensor_drift`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from isentrope_sim.machine import Machine
from isentrope_sim.world.settings import WorldSettings

from isentrope_hil.bench import Bench
from isentrope_hil.defrost_runs import BOARD, TARGET, Meter, Run, dry, prepare

LAWS = {"time and temperature": 1, "demand": 2, "adaptive interval": 3}
FIXED = {"defrost": 1, "defrost_coil_mild": 0, "defrost_coil_cold": 0, "defrost_coil_deep": 0}
INTERVALS = (30.0, 40.0, 45.0, 50.0, 55.0, 60.0, 75.0)  # min
SHARE = 0.575  # own: of the rated heat, what the house draws: R290 4.6 kW
WEEK = "humid-cold-week"
OFF_K = 3.0

Progress = Callable[[int, int], None]


def load_of(machine: Machine) -> float:
    """What the house draws, W, where nothing else is said."""
    return SHARE * float(machine.controller["house"]["rated_heat"]["value"])


def laws(
    machine: Machine,
    *,
    load_w: float,
    outdoor_c: float = 2.0,
    rh: float = 0.9,
    hours: float = 24.0,
    sweep_hours: float = 8.0,
    intervals: Sequence[float] = INTERVALS,
    seed: int = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """A document: `dry_cop`, `sweep` and `laws` (rows of `figures`), `best` of the sweep, `traces` by law."""
    rows: list[dict[str, Any]] = []
    chosen: list[dict[str, Any]] = []
    traces: dict[str, Any] = {}
    jobs = 1 + len(intervals) + len(LAWS)
    with Bench(machine, BOARD, TARGET, seed=seed) as bench:
        cop = dry(bench, machine, load_w, outdoor_c)
        _tell(progress, 1, jobs)
        for minutes in intervals:
            prepare(bench, load_w, outdoor_c, rh, {**FIXED, "defrost_interval": minutes})
            rows.append({"minutes": minutes} | figures(_run(bench, machine, sweep_hours, load_w), cop))
            _tell(progress, 1 + len(rows), jobs)
        best = min((row["loss"] for row in rows), default=None)
        for name, law in LAWS.items():
            prepare(bench, load_w, outdoor_c, rh, {"defrost": law})
            run = _run(bench, machine, hours, load_w)
            over = None if best is None else figures(run, cop)["loss"] - best
            chosen.append({"law": name} | figures(run, cop) | {"over_best": over})
            traces[name] = run.trace
            _tell(progress, 1 + len(rows) + len(chosen), jobs)
    return {
        "machine": machine.name, "load_w": load_w, "outdoor_c": outdoor_c, "rh": rh, "hours": hours,
        "sweep_hours": sweep_hours, "seed": seed, "dry_cop": cop, "sweep": rows, "best": best,
        "laws": chosen, "traces": traces,
    }  # fmt: skip


def drift(
    machine: Machine,
    *,
    load_w: float,
    start_h: float,
    hours: float,
    laws: Sequence[str] = tuple(LAWS),
    seed: int = 1,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Rows: law, sensor ("" none), off_k, detection, loss against the law with right sensors, defrosts."""
    rows: list[dict[str, Any]] = []
    cases = [("", 0.0, False)] + [
        (sensor, off_k, detects)
        for sensor in ("coil_t", "outdoor_t")
        for off_k in (OFF_K, -OFF_K)
        for detects in (False, True)
    ]
    jobs = len(laws) * len(cases)
    world = WorldSettings(weather=WEEK, start_s=3600.0 * start_h)
    with Bench(machine, BOARD, TARGET, seed=seed, world=world) as bench:
        for name in laws:
            sound = 0.0
            for sensor, off_k, detects in cases:
                settings = {"defrost": LAWS[name]} | ({} if detects else {"sensor_drift": 0})
                prepare(bench, load_w, 2.0, 0.9, settings)
                if sensor:
                    bench.fault(sensor, "offset", by_k=off_k)
                run = _run(bench, machine, hours, load_w)
                spent = run.spent(COP)
                sound = sound or spent
                rows.append(
                    {"law": name, "sensor": sensor, "off_k": off_k, "detection": detects}
                    | {"loss": spent / sound - 1.0, "found": found(run)}
                    | {"missed": sum(d.missed for d in run.defrosts), "defrosts": len(run.defrosts)}
                    | {"needless": sum(d.needless for d in run.defrosts), "mean_w": spent / run.seconds}
                )
                _tell(progress, len(rows), jobs)
    return rows


COP = 4.0  # own: at which the house's water at the end is worth electricity; some 0.2 % of a day


def found(run: Run) -> str:
    """What the firmware said of the sensors: hours and sentence, the last one."""
    said = [f"{at_h:.1f} h: {text}" for at_h, text in run.events if "corrected" in text or "drifts" in text]
    return said[-1] if said else ""


def _run(bench: Bench, machine: Machine, hours: float, load_w: float) -> Run:
    meter = Meter(bench, machine)
    meter.advance(3600.0 * hours, load_w)
    return meter.run


def figures(run: Run, dry_cop: float) -> dict[str, Any]:
    """A run's row; of the defrosts all but the first, which began on a coil that had never been wet."""
    defrosts = run.defrosts[1:] or run.defrosts
    count = max(len(defrosts), 1)
    return {
        "loss": run.loss(dry_cop),
        "cycle_min": run.cycle_min,
        "defrosts": len(run.defrosts),
        "frost_kg": sum(each.frost_kg for each in defrosts) / count,
        "air": min((each.air for each in defrosts), default=1.0),
        "left": max((each.left_kg / max(each.frost_kg, 0.01) for each in defrosts), default=0.0),
        "again_kg": max((each.again_kg for each in defrosts), default=0.0),
        "melting_s": sum(each.melting_s for each in defrosts) / count,
        "swing_k": max((each.swing_k for each in run.defrosts), default=0.0),
        "slug_kg": max((each.slug_kg for each in run.defrosts), default=0.0),
        "liquid_g_s": 1e3 * run.liquid_kg_s,
        "wall_c": min((each.wall_c for each in run.defrosts), default=float("nan")),
        "missing": run.missing_j / run.asked_j,
        "needless": sum(each.needless for each in defrosts),
        "missed": sum(each.missed for each in defrosts),
        "alarms": sorted({text for _, text in run.events if "alarm raised" in text}),
    }


def _tell(progress: Progress | None, done: int, of: int) -> None:
    if progress is not None:
        progress(done, of)
