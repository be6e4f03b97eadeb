"""The grid: on the terminal, as markdown, and as a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil import measuredpage
from isentrope_hil.matrix.cells import Cell
from isentrope_hil.matrix.declared import Declared
from isentrope_hil.matrix.trial import ABSENT, BLOCKED, FAIL, PASS

MARK = measuredpage.begin("matrix")
OTHER = "more"
COLOURS = {PASS: "#3b7d4f", "stop": "#2f6f9f", FAIL: "#c0362c", BLOCKED: "#b8b8b8", ABSENT: "#f0f0ee"}


def document(
    machine: str, board: str, target: str, seed: int, cells: Sequence[Cell], results: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """What `isentrope matrix --json` prints."""
    counts = Counter(result["verdict"] for result in results)
    ran = counts[PASS] + counts[FAIL]
    verdict = FAIL if counts[FAIL] else BLOCKED if counts[BLOCKED] or not ran else PASS
    return {
        "machine": machine,
        "board": board,
        "target": target,
        "seed": seed,
        "verdict": verdict,
        "cells": len(cells) - counts[ABSENT],
        "passed": counts[PASS],
        "failed": counts[FAIL],
        "blocked": counts[BLOCKED],
        "absent": counts[ABSENT],
        "results": [
            {**result, "mode": cell.mode, "target": cell.target, "kind": cell.kind, "verb": cell.verb}
            for cell, result in zip(cells, results, strict=True)
        ],
    }


def columns(declared: Declared, found: Mapping[str, Any]) -> list[str]:
    """The grid's columns that some cell is in."""
    there = {row["verb"] for row in found["results"]}
    listed = [verb for verb in declared.columns if verb in there]
    return listed + ([OTHER] if there - set(listed) else [])


def mark(row: Mapping[str, Any]) -> str:
    """A cell in a word: what it did, and whether that was declared."""
    if row["verdict"] == ABSENT:
        return ""
    if row["verdict"] == BLOCKED:
        return "blocked"
    stops = [str(code) for code in row["alarms"] if code < 32]
    warns = [f"w{code}" for code in row["alarms"] if code >= 32]
    did = {"stopped": "stop", "ran": "runs", "rested": "rests", "dead": "off"}.get(row["end"], "?")
    return " ".join(["FAIL" if row["verdict"] == FAIL else "", did, *stops, *warns]).strip()


def _grid(declared: Declared, found: Mapping[str, Any], mode: str) -> list[list[str]]:
    """Rows of one mode: the target, then a text for each column."""
    heads = columns(declared, found)
    rows: dict[str, dict[str, list[str]]] = {}
    for row in found["results"]:
        if row["mode"] == mode:
            column = row["verb"] if row["verb"] in heads else OTHER
            name = f"{row['verb']} " if column == OTHER else ""
            if text := mark(row):
                rows.setdefault(row["target"], {}).setdefault(column, []).append(f"{name}{text}")
    return [[target, *["; ".join(cells.get(head, [])) for head in heads]] for target, cells in rows.items()]


def modes(found: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(row["mode"] for row in found["results"]))


def blocked_whole(found: Mapping[str, Any], mode: str) -> str:
    """Why no cell of a mode could be run, "": some could."""
    notes = {row["note"] for row in found["results"] if row["mode"] == mode and row["verdict"] != ABSENT}
    verdicts = {row["verdict"] for row in found["results"] if row["mode"] == mode}
    return notes.pop() if verdicts <= {BLOCKED, ABSENT} and len(notes) == 1 else ""


def _summary(found: Mapping[str, Any]) -> str:
    return (
        f"{found['cells']} cells: {found['passed']} pass, {found['failed']} fail, {found['blocked']} blocked "
        f"({found['machine']}, {found['board']}, target {found['target']}, seed {found['seed']})"
    )


