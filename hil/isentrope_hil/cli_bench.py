"""`isentrope link-check`."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from typing import Annotated

import typer

from isentrope_hil.options import AsJson

PANEL = "bench"


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command("link-check", rich_help_panel=PANEL)(link_check)


def link_check(
    target: Annotated[str, typer.Argument(help="unix, cpython, serial:PORT or exec:CMD")],
    machine: Annotated[str, typer.Option(help="whose profile the device gets")] = "ashp-r290-8kw",
    board: Annotated[str, typer.Option(help="whose profile the device gets")] = "pico-full",
    as_json: AsJson = False,
) -> int:
    """Try whether a device follows docs/link.md."""
    from isentrope_hil import linkcheck, profile, targets

    device = targets.make(target)
    findings = []
    with contextlib.closing(device):
        built = profile.build(board, machine)
        profile.runnable(built)
        device.start(built)
        for finding in linkcheck.check(device):
            findings.append(finding)
            if not as_json:
                note = f" ({finding.note})" if finding.note else ""
                print(f"{finding.verdict:7} {finding.id:14} {finding.rule}{note}", flush=True)
    failed = [f for f in findings if f.verdict == "fail"]
    if as_json:
        verdict = "fail" if failed else "pass"
        print(json.dumps({"target": target, "verdict": verdict, "checks": [asdict(f) for f in findings]}))
    else:
        print(f"{len(findings)} rules tried, {len(failed)} broken")
    return 1 if failed else 0
