"""`isentrope list` and `isentrope steady`."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated, Any

import typer

PANEL = "machine"


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
    app.command("list", rich_help_panel=PANEL)(list_)


def list_(
    what: Annotated[What, typer.Argument()],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON document on standard output")] = False,
) -> None:
    """List what there is by name."""
    from isentrope_hil import catalogue

    rows = getattr(catalogue, what.value)()
    if as_json:
        print(json.dumps(rows))
    else:
        _show(rows)


def _show(rows: list[dict[str, Any]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for key in rows[0] if rows else ():
        table.add_column(key.replace("_", " "))
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console(highlight=False).print(table, soft_wrap=False)
