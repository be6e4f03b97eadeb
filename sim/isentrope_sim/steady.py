"""A machine's steady operating point, from the dynamic plant's own equations with time at rest.

solve(load_machine("ashp-r290-8kw"), 7.0, 35.0, heating_w=5600.0)["cop"]
"""

from typing import Any

import numpy as np

from isentrope_sim import limits, sound
from isentrope_sim.components import air
from isentrope_sim.cycle import layout as ly
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine
from isentrope_sim.operating_point import SUPERHEAT_K, WATER_K, ZERO_C, Point
from isentrope_sim.plant import Perturbed, check

CELLS = 10
SOURCE_RANGE = (-25.0, 35.0)
SINK_RANGE = (15.0, 75.0)
COOLING_SOURCE_RANGE = (5.0, 46.0)
COOLING_SINK_RANGE = (3.0, 25.0)
ROOM_RANGE = (10.0, 35.0)
ROOM_RH = 0.5  # of an air conditioner's room, unless asked: 27 degC with 19 wet bulb is 47 %

# Wet bulb of the air conditions of EN 14511 (dry bulb, wet bulb), degC; linear between.
WET_BULB = ((-15.0, -16.0), (-7.0, -8.0), (2.0, 1.0), (7.0, 6.0), (12.0, 11.0), (20.0, 15.0))
# Outlet temperatures, degC, at which the three ratings set the water flow.
RATING_SINK_C = (35.0, 55.0, 65.0)


def wet_bulb_default(source_c: float) -> float:
    """Wet bulb, degC, that EN 14511 pairs with a dry bulb, interpolated between its conditions."""
    dry = [pair[0] for pair in WET_BULB]
    wet = [pair[1] for pair in WET_BULB]
    return float(np.interp(source_c, dry, wet))


def humidity_default(source_c: float) -> float:
    """Relative humidity 0..1 over water of EN 14511's wet bulb; outside its conditions that of the nearest
    (own choice: its kelvin of depression at -15 degC would be drier than dry at -25).
    """
    dry_c = min(max(source_c, WET_BULB[0][0]), WET_BULB[-1][0])
    return relative_humidity(dry_c, wet_bulb_default(dry_c))


def relative_humidity(dry_c: float, wet_c: float) -> float:
    """Relative humidity 0..1 over water from dry and wet bulb, degC (Sprung's psychrometer formula, WMO-No.
    8).

    Raises InputError if the wet bulb is above the dry bulb, or so far under it that the air would be drier
    than dry.
    """
    if wet_c > dry_c:
        raise InputError(f"wet bulb is {wet_c:g} degC, allowed up to the dry bulb {dry_c:g} degC")
    k = 6.62e-4 if wet_c >= 0 else 5.84e-4
    saturated = air.saturated_vapour_pressure(wet_c + ZERO_C)
    vapour = saturated - air.PRESSURE * k * (dry_c - wet_c)
    if vapour <= 0.0:
        raise InputError(
            f"wet bulb is {wet_c:g} degC, too far under the dry bulb {dry_c:g} degC for any humidity"
        )
    return float(min(vapour / air.water_vapour_pressure(dry_c + ZERO_C), 1.0))


def water_flow_default(machine: Machine, sink_out_c: float) -> float:
    """Water flow, kg/s, of the rating an outlet temperature belongs to (EN 14825 keeps it at part load)."""
    v = machine.values
    flows = (v["water_flow_low"], v["water_flow_medium"], v["water_flow_high"])
    return float(np.interp(sink_out_c, RATING_SINK_C, flows))


def solve(
    machine: Machine,
    source_c: float,
    sink_out_c: float,
    *,
    wet_bulb_c: float | None = None,
    sink_dt_k: float | None = None,
    heating_w: float | None = None,
    speed_rps: float | None = None,
    superheat_k: float = SUPERHEAT_K,
    cells: int = CELLS,
    perturbation: Perturbed | None = None,
) -> dict[str, Any]:
    """Solve the heating point of an air/water machine by EN 14511 rules.

    source_c, wet_bulb_c: outdoor air, degC (wet bulb: `humidity_default`); sink_out_c: water outlet, degC;
    sink_dt_k: water temperature rise, K (default: the rating's flow); heating_w (net, speed follows) or
    speed_rps, default rated speed; superheat_k at the compressor's inlet. Frosting and
    defrost are left out: `net.solve` simulates them. The charge fixes the subcooling, as in the machine.

    Returns the keys of `isentrope steady --json`, temperatures in K, power in W; electric_w is compressor,
    inverter, fan, controls and the standard's share of the water pump; limit is what would hold the speed
    here (`limits.broken`), or "". Raises InputError (ranges; a capacity beyond the speed range), PlantError
    (no solution).
    """
    _medium(machine, room=False)
    check("source_c", source_c, *SOURCE_RANGE)
    check("sink_out_c", sink_out_c, *SINK_RANGE)
    if sink_dt_k is not None:
        check("sink_dt_k", sink_dt_k, 1.0, 30.0)
    point = Point(machine, cells, perturbation, cooling=False)
    point.outdoor(source_c, _humidity(source_c, wet_bulb_c))
    goal = point.goal(superheat_k, sink_out_c, "heating_w", heating_w, speed_rps)
    result = point.with_water(water_flow_default(machine, sink_out_c), sink_dt_k, goal)
    result["frost"] = "left out"
    result["limit"] = limits.broken(machine, result)
    said = machine.declared.sound
    result["sound_power_db"] = (
        sound.power_level(said, result["speed_rps"], result["fan"]) if said is not None else None
    )
    return result


