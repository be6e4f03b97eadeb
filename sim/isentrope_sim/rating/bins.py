"""The climates of EN 14825 as data: hours at each outdoor temperature, design points, standby hours.

Bin hours: EN 14825:2018 annex B (heating) and annex A (cooling); the same tables stand in Regulation (EU)
206/2012, annex II. Equivalent active hours of hydronic heating: Regulation (EU) 811/2013, annex VII 4(c).
Bins are 1 K wide, named by their outdoor dry bulb in degC.
"""

from dataclasses import dataclass

THRESHOLD_C = 16.0  # outdoor temperature without heating or cooling load


@dataclass(frozen=True)
class Hours:
    """Hours a year without a running compressor, per mode; what is missing to 8760 is the active season."""

    off_w: float
    thermostat_off_w: float
    standby_w: float
    crankcase_w: float


@dataclass(frozen=True)
class Season:
    """A climate: design temperature degC, equivalent active hours, bins [(degC, h), ...]."""

    name: str
    design_c: float
    active_h: float
    bins: tuple[tuple[float, float], ...]

    def load(self, outdoor_c: float) -> float:
        """Part load ratio at an outdoor temperature: 1 at the design temperature, 0 at 16 degC."""
        return (outdoor_c - THRESHOLD_C) / (self.design_c - THRESHOLD_C)


def _bins(first_c: int, hours: str) -> tuple[tuple[float, float], ...]:
    return tuple((float(first_c + k), float(h)) for k, h in enumerate(hours.split()))


_AVERAGE = "1 25 23 24 27 68 91 89 165 173 240 280 320 357 356 303 330 326 348 335 315 215 169 151 105 74"
_WARMER = "3 22 63 63 175 162 259 360 428 430 503 444 384 294"
_COLDER = (
    "1 6 13 17 19 26 39 41 35 52 37 41 43 54 90 125 169 195 278 306 454 385 490 533 380 228 261 279 229 269 "
    "233 230 243 191 146 150 97 61"
)
_COOLING = "205 227 225 225 216 215 218 197 178 158 137 109 88 63 39 31 24 17 13 9 4 3 1 0"

HEATING = {
    "average": Season("average", -10.0, 2066.0, _bins(-10, _AVERAGE)),
    "warmer": Season("warmer", 2.0, 1336.0, _bins(2, _WARMER)),
    "colder": Season("colder", -22.0, 2465.0, _bins(-22, _COLDER)),
}
# Air/air units: equivalent hours of Regulation (EU) 206/2012, annex II.
AIR_HEATING_H = {"average": 1400.0, "warmer": 1400.0, "colder": 2100.0}

COOLING_DESIGN_C = 35.0
AIR_COOLING_H = 350.0  # equivalent active cooling hours (206/2012, annex II)
AIR_COOLING = Season("cooling", COOLING_DESIGN_C, AIR_COOLING_H, _bins(17, _COOLING))

# Hydronic units, by climate and by what the unit does over the year (EN 14825 annex A): thermostat-off within
# the season; off through the summer, unless it cools then; the crankcase heater through both.
HEATING_HOURS = {
    "average": {"heating": Hours(3672, 178, 0, 3850), "reversible": Hours(0, 178, 0, 178)},
    "warmer": {"heating": Hours(4416, 754, 0, 5170), "reversible": Hours(0, 754, 0, 754)},
    "colder": {"heating": Hours(2208, 106, 0, 2314), "reversible": Hours(0, 106, 0, 106)},
}
# Air/air units (206/2012, annex II).
AIR_HEATING_HOURS = {
    "average": {"heating": Hours(3672, 179, 0, 3851), "reversible": Hours(0, 179, 0, 179)},
    "warmer": {"heating": Hours(4345, 755, 0, 4476), "reversible": Hours(0, 755, 0, 755)},
    "colder": {"heating": Hours(2189, 131, 0, 2944), "reversible": Hours(0, 131, 0, 131)},
}
AIR_COOLING_HOURS = {"cooling": Hours(5088, 221, 2142, 7760), "reversible": Hours(0, 221, 2142, 2672)}
