"""The machine's values as the compiled cycle reads them: one record, and the schema that bounds every value.

Each row: section and key of the machine file, name in the record, unit, lowest and highest value allowed.
All SI, as in the file.
"""

import math
from typing import NamedTuple

import numpy as np


class Value(NamedTuple):
    """One physical value of a machine file: where it stands, its unit and its bounds."""

    section: str
    key: str
    name: str
    unit: str
    low: float
    high: float
    indoor: str = ""  # "water" or "air": only machines with that on the indoor side have it


VALUES = (
    Value("compressor", "displacement", "displacement", "m3", 1e-6, 1e-3),
    Value("compressor", "clearance", "clearance", "1", 0.0, 0.2),
    Value("compressor", "kappa", "kappa", "1", 1.01, 1.7),
    Value("compressor", "leak_area", "leak_area", "m2", 0.0, 1e-5),
    Value("compressor", "volumetric_floor", "volumetric_floor", "1", 0.01, 0.5),
    Value("compressor", "indicated_efficiency", "indicated_efficiency", "1", 0.3, 1.0),
    Value("compressor", "loss_per_rev", "loss_per_rev", "J", 0.0, 100.0),
    Value("compressor", "loss_per_dp", "loss_per_dp", "1", 0.0, 1.0),
    Value("compressor", "loss_viscous", "loss_viscous", "J s", 0.0, 5.0),
    Value("compressor", "motor_efficiency", "motor_efficiency", "1", 0.3, 1.0),
    Value("compressor", "efficiency_multiplier", "efficiency_multiplier", "1", 0.5, 1.5),
    Value("compressor", "inverter_efficiency", "inverter_efficiency", "1", 0.5, 1.0),
    Value("compressor", "inverter_w", "inverter_w", "W", 0.0, 200.0),
    Value("compressor", "min_rps", "min_rps", "1/s", 5.0, 100.0),
    Value("compressor", "max_rps", "max_rps", "1/s", 20.0, 200.0),
    Value("compressor", "rated_rps", "rated_rps", "1/s", 10.0, 200.0),
    Value("compressor", "slew_rps_s", "slew_rps_s", "1/s2", 0.05, 20.0),
    Value("compressor", "p_vacuum", "p_vacuum", "Pa", 1.1e4, 1e5),
    Value("compressor", "rho_suction_max", "rho_suction_max", "kg/m3", 20.0, 500.0),
    Value("compressor", "suction_drop", "suction_drop", "Pa", 0.0, 1e5),
    Value("compressor", "suction_drop_rps", "suction_drop_rps", "1/s", 10.0, 200.0),
    Value("compressor", "suction_drop_rho", "suction_drop_rho", "kg/m3", 1.0, 100.0),
    Value("compressor", "shell_volume", "shell_volume", "m3", 1e-4, 1e-1),
    Value("compressor", "shell_capacity", "shell_capacity", "J/K", 100.0, 1e6),
    Value("compressor", "shell_gas_ua", "shell_gas_ua", "W/K", 1.0, 1e4),
    Value("compressor", "shell_ambient", "shell_ambient", "W/K", 0.01, 100.0),
    Value("outdoor", "volume", "outdoor_volume", "m3", 1e-4, 1.0),
    Value("outdoor", "wall_capacity", "outdoor_wall_capacity", "J/K", 100.0, 1e6),
    Value("outdoor", "flow_nominal", "outdoor_flow_nominal", "kg/s", 1e-3, 10.0),
    Value("outdoor", "boiling_ua", "outdoor_boiling_ua", "W/K", 10.0, 1e6),
    Value("outdoor", "boiling_exponent", "outdoor_boiling_exponent", "1", 0.0, 1.0),
    Value("outdoor", "condensing_ua", "outdoor_condensing_ua", "W/K", 10.0, 1e6),
    Value("outdoor", "condensing_exponent", "outdoor_condensing_exponent", "1", 0.0, 1.0),
    Value("outdoor", "vapour_ua", "outdoor_vapour_ua", "W/K", 1.0, 1e5),
    Value("outdoor", "liquid_ua", "outdoor_liquid_ua", "W/K", 1.0, 1e5),
    Value("outdoor", "air_ua", "air_ua", "W/K", 10.0, 1e6),
    Value("outdoor", "air_multiplier", "air_multiplier", "1", 0.3, 3.0),
    Value("outdoor", "air_exponent", "air_exponent", "1", 0.0, 1.0),
    Value("outdoor", "rows", "coil_rows", "1", 1.0, 8.0),
    Value("outdoor", "fin_area", "fin_area", "m2", 0.1, 1e4),
    Value("outdoor", "fin_pitch", "fin_pitch", "m", 8e-4, 2e-2),
    Value("outdoor", "fin_thickness", "fin_thickness", "m", 5e-5, 5e-4),
    Value("outdoor", "retained_water", "retained_water", "kg/m2", 0.0, 0.5),
    Value("outdoor", "drain_time", "drain_time", "s", 1.0, 600.0),
    Value("indoor", "volume", "indoor_volume", "m3", 1e-4, 1.0),
    Value("indoor", "wall_capacity", "indoor_wall_capacity", "J/K", 100.0, 1e6),
    Value("indoor", "flow_nominal", "indoor_flow_nominal", "kg/s", 1e-3, 10.0),
    Value("indoor", "boiling_ua", "indoor_boiling_ua", "W/K", 10.0, 1e6),
    Value("indoor", "boiling_exponent", "indoor_boiling_exponent", "1", 0.0, 1.0),
    Value("indoor", "condensing_ua", "indoor_condensing_ua", "W/K", 10.0, 1e6),
    Value("indoor", "condensing_exponent", "indoor_condensing_exponent", "1", 0.0, 1.0),
    Value("indoor", "vapour_ua", "indoor_vapour_ua", "W/K", 1.0, 1e5),
    Value("indoor", "liquid_ua", "indoor_liquid_ua", "W/K", 1.0, 1e5),
    Value("indoor", "water_ua", "water_ua", "W/K", 10.0, 1e6, "water"),
    Value("indoor", "water_exponent", "water_exponent", "1", 0.0, 1.0, "water"),
    Value("indoor", "water_volume", "water_volume", "m3", 1e-5, 1.0, "water"),
    Value("indoor", "water_flow_nominal", "water_flow_nominal", "kg/s", 1e-3, 100.0, "water"),
    Value("indoor", "water_drop", "water_drop", "Pa", 0.0, 1e5, "water"),
    Value("indoor", "air_ua", "room_air_ua", "W/K", 10.0, 1e6, "air"),
    Value("indoor", "air_multiplier", "room_air_multiplier", "1", 0.3, 3.0, "air"),
    Value("indoor", "air_exponent", "room_air_exponent", "1", 0.0, 1.0, "air"),
    Value("indoor", "rows", "room_coil_rows", "1", 1.0, 8.0, "air"),
    Value("indoor", "fin_area", "room_fin_area", "m2", 0.1, 1e4, "air"),
    Value("indoor", "fin_pitch", "room_fin_pitch", "m", 8e-4, 2e-2, "air"),
    Value("indoor", "fin_thickness", "room_fin_thickness", "m", 5e-5, 5e-4, "air"),
    Value("indoor", "retained_water", "room_retained_water", "kg/m2", 0.0, 0.5, "air"),
    Value("indoor", "drain_time", "room_drain_time", "s", 1.0, 600.0, "air"),
    Value("indoor_fan", "flow", "room_fan_flow", "m3/s", 1e-3, 100.0, "air"),
    Value("indoor_fan", "power", "room_fan_w", "W", 0.0, 1e4, "air"),
    Value("indoor_fan", "power_exponent", "room_fan_exponent", "1", 1.0, 4.0, "air"),
    Value("indoor_fan", "pressure", "room_fan_pressure", "Pa", 2.0, 500.0, "air"),
    Value("indoor_fan", "shutoff_pressure", "room_fan_shutoff", "Pa", 3.0, 2000.0, "air"),
    Value("indoor_fan", "free_flow", "room_fan_free_flow", "m3/s", 1e-3, 200.0, "air"),
    Value("indoor_fan", "coil_share", "room_coil_share", "1", 0.05, 0.95, "air"),
    Value("indoor_fan", "shutoff_power", "room_fan_shutoff_power", "1", 0.3, 3.0, "air"),
    Value("indoor_fan", "natural_fraction", "room_fan_natural", "1", 1e-3, 0.5, "air"),
    Value("indoor_fan", "min_fraction", "room_fan_min", "1", 0.05, 1.0, "air"),
    Value("reversing", "suction_area", "rv_suction_area", "m2", 1e-7, 1.0),
    Value("reversing", "discharge_area", "rv_discharge_area", "m2", 1e-7, 1.0),
    Value("reversing", "leak_area", "rv_leak_area", "m2", 0.0, 1e-5),
    Value("reversing", "body_ua", "rv_body_ua", "W/K", 0.0, 100.0),
    Value("reversing", "mid_opening", "rv_mid_opening", "1", 0.02, 0.5),
    Value("reversing", "min_dp", "rv_min_dp", "Pa", 0.0, 2e6),
    Value("reversing", "travel", "rv_travel", "s", 0.2, 10.0),
    Value("fan", "flow", "fan_flow", "m3/s", 1e-3, 100.0),
    Value("fan", "power", "fan_w", "W", 0.0, 1e4),
    Value("fan", "power_exponent", "fan_exponent", "1", 1.0, 4.0),
    Value("fan", "pressure", "fan_pressure", "Pa", 2.0, 500.0),
    Value("fan", "shutoff_pressure", "fan_shutoff", "Pa", 3.0, 2000.0),
    Value("fan", "free_flow", "fan_free_flow", "m3/s", 1e-3, 200.0),
    Value("fan", "coil_share", "coil_share", "1", 0.1, 0.95),
    Value("fan", "shutoff_power", "fan_shutoff_power", "1", 0.3, 3.0),
    Value("fan", "natural_fraction", "fan_natural", "1", 1e-3, 0.5),
    Value("fan", "min_fraction", "fan_min", "1", 0.05, 1.0),
    Value("fan", "full_rps", "fan_full_rps", "1/s", 5.0, 200.0),
    Value("suction_line", "volume", "suction_line_volume", "m3", 1e-5, 1e-1),
    Value("suction_line", "wall_capacity", "suction_line_capacity", "J/K", 10.0, 1e5),
    Value("suction_line", "gas_ua", "suction_line_ua", "W/K", 0.1, 1e3),
    Value("suction_line", "ambient_ua", "suction_line_ambient", "W/K", 0.01, 1e2),
    Value("tank", "volume", "acc_volume", "m3", 1e-4, 1e-1),
    Value("tank", "height", "acc_height", "m", 0.02, 3.0),
    Value("tank", "bleed_area", "acc_bleed_area", "m2", 0.0, 1e-4),
    Value("tank", "bend_loss", "acc_bend_loss", "1/m4", 0.0, 1e9),
    Value("receiver", "volume", "receiver_volume", "m3", 0.0, 1e-1),
    Value("filter_drier", "volume", "filter_volume", "m3", 0.0, 1e-2),
    Value("liquid_line", "volume", "liquid_line_volume", "m3", 1e-5, 1e-1),
    Value("liquid_line", "wall_capacity", "liquid_line_capacity", "J/K", 10.0, 1e5),
    Value("liquid_line", "wall_ua", "liquid_line_ua", "W/K", 0.1, 1e3),
    Value("liquid_line", "ambient_ua", "liquid_line_ambient", "W/K", 0.01, 1e2),
    Value("eev", "leakage", "eev_leakage", "1", 0.0, 0.05),
    Value("pump", "flow_max", "pump_flow_max", "kg/s", 1e-3, 100.0, "water"),
    Value("controls", "power", "controls_w", "W", 0.0, 500.0),
    Value("charge", "mass", "charge", "kg", 0.01, 1000.0),
    Value("rating", "water_flow_low", "water_flow_low", "kg/s", 1e-3, 100.0, "water"),
    Value("rating", "water_flow_medium", "water_flow_medium", "kg/s", 1e-3, 100.0, "water"),
    Value("rating", "water_flow_high", "water_flow_high", "kg/s", 1e-3, 100.0, "water"),
)

