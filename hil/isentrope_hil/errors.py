"""What can go wrong with a target, as exceptions the command line turns into exit code 3 ("blocked").

A user's mistake (unknown name, value out of range) is `isentrope_sim.errors.InputError`, exit code 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from isentrope_sim.errors import InputError


class TargetError(RuntimeError):
    """The run cannot go on, through no fault of the controller or the command line."""


class TargetMissing(TargetError):
    """The target does not exist here: no such port, no MicroPython for this platform, program not found."""


class TargetDied(TargetError):
    """The target's process or port ended; the message has its exit code and its last console lines."""


class TargetSilent(TargetError):
    """No usable answer for too long."""


class TargetFault(TargetError):
    """The firmware reported an uncaught exception (FAULT) and restarts; `text` is its traceback."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
        super().__init__(f"the firmware stopped on an uncaught exception: {' | '.join(lines[-3:])}")
        self.text = text


class ProtocolError(TargetError):
    """The target answered, but not as docs/link.md says."""


class Refused(ProtocolError):
    """The target answered a request with a NAK; `reason` is its number (docs/link.md)."""

    def __init__(self, text: str, reason: int) -> None:
        super().__init__(text)
        self.reason = reason


class TableDiffers(TargetError):
    """The target's signal table is not the one the profile or the scenario needs."""


class HostTooSlow(TargetError):
    """In free-run the plant fell behind the board's clock, so the run would be wrong."""


def unknown(what: str, name: str, known: Iterable[str]) -> InputError:
    """An InputError for an unknown name: says the nearest known ones (or all, if none is near)."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    elif len(names) <= 12:
        hint = f"known: {', '.join(names) or 'none'}"
    else:
        hint = f"{len(names)} are known"
    return InputError(f"unknown {what} {name!r}; {hint}")
