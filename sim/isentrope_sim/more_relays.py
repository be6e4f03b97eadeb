"""Relays that not every machine has: the hot-water diverter, the backup heater's stages.

They lie behind the others in the actuators' state, so that a machine without them has the state it had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from isentrope_sim.faults import Fault
from isentrope_sim.faulty_actuators import FaultyActuator

NAMES = ("hot_water_valve", "backup_1", "backup_2")


class MoreRelays:
    """Those of the profile's `out` rows that are called one of `NAMES`.

    Attributes:
        places: where they are among all rows.
        state_names: of `state`: a contact (0 or 1), and how long a new command has waited, s, for each.
    """

    def __init__(
        self, rows: Sequence[Mapping[str, Any]], delay_s: float, state: np.ndarray, seed: int
    ) -> None:
        self.places = [place for place, row in enumerate(rows) if row["name"] in NAMES]
        self._names = [str(rows[place]["name"]) for place in self.places]
        self._off = [1 - int(rows[place]["active"]) for place in self.places]
        self._delay_s = delay_s
        self._state = state
        self._seed = seed
        self._faulty: dict[int, FaultyActuator] = {}
        self._raw = [0] * len(self.places)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def on(self, name: str) -> bool:
        """The contact is closed; False where there is no such relay."""
        return name in self._names and bool(self._state[2 * self._names.index(name)] == 1.0)

    def step(self, raw_out: Sequence[int], dt_s: float, powered: bool) -> None:
        """Advance by `dt_s` under all raw outputs."""
        for n, place in enumerate(self.places):
            raw = int(raw_out[place]) ^ self._off[n]
            if n in self._faulty:
                raw = self._faulty[n].command(raw, dt_s)
            self._raw[n] = raw if powered else 0
            state = self._state[2 * n : 2 * n + 2]
            if self._raw[n] == state[0]:
                state[1] = 0.0
                continue
            state[1] += dt_s
            if state[1] >= self._delay_s:
                state[:] = self._raw[n], 0.0

    def fault(self, fault: Fault) -> None:
        """Break a relay from the next step on; an earlier fault of it ends."""
        n = self._names.index(fault.target)
        seed = int(np.random.SeedSequence([self._seed, 0xFC, n]).generate_state(1)[0])
        self._faulty[n] = FaultyActuator(fault, "relay", int(self._state[2 * n]), seed)

    def clear(self, name: str | None = None) -> None:
        """Repair one relay, or all of them."""
        for n in [n for n in self._faulty if name in (None, self._names[n])]:
            del self._faulty[n]

    def snapshot(self) -> dict[int, Any]:
        return {n: faulty.snapshot() for n, faulty in self._faulty.items()}

    def restore(self, saved: Mapping[int, Any]) -> None:
        self._faulty = {n: FaultyActuator.of(each) for n, each in saved.items()}


def state_names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Of the states behind those that every machine's actuators have."""
    found = [str(row["name"]) for row in rows if row["name"] in NAMES]
    return [name for each in found for name in (f"{each}_on", f"{each}_pending_s")]
