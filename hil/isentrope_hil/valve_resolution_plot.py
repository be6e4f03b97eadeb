"""The picture of a valve's resolution: a step's worth, how steady superheat is, what the rotor travels."""

from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil.panels import HIGH_SIDE, LOW_SIDE, ORANGE, TRUE
from isentrope_hil.valve_resolution import ALIKE_SIZE

_COLOURS = {"R410A": HIGH_SIDE, "R32": ORANGE, "R454B": TRUE, "R290": LOW_SIDE}


def write(path: Path, document: dict[str, Any]) -> None:
    """Draw the document of `valve_resolution` as a PNG. Raises InputError where that fails."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 8.0), layout="constrained")
    FigureCanvasAgg(figure)
    (worth, every), (shipped, travel) = figure.subplots(2, 2)
    rows = [case for case in document["cases"] if case["size"] == ALIKE_SIZE]
    shares = sorted({case["share"] for case in rows}, reverse=True)
    for fluid in dict.fromkeys(case["refrigerant"] for case in rows):
        for share in shares:
            for panel, key, kind in (
                (worth, "k_per_step", (True, True)),
                (every, "std_k", (True, False)),
                (shipped, "std_k", (False, True)),
                (travel, "strokes_per_h", (False, True)),
            ):
                line = [
                    case
                    for case in rows
                    if (case["refrigerant"], case["share"]) == (fluid, share)
                    and (case["every_step"], case["noisy"]) == kind
                ]
                panel.plot(
                    [case["steps"] for case in line],
                    [case[key] for case in line],
                    color=_COLOURS.get(fluid, "black"),
                    linestyle="-" if share == shares[0] else "--",
                    marker="o",
                    markersize=3,
                    label=f"{fluid}, {100 * share:.0f} % speed",
                )
    worth.set(title="one step, valve fixed", ylabel="superheat, K a step", yscale="log")
    every.set(title="closed loop, every step used, quiet sensors", ylabel="true superheat, deviation, K")
    shipped.set(title="closed loop, dead band and noise", ylabel="true superheat, deviation, K")
    travel.set(title="what the rotor travels, dead band and noise", ylabel="full strokes an hour")
    for axes in (worth, every, shipped, travel):
        axes.set(xlabel="steps of the same stroke", xscale="log")
        ticks = sorted({case["steps"] for case in rows})
        axes.set_xticks(ticks, [str(tick) for tick in ticks], rotation=45)
        axes.minorticks_off()
        axes.grid(alpha=0.3)
    worth.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5, 1.0], ["0.02", "0.05", "0.1", "0.2", "0.5", "1"])
    for axes in (every, shipped, travel):
        axes.set_ylim(bottom=0.0)
    worth.legend(fontsize=7)
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise InputError(f"--plot {path}: cannot be written: {error.strerror}") from None
