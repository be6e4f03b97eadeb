"""The part-load conditions of EN 14825 for heating of water with variable outlet temperature."""

from dataclasses import dataclass

import numpy as np

from isentrope_sim.rating.bins import HEATING

# Condition -> outdoor temperature, degC.
CONDITIONS = {"A": -7.0, "B": 2.0, "C": 7.0, "D": 12.0, "G": -15.0}
OF_CLIMATE = {"average": "ABCD", "warmer": "BCD", "colder": "ABCDG"}

# Outlet temperatures, degC, over outdoor temperatures, degC: the application's own at the design temperature,
# and those of EN 14825:2018, tables for hydronic units with variable outlet, at the conditions.
OUTLETS = {
    ("average", 35): ((-10, 35), (-7, 34), (2, 30), (7, 27), (12, 24)),
    ("warmer", 35): ((2, 35), (7, 31), (12, 26)),
    ("colder", 35): ((-22, 35), (-15, 32), (-7, 30), (2, 27), (7, 25), (12, 24)),
    ("average", 55): ((-10, 55), (-7, 52), (2, 42), (7, 36), (12, 30)),
    ("warmer", 55): ((2, 55), (7, 46), (12, 34)),
    ("colder", 55): ((-22, 55), (-15, 49), (-7, 44), (2, 37), (7, 32), (12, 28)),
}
# The source of brine and water units keeps one temperature, degC (EN 14511: B0, W10).
CONSTANT_SOURCE_C = {"brine": 0.0, "water": 10.0}


@dataclass(frozen=True)
class Condition:
    """One point to measure: its names (several where they coincide), outdoor, source and outlet in degC."""

    names: tuple[str, ...]
    outdoor_c: float
    source_c: float
    outlet_c: float


def outlet(climate: str, application_c: int, outdoor_c: float) -> float:
    """Outlet temperature, degC, at an outdoor temperature: linear between the neighbouring conditions."""
    table = OUTLETS[climate, application_c]
    return float(np.interp(outdoor_c, [t for t, _ in table], [t for _, t in table]))


def conditions(
    climate: str, application_c: int, tbiv_c: float, tol_c: float, source: str = "air"
) -> list[Condition]:
    """The conditions a unit is measured at, coldest first: A to D and G, and at tbiv_c and tol_c.

    The last two (F and E of the standard) are named "Tbiv" and "TOL", as certificates do. TOL moves to the
    design temperature where the limit lies below it; conditions below the limit are left out, since the unit
    does not run there. Of two at one temperature one is made, with both names.
    """
    design = HEATING[climate].design_c
    limit = max(tol_c, design)
    places: dict[float, list[str]] = {}
    for name in OF_CLIMATE[climate]:
        places.setdefault(CONDITIONS[name], []).append(name)
    places.setdefault(limit, []).append("TOL")
    places.setdefault(tbiv_c, []).append("Tbiv")
    return [
        Condition(
            tuple(names),
            outdoor,
            CONSTANT_SOURCE_C.get(source, outdoor),
            outlet(climate, application_c, outdoor),
        )
        for outdoor, names in sorted(places.items())
        if outdoor >= limit
    ]
