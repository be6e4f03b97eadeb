"""The picture of the minimum-stable-superheat line: every fixed valve tried, and the line between them."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil.panels import HIGH_SIDE, LOW_SIDE, MUTED


def check() -> None:
    """Raises InputError where nothing can draw."""
    if find_spec("matplotlib") is None:
        raise InputError("--plot needs matplotlib: pip install isentrope[plots]")


def write(path: Path, document: dict[str, Any]) -> None:
    """Draw the document of `isentrope_sim.stable_line` as a PNG. Raises InputError where that fails."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 5.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for stable, colour, label in ((True, LOW_SIDE, "stable"), (False, HIGH_SIDE, "unstable")):
        points = [p for p in document["points"] if p["stable"] == stable]
        sizes = [20.0 + 60.0 * p["std_k"] for p in points]
        axes.scatter(
            [100.0 * p["load"] for p in points], [p["mean_k"] for p in points], sizes, colour, label=label
        )
    line = [row for row in document["line"] if row["superheat_k"] is not None]
    axes.plot(
        [100.0 * row["load"] for row in line],
        [row["superheat_k"] for row in line],
        color=MUTED,
        label=f"least stable: deviation {document['stable_k']:g} K over 20 min",
    )
    axes.set(
        xlabel="heating capacity, % of full speed's",
        ylabel="measured superheat, K",
        title=f"{document['machine']}, A7/W35, fixed valve",
    )
    axes.set_ylim(bottom=0.0)
    axes.grid(alpha=0.3)
    axes.legend()
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise InputError(f"--plot {path}: cannot be written: {error.strerror}") from None
