"""The refrigerant cycle on a pressure-enthalpy diagram: dome, isolines, and the cycle through the run."""

from typing import Any

import numpy as np
from isentrope_sim import fluids
from isentrope_sim.fluids import table as properties

from isentrope_hil.panels import FONT, GRID, HIGH_SIDE, INK, LOW_SIDE, MUTED
from isentrope_hil.recorder import Recorder
from isentrope_hil.trends import numbers, stretches, time_axis, values_of

KELVIN = 273.15
MOST_SNAPSHOTS = 361  # every 20 s of two hours
_LOWEST_PA = 1.08e5  # where isotherms are labelled, just above the frame
_WET_POINTS = 12  # of an isotherm in the dome: a blend's is a slope with a bend
_LEVEL_K = 1e-3  # a glide below this is none
_CORNERS = ("suction", "discharge", "liquid", "evap_in")
_FACTS = (
    # shown beside the diagram: label, signals, unit, decimals
    ("Compressor", ("true.speed_rps",), "rps", 0),
    ("Valve", ("true.eev_true_steps",), "steps", 0),
    ("Evaporating pressure", ("true.p_evap",), "bar", 2),
    ("Condensing pressure", ("true.p_cond",), "bar", 2),
    ("Evaporating (dew)", ("true.t_dew_suction", "evap_sat_c"), "degC", 1),
    ("Condensing (bubble)", ("cond_sat_c",), "degC", 1),
    ("Superheat, true", ("true.superheat_k",), "K", 1),
    ("Subcooling, true", ("true.subcooling_k",), "K", 1),
    ("Discharge", ("true.t_discharge",), "degC", 1),
    ("Heat", ("true.heat_w",), "kW", 2),
    ("Electric", ("true.electric_w",), "kW", 2),
    ("COP", ("cop",), "1", 2),
)
_NEEDED = (
    "h_suction",
    "h_discharge",
    "h_liquid",
    "h_evap_in",
    "p_evap",
    "p_cond",
    "p_suction",
    "p_discharge",
)


