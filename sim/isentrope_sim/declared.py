"""What a machine file declares beside its physics: seasonal rating, sound, where it stands.

All three sections are optional; what is there is read strictly. The tables below are the one place for keys,
units and bounds; `schema.py` prints them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from isentrope_sim.errors import InputError
from isentrope_sim.tagged import TaggedTable

CLIMATES = ("average", "warmer", "colder")
APPLICATIONS = (35, 55)  # degC: low and medium temperature application of EN 14825
# What else the unit does over the year decides its standby hours (EN 14825, annex A).
FUNCTIONS = ("heating", "reversible")
SOURCES = ("air", "brine", "water")
PLACEMENTS = ("outdoor-monobloc", "split", "indoor")


class Number(NamedTuple):
    """One optional number of a section: key, unit, lowest and highest value, meaning."""

    key: str
    unit: str
    low: float
    high: float
    meaning: str


class Choice(NamedTuple):
    """One optional text of a section: key, known values, meaning; absent, the first is taken."""

    key: str
    known: tuple[str, ...]
    meaning: str


# Powers without the compressor (EN 14825); absent ones count as 0 W.
STANDBY = (
    Number("off_w", "W", 0.0, 1000.0, "electric power in off mode"),
    Number("thermostat_off_w", "W", 0.0, 1000.0, "electric power in thermostat-off mode"),
    Number("standby_w", "W", 0.0, 1000.0, "electric power in standby mode"),
    Number("crankcase_w", "W", 0.0, 1000.0, "electric power in crankcase heater mode"),
)
SEASONAL_CHOICES = (
    Choice("function", FUNCTIONS, "heating alone, or cooling in summer too"),
    Choice("source", SOURCES, "what the heat comes from"),
)
# Of one climate and application: the tables `seasonal.average-35`, ...
RATED = (
    Number("pdesign", "W", 100.0, 1e6, "design load at the climate's design temperature"),
    Number("tbiv", "degC", -25.0, 12.0, "bivalent temperature"),
    Number("tol", "degC", -35.0, 12.0, "operation limit temperature"),
    Number("degradation", "1", 0.5, 1.0, "degradation coefficient Cdh where cycling was measured"),
)
# Of an air/air unit, which has no application: the tables `seasonal.average-air`, ...
RATED_AIR = (
    *RATED[:3],
    Number("degradation", "1", 0.0, 0.5, "degradation coefficient Cd where cycling was measured"),
)
# And `seasonal.cooling`.
RATED_COOLING = (
    Number("pdesign", "W", 100.0, 1e6, "design cooling load at 35 degC outdoors"),
    RATED_AIR[3],
)
COOLING = "cooling"
SOUND = (
    Number("level", "dB", 20.0, 110.0, "A-weighted sound power level of the outdoor unit, re 1 pW"),
    Number("speed", "1/s", 5.0, 200.0, "compressor speed at that level"),
    Number("fan", "1", 0.05, 1.0, "fraction of full air flow at that level"),
    Number("fan_share", "1", 0.0, 1.0, "share of the fan in that sound power"),
)
INSTALLATION = (
    Number("room_area", "m2", 1.0, 1000.0, "smallest room an indoor part with refrigerant may stand in"),
    Number("release_height", "m", 0.1, 10.0, "height of the lowest part that can leak over the floor"),
)
INSTALLATION_CHOICES = (Choice("placement", PLACEMENTS, "where the refrigerant circuit is"),)
SECTIONS = ("seasonal", "sound", "installation")


@dataclass(frozen=True)
class Seasonal:
    """Section `seasonal`; standby powers in W; rated: "average-35", "average-air", "cooling" ->
    key of `rated_tables` -> number (W, degC)."""

    function: str
    source: str
    standby_w: dict[str, float]
    rated: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Sound:
    """Section `sound`: level dB at a compressor speed 1/s and a fan fraction, of which the fan's share."""

    level: float
    speed: float
    fan: float
    fan_share: float


@dataclass(frozen=True)
class Installation:
    """Section `installation`; room_area m2 and release_height m, None where not declared."""

    placement: str
    room_area: float | None
    release_height: float | None


@dataclass(frozen=True)
class Declared:
    """The three sections; None where the file has none."""

    seasonal: Seasonal | None = None
    sound: Sound | None = None
    installation: Installation | None = None


def rated_name(climate: str, application_c: int) -> str:
    """The name of a climate and application: "average-35"."""
    return f"{climate}-{application_c}"


def rated_air_name(climate: str) -> str:
    """The name of a climate for air/air units: "average-air"."""
    return f"{climate}-air"


def rated_tables() -> dict[str, tuple[Number, ...]]:
    """The tables that section `seasonal` may have, each with its numbers."""
    water = {rated_name(c, a): RATED for c in CLIMATES for a in APPLICATIONS}
    return water | {rated_air_name(c): RATED_AIR for c in CLIMATES} | {COOLING: RATED_COOLING}


def read(data: dict[str, Any], where: str) -> Declared:
    """The sections of a parsed machine file. Raises InputError naming file, key, value and range."""
    tables = {}
    for name in SECTIONS:
        if name in data:
            if not isinstance(data[name], dict):
                raise InputError(f"{where}: {name} must be a table, is {data[name]!r}")
            tables[name] = TaggedTable(data[name], f"{where}: {name}")
    return Declared(
        seasonal=_seasonal(tables["seasonal"]) if "seasonal" in tables else None,
        sound=_sound(tables["sound"]) if "sound" in tables else None,
        installation=_installation(tables["installation"]) if "installation" in tables else None,
    )


def _numbers(table: TaggedTable, numbers: tuple[Number, ...]) -> dict[str, float]:
    return {n.key: table.number(n.key, n.unit, n.low, n.high) for n in numbers if table.has(n.key)}


def _choices(table: TaggedTable, choices: tuple[Choice, ...]) -> dict[str, str]:
    return {c.key: table.choice(c.key, c.known) if table.has(c.key) else c.known[0] for c in choices}


def _seasonal(table: TaggedTable) -> Seasonal:
    standby = _numbers(table, STANDBY)
    rated = {}
    for name, numbers in rated_tables().items():
        if table.has(name):
            inner = table.table(name)
            rated[name] = _numbers(inner, numbers)
            inner.finish()
    choices = _choices(table, SEASONAL_CHOICES)
    table.finish()
    powers = {n.key: standby.get(n.key, 0.0) for n in STANDBY}
    return Seasonal(standby_w=powers, rated=rated, **choices)


def _sound(table: TaggedTable) -> Sound:
    values = {n.key: table.number(n.key, n.unit, n.low, n.high) for n in SOUND}
    table.finish()
    return Sound(**values)


def _installation(table: TaggedTable) -> Installation:
    placement = table.choice("placement", PLACEMENTS)
    numbers = _numbers(table, INSTALLATION)
    table.finish()
    return Installation(placement, numbers.get("room_area"), numbers.get("release_height"))
