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
    from isentrope_hil import terminal

    table = terminal.table([key.replace("_", " ") for key in rows[0]])
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    terminal.console().print(table)
