"""`isentrope mutate`: defects seeded into the firmware; do the scenarios notice, and for the right reason?"""

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
    app.command("mutate", rich_help_panel=PANEL)(mutate)


def mutate(
    name: Annotated[
        list[str] | None, typer.Option(help="only this mutant; may be given more than once")
    ] = None,
    target: Annotated[str, typer.Option(help="cpython, or unix, which is MicroPython")] = "cpython",
    sample: Annotated[int, typer.Option(min=0, help="so many mutants, drawn; 0: all")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="of the sample")] = 1,
    jobs: Annotated[int, typer.Option(min=1, help="processes")] = 1,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="keeps finished mutants, so that an interrupted run goes on")
    ] = Path("runs/mutate"),
    page: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="put the table there, between the page's marks")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Every seeded defect on the scenario or matrix cell that must notice it.

    Ends with 0: nine of ten are caught for the right reason, 1: fewer, 3: a probe fails without a defect.
    """
    from isentrope_sim.errors import InputError

    from isentrope_hil import measuredpage, terminal
    from isentrope_hil.errors import unknown
    from isentrope_hil.mutation import mutants, work

    if target not in ("cpython", "unix"):
        raise InputError(f"--target {target}: a mutant runs on cpython or unix")
    every = mutants.read()
    for wanted in name or ():
        if wanted not in [each.name for each in every]:
            raise unknown("mutant", wanted, [each.name for each in every])
    chosen = [each for each in every if not name or each.name in name]
    if sample:
        chosen = mutants.sample(chosen, sample, seed)
    mark = measuredpage.begin("mutate")
    measuredpage.check(None, page, mark)
    with terminal.progress(as_json) as said:
        found = work.run(chosen, target, work.store(out), jobs, said)
    if page is not None:
        measuredpage.put(page, work.markdown(found), mark)
    if as_json:
        print(json.dumps(found))
        return EXIT[found["verdict"]]
    console = terminal.console()
    table = terminal.table(("mutant", "probe", "verdict", "what it said"))
    for row in found["rows"]:
        table.add_row(row["name"], row["probe"], row["verdict"], "; ".join(row["said"])[:90])
    console.print(table)
    console.print(
        f"{found['verdict']}: {found['mutants']} mutants, {found['caught_for_the_right_reason']} caught for "
        f"the right reason, {found['caught']} in all, {found['survived']} survive"
    )
    return EXIT[found["verdict"]]
