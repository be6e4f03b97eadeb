"""The small language of requirements: signals, conditions on them, and anchors in time.

    signal     superheat_k | true.superheat_k | superheat_k - superheat_setpoint_k
    condition  state == heating and speed_rps > 20 for 300 s
    anchor     90 s | 1h05m | end | event:load-step + 120 s | first: true.speed_rps > 1 + 300 s

A signal is a point by its plain name; `in.`, `out.`, `state.`, `true.` and `timing.` reach the
recorder's other columns.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from isentrope_hil import units
from isentrope_hil.recorder import Recorder
from isentrope_hil.tomlread import duration_s

_SIGNAL = r"[A-Za-z_][A-Za-z0-9_.]*"
_EXPRESSION = re.compile(rf"({_SIGNAL})(?:\s+-\s+({_SIGNAL}))?")
_COMPARISON = re.compile(rf"(.+?)\s*(==|!=|<=|>=|<|>)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?|{_SIGNAL})")
_HOLD = re.compile(r"(.*\S)\s+for\s+(.+)")
_OFFSET = re.compile(r"(.*\S)\s+([+-])\s+(\d.*)")

_OPERATORS = {
    "==": np.equal,
    "!=": np.not_equal,
    "<=": np.less_equal,
    ">=": np.greater_equal,
    "<": np.less,
    ">": np.greater,
}


class Missing(Exception):
    """Something a check needs is not in the run: the check is blocked. One line."""


@dataclass(frozen=True)
class Expression:
    """A signal, or the difference of two."""

    first: str
    second: str | None = None

    @staticmethod
    def parse(text: object) -> "Expression":
        match = _EXPRESSION.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise ValueError("a signal's name or 'a - b' of two is wanted")
        return Expression(match[1], match[2])

    def __str__(self) -> str:
        return self.first if self.second is None else f"{self.first} - {self.second}"


@dataclass(frozen=True)
class Comparison:
    expression: Expression
    operator: str
    value: float | str  # a str is the name of one of an enumerated signal's values


@dataclass(frozen=True)
class Condition:
    """Comparisons that hold together, for at least `hold_s` without a break."""

    text: str
    comparisons: tuple[Comparison, ...]
    hold_s: float = 0.0

    @staticmethod
    def parse(text: object) -> "Condition":
        if not isinstance(text, str):
            raise ValueError("a condition is a text such as 'state == heating for 300 s'")
        body, hold_s = text.strip(), 0.0
        if match := _HOLD.fullmatch(body):
            body, hold_s = match[1], duration_s(match[2])
        comparisons = []
        for part in re.split(r"\s+and\s+", body):
            match = _COMPARISON.fullmatch(part.strip())
            if match is None:
                raise ValueError(f"'{part}' is not a comparison such as 'speed_rps > 20'")
            try:
                value: float | str = float(match[3])
            except ValueError:
                value = match[3]
            comparisons.append(Comparison(Expression.parse(match[1]), match[2], value))
        return Condition(text.strip(), tuple(comparisons), hold_s)


@dataclass(frozen=True)
class Anchor:
    """A moment: seconds, the run's end, an event or a condition's first sample, plus an offset."""

    text: str
    offset_s: float = 0.0
    event: str | None = None
    first: Condition | None = None
    end: bool = False

    @staticmethod
    def parse(value: object) -> "Anchor":
        if not isinstance(value, str):
            return Anchor(f"{duration_s(value):g} s", duration_s(value))
        text = value.strip()
        body, offset_s = text, 0.0
        if match := _OFFSET.fullmatch(text):
            body = match[1]
            offset_s = duration_s(match[3]) * (1.0 if match[2] == "+" else -1.0)
        if body == "end":
            return Anchor(text, offset_s, end=True)
        if body.startswith("event:"):
            return Anchor(text, offset_s, event=body.removeprefix("event:").strip())
        if body.startswith("first:"):
            return Anchor(text, offset_s, first=Condition.parse(body.removeprefix("first:")))
        try:
            return Anchor(text, duration_s(body) + offset_s)
        except ValueError:
            raise ValueError(
                "a moment is a duration, 'end', 'event:NAME' or 'first: CONDITION', "
                "each with an optional '+ 120 s'"
            ) from None


class View:
    """A finished (or partial) run as the checks see it.

    Args:
        recorder: the recorded run.
        events: moments in s of the timeline's named events.
        duration_s: what the scenario asked for; the run may have ended earlier.
        labels: names of an enumerated signal's values, e.g. {"state": {"heating": 3}}.
    """

    def __init__(
        self,
        recorder: Recorder,
        events: Mapping[str, float],
        duration_s: float,
        labels: Mapping[str, Mapping[str, int]] | None = None,
    ) -> None:
        self.recorder = recorder
        self.duration_s = duration_s
        self.t_s = recorder.column("t_s")
        self._events = events
        self._labels = labels or {}

    @property
    def end_s(self) -> float:
        """Time of the last sample."""
        return float(self.t_s[-1]) if len(self.t_s) else 0.0

    @property
    def step_s(self) -> float:
        """Time between samples."""
        return float(self.t_s[1] - self.t_s[0]) if len(self.t_s) > 1 else 0.0

    def _column(self, name: str) -> np.ndarray:
        try:
            return np.asarray(self.recorder.column(name), dtype=np.float64)
        except KeyError as error:
            raise Missing(str(error.args[0])) from None

    def unit(self, expression: Expression) -> str:
        """Unit of the expression as recorded."""
        try:
            return self.recorder.unit(expression.first)
        except KeyError as error:
            raise Missing(str(error.args[0])) from None

    def values(self, expression: Expression, unit: str = "") -> np.ndarray:
        """The expression's samples, in `unit` if one is given. Raises `Missing`."""
        values = self._column(expression.first)
        difference = expression.second is not None
        try:
            if expression.second is not None:
                factor, offset = units.conversion(
                    self.unit(Expression(expression.second)), self.unit(expression)
                )
                values = values - (self._column(expression.second) * factor + offset)
            factor, offset = units.conversion(self.unit(expression), unit, difference)
        except ValueError as error:
            raise Missing(f"'{expression}': {error}") from None
        return values * factor + offset

    def _value(self, comparison: Comparison) -> float:
        if isinstance(comparison.value, float):
            return comparison.value
        signal = comparison.expression.first
        labels = self._labels.get(signal, {})
        if comparison.value not in labels:
            known = ", ".join(labels) or "it has no named values"
            raise Missing(f"'{comparison.value}' is no value of '{signal}' ({known})")
        return float(labels[comparison.value])

    def holds(self, condition: Condition) -> np.ndarray:
        """One bool a sample: the condition holds, and has held for its `hold_s`. Raises `Missing`."""
        mask = np.ones(len(self.t_s), dtype=bool)
        for comparison in condition.comparisons:
            mask &= _OPERATORS[comparison.operator](
                self.values(comparison.expression), self._value(comparison)
            )
        if condition.hold_s > 0.0 and len(mask):
            # Time of the last sample at which it did not hold; before the first sample it did not.
            broken = np.maximum.accumulate(np.where(mask, -np.inf, self.t_s))
            began = np.where(np.isinf(broken), self.t_s[0], broken + self.step_s)
            mask &= self.t_s - began >= condition.hold_s
        return mask

    def moment_s(self, anchor: Anchor) -> float:
        """The anchor's time in s. Raises `Missing`: no such event, or the condition never held."""
        if anchor.end:
            return self.duration_s + anchor.offset_s
        if anchor.event is not None:
            if anchor.event not in self._events:
                raise Missing(f"the timeline has no event '{anchor.event}'")
            return self._events[anchor.event] + anchor.offset_s
        if anchor.first is not None:
            held = np.flatnonzero(self.holds(anchor.first))
            if not len(held):
                raise Missing(f"'{anchor.first.text}' never held")
            return float(self.t_s[held[0]]) + anchor.offset_s
        return anchor.offset_s
