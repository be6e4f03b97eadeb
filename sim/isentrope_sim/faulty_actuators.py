"""Faults between a command and what it moves: raw outputs as they arrive, and the valve's lost steps."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from isentrope_sim import faults
from isentrope_sim.faults import Fault

TOP = 65535  # raw range of an analogue reference


class FaultyActuator:
    """One faulty output.

    Args:
        fault: checked.
        kind: of the output, a key of `faults.TABLE`.
        raw: the command that last took effect (relays 0 off, 1 on), where `stuck` holds it.
        seed: of what `garbage` draws.
    """

    def __init__(self, fault: Fault, kind: str, raw: int, seed: int) -> None:
        self.fault = fault
        self._kind = kind
        self._held = raw
        self._since_s = 0.0
        self._late: deque[tuple[float, int]] = deque()
        self._owed = 0.0  # fraction of a step that is lost next
        self._generator = np.random.Generator(np.random.PCG64(seed))

    @property
    def slowness(self) -> float:
        """Factor on lag or ramp time."""
        return self.fault.values["factor"] if self.fault.verb == "slow" else 1.0

    @property
    def jammed(self) -> bool:
        """No pulse moves the valve."""
        return self._kind == "valve" and self.fault.verb in ("stuck", "off")

    def lost(self, steps: int) -> int:
        """How many of these pulses do not move the rotor."""
        if self.fault.verb != "lost-steps":
            return 0
        self._owed += abs(steps) * self.fault.values["fraction"]
        lost = int(self._owed + 1e-9)
        self._owed -= lost
        return lost if steps >= 0 else -lost

    def command(self, raw: int, dt_s: float) -> int:
        """The command that arrives for the step of `dt_s` that begins now."""
        if self._kind == "valve":
            return raw
        verb, values = self.fault.verb, self.fault.values
        now, self._since_s = self._since_s, self._since_s + dt_s
        if verb == "intermittent":
            return 0 if faults.interrupted(values, now) else raw
        if verb == "off":
            return 0
        if verb == "stuck":
            return self._held
        if verb == "garbage":
            return int(self._generator.integers(0, TOP + 1))
        if verb == "wrong":
            return 1 if self._kind == "relay" else round(values["value"] * TOP)
        if verb == "offset":
            return min(max(round(raw + values["by"] * TOP), 0), TOP)
        if verb == "low":
            return round(raw * values["factor"])
        if verb == "delayed":
            late = self._late
            if not late:
                late.append((-values["delay_s"], self._held))
            late.append((now, raw))
            while len(late) > 1 and late[1][0] <= now - values["delay_s"] + 1e-9:
                late.popleft()
            return late[0][1]
        return raw

    def snapshot(self) -> Any:
        """All of it, for a restore that builds it anew."""
        return (
            self.fault, self._kind, self._held, self._since_s, tuple(self._late), self._owed,
            self._generator.bit_generator.state,
        )  # fmt: skip

    @classmethod
    def of(cls, saved: Any) -> FaultyActuator:
        fault, kind, held, since_s, late, owed, generator = saved
        made = cls(fault, kind, held, 0)
        made._since_s, made._late, made._owed = since_s, deque(late), owed
        made._generator.bit_generator.state = generator
        return made
