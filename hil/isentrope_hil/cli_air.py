"""`isentrope rate` and `isentrope room` of machines with room air indoors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from isentrope_hil.options import AsJson

if TYPE_CHECKING:
    from isentrope_sim.machine import Machine

PANEL = "machine"


def add(app: typer.Typer) -> None:
    """Adds this module's command."""
    app.command("room", rich_help_panel=PANEL)(room)


def room(
    machine: Annotated[
        str, typer.Argument(help="name (see `isentrope list machines`) or path of a .toml file")
    ],
    source: Annotated[float, typer.Option(metavar="C", help="outdoor air, degC")],
    room_c: Annotated[float, typer.Option("--room", metavar="C", help="air into the indoor coil, degC")],
    cooling: Annotated[bool, typer.Option("--cooling/--heating", help="which way it works")] = False,
    humidity: Annotated[
        float | None, typer.Option(metavar="0..1", help="of the room's air; default: 0.5")
    ] = None,
    capacity_w: Annotated[
        float | None, typer.Option(metavar="W", help="solve the speed for this heat or cold")
    ] = None,
    speed_rps: Annotated[
        float | None, typer.Option(metavar="N", help="compressor speed; default: rated")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Solve a steady operating point of an air/air machine."""
    from isentrope_sim import steady
    from isentrope_sim.machine import load_machine

    from isentrope_hil import terminal

    point = steady.room(
        load_machine(machine),
        source,
        room_c,
        cooling=cooling,
        room_rh=steady.ROOM_RH if humidity is None else humidity,
        capacity_w=capacity_w,
        speed_rps=speed_rps,
    )
    if as_json:
        print(json.dumps(point))
        return
    table = terminal.table(("quantity", "value"))
    for name, value in point.items():
        table.add_row(name, f"{value:.4g}" if isinstance(value, float) else str(value))
    terminal.console().print(table)


def rate(
    machine: Machine,
    climate: str,
    pdesign_kw: float | None,
    tbiv: float | None,
    tol: float | None,
    dry: bool,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Rate an air/air machine and show it, by bins of both seasons too. Raises InputError."""
    from isentrope_sim import frosting_room, steady
    from isentrope_sim.rating.rate_air import rate_air

    document = rate_air(
        machine,
        climate,
        pdesign_w=None if pdesign_kw is None else 1e3 * pdesign_kw,
        tbiv_c=tbiv,
        tol_c=tol,
        solver=steady.room if dry else frosting_room.net,
    )
    if plot is not None:
        from isentrope_hil import rating_plot

        rating_plot.write(plot, document)
    if as_json:
        print(json.dumps(document))
    else:
        show(document)


_POINTS = (
    # heading, key of a point, format
    ("point", "name", "{}"),
    ("outdoor, degC", "outdoor_c", "{:.1f}"),
    ("load, W", "load_w", "{:.0f}"),
    ("full speed, W", "full_w", "{:.0f}"),
    ("speed, 1/s", "speed_rps", "{:.1f}"),
    ("runs", "running", "{}"),
    ("COP", "cop", "{:.2f}"),
    ("load/capacity", "capacity_ratio", "{:.2f}"),
    ("COP cycling", "cop_bin", "{:.2f}"),
)


def show(document: dict[str, Any]) -> None:
    """The document of `rate_air` as tables for people."""
    from isentrope_hil import terminal

    console = terminal.console()
    for season in ("heating", "cooling"):
        found = document[season]
        if found is None:
            continue
        capacity = f"{season}_w"
        points = terminal.table([season, *(heading for heading, _, _ in _POINTS[1:]), "capacity, W"])
        for point in found["points"]:
            cells = [form.format(point[key]) for _, key, form in _POINTS]
            points.add_row(*cells, f"{point[capacity]:.0f}")
        console.print(points)
    console.print(_figures(document))


def _figures(document: dict[str, Any]) -> Any:
    from isentrope_hil import terminal

    heat, cold = document["heating"], document["cooling"]
    figures = terminal.table(("season", ""))
    figures.add_row("SCOP", f"{heat['scop']:.2f} ({heat['climate']}, room at {heat['room_c']:.0f} degC)")
    figures.add_row("energy class", heat["energy_class"] or "defined for the average climate only")
    figures.add_row("design load", f"{heat['pdesign_w'] / 1e3:.2f} kW")
    figures.add_row("Tbiv, TOL", f"{heat['tbiv_c']:.1f}, {heat['tol_c']:.1f} degC")
    figures.add_row("heat, electricity", f"{heat['heat_kwh']:.0f}, {heat['electric_kwh']:.0f} kWh/a")
    figures.add_row("frost", heat["frost"])
    if cold is not None:
        figures.add_row("SEER", f"{cold['seer']:.2f} (room at 27 degC, wet bulb 19)")
        figures.add_row("its energy class", cold["energy_class"])
        figures.add_row("its design load", f"{cold['pdesign_w'] / 1e3:.2f} kW")
        figures.add_row("cold, electricity", f"{cold['cold_kwh']:.0f}, {cold['electric_kwh']:.0f} kWh/a")
    return figures
