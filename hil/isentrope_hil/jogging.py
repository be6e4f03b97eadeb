"""Outputs by hand (JOG of docs/link.md): what is asked for in words, and keeping it up."""

from __future__ import annotations

from collections.abc import Iterable

from isentrope_sim.errors import InputError

from isentrope_hil.errors import unknown
from isentrope_hil.reach import Reached
from isentrope_hil.signals import Table

AGAIN_S = 1.0  # half of what a jog lasts (link/jog.py)
VALVE = "eev_count"  # steps from where it stood, not a level
WRAP = 1 << 16
_WORDS = {"on": 1, "off": 0}


def raw(words: Iterable[str], table: Table) -> dict[str, int]:
    """OUTPUT=RAW, =on, =off or =40%, by name; InputError names what cannot be taken."""
    known = table.of("out")
    found: dict[str, int] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise InputError(f"{word!r} is not OUTPUT=RAW, as in pump_ref=30000, pump_ref=40%, alarm=on")
        if name not in known:
            raise unknown("output", name, known)
        signal = known[name]
        try:
            if text in _WORDS and signal.high == 1:
                value = _WORDS[text]
            elif text.endswith("%") and name != VALVE:
                value = round(signal.high * float(text[:-1]) / 100.0)
            else:
                value = int(text)
        except (ValueError, OverflowError):
            raise InputError(f"{word!r}: {text!r} is no raw value of {name}, 0 to {signal.high}") from None
        if name != VALVE and not signal.low <= value <= signal.high:
            raise InputError(f"output {name!r}: {value} is outside {signal.low} to {signal.high}")
        found[name] = value
    return found


def drive(reached: Reached, outputs: dict[str, int], seconds: float) -> dict[str, int]:
    """Drives them for so long and lets go; every output's raw value as the last scan before that had it, the
    valve's in steps from where it stood.

    Raises:
        InputError: the board does not take it: the machine is not off, its protection has tripped.
    """
    left = seconds
    stood = reached.board.poll().outs[VALVE]
    while True:
        for name, value in outputs.items():
            reached.board.jog(name, value)
        reached.wait(min(left, AGAIN_S))
        left -= AGAIN_S
        if left <= 0.0:
            found = reached.board.poll().outs
            found[VALVE] = (found[VALVE] - stood + WRAP // 2) % WRAP - WRAP // 2
            return found
