"""`isentrope fit`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from isentrope_hil.options import AsJson

PANEL = "machine"


def add(app: typer.Typer) -> None:
    """Adds this module's command."""
    app.command("fit", rich_help_panel=PANEL)(fit)


def fit(
    machine: Annotated[
        str, typer.Argument(help="name (see `isentrope list machines`) or path of a .toml file")
    ],
    as_json: AsJson = False,
) -> None:
    """Fit a machine on its one fit row, and compare it with all its certified rows, dry and with frost."""
    from isentrope_sim import fit as fitting
    from isentrope_sim.machine import load_machine

    loaded = load_machine(machine)
    with _progress(loaded.name) as progress:
        document = fitting.document(loaded, progress)
    if as_json:
        print(json.dumps(document))
    else:
        _show(document)


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    off = not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=off) as bar:
        task = bar.add_task(f"{name}: fitting", total=None)
        yield lambda done, total: bar.update(
            task, description=f"{name}: certified rows", completed=done, total=total
        )


def _show(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    console = terminal.console()
    values = terminal.table(("fitted", "value", "in the file", "allowed"))
    for each in document["fitted"]:
        values.add_row(
            f"{each['section']}.{each['key']}",
            f"{each['value']:.4g} {each['unit'].removesuffix('1')}".rstrip(),
            f"{each['file']:.4g}",
            f"{each['low']:g} to {each['high']:g}",
        )
    console.print(values)
    rows = terminal.table(("certified row", "use", "heat, W", "COP", "dry", "error", "net", "error", ""))
    for row in document["rows"]:
        rows.add_row(
            f"{row['test']} A{row['source_c']:g}/W{row['sink_out_c']:g}",
            row["use"],
            f"{row['heating_w']:.0f}",
            f"{row['cop']:.2f}",
            *(_figure(row[f"{kind}_{key}"], form) for kind in ("dry", "net") for key, form in _FORMS),
            row["note"],
        )
    console.print(rows)


_FORMS = (("cop", "{:.2f}"), ("error", "{:+.1f} %"))


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)
