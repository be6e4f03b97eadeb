"""SEER of the cooling season from measured points: a pure function (EN 14825:2018, clauses 6 and 7).

Conditions A to D: 35, 30, 25, 20 degC outdoors, 27 degC dry and 19 degC wet bulb indoors for air/air units.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from isentrope_sim.rating.bins import AIR_COOLING, Hours, Season
from isentrope_sim.rating.part_load import PartLoad, capacity_ratio, cycling_air
from isentrope_sim.rating.seasonal import STANDBY_MODES, Bin, check_points

CONDITIONS = {"A": 35.0, "B": 30.0, "C": 25.0, "D": 20.0}
INDOOR_DRY_C, INDOOR_WET_C = 27.0, 19.0


@dataclass(frozen=True)
class SeasonalCooling:
    """The season's figures; cold_kwh is the reference cooling demand a year, electric_kwh what it takes."""

    seer: float
    seer_on: float
    cold_kwh: float
    electric_kwh: float
    bins: tuple[Bin, ...]


def seer(
    pdesign_w: float,
    points: Sequence[PartLoad],
    *,
    standby_w: dict[str, float],
    hours: Hours,
    season: Season = AIR_COOLING,
    cycling: Callable[[float, float, float], float] = cycling_air,
) -> SeasonalCooling:
    """SEER of the reference season.

    pdesign_w: load at 35 degC outdoors, W; points: capacity W and EER at the conditions; standby_w: W per
    mode of `Hours`. EERbin is linear between the points and stays that of A above it and of D below it.
    Raises InputError for points that cannot be rated.
    """
    measured = check_points(points)
    eerbin = [
        cycling(
            p.efficiency,
            capacity_ratio(pdesign_w * season.load(p.outdoor_c), p.capacity_w),
            p.degradation,
        )
        for p in measured
    ]
    at = [p.outdoor_c for p in measured]
    capacity = [p.capacity_w for p in measured]
    bins = []
    for outdoor, count in season.bins:
        load, able = pdesign_w * season.load(outdoor), float(np.interp(outdoor, at, capacity))
        bins.append(Bin(outdoor, count, load, able, 0.0, float(np.interp(outdoor, at, eerbin))))
    cold = sum(b.hours * b.load_w for b in bins)
    electric = sum(b.hours * b.load_w / b.cop for b in bins)
    on = cold / electric
    demand = pdesign_w * season.active_h
    total = demand / on + sum(standby_w[mode] * getattr(hours, mode) for mode in STANDBY_MODES)
    return SeasonalCooling(demand / total, on, demand / 1e3, total / 1e3, tuple(bins))
