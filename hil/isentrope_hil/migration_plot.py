"""The picture of a night's migration: the oil's refrigerant and temperature, and the start that follows."""

from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil.panels import HIGH_SIDE, LOW_SIDE, MUTED


def write(path: Path, document: dict[str, Any]) -> None:
    """Draw the document of `isentrope_sim.migration` as a PNG. Raises InputError where that fails."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 6.0), layout="constrained")
    FigureCanvasAgg(figure)
    (held, boiled), (warmth, gas) = figure.subplots(2, 2)
    for case in document["cases"]:
        colour = HIGH_SIDE if case["heater"] else LOW_SIDE
        label = f"heater {document['heater_w']:g} W" if case["heater"] else "heater off"
        night, start = case["night"], case["start"]
        held.plot(night["hours"], [100.0 * x for x in night["dilution"]], color=colour, label=label)
        warmth.plot(night["hours"], night["t_oil_c"], color=colour)
        boiled.plot(start["seconds"], [100.0 * x for x in start["dilution"]], color=colour)
        gas.plot(start["seconds"], start["release_g_s"], color=colour)
    night = document["cases"][0]["night"]
    warmth.plot(night["hours"], night["outdoor_c"], color=MUTED, linestyle="--", label="outdoor air")
    held.set(title=f"{document['machine']}: standstill", ylabel="refrigerant in the oil, mass %")
    warmth.set(xlabel="hours", ylabel="oil, degC")
    boiled.set(title="start")
    gas.set(xlabel="seconds", ylabel="boils out of the oil, g/s")
    for axes in (held, boiled, warmth, gas):
        axes.grid(alpha=0.3)
    for axes in (held, boiled):
        axes.set_ylim(bottom=0.0)
    held.legend()
    warmth.legend()
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise InputError(f"--plot {path}: cannot be written: {error.strerror}") from None
