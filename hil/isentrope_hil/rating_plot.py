"""The plots of a seasonal rating: load, capacity, hours, COP over outdoor temperature, in one HTML file."""

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


def figures(document: dict[str, Any]) -> list[Figure]:
    """The plotly figures (plain data) of the document of `isentrope rate --json`: one for each season."""
    if "heating" not in document:
        title = (
            f"{document['machine']}, {document['climate']} climate, {document['application_c']} degC: "
            f"SCOP {document['scop']:.2f}, efficiency {document['eta_s_percent']:.0f} %"
        )
        return [_figure(document, title, "heating_w", "heat pump")]
    heat, cold = document["heating"], document["cooling"]
    title = f"{document['machine']}, {heat['climate']} climate, room at {heat['room_c']:.0f} degC"
    found = [_figure(heat, f"{title}: SCOP {heat['scop']:.2f}", "heating_w", "heat pump")]
    if cold is not None:
        title = f"{document['machine']}, room at {cold['room_c']:.0f} degC: SEER {cold['seer']:.2f}"
        found.append(_figure(cold, title, "cooling_w", "cooling"))
    return found


def _figure(season: dict[str, Any], title: str, capacity: str, carried: str) -> Figure:
    bins, points = season["bins"], season["points"]
    outdoor = [b["outdoor_c"] for b in bins]
    at = [p["outdoor_c"] for p in points]
    met = [(b["load_w"] - b["backup_w"]) / 1e3 for b in bins]
    traces = [
        _line(outdoor, [b["load_w"] / 1e3 for b in bins], "load", INK, dash="dash"),
        _line(
            at, [p["full_w"] / 1e3 for p in points], "capacity, full speed", HIGH_SIDE, mode="lines+markers"
        ),
        _line(at, [p[capacity] / 1e3 for p in points], "capacity, measured", LOW_SIDE, mode="markers"),
        _bars(outdoor, met, carried, "#bcd7ee"),
        _bars(outdoor, [b["hours"] for b in bins], "hours a year", "#cbd2d9")
        | {"xaxis": "x2", "yaxis": "y2"},
        _line(outdoor, [b["cop"] for b in bins], "COP in the bin", TEAL) | {"xaxis": "x2", "yaxis": "y3"},
        _line(at, [p["cop"] for p in points], "COP, measured", TRUE, mode="markers")
        | {"xaxis": "x2", "yaxis": "y3"},
    ]
    if "tol_c" in season:
        traces.append(_bars(outdoor, [b["backup_w"] / 1e3 for b in bins], "backup heater", ORANGE))
    if season["energy_class"]:
        title += f", class {season['energy_class']}"
    return {"data": traces, "layout": _layout(season, title)}


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


def _layout(season: dict[str, Any], title: str) -> Figure:
    outdoor = [b["outdoor_c"] for b in season["bins"]]
    low, high = min(outdoor) - 1.0, max(outdoor) + 1.0
    marks = [(season[key], name) for name, key in _MARKS if key in season]
    shared = {"range": [low, high], "gridcolor": GRID, "zeroline": False, "ticks": "outside"}
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
        "shapes": [_mark(x) for x, _ in marks],
        "annotations": [
            *(_label(x, 1.0, name, MUTED, "y domain") for x, name in marks),
            *(_label(x, y, text, HIGH_SIDE, "y") for x, y, text in _names(season["points"])),
        ],
    }


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<script>{plotly}</script></head>
<body style="margin:16px;background:#fff">
<script>
for (const f of {figures}) {{
  const place = document.body.appendChild(document.createElement("div"));
  Plotly.newPlot(place, f.data, f.layout, {{responsive: true}});
}}
</script>
</body></html>
"""


def write(path: Path, document: dict[str, Any]) -> None:
    """Write the plots as one HTML file that needs nothing else. Raises InputError where that fails."""
    page = _PAGE.format(
        title=html.escape(f"{document['machine']}: seasons"),
        plotly=(files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8"),
        # "</" would end the script element; "<\\/" is the same to JSON.
        figures=json.dumps(figures(document), separators=(",", ":")).replace("</", "<\\/"),
    )
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--plot {path}: cannot be written: {error.strerror}") from None
