"""Units of recorded quantities, and the few conversions that requirements and reports need.

The link's signals carry their unit; the plant's truths and states are SI with the unit told by their name.
"""

# (unit, wanted unit) -> (factor, offset): wanted = value * factor + offset.
_CONVERSIONS = {
    ("Pa", "kPa"): (1e-3, 0.0),
    ("Pa", "bar"): (1e-5, 0.0),
    ("kPa", "bar"): (1e-2, 0.0),
    ("K", "degC"): (1.0, -273.15),
    ("degC", "K"): (1.0, 273.15),
    ("W", "kW"): (1e-3, 0.0),
    ("J", "kJ"): (1e-3, 0.0),
    ("J", "kWh"): (1.0 / 3.6e6, 0.0),
    ("J/kg", "kJ/kg"): (1e-3, 0.0),
    ("kg/s", "g/s"): (1e3, 0.0),
    ("kg", "g"): (1e3, 0.0),
    ("s", "min"): (1.0 / 60.0, 0.0),
    ("1", "%"): (100.0, 0.0),
}

_SUFFIXES = {
    "_kg_s": "kg/s",
    "_kg_m3": "kg/m3",
    "_kg": "kg",
    "_k": "K",
    "_w": "W",
    "_j": "J",
    "_pa": "Pa",
    "_rps": "rps",
    "_steps": "steps",
    "_s": "s",
    "_m3": "m3",
}
_PREFIXES = {"p_": "Pa", "t_": "K", "h_": "J/kg", "m_": "kg/s"}


def of_name(name: str) -> str:
    """The SI unit that a truth's or state's name tells: by its suffix, else its prefix, else "1"."""
    for suffix, unit in _SUFFIXES.items():
        if name.endswith(suffix):
            return unit
    for prefix, unit in _PREFIXES.items():
        if name.startswith(prefix):
            return unit
    return "1"


def conversion(unit: str, wanted: str, difference: bool = False) -> tuple[float, float]:
    """Factor and offset from `unit` to `wanted`; of a difference the offset is 0 (degC and K are one then).

    Raises:
        ValueError: there is none.
    """
    if unit == wanted or not wanted:
        return 1.0, 0.0
    if difference and {unit, wanted} <= {"K", "degC"}:
        return 1.0, 0.0
    try:
        factor, offset = _CONVERSIONS[unit, wanted]
    except KeyError:
        raise ValueError(f"its unit is '{unit}', not '{wanted}'") from None
    return factor, 0.0 if difference else offset


def readable(value: float) -> str:
    """A number with three significant digits or more, without an exponent."""
    if 0.0 < abs(value) < 1e-3:
        return "< 0.001" if value > 0.0 else "> -0.001"
    return (
        f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.1f}" if abs(value) >= 100.0 else f"{value:.3g}"
    )
