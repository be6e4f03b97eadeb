"""`isentrope monitor`, `settings` and `jog` (docs/service.md)."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from isentrope_sim.errors import InputError

if TYPE_CHECKING:
    from isentrope_hil.reach import Where

PANEL = "controller"

Port = Annotated[
    str | None, typer.Option("--port", metavar="P", help="a live board's serial port: looks, seizes nothing")
]
Target = Annotated[
    str | None,
    typer.Option(
        "--target", metavar="T", help="unix, cpython, rp2040, serial:PORT, exec:CMD: with a simulated machine"
    ),
]
Machine = Annotated[str, typer.Option("--machine", metavar="M", help="the simulated one")]
Board = Annotated[str, typer.Option("--board", metavar="B", help="whose profile the target gets")]
Image = Annotated[str | None, typer.Option("--image", metavar="FILE", help="MicroPython's .uf2 for rp2040")]
Storage = Annotated[
    Path | None,
    typer.Option("--storage", metavar="FILE", help="the target's flash, read from there and kept there"),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output")]


class Level(str, Enum):  # noqa: UP042 - typer shows the values of a str enum as the choices
    """Who changes a setting."""

    user = "user"
    installer = "installer"
    maker = "maker"


As = Annotated[Level, typer.Option("--as", help="the level to change settings at; no security feature")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="check and say what would change, write nothing")]


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command(rich_help_panel=PANEL)(monitor)
    app.command(rich_help_panel=PANEL)(jog)
    settings = typer.Typer(help="Settings of a running controller.", no_args_is_help=True)
    settings.command("get")(get)
    settings.command("set")(set_)
    settings.command("export")(export)
    settings.command("import")(import_)
    app.add_typer(settings, name="settings", rich_help_panel=PANEL)


def monitor(
    port: Port = None,
    target: Target = None,
    machine: Machine = "ashp-r290-8kw",
    board: Board = "pico-full",
    image: Image = None,
    storage: Storage = None,
    every: Annotated[float, typer.Option(metavar="S", min=0.1, help="seconds between two looks")] = 1.0,
    count: Annotated[int, typer.Option(metavar="N", min=0, help="looks; 0: until Ctrl-C")] = 0,
    speed: Annotated[
        float | None, typer.Option(metavar="N", help="simulated seconds per second; default 1")
    ] = None,
    points: Annotated[
        str, typer.Option(metavar="A,B", help="names to show; default: all that matter, with --json all")
    ] = "",
    writes: Annotated[
        list[str] | None,
        typer.Option("--write", metavar="NAME=VALUE", help="a point to write first, as enable=1; repeat it"),
    ] = None,
    events: Annotated[bool, typer.Option("--events", help="show the event log and end")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="a JSON document a line")] = False,
) -> None:
    """Watch a running controller: points, alarms with remedies, decisions."""
    from isentrope_hil import monitoring, parameters
    from isentrope_hil.reach import Where, reached

    wanted = [name for name in points.split(",") if name]
    written = parameters.assignments(writes or [])
    where = Where(port, target, machine, board, image, storage, 1.0 if speed is None else speed)
    with reached(where) as found:
        if events:
            monitoring.show_events(found.board, as_json)
            return
        for name, value in written.items():
            found.board.write(name, value)
        monitoring.watch(found, wanted, every, count, as_json)


def jog(
    what: Annotated[
        list[str], typer.Argument(metavar="OUTPUT=RAW...", help="raw, on, off, or 40% of a range")
    ],
    port: Port = None,
    target: Target = None,
    machine: Machine = "ashp-r290-8kw",
    board: Board = "pico-full",
    image: Image = None,
    seconds: Annotated[float, typer.Option("--for", metavar="S", min=0.5, help="then let go")] = 2.0,
    as_json: AsJson = False,
) -> None:
    """Drive outputs by hand while the machine is off, to see what hangs on a terminal."""
    from isentrope_hil import jogging
    from isentrope_hil.reach import Where, reached

    with reached(Where(port, target, machine, board, image)) as found:
        outputs = jogging.raw(what, found.board.table)
        driven = jogging.drive(found, outputs, seconds)
    if as_json:
        print(json.dumps({"asked": outputs, "outputs": driven}))
        return
    for name, value in outputs.items():
        print(f"{name}: asked for {value}, stood at {driven[name]} after {seconds:g} s; let go")


def get(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="default: all")] = None,
    port: Port = None,
    target: Target = None,
    machine: Machine = "ashp-r290-8kw",
    board: Board = "pico-full",
    image: Image = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Show settings with unit, range and level."""
    from isentrope_hil import parameters, terminal
    from isentrope_hil.reach import reached
    from isentrope_hil.signals import LEVELS

    with reached(_where(port, target, machine, board, image, storage)) as found:
        values = _chosen(found.board.settings(), names)
        known = found.board.table.of("setting")
    if as_json:
        rows = {
            name: {
                "value": value,
                "unit": known[name].unit,
                "low": known[name].physical(known[name].low),
                "high": known[name].physical(known[name].high),
                "level": LEVELS[known[name].level],
            }
            for name, value in values.items()
        }
        print(json.dumps(rows))
        return
    shown = terminal.table(("setting", "value", "allowed", "level"))
    for name, value in values.items():
        signal = known[name]
        unit = f"{value:g} {signal.unit}".rstrip()
        shown.add_row(name, unit, parameters.allowed(signal), LEVELS[signal.level])
    terminal.console().print(shown)