# A section that a file may leave out as a whole, with the values it then has: all own choice. They put the
# least stable superheat of `stable_line` where machines have it, some 3 to 8 K.
OPTIONAL = (
    (Value("carry_over", "superheat", "carry_superheat", "K", 0.0, 30.0), 4.9),
    (Value("carry_over", "superheat_load", "carry_superheat_load", "K", 0.0, 30.0), 1.7),
    (Value("carry_over", "growth", "carry_growth", "1/K", 0.0, 0.2), 0.03),
    (Value("carry_over", "duration", "carry_duration", "s", 0.5, 300.0), 8.0),
    # Without this section: no oil, so nothing dissolves.
    (Value("oil", "mass", "oil_mass", "kg", 0.0, 100.0), 0.0),
    (Value("oil", "density", "oil_density", "kg/m3", 800.0, 1100.0), 980.0),
    (Value("oil", "interaction", "oil_interaction", "1", -2.0, 0.5), 0.0),
    (Value("oil", "boil_time", "oil_boil_time", "s", 10.0, 3600.0), 60.0),
    (Value("oil", "absorb_time", "oil_absorb_time", "s", 60.0, 1e6), 1e4),
    (Value("oil", "contact_ua", "oil_contact_ua", "W/K", 0.1, 1e3), 20.0),
)

