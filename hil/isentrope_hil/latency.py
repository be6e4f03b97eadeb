"""How fast the loop was: distributions of round trip, scan and solver time, and the device's free heap."""

from typing import Any

import numpy as np

from isentrope_hil.panels import FONT, GRID, INK, LOW_SIDE, MUTED, ORANGE, PURPLE, TEAL
from isentrope_hil.recorder import Recorder
from isentrope_hil.trends import downsample, numbers, time_axis

_TIMES = (
    ("rtt_us", "Round trip", "Round trip of a step", LOW_SIDE),
    ("scan_us", "Scan", "Scan, the device's own time", TEAL),
    ("solver_us", "Plant", "Plant, one scan period", PURPLE),
)
_BINS = 60
_LOG_TICKS = [m * 10**e for e in range(7) for m in (1, 2, 5)]
_WIDE = 100.0  # an axis over more than this ratio has room for decades only


def rows(recorder: Recorder) -> list[tuple[str, float, float, float]]:
    """(label, median, 99th percentile, worst) in us of each time; without those the target does not tell."""
    found = []
    for name, _, label, _ in _TIMES:
        values = _measured(recorder, name)
        if len(values):
            median, high, worst = np.percentile(values, (50, 99, 100)).tolist()
            found.append((label, median, high, worst))
    return found


def _measured(recorder: Recorder, name: str) -> np.ndarray:
    """The times that were taken: the first step has no solver time before it."""
    values = recorder.column(f"timing.{name}")
    return values[values > 0.0]


def figure(recorder: Recorder) -> dict[str, Any]:
    """Histograms on a logarithmic axis, one below the other, and free heap over time."""
    layout: dict[str, Any] = {
        "height": 300,
        "margin": {"l": 52, "r": 20, "t": 34, "b": 46},
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "showlegend": False,
        "annotations": [],
        "shapes": [],
        "hovermode": "closest",
    }
    traces = []
    columns = len(_TIMES) + 1
    width, gap = 1.0 / columns, 0.045
    for place, (name, title, _, colour) in enumerate(_TIMES):
        values = _measured(recorder, name)
        if not len(values):
            continue
        edges = np.geomspace(values.min() * 0.9, values.max() * 1.1, _BINS + 1)
        counts, _ = np.histogram(values, edges)
        ticks = _LOG_TICKS if edges[-1] < _WIDE * edges[0] else _LOG_TICKS[::3]
        axis = _axes(layout, place, width, gap, title, "µs", ticks)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": numbers(edges),
                "y": [*counts.tolist(), 0],
                "line": {"shape": "hv", "color": colour, "width": 1.4},
                "fill": "tozeroy",
                "hovertemplate": "from %{x:.4~g} µs: %{y} steps<extra></extra>",
                **axis,
            }
        )
        for percent, dash in ((50, "solid"), (99, "dash")):
            at = float(np.percentile(values, percent))
            layout["shapes"].append(
                {
                    "type": "line",
                    "xref": axis["xaxis"],
                    "yref": f"{axis['yaxis']} domain",
                    "x0": at,
                    "x1": at,
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": INK, "width": 1, "dash": dash},
                }
            )
    heap = recorder.column("timing.heap_free")
    if heap.any():
        scale, unit = time_axis(float(recorder.column("t_s")[-1]))
        axis = _axes(layout, columns - 1, width, gap, "Free heap, kB", unit)
        x, y = downsample(recorder.column("t_s") / scale, heap / 1000.0)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": numbers(x, 7),
                "y": numbers(y),
                "line": {"color": ORANGE, "width": 1.2},
                "hovertemplate": f"%{{y:.4~g}} kB at %{{x:.1f}} {unit}<extra></extra>",
                **axis,
            }
        )
        layout[f"yaxis{columns}"]["rangemode"] = "tozero"
    return {"data": traces, "layout": layout}


def _axes(
    layout: dict[str, Any],
    place: int,
    width: float,
    gap: float,
    title: str,
    unit: str,
    ticks: list[int] | None = None,
) -> dict[str, str]:
    number = "" if place == 0 else str(place + 1)
    begin = place * width + (gap if place else 0.0)
    style = {"gridcolor": GRID, "zeroline": False, "tickfont": {"size": 11, "color": MUTED}}
    layout[f"xaxis{number}"] = style | {
        "domain": [begin, (place + 1) * width],
        "anchor": f"y{number}",
        "title": {"text": unit, "font": {"size": 11, "color": MUTED}, "standoff": 4},
        "tickangle": 0,
        **({"type": "log", "tickvals": ticks, "tickformat": "~s"} if ticks else {}),
    }
    layout[f"yaxis{number}"] = style | {"anchor": f"x{number}"}
    layout["annotations"].append(
        {
            "text": f"<b>{title}</b>",
            "xref": f"x{number} domain",
            "yref": "paper",
            "x": 0,
            "y": 1.02,
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 13},
        }
    )
    return {"xaxis": f"x{number}", "yaxis": f"y{number}"}
