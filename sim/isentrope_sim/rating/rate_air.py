"""SCOP and SEER of an air/air machine by EN 14825: measures its part-load points, rooms at 20 and 27 degC."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from isentrope_sim import frosting_room, steady
from isentrope_sim.declared import CLIMATES, COOLING, STANDBY, Seasonal, rated_air_name
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine
from isentrope_sim.rating import classes
from isentrope_sim.rating.bins import (
    AIR_COOLING,
    AIR_COOLING_HOURS,
    AIR_HEATING_H,
    AIR_HEATING_HOURS,
    HEATING,
)
from isentrope_sim.rating.conditions import Condition, conditions
from isentrope_sim.rating.cooling import CONDITIONS, INDOOR_DRY_C, INDOOR_WET_C, seer
from isentrope_sim.rating.measure import Measured, measure
from isentrope_sim.rating.part_load import AIR_DEGRADATION, PartLoad, capacity_ratio, cycling_air
from isentrope_sim.rating.rate import PDESIGN_W, FullCapacity, check_range, design
from isentrope_sim.rating.seasonal import scop

HEATED_ROOM_C = 20.0  # EN 14511-2, air/air heating
_NOTHING = Seasonal("reversible", "air", {n.key: 0.0 for n in STANDBY}, {})
# One operating point of the air/air machine, as `frosting_room.net` or, without frost, `steady.room`.
RoomSolver = Callable[..., dict[str, Any]]


def rate_air(
    machine: Machine,
    climate: str = "average",
    *,
    pdesign_w: float | None = None,
    tbiv_c: float | None = None,
    tol_c: float | None = None,
    cooling_pdesign_w: float | None = None,
    solver: RoomSolver = frosting_room.net,
) -> dict[str, Any]:
    """Seasons of an air/air machine: `heating` of a climate and, if it can cool, `cooling`.

    Arguments as `rate.rate`; cooling_pdesign_w: design load at 35 degC, default the file's, else the capacity
    at rated speed. Two documents in one: {"machine", "refrigerant", "heating": {...}, "cooling": {...} |
    None}, powers W, temperatures degC, energies kWh a year. With the default solver, frost and defrost are
    simulated, some 15 s; `steady.room` leaves them out. Raises InputError, PlantError.
    """
    if machine.values["indoor_air"] == 0.0:
        raise InputError(f"machine {machine.name!r} has water indoors, needed air")
    cools = machine.values["reversible"] > 0.0
    return {
        "machine": machine.name,
        "refrigerant": machine.refrigerant,
        "heating": heating(machine, climate, pdesign_w=pdesign_w, tbiv_c=tbiv_c, tol_c=tol_c, solver=solver),
        "cooling": cooling(machine, pdesign_w=cooling_pdesign_w, solver=solver) if cools else None,
    }


def heating(
    machine: Machine,
    climate: str = "average",
    *,
    pdesign_w: float | None = None,
    tbiv_c: float | None = None,
    tol_c: float | None = None,
    solver: RoomSolver = frosting_room.net,
) -> dict[str, Any]:
    """The heating season alone; the keys of `rate.rate`, "room_c" in place of the application."""
    if climate not in CLIMATES:
        raise InputError(f"climate is {climate!r}, allowed {', '.join(CLIMATES)}")

    def warm(machine: Machine, source_c: float, room_c: float, *, heating_w: float | None = None,
             speed_rps: float | None = None) -> dict[str, Any]:  # fmt: skip
        # The season's tables have water temperatures, a room has one.
        return solver(
            machine, source_c, HEATED_ROOM_C, cooling=False, capacity_w=heating_w, speed_rps=speed_rps
        )

    season = HEATING[climate]
    said = machine.declared.seasonal or _NOTHING
    rated = said.rated.get(rated_air_name(climate), {})
    full = FullCapacity(machine, warm, season, climate, 35, said.source)
    pdesign_w, tbiv_c, limit = design(full, season, climate, rated, pdesign_w, tbiv_c, tol_c)
    measured = [
        measure(machine, warm, replace(c, outlet_c=HEATED_ROOM_C), pdesign_w * season.load(c.outdoor_c))
        for c in conditions(climate, 35, tbiv_c, limit)
    ]
    degradation = rated.get("degradation", AIR_DEGRADATION)
    result = scop(
        season,
        pdesign_w,
        [
            PartLoad(m.condition.outdoor_c, m.point["heating_w"], m.point["cop"], degradation)
            for m in measured
        ],
        tbiv_c=tbiv_c,
        tol_c=limit,
        standby_w=said.standby_w,
        hours=AIR_HEATING_HOURS[climate][said.function],
        active_h=AIR_HEATING_H[climate],
        cycling=cycling_air,
    )
    average = climate == "average"
    return {
        "climate": climate,
        "room_c": HEATED_ROOM_C,
        "scop": result.scop,
        "scop_on": result.scop_on,
        "scop_net": result.scop_net,
        "energy_class": classes.energy_class(result.scop, classes.AIR_HEATING) if average else None,
        "pdesign_w": pdesign_w,
        "tbiv_c": tbiv_c,
        "tol_c": limit,
        "psup_w": result.bins[0].backup_w,
        "heat_kwh": result.heat_kwh,
        "electric_kwh": result.electric_kwh,
        "backup_kwh": result.backup_kwh,
        "standby_kwh": result.standby_kwh,
        "function": said.function,
        "frost": "simulated" if any(m.point["frost"] == "simulated" for m in measured) else "left out",
        "points": [_row(name, m, "heating_w", degradation) for m in measured for name in m.condition.names],
        "bins": [vars(b) for b in result.bins],
    }


def cooling(
    machine: Machine, *, pdesign_w: float | None = None, solver: RoomSolver = frosting_room.net
) -> dict[str, Any]:
    """The cooling season alone: conditions A to D, the room at 27 degC with a wet bulb of 19."""
    humidity = steady.relative_humidity(INDOOR_DRY_C, INDOOR_WET_C)

    def cool(machine: Machine, source_c: float, room_c: float, *, heating_w: float | None = None,
             speed_rps: float | None = None) -> dict[str, Any]:  # fmt: skip
        # `measure` calls the capacity it asks for and reads heat.
        point = solver(
            machine, source_c, room_c, cooling=True, room_rh=humidity, capacity_w=heating_w,
            speed_rps=speed_rps,
        )  # fmt: skip
        return point | {"heating_w": point["cooling_w"]}

    said = machine.declared.seasonal or _NOTHING
    rated = said.rated.get(COOLING, {})
    pdesign_w = rated.get("pdesign") if pdesign_w is None else pdesign_w
    if pdesign_w is None:
        rps = machine.values["rated_rps"]
        pdesign_w = float(cool(machine, CONDITIONS["A"], INDOOR_DRY_C, speed_rps=rps)["heating_w"])
    check_range("pdesign", pdesign_w, *PDESIGN_W, "W")
    degradation = rated.get("degradation", AIR_DEGRADATION)
    measured = [
        measure(
            machine,
            cool,
            Condition((name,), at, at, INDOOR_DRY_C),
            pdesign_w * AIR_COOLING.load(at),
        )
        for name, at in CONDITIONS.items()
    ]
    points = [
        PartLoad(m.condition.outdoor_c, m.point["cooling_w"], m.point["cop"], degradation) for m in measured
    ]
    hours = AIR_COOLING_HOURS["reversible"]
    result = seer(pdesign_w, points, standby_w=said.standby_w, hours=hours)
    return {
        "room_c": INDOOR_DRY_C,
        "room_wet_bulb_c": INDOOR_WET_C,
        "seer": result.seer,
        "seer_on": result.seer_on,
        "energy_class": classes.energy_class(result.seer, classes.AIR_COOLING),
        "pdesign_w": pdesign_w,
        "cold_kwh": result.cold_kwh,
        "electric_kwh": result.electric_kwh,
        "points": [
            _row(name, m, "cooling_w", degradation)
            | {"sensible_heat_ratio": m.point["sensible_heat_ratio"], "latent_w": m.point["latent_w"]}
            for m in measured
            for name in m.condition.names
        ],
        "bins": [vars(b) for b in result.bins],
    }


def _row(name: str, m: Measured, capacity: str, degradation: float) -> dict[str, Any]:
    ratio = capacity_ratio(m.load_w, m.point[capacity])
    return {
        "name": name,
        "outdoor_c": m.condition.outdoor_c,
        "room_c": m.condition.outlet_c,
        "load_w": m.load_w,
        capacity: m.point[capacity],
        "electric_w": m.point["electric_w"],
        "cop": m.point["cop"],
        "capacity_ratio": ratio,
        "cop_bin": cycling_air(m.point["cop"], ratio, degradation),
        "backup_w": max(m.load_w - m.point[capacity], 0.0),
        "full_w": m.full_w,
        "running": m.running,
        "speed_rps": m.point["speed_rps"],
    }
