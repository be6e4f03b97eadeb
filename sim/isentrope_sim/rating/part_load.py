"""A measured point, and what cycling makes of it (EN 14825:2018)."""

from dataclasses import dataclass

WATER_DEGRADATION = 0.9  # Cdh of hydronic units where it was not measured (EN 14825)
AIR_DEGRADATION = 0.25  # Cd of air/air units, likewise (EN 14825, Regulation (EU) 206/2012)
# A capacity within 10 % of the load counts as the load: no cycling (EN 14825, capacity control in steps).
MATCH = 1.1


@dataclass(frozen=True)
class PartLoad:
    """One measured point: outdoor degC, capacity W, efficiency (COP or EER) at that capacity, degradation."""

    outdoor_c: float
    capacity_w: float
    efficiency: float
    degradation: float = WATER_DEGRADATION


def capacity_ratio(load_w: float, capacity_w: float) -> float:
    """Share of its time a unit of that capacity runs to meet the load: 1 where it cannot or just does."""
    return 1.0 if capacity_w <= MATCH * load_w else load_w / capacity_w


def cycling_water(efficiency: float, ratio: float, degradation: float) -> float:
    """Efficiency of a cycling hydronic unit: COP CR / (CR Cc + 1 - Cc)."""
    return efficiency * ratio / (ratio * degradation + 1.0 - degradation)


def cycling_air(efficiency: float, ratio: float, degradation: float) -> float:
    """Efficiency of a cycling air/air unit: COP (1 - Cd (1 - CR))."""
    return efficiency * (1.0 - degradation * (1.0 - ratio))
