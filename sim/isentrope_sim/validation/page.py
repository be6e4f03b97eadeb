"""The validation page as Markdown, from the figures of `measure`; and comparing two of them."""

import re
from collections.abc import Sequence
from typing import Any

from isentrope_sim.certified import certified_machines
from isentrope_sim.validation import carnot, frost, points, response
from isentrope_sim.validation.measure import GRID_BAR, TESPY_BARS

_HEAD = """# Validation

<!-- written by `make validation`; change the code, not this page -->

Each machine beside its certificate, TESPy and physics. Fitted is what the machine file marks so, on the fit
row alone; nothing else was adjusted to these rows. *Dry* is the clean machine at rest; *net* simulates
whole cycles of frost and defrost at 5 degC and under, as the certificates' tests do ([frost.md](frost.md)).
A cross marks what misses its bar. `isentrope validate --check docs/validation.md` measures everything again
and compares.
"""
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


def page(machines: list[dict[str, Any]], plots: list[tuple[str, str]]) -> str:
    """The page of some machines; plots: (title, path relative to the page)."""
    parts = [
        _HEAD,
        _table(("machine", "refrigerant", "rows in their bar", "SCOP", "misses"), _summary(machines)),
    ]
    lacking = [name for name in certified_machines() if name not in {m["machine"] for m in machines}]
    if lacking:
        parts.append(f"Certified, but not on this page: {', '.join(lacking)}.\n")
    parts += [f"![{title}]({path})\n" for title, path in plots]
    parts += _carnot([m["machine"] for m in machines if m["rows"]])
    for machine in machines:
        parts.append(f"## {machine['machine']}\n\n{machine['description']}. {_fitted(machine)}\n")
        parts += [text for part in _PARTS if (text := part(machine))]
    return "\n".join(parts)


def _fitted(machine: dict[str, Any]) -> str:
    names = machine["fitted"]
    return f"Fitted: {', '.join(names)}." if names else "Nothing is fitted."


