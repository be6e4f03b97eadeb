"""Endurance: many equal days in lock-step on MicroPython, and what must not drift in them.

Every day is the same: air between 1 and 7 degC, humid, so that the coil frosts; a load that follows it; a
raised flow temperature in the morning; no demand at noon and around midnight; the outdoor sensor off for
five minutes, and a high-pressure switch that opens for ten seconds. Only the sensors' noise differs. The run
starts ten minutes before control time wraps, and wraps again every 12.4 days.

Once an hour the device notes what it has allocated after a collection, and every number in its object graph
(`targets/soak_device`): timers, integrators, counters. The bench keeps books beside it.

Judged:

- heap: the line through all samples moves by at most `HEAP_BYTES` over the run
- small integers: none leaves 31 bits, where a board allocates; one that grows has `YEARS` left
- timers: running time and uptime within `CLOCK_S` of the bench's books, starts and stops alike, no timer
  beyond its cap
- drift: the daily means of a number, and of what the plant shows, move over the run by less than
  `SWING_SHARE` of what the number swings within the days, or by less than `SIGMA` standard errors
- alarms: those that the day makes, each once a day, and no other
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from isentrope_hil import frames, resources, targets
from isentrope_hil.bench import T0_MS, Bench
from isentrope_hil.errors import InputError
from isentrope_hil.targets.unix import UnixTarget

MACHINE, BOARD = "ashp-r290-8kw", "pico-full"
HEAP = "512k"
DAY_S, HOUR_S = 86_400.0, 3600.0
LOOK_S = 10.0  # between two looks at the points
HEAP_BYTES = 512.0  # own: over the whole run; an entry lost an hour would be 20 KB in 30 days
SMALL = 1 << 30  # integers beyond are allocated on a board
YEARS = 20.0  # own: a heat pump's life
CLOCK_S = 1.0
SWING_SHARE, SIGMA = 0.25, 4.0  # own
LEAST_DAYS = 5  # of which the first does not count: fewer say nothing of a trend
# What a day raises: the switch once; a warning of the outdoor sensor.
EXPECTED = {4: 1, 37: 1}
ALARM = 0x100  # decisions.py
RAISED = 1
# What counts up, or tells an instant or a place in a ring: judged as small integers, not as drift.
_COUNTS = (
    "_last",
    "_last_ms",
    "_since",
    "now_ms",
    "_found_s",
    "_next",
    "sequence",
    "_entry",
    "_zero",
    "count",
    "_target",
)

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


def judged(device: list[dict[str, Any]], hours: list[dict[str, Any]], run: dict[str, Any]) -> dict[str, Any]:
    """`checks` (name, verdict, what was found), `verdict`, and `by_day`."""
    days = int(len(device) // 24)
    checks = [_heap(device), _integers(device), *_timers(device, hours), _drift(device, hours), _alarms(run)]
    verdicts = [each["verdict"] for each in checks]
    if run["error"]:
        verdicts.append("blocked")
    verdict = next((each for each in ("fail", "blocked") if each in verdicts), "pass")
    by_day = [_day(hours[24 * day : 24 * day + 24]) for day in range(days)]
    return {"samples": len(device), "checks": checks, "verdict": verdict, "by_day": by_day}


def _check(name: str, good: bool | None, found: str) -> dict[str, str]:
    return {
        "name": name,
        "verdict": "blocked" if good is None else "pass" if good else "fail",
        "found": found,
    }


def _heap(device: list[dict[str, Any]]) -> dict[str, str]:
    """Allocated after a collection; not the first two hours, in which a new board makes its first records."""
    used = np.array([row["heap"] for row in device[2:]], dtype=float)
    if len(used) < 3:
        return _check("heap", None, "fewer than three samples after the second hour")
    moved = float(np.polyfit(np.arange(len(used)), used, 1)[0]) * (len(used) - 1)
    found = (
        f"{moved:+.0f} bytes in {len(used)} h (bar {HEAP_BYTES:.0f}), {used.min():.0f} to {used.max():.0f} "
        f"allocated after a collection"
    )
    return _check("heap", abs(moved) <= HEAP_BYTES, found)


def _series(device: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Every number that all samples have, by its path."""
    if not device:
        return {}
    names = [name for name in device[0]["numbers"] if all(name in row["numbers"] for row in device)]
    return {name: np.array([float(row["numbers"][name]) for row in device]) for name in sorted(names)}


