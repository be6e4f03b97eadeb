"""A machine's certified points and its capacity, with frost simulated and without."""

from collections.abc import Callable
from typing import Any

from isentrope_sim import net, steady
from isentrope_sim.certified import CertifiedPoint, certified_points, certified_season
from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.machine import Machine
from isentrope_sim.rating.bins import HEATING
from isentrope_sim.rating.conditions import Condition, outlet
from isentrope_sim.rating.measure import limited
from isentrope_sim.validation.seasons import APPLICATION_C, CLIMATE

Said = Callable[[str], None]

# Bars, fractions: a certified point warm, at low lift (W30 and cooler: small load) and at 5 degC and under;
# capacity at full speed; season; each of its points.
WARM, LOW_LIFT, COLD, CAPACITY, SEASON, SEASON_POINT = 0.07, 0.10, 0.10, 0.07, 0.05, 0.10
LOW_LIFT_C = 30.0


def bar(row: CertifiedPoint) -> float:
    """How far a row's net COP may be off, as a fraction."""
    if row.source_c <= net.FROST_C:
        return COLD
    return LOW_LIFT if row.sink_out_c <= LOW_LIFT_C else WARM


def rows(machine: Machine, said: Said) -> list[dict[str, Any]]:
    """Every certified row: what is certified, `dry_cop`, `cop` (net), `bar`, `speed_rps`, `note`.

    Where the speed range does not reach the certified heat, its end is solved and `note` says so; where
    there is no solution, the COPs are None and `note` says why.
    """
    found = []
    for row in certified_points(machine.name):
        said(row.test)
        found.append(
            {
                "test": row.test,
                "use": row.use,
                "source_c": row.source_c,
                "sink_out_c": row.sink_out_c,
                "heating_w": row.heating_w,
                "certified_cop": row.cop,
                "bar": bar(row),
                **_row(machine, row),
            }
        )
    return found


def _row(machine: Machine, row: CertifiedPoint) -> dict[str, Any]:
    try:
        dry, note = dry_point(machine, row)
        asked = {"heating_w": row.heating_w} if not note else {"speed_rps": dry["speed_rps"]}
        try:
            whole = net.solve(machine, row.source_c, row.sink_out_c, **asked)
        except InputError:
            # Dry it has the heat, with frost it has not.
            whole = net.solve(machine, row.source_c, row.sink_out_c, speed_rps=machine.values["max_rps"])
            note = f"full speed with frost: {whole['heating_w']:.0f} W"
    except (InputError, PlantError) as error:
        return {"dry_cop": None, "cop": None, "speed_rps": None, "note": str(error)}
    return {"dry_cop": dry["cop"], "cop": whole["cop"], "speed_rps": whole["speed_rps"], "note": note}


def dry_point(machine: Machine, row: CertifiedPoint) -> tuple[dict[str, Any], str]:
    """(the dry point of a row, note): at the certified heat, or at the end of the speed range next to it."""
    least, top = (
        steady.solve(machine, row.source_c, row.sink_out_c, speed_rps=machine.values[name])
        for name in ("min_rps", "max_rps")
    )
    if least["heating_w"] > row.heating_w:
        return least, f"least speed: {least['heating_w']:.0f} W"
    if top["heating_w"] < row.heating_w:
        return top, f"full speed: {top['heating_w']:.0f} W"
    return steady.solve(machine, row.source_c, row.sink_out_c, heating_w=row.heating_w), ""


def capacity(machine: Machine, said: Said) -> list[dict[str, Any]]:
    """Full-speed capacity, W, net and dry, at the certificate's Tbiv and TOL, inside the machine's limits.

    `least`: the certified heat is no full one but a least of it, since the certificate has more at TOL, where
    it is colder; `limit`: what holds the speed, or "".
    """
    season = certified_season(machine.name, CLIMATE, APPLICATION_C)
    if season is None:
        return []
    design = HEATING[CLIMATE]
    wanted = [("Tbiv", season.tbiv_c, season.pdesign_w * design.load(season.tbiv_c))]
    for row in certified_points(machine.name):
        if row.test.endswith("TOL"):
            wanted.append(("TOL", row.source_c, row.heating_w))
    found, top_at = [], limited(machine, steady.solve)
    for name, outdoor, certified in wanted:
        said(f"capacity at {name}")
        at = (machine, outdoor, outlet(CLIMATE, APPLICATION_C, outdoor))
        top, limit = top_at(Condition((name,), outdoor, outdoor, at[2]))
        dry, whole = (solver(*at, speed_rps=top)["heating_w"] for solver in (steady.solve, net.solve))
        found.append(
            {
                "name": name,
                "source_c": outdoor,
                "certified_w": certified,
                "dry_w": dry,
                "net_w": whole,
                "least": certified < wanted[-1][2],
                "limit": limit,
            }
        )
    return found


def enough(capacity: dict[str, Any]) -> bool:
    """Whether full-speed capacity is within its bar of the certified one, or over it if that is a least."""
    reached = capacity["net_w"] / capacity["certified_w"] - 1.0
    return bool(reached >= -CAPACITY and (capacity["least"] or reached <= CAPACITY))
