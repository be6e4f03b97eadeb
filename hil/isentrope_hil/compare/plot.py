"""The comparison as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil.compare import tables
from isentrope_hil.compare.judge import DEFAULT

COLOURS = ("#1f6f8b", "#c8553d", "#e0a030", "#6b705c", "#7b5ea7")


def draw(path: Path, document: Mapping[str, Any]) -> None:
    """A panel a machine, a group of bars a case, on a logarithmic scale: hatched is retuned, L is liquid."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    machines = list(dict.fromkeys(row["machine"] for row in document["rows"]))
    labels = tables.labels(document)
    laws = list(dict.fromkeys(name for name, _ in labels))
    with matplotlib.rc_context({"svg.hashsalt": "isentrope", "svg.fonttype": "none"}):
        figure = Figure(figsize=(11.0, 3.2 * len(machines)), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(len(machines), 1, squeeze=False)[:, 0]
        width = 0.84 / len(labels)
        for axes, machine in zip(panels, machines, strict=True):
            rows = [row for row in document["rows"] if row["machine"] == machine]
            cases = list(dict.fromkeys(row["case"] for row in rows))
            for place, (name, variant) in enumerate(labels):
                own = {r["case"]: r for r in rows if (r["law"], r["variant"]) == (name, variant)}
                at = [
                    k + (place - (len(labels) - 1) / 2) * width for k in range(len(cases)) if cases[k] in own
                ]
                found = [own[case] for case in cases if case in own]
                axes.bar(
                    at,
                    [max(row["error_k_s"], 1.0) for row in found],
                    width,
                    color=COLOURS[laws.index(name) % len(COLOURS)],
                    hatch="" if variant == DEFAULT else "////",
                    edgecolor="white",
                    linewidth=0.4,
                    label=f"{name}, {variant}",
                )
                for x, row in zip(at, found, strict=True):
                    if row["liquid_s"] > 0.0:
                        axes.annotate("L", (x, row["error_k_s"]), ha="center", va="bottom", fontsize=6)
            axes.set_yscale("log")
            axes.set(title=machine, ylabel="|error|, K s")
            axes.set_xticks(range(len(cases)), cases)
            axes.grid(axis="y", alpha=0.3)
        panels[0].legend(fontsize=7, ncols=5, loc="upper left")
        metadata = {"Date": None} if path.suffix == ".svg" else None
        try:
            figure.savefig(path, dpi=120, metadata=metadata)
        except OSError as error:
            raise InputError(f"--plot {path}: cannot be written: {error.strerror}") from None
