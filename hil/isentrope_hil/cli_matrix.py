"""`isentrope matrix`: every sensor and actuator by every fault in every mode."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from isentrope_hil.options import AsJson

PANEL = "bench"
EXIT = {"pass": 0, "fail": 1, "blocked": 3}


def add(app: typer.Typer) -> None:
    """Adds this module's command."""
    app.command("matrix", rich_help_panel=PANEL)(matrix)


def matrix(
    machine: Annotated[str, typer.Argument(help="name or path of a .toml file")] = "ashp-r290-8kw-equipped",
    board: Annotated[str, typer.Option(help="name or path of a .toml file")] = "pico-full",
    mode: Annotated[
        list[str] | None, typer.Option(help="only this mode; may be given more than once")
    ] = None,
    cell: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="only cells like heating/flow_t/*; may be given more than once"),
    ] = None,
    target: Annotated[
        str, typer.Option(help="cpython begins from snapshots; unix from standstill")
    ] = "cpython",
    sample: Annotated[int, typer.Option(min=0, help="so many cells, drawn; 0: all")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="of the sensors' noise and of the sample")] = 1,
    jobs: Annotated[int, typer.Option(min=1, help="processes")] = 1,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="keeps finished cells, so that an interrupted matrix goes on")
    ] = Path("runs/matrix"),
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="draw it there, .png or .svg (needs matplotlib)")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="put the grid there, between the page's marks")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Faults x modes: does each end in its declared safe state, in time, and come back after the repair?

    Ends with 0: every cell does, 1: one does not, 3: cells are blocked (a mode that the firmware has not).
    """
    from fnmatch import fnmatchcase

    from isentrope_sim.errors import InputError
    from isentrope_sim.machine import load_machine

    from isentrope_hil import measuredpage, profile, targets, terminal
    from isentrope_hil.errors import unknown
    from isentrope_hil.matrix import cells, declared, work
    from isentrope_hil.matrix import page as pages

    if target not in targets.OWN_FIRMWARE:
        raise InputError(f"--target {target}: the matrix judges this firmware: unix, cpython or rp2040")
    said_of = declared.read()
    for name in mode or ():
        if name not in said_of.modes:
            raise unknown("mode", name, said_of.modes)
    measuredpage.check(plot, page, pages.MARK)
    made = profile.build(board, load_machine(machine))
    chosen = cells.every(made, said_of, mode or list(said_of.modes))
    if cell:
        chosen = [each for each in chosen if any(fnmatchcase(each.name, pattern) for pattern in cell)]
        if not chosen:
            raise InputError(
                f"--cell {' '.join(cell)}: no cell is like that; they are named MODE/TARGET/VERB"
            )
    if sample:
        chosen = cells.sample(chosen, sample, seed)
    with terminal.progress(as_json) as said:
        results = work.run(chosen, machine, board, target, seed, work.store(out), jobs, said)
    found = pages.document(machine, board, target, seed, chosen, results)
    if plot is not None:
        pages.draw(plot, said_of, found)
    if page is not None:
        measuredpage.put(page, pages.markdown(said_of, found), pages.MARK)
    if as_json:
        print(json.dumps(found))
    else:
        pages.show(said_of, found)
    return EXIT[found["verdict"]]
