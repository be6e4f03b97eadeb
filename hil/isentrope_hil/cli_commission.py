"""`isentrope commission` (docs/bms.md)."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from isentrope_sim.errors import InputError

from isentrope_hil.cli_live import PANEL, AsJson, Board, Image, Machine, Port, Storage, Target

if TYPE_CHECKING:
    from isentrope_hil.reach import Reached

STOPPED = 1


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command(rich_help_panel=PANEL)(commission)


def commission(
    port: Port = None,
    target: Target = None,
    machine: Machine = "ashp-r290-8kw",
    board: Board = "pico-full",
    image: Image = None,
    storage: Storage = None,
    buses: Annotated[
        str, typer.Option("--buses", metavar="A,B", help="those that may write: rtu, tcp, bacnet, mstp, mqtt")
    ] = "",
    skip: Annotated[
        list[str] | None,
        typer.Option("--skip", metavar="STEP", help="sensors, hp-switch, valve or outputs; repeat it"),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="take every question as answered with yes; looks are still looked")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Walk through a wired machine's sensors, high-pressure switch, valve, outputs; then buses may write."""
    from isentrope_hil import commissioning
    from isentrope_hil.reach import Where, reached

    writers = [name for name in buses.split(",") if name]
    _known("bus in --buses", writers, commissioning.BUSES)
    _known("step in --skip", skip or [], commissioning.STEPS)
    out = sys.stderr if as_json else sys.stdout
    with reached(Where(port, target, machine, board, image, storage)) as found:
        person = commissioning.Person(
            say=lambda line: print(line, file=out, flush=True),
            ask=(lambda question: _agreed(question, out))
            if yes
            else (lambda question: _asked(question, out)),
            hand=(lambda state: _hand(found, state)) if found.bench else None,
        )
        walk = commissioning.Walk(found, person)
        why = ""
        try:
            walk.run(writers, skip or [])
        except commissioning.Stopped as stopped:
            why = str(stopped)
    if as_json:
        print(json.dumps({"commissioned": not why, "steps": walk.done, "bus_write": writers, "error": why}))
    elif why:
        print(f"isentrope: {why}", file=sys.stderr)
    else:
        print("commissioned; buses that may write: " + (", ".join(writers) or "none"))
    return STOPPED if why else 0


def _known(what: str, names: list[str], known: object) -> None:
    from isentrope_hil.errors import unknown

    allowed = list(known)  # type: ignore[call-overload]
    for name in names:
        if name not in allowed:
            raise unknown(what, name, allowed)


def _asked(question: str, out: object) -> bool:
    print(f"{question} [y/n] ", end="", file=out, flush=True)  # type: ignore[call-overload]
    answer = sys.stdin.readline()
    if not answer:
        raise InputError("nobody answers: the walk needs a person at the terminal, or --yes")
    return answer.strip().lower() in ("y", "yes")


def _agreed(question: str, out: object) -> bool:
    print(f"{question} yes", file=out, flush=True)  # type: ignore[call-overload]
    return True


def _hand(found: Reached, state: str) -> None:
    """The simulated machine's switch."""
    assert found.bench is not None
    if state == "open":
        found.bench.fault("hp_switch", "open")
    else:
        found.bench.clear("hp_switch")
