"""The picture of the drawn units: what subcooling lacks over what the charge lacks, by machine."""

from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil.panels import HIGH_SIDE, LOW_SIDE, MUTED


def write(path: Path, document: dict[str, Any]) -> None:
    """Draw the document of `charge_draws` as a PNG. Raises InputError where that fails."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    units = document["units"]
    machines = list(dict.fromkeys(unit["machine"] for unit in units))
    figure = Figure(figsize=(3.0 * len(machines) + 1.0, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(machines), sharey=True, squeeze=False)[0]
    limit = 100.0 * document["limit"]
    for axes, machine in zip(panels, machines, strict=True):
        for unit in units:
            if unit["machine"] == machine:
                losses = [float(loss) for loss in unit["lacking"]]
                shares = [100.0 * share for share in unit["lacking"].values()]
                axes.plot(losses, shares, color=LOW_SIDE, alpha=0.6, marker="o", markersize=3)
        axes.axhline(limit, color=HIGH_SIDE, linestyle="--", label=f"alarm, {limit:g} %")
        axes.axhline(0.0, color=MUTED, linewidth=0.8)
        axes.set(title=machine, xlabel="charge lost, %", ylim=(-15.0, 110.0))
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("subcooling under the unit's own baseline, %")
    panels[0].legend(loc="upper left")
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise InputError(f"--plot {path}: cannot be written: {error.strerror}") from None
