"""The picture of the search for the least stable superheat: over load and over time, against the line."""

from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil.panels import HIGH_SIDE, LOW_SIDE, MUTED


def write(path: Path, document: dict[str, Any]) -> None:
    """Draw the document of `minimum_superheat` as a PNG. Raises InputError where that fails."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    over_load, over_time = figure.subplots(1, 2, sharey=True, width_ratios=(1, 2))
    line = [row for row in document["line"] if row["superheat_k"] is not None]
    shares, superheats = [100.0 * row["load"] for row in line], [row["superheat_k"] for row in line]
    over_load.plot(shares, superheats, color=MUTED, marker="o", label="least stable, fixed valve")
    over_load.fill_between(
        shares, superheats, [k + 1.0 for k in superheats], color=MUTED, alpha=0.15, label="and 1 K over it"
    )
    phases = document["phases"]
    at = [100.0 * phase["load"] for phase in phases]
    over_load.scatter(
        at, [p["last_k"] for p in phases], color=LOW_SIDE, zorder=3, label="true, mean of the last 10 min"
    )
    over_load.scatter(
        at, [p["setpoint_k"] for p in phases], color=HIGH_SIDE, marker="_", s=120, zorder=3, label="setpoint"
    )
    over_load.set(xlabel="heating capacity, % of full speed's", ylabel="superheat, K")
    over_load.legend()
    trace = document["trace"]
    over_time.plot(trace["t_min"], trace["superheat_k"], color=LOW_SIDE, label="true superheat")
    over_time.plot(trace["t_min"], trace["setpoint_k"], color=HIGH_SIDE, label="setpoint")
    begin = 0.0
    for phase in phases:
        end = begin + phase["minutes"]
        if phase["line_k"] is not None:
            over_time.hlines(phase["line_k"], begin, end, color=MUTED, linestyle="--")
        over_time.text(begin, 0.2, f" {100.0 * phase['load']:.0f} %", color=MUTED)
        begin = end
    over_time.set(
        xlabel="minutes of regulating", title=f"{document['machine']}, A7, return 30 degC, superheat_law 2"
    )
    over_time.set_ylim(bottom=0.0)
    over_time.legend()
    for axes in (over_load, over_time):
        axes.grid(alpha=0.3)
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise InputError(f"--plot {path}: cannot be written: {error.strerror}") from None