def cool(
    machine: Machine,
    source_c: float,
    sink_out_c: float,
    *,
    sink_dt_k: float | None = WATER_K,
    cooling_w: float | None = None,
    speed_rps: float | None = None,
    superheat_k: float = SUPERHEAT_K,
    cells: int = CELLS,
    perturbation: Perturbed | None = None,
) -> dict[str, Any]:
    """Solve the cooling point of an air/water machine (chiller) by EN 14511 rules.

    source_c: outdoor air, degC; sink_out_c: chilled water's outlet, degC; sink_dt_k: its temperature drop, K
    (None: the low rating's flow); cooling_w (net, speed follows) or speed_rps, default rated speed. Returns
    the keys of `solve` with cooling_w in place of heating_w. Raises as `solve`.
    """
    _medium(machine, room=False)
    _can_cool(machine)
    check("source_c", source_c, *COOLING_SOURCE_RANGE)
    check("sink_out_c", sink_out_c, *COOLING_SINK_RANGE)
    if sink_dt_k is not None:
        check("sink_dt_k", sink_dt_k, 1.0, 30.0)
    point = Point(machine, cells, perturbation, cooling=True)
    point.outdoor(source_c, humidity_default(source_c))
    goal = point.goal(superheat_k, sink_out_c, "cooling_w", cooling_w, speed_rps)
    return point.with_water(machine.values["water_flow_low"], sink_dt_k, goal)


def room(
    machine: Machine,
    source_c: float,
    room_c: float,
    *,
    cooling: bool,
    wet_bulb_c: float | None = None,
    room_rh: float = ROOM_RH,
    room_fan: float | None = None,
    capacity_w: float | None = None,
    speed_rps: float | None = None,
    superheat_k: float = SUPERHEAT_K,
    cells: int = CELLS,
    perturbation: Perturbed | None = None,
) -> dict[str, Any]:
    """Solve a point of an air/air machine: room_c and room_rh of the air that enters the indoor coil.

    room_fan: of the indoor fan's full air flow; None: it follows the compressor, as the outdoor fan does. The
    capacity is what the room feels, the indoor fan's power included (EN 14511-3). Of cooling, latent_w takes
    out the moisture condensate_kg_s, sensible_w the rest; sensible_heat_ratio is its part. Raises as `solve`.
    """
    _medium(machine, room=True)
    if cooling:
        _can_cool(machine)
    check("source_c", source_c, *(COOLING_SOURCE_RANGE if cooling else SOURCE_RANGE))
    check("room_c", room_c, *ROOM_RANGE)
    check("room_rh", room_rh, 0.0, 1.0)
    if room_fan is not None:
        check("room_fan", room_fan, 0.1, 1.0)
    point = Point(machine, cells, perturbation, cooling=cooling)
    point.outdoor(source_c, _humidity(source_c, wet_bulb_c))
    point.u[ly.INDOOR], point.u[ly.INDOOR_RH] = room_c + ZERO_C, room_rh
    point.u[ly.INDOOR_FAN] = 1.0 if room_fan is None else room_fan
    point.s[ly.S_ROOM_FOLLOWS] = 1.0 if room_fan is None else 0.0
    name = "cooling_w" if cooling else "heating_w"
    # The saturation on the room's side starts where a usual coil has it.
    goal = point.goal(superheat_k, room_c - 12.0 if cooling else room_c + 12.0, name, capacity_w, speed_rps)
    point.solve_power(name, capacity_w, goal)
    return {**point.result(), "frost": "left out"}


def _humidity(source_c: float, wet_bulb_c: float | None) -> float:
    return humidity_default(source_c) if wet_bulb_c is None else relative_humidity(source_c, wet_bulb_c)


def _medium(machine: Machine, *, room: bool) -> None:
    if (machine.values["indoor_air"] > 0.0) != room:
        has = "air" if machine.values["indoor_air"] > 0.0 else "water"
        raise InputError(f"machine {machine.name!r} has {has} indoors, needed {'air' if room else 'water'}")


def _can_cool(machine: Machine) -> None:
    if machine.values["reversible"] == 0.0:
        raise InputError(f"machine {machine.name!r} has no reversing valve, cooling is not possible")
