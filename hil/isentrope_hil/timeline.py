"""The timeline at work: which knobs to set and which points to write before a step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from isentrope_hil.scenario import Event

Setting = tuple[str, float]  # a name and its value


@dataclass
class _Ramp:
    knob: str
    start_s: float
    over_s: float
    first: float
    last: float


class Timeline:
    """Walks once through a scenario's events. Everything it returns follows from simulated time alone.

    Args:
        events: in order of time, as `Scenario.timeline` has them.
        current: the present value of a knob of the rig, where a ramp starts.
    """

    def __init__(self, events: Sequence[Event], current: Callable[[str], float]) -> None:
        self._events = events
        self._current = current
        self._next = self._next_fault = 0
        self._ramps: list[_Ramp] = []

    def faults(self, t_s: float) -> list[Event]:
        """The events that break or repair something before the step at `t_s`, each once."""
        found: list[Event] = []
        while self._next_fault < len(self._events) and self._events[self._next_fault].at_s <= t_s:
            event = self._events[self._next_fault]
            self._next_fault += 1
            if event.fault or event.clear:
                found.append(event)
        return found

    def due(self, t_s: float) -> tuple[list[Setting], list[Setting]]:
        """(knobs to set, points to write) before the step at `t_s`, s since the first step."""
        knobs: list[Setting] = []
        writes: list[Setting] = []
        while self._next < len(self._events) and self._events[self._next].at_s <= t_s:
            event = self._events[self._next]
            self._next += 1
            writes.extend(event.write.items())
            for knob, value in event.plant.items():
                self._ramps = [ramp for ramp in self._ramps if ramp.knob != knob]
                if event.over_s > 0.0:
                    self._ramps.append(_Ramp(knob, event.at_s, event.over_s, self._current(knob), value))
                else:
                    knobs.append((knob, value))
        if self._ramps:
            for ramp in self._ramps:
                part = min(1.0, (t_s - ramp.start_s) / ramp.over_s)
                knobs.append((ramp.knob, ramp.first + part * (ramp.last - ramp.first)))
            self._ramps = [ramp for ramp in self._ramps if t_s - ramp.start_s < ramp.over_s]
        return knobs, writes
