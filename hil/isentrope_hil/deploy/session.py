"""A board on a serial port, from its running firmware into maintenance and back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from isentrope_hil.attach import Attached
from isentrope_hil.deploy.console import Console, Facts
from isentrope_hil.deploy.tree import MPY_VERSION
from isentrope_hil.errors import InputError, Refused, TargetError, TargetMissing, TargetSilent
from isentrope_hil.frames import NAK_UNKNOWN
from isentrope_hil.mcu import Mcu
from isentrope_hil.session import Hello
from isentrope_hil.targets.serialport import SerialTarget
from isentrope_hil.uf2 import OLDEST

# All own: a Pico is back on the USB after half a second, an emulated board takes many times longer.
_BACK_S = 30.0
_ANSWERS_S = 90.0
_PROMPT_S = 0.5
_AGAIN_S = 0.3
# Ctrl-C must not come before main.py has seen the flag: 0.2 s on a Pico, 1.3 s on an emulated one.
_RESTART_S = 2.0
_RESTARTS = 3

_FLAG = "maintenance"

_FIRMWARE = frozenset(("active", "a", "b"))  # in the root of a board that was deployed to


@contextmanager
def maintenance(port: str) -> Iterator[Console]:
    """The console of a board whose outputs are safe, without firmware and watchdog; resets it at the end.

    Firmware that answers is asked (MAINT), which it only grants with the machine off. Else the console is
    interrupted, and where there is firmware it is restarted into maintenance, away from its watchdog.

    Raises:
        TargetMissing: no such port, it is busy, or nothing on it is MicroPython.
        TargetError: the machine is not off.
    """
    console = _console(port)
    try:
        yield console
    finally:
        console.reset()


def _asked(port: str) -> bool:
    """Whether firmware was there and is on its way into maintenance."""
    line = SerialTarget(port)
    line.start({})
    try:
        if _at_prompt(line):
            return False
        board = Attached(line)
        board.open()
        board.maintenance()
    except Refused as error:
        if error.reason == NAK_UNKNOWN:  # firmware for the bench alone
            return False
        raise TargetError(f"{port}: {error}; deploy needs the machine off and no bench") from None
    except TargetError:
        return False
    finally:
        line.close()
    return True


def _at_prompt(line: SerialTarget) -> bool:
    """Whether the console waits for a command, so that no firmware runs."""
    with suppress(TargetError):
        line.write(b"\r")
        deadline = time.monotonic() + _PROMPT_S
        got = b""
        while time.monotonic() < deadline:
            got += line.read(_PROMPT_S)
            if got.endswith(b">>> "):
                return True
    return False


def _console(port: str) -> Console:
    """See `maintenance`."""
    asked = _asked(port)
    if asked:
        time.sleep(_RESTART_S)
    console = Console(port, _BACK_S)
    if not asked and console.facts().root & _FIRMWARE:
        console.write(_FLAG, b"", lambda _: None)
    for _ in range(_RESTARTS):
        if not console.stored(_FLAG):  # main.py has seen it
            return console
        console.reset()
        time.sleep(_RESTART_S)
        console = Console(port, _BACK_S)
    console.remove(_FLAG)  # a main.py that is not ours
    return console


def boot_rom(port: str) -> None:
    """Send an RP2040 into its boot ROM, where it waits for an image; errors as `maintenance`."""
    console = _console(port)
    console.enter_boot_rom()


def check(facts: Facts, mcu: Mcu, board: str) -> None:
    """Whether this is a board that the profile's firmware can run on.

    Raises:
        InputError: another Python, a MicroPython that is too old or of another compiled format, another chip.
    """
    version = ".".join(map(str, facts.version))
    if facts.name != "micropython":
        raise InputError(
            f"the board runs {facts.name} {version}, not MicroPython; isentrope flash an image first"
        )
    if facts.version[:2] < OLDEST:
        raise InputError(
            f"the board's MicroPython {version} is too old, {OLDEST[0]}.{OLDEST[1]} or newer is needed;"
            " isentrope flash a newer image first"
        )
    if facts.mpy != MPY_VERSION:
        raise InputError(
            f"the board's MicroPython {version} loads compiled files of version {facts.mpy}, these are"
            f" {MPY_VERSION}; a newer isentrope may know it"
        )
    chip = facts.machine.rpartition(" with ")[2]
    if facts.platform != mcu.port or chip != mcu.title.replace("-", ""):
        found = facts.machine or facts.platform
        raise InputError(f"wrong board for the profile: {board} has an {mcu.title}, this is a {found}")


def answer(port: str, board: str, machine: str) -> Hello:
    """What the firmware says of itself once it runs again.

    Raises:
        TargetSilent: it does not answer, or not with this board and machine.
    """
    deadline = time.monotonic() + _ANSWERS_S
    said = "it does not answer"
    while time.monotonic() < deadline:
        time.sleep(_AGAIN_S)
        line = SerialTarget(port)
        try:
            line.start({})
            attached = Attached(line)
            hello = attached.open()
            why = "" if hello.board != "?" else "; ".join(event.text for event in attached.log())
            attached.close()
        except TargetMissing:
            continue
        except TargetError as error:
            said = str(error)
            continue
        finally:
            line.close()
        if (hello.board, hello.machine) == (board, machine):
            return hello
        said = why or f"it is firmware {hello.firmware} for {hello.board} with {hello.machine} that answers"
    raise TargetSilent(
        f"{port}: the new firmware is on the board, but {said}; isentrope deploy --rollback goes back"
    )
