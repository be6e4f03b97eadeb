"""How fast the link is, with the smallest device loop and with the real one (for `make bench`)."""

from __future__ import annotations

import contextlib
from pathlib import Path
from time import perf_counter

from isentrope_hil import targets
from isentrope_hil.link import Link
from isentrope_hil.targets.base import Target
from isentrope_hil.targets.unix import UnixTarget


def bare_steps_per_s(steps: int = 20_000) -> float:
    """Steps a second through the pseudo-terminal to a MicroPython loop that does nothing but answer."""
    script = Path(targets.__file__).with_name("bare_device.py")
    return _steps_per_s(UnixTarget(script=script), {}, steps)


def device_steps_per_s(profile: dict[str, object], target: str = "unix", steps: int = 5_000) -> float:
    """Steps a second of the firmware's whole scan without a plant; `profile` from `profile.build`."""
    return _steps_per_s(targets.make(target), profile, steps)


def _steps_per_s(target: Target, profile: dict[str, object], steps: int) -> float:
    with contextlib.closing(target):
        target.start(profile)
        link = Link(target)
        hello = link.hello()
        table = link.describe(hello)
        link.reset(seed=1, t0_ms=0)
        raw_in = [(s.low + s.high) // 2 for s in table.ins]
        began = perf_counter()
        for place in range(steps):
            link.step(place * hello.scan_ms, raw_in)
        wall_s = perf_counter() - began
        link.bye()
    return steps / wall_s
