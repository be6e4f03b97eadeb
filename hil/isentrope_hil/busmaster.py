"""The bench as a master on the controller's bus: it writes by name, and repeats what it wrote."""

from __future__ import annotations

from isentrope_sim.errors import InputError

from isentrope_hil.errors import TargetError
from isentrope_hil.link import Link

PULSES = ("fault_reset", "defrost_start")  # points that ask once; a bus master does not repeat them
RESULTS = {
    1: "unknown id",
    2: "read-only",
    3: "out of range",
    4: "not now",
    5: "locked",
    6: "contradicts another setting",
}


class BusMaster:
    """What has been written to points since the last reset."""

    def __init__(self) -> None:
        self._written: dict[str, float] = {}

    def write(self, link: Link, name: str, value: float, now_ms: int, *, powered: bool) -> None:
        """Writes a point or a setting, in its unit; a point waits for a controller that is not powered.

        Raises:
            InputError: unknown, read-only, or a value out of range.
            TargetError: the controller refuses it, or has no power for a setting.
        """
        kind = "setting" if name in link.table.of("setting") else "point"
        signal = link.table.find(kind, name)
        if not signal.writable:
            raise InputError(f"{kind} {name!r} is read-only")
        if not powered and kind == "setting":
            raise TargetError(f"setting {name!r}: the controller has no power")
        raw = signal.raw(value)
        result = link.write(signal.id, raw, now_ms) if powered else 0
        if result:
            said = RESULTS.get(result, result)
            raise TargetError(f"{kind} {name!r}: the target refuses {value:g}: {said}")
        if kind == "point" and not (powered and name in PULSES):
            self._written[name] = value

    def repeat(self, link: Link, now_ms: int) -> None:
        """Writes all of it again."""
        for name, value in self._written.items():
            self.write(link, name, value, now_ms, powered=True)
