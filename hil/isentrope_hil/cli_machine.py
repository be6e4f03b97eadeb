"""`isentrope list`, `steady`, `check-machine`, `schema machine` and `new machine`."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from isentrope_hil.options import AsJson

PANEL = "machine"
REFUSED = 2


class What(str, Enum):  # noqa: UP042 - typer shows the values of a str enum as the choices
    """What can be listed."""

    machines = "machines"
    scenarios = "scenarios"
    boards = "boards"
    points = "points"
    alarms = "alarms"
    settings = "settings"


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command("steady", rich_help_panel=PANEL)(steady)
    app.command("export-fmu", rich_help_panel=PANEL)(export_fmu)
    app.command("list", rich_help_panel=PANEL)(list_)
    app.command("check-machine", rich_help_panel=PANEL)(check_machine)
    schema = typer.Typer(help="What a file of your own may hold.", no_args_is_help=True)
    schema.callback()(_group)
    schema.command("machine")(schema_machine)
    app.add_typer(schema, name="schema", rich_help_panel=PANEL)


def _group() -> None:
    pass


def steady(
    machine: Annotated[
        str, typer.Argument(help="name (see `isentrope list machines`) or path of a .toml file")
    ],
    source: Annotated[float, typer.Option(metavar="C", help="outdoor air, degC")],
    sink_out: Annotated[float, typer.Option(metavar="C", help="water out of the condenser, degC")],
    wet_bulb: Annotated[
        float | None,
        typer.Option(metavar="C", help="of the outdoor air, degC; default: EN 14511's for --source"),
    ] = None,
    sink_dt: Annotated[
        float | None, typer.Option(metavar="K", help="rise of the water; default: at the rating's flow")
    ] = None,
    heating_w: Annotated[
        float | None, typer.Option(metavar="W", help="solve the speed for this heat")
    ] = None,
    speed_rps: Annotated[
        float | None, typer.Option(metavar="N", help="compressor speed; default: rated")
    ] = None,
    superheat: Annotated[float | None, typer.Option(metavar="K", help="at the compressor's inlet")] = None,
    dry: Annotated[
        bool, typer.Option("--dry/--net", help="leave frosting and defrost out, or count them")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Solve a machine's operating point: at rest, or averaged over defrost cycles where frost forms."""
    from isentrope_sim import net
    from isentrope_sim import steady as solver
    from isentrope_sim.machine import load_machine

    from isentrope_hil import terminal

    options: dict[str, Any] = {
        "wet_bulb_c": wet_bulb,
        "sink_dt_k": sink_dt,
        "heating_w": heating_w,
        "speed_rps": speed_rps,
        "superheat_k": solver.SUPERHEAT_K if superheat is None else superheat,
    }
    loaded = load_machine(machine)
    if dry:
        point = solver.solve(loaded, source, sink_out, **options)
    else:
        with terminal.progress(as_json) as said:
            point = net.solve(loaded, source, sink_out, said=lambda text: said(text, 0, 0), **options)
    if as_json:
        print(json.dumps(point))
        return
    _show_table(point)


def list_(
    what: Annotated[What, typer.Argument()],
    as_json: AsJson = False,
) -> None:
    """List what there is by name."""
    from isentrope_hil import catalogue

    rows = getattr(catalogue, what.value)()
    if as_json:
        print(json.dumps(rows))
    else:
        _show(rows)


def check_machine(
    machine: Annotated[str, typer.Argument(help="name or path of a .toml file")],
    room_area: Annotated[
        float | None, typer.Option(metavar="M2", help="floor of the indoor part's room; default: the file's")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Read a machine file and check its charge against the refrigerant's class; exit code 2 when refused."""
    from isentrope_sim import charge
    from isentrope_sim.machine import load_machine

    found = charge.document(load_machine(machine), room_area)
    if as_json:
        print(json.dumps(found))
    else:
        _show_table(found)
    return 0 if found["verdict"] == "pass" else REFUSED


def export_fmu(
    machine: Annotated[str, typer.Argument(help="name or path of a .toml file")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE.fmu", help="where to write it; default: NAME.fmu"),
    ] = None,
) -> None:
    """Export a machine as a co-simulation FMU (FMI 2.0) for other simulators."""
    from isentrope_sim import fmu

    print(
        fmu.build(machine, out or Path(f"{Path(machine).stem if machine.endswith('.toml') else machine}.fmu"))
    )


def schema_machine(
    as_json: Annotated[bool, typer.Option("--json", help="JSON Schema of the file read as TOML")] = False,
) -> None:
    """Show every section, key, unit and bound of a machine file."""
    from isentrope_sim import schema

    if as_json:
        print(json.dumps(schema.machine_schema()))
    else:
        _show(schema.rows())


def new_machine(
    name: Annotated[str, typer.Argument(help="small letters, digits, dashes and dots")],
    like: Annotated[str, typer.Option(metavar="MACHINE", help="the machine to start from")] = "ashp-r290-8kw",
    out: Annotated[Path, typer.Option(metavar="DIR", help="where to write it")] = Path(),
) -> None:
    """Make NAME.toml, a commented copy of a machine that loads, and say how to check it."""
    from isentrope_hil import newmachine

    path = newmachine.make(name, like, out)
    print(f"{path}: change it, then isentrope check-machine {path}")


def _show_table(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    table = terminal.table(("quantity", "value"))
    for name, value in document.items():
        table.add_row(name, f"{value:.4g}" if isinstance(value, float) else str(value))
    terminal.console().print(table)


def _show(rows: list[dict[str, Any]]) -> None:
    from isentrope_hil import terminal

    table = terminal.table([key.replace("_", " ") for key in rows[0]])
    for row in rows:
        table.add_row(*(_said(value) for value in row.values()))
    terminal.console().print(table)


def _said(value: object) -> str:
    """A machine's file by its name alone: its path is in --json."""
    text = "" if value is None else str(value)
    return Path(text).name.removesuffix(".toml") if text.endswith(".toml") else text
