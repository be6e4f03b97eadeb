"""The plot of a seasonal rating: load, capacity, hours and COP over outdoor temperature, in one HTML file."""

import html
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil.panels import FONT, GRID, HIGH_SIDE, INK, LOW_SIDE, MUTED, ORANGE, TEAL, TRUE

Figure = dict[str, Any]
_MARKS = (("Tbiv", "tbiv_c"), ("TOL", "tol_c"))
_LOWER, _UPPER = (0.0, 0.42), (0.52, 1.0)  # heights of the two panels, in shares


def figure(document: dict[str, Any]) -> Figure:
    """The plotly figure (plain data) of the document of `isentrope rate --json`."""
    bins, points = document["bins"], document["points"]
    outdoor = [b["outdoor_c"] for b in bins]
    at = [p["outdoor_c"] for p in points]
    met = [(b["load_w"] - b["backup_w"]) / 1e3 for b in bins]
    traces = [
        _line(outdoor, [b["load_w"] / 1e3 for b in bins], "load", INK, dash="dash"),
        _line(
            at, [p["full_w"] / 1e3 for p in points], "capacity, full speed", HIGH_SIDE, mode="lines+markers"
        ),
        _line(at, [p["heating_w"] / 1e3 for p in points], "capacity, measured", LOW_SIDE, mode="markers"),
        _bars(outdoor, met, "heat pump", "#bcd7ee"),
        _bars(outdoor, [b["backup_w"] / 1e3 for b in bins], "backup heater", ORANGE),
        _bars(outdoor, [b["hours"] for b in bins], "hours a year", "#cbd2d9")
        | {"xaxis": "x2", "yaxis": "y2"},
        _line(outdoor, [b["cop"] for b in bins], "COP in the bin", TEAL) | {"xaxis": "x2", "yaxis": "y3"},
        _line(at, [p["cop"] for p in points], "COP, measured", TRUE, mode="markers")
        | {"xaxis": "x2", "yaxis": "y3"},
    ]
    return {"data": traces, "layout": _layout(document, points)}


def _line(
    x: list[float], y: list[float], name: str, colour: str, dash: str = "solid", mode: str = "lines"
) -> Figure:
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "name": name,
        "mode": mode,
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"color": colour, "size": 9},
    }


def _bars(x: list[float], y: list[float], name: str, colour: str) -> Figure:
    return {"type": "bar", "x": x, "y": y, "name": name, "marker": {"color": colour}}


def _mark(x: float) -> Figure:
    line = {"color": MUTED, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": x, "x1": x, "yref": "y domain", "y0": 0, "y1": 1, "line": line}


def _label(x: float, y: float, text: str, colour: str, yref: str) -> Figure:
    font = {"size": 12, "color": colour}
    place = {"x": x, "y": y, "yref": yref, "yshift": 13, "showarrow": False}
    return place | {"text": text, "font": font, "bgcolor": "rgba(255,255,255,0.8)"}


def _names(points: list[dict[str, Any]]) -> list[tuple[float, float, str]]:
    """(degC, kW, names) of the measured points; those at one temperature share a label."""
    places: dict[tuple[float, float], list[str]] = {}
    for p in points:
        places.setdefault((p["outdoor_c"], p["full_w"] / 1e3), []).append(p["name"])
    return [(x, y, ", ".join(names)) for (x, y), names in places.items()]


def _axis(title: str, **more: Any) -> Figure:
    return {
        "title": {"text": title, "font": {"size": 12, "color": MUTED}},
        "gridcolor": GRID,
        "zeroline": False,
        "rangemode": "tozero",
    } | more


def _layout(document: dict[str, Any], points: list[dict[str, Any]]) -> Figure:
    low, high = document["bins"][0]["outdoor_c"] - 1.0, document["bins"][-1]["outdoor_c"] + 1.0
    shared = {"range": [low, high], "gridcolor": GRID, "zeroline": False, "ticks": "outside"}
    title = (
        f"{document['machine']}, {document['climate']} climate, {document['application_c']} degC: "
        f"SCOP {document['scop']:.2f}, efficiency {document['eta_s_percent']:.0f} %"
    )
    if document["energy_class"]:
        title += f", class {document['energy_class']}"
    return {
        "title": {"text": html.escape(title), "font": {"size": 16, "color": INK}, "x": 0.02},
        "height": 760,
        "margin": {"l": 62, "r": 62, "t": 70, "b": 52},
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "barmode": "stack",
        "bargap": 0.1,
        "legend": {"orientation": "v", "x": 1.06, "y": 1.0, "traceorder": "normal"},
        "hovermode": "x unified",
        "xaxis": shared | {"anchor": "y", "showticklabels": False},
        "yaxis": _axis("kW", domain=list(_UPPER)),
        "xaxis2": shared
        | {
            "anchor": "y2",
            "matches": "x",
            "title": {"text": "outdoor temperature, degC", "font": {"size": 12}},
        },
        "yaxis2": _axis("hours a year", domain=list(_LOWER), anchor="x2"),
        "yaxis3": _axis("COP", overlaying="y2", side="right", anchor="x2", showgrid=False, tickmode="auto"),
        "shapes": [_mark(document[key]) for _, key in _MARKS],
        "annotations": [
            *(_label(document[key], 1.0, name, MUTED, "y domain") for name, key in _MARKS),
            *(_label(x, y, text, HIGH_SIDE, "y") for x, y, text in _names(points)),
        ],
    }


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<script>{plotly}</script></head>
<body style="margin:16px;background:#fff"><div id="plot"></div>
<script>const f = {figure}; Plotly.newPlot("plot", f.data, f.layout, {{responsive: true}});</script>
</body></html>
"""


def write(path: Path, document: dict[str, Any]) -> None:
    """Write the plot as one HTML file that needs nothing else. Raises InputError where that fails."""
    page = _PAGE.format(
        title=html.escape(f"{document['machine']}: SCOP"),
        plotly=(files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8"),
        # "</" would end the script element; "<\\/" is the same to JSON.
        figure=json.dumps(figure(document), separators=(",", ":")).replace("</", "<\\/"),
    )
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--plot {path}: cannot be written: {error.strerror}") from None