# Keys that a section may have beside its own, all of them or none, with the values that mean "none": rated
# drop of the filter-drier, the pipe between the units (`components.liquid_line`), and what makes the
# receiver's volume a vessel (`components.receiver`).
EXTRA = (
    # Transfer units between shell and suction gas at the outdoor coil's nominal flow; built-in volume ratio
    # (0: a discharge valve).
    (Value("compressor", "suction_ntu", "suction_ntu", "1", 0.0, 5.0), 0.0),
    (Value("compressor", "volume_ratio", "volume_ratio", "1", 0.0, 6.0), 0.0),
    (Value("filter_drier", "rated_drop", "filter_drop", "Pa", 10.0, 1e5), 0.0),
    (Value("filter_drier", "rated_flow", "filter_flow", "kg/s", 1e-3, 10.0), 1.0),
    (Value("filter_drier", "rated_density", "filter_density", "kg/m3", 300.0, 1500.0), 1000.0),
    (Value("receiver", "tube", "receiver_tube", "1", 0.01, 0.5), 0.0),
    (Value("receiver", "wall_capacity", "receiver_capacity", "J/K", 10.0, 1e6), 0.0),
    (Value("receiver", "ambient_ua", "receiver_ambient", "W/K", 0.0, 1e2), 0.0),
    (Value("liquid_line", "length", "line_length", "m", 0.1, 100.0), 0.0),
    (Value("liquid_line", "diameter", "line_diameter", "m", 2e-3, 0.1), 1e-2),
    (Value("liquid_line", "rise", "line_rise", "m", -30.0, 30.0), 0.0),
)

