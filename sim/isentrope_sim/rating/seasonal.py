"""SCOP of a heating season from measured points: a pure function, by the bins of EN 14825:2018, clause 8."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from isentrope_sim.errors import InputError
from isentrope_sim.rating.bins import Hours, Season
from isentrope_sim.rating.part_load import PartLoad, capacity_ratio, cycling_water

STANDBY_MODES = tuple(Hours.__dataclass_fields__)  # the keys of standby powers and of their hours


@dataclass(frozen=True)
class Bin:
    """One bin: outdoor degC, hours; load, heat pump's capacity and backup heater in W; COP in that bin."""

    outdoor_c: float
    hours: float
    load_w: float
    capacity_w: float
    backup_w: float
    cop: float


@dataclass(frozen=True)
class SeasonalHeating:
    """The season's figures. SCOPon counts the backup heater, SCOPnet leaves it out, SCOP adds standby.

    heat_kwh is the reference heating demand a year, electric_kwh what goes in for it.
    """

    scop: float
    scop_on: float
    scop_net: float
    heat_kwh: float
    electric_kwh: float
    standby_kwh: float
    backup_kwh: float
    bins: tuple[Bin, ...]


def line(outdoor_c: float, points: Sequence[tuple[float, float]]) -> float:
    """Linear between sorted points (outdoor, value); above all along the last two, below all flat."""
    x, y = [p[0] for p in points], [p[1] for p in points]
    if outdoor_c > x[-1] and len(x) > 1:
        return y[-1] + (y[-1] - y[-2]) / (x[-1] - x[-2]) * (outdoor_c - x[-1])
    return float(np.interp(outdoor_c, x, y))


def scop(
    season: Season,
    pdesign_w: float,
    points: Sequence[PartLoad],
    *,
    tbiv_c: float,
    tol_c: float,
    standby_w: dict[str, float],
    hours: Hours,
    active_h: float | None = None,
    cycling: Callable[[float, float, float], float] = cycling_water,
) -> SeasonalHeating:
    """SCOP of a climate.

    pdesign_w: load at the design temperature, W; points: at least two, at different temperatures; tbiv_c: at
    and above it there is no backup heat; tol_c: below it the unit stands and the backup heater carries all,
    degC; standby_w: W per mode of `Hours`; active_h: equivalent active hours where the season's do not apply
    (air/air).

    COPbin, degraded by cycling where the capacity exceeds the load, is found at the measured points and is
    linear between them, as the capacity is. Raises InputError for points that cannot be rated.
    """
    measured = check_points(points)
    copbin = []
    for p in measured:
        ratio = capacity_ratio(pdesign_w * season.load(p.outdoor_c), p.capacity_w)
        copbin.append((p.outdoor_c, cycling(p.efficiency, ratio, p.degradation)))
    capacity = [(p.outdoor_c, p.capacity_w) for p in measured]
    bins = []
    for outdoor, count in season.bins:
        load = pdesign_w * season.load(outdoor)
        able = line(outdoor, capacity) if outdoor >= tol_c else 0.0
        backup = max(load - able, 0.0) if outdoor < tbiv_c else 0.0
        bins.append(Bin(outdoor, count, load, able, backup, line(outdoor, copbin)))
    heat = sum(b.hours * b.load_w for b in bins)
    backup_wh = sum(b.hours * b.backup_w for b in bins)
    pumped = sum(b.hours * (b.load_w - b.backup_w) / b.cop for b in bins)
    on = heat / (pumped + backup_wh)
    demand = pdesign_w * (active_h or season.active_h)
    standby = sum(standby_w[mode] * getattr(hours, mode) for mode in STANDBY_MODES)
    electric = demand / on + standby
    return SeasonalHeating(
        scop=demand / electric,
        scop_on=on,
        scop_net=(heat - backup_wh) / pumped,
        heat_kwh=demand / 1e3,
        electric_kwh=electric / 1e3,
        standby_kwh=standby / 1e3,
        backup_kwh=backup_wh * demand / heat / 1e3,
        bins=tuple(bins),
    )


def check_points(points: Sequence[PartLoad]) -> list[PartLoad]:
    """The points by temperature. Raises InputError for fewer than two, two at one temperature, a zero."""
    ordered = sorted(points, key=lambda p: p.outdoor_c)
    if len(ordered) < 2:
        raise InputError(f"a season needs at least 2 measured points, given {len(ordered)}")
    for a, b in itertools.pairwise(ordered):
        if a.outdoor_c == b.outdoor_c:
            raise InputError(f"two measured points at {a.outdoor_c:g} degC, allowed one")
    for p in ordered:
        if not (p.capacity_w > 0.0 and p.efficiency > 0.0):
            raise InputError(
                f"measured point at {p.outdoor_c:g} degC: capacity {p.capacity_w:g} W, efficiency "
                f"{p.efficiency:g}; both must be above 0"
            )
    return ordered
