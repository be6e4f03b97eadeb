"""Many drawn cases of the superheat loop, one after another or on several processes; partial results stay.

Each finished case is a line of `cases.jsonl` at once; a campaign that starts in a folder with such a file
goes on where it ended. `summary.json` and `cases.csv` are written anew after every case.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from isentrope_sim.errors import PlantError
from isentrope_sim.machine import load_machine
from isentrope_sim.valves import load_valve

from isentrope_hil import resources, superheat_journey, superheat_judge
from isentrope_hil.errors import TargetError
from isentrope_hil.superheat_draws import Case

# Setpoint by load [K at the lowest speed, at the highest]: the stable line of each machine, 1 K, and what the
# sensors of a unit may read too much, 3 K: the thermistor 1 K, the transducer 1 % of its full scale, which is
# 1.5 to 2.0 K of R290, 1.7 to 2.5 K of the others, evaporating at -10 to -20 degC (docs/superheat.md).
SETPOINTS = {
    "ashp-r290-8kw": (8.0, 11.0),
    "ashp-r32-9kw": (8.0, 11.0),
    "ashp-r454b-4kw": (8.0, 11.0),
    "ashp-r410a-evi-16kw": (8.0, 11.0),
}
BARS = ("mean", "deviation", "low", "liquid", "back", "limits")

Progress = Callable[[int, int, dict[str, Any]], None]


@dataclass(frozen=True)
class Options:
    """How every case runs: the target, and settings on top of the campaign's."""

    target: str = "cpython"
    settings: tuple[tuple[str, float], ...] = ()
    traces: Path | None = None  # folder for each case's trace as .npz


def settings_of(machine: str) -> dict[str, float]:
    """The settings a campaign commissions a machine with."""
    low, high = SETPOINTS[machine]
    return {
        "superheat_law": 1,
        "superheat_setpoint": low,
        "superheat_setpoint_high": high,
        "defrost": 0,
    }


def run_case(case: Case, options: Options) -> dict[str, Any]:
    """One case's row; what the target or plant cannot finish has `error` and passes nothing."""
    row = {**case.as_json(), "unit": case.unit.to_dict() if case.unit else None}
    try:
        trace = superheat_journey.run(
            case, settings_of(case.machine) | dict(options.settings), options.target
        )
    except (TargetError, PlantError) as error:
        return {**row, "error": str(error), "bars": dict.fromkeys(BARS, False)}
    if options.traces is not None:
        options.traces.mkdir(parents=True, exist_ok=True)
        kept = {name: values.astype(np.float32) for name, values in trace.columns.items()}
        np.savez_compressed(options.traces / f"{case.name}.npz", **kept)  # type: ignore[arg-type]
    steps = load_valve(case.valve).steps
    hottest = float(load_machine(case.machine).limits["discharge_max_c"])
    return {**row, **superheat_judge.judge(case, trace, steps, hottest)}


def run(
    cases: Sequence[Case], out: Path, options: Options, jobs: int = 1, progress: Progress | None = None
) -> dict[str, Any]:
    """All cases that `out` does not have yet; returns the summary of all it has."""
    out.mkdir(parents=True, exist_ok=True)
    log = out / "cases.jsonl"
    rows = {row["name"]: row for row in read(log)}
    missing = [case for case in cases if case.name not in rows]
    with log.open("a", encoding="utf-8") as file:
        for row in _rows(missing, options, jobs):
            file.write(json.dumps(row) + "\n")
            file.flush()
            rows[row["name"]] = row
            if progress is not None:
                progress(len(rows), len(rows.keys() | {case.name for case in cases}), row)
            document = summary(list(rows.values()))
            (out / "summary.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
            table(out / "cases.csv", list(rows.values()))
    return summary(list(rows.values()))


def _rows(cases: Sequence[Case], options: Options, jobs: int) -> Iterable[dict[str, Any]]:
    if jobs <= 1:
        yield from (run_case(case, options) for case in cases)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for done in as_completed([pool.submit(run_case, case, options) for case in cases]):
            yield done.result()


def read(log: Path) -> list[dict[str, Any]]:
    """The rows of a log; a line that a crash cut short is none."""
    rows = []
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else ():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return rows


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How many of a group meet each bar, and its worst figures, by machine and over all."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        kind = "drawn units" if row["unit"] else "nominal"
        groups.setdefault(f"{row['machine']}, {kind}", []).append(row)
        groups.setdefault(f"all, {kind}", []).append(row)
    return {
        "firmware_sha256": resources.firmware_sha256(),
        "groups": {name: _group(group) for name, group in sorted(groups.items())},
    }


def _group(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    met = {bar: sum(bool(row["bars"][bar]) for row in rows) for bar in BARS}
    whole = [row for row in rows if "error" not in row]
    backs = [(v, k) for row in whole for k, v in row.items() if k.endswith(": back s") and v is not None]
    worst = {
        "mean K": max((abs(row["mean K"]) for row in whole), default=None),
        "deviation K": max((row["deviation K"] for row in whole), default=None),
        "least K": min((row["least K"] for row in whole), default=None),
        "low s": max((row["low s"] for row in whole), default=None),
        "liquid s": max((row["liquid s"] for row in whole), default=None),
        "back s": max((v for v, _ in backs), default=None),
    }
    return {
        "cases": len(rows),
        "errors": len(rows) - len(whole),
        "met": met,
        "all": sum(all(v is not False for v in row["bars"].values()) for row in rows),
        "worst": worst,
    }


def table(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """The rows' plain values as CSV."""
    flat = [
        {
            **{k: v for k, v in row.items() if not isinstance(v, dict | list)},
            **{f"bar {bar}": row["bars"][bar] for bar in BARS},
            "slow": " ".join(row.get("slow", ())),
        }
        for row in rows
    ]
    names = list(dict.fromkeys(name for row in flat for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(flat)
