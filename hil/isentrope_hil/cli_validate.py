"""`isentrope validate`: the model beside certificates, TESPy and physics, as a page with plots."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from isentrope_hil.options import AsJson

if TYPE_CHECKING:
    from isentrope_hil.terminal import Said

PANEL = "machine"


def add(app: typer.Typer) -> None:
    """Adds this module's command."""
    app.command("validate", rich_help_panel=PANEL)(validate)


def validate(
    machines: Annotated[
        list[str] | None, typer.Argument(metavar="MACHINE...", help="names or .toml files; default: all")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="write the page there and its plots beside it")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(metavar="FILE.md", help="compare with that page; exits with 1 if it differs"),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Measure every certified point, season, capacity, superheat, defrost and TESPy; a minute a machine."""
    from isentrope_sim.errors import InputError
    from isentrope_sim.machine import load_machine, machine_names
    from isentrope_sim.validation import page, plots
    from isentrope_sim.validation.measure import measure

    from isentrope_hil import defrosts, terminal

    for path in (out, check):
        if path is not None and path.suffix != ".md":
            raise InputError(f"{path}: the page is a .md file")
    if out is not None and not out.parent.is_dir():
        raise InputError(f"--out {out}: there is no folder {out.parent}")
    if check is not None and not check.is_file():
        raise InputError(f"--check {check}: there is no such file")
    names = machines or machine_names()
    loaded = [load_machine(name) for name in names]
    found = []
    with terminal.progress(as_json) as said:
        for i, (name, machine) in enumerate(zip(names, loaded, strict=True)):
            tell = functools.partial(_tell, said, machine.name, i, len(loaded))
            document = measure(machine, tell)
            if document["frost"].get("swings"):
                tell("a defrost by the firmware")
                document["firmware"] = defrosts.measure(name, document["frost"]["heating_w"])
            found.append(document)
    drawn = plots.draw(found, out.parent) if out is not None else []
    text = page.page(found, [(title, path.name) for title, path in drawn])
    wrong: list[str] = []
    if check is not None:
        old = check.read_text(encoding="utf-8")
        wrong = page.differences(page.without_plots(old), page.without_plots(text))
    if out is not None:
        out.write_text(text, encoding="utf-8")
    if as_json:
        print(json.dumps({"machines": found, "differences": wrong}))
    elif check is not None:
        print("\n".join(wrong) or f"{check}: as measured")
    elif out is None:
        print(text)
    else:
        print(f"{out}: {len(found)} machines")
    return 1 if wrong else 0


def _tell(said: Said, name: str, done: int, total: int, text: str) -> None:
    said(f"{name}: {text}", done, total)