# From the valve catalogue, by the name in the machine file.
VALVE_VALUES = ("eev_area", "eev_exponent", "eev_opening_point")

# Named in the machine file by text: 1 if the indoor side is air, 1 if there is a reversing valve, 1 if
# the sump is in suction gas.
FLAGS = ("indoor_air", "reversible", "oil_low_side")

# Of the refrigerant, as the oil dissolves it (`oil_constants`).
OIL_CONSTANTS = ("oil_held", "oil_h_ref", "oil_c_ref", "oil_t_top", *(f"oil_ln_p{i}" for i in range(4)))

# What a fault turns while the machine runs, and its value without: liquid lost where the expansion valve
# joins the evaporating exchanger, kg/s; partial pressure of air in the condensing one, Pa; where the
# reversing valve's slide is stuck (NaN: it is not); factor on the filter-drier's resistance.
FAULTS = {"leak_kg_s": 0.0, "inert_pa": 0.0, "slide_position": math.nan, "filter_clog": 1.0}

# A coil in room air is one as outdoors: `coil` reads it, under the outdoor coil's names, from the field ROOM.
ROOM = "room"
ROOM_VALUES = tuple(v.name for v in VALUES if v.name.startswith(f"{ROOM}_"))


def in_room(name: str) -> str:
    """The name in the field ROOM of one of ROOM_VALUES."""
    return name.removeprefix(f"{ROOM}_")


_FLAT = (
    *(v.name for v in VALUES if v.name not in ROOM_VALUES),
    *(v.name for v, _ in OPTIONAL),
    *(v.name for v, _ in EXTRA),
    *VALVE_VALUES,
    *FLAGS,
    *OIL_CONSTANTS,
    *FAULTS,
)
DTYPE = np.dtype(
    [
        *((name, np.float64) for name in _FLAT),
        (ROOM, np.dtype([(in_room(name), np.float64) for name in ROOM_VALUES])),
    ]
)
