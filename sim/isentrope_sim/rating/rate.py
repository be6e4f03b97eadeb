"""A machine's seasonal rating: measures the part-load points and finds the season's figures."""

from collections.abc import Callable, Mapping
from typing import Any

from isentrope_sim import declared, net, sound, steady
from isentrope_sim.certified import certified_season
from isentrope_sim.declared import APPLICATIONS, CLIMATES, Seasonal, rated_name
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine
from isentrope_sim.rating import classes
from isentrope_sim.rating.bins import HEATING, HEATING_HOURS, Season
from isentrope_sim.rating.conditions import CONSTANT_SOURCE_C, Condition, conditions, outlet
from isentrope_sim.rating.measure import (
    Measured,
    Solver,
    Top,
    capacity_at_full_speed,
    limited,
    measure,
    unlimited,
)
from isentrope_sim.rating.part_load import (
    WATER_DEGRADATION,
    PartLoad,
    capacity_ratio,
    cycling_water,
)
from isentrope_sim.rating.seasonal import scop

# Bivalent temperature, degC, where neither file nor caller says one; own choice, usual in each climate.
TBIV_C = {"average": -7.0, "warmer": 2.0, "colder": -15.0}
# Highest bivalent temperature EN 14825 lets a unit declare, degC.
TBIV_MAX_C = {"average": 2.0, "warmer": 7.0, "colder": -7.0}
TOL_MIN_C = -60.0  # no unit runs below
PDESIGN_W = (100.0, 1e6)
# Standard rating condition of sound power, medium temperature heat pumps (EN 12102-1; 811/2013, table 9).
SOUND_SOURCE_C, SOUND_OUTLET_C = 7.0, 55.0
# Told which point is measured, how many are done, and of how many.
Progress = Callable[[str, int, int], None]
_NOTHING = Seasonal("reversible", "air", {n.key: 0.0 for n in declared.STANDBY}, {})


def rate(
    machine: Machine,
    climate: str = "average",
    application_c: int = 35,
    *,
    pdesign_w: float | None = None,
    tbiv_c: float | None = None,
    tol_c: float | None = None,
    solver: Solver = net.solve,
    quick: Solver | None = None,
    within_limits: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """SCOP of an air/water, brine/water or water/water machine with variable outlet temperature (EN 14825).

    climate: "average", "warmer", "colder"; application_c: 35 or 55. pdesign_w (W) and tbiv_c (degC) come from
    the machine file unless given; where one of them is given or known alone, the other is what the unit's
    full capacity makes it. tol_c: operation limit, degC; default the file's, else the climate's design
    temperature. within_limits: full speed is the highest one inside the machine's limits (`limits`), not the
    machine's own. `solver` gives net points (the keys of `isentrope steady --json`); `quick`, never less heat
    (`measure`), is `steady.solve` beside the default one.

    Returns the keys of `isentrope rate --json`; powers W, temperatures degC, energies kWh a year. Raises
    InputError (unknown climate, values out of range), PlantError (a point has no solution).
    """
    if climate not in CLIMATES:
        raise InputError(f"climate is {climate!r}, allowed {', '.join(CLIMATES)}")
    if application_c not in APPLICATIONS:
        allowed = ", ".join(map(str, APPLICATIONS))
        raise InputError(f"application_c is {application_c!r}, allowed {allowed} degC")
    if solver is net.solve and quick is None:
        quick = steady.solve
    season = HEATING[climate]
    said = machine.declared.seasonal or _NOTHING
    rated = said.rated.get(rated_name(climate, application_c), {})
    top = limited(machine, steady.solve) if within_limits else unlimited(machine)
    full = FullCapacity(machine, solver, season, climate, application_c, said.source, top)
    pdesign_w, tbiv_c, limit = design(full, season, climate, rated, pdesign_w, tbiv_c, tol_c)
    places = conditions(climate, application_c, tbiv_c, limit, said.source)
    measured: list[Measured] = []
    for c in places:
        if progress is not None:
            progress(", ".join(c.names), len(measured), len(places))
        measured.append(measure(machine, solver, c, pdesign_w * season.load(c.outdoor_c), quick, top))
    degradation = rated.get("degradation", WATER_DEGRADATION)
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
        hours=HEATING_HOURS[climate][said.function],
    )
    certified = certified_season(machine.name, climate, application_c)
    eta = classes.efficiency_percent(result.scop, said.source)
    return {
        "machine": machine.name,
        "refrigerant": machine.refrigerant,
        "climate": climate,
        "application_c": application_c,
        "scop": result.scop,
        "scop_on": result.scop_on,
        "scop_net": result.scop_net,
        "eta_s_percent": eta,
        # The regulation knows classes for the average climate only.
        "energy_class": classes.space_heating_class(eta, application_c) if climate == "average" else None,
        "pdesign_w": pdesign_w,
        "tbiv_c": tbiv_c,
        "tol_c": limit,
        "psup_w": result.bins[0].backup_w,
        "heat_kwh": result.heat_kwh,
        "electric_kwh": result.electric_kwh,
        "backup_kwh": result.backup_kwh,
        "standby_kwh": result.standby_kwh,
        "function": said.function,
        "source": said.source,
        "frost": _frost([m.point["frost"] for m in measured]),
        "certified_scop": certified.scop if certified is not None else None,
        **_sound(machine, solver, said.source),
        "points": [_row(name, m, degradation) for m in measured for name in m.condition.names],
        "bins": [vars(b) for b in result.bins],
    }


