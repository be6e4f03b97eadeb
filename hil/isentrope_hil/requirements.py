"""Requirements as data with units, and their verdicts: pass, fail or blocked.

Blocked is a check that could not be made: a signal or an event is missing, the window is empty, a sample is
not a number, or the run ended before the window did. It is never a pass.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isentrope_hil.conditions import Anchor, Condition, Expression, Missing, View
from isentrope_hil.tomlread import Table, bounds

PASS, FAIL, BLOCKED = "pass", "fail", "blocked"
_RUN_START, _RUN_END = Anchor("0 s"), Anchor("end", end=True)


@dataclass(frozen=True)
class Requirement:
    """One requirement of a scenario; which fields count depends on `kind` (docs/scenarios.md).

    `lo` and `hi` bound the judged value, in `unit`; `start`, `end` and `when` say which samples are judged.
    """

    id: str
    name: str
    kind: str
    ref: str = ""
    unit: str = ""
    signal: Expression | None = None
    lo: float = -math.inf
    hi: float = math.inf
    start: Anchor = _RUN_START
    end: Anchor = _RUN_END
    when: Condition | None = None
    allow_s: float = 0.0
    threshold: float = 0.0
    band: float = 0.0
    hold_s: float | None = None
    of: Condition | None = None
    first: Condition | None = None
    event: int | None = None
    quantity: str = ""


@dataclass(frozen=True)
class Result:
    """A judged requirement; `value` is in `unit`, None when blocked; `note` says why it is blocked."""

    id: str
    name: str
    limit: str
    value: float | None
    unit: str
    verdict: str
    ref: str = ""
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        out = {key: getattr(self, key) for key in ("id", "name", "limit", "value", "unit", "verdict")}
        return out | {key: getattr(self, key) for key in ("ref", "note") if getattr(self, key)}


class _Window:
    """The samples a requirement is judged on. Raises `Missing` if there is none."""

    def __init__(self, requirement: Requirement, view: View) -> None:
        self.start_s = view.moment_s(requirement.start)
        self.end_s = view.moment_s(requirement.end)
        if not self.start_s <= self.end_s:
            raise Missing(f"its window is empty: from {self.start_s:g} s to {self.end_s:g} s")
        self.cut = view.end_s + view.step_s < self.end_s
        inside = (view.t_s >= self.start_s) & (view.t_s <= self.end_s)
        if requirement.when is not None:
            inside &= view.holds(requirement.when)
        if not inside.any():
            raise Missing(f"no sample in its window from {self.start_s:g} s to {self.end_s:g} s")
        self.inside = inside
        self.view = view

    def values(self, requirement: Requirement) -> np.ndarray:
        assert requirement.signal is not None  # the loader sees to it
        values = self.view.values(requirement.signal, requirement.unit)[self.inside]
        bad = int(np.count_nonzero(~np.isfinite(values)))
        if bad:
            raise Missing(f"{bad} samples of '{requirement.signal}' are not a number")
        return values

    def longest_s(self, mask: np.ndarray) -> float:
        """The longest unbroken time of `mask` (over the window's samples); a sample stands for one step."""
        whole = np.zeros(len(self.inside), dtype=bool)
        whole[np.flatnonzero(self.inside)[mask]] = True
        edges = np.diff(np.concatenate(([0], whole.view(np.int8), [0])))
        begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        return float(np.max(ends - begins, initial=0)) * self.view.step_s


# A judge returns the value, and whether a run cut short could still have changed a good verdict.
Judge = Callable[[Requirement, _Window], float]


def _range(r: Requirement, window: _Window) -> float:
    values = window.values(r)
    if r.allow_s > 0.0:
        return window.longest_s((values < r.lo) | (values > r.hi))
    return float(values[np.argmax(np.maximum(r.lo - values, values - r.hi))])


def _mean(r: Requirement, window: _Window) -> float:
    return float(np.mean(window.values(r)))


def _std(r: Requirement, window: _Window) -> float:
    return float(np.std(window.values(r)))


def _final(r: Requirement, window: _Window) -> float:
    return float(window.values(r)[-1])


def _below(r: Requirement, window: _Window) -> float:
    return window.longest_s(window.values(r) < r.threshold)


def _above(r: Requirement, window: _Window) -> float:
    return window.longest_s(window.values(r) > r.threshold)


def _count(r: Requirement, window: _Window) -> float:
    if r.event is not None:
        times = window.view.recorder.event_times_s()
        codes = np.array([code for _, code, _, _ in window.view.recorder.events], dtype=np.int64)
        in_window = (times >= window.start_s) & (times <= window.end_s)
        return float(np.count_nonzero(in_window & (codes == r.event)))
    assert r.of is not None
    held = window.view.holds(r.of)
    rising = held & ~np.concatenate(([False], held[:-1]))
    return float(np.count_nonzero(rising & window.inside))


def _settle(r: Requirement, window: _Window) -> float:
    """Seconds from the window's start until the signal is within the band for `hold_s` (None: for good)."""
    out = np.abs(window.values(r)) > r.band
    times = window.view.t_s[window.inside]
    if r.hold_s is None:
        return float(times[out][-1] + window.view.step_s - window.start_s) if out.any() else 0.0
    began = None
    for time, outside in zip(times, out, strict=True):
        if outside:
            began = None
        elif began is None:
            began = time
        if began is not None and time - began >= r.hold_s:
            return float(max(0.0, began - window.start_s))
    return math.inf


def _reached(r: Requirement, window: _Window) -> float:
    assert r.of is not None
    held = window.view.holds(r.of) & window.inside
    return float(window.view.t_s[held][0] - window.start_s) if held.any() else math.inf


def _order(r: Requirement, window: _Window) -> float:
    """Seconds by which `first` held before `of` did."""
    assert r.of is not None and r.first is not None
    later = window.view.t_s[window.view.holds(r.of) & window.inside]
    earlier = window.view.t_s[window.view.holds(r.first) & window.inside]
    if not len(later):
        raise Missing(f"'{r.of.text}' never held")
    return float(later[0] - earlier[0]) if len(earlier) else -math.inf


def _balance(r: Requirement, window: _Window) -> float:
    """Largest charge error, or the energy residual over the heat that the condenser gave off, in %."""
    view = window.view
    truth = {name: view.values(Expression(f"true.{name}"))[window.inside] for name in _BALANCE[r.quantity]}
    if not all(np.isfinite(values).all() for values in truth.values()):
        raise Missing("samples of the balance are not numbers")
    if r.quantity == "charge":
        return float(np.max(np.abs(truth["charge_error"]))) * 100.0
    heat_j = float(np.sum(np.abs(truth["heat_w"]))) * view.step_s
    if heat_j <= 0.0:
        raise Missing("no heat was given off")
    residual_j = truth["energy_residual_j"]
    return float(np.max(np.abs(residual_j - residual_j[0]))) / heat_j * 100.0


_BALANCE = {"charge": ("charge_error",), "energy": ("energy_residual_j", "heat_w")}


@dataclass(frozen=True)
class Kind:
    """How one kind is judged and which keys it has: `needs` must, `may` can be there."""

    judge: Judge
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    unit: str = ""  # the result's unit, when it is not the signal's
    # What counts even if the run was cut short before the window's end; anything else is blocked then.
    final: str = ""


_BOUNDED = ("lo", "hi")
KINDS: dict[str, Kind] = {
    "range": Kind(_range, ("signal",), (*_BOUNDED, "allow"), final=FAIL),
    "mean": Kind(_mean, ("signal",), _BOUNDED),
    "std": Kind(_std, ("signal",), _BOUNDED),
    "final": Kind(_final, ("signal",), _BOUNDED),
    "max_duration_below": Kind(_below, ("signal", "threshold", "limit"), unit="s", final=FAIL),
    "max_duration_above": Kind(_above, ("signal", "threshold", "limit"), unit="s", final=FAIL),
    "count": Kind(_count, (), ("of", "event", *_BOUNDED), unit="1"),
    "settle": Kind(_settle, ("signal", "band", "within"), ("hold",), unit="s"),
    "reached": Kind(_reached, ("of", "within"), unit="s", final=PASS),
    "order": Kind(_order, ("first", "of"), ("lead",), unit="s", final=PASS),
    "balance": Kind(_balance, ("quantity", "hi"), unit="%"),
}


def parse(table: Table) -> Requirement:
    """A requirement from its TOML table. Raises `InputError`."""
    kind_name = table.choice("kind", KINDS, required=True)
    kind = KINDS[kind_name]
    ident = table.text("id", required=True)
    fields: dict[str, Any] = {
        "id": ident,
        "kind": kind_name,
        "name": table.text("name", ident),
        "ref": table.text("ref", ""),
        "unit": table.text("unit", ""),
        "start": table.parsed("from", Anchor.parse, _RUN_START),
        "end": table.parsed("to", Anchor.parse, _RUN_END),
        "when": table.parsed("when", Condition.parse),
    }
    takes: dict[str, Callable[[str, bool], tuple[str, Any]]] = {
        "signal": lambda key, must: ("signal", table.parsed(key, Expression.parse, required=must)),
        "of": lambda key, must: ("of", table.parsed(key, Condition.parse, required=must)),
        "first": lambda key, must: ("first", table.parsed(key, Condition.parse, required=must)),
        "lo": lambda key, must: ("lo", table.number(key, default=-math.inf, required=must)),
        "hi": lambda key, must: ("hi", table.number(key, default=math.inf, required=must)),
        "threshold": lambda key, must: ("threshold", table.number(key, required=must)),
        "band": lambda key, must: ("band", table.number(key, low=0.0, required=must)),
        "allow": lambda key, must: ("allow_s", table.duration(key, default=0.0, required=must)),
        "limit": lambda key, must: ("hi", table.duration(key, required=must)),
        "within": lambda key, must: ("hi", table.duration(key, required=must)),
        "lead": lambda key, must: ("lo", table.duration(key, default=0.0, required=must)),
        "hold": lambda key, must: ("hold_s", table.duration(key, required=must)),
        "event": lambda key, must: ("event", table.integer(key, 0, 0xFFFF, -1) if key in table else None),
        "quantity": lambda key, must: ("quantity", table.choice(key, _BALANCE, required=must)),
    }
    for key in kind.needs + kind.may:
        field, value = takes[key](key, key in kind.needs)
        fields[field] = value
    table.finish()
    if "lo" in kind.may and "lo" not in table and "hi" not in table:
        table.fail(None, "needs 'lo', 'hi' or both")
    if kind_name == "count" and ("of" in table) == ("event" in table):
        table.fail(None, "needs either 'of' (a condition) or 'event' (a code)")
    if fields.get("lo", -math.inf) > fields.get("hi", math.inf):
        table.fail("lo", f"is over hi = {fields['hi']:g}")
    return Requirement(**fields)


def limit_text(r: Requirement) -> str:
    """The limit in words."""
    unit = f" {r.unit}" if r.unit and r.unit != "1" else ""
    if r.kind == "range" and r.allow_s > 0.0:
        return f"outside {bounds(r.lo, r.hi)}{unit} for at most {r.allow_s:g} s"
    if r.kind.startswith("max_duration"):
        return f"{r.kind.removeprefix('max_duration_')} {r.threshold:g}{unit} for at most {r.hi:g} s"
    if r.kind == "settle":
        hold = "" if r.hold_s is None else f" for {r.hold_s:g} s"
        return f"within ±{r.band:g}{unit}{hold} after at most {r.hi:g} s"
    if r.kind == "reached":
        assert r.of is not None
        return f"{r.of.text} after at most {r.hi:g} s"
    if r.kind == "order":
        return "before" if r.lo <= 0.0 else f"at least {r.lo:g} s before"
    return bounds(r.lo, r.hi) + (" %" if r.kind == "balance" else unit)


def judge(requirement: Requirement, view: View) -> Result:
    """The verdict on one requirement over a run. Never raises for what the run lacks: that is blocked."""
    kind = KINDS[requirement.kind]
    limit = limit_text(requirement)

    def result(verdict: str, value: float | None, unit: str, note: str = "") -> Result:
        finite = value if value is None or math.isfinite(value) else None
        if value is not None and finite is None:
            note = "never happened"
        return Result(requirement.id, requirement.name, limit, finite, unit, verdict, requirement.ref, note)

    try:
        unit = kind.unit or requirement.unit or (view.unit(requirement.signal) if requirement.signal else "")
        window = _Window(requirement, view)
        value = kind.judge(requirement, window)
    except Missing as missing:
        return result(BLOCKED, None, kind.unit or requirement.unit, str(missing))
    if requirement.kind == "range" and requirement.allow_s > 0.0:
        good, unit = value <= requirement.allow_s, "s"
    else:
        good = requirement.lo <= value <= requirement.hi
    verdict = PASS if good else FAIL
    if window.cut and verdict != kind.final:
        return result(
            BLOCKED, None, unit, f"the run ended at {view.end_s:g} s, its window at {window.end_s:g} s"
        )
    return result(verdict, value, unit)


def overall(results: Sequence[Result]) -> str:
    """The run's verdict: the worst of all, fail before blocked; blocked if nothing was asked."""
    found = {each.verdict for each in results}
    if FAIL in found:
        return FAIL
    return BLOCKED if BLOCKED in found or not results else PASS
