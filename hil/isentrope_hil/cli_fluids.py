"""`isentrope fluids`: the refrigerants' tables, built from CoolProp and proven against it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from isentrope_sim.errors import InputError

from isentrope_hil.options import AsJson

PANEL = "machine"
_QUANTITIES = (
    # key of a proof, what it is called, factor, unit
    ("density", "density", 100.0, "%"),
    ("temperature_k", "temperature", 1.0, "K"),
    ("saturation_k", "dew and bubble", 1.0, "K"),
    ("dome_density", "wet density", 100.0, "%"),
    ("dome_k", "wet temperature", 1.0, "K"),
    ("entropy", "vapour entropy", 1.0, "J/kg/K"),
    ("board_k", "firmware's temperature", 1.0, "K"),
    ("board_density", "firmware's density", 100.0, "%"),
)
_Names = Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="refrigerants, such as R290")]
_All = Annotated[bool, typer.Option("--all", help="every refrigerant of ranges.toml")]
_Seed = Annotated[int, typer.Option(min=0, help="of the random points of the proof")]
_Points = Annotated[int, typer.Option(min=10, max=100_000, help="of the proof, per phase and line")]

fluids_app = typer.Typer(
    help="Refrigerant tables, plant's and firmware's (needs CoolProp).", no_args_is_help=True
)


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.add_typer(fluids_app, name="fluids", rich_help_panel=PANEL)


@fluids_app.command("build")
def build(
    names: _Names = None,
    all_: _All = False,
    seed: _Seed = 1,
    points: _Points = 2000,
    as_json: AsJson = False,
) -> int:
    """Build the tables of plant and firmware, and prove them."""
    from isentrope_sim import fluids
    from isentrope_sim.fluids import build as builder
    from isentrope_sim.fluids import firmware_tables

    from isentrope_hil import resources

    firmware = resources.root("firmware")
    for name in _wanted(names, all_):
        builder.build(name, fluids.FOLDER)
        firmware_tables.build(name, firmware)
    fluids.load.cache_clear()
    return _prove(_wanted(names, all_), points, seed, as_json)


@fluids_app.command("prove")
def prove(
    names: _Names = None,
    all_: _All = False,
    seed: _Seed = 1,
    points: _Points = 2000,
    as_json: AsJson = False,
) -> int:
    """Compare the tables as they are with CoolProp at random points; exits with 1 if one misses its bar."""
    return _prove(_wanted(names, all_), points, seed, as_json)


def _wanted(names: list[str] | None, all_: bool) -> list[str]:
    from isentrope_sim.fluids import ranges

    if bool(names) == all_:
        raise InputError(f"name the refrigerants ({', '.join(ranges.load())}), or say --all")
    return [ranges.of(name).name for name in names or ranges.load()]


def _prove(names: list[str], points: int, seed: int, as_json: bool) -> int:
    from isentrope_sim.fluids import proof

    from isentrope_hil import resources

    firmware: Path = resources.root("firmware")
    rows = [proof.whole(name, firmware, points, seed) for name in names]
    if as_json:
        print(json.dumps(rows))
    else:
        _show(rows)
    return 0 if all(row["passed"] for row in rows) else 1


def _show(rows: list[dict[str, Any]]) -> None:
    from isentrope_sim.fluids import proof

    from isentrope_hil import terminal

    table = terminal.table(("worst error", "bar", *(row["fluid"] for row in rows)))
    table.add_row("range, bar", "", *("{:g} to {:g}".format(*row["range_bar"]) for row in rows))
    table.add_row("range, degC", "", *("{:.0f} to {:.0f}".format(*row["range_c"]) for row in rows))
    table.add_row("size, kB", "", *(f"{row['size_kb']:.0f}" for row in rows))
    for key, word, factor, unit in _QUANTITIES:
        figures = (f"{factor * row['worst'][key]:.2g}" for row in rows)
        table.add_row(f"{word}, {unit}", f"{factor * proof.BARS[key]:g}", *figures)
    table.add_row("", "", *("pass" if row["passed"] else "fail" for row in rows))
    terminal.console().print(table)
