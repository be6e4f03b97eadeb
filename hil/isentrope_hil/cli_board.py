"""`isentrope check-board` and `isentrope new board`."""

from __future__ import annotations

import json
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from isentrope_hil import cli_machine
from isentrope_hil.options import AsJson

if TYPE_CHECKING:
    from isentrope_hil.fitting import Fit

PANEL = "board"
REFUSED = 2


class Driver(str, Enum):  # noqa: UP042 - typer shows the values of a str enum as the choices
    """How a valve's motor is moved."""

    bipolar = "bipolar"
    unipolar = "unipolar"
    step_dir = "step_dir"


class Bus(str, Enum):  # noqa: UP042 - as above
    """What hangs on the board's serial ports or network."""

    modbus_rtu = "modbus-rtu"
    mstp = "mstp"
    drive = "drive"
    meter = "meter"
    modbus_tcp = "modbus-tcp"
    bacnet_ip = "bacnet-ip"


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command("check-board", rich_help_panel=PANEL)(check_board)
    new = typer.Typer(help="Start something of your own from a commented copy.", no_args_is_help=True)
    new.callback()(_group)
    new.command("board")(new_board)
    new.command("machine")(cli_machine.new_machine)
    app.add_typer(new, name="new", rich_help_panel=PANEL)


def _group() -> None:
    pass


def check_board(
    board: Annotated[str, typer.Argument(help="name (see `isentrope list boards`), folder or .toml file")],
    machine: Annotated[str, typer.Option(metavar="M", help="name or .toml file of the machine to place")],
    driver: Annotated[
        Driver | None, typer.Option(help="of the valve; default: the board's first that suits the valve")
    ] = None,
    bus: Annotated[
        list[Bus] | None, typer.Option(help="what the serial ports or the network shall carry; repeat it")
    ] = None,
    diagram: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="write the wiring diagram there")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Place a machine's signals on a board's pins, converters and UARTs; exit code 2 when they do not fit."""
    from isentrope_hil import board as boards
    from isentrope_hil import fitting, wants

    buses = [each.value for each in bus or []]
    fitted = fitting.fit(boards.read(board), wants.of(machine), driver and driver.value, buses)
    if diagram is not None and not fitted.problems:
        _write(diagram, fitted)
    if as_json:
        print(json.dumps(document(fitted)))
    else:
        _show(fitted)
    return REFUSED if fitted.problems else 0


def document(fitted: Fit) -> dict[str, Any]:
    """The outcome of `check-board` as its JSON document."""
    from isentrope_hil import fitting

    board, valve = fitted.board, fitted.wants.valve
    return {
        "board": board.name,
        "machine": fitted.wants.machine,
        "verdict": "refused" if fitted.problems else "pass",
        "problems": [{"code": each.code, "text": each.text} for each in fitted.problems],
        "valve": {"name": valve.name, "coil": valve.coil, "driver": fitted.driver or None},
        "signals": [
            {
                "name": place.signal.name,
                "dir": place.direction,
                "kind": place.signal.kind,
                "label": place.channel.label,
                "hw": list(place.hw),
                "where": fitting.where(board, place.hw),
                "safe": place.safe,
            }
            for place in fitted.places
        ],
        "lines": fitted.lines,
        "budget": fitting.budget(fitted),
    }


def _write(path: Path, fitted: Fit) -> None:
    from isentrope_sim.errors import InputError

    from isentrope_hil import diagram

    try:
        path.write_text(diagram.svg(fitted), encoding="utf-8")
    except OSError as error:
        raise InputError(f"--diagram {path}: cannot be written: {error.strerror}") from None


def _show(fitted: Fit) -> None:
    from rich.text import Text

    from isentrope_hil import terminal

    shown = document(fitted)
    console = terminal.console()
    signals = terminal.table(("signal", "kind", "terminal", "where", "safe"))
    for row in shown["signals"]:
        safe = "" if row["safe"] is None else str(row["safe"])
        signals.add_row(row["name"], row["kind"], row["label"], row["where"], safe)
    console.print(signals)
    for line, port in shown["lines"].items():
        bus = fitted.board.buses[port]
        pins = ", ".join(f"{key.upper()} {fitted.board.mcu.pin(bus[key])}" for key in ("tx", "rx", "de"))
        console.print(f"{line}: {port} ({pins})")
    budget = terminal.table(("resource", "used", "of", "free"))
    for row in shown["budget"]:
        style = "red" if row["free"] < 0 else ""
        budget.add_row(
            row["resource"], str(row["used"]), str(row["total"]), Text(str(row["free"]), style=style)
        )
    console.print(budget)
    valve = shown["valve"]
    console.print(f"valve {valve['name']}: {valve['coil']} coils, driver {valve['driver'] or 'none'}")
    for problem in shown["problems"]:
        print(f"isentrope: {problem['text']} [{problem['code']}]", file=sys.stderr)
    colour = "red" if fitted.problems else "green"
    console.print(
        Text(f"{shown['board']} with {shown['machine']}: {shown['verdict']}", style=f"bold {colour}")
    )


def new_board(
    name: Annotated[str, typer.Argument(help="small letters, digits and dashes")],
    like: Annotated[str, typer.Option(metavar="BOARD", help="the board to start from")] = "pico-full",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="default: boards/ where there is one, else here")
    ] = None,
) -> None:
    """Make NAME/board.toml, a commented copy that loads, and say how to check it."""
    from isentrope_hil import newboard

    home = out or (Path("boards") if Path("boards").is_dir() else Path())
    path = newboard.make(name, like, home)
    print(f"{path}: change it, then isentrope check-board {path} --machine ashp-r290-8kw")
