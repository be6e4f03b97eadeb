"""What must not drift over the days of a soak (`soak`), judged from its samples.

- heap: the line through all samples moves by at most `HEAP_BYTES` over the run
- largest piece: it stays as large as what the firmware ever asks for in one piece, `PIECE_BYTES`, and the
  second half of the run finds no less than `PIECE_SHARE` of the first half's
- small integers: none leaves 31 bits, where a board allocates; one that grows has `YEARS` left
- timers: running time and uptime within `CLOCK_S` of the bench's books, starts and stops alike, no timer
  beyond its cap
- drift: the daily means of a number, and of what the plant shows, move over the run by less than
  `SWING_SHARE` of what the number swings within the days, or by less than `SIGMA` standard errors
- alarms: those that the day makes, each once a day, and no other

A run of fewer than `LEAST_DAYS` days says nothing of drift: that check, and with it the run, is `NOT_JUDGED`
unless something else fails.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

DAY_S, HOUR_S = 86_400.0, 3600.0
HEAP_BYTES = 512.0  # own: over the whole run; an entry lost an hour would be 20 KB in 30 days
PIECE_BYTES = 10_240  # own: ten times the longest part of a table that is borrowed (tables.py)
PIECE_SHARE = 0.5  # own: how long the longest hole is differs from hour to hour
SMALL = 1 << 30  # integers beyond are allocated on a board
YEARS = 20.0  # own: a heat pump's life
CLOCK_S = 1.0
SWING_SHARE, SIGMA = 0.25, 4.0  # own
NOT_JUDGED = "not judged"
LEAST_DAYS = 5  # of which the first does not count: fewer say nothing of a trend
# What a day raises: the switch once; a warning of the outdoor sensor.
EXPECTED = {4: 1, 37: 1, 51: 1}
# What counts up, tells an instant or a place in a ring, or is what a count leaves over: judged as small
# integers, not as drift.
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
    "_run_ms",
    "_pump_ms",
    "_fan_ms",
)


def judged(device: list[dict[str, Any]], hours: list[dict[str, Any]], run: dict[str, Any]) -> dict[str, Any]:
    """`checks` (name, verdict, what was found), `verdict`, and `by_day`."""
    days = int(len(device) // 24)
    checks = [
        _heap(device),
        _pieces(device),
        _integers(device),
        *_timers(device, hours),
        _drift(device, hours),
        _alarms(run),
    ]
    verdicts = [each["verdict"] for each in checks]
    if run["error"]:
        verdicts.append("blocked")
    verdict = next((each for each in ("fail", "blocked", NOT_JUDGED) if each in verdicts), "pass")
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


def _pieces(device: list[dict[str, Any]]) -> dict[str, str]:
    """Objects that live scatter over the heap as days go by; what is borrowed for a moment still fits."""
    found = np.array([row["largest"] for row in device[2:]], dtype=float)
    if len(found) < 4:
        return _check("largest piece", None, "fewer than four samples after the second hour")
    early, late = (float(np.median(half)) for half in np.array_split(found, 2))
    said = f"{found.min():.0f} to {found.max():.0f} bytes, median {early:.0f}, then {late:.0f}"
    return _check("largest piece", found.min() >= PIECE_BYTES and late >= PIECE_SHARE * early, said)


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
        found = f"{NOT_JUDGED}: {days} days of {LEAST_DAYS}"
        return {"name": "drift from day to day", "verdict": NOT_JUDGED, "found": found}
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

    values: hourly, whole days. None where nothing varies, where a count only ever grows, or where what was
    learned once has stood for the whole second half.
    """
    swing = float(np.nanmax(values) - np.nanmin(values))
    if not swing > 0.0 or (np.all(np.diff(values) >= 0.0) and np.unique(values).size > 2):
        return None
    late = values[len(values) // 2 :]
    if np.all(late == late[0]):
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
