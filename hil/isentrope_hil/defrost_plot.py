"""The defrost experiment's picture: cost over the interval with the laws in it, and hours on demand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil.panels import HIGH_SIDE, LOW_SIDE, MUTED


def write(path: Path, document: dict[str, Any]) -> None:
    """Draws a document of `defrost_laws.laws` to a .png; raises InputError if it cannot be written."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    cost, day = figure.subplots(1, 2, width_ratios=(2, 3))
    sweep = document["sweep"]
    minutes = [row["cycle_min"] for row in sweep]
    cost.plot(
        minutes, [100.0 * row["loss"] for row in sweep], color=MUTED, marker="o", label="fixed interval"
    )
    for row, marker in zip(document["laws"], "sDv", strict=False):
        cost.scatter(
            [row["cycle_min"]],
            [100.0 * row["loss"]],
            color=HIGH_SIDE,
            marker=marker,
            zorder=3,
            label=row["law"],
        )
    cost.set(xlabel="minutes from defrost to defrost", ylabel="frost and defrost cost, % of dry electricity")
    cost.legend()
    trace: list[list[float]] = document["traces"]["demand"]
    hours = [row[0] for row in trace]
    day.plot(hours, [row[3] for row in trace], color=LOW_SIDE, label="frost, kg")
    day.plot(hours, [row[2] for row in trace], color=HIGH_SIDE, label="air flow over the clean coil's")
    day.axhline(0.6, color=MUTED, linestyle="--")
    title = f"{document['machine']}, {document['outdoor_c']:g} degC, {100 * document['rh']:.0f} %, on demand"
    day.set(xlabel="hours", title=title, xlim=(0.0, min(6.0, max(hours, default=6.0))))
    day.set_ylim(bottom=0.0)
    day.legend()
    for axes in (cost, day):
        axes.grid(alpha=0.3)
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise InputError(f"--plot {path}: cannot be written: {error.strerror}") from None