def _table(heads: tuple[str, ...], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def off(value: float | None, reference: float) -> str:
    """A deviation in percent with its sign."""
    return "" if value is None else f"{round(100.0 * (value / reference - 1.0), 1) + 0.0:+.1f} %"


def _mark(good: bool) -> str:
    return "" if good else " ✗"


def _within(value: float | None, reference: float, bar: float) -> bool:
    return value is not None and abs(value / reference - 1.0) <= bar


def _in(value: float, bar: tuple[float, float]) -> bool:
    return bar[0] <= value <= bar[1]


def misses(machine: dict[str, Any]) -> list[str]:
    """What of a machine is outside its bar, by name."""
    found = [r["test"] for r in machine["rows"] if not _within(r["cop"], r["certified_cop"], r["bar"])]
    found += [f"capacity at {c['name']}" for c in machine["capacity"] if not points.enough(c)]
    season = machine["season"]
    if season and not _within(season["scop"], season["certified_scop"], points.SEASON):
        found.append("SCOP")
    if season and not _within(season["scop_by_rows"], season["certified_scop_by_rows"][0], points.SEASON):
        found.append("SCOP at the certified heats")
    found += [
        f"season's {p['name']}"
        for p in (season["points"] if season else [])
        if not _within(p["cop_bin"], p["certified_bin"], points.SEASON_POINT)
    ]
    for s in machine["superheat"]:
        name = f"superheat at {s['speed_rps']:.0f} 1/s"
        if s["note"] or not s["monotone"] or not s["right_way"]:
            found.append(name)
        elif s["gain_low"] < response.GAIN_RATIO * s["gain_high"]:
            found.append(f"gain of {name}")
        elif not all(response.TIME_S[0] <= t <= response.TIME_S[1] for t in s["constant_s"]):
            found.append(f"time of {name}")
    cold = machine["frost"]
    if not cold["note"]:
        if not frost.PENALTY[0] <= cold["defrost_loss"] <= frost.PENALTY[1]:
            found.append("frost's cost")
        if not frost.MELTING_S[0] <= cold["melting_s"] <= frost.MELTING_S[1]:
            found.append("melting time")
        if cold["swings"] and not _in(cold["swings"][0]["supply_k"], frost.SWING_K):
            found.append("swing of the supply")
    for row in machine.get("firmware", {"rows": []})["rows"][:1]:
        if not _in(row["supply_k"], frost.SWING_K):
            found.append("swing of the supply, firmware")
        if not _in(row["melting_s"], frost.MELTING_S):
            found.append("melting time, firmware")
    for t in machine["tespy"]:
        if not t["note"] and not _within(t["tespy_cycle_cop"], t["cycle_cop"], TESPY_BARS[0]):
            found.append(f"TESPy's cycle at {t['point']}")
        if not t["note"] and not _within(t["tespy_cop"], t["cop"], TESPY_BARS[1]):
            found.append(f"TESPy's machine at {t['point']}")
    coarse, fine = machine["grid"]["cop"]
    return found + ([] if _within(fine, coarse, GRID_BAR) else ["grid"])


def _summary(machines: list[dict[str, Any]]) -> Sequence[Sequence[str]]:
    found = []
    for m in machines:
        good = sum(_within(r["cop"], r["certified_cop"], r["bar"]) for r in m["rows"])
        season = m["season"]
        found.append(
            (
                f"[{m['machine']}](#{m['machine'].replace('.', '')})",
                m["refrigerant"],
                f"{good} of {len(m['rows'])}" if m["rows"] else "no certificate",
                f"{season['scop']:.2f}, {off(season['scop'], season['certified_scop'])}" if season else "",
                ", ".join(misses(m)) or "none",
            )
        )
    return found


def _carnot(machines: list[str]) -> list[str]:
    """The certified rows among themselves."""
    if len(machines) < 3:
        return []
    rows = []
    for row in carnot.shares(machines):
        cells = [str(row["point"])]
        for name in machines:
            value, away = row[name], carnot.off_peers(row, name)
            cells.append(
                ""
                if not isinstance(value, float)
                else f"{100 * value:.1f} %"
                + (f" ({100 * away:+.0f} %)" if away is not None and abs(away) > carnot.FAR else "")
            )
        rows.append(cells)
    head = (
        "The certificates among themselves: certified COP over Carnot's between air and water outlet. In "
        f"brackets what is\nmore than {100 * carnot.FAR:.0f} % from the median of the other machines: one "
        "design hardly meets such a row and its neighbours.\n\n"
    )
    return [head + _table(("point", *machines), rows)]


def _rows(m: dict[str, Any]) -> str:
    if not m["rows"]:
        return "No certified points.\n"
    rows = []
    for r in m["rows"]:
        net = "" if r["cop"] is None else f"{r['cop']:.2f}"
        cross = _mark(_within(r["cop"], r["certified_cop"], r["bar"]))
        rows.append(
            (
                f"{r['test']}{' (fit)' if r['use'] == 'fit' else ''}",
                f"A{r['source_c']:g}/W{r['sink_out_c']:g}",
                f"{r['heating_w']:.0f} W",
                f"{r['certified_cop']:.2f}",
                "" if r["dry_cop"] is None else f"{r['dry_cop']:.2f}",
                off(r["dry_cop"], r["certified_cop"]),
                net,
                off(r["cop"], r["certified_cop"]) + cross,
                f"{100 * r['bar']:.0f} %",
                r["note"],
            )
        )
    heads = ("point", "air/water", "heat", "certified COP", "dry", "", "net", "", "bar", "")
    return "Certified points at the certified heat:\n\n" + _table(heads, rows)


def _capacity(m: dict[str, Any]) -> str:
    rows = [
        (
            f"{c['name']}, {c['source_c']:g} degC",
            f"{c['certified_w']:.0f} W",
            f"{c['dry_w']:.0f} W",
            f"{c['net_w']:.0f} W",
            off(c["net_w"], c["certified_w"]) + _mark(points.enough(c)),
            "; ".join(
                [f"held by {c['limit']}"] * bool(c["limit"])
                + ["certified with less than full speed: a least"] * c["least"]
            ),
        )
        for c in m["capacity"]
    ]
    bar = f"Capacity at full speed, bar {100 * points.CAPACITY:.0f} %:\n\n"
    return bar + _table(("at", "certified", "dry", "net", "", ""), rows) if rows else ""


def _season(m: dict[str, Any]) -> str:
    s = m["season"]
    if s is None:
        return ""
    found, alike, bar = s["certified_scop"], s["certified_scop_by_rows"], f"{100 * points.SEASON:.0f} %"
    ours = s["scop_by_rows"]
    text = (
        f"Season, EN 14825, average climate, 35 degC: SCOP {s['scop']:.2f}, certified {found:.2f}, "
        f"{off(s['scop'], found)}{_mark(_within(s['scop'], found, points.SEASON))} (bar {bar}; dry "
        f"{s['dry_scop']:.2f}).\nOf the COPs at the certified heats, degradation {s['degradation']:g}: "
        f"{'none' if ours is None else f'{ours:.2f}'}, by the certified COPs {alike[0]:.2f}, "
        f"{off(ours, alike[0])}{_mark(_within(ours, alike[0], points.SEASON))} (bar {bar}); without\n"
        f"degradation the certified ones give {alike[1]:.2f}, so the calculation is within "
        f"{off(alike[0], found)} to {off(alike[1], found)} of the certificate.\n"
        "COP at the season's load, cycling counted, where the least capacity is above it:\n\n"
    )
    rows = []
    for p in s["points"]:
        cross = _mark(_within(p["cop_bin"], p["certified_bin"], points.SEASON_POINT))
        rows.append(
            (
                p["name"],
                f"{p['load_w']:.0f} W",
                f"{p['certified_cop']:.2f} at {p['certified_w']:.0f} W",
                f"{p['certified_bin']:.2f}",
                f"{p['cop']:.2f} at {p['heating_w']:.0f} W",
                f"{p['cop_bin']:.2f}",
                off(p["cop_bin"], p["certified_bin"]) + cross,
                f"{100 * points.SEASON_POINT:.0f} %",
            )
        )
    return text + _table(("", "load", "certified", "at the load", "ours", "at the load", "", "bar"), rows)


def _superheat(m: dict[str, Any]) -> str:
    rows = []
    for s in m["superheat"]:
        if s["note"]:
            rows.append((f"{s['speed_rps']:.0f} 1/s", s["note"] + _mark(False), *[""] * 7))
            continue
        ratio, (low, high) = s["gain_low"] / s["gain_high"], response.TIME_S
        rows.append(
            (
                f"{s['speed_rps']:.0f} 1/s",
                f"{s['td_k']:.1f} K",
                f"{s['gain_low']:.0f} K",
                f"{s['gain_high']:.0f} K",
                f"{ratio:.1f}{_mark(ratio >= response.GAIN_RATIO and s['monotone'])}",
                f"{s['flow_low'] / s['flow_high']:.1f}",
                " and ".join(f"{t:.0f} s{_mark(low <= t <= high)}" for t in s["constant_s"]),
                " and ".join(f"{t:.0f} s" for t in s["delay_s"]),
                " and ".join(f"{t:.0f} s" for t in s["seconds"]),
            )
        )
    low, high = response.TIME_S
    text = (
        f"Superheat over the full stroke of the valve, at {response.LOW_K:g} and {response.HIGH_K:g} K "
        f"(ratio at least {response.GAIN_RATIO:g},\n"
        f"monotone; in flow: the ratio of kelvins per percent of flow; TD: air less evaporating), and the "
        f"dominant\n"
        f"time constant after a step of {100 * response.STEP:.0f} % of the opening down and up from "
        f"{response.STEP_K:g} K behind a {response.SENSOR_S:g} s sensor, in dry air\n"
        f"({low:g} to {high:g} s), beside its delay and the time to 63 %, which has both "
        f"([superheat.md](superheat.md)):\n\n"
    )
    heads = (
        "speed",
        f"TD at {response.LOW_K:g} K",
        f"gain at {response.LOW_K:g} K",
        f"at {response.HIGH_K:g} K",
        "ratio",
        "in flow",
        "constant",
        "delay",
        "to 63 %",
    )
    return text + _table(heads, rows)


def _frost(m: dict[str, Any]) -> str:
    f = m["frost"]
    if f["note"]:
        return f"Frost and defrost: {f['note']}.\n"
    (low, high), (fast, slow) = frost.PENALTY, frost.MELTING_S
    cost, melting = _mark(low <= f["defrost_loss"] <= high), _mark(fast <= f["melting_s"] <= slow)
    heating = "" if f["frosting_loss"] is None else f", of it while heating {100 * f['frosting_loss']:.1f} %"
    return (
        f"Frost at A2, wet bulb 1 degC, {f['speed_rps']:.0f} 1/s: COP {f['dry_cop']:.2f} dry, "
        f"{f['cop']:.2f} net; cost {100 * f['defrost_loss']:.1f} %{cost} "
        f"({100 * low:.0f} to {100 * high:.0f} %){heating};\n{f['frost_kg']:.1f} kg melted in "
        f"{f['melting_s']:.0f} s{melting} ({fast:.0f} to {slow:.0f} s), every {f['cycle_s'] / 60:.0f} min.\n"
    )


def _swings(m: dict[str, Any]) -> str:
    """Defrosts on a house's water: the experiment's, and the firmware's where it was run."""
    own, firmware = m["frost"].get("swings", []), m.get("firmware", {"rows": [], "note": ""})
    if not own:
        return ""
    rows = []
    for who, found in (("experiment", own), ("firmware", firmware["rows"])):
        for i, s in enumerate(found):
            # The bars are of the first buffer; what is without it is reported.
            fall = _mark(i > 0 or _in(s["supply_k"], frost.SWING_K))
            melting = _mark(i > 0 or _in(s["melting_s"], frost.MELTING_S))
            rows.append(
                (
                    who,
                    f"{s['buffer']:g} l/kW",
                    f"{s['frost_kg']:.1f} kg",
                    f"{s['melting_s']:.0f} s{melting}",
                    f"{s['supply_k']:.1f} K{fall}",
                    f"{s['coldest_c']:.0f} degC",
                )
            )
    (low, high), (fast, slow) = frost.SWING_K, frost.MELTING_S
    buffer, bare = frost.BUFFERS
    note = f"\nFirmware: {firmware['note']}." if firmware["note"] else ""
    head = (
        f"A defrost with the house's water, of which {m['frost']['heating_w']:.0f} W are drawn throughout. "
        "The experiment keeps its speed, also when\nthe machine starts again; the firmware acts as built, by "
        f"its factory settings ([frost.md](frost.md)). With {buffer:g} l/kW of buffer\nthe supply may fall "
        f"by {low:g} to {high:g} K, melting take {fast:.0f} to {slow:.0f} s; {bare:g} l/kW is only "
        f"reported.{note}\n\n"
    )
    heads = ("by", "buffer", "frost", "melting", "supply falls by", "plate's outlet at least")
    return head + _table(heads, rows)


def _peers(m: dict[str, Any]) -> str:
    rows = []
    for t in m["tespy"]:
        cycle = machine = ""
        if "tespy_cycle_cop" in t:
            good = _within(t["tespy_cycle_cop"], t["cycle_cop"], TESPY_BARS[0])
            cycle = f"{100 * (t['tespy_cycle_cop'] / t['cycle_cop'] - 1):+.2f} %{_mark(good)}"
        if "tespy_cop" in t:
            good = _within(t["tespy_cop"], t["cop"], TESPY_BARS[1])
            machine = f"{100 * (t['tespy_cop'] / t['cop'] - 1):+.2f} %{_mark(good)}"
        rows.append((t["point"], cycle, machine, t["note"]))
    coarse, fine = m["grid"]["cop"]
    grid = f"{m['grid']['cells'][1]} cells instead of {m['grid']['cells'][0]}, steady point: COP "
    grid += (
        f"{100 * (fine / coarse - 1):+.2f} %{_mark(_within(fine, coarse, GRID_BAR))} ({100 * GRID_BAR:g} %)."
    )
    head = "TESPy's COP beside ours: bare cycle at the same pressures (0.3 %), machine with the same "
    head += "conductances and flows (2 %):\n\n"
    return head + _table(("point", "cycle", "machine", ""), rows) + f"\n{grid}\n"


_PARTS = (_rows, _capacity, _season, _superheat, _frost, _swings, _peers)


def without_plots(text: str) -> str:
    """A page without the lines of its plots."""
    return re.sub(r"!\[[^]]*\]\([^)]*\)\n\n?", "", text)


def differences(old: str, new: str) -> list[str]:
    """Lines in which two pages differ by more than one unit of a number's last place, or in words."""
    a, b = old.splitlines(), new.splitlines()
    if len(a) != len(b):
        return [f"{len(a)} lines, needed {len(b)}"]
    return [f"line {i}: {y}" for i, (x, y) in enumerate(zip(a, b, strict=True), 1) if not _alike(x, y)]


def _alike(x: str, y: str) -> bool:
    if x == y:
        return True
    left, right = _NUMBER.findall(x), _NUMBER.findall(y)
    if _NUMBER.sub("", x) != _NUMBER.sub("", y) or len(left) != len(right):
        return False
    for p, q in zip(left, right, strict=True):
        unit = 10.0 ** -len(q.partition(".")[2])
        if abs(float(p) - float(q)) > 1.001 * unit:
            return False
    return True
