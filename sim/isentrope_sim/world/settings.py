"""What a run says of its world, as plain values with units in their names, and how it becomes a world.

`OPTIONS` declares every key once: a scenario's tables `weather`, `building` and `hot_water` are read by it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from isentrope_sim.errors import InputError
from isentrope_sim.world import ZERO_C, draws, weather
from isentrope_sim.world.building import CLASSES, BuildingData
from isentrope_sim.world.emitters import KINDS, preset
from isentrope_sim.world.hydronics import HouseCircuitData
from isentrope_sim.world.tank import TankData

NO_DRAWS = "none"


@dataclass(frozen=True)
class Option:
    """One key: its default, and either its range or the names allowed."""

    default: float | str
    low: float = -math.inf
    high: float = math.inf
    known: tuple[str, ...] = ()


OPTIONS: Mapping[str, Mapping[str, Option]] = {
    "building": {
        "floor_m2": Option(140.0, 20.0, 2000.0),
        "mass": Option("medium", known=tuple(CLASSES)),
        "heat_loss_w_k": Option(180.0, 10.0, 5000.0),
        "ventilation": Option(0.30, 0.0, 0.9),  # share of the heat loss
        "windows": Option(0.20, 0.0, 0.9),
        "solar_aperture_m2": Option(7.0, 0.0, 200.0),
        "internal_w": Option(420.0, 0.0, 20_000.0),
        "design_outdoor_c": Option(-10.0, -40.0, 10.0),
        "emitter": Option("floor", known=KINDS),
        "emitter_w": Option(0.0, 0.0, 100_000.0),  # 0: the design heat loss
        "mixing_valve": Option("yes", known=("yes", "no")),
        "buffer_l": Option(200.0, 10.0, 5000.0),
        "room_c": Option(20.0, 5.0, 30.0),  # at the start
        "room_setpoint_c": Option(20.0, 5.0, 30.0),
    },
    "hot_water": {
        "volume_l": Option(250.0, 50.0, 3000.0),
        "layers": Option(15.0, 5.0, 40.0),
        "charge": Option("coil", known=("coil", "plate")),
        "exchanger_w_k": Option(1200.0, 50.0, 20_000.0),
        "tank_c": Option(45.0, 5.0, 80.0),  # at the start
        "tank_setpoint_c": Option(50.0, 30.0, 75.0),
        "cold_water_c": Option(10.0, 1.0, 25.0),
        "profile": Option(NO_DRAWS, known=(NO_DRAWS, *draws.names())),
    },
}


@dataclass(frozen=True)
class WorldSettings:
    """The world of a run.

    Attributes:
        weather: a file's path or a packaged name; "": none, the rig's knobs stand.
        design_day: (degC, relative humidity, W/m2 vertical) held instead of a file.
        start_s: where in the file the run starts, s from the beginning of its first hour.
        clock_s: time of day at the start when there is no file.
        building, hot_water: values of `OPTIONS` by key; None: today's buffer with a load, no tank.
    """

    weather: str = ""
    design_day: tuple[float, float, float] | None = None
    start_s: float = 0.0
    clock_s: float = 0.0
    building: Mapping[str, float | str] | None = None
    hot_water: Mapping[str, float | str] | None = None

    def build(self, longest_s: float = 0.0) -> WorldData:
        """Read the files and size the house.

        Args:
            longest_s: how long the run will take; the weather must reach that far.

        Raises:
            InputError: an unknown key or value, or weather that is wrong or too short.
        """
        found: weather.Weather | None = None
        if self.design_day is not None:
            found = weather.design_day(*self.design_day)
        elif self.weather:
            found = weather.load(self.weather)
            if self.start_s + longest_s > found.length_s:
                raise InputError(
                    f"weather {found.name} reaches {found.length_s / 3600.0:g} h; the run needs "
                    f"{(self.start_s + longest_s) / 3600.0:g} h (start and duration)"
                )
        clock_s = self.clock_s
        if found is not None and self.design_day is None:
            clock_s = (found.clock_s + self.start_s) % draws.DAY_S
        if self.building is None:
            if self.hot_water is not None:
                raise InputError("hot_water needs a building: the tank stands in it and shares its diverter")
            return WorldData(found, self.start_s, clock_s)
        b = _values("building", self.building)
        loss, room = float(b["heat_loss_w_k"]), float(b["room_setpoint_c"])
        building = BuildingData(
            float(b["floor_m2"]), str(b["mass"]), loss, float(b["ventilation"]), float(b["windows"]),
            float(b["solar_aperture_m2"]), float(b["internal_w"]),
        )  # fmt: skip
        design_w = float(b["emitter_w"]) or loss * (room - float(b["design_outdoor_c"]))
        if design_w <= 0.0:
            raise InputError(f"building: design heat {design_w:g} W; the room must be warmer than outdoors")
        numbers = {"room_setpoint_c": room, "internal_w": building.internal_w}
        tank: TankData | None = None
        profile: tuple[draws.Draw, ...] = ()
        tank_k = 0.0
        if self.hot_water is not None:
            w = _values("hot_water", self.hot_water)
            tank = TankData(
                float(w["volume_l"]), round(float(w["layers"])), str(w["charge"]), float(w["exchanger_w_k"])
            )
            tank_k = float(w["tank_c"]) + ZERO_C
            numbers |= {key: float(w[key]) for key in ("tank_setpoint_c", "cold_water_c")}
            profile = draws.load(str(w["profile"])) if w["profile"] != NO_DRAWS else ()
        house = HouseCircuitData(
            building,
            preset(str(b["emitter"]), design_w, building.floor_m2, room + ZERO_C),
            tank,
            float(b["buffer_l"]),
            float(b["design_outdoor_c"]) + ZERO_C,
            b["mixing_valve"] == "yes",
        )
        house.building.record()  # what cannot be is said here, not when the rig is built
        house.emitter.record()
        return WorldData(
            found, self.start_s, clock_s, house, profile, float(b["room_c"]) + ZERO_C, tank_k, numbers
        )


@dataclass(frozen=True, eq=False)
class WorldData:
    """A world read and sized: weather, a house with its draw-offs, temperatures (K) and set points."""

    weather: weather.Weather | None = None
    start_s: float = 0.0
    clock_s: float = 0.0
    house: HouseCircuitData | None = None
    profile: tuple[draws.Draw, ...] = ()
    room_k: float = 0.0
    tank_k: float = 0.0
    numbers: Mapping[str, float] = field(default_factory=dict)


def _values(table: str, given: Mapping[str, float | str]) -> dict[str, Any]:
    options = OPTIONS[table]
    for key, value in given.items():
        if key not in options:
            raise InputError(f"{table}: unknown key {key!r}; known: {', '.join(options)}")
        option = options[key]
        if option.known and value not in option.known:
            raise InputError(f"{table}: {key} = {value!r}; known: {', '.join(option.known)}")
        if not option.known and not (isinstance(value, (int, float)) and option.low <= value <= option.high):
            raise InputError(f"{table}: {key} = {value!r}, allowed {option.low:g} to {option.high:g}")
    return {key: given.get(key, option.default) for key, option in options.items()}