def markdown(declared: Declared, found: Mapping[str, Any]) -> str:
    heads = columns(declared, found)
    lines = [_summary(found) + "."]
    for mode in modes(found):
        count = sum(row["mode"] == mode and row["verdict"] != ABSENT for row in found["results"])
        lines += ["", f"### {mode}", ""]
        if why := blocked_whole(found, mode):
            lines.append(f"Blocked, all {count} cells: {why}.")
            continue
        lines += [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
        lines += [f"| `{row[0]}` | {' | '.join(row[1:])} |" for row in _grid(declared, found, mode)]
    rows = [row for row in found["results"] if row["verdict"] == FAIL]
    lines += ["", "### Cells that do not end as declared", ""]
    lines += [f"- `{row['cell']}`, declared: {row['declared']}. {row['note']}" for row in rows] or ["None."]
    lines += ["", "### Nearest to the limits", "", "| limit | value | cell |", "|---|---|---|"]
    lines += [f"| {name} | {value:g} | `{cell}` |" for name, value, cell in nearest(found)]
    return "\n".join(lines)


def nearest(found: Mapping[str, Any]) -> list[tuple[str, float, str]]:
    """For every limit the highest value of all cells, and where."""
    worst: dict[str, tuple[float, str]] = {}
    for row in found["results"]:
        for name, value in row["worst"].items():
            if name not in worst or value > worst[name][0]:
                worst[name] = (value, row["cell"])
    return [(name, *each) for name, each in worst.items()]


def show(declared: Declared, found: Mapping[str, Any]) -> None:
    """The grid on the terminal, then what is not as declared."""
    from isentrope_hil import terminal

    console = terminal.console()
    for mode in modes(found):
        if why := blocked_whole(found, mode):
            console.print(f"{mode}: blocked: {why}")
            continue
        table = terminal.table((mode, *columns(declared, found)))
        for row in _grid(declared, found, mode):
            table.add_row(*row)
        console.print(table)
    for row in found["results"]:
        if row["verdict"] == FAIL:
            console.print(f"FAIL {row['cell']}, declared: {row['declared']}. {row['note']}")
    console.print(f"{found['verdict']}: {_summary(found)}")


def draw(path: Path, declared: Declared, found: Mapping[str, Any]) -> None:
    """A panel a mode: green ran on, blue stopped as declared, red did neither, grey blocked."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    shown = modes(found)
    targets = list(dict.fromkeys(row["target"] for row in found["results"]))
    heads = [verb for verb in declared.columns if any(row["verb"] == verb for row in found["results"])]
    more = max(
        (
            sum(row["mode"] == mode and row["target"] == target and row["verb"] not in heads
                for row in found["results"])
            for mode in shown for target in targets
        ),
        default=0,
    )  # fmt: skip
    with matplotlib.rc_context({"svg.hashsalt": "isentrope", "svg.fonttype": "none"}):
        figure = Figure(figsize=(2.0 + 2.6 * len(shown), 1.2 + 0.21 * len(targets)), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(1, len(shown), squeeze=False, sharey=True)[0]
        for axes, mode in zip(panels, shown, strict=True):
            placed: Counter[str] = Counter()
            for row in found["results"]:
                if row["mode"] != mode:
                    continue
                y = targets.index(row["target"])
                if row["verb"] in heads:
                    x = heads.index(row["verb"])
                else:
                    x = len(heads) + placed[row["target"]]
                    placed[row["target"]] += 1
                stopped = row["verdict"] == PASS and row["end"] in ("stopped", "dead")
                colour = COLOURS["stop" if stopped else row["verdict"]]
                axes.add_patch(Rectangle((x + 0.06, y + 0.08), 0.88, 0.84, color=colour, linewidth=0))
            axes.set(xlim=(0, len(heads) + more), ylim=(len(targets), 0), title=mode)
            axes.set_xticks([k + 0.5 for k in range(len(heads))], heads, rotation=90, fontsize=7)
            axes.set_yticks([k + 0.5 for k in range(len(targets))], targets, fontsize=7)
            axes.tick_params(length=0)
            for side in axes.spines.values():
                side.set_visible(False)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        try:
            figure.savefig(path, dpi=110, metadata=metadata)
        except OSError as error:
            raise InputError(f"--plot {path}: cannot be written: {error.strerror}") from None
