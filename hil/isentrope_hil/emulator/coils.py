"""A stepper's true position from the levels of its pins, and what no healthy driver would do to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# Levels of the pins in the order of opening, the first pin lowest: two phases on, and one and two in turn.
BIPOLAR = (0b0101, 0b0110, 0b1010, 0b1001)  # A+ A- B+ B- of two H-bridges
BIPOLAR_HALF = (0b0101, 0b0100, 0b0110, 0b0010, 0b1010, 0b1000, 0b1001, 0b0001)
UNIPOLAR = (0b0011, 0b0110, 0b1100, 0b1001)  # A B A' B' of a ULN2003
UNIPOLAR_HALF = (0b0011, 0b0010, 0b0110, 0b0100, 0b1100, 0b1000, 0b1001, 0b0001)
SEQUENCES = {
    ("bipolar", False): BIPOLAR,
    ("bipolar", True): BIPOLAR_HALF,
    ("unipolar", False): UNIPOLAR,
    ("unipolar", True): UNIPOLAR_HALF,
}
_STEP, _DIR = 1, 2  # of a step/dir chip; DIR high opens


@dataclass(frozen=True)
class Illegal:
    """A change that is no step: at emulated `ms` from levels `before` to `after`."""

    ms: float
    before: int
    after: int


class StepCounter:
    """Signed position, in steps of `sequence` (None: a step/dir chip), counted from the first levels seen.

    `steps` are (ms, position) after each step. Steps while the windings have no current (`power`) do not
    turn the motor; they are counted in `unpowered`. Changes at one moment count as one: a driver
    sets its pins together, but they are seen one after the other.
    """

    def __init__(self, sequence: Sequence[int] | None) -> None:
        self.steps: list[tuple[float, int]] = []
        self.illegal: list[Illegal] = []
        self.unpowered = 0
        self._powered = True
        self._sequence = sequence
        self._position = 0
        self._levels = 0
        self._settled = 0  # levels that were decoded last
        self._phase: int | None = None
        self._ms = 0.0

    @property
    def position(self) -> int:
        self._settle()
        return self._position

    @property
    def periods(self) -> list[float]:
        """ms between each two steps in a row that go the same way."""
        self._settle()
        found = []
        before = 0
        for (t0, p0), (t1, p1) in pairwise(self.steps):
            if p0 - before == p1 - p0:
                found.append(t1 - t0)
            before = p0
        return found

    def power(self, on: bool) -> None:
        """The driver is enabled or not; it is, to begin with."""
        self._settle()
        self._powered = on

    def change(self, ms: float, pin: int, level: int) -> None:
        """Pin 0 to 3 goes to a level."""
        if ms != self._ms:
            self._settle()
            self._ms = ms
        self._levels = self._levels & ~(1 << pin) | level << pin

    def _settle(self) -> None:
        before, after = self._settled, self._levels
        if before == after:
            return
        self._settled = after
        if self._sequence is None:
            if after & ~before & _STEP:
                self._step(1 if after & _DIR else -1)
            return
        if after == 0:  # no current: the motor stays where it is
            return
        if after not in self._sequence:
            self.illegal.append(Illegal(self._ms, before, after))
            return
        phase = self._sequence.index(after)
        moved = 0 if self._phase is None else (phase - self._phase) % len(self._sequence)
        self._phase = phase
        if moved == 1:
            self._step(1)
        elif moved == len(self._sequence) - 1:
            self._step(-1)
        elif moved:
            self.illegal.append(Illegal(self._ms, before, after))

    def _step(self, way: int) -> None:
        if not self._powered:
            self.unpowered += 1
            return
        self._position += way
        self.steps.append((self._ms, self._position))
