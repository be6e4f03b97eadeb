"""The trends of a report as a plotly figure (plain data): panels on one time axis, states and log on top."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from isentrope_hil import units
from isentrope_hil.labels import state_labels
from isentrope_hil.panels import FONT, GRID, INK, MUTED, PANELS, STATE_COLOURS, Panel
from isentrope_hil.recorder import Recorder
from isentrope_hil.scenario import Event

Figure = dict[str, Any]

# Names of events above the panels, own choices by the look of it: slanted by this angle; in shares of the
# time axis two of them need so much distance, and a character so much room.
_SLANT = 28
_NAME_GAP, _NAME_CHARACTER, _NAME_MARGIN = 0.028, 0.0068, 0.07
_NAME_MOST = 20  # characters; the whole name is shown under the mouse
MOST_POINTS = 2000  # of a trace in the report: more than a screen has pixels, and the file stays small


def downsample(x: np.ndarray, y: np.ndarray, most: int = MOST_POINTS) -> tuple[np.ndarray, np.ndarray]:
    """At most `most` points: the lowest and the highest of every stretch, so that no spike is lost."""
    if len(x) <= most:
        return x, y
    buckets = most // 2
    size = -(-len(x) // buckets)
    padded = np.concatenate((y, np.full(size * buckets - len(y), np.nan))).reshape(buckets, size)
    low = np.where(np.isnan(padded), np.inf, padded).argmin(axis=1)
    high = np.where(np.isnan(padded), -np.inf, padded).argmax(axis=1)
    kept = np.unique(np.concatenate((low, high)) + np.tile(np.arange(buckets) * size, 2))
    kept = kept[kept < len(x)]
    return x[kept], y[kept]


def numbers(values: np.ndarray, digits: int = 5) -> list[float | None]:
    """JSON numbers with that many significant digits; what is not finite becomes null."""
    return [float(f"{value:.{digits}g}") if np.isfinite(value) else None for value in values.tolist()]


def time_axis(seconds: float) -> tuple[float, str]:
    """Seconds in a unit of a run's time axis, and the unit."""
    return (3600.0, "h") if seconds > 6 * 3600.0 else (60.0, "min")


def values_of(recorder: Recorder, signals: Sequence[str], unit: str) -> np.ndarray | None:
    """The first of the signals that was recorded, in `unit`; None if none was."""
    for signal in signals:
        if signal == "cop" and recorder.has("true.heat_w") and recorder.has("true.electric_w"):
            return _cop(recorder)
        if recorder.has(signal):
            factor, offset = units.conversion(recorder.unit(signal), unit)
            return recorder.column(signal) * factor + offset
    return None


def _cop(recorder: Recorder) -> np.ndarray:
    """Heat over electric power while heat flows; not a number at standstill."""
    heat, electric = recorder.column("true.heat_w"), recorder.column("true.electric_w")
    running = (heat > 500.0) & (electric > 150.0)  # under these the ratio says nothing
    return np.where(running, heat / np.where(running, electric, 1.0), np.nan)


def stretches(values: np.ndarray) -> list[tuple[int, int]]:
    """(first, one past the last) index of every stretch of equal values."""
    if not len(values):
        return []
    edges = np.flatnonzero(np.diff(values)) + 1
    return list(zip([0, *edges.tolist()], [*edges.tolist(), len(values)], strict=True))


def figure(recorder: Recorder, events: Sequence[Event]) -> Figure:
    """All panels of a run.

    Args:
        recorder: the run.
        events: of the scenario's timeline, shown as lines through all panels.
    """
    t_s = recorder.column("t_s")
    scale, unit = time_axis(float(t_s[-1]))
    step = float(t_s[1] - t_s[0]) / scale if len(t_s) > 1 else 0.0
    x = t_s / scale
    strip, gap = 46.0, 44.0
    heights = [panel.weight * 190.0 for panel in PANELS]
    top = 72.0  # room for the names of the timeline's events
    plot = strip + sum(heights) + gap * len(PANELS)
    layout = _layout(plot, top, unit, float(x[-1]) + step)
    traces: list[Figure] = []
    traces += _strip(recorder, x, step, unit)
    layout["yaxis"] = {
        "domain": [1.0 - strip / plot, 1.0],
        "range": [-0.2, 2.0],
        "showgrid": False,
        "zeroline": False,
        "tickvals": [0.35, 1.5],
        "ticktext": ["state", "log"],
        "ticklabelstandoff": 6,  # the markers at the start are half outside
        "tickfont": {"size": 11, "color": MUTED},
        "fixedrange": True,
    }
    y_top = 1.0 - strip / plot
    for place, (panel, height) in enumerate(zip(PANELS, heights, strict=True)):
        y_top -= gap / plot
        domain = (max(0.0, y_top - height / plot), y_top)
        _add_panel(layout, traces, recorder, x, panel, place, domain, plot)
        y_top = domain[0]
    layout["xaxis"]["anchor"] = f"y{2 * len(PANELS)}"
    _add_events(layout, events, scale, plot, float(x[-1]) + step)
    return {"data": traces, "layout": layout}


