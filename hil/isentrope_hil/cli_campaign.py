"""`isentrope campaign`: many drawn cases of one function, judged together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from isentrope_hil.options import AsJson

PANEL = "bench"


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    group = typer.Typer(help="Many drawn cases of one function, judged together.")
    group.callback()(_group)  # keeps `superheat` a word of its own while it is alone
    group.command("superheat")(superheat)
    app.add_typer(group, name="campaign", rich_help_panel=PANEL)


def _group() -> None:
    pass


def superheat(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="one that has cases is gone on with")] = Path(
        "runs/superheat"
    ),
    draws: Annotated[int, typer.Option(min=0, help="drawn units a machine")] = 50,
    nominal: Annotated[int, typer.Option(min=0, help="cases a machine on the unit of its file")] = 0,
    first_seed: Annotated[int, typer.Option(min=0, help="the others follow it")] = 1,
    machine: Annotated[list[str] | None, typer.Option(help="one of the four; may be repeated")] = None,
    target: Annotated[str, typer.Option(help="unix, or cpython, which is faster")] = "cpython",
    jobs: Annotated[int, typer.Option(min=1, help="processes")] = 1,
    plot: Annotated[Path | None, typer.Option(metavar="FILE.png", help="needs matplotlib")] = None,
    traces: Annotated[bool, typer.Option(help="keep every trace as .npz")] = False,
    as_json: AsJson = False,
) -> int:
    """Steady superheat and disturbances in closed loop with carry-over (docs/superheat.md)."""
    from isentrope_hil import stable_line_plot, superheat_campaign, superheat_draws, terminal

    if plot is not None:
        stable_line_plot.check()
    machines = machine or list(superheat_draws.VALVES)
    cases = [
        superheat_draws.draw(name, first_seed + i, perturbed=perturbed)
        for count, perturbed in ((draws, True), (nominal, False))
        for i in range(count)
        for name in machines
    ]
    options = superheat_campaign.Options(target=target, traces=out / "traces" if traces else None)
    with terminal.progress(as_json) as said:
        document = superheat_campaign.run(
            cases, out, options, jobs, lambda done, total, row: said(row["name"], done, total)
        )
    if plot is not None:
        from isentrope_hil import superheat_plot

        superheat_plot.write(plot, superheat_campaign.read(out / "cases.jsonl"))
    if as_json:
        print(json.dumps(document))
    else:
        _show(document)
    return int(any(group["all"] < group["cases"] for group in document["groups"].values()))


def _show(document: dict[str, Any]) -> None:
    from isentrope_hil import superheat_campaign, terminal

    found = terminal.table(("cases", "n", *superheat_campaign.BARS, "all", "worst"))
    for name, group in document["groups"].items():
        worst = ", ".join(f"{k} {v:.2f}" for k, v in group["worst"].items() if v is not None)
        met = [str(group["met"][bar]) for bar in superheat_campaign.BARS]
        found.add_row(name, str(group["cases"]), *met, str(group["all"]), worst)
    terminal.console().print(found)