def set_(
    words: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="in the setting's unit")],
    port: Port = None,
    target: Target = None,
    machine: Machine = "ashp-r290-8kw",
    board: Board = "pico-full",
    image: Image = None,
    storage: Storage = None,
    level: As = Level.user,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Change settings; all of them, or none."""
    from isentrope_hil import parameters

    wanted = parameters.assignments(words)
    _apply(_where(port, target, machine, board, image, storage), wanted, "", level, dry_run, as_json)


def export(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="default: all")] = None,
    port: Port = None,
    target: Target = None,
    machine: Machine = "ashp-r290-8kw",
    board: Board = "pico-full",
    image: Image = None,
    storage: Storage = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help=".toml or .json; default: TOML here")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write settings to a file that `settings import` takes."""
    from isentrope_hil import parameters
    from isentrope_hil.reach import reached

    with reached(_where(port, target, machine, board, image, storage)) as found:
        values = _chosen(found.board.settings(), names)
        hello = found.board.hello
        table = found.board.table
    if not names:
        values = {name: value for name, value in values.items() if name not in parameters.OF_THE_BOARD}
    assert hello is not None
    of = {"machine": hello.machine, "board": hello.board, "firmware": hello.firmware}
    made = parameters.text(values, table, of, as_json or (out is not None and out.suffix == ".json"))
    if out is None:
        print(made, end="")
        return
    try:
        out.write_text(made, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror}") from None
    if not as_json:
        print(f"{out}: {len(values)} settings of {of['machine']} on {of['board']}")


def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help=".toml or .json of `settings export`")],
    port: Port = None,
    target: Target = None,
    machine: Machine = "ashp-r290-8kw",
    board: Board = "pico-full",
    image: Image = None,
    storage: Storage = None,
    level: As = Level.user,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring a controller to a file's settings: everything is checked before anything is written."""
    from isentrope_hil import parameters

    wanted = parameters.read(path)
    _apply(_where(port, target, machine, board, image, storage), wanted, str(path), level, dry_run, as_json)


def _where(
    port: str | None,
    target: str | None,
    machine: str,
    board: str,
    image: str | None,
    storage: Path | None,
) -> Where:
    from isentrope_hil.reach import Where

    return Where(port, target, machine, board, image, storage)


def _chosen(values: dict[str, float], names: list[str] | None) -> dict[str, float]:
    from isentrope_hil.errors import unknown

    for name in names or []:
        if name not in values:
            raise unknown("setting", name, values)
    return {name: values[name] for name in names or values}


def _apply(
    where: Where, wanted: dict[str, float], source: str, level: Level, dry_run: bool, as_json: bool
) -> None:
    from isentrope_hil import parameters
    from isentrope_hil.reach import reached

    with reached(where) as found:
        now = found.board.settings()
        changes = parameters.changes(found.board.table, now, wanted, level.value, source)
        if changes and not dry_run:
            if level is not Level.user:
                found.board.unlock(level.value)
            parameters.write(found.board, changes)
            found.wait(1.0)
    if as_json:
        print(json.dumps({"dry_run": dry_run, "changes": parameters.document(changes)}))
        return
    for change in changes:
        print(f"{'would change ' if dry_run else ''}{change}")
    if not changes:
        print("nothing to change")
