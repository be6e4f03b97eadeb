"""Faults between the rig and the controller, in simulated time: a link that fails, and a power cut of both.

What it lets through is decided scan by scan, so a run with such a fault repeats like any other. While no
scan comes, the machine has what the outputs' lease leaves it: 2 s of the last ones (firmware's scan.py), then
their safe values.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from isentrope_sim import faults
from isentrope_sim.faults import Fault

LEASE_S = 2.0
TARGETS = {faults.LINK: faults.LINK}


def safe_outputs(profile: Mapping[str, Any], raw_out: Sequence[int]) -> list[int]:
    """The raw outputs in their safe state: everything off, the valve where it stands."""
    rows = [row for row in profile["io"] if row["dir"] == "out"]
    held = list(raw_out) or [0] * len(rows)
    return [
        value if row["kind"] == "stepper_count" else int(row["safe"])
        for row, value in zip(rows, held, strict=True)
    ]


class Outage:
    """A fault of the link."""

    def __init__(self, fault: Fault, profile: Mapping[str, Any]) -> None:
        self.fault = fault
        self._profile = profile
        self._since_s = 0.0
        self._unheard_s = 0.0
        self._missed = 0
        self._late: deque[tuple[float, list[int]]] = deque()

    def passes(self, scan_s: float) -> bool:
        """Whether this scan comes through; the next call is the next scan."""
        now, self._since_s = self._since_s, self._since_s + scan_s
        verb, values = self.fault.verb, self.fault.values
        lost = verb == "off" or (verb == "intermittent" and faults.interrupted(values, now))
        if verb == "slow":
            lost = self._missed + 1 < values["factor"]
        self._missed = self._missed + 1 if lost else 0
        self._unheard_s = self._unheard_s + scan_s if lost else 0.0
        return not lost

    def inputs(self, raw_in: Sequence[int]) -> Sequence[int]:
        """What the controller is told of these inputs."""
        late, verb = self._late, self.fault.verb
        if verb == "stuck":
            if not late:
                late.append((0.0, list(raw_in)))
            return late[0][1]
        if verb == "delayed":
            late.append((self._since_s, list(raw_in)))
            while len(late) > 1 and late[1][0] <= self._since_s - self.fault.values["delay_s"] + 1e-9:
                late.popleft()
            return late[0][1]
        return raw_in

    def outputs(self, raw_out: Sequence[int]) -> Sequence[int]:
        """What the machine gets where the scan did not come through."""
        return raw_out if self._unheard_s <= LEASE_S else safe_outputs(self._profile, raw_out)


class Outages:
    """What lies between rig and controller now: a fault of the link, a power cut, or nothing.

    Attributes:
        link: the link's fault.
        flash: the controller's, while its power is cut.
    """

    def __init__(self, profile: Mapping[str, Any]) -> None:
        self._profile = profile
        self.link: Outage | None = None
        self.flash: bytes | None = None

    def break_link(self, verb: str, parameters: Mapping[str, Any]) -> Fault:
        """Raises InputError: unknown verb or parameter, or a value out of range."""
        fault = faults.check(faults.LINK, verb, parameters, TARGETS)
        self.link = Outage(fault, self._profile)
        return fault

    def instead(self, raw_out: Sequence[int], scan_s: float) -> Sequence[int] | None:
        """What the machine gets where this scan does not come through; None: it does. Once a scan.

        `raw_out`: the controller's last outputs.
        """
        if self.flash is not None:
            return safe_outputs(self._profile, raw_out)
        if self.link is not None and not self.link.passes(scan_s):
            return self.link.outputs(raw_out)
        return None

    def inputs(self, raw_in: Sequence[int]) -> Sequence[int]:
        """What the controller is told of these inputs."""
        return raw_in if self.link is None else self.link.inputs(raw_in)