def _layout(plot: float, top: float, unit: str, end: float) -> Figure:
    bottom = 46.0
    return {
        "height": round(plot + top + bottom),
        "margin": {"l": 62, "r": 66, "t": top, "b": bottom},
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": "rgba(255,255,255,0.96)", "bordercolor": "#cbd2d9", "font": {"size": 12}},
        "barmode": "overlay",
        "bargap": 0,
        "xaxis": {
            "title": {"text": f"time, {unit}", "font": {"size": 12, "color": MUTED}},
            "range": [0.0, end],
            "gridcolor": GRID,
            "zeroline": False,
            "showspikes": True,
            "spikemode": "across",
            "spikesnap": "cursor",
            "spikethickness": 1,
            "spikedash": "solid",
            "spikecolor": "#9aa5b1",
            "hoverformat": ".2f",
            "ticks": "outside",
            "tickcolor": "#cbd2d9",
        },
        "shapes": [],
        "annotations": [],
        "showlegend": True,
    }


def _add_panel(
    layout: Figure,
    traces: list[Figure],
    recorder: Recorder,
    x: np.ndarray,
    panel: Panel,
    place: int,
    domain: tuple[float, float],
    plot: float,
) -> None:
    left, right, legend = f"y{2 * place + 2}", f"y{2 * place + 3}", f"legend{place + 2}"
    shown_unit = "°C" if panel.unit == "degC" else panel.unit
    axis = {
        "gridcolor": GRID,
        "zeroline": False,
        "tickfont": {"size": 11, "color": MUTED},
        "automargin": False,
    }
    layout[f"yaxis{2 * place + 2}"] = axis | {
        "domain": list(domain),
        "title": {"text": shown_unit, "font": {"size": 12, "color": MUTED}, "standoff": 6},
        **({"range": list(panel.limits)} if panel.limits else {}),
    }
    if panel.right_unit:
        layout[f"yaxis{2 * place + 3}"] = axis | {
            "overlaying": left,
            "tickmode": "auto",  # else its ticks follow the left axis
            "side": "right",
            "showgrid": False,
            "title": {"text": panel.right_title, "font": {"size": 12, "color": MUTED}, "standoff": 6},
            **({"range": list(panel.right_limits)} if panel.right_limits else {"rangemode": "tozero"}),
        }
    layout[legend] = {
        "orientation": "h",
        "x": 1.0,
        "xanchor": "right",
        "y": domain[1] + 5.0 / plot,
        "yanchor": "bottom",
        "font": {"size": 12},
        "bgcolor": "rgba(0,0,0,0)",
        "itemwidth": 30,
    }
    layout["annotations"].append(
        {
            "text": f"<b>{panel.title}</b>",
            "xref": "paper",
            "yref": "paper",
            "x": 0.0,
            "y": domain[1] + 6.0 / plot,
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 13},
        }
    )
    for line in panel.lines:
        line_unit = panel.right_unit if line.right else panel.unit
        values = values_of(recorder, line.signals, line_unit)
        if values is None:
            continue
        px, py = downsample(x, values)
        suffix = "" if line_unit == "1" else " °C" if line_unit == "degC" else f" {line_unit}"
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": line.label,
                "x": numbers(px, 7),
                "y": numbers(py),
                "yaxis": right if line.right else left,
                "legend": legend,
                "line": {"color": line.colour, "width": line.width, "dash": line.dash},
                "hovertemplate": f"%{{y:.4~g}}{suffix}",
                **({"visible": "legendonly"} if line.hidden else {}),
            }
        )