def figure(recorder: Recorder, fluid: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The diagram as a plotly figure whose last two traces are the cycle, and the cycle's data over time.

    The data: `times` (on the run's time axis), `h` (kJ/kg) and `p` (bar) with a row of four corners a time
    (suction, discharge, liquid, valve outlet), `running`, and `facts` as [label, unit, values].

    Returns None if the run has no cycle to show.
    """
    if not len(recorder) or not all(recorder.has(f"true.{name}") for name in _NEEDED):
        return None
    t_s = recorder.column("t_s")
    scale, unit = time_axis(float(t_s[-1]))
    rows = np.unique(np.linspace(0, len(t_s) - 1, min(MOST_SNAPSHOTS, len(t_s))).round().astype(int))
    h = np.stack([recorder.column(f"true.h_{corner}")[rows] / 1e3 for corner in _CORNERS], axis=1)
    p_names = ("p_suction", "p_discharge", "p_cond", "p_evap")
    p = np.stack([recorder.column(f"true.{name}")[rows] / 1e5 for name in p_names], axis=1)
    running = recorder.column("true.speed_rps")[rows] > 1.0
    facts = []
    for label, signals, fact_unit, decimals in _FACTS:
        values = values_of(recorder, signals, fact_unit)
        if values is not None:
            shown = "°C" if fact_unit == "degC" else "" if fact_unit == "1" else fact_unit
            facts.append([label, shown, [_fixed(value, decimals) for value in values[rows].tolist()]])
    data = {
        "unit": unit,
        "times": numbers(t_s[rows] / scale, 6),
        "h": [numbers(row) for row in h],
        "p": [numbers(row) for row in p],
        "running": running.tolist(),
        "first": _shown_first(running),
        "facts": facts,
    }
    return {"data": [*_background(fluid), *_cycle()], "layout": _layout(fluid)}, data


def _shown_first(running: np.ndarray) -> int:
    """The middle of the longest time of running: the cycle as it mostly was."""
    spans = [(last - first, first, last) for first, last in stretches(running) if running[first]]
    _, first, last = max(spans, default=(0, 0, 0))
    return (first + last) // 2


def _fixed(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if np.isfinite(value) else "–"


def dome(fluid: str, points: int = 160) -> dict[str, np.ndarray]:
    """Saturation from the plant's own tables: arrays `p` Pa, `t_bubble`, `t_dew` K, `h_liq`, `h_vap` J/kg."""
    table = fluids.load(fluid)
    meta = table.meta
    pressures = np.geomspace(max(meta[properties.P_MIN], 0.5e5), meta[properties.P_MAX], points)
    out = np.empty((points, properties.SAT_SIZE))
    for row, pressure in zip(out, pressures, strict=True):
        properties.saturation(table, pressure, row)
    return {
        "p": pressures,
        "t_bubble": out[:, properties.T_BUBBLE],
        "t_dew": out[:, properties.T_DEW],
        "h_liq": out[:, properties.H_LIQ],
        "h_vap": out[:, properties.H_VAP],
    }


def isotherm(
    fluid: str, temperature_k: float, saturation: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """(h J/kg, p Pa) along one temperature, from the highest pressure through the dome to the lowest.

    In the dome a pure fluid's is level; a blend's falls from its bubble to its dew pressure.
    """
    table = fluids.load(fluid)
    sat = np.empty(properties.SAT_SIZE)
    h, p = [], []
    for pressure in saturation["p"][saturation["t_bubble"] > temperature_k][::-1]:
        properties.saturation(table, pressure, sat)
        h.append(properties.liquid_enthalpy(table, sat, temperature_k))
        p.append(pressure)
    if temperature_k < saturation["t_bubble"][-1]:
        bubble = properties.pressure_of_bubble(table, temperature_k)
        dew = properties.pressure_of_dew(table, temperature_k)
        for pressure in np.geomspace(bubble, dew, _WET_POINTS):
            properties.saturation(table, pressure, sat)
            h.append(_wet_enthalpy(table, sat, temperature_k, pressure == bubble))
            p.append(pressure)
        h[-1] = sat[properties.H_VAP]
    for pressure in saturation["p"][saturation["t_dew"] <= temperature_k][::-1]:
        properties.saturation(table, pressure, sat)
        h.append(properties.vapour_enthalpy(table, sat, temperature_k))
        p.append(pressure)
    return np.array(h), np.array(p)


def _wet_enthalpy(table: properties.Table, sat: np.ndarray, temperature_k: float, at_bubble: bool) -> float:
    """Enthalpy, J/kg, at which the wet mixture of `sat` has this temperature; at its end for a level line."""
    low, high = float(sat[properties.H_LIQ]), float(sat[properties.H_VAP])
    if at_bubble or sat[properties.T_DEW] - sat[properties.T_BUBBLE] < _LEVEL_K:
        return low
    for _ in range(40):
        middle = 0.5 * (low + high)
        if properties.state(table, sat, middle)[0] < temperature_k:
            low = middle
        else:
            high = middle
    return low


def _background(fluid: str) -> list[dict[str, Any]]:
    saturation = dome(fluid)
    h_liq, h_vap, p = saturation["h_liq"] / 1e3, saturation["h_vap"] / 1e3, saturation["p"] / 1e5
    traces = []
    for quality in np.arange(0.1, 0.95, 0.1):
        traces.append(_line(h_liq + quality * (h_vap - h_liq), p, "#dde2e8", 0.8, f"quality {quality:.1f}"))
    for celsius in range(-40, 121, 20):
        h, pressure = isotherm(fluid, celsius + KELVIN, saturation)
        trace = _line(h / 1e3, pressure / 1e5, "#f0d9c4", 1.0, f"{celsius} °C")
        traces.append(trace)
        inside = np.flatnonzero(pressure >= _LOWEST_PA)
        if len(inside) and celsius % 40 == 0:  # on every second line: they stand closer on a small page
            traces.append(
                _label(float(h[inside[-1]]) / 1e3, float(pressure[inside[-1]]) / 1e5, f"{celsius} °C")
            )
    # Two lines: the tables end just under the critical point, where the sides have not met yet.
    return [*traces, _line(h_liq, p, INK, 1.6, "bubble line"), _line(h_vap, p, INK, 1.6, "dew line")]


def _line(h: np.ndarray, p: np.ndarray, colour: str, width: float, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(h),
        "y": numbers(p),
        "line": {"color": colour, "width": width},
        "name": name,
        "hoverinfo": "name",
        "showlegend": False,
    }


def _label(h: float, p: float, text: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "x": [h],
        "y": [p],
        "text": [text],
        "textposition": "middle right",
        "textfont": {"size": 10, "color": "#c58f5c"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _cycle() -> list[dict[str, Any]]:
    """Empty traces that the page fills from the slider: the loop, and its numbered corners."""
    corners = ["1 compressor inlet", "2 compressor outlet", "3 condenser outlet", "4 evaporator inlet"]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [],
            "y": [],
            "fill": "toself",
            "fillcolor": "rgba(35,104,168,0.08)",
            "line": {"color": LOW_SIDE, "width": 2.4},
            "hoverinfo": "skip",
            "showlegend": False,
        },
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": [],
            "y": [],
            "text": ["1", "2", "3", "4"],
            "customdata": corners,
            "textposition": ["middle right", "middle right", "middle left", "middle left"],
            "textfont": {"size": 13, "color": INK},
            "marker": {"size": 8, "color": [LOW_SIDE, HIGH_SIDE, HIGH_SIDE, LOW_SIDE]},
            "hovertemplate": "%{customdata}<br>%{x:.1f} kJ/kg, %{y:.2f} bar<extra></extra>",
            "showlegend": False,
        },
    ]


def frame(fluid: str) -> tuple[float, float, float]:
    """(lowest and highest enthalpy kJ/kg, highest pressure bar) that the diagram of a fluid shows.

    From liquid of -20 degC to vapour of 120 degC at 1 bar, with a margin, and over the table's end.
    """
    table = fluids.load(fluid)
    sat = np.empty(properties.SAT_SIZE)
    properties.saturation(table, properties.pressure_of_bubble(table, 253.15), sat)
    low = sat[properties.H_LIQ] / 1e3
    properties.saturation(table, 1e5, sat)
    high = properties.vapour_enthalpy(table, sat, 393.15) / 1e3
    top = 1.2e-5 * float(table.meta[properties.P_MAX])
    return float(10.0 * np.floor(low / 10.0)), float(10.0 * np.ceil(high / 10.0)), top


def _layout(fluid: str) -> dict[str, Any]:
    left, right, top = frame(fluid)
    axis = {"gridcolor": GRID, "zeroline": False, "ticks": "outside", "tickcolor": "#cbd2d9"}
    return {
        "height": 540,
        "margin": {"l": 62, "r": 20, "t": 16, "b": 48},
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "hovermode": "closest",
        "xaxis": axis
        | {
            "title": {"text": f"specific enthalpy of {fluid}, kJ/kg", "font": {"color": MUTED}},
            "range": [left, right],
        },
        "yaxis": axis
        | {
            "title": {"text": "pressure, bar absolute", "font": {"color": MUTED}},
            "type": "log",
            "range": [0.0, float(np.log10(top))],
            "tickvals": [1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50],
        },
    }