def _frost(said: list[str]) -> str:
    """Of the points: "simulated" if frost forms at one, else what they say."""
    return "simulated" if "simulated" in said else said[0]


class FullCapacity:
    """The unit's capacity at its highest speed over outdoor temperature, under the climate's outlet."""

    def __init__(
        self,
        machine: Machine,
        solver: Solver,
        season: Season,
        climate: str,
        application_c: int,
        source: str,
        top: Top | None = None,
    ) -> None:
        self._machine, self._solver, self._season = machine, solver, season
        self._top = top or unlimited(machine)
        self._climate, self._application, self._source = climate, application_c, source

    def at(self, outdoor_c: float) -> float:
        """Capacity, W."""
        source = CONSTANT_SOURCE_C.get(self._source, outdoor_c)
        place = Condition(("Tbiv",), outdoor_c, source, outlet(self._climate, self._application, outdoor_c))
        return capacity_at_full_speed(self._machine, self._solver, place, self._top)

    def balance(self, pdesign_w: float, low_c: float, high_c: float) -> float:
        """The coldest temperature, degC, to 0.01 K, of the allowed ones where the capacity carries the load.

        Raises InputError where the unit is too small even at the warmest allowed bivalent temperature.
        """

        def spare(outdoor_c: float) -> float:
            return self.at(outdoor_c) - pdesign_w * self._season.load(outdoor_c)

        if spare(low_c) >= 0.0:
            return low_c
        if spare(high_c) < 0.0:
            most = self.at(high_c) / self._season.load(high_c)
            raise InputError(
                f"pdesign is {pdesign_w:g} W, this machine allows up to {most:.0f} W in the climate "
                f"{self._climate!r}, where tbiv may be {high_c:g} degC at most"
            )
        while high_c - low_c > 0.01:
            middle = 0.5 * (low_c + high_c)
            low_c, high_c = (low_c, middle) if spare(middle) >= 0.0 else (middle, high_c)
        return high_c


def design(
    full: FullCapacity,
    season: Season,
    climate: str,
    rated: Mapping[str, float],
    pdesign_w: float | None,
    tbiv_c: float | None,
    tol_c: float | None,
) -> tuple[float, float, float]:
    """(design load W, bivalent temperature degC, operation limit degC) of what is given, else `rated`.

    Of load and bivalent temperature one follows from the other by the full capacity. Raises InputError.
    """
    tol = tol_c if tol_c is not None else rated.get("tol", season.design_c)
    check_range("tol", tol, TOL_MIN_C, TBIV_MAX_C[climate], "degC")
    limit = max(tol, season.design_c)
    if pdesign_w is None and tbiv_c is None:
        pdesign_w, tbiv_c = rated.get("pdesign"), rated.get("tbiv")
        if pdesign_w is None and tbiv_c is None:
            tbiv_c = max(TBIV_C[climate], limit)
    if tbiv_c is not None:
        check_range("tbiv", tbiv_c, limit, TBIV_MAX_C[climate], "degC")
        pdesign_w = full.at(tbiv_c) / season.load(tbiv_c) if pdesign_w is None else pdesign_w
    assert pdesign_w is not None
    check_range("pdesign", pdesign_w, *PDESIGN_W, "W")
    if tbiv_c is None:
        tbiv_c = full.balance(pdesign_w, limit, TBIV_MAX_C[climate])
    return pdesign_w, tbiv_c, limit


def check_range(name: str, value: float, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:
        raise InputError(f"{name} is {value:g} {unit}, allowed {low:g} to {high:g} {unit}")


def _row(name: str, m: Measured, degradation: float) -> dict[str, Any]:
    ratio = capacity_ratio(m.load_w, m.point["heating_w"])
    return {
        "name": name,
        "outdoor_c": m.condition.outdoor_c,
        "source_c": m.condition.source_c,
        "sink_out_c": m.condition.outlet_c,
        "load_w": m.load_w,
        "heating_w": m.point["heating_w"],
        "electric_w": m.point["electric_w"],
        "cop": m.point["cop"],
        "capacity_ratio": ratio,
        "cop_bin": cycling_water(m.point["cop"], ratio, degradation),
        "backup_w": max(m.load_w - m.point["heating_w"], 0.0),
        "full_w": m.full_w,
        "running": m.running,
        "limit": m.limit,
        "speed_rps": m.point["speed_rps"],
        "defrost_loss": m.point["defrost_loss"],
        "frost": m.point["frost"],
    }


def _sound(machine: Machine, solver: Solver, source: str) -> dict[str, float | None]:
    """Sound power at the standard rating condition and rated speed; None where no level is declared."""
    said = machine.declared.sound
    if said is None:
        return {"sound_power_db": None}
    at = CONSTANT_SOURCE_C.get(source, SOUND_SOURCE_C)
    point = solver(machine, at, SOUND_OUTLET_C, speed_rps=machine.values["rated_rps"])
    return {"sound_power_db": sound.power_level(said, point["speed_rps"], point["fan"])}
