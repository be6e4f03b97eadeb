"""Endurance: many equal days in lock-step on MicroPython, and what must not drift in them.

Every day is the same: air between 1 and 7 degC, humid, so that the coil frosts; a load that follows it; a
raised flow temperature in the morning; no demand at noon and around midnight; the outdoor sensor off for
five minutes, and a high-pressure switch that opens for ten seconds. Only the sensors' noise differs. The run
starts ten minutes before control time wraps, and wraps again every 12.4 days.

Once an hour the device notes what it has allocated after a collection, and every number in its object graph
(`targets/soak_device`): timers, integrators, counters. The bench keeps books beside it.

What must not drift: `soak_judge`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from isentrope_hil import frames, resources, targets
from isentrope_hil.bench import T0_MS, Bench
from isentrope_hil.errors import InputError
from isentrope_hil.soak_judge import DAY_S, HOUR_S, SMALL, judged
from isentrope_hil.targets.unix import UnixTarget

MACHINE, BOARD = "ashp-r290-8kw", "pico-full"
HEAP = "512k"
LOOK_S = 10.0  # between two looks at the points
ALARM = 0x100  # decisions.py
RAISED = 1

Progress = Callable[[float, float], None]  # simulated seconds done, and in all


def outdoor_c(day_s: float) -> float:
    """Outdoor air, degC, at a time of day: warmest at 15:00."""
    return 4.0 + 3.0 * math.cos(2.0 * math.pi * (day_s - 15.0 * HOUR_S) / DAY_S)


def load_w(air_c: float) -> float:
    """Heat the house draws, W."""
    return 4000.0 - 150.0 * (air_c - 4.0)


def demanded(day_s: float) -> bool:
    """Heat is wanted, but for 90 min at noon and two and a half hours around midnight."""
    hour = day_s / HOUR_S
    return 0.5 <= hour < 10.5 or 12.0 <= hour < 22.0


# Time of day, s, and what happens once a day: (bench) -> None.
_DAILY: tuple[tuple[float, Callable[[Bench], None]], ...] = (
    (6.0 * HOUR_S, lambda bench: bench.write("flow_setpoint_c", 40.0)),
    (9.0 * HOUR_S, lambda bench: bench.write("flow_setpoint_c", 35.0)),
    (13.0 * HOUR_S, lambda bench: bench.fault("outdoor_t", "open")),
    (13.0 * HOUR_S + 300.0, lambda bench: bench.clear("outdoor_t")),
    (14.0 * HOUR_S, lambda bench: bench.fault("hp_switch", "open")),
    (14.0 * HOUR_S + LOOK_S, lambda bench: bench.clear("hp_switch")),
)


def soak(
    days: float,
    out: Path,
    *,
    seed: int = 1,
    t0_ms: int = T0_MS,
    heap: str = HEAP,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run so many days and judge them; an end by Ctrl-C or by the target judges what there is.

    Args:
        days: 0.1 to 1000.
        out: folder for device.jsonl and hours.jsonl, written as the run goes, and soak.json; made if missing.
        t0_ms: control time at the start.

    Returns the document of soak.json. Raises InputError: days out of range, a folder that holds another run.
    """
    if not 0.1 <= days <= 1000.0:
        raise InputError(f"days is {days:g}, allowed 0.1 to 1000")
    out.mkdir(parents=True, exist_ok=True)
    device, hours = out / "device.jsonl", out / "hours.jsonl"
    for file in (device, hours):
        file.unlink(missing_ok=True)
    error, began = "", perf_counter()
    script = Path(targets.__file__).with_name("soak_device.py")
    bench = Bench(MACHINE, BOARD, "unix", seed=seed, heap=heap, t0_ms=t0_ms)
    bench.target = UnixTarget(
        heap=heap, script=script, arguments=(resources.root("firmware"), device.resolve())
    )
    books = _Books(bench)
    try:
        with bench, hours.open("w", encoding="utf-8") as book:
            bench.reset(outdoor_c=outdoor_c(0.0), rh=0.9, water_c=30.0)
            bench.write("flow_setpoint_c", 35.0)
            while bench.t_s < days * DAY_S:
                _drive(bench)
                for _ in range(round(LOOK_S / bench.scan_s)):
                    bench.step()
                    books.scan()
                row = books.look()
                if row is not None:
                    book.write(json.dumps(row) + "\n")
                    book.flush()
                if progress is not None:
                    progress(bench.t_s, days * DAY_S)
    except KeyboardInterrupt:
        error = f"interrupted after {bench.t_s / DAY_S:.2f} of {days:g} days"
    except Exception as failed:
        if not device.is_file():
            raise
        error = str(failed)
    document = {
        "machine": MACHINE,
        "seed": seed,
        "heap": heap,
        "t0_ms": t0_ms & frames.T_MASK,
        "days": bench.t_s / DAY_S,
        "wraps": (t0_ms % SMALL + int(bench.t_s * 1000.0)) // SMALL,
        "wall_seconds": round(perf_counter() - began, 1),
        "scans": bench.counters["steps"],
        "error": error or None,
        "alarms": {str(code): count for code, count in sorted(books.alarms.items())},
    }
    document |= judged(_lines(device), _lines(hours), document)
    (out / "soak.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    return document


def _drive(bench: Bench) -> None:
    """Turn knobs and demand to where this moment of the day has them."""
    day_s = bench.t_s % DAY_S
    if day_s % 300.0 == 0.0:
        air_c = outdoor_c(day_s)
        bench.knob("outdoor_c", air_c)
        bench.knob("load_w", load_w(air_c))
    if bench.t_s == 0.0 or demanded(day_s) != demanded((day_s - LOOK_S) % DAY_S):
        bench.write("enable", float(demanded(day_s)))
    for moment, happens in _DAILY:
        if day_s == moment:
            happens(bench)


class _Books:
    """What the bench counts beside the device, hour by hour."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.alarms: dict[int, int] = {}
        outs = [row for row in bench.profile["io"] if row["dir"] == "out"]
        self._place = next(i for i, row in enumerate(outs) if row["name"] == "compressor_run")
        self._active = int(outs[self._place]["active"])
        self._run_s = 0.0
        self._starts = 0
        self._on = False
        self._seen: list[tuple[float, ...]] = []

    def scan(self) -> None:
        """After every step: the run relay's time and its starts."""
        on = self._bench.link.raw_out[self._place] == self._active
        if on:
            self._run_s += self._bench.scan_s
            self._starts += not self._on
        self._on = on

    def look(self) -> dict[str, Any] | None:
        """After LOOK_S of steps; a row at the end of each hour."""
        bench = self._bench
        for _, code, value, _ in bench.events:
            if code >= ALARM and value == RAISED:
                self.alarms[code - ALARM] = self.alarms.get(code - ALARM, 0) + 1
        bench.events.clear()
        truth = bench.truth
        heating = bench.read("state") == 2
        self._seen.append(
            (
                truth("heat_w"),
                float(heating),
                truth("superheat_k") if heating else math.nan,
                bench.read("flow_c") - bench.read("flow_setpoint_c") if heating else math.nan,
            )
        )
        if bench.t_s % HOUR_S:
            return None
        seen, self._seen = np.array(self._seen), []
        heats = seen[:, 1] > 0.0
        return {
            "t_s": bench.t_s,
            "relay_s": self._run_s,
            "relay_starts": float(self._starts),
            "heat_w": float(seen[:, 0].mean()),
            "heating": float(seen[:, 1].mean()),
            "superheat_k": float(seen[heats, 2].mean()) if heats.any() else math.nan,
            "flow_error_k": float(seen[heats, 3].mean()) if heats.any() else math.nan,
            "starts": bench.read("starts"),
            "compressor_h": bench.read("compressor_h"),
            "uptime_s": bench.read("uptime_s"),
            "stop_alarms": bench.read("stop_alarms"),
            "warn_alarms": bench.read("warn_alarms"),
            "storage_erases": bench.read("storage_erases"),
            "gc_count": float(bench.link.gc_count),
            "heap_free": float(bench.link.heap_free),
            "charge_error": truth("charge_error"),
            "alarms": {str(code): count for code, count in sorted(self.alarms.items())},
        }


def _lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a file that are whole."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            break  # the one that the end of the run cut
    return found
