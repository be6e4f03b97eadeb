"""`isentrope soak`: many equal days on MicroPython, judged for drift."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from isentrope_hil.options import AsJson

PANEL = "bench"


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command("soak", rich_help_panel=PANEL)(soak)


def soak(
    days: Annotated[float, typer.Option(help="simulated days, 0.1 to 1000")] = 30.0,
    out: Annotated[Path, typer.Option(help="folder; grows as the run goes")] = Path("runs/soak"),
    seed: Annotated[int, typer.Option(min=0, help="of the sensors' noise")] = 1,
    as_json: AsJson = False,
) -> int:
    """Endurance: heap, timers and integrators of the firmware on MicroPython over many equal days.

    A day takes about 90 s of a free core. Ctrl-C ends the run and judges the days there are. Ends with 0: all
    checks passed, 1: one failed, 3: one could not be judged (drift needs 5 days).
    """
    from isentrope_hil import soak as endurance
    from isentrope_hil.cli_experiment import bar

    with bar("soak") as progress:
        document = endurance.soak(
            days, out, seed=seed, progress=lambda t, total: progress(int(t), int(total))
        )
    if as_json:
        print(json.dumps(document))
    else:
        _show(document, out)
    return {"pass": 0, "fail": 1}.get(document["verdict"], 3)


def _show(document: dict[str, Any], out: Path) -> None:
    from isentrope_hil import terminal

    console = terminal.console()
    days = terminal.table(
        ("day", "heat, kWh", "superheat, K", "flow off setpoint, K", "starts", "running, h")
    )
    for number, day in enumerate(document["by_day"], 1):
        days.add_row(
            str(number),
            f"{day['heat_kwh']:.2f}",
            f"{day['superheat_k']:.3f}",
            f"{day['flow_error_k']:+.3f}",
            f"{day['starts']:.0f}",
            f"{day['compressor_h']:.2f}",
        )
    console.print(days)
    checks = terminal.table(("check", "verdict", "found"))
    for check in document["checks"]:
        checks.add_row(check["name"], check["verdict"], check["found"])
    console.print(checks)
    if document["error"]:
        console.print(document["error"])
    per_day = document["wall_seconds"] / max(document["days"], 1e-9)
    console.print(
        f"{document['verdict']}: {document['days']:.2f} days, {document['scans']} scans, control time "
        f"wrapped {document['wraps']} times; {per_day:.0f} s a day; {out}/soak.json"
    )
