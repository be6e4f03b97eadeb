"""`isentrope compare`: the firmware's valve law beside other makers', on the same plants."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from isentrope_hil.options import AsJson

PANEL = "run"


def add(app: typer.Typer) -> None:
    """Adds this module's command."""
    app.command("compare", rich_help_panel=PANEL)(compare)


def compare(
    machines: Annotated[
        list[str] | None, typer.Argument(metavar="MACHINE...", help="names; default: one of each fluid")
    ] = None,
    laws: Annotated[
        list[str] | None, typer.Option("--law", help="only this law; may be given more than once")
    ] = None,
    tune: Annotated[
        bool, typer.Option("--tune", help="retune every law first, and write tuned.toml (needs optuna)")
    ] = False,
    trials: Annotated[int, typer.Option(min=1, help="of each law on each machine, with --tune")] = 60,
    jobs: Annotated[int, typer.Option(min=0, help="processes; 0: one a core")] = 0,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="keeps finished runs, so that an interrupted one goes on")
    ] = Path("runs/compare"),
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="draw it there, .png or .svg (needs matplotlib)")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="put the tables there, between the page's marks")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Superheat under this firmware and four peers, at defaults and retuned; 1 where the bar is missed."""
    from isentrope_sim.machine import load_machine

    from isentrope_hil import measuredpage, terminal
    from isentrope_hil.compare import duties, judge, retune, tables, tuned, work
    from isentrope_hil.compare import plot as picture
    from isentrope_hil.compare.laws import LAWS, law
    from isentrope_hil.compare.store import Store

    names = [law(name).name for name in laws or LAWS]
    chosen = [load_machine(name).name for name in machines or duties.MACHINES]
    mark = measuredpage.begin("compare")
    measuredpage.check(plot, page, mark)
    store = Store(out)
    with terminal.progress(as_json) as said:
        said("compiling the plant", 0, 0)
        for name in chosen:
            work.compile_once(name)
        with work.workers(store, jobs or os.cpu_count() or 1) as crew:
            found = tuned.read()
            if tune:
                found |= retune.retune(chosen, names, trials, store, crew, said)
                tuned.write(found)
            document = judge.judge(chosen, names, found, crew, said)
    if plot is not None:
        picture.draw(plot, document)
    if page is not None:
        measuredpage.put(page, tables.markdown(document), mark)
    if as_json:
        print(json.dumps(document))
    else:
        tables.show(document)
    return 0 if document["passed"] else 1