def _strip(recorder: Recorder, x: np.ndarray, step: float, unit: str) -> list[Figure]:
    """The machine's states as a coloured band, and the log above it as markers with their text."""
    traces: list[Figure] = []
    if recorder.has("state"):
        names = {number: name for name, number in state_labels().items()}
        states = recorder.column("state").astype(int)
        by_name: dict[str, list[tuple[float, float]]] = {}
        for first, last in stretches(states):
            name = names.get(int(states[first]), f"state {states[first]}")
            by_name.setdefault(name, []).append((float(x[first]), float(x[last - 1]) + step))
        for name, spans in by_name.items():
            wide = [end - begin > 0.035 * float(x[-1]) for begin, end in spans]
            label = name.replace("_", " ")
            traces.append(
                {
                    "type": "bar",
                    "orientation": "h",
                    "base": numbers(np.array([begin for begin, _ in spans]), 7),
                    "x": numbers(np.array([end - begin for begin, end in spans]), 7),
                    "y": [0.35] * len(spans),
                    "width": 0.85,
                    "marker": {"color": STATE_COLOURS.get(name, "#9aa5b1"), "line": {"width": 0}},
                    "text": [label if fits else "" for fits in wide],
                    "textposition": "inside",
                    "insidetextanchor": "middle",
                    "textangle": 0,
                    "textfont": {"size": 11, "color": "#ffffff" if name == "fault" else INK},
                    "hovertemplate": f"{label}, from %{{base:.2f}} {unit}<extra></extra>",
                    "name": label,
                    "showlegend": False,
                    "yaxis": "y",
                }
            )
    if recorder.events:
        scale, _ = time_axis(float(recorder.column("t_s")[-1]))
        alarm = [code >= 0x100 for _, code, _, _ in recorder.events]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": numbers(recorder.event_times_s() / scale, 7),
                "y": [1.5] * len(recorder.events),
                "marker": {
                    "symbol": ["x" if each else "line-ns" for each in alarm],
                    "size": 9,
                    "color": ["#c0362c" if each else "#52606d" for each in alarm],
                    "line": {"width": 1.4, "color": ["#c0362c" if each else "#52606d" for each in alarm]},
                },
                "text": [text for *_, text in recorder.events],
                "hovertemplate": "%{text}<extra></extra>",
                "name": "log",
                "showlegend": False,
                "yaxis": "y",
            }
        )
    return traces


def _add_events(layout: Figure, events: Sequence[Event], scale: float, plot: float, end: float) -> None:
    named: list[tuple[float, list[Event]]] = []  # events too close for two names share one
    for event in events:
        at = event.at_s / scale
        layout["shapes"].append(
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": at,
                "x1": at,
                "y0": 0,
                "y1": 1,
                "line": {"color": "#b8c1cc", "width": 1, "dash": "dot"},
                "layer": "below",
            }
        )
        if named and at - named[-1][0] < _NAME_GAP * end:
            named[-1][1].append(event)
        else:
            named.append((at, [event]))
    for at, group in named:
        text = ", ".join(event.name for event in group)
        text = text if len(text) <= _NAME_MOST else text[: _NAME_MOST - 1] + "…"
        fits = at + _NAME_CHARACTER * len(text) * end < (1.0 + _NAME_MARGIN) * end
        layout["annotations"].append(
            {
                "text": text,
                "hovertext": "<br>".join(f"{event.name}, {described(event)}" for event in group),
                "xref": "x",
                "yref": "paper",
                "x": at,
                "y": 1.0 + 4.0 / plot,
                "xanchor": "left" if fits else "right",
                "yanchor": "bottom",
                "textangle": -_SLANT if fits else _SLANT,
                "showarrow": False,
                "font": {"size": 11, "color": MUTED},
            }
        )


def described(event: Event) -> str:
    """What an event of the timeline does, in one line."""

    def pairs(values: Mapping[str, Any]) -> str:
        return ", ".join(f"{name} = {value:g}" for name, value in values.items())

    parts = [text for text in (pairs(event.plant), pairs(event.write)) if text]
    if event.clear:
        parts.append(f"clear {', '.join(event.clear)}")
    if event.fault:
        parts.append(f"fault {event.fault.target} {event.fault.verb} {pairs(event.fault.values)}".strip())
    over = f" over {event.over_s:g} s" if event.over_s else ""
    return f"{event.at_s:g} s: {'; '.join(parts)}{over}"