def _integers(device: list[dict[str, Any]]) -> dict[str, str]:
    """Integers stay small; the fastest growing one has years left."""
    if len(device) < 2:
        return _check("small integers", None, "fewer than two samples")
    large, soonest, who = [], math.inf, ""
    for name in device[0]["numbers"]:
        values = [row["numbers"].get(name) for row in device]
        whole = [value for value in values if isinstance(value, int)]
        if any(not -SMALL <= value < SMALL for value in whole):
            large.append(name)
        late = whole[len(whole) // 2 :]
        if len(whole) < len(values) or len(late) < 3 or _counts(name):
            continue
        grows = all(b >= a for a, b in pairwise(late)) and late[-1] > late[0]
        if grows and _uncapped(name, device):
            years = (SMALL - late[-1]) / (late[-1] - late[0]) * (len(late) - 1) * HOUR_S / (365.0 * DAY_S)
            if years < soonest:
                soonest, who = years, name
    found = f"{len(device[0]['numbers'])} numbers, beyond 31 bits: {', '.join(large) or 'none'}"
    if who:
        found += f"; {who} grows and reaches them in {soonest:.0f} years (bar {YEARS:.0f})"
    return _check("small integers", not large and soonest >= YEARS, found)


def _uncapped(name: str, device: list[dict[str, Any]]) -> bool:
    """Not the milliseconds of a timer that has a cap."""
    return not (name.endswith(".ms") and name[:-3] + "._limit" in device[0]["numbers"])


def _counts(name: str) -> bool:
    """An instant of control time, a place, or a count modulo something."""
    return any(part in _COUNTS for part in name.split(".")) or ".events." in name or "_times" in name


def _timers(device: list[dict[str, Any]], hours: list[dict[str, Any]]) -> Iterable[dict[str, str]]:
    """Uptime and running time against the bench's books, timers within their caps."""
    count = min(len(device), len(hours))
    if not count:
        yield _check("timers", None, "no sample")
        return
    late = max(abs(row["uptime_s"] - row["t_s"]) for row in hours)
    yield _check("uptime", late <= CLOCK_S, f"at most {late:.1f} s off after {hours[-1]['t_s']:.0f} s")
    pairs = list(zip(device, hours, strict=False))
    off = max(abs(d["numbers"]["controller.run_s"] - h["relay_s"]) for d, h in pairs)
    starts = max(abs(d["numbers"]["controller.starts"] - h["relay_starts"]) for d, h in pairs)
    last = pairs[-1][1]
    found = (
        f"running time at most {off:.1f} s off the relay's {last['relay_s']:.0f} s, "
        f"starts {starts:.0f} off its {last['relay_starts']:.0f}"
    )
    yield _check("running time and starts", off <= CLOCK_S and starts == 0, found)
    beyond = sorted(
        name
        for name in device[0]["numbers"]
        if name.endswith(".ms") and name[:-3] + "._limit" in device[0]["numbers"]
        if any(not 0 <= row["numbers"][name] <= row["numbers"][name[:-3] + "._limit"] for row in device)
    )
    timers = sum(not _uncapped(name, device) for name in device[0]["numbers"])
    yield _check(
        "timers' caps", not beyond, f"{timers} timers, beyond their cap: {', '.join(beyond) or 'none'}"
    )


def _drift(device: list[dict[str, Any]], hours: list[dict[str, Any]]) -> dict[str, str]:
    """No number's daily mean has a trend; the first day does not count."""
    days = min(len(device), len(hours)) // 24
    if days < LEAST_DAYS:
        return _check(
            "drift from day to day", True, f"not judged: needs {LEAST_DAYS} days, the run has {days}"
        )
    series = {name: values for name, values in _series(device).items() if not _counts(name)}
    for name in ("heat_w", "heating", "superheat_k", "flow_error_k"):
        series["plant." + name] = np.array([row[name] for row in hours[: len(device)]], dtype=float)
    judged_count, drifting = 0, []
    for name, values in series.items():
        moved = trend(values[24 : 24 * days])
        if moved is None:
            continue
        judged_count += 1
        if moved[0] > SWING_SHARE and moved[1] > SIGMA:
            drifting.append(f"{name} ({moved[0]:.2f} of its swing)")
    found = f"{judged_count} numbers that vary, drifting: {', '.join(drifting) or 'none'}"
    return _check("drift from day to day", not drifting, found)


def trend(values: np.ndarray) -> tuple[float, float] | None:
    """(how far daily means move over the run, as a share of the swing; the same in standard errors).

    values: hourly, whole days. None where nothing varies, or where a count only ever grows.
    """
    swing = float(np.nanmax(values) - np.nanmin(values))
    if not swing > 0.0 or (np.all(np.diff(values) >= 0.0) and np.unique(values).size > 2):
        return None
    means = np.nanmean(values.reshape(-1, 24), axis=1)
    day = np.arange(len(means), dtype=float)
    slope, start = np.polyfit(day, means, 1)
    left = means - (start + slope * day)
    error = math.sqrt(float(left @ left) / (len(means) - 2) / float(((day - day.mean()) ** 2).sum()))
    moved = abs(float(slope))
    # Rounding of the means themselves counts as an error, or two equal days would have none.
    error = max(error, 1e-9 * swing)
    return moved * (len(means) - 1) / swing, moved / error


def _alarms(run: dict[str, Any]) -> dict[str, str]:
    """Only the alarms that the day makes; each as often as it came."""
    days = run["days"]
    found = ", ".join(f"{code}: {count}" for code, count in run["alarms"].items()) or "none"
    good = all(
        int(code) in EXPECTED and abs(count - EXPECTED[int(code)] * days) <= 1.0
        for code, count in run["alarms"].items()
    )
    return _check("alarms", good, f"raised in {days:.2f} days, by code: {found}")


def _day(rows: list[dict[str, Any]]) -> dict[str, float]:
    """A day's figures."""
    return {
        "heat_kwh": sum(row["heat_w"] for row in rows) / 1000.0,
        "superheat_k": float(np.nanmean([row["superheat_k"] for row in rows])),
        "flow_error_k": float(np.nanmean([row["flow_error_k"] for row in rows])),
        "starts": rows[-1]["starts"],
        "compressor_h": rows[-1]["compressor_h"],
        "storage_erases": rows[-1]["storage_erases"],
        "charge_error": rows[-1]["charge_error"],
    }
