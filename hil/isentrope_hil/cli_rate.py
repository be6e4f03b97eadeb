"""`isentrope rate`."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from isentrope_hil import cli_air
from isentrope_hil.options import AsJson

PANEL = "machine"


class Climate(str, Enum):  # noqa: UP042 - typer shows the values of a str enum as the choices
    """Reference heating seasons of EN 14825."""

    average = "average"
    warmer = "warmer"
    colder = "colder"


class Application(str, Enum):  # noqa: UP042 - as above
    """Water temperature at the design point, degC."""

    low = "35"
    medium = "55"


def add(app: typer.Typer) -> None:
    """Adds this module's command."""
    app.command("rate", rich_help_panel=PANEL)(rate)


def rate(
    machine: Annotated[
        str, typer.Argument(help="name (see `isentrope list machines`) or path of a .toml file")
    ],
    climate: Annotated[Climate, typer.Option(help="heating season")] = Climate.average,
    application: Annotated[
        Application | None, typer.Option(help="low or medium temperature, degC; default: 35")
    ] = None,
    pdesign_kw: Annotated[
        float | None, typer.Option(metavar="KW", help="design load; default: the file's, or by --tbiv")
    ] = None,
    tbiv: Annotated[
        float | None, typer.Option(metavar="C", help="bivalent temperature; default: the file's, or usual")
    ] = None,
    tol: Annotated[
        float | None, typer.Option(metavar="C", help="operation limit; default: the file's, or none")
    ] = None,
    dry: Annotated[
        bool, typer.Option("--dry/--net", help="leave frosting and defrost out, or simulate them")
    ] = False,
    within_limits: Annotated[
        bool, typer.Option("--within-limits", help="full speed is what the controller's limits leave of it")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="write load, capacity, hours and COP there")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Rate a machine over a season by EN 14825: SCOP, efficiency and energy class; SEER of air/air."""
    from isentrope_sim import net, steady
    from isentrope_sim.errors import InputError
    from isentrope_sim.machine import load_machine
    from isentrope_sim.rating.rate import rate as rated

    from isentrope_hil import terminal

    if plot is not None and plot.suffix != ".html":
        raise InputError(f"--plot {plot}: the plot is an .html file")
    if plot is not None and not plot.parent.is_dir():
        raise InputError(f"--plot {plot}: cannot be written: there is no folder {plot.parent}")
    loaded = load_machine(machine)
    if loaded.values["indoor_air"] > 0.0:
        for word, given in (("--within-limits", within_limits), ("--application", application)):
            if given:
                raise InputError(f"{word}: machine {loaded.name!r} has air indoors, needed water")
        cli_air.rate(loaded, climate.value, pdesign_kw, tbiv, tol, dry, plot, as_json)
        return
    with terminal.progress(as_json) as said:
        document = rated(
            loaded,
            climate.value,
            int((application or Application.low).value),
            pdesign_w=None if pdesign_kw is None else 1e3 * pdesign_kw,
            tbiv_c=tbiv,
            tol_c=tol,
            solver=steady.solve if dry else net.solve,
            within_limits=within_limits,
            progress=said,
        )
    if plot is not None:
        from isentrope_hil import rating_plot

        rating_plot.write(plot, document)
    if as_json:
        print(json.dumps(document))
    else:
        _show(document)


_POINTS = (
    # heading, key of a point, format
    ("point", "name", "{}"),
    ("outdoor, degC", "outdoor_c", "{:.1f}"),
    ("water, degC", "sink_out_c", "{:.1f}"),
    ("load, W", "load_w", "{:.0f}"),
    ("capacity, W", "heating_w", "{:.0f}"),
    ("full speed, W", "full_w", "{:.0f}"),
    ("backup, W", "backup_w", "{:.0f}"),
    ("speed, 1/s", "speed_rps", "{:.1f}"),
    ("runs", "running", "{}"),
    ("full speed held by", "limit", "{}"),
    ("COP", "cop", "{:.2f}"),
    ("frost costs", "defrost_loss", "{:.1%}"),
    ("load/capacity", "capacity_ratio", "{:.2f}"),
    ("COP cycling", "cop_bin", "{:.2f}"),
)


def _show(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    console = terminal.console()
    held = any(point["limit"] for point in document["points"])
    columns = [column for column in _POINTS if held or column[1] != "limit"]
    points = terminal.table([heading for heading, _, _ in columns])
    for point in document["points"]:
        points.add_row(*(form.format(point[key]) for _, key, form in columns))
    console.print(points)
    figures = terminal.table(("season", ""))
    for name, value in season(document):
        figures.add_row(name, value)
    console.print(figures)


def season(document: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, value with unit) of the season's figures, for people."""
    scop, certified = document["scop"], document["certified_scop"]
    beside = (
        "" if certified is None else f" (certified {certified:.2f}, {100 * (scop / certified - 1):+.1f} %)"
    )
    rows = [
        ("SCOP", f"{scop:.2f}{beside}"),
        ("SCOPon, SCOPnet", f"{document['scop_on']:.2f}, {document['scop_net']:.2f}"),
        ("seasonal efficiency", f"{document['eta_s_percent']:.0f} %"),
        ("energy class", document["energy_class"] or "defined for the average climate only"),
        ("design load", f"{document['pdesign_w'] / 1e3:.2f} kW"),
        ("Tbiv, TOL", f"{document['tbiv_c']:.1f}, {document['tol_c']:.1f} degC"),
        ("backup heater", f"{document['psup_w'] / 1e3:.2f} kW, {document['backup_kwh']:.0f} kWh/a"),
        ("heat, electricity", f"{document['heat_kwh']:.0f}, {document['electric_kwh']:.0f} kWh/a"),
        ("of it standby", f"{document['standby_kwh']:.0f} kWh/a"),
        ("frost", document["frost"]),
    ]
    if document["sound_power_db"] is not None:
        rows.append(("sound power at A7/W55", f"{document['sound_power_db']:.0f} dB(A)"))
    return rows
