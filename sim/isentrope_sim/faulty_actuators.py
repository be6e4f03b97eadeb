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
        self._owed = 0.0  # fraction of a step that is lost, slips or may follow next; of an offset: 1, done
        self._waiting = 0  # pulses that a slow valve has not followed yet
        self._lasted_s = 0.0  # how long a slow relay has been told otherwise
        self._generator = np.random.Generator(np.random.PCG64(seed))

    @property
    def slowness(self) -> float:
        """Factor on lag or ramp time."""
        return self.fault.values["factor"] if self.fault.verb == "slow" else 1.0

    def moved(self, steps: int, dt_s: float) -> int:
        """By how many steps the rotor follows these pulses of a step of `dt_s`."""
        verb, values = self.fault.verb, self.fault.values
        now, self._since_s = self._since_s, self._since_s + dt_s
        if verb in ("stuck", "off"):
            return 0
        if verb == "wrong":
            return -steps
        if verb == "garbage":
            return steps if self._generator.integers(0, 2) else -steps
        if verb == "intermittent":
            return 0 if faults.interrupted(values, now) else steps
        if verb == "lost-steps":
            self._owed += abs(steps) * values["fraction"]
            lost = int(self._owed + 1e-9)
            self._owed -= lost
            return steps - (lost if steps >= 0 else -lost)
        if verb == "slow":
            self._waiting += steps
            self._owed = min(self._owed + values["rate_hz"] * dt_s, max(1.0, values["rate_hz"] * dt_s))
            taken = min(abs(self._waiting), int(self._owed + 1e-9))
            self._owed -= taken
            taken = taken if self._waiting >= 0 else -taken
            self._waiting -= taken
            return taken
        if verb == "delayed":
            self._late.append((now, steps))
            come = 0
            while self._late and self._late[0][0] <= now - values["delay_s"] + 1e-9:
                come += self._late.popleft()[1]
            return come
        return steps

    def slipped(self, dt_s: float) -> int:
        """By how many steps the rotor slips in a step of `dt_s`, whatever the pulses; positive opens."""
        values = self.fault.values
        if self.fault.verb == "offset":
            self._owed, slip = 1.0, (0 if self._owed else int(values["by_steps"]))
            return slip
        if self.fault.verb == "drift":
            self._owed += values["by_steps_h"] * dt_s / 3600.0
            slip = int(self._owed + (1e-9 if self._owed > 0.0 else -1e-9))
            self._owed -= slip
            return slip
        return 0

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
            return int(self._generator.integers(0, TOP + 1 if self._kind == "drive" else 2))
        if verb == "slow" and self._kind == "relay":
            self._lasted_s = self._lasted_s + dt_s if raw != self._held else 0.0
            if self._lasted_s > values["lag_s"] + 1e-9:
                self._held = raw
            return self._held
        if verb == "wrong":
            return round(values["value"] * TOP) if self._kind == "drive" else 1
        if verb == "offset":
            return min(max(round(raw + values["by"] * TOP), 0), TOP)
        if verb == "drift":
            return min(max(round(raw + values["by_h"] * now / 3600.0 * TOP), 0), TOP)
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
            self._waiting, self._lasted_s, self._generator.bit_generator.state,
        )  # fmt: skip

    @classmethod
    def of(cls, saved: Any) -> FaultyActuator:
        fault, kind, held, since_s, late, owed, waiting, lasted, generator = saved
        made = cls(fault, kind, held, 0)
        made._since_s, made._late, made._owed = since_s, deque(late), owed
        made._waiting, made._lasted_s = waiting, lasted
        made._generator.bit_generator.state = generator
        return made
