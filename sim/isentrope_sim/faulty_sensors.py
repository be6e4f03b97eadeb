"""Faults between a sensor and its converter: what each does to value, lag, offset and count.

A faulty channel reads from a place of its own in the truth vector, so that its neighbours, which may sense
the same quantity, keep theirs. Everything is a function of the time since the fault began; only `garbage`
draws, from a generator of its own.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from isentrope_sim import faults
from isentrope_sim.faults import Fault

ZERO_C = 273.15
THERMISTOR, CONTACT = "thermistor", "contact"


class FaultySensor:
    """One faulty channel.

    Args:
        fault: checked.
        kind: of the channel, a key of `faults.TABLE`.
        value, count: the sensed value (K, Pa; a contact: 1 closed, 0 open) and the raw count as it begins.
        seed: of what `garbage` draws.
    """

    def __init__(self, fault: Fault, kind: str, value: float, count: int, seed: int) -> None:
        self.fault = fault
        self._kind = kind
        self._value = value
        self.own = value  # of a contact: what it would be without the fault
        self._count = count
        self._since_s = 0.0
        self._changing_s = 0.0  # of a slow contact: since when it would be otherwise
        self._late: deque[tuple[float, float]] = deque()
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def lag(self, own_s: float) -> float:
        """The channel's time constant, s."""
        if self.fault.verb == "slow":
            return own_s * self.fault.values["factor"] + self.fault.values["lag_s"]
        return 0.0 if self.fault.verb == "wrong" else own_s

    def offset(self, own: float) -> float:
        """The channel's offset now, K or Pa."""
        values = self.fault.values
        if self.fault.verb == "offset":
            return own + (values["by_k"] if self._kind == THERMISTOR else values["by_kpa"] * 1e3)
        if self.fault.verb == "drift":
            rate = values["by_k_h"] if self._kind == THERMISTOR else values["by_kpa_h"] * 1e3
            return own + rate * self._since_s / 3600.0
        return own

    def sensed(self, true: float, dt_s: float) -> float:
        """What reaches the sensing element, from the true value at the step's end; advances by `dt_s`."""
        self._since_s += dt_s
        values = self.fault.values
        if self.fault.verb == "wrong":
            return values["value_c"] + ZERO_C if self._kind == THERMISTOR else values["value_kpa"] * 1e3
        if self.fault.verb == "delayed":
            late = self._late
            if not late:
                late.append((0.0, self._value))
            late.append((self._since_s, true))
            while len(late) > 1 and late[1][0] <= self._since_s - values["delay_s"] + 1e-9:
                late.popleft()
            return late[0][1]
        return true

    def count(self, own: int, full: int) -> int:
        """The converter's count, of `full` in all."""
        verb = self.fault.verb
        if verb == "stuck":
            return self._count
        if verb == "garbage":
            return int(self._generator.integers(0, full))
        if verb == "intermittent":
            verb = "open" if faults.interrupted(self.fault.values, self._since_s) else ""
        if verb in ("open", "off"):
            return full - 1 if self._kind == THERMISTOR else 0
        if verb == "short":
            return 0 if self._kind == THERMISTOR else full - 1
        return own

    def closed(self, own: bool) -> bool:
        """A contact as its wires carry it."""
        verb = self.fault.verb
        if verb == "stuck":
            return self._value == 1.0
        if verb == "intermittent":
            return own and not faults.interrupted(self.fault.values, self._since_s)
        if verb == "wrong":
            return not own
        if verb == "garbage":
            return bool(self._generator.integers(0, 2))
        if verb == "delayed":
            return self.sensed(float(own), 0.0) == 1.0
        if verb == "slow":
            if float(own) == self._value:
                self._changing_s = self._since_s
            elif self._since_s - self._changing_s > self.fault.values["lag_s"] + 1e-9:
                self._value = float(own)
            return self._value == 1.0
        return own if verb in ("offset", "drift") else verb == "short"

    def threshold(self) -> float:
        """Factor on a contact's thresholds."""
        values = self.fault.values
        if self.fault.verb == "offset":
            return 1.0 + values["by"]
        return 1.0 + values["by_h"] * self._since_s / 3600.0 if self.fault.verb == "drift" else 1.0

    def tick(self, dt_s: float) -> None:
        """A contact's time."""
        self._since_s += dt_s

    def snapshot(self) -> Any:
        """All of it, for a restore that builds it anew."""
        return (
            self.fault, self._kind, self._value, self._count, self._since_s, tuple(self._late), self.own,
            self._changing_s, self._generator.bit_generator.state,
        )  # fmt: skip

    @classmethod
    def of(cls, saved: Any) -> FaultySensor:
        fault, kind, value, count, since_s, late, own, changing, generator = saved
        made = cls(fault, kind, value, count, 0)
        made._since_s, made._late, made.own = since_s, deque(late), own
        made._changing_s = changing
        made._generator.bit_generator.state = generator
        return made
