"""The campaign's picture: every case's steadiness, lowest true superheat and return, and the bars."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil.panels import HIGH_SIDE, LOW_SIDE, MUTED
from isentrope_hil.superheat_judge import BACK_S, DEVIATION_K, FINE_STEPS, LOW_K


def write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the rows of a campaign as PNG or SVG. Raises InputError where that fails."""
    from isentrope_sim.valves import load_valve
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    whole = [row for row in rows if "error" not in row]
    machines = list(dict.fromkeys(row["machine"] for row in whole))
    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 3)
    for coarse, colour, label in ((False, LOW_SIDE, "3,000 steps"), (True, HIGH_SIDE, "500 steps")):
        some = [row for row in whole if (load_valve(row["valve"]).steps <= FINE_STEPS) == coarse]
        # Side by side by machine, spread by the air's temperature.
        x = [machines.index(row["machine"]) + 0.8 * (row["air_c"] + 15.0) / 35.0 - 0.4 for row in some]
        heights = (
            [row["deviation K"] for row in some],
            [row["least K"] for row in some],
            [_slowest(row) for row in some],
        )
        for axes, values in zip(panels, heights, strict=True):
            axes.scatter(x, values, 12.0, colour, label=label, alpha=0.7)
    bars = (tuple(DEVIATION_K.values()), tuple(LOW_K.values()), (BACK_S,))
    names = (
        "steady: standard deviation, K",
        "lowest true superheat, K",
        "slowest return into 1 K, s",
    )
    for axes, lines, name in zip(panels, bars, names, strict=True):
        for line in lines:
            axes.axhline(line, color=MUTED, linestyle="--", linewidth=0.8)
        axes.set(title=name, xticks=range(len(machines)))
        axes.set_xticklabels([name.split("-")[1] for name in machines])
        axes.set_ylim(bottom=0.0)
        axes.grid(alpha=0.3, axis="y")
    panels[0].set_xlabel("each machine: air from -15 to 20 degC")
    panels[0].legend()
    try:
        figure.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise InputError(f"--plot {path}: cannot be written: {error}") from None


def _slowest(row: dict[str, Any]) -> float:
    return max((v for k, v in row.items() if k.endswith(": back s") and v is not None), default=0.0)
