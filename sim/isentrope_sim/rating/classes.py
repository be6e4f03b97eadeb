"""Seasonal space heating efficiency and energy classes."""

import math

# Primary energy of electricity, and corrections of EN 14825:2018: controls 3 %, water and brine pumps 5 %.
CONVERSION = 2.5
CONTROLS_PERCENT, PUMPS_PERCENT = 3.0, 5.0
CLASSES = ("A+++", "A++", "A+", "A", "B", "C", "D", "E", "F")
WORST = "G"
# Least efficiency of a class, percent, by application: Regulation (EU) 811/2013, annex II, tables 2 and 1.
SPACE_HEATING = {
    35: (175, 150, 123, 115, 107, 100, 61, 59, 55),
    55: (150, 125, 98, 90, 82, 75, 36, 34, 30),
}
# Least SCOP and SEER of a class of air/air units: Regulation (EU) 626/2011, annex II, table 1.
AIR_HEATING = (5.1, 4.6, 4.0, 3.4, 3.1, 2.8, 2.5, 2.2, 1.9)
AIR_COOLING = (8.5, 6.1, 5.6, 5.1, 4.6, 4.1, 3.6, 3.1, 2.6)


def efficiency_percent(scop: float, source: str = "air") -> float:
    """Seasonal space heating efficiency eta_s, percent, of a unit with source "air", "brine" or "water"."""
    pumps = PUMPS_PERCENT if source != "air" else 0.0
    return 100.0 * scop / CONVERSION - CONTROLS_PERCENT - pumps


def energy_class(value: float, least: tuple[float, ...]) -> str:
    """The class of a value by the least values of the classes, best first."""
    for name, limit in zip(CLASSES, least, strict=True):
        if value >= limit:
            return name
    return WORST


def space_heating_class(percent: float, application_c: int) -> str:
    """The class of eta_s, which the regulation rounds to the nearest whole percent."""
    return energy_class(math.floor(percent + 0.5), SPACE_HEATING[application_c])
