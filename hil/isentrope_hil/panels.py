"""What the report's trends show: panels, their traces and the colours, the same throughout the report."""

from dataclasses import dataclass

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
INK, MUTED, GRID = "#1f2933", "#6b7785", "#e8ebef"
LOW_SIDE, HIGH_SIDE, SETPOINT, TRUE = "#2368a8", "#c4442e", "#5f6b78", "#2b9a66"
ORANGE, PURPLE, TEAL = "#e08a1e", "#7a4fa3", "#1f8f9c"

STATE_COLOURS = {
    "off": "#dfe3e8",
    "starting": "#f3c969",
    "heating": "#e58f65",
    "cooling": "#6aaed6",
    "hot_water": "#d9737a",
    "defrosting": "#8fc7d8",
    "oil_return": "#b7a5d3",
    "pump_down": "#b0bf6a",
    "stopping": "#c9b79c",
    "fault": "#c0362c",
    "manual": "#9aa5b1",
    "test": "#8fb996",
}


@dataclass(frozen=True)
class Line:
    """One trace: the first of `signals` that the run has, in the panel's unit."""

    label: str
    signals: tuple[str, ...]
    colour: str
    dash: str = "solid"
    right: bool = False
    hidden: bool = False
    width: float = 1.6


@dataclass(frozen=True)
class Panel:
    """One plot; `limits` bound its left axis at first sight, None: by the data."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    right_unit: str = ""
    right_title: str = ""
    limits: tuple[float, float] | None = None
    right_limits: tuple[float, float] | None = None
    weight: float = 1.0


PANELS = (
    Panel(
        "Superheat",
        "K",
        (
            Line("true", ("true.superheat_k",), TRUE, width=1.2),
            Line("measured", ("superheat_k",), LOW_SIDE),
            Line("setpoint", ("superheat_setpoint_k",), SETPOINT, "dash", width=1.2),
            Line("subcooling", ("subcooling_k", "true.subcooling_k"), PURPLE, hidden=True),
        ),
        limits=(-2.0, 20.0),
        weight=1.4,
    ),
    Panel(
        "Compressor speed and expansion valve",
        "rps",
        (
            Line("speed", ("true.speed_rps",), HIGH_SIDE),
            Line("speed wanted", ("speed_set_rps", "speed_rps"), SETPOINT, "dash", width=1.2),
            Line("valve", ("true.eev_true_steps", "eev_position_steps"), LOW_SIDE, right=True),
            Line("valve, feed-forward", ("feedforward_steps",), TEAL, "dot", right=True, width=1.2),
        ),
        right_unit="steps",
        right_title="valve, steps",
    ),
    Panel(
        "Pressure, absolute",
        "bar",
        (
            Line("condensing", ("cond_kpa", "true.p_discharge"), HIGH_SIDE),
            Line("evaporating", ("evap_kpa", "true.p_suction"), LOW_SIDE),
        ),
    ),
    Panel(
        "Refrigerant temperatures",
        "degC",
        (
            Line("discharge", ("discharge_c", "true.t_discharge"), HIGH_SIDE),
            Line("condensing", ("cond_sat_c",), ORANGE),
            Line("liquid", ("liquid_c", "true.t_liquid"), PURPLE),
            Line("suction", ("suction_c", "true.t_suction"), LOW_SIDE),
            Line("evaporating", ("evap_sat_c", "true.t_dew_suction"), TEAL),
        ),
        weight=1.1,
    ),
    Panel(
        "Water and air",
        "degC",
        (
            Line("flow", ("flow_c", "true.t_water_out"), HIGH_SIDE),
            Line("flow setpoint", ("flow_setpoint_c",), SETPOINT, "dash", width=1.2),
            Line("return", ("return_c", "true.water_in_k"), ORANGE),
            Line("outdoor", ("outdoor_c", "true.outdoor_k"), LOW_SIDE),
            Line("coil", ("coil_c", "true.t_coil"), TEAL, width=1.2),
        ),
    ),
    Panel(
        "Power and efficiency",
        "kW",
        (
            Line("heat", ("true.heat_w",), HIGH_SIDE),
            Line("electric", ("true.electric_w",), INK),
            Line("load", ("true.load_w", "true.house_w"), ORANGE, "dot", width=1.2),
            Line("COP", ("cop",), TRUE, right=True),
        ),
        right_unit="1",
        right_title="COP",
        right_limits=(0.0, 8.0),
    ),
)
