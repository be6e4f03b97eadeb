"""A machine's season beside its certificate's, each quantity at the same heat.

A certificate measures C and D at its unit's least capacity, often above the load, where the unit cycles; a
model that turns further down meets the load itself. Their COPs belong to different heats, so what is compared
is the COP at the season's load, cycling counted (COPbin of EN 14825), and the SCOP twice: of the model's own
points, and of its COPs at the certified heats.
"""

from collections.abc import Callable, Sequence
from typing import Any

from isentrope_sim import steady
from isentrope_sim.certified import CertifiedSeason, certified_points, certified_season
from isentrope_sim.declared import Seasonal, rated_name
from isentrope_sim.machine import Machine
from isentrope_sim.rating.bins import HEATING, HEATING_HOURS
from isentrope_sim.rating.conditions import CONDITIONS
from isentrope_sim.rating.part_load import WATER_DEGRADATION, PartLoad, capacity_ratio, cycling_water
from isentrope_sim.rating.rate import rate
from isentrope_sim.rating.seasonal import scop

Said = Callable[[str], None]
CLIMATE, APPLICATION_C = "average", 35


def season(machine: Machine, rows: Sequence[dict[str, Any]], said: Said) -> dict[str, Any] | None:
    """SCOP and its points, net and dry, beside the certificate's; None where there is none.

    rows: as `points.rows`. Keys: certified_scop; certified_scop_by_rows: what the certificate's own rows give
    with the machine file's degradation, and with none (a certificate's own is not in the reference data);
    scop, dry_scop: of the model's own points; scop_by_rows: of its COPs at the certified heats, None if a row
    has none; degradation; points: name, load_w, and of both certified heat, COP and COP at the load.
    """
    certified = certified_season(machine.name, CLIMATE, APPLICATION_C)
    if certified is None:
        return None
    said("season, dry")
    dry = rate(machine, CLIMATE, APPLICATION_C, solver=steady.solve)
    whole = rate(machine, CLIMATE, APPLICATION_C, progress=lambda name, done, total: said(f"season, {name}"))
    own = {row.test.split()[-1]: row for row in certified_points(machine.name)}
    degradation = _degradation(machine)
    ours = [r for r in rows if _name(r) and r["cop"] is not None]
    complete = len(ours) == sum(bool(_name(r)) for r in rows)
    return {
        "certified_scop": certified.scop,
        "certified_scop_by_rows": [
            by_rows(machine, certified, [(r["test"], r["heating_w"], r["certified_cop"]) for r in rows], each)
            for each in (degradation, 1.0)
        ],
        "scop": whole["scop"],
        "dry_scop": dry["scop"],
        "scop_by_rows": by_rows(
            machine, certified, [(r["test"], r["heating_w"], r["cop"]) for r in ours], degradation
        )
        if complete
        else None,
        "degradation": degradation,
        "points": [
            {
                "name": p["name"],
                "load_w": p["load_w"],
                "heating_w": p["heating_w"],
                "cop": p["cop"],
                "cop_bin": p["cop_bin"],
                "dry_cop_bin": d["cop_bin"],
                "certified_w": own[p["name"]].heating_w,
                "certified_cop": own[p["name"]].cop,
                "certified_bin": cycling_water(
                    own[p["name"]].cop,
                    capacity_ratio(p["load_w"], own[p["name"]].heating_w),
                    degradation,
                ),
            }
            for p, d in zip(whole["points"], dry["points"], strict=True)
            if p["name"] in own
        ],
    }


def _name(row: dict[str, Any]) -> str:
    """The condition of a row of the season, "" of another row."""
    test, _, name = str(row["test"]).partition(" ")
    return name if test == "EN14825" else ""


def _degradation(machine: Machine) -> float:
    said = machine.declared.seasonal
    rated = said.rated.get(rated_name(CLIMATE, APPLICATION_C), {}) if said is not None else {}
    return rated.get("degradation", WATER_DEGRADATION)


def by_rows(
    machine: Machine,
    certified: CertifiedSeason,
    rows: Sequence[tuple[str, float, float]],
    degradation: float,
) -> float:
    """SCOP of rows (test, heat W, COP) under a certificate's design load and the machine's standby powers."""
    said = machine.declared.seasonal or Seasonal("reversible", "air", {}, {})
    places = CONDITIONS | {"TOL": certified.tol_c}
    return scop(
        HEATING[CLIMATE],
        certified.pdesign_w,
        [
            PartLoad(places[name], heat, cop, degradation)
            for test, heat, cop in rows
            if (name := _name({"test": test}))
        ],
        tbiv_c=certified.tbiv_c,
        tol_c=certified.tol_c,
        standby_w=said.standby_w,
        hours=HEATING_HOURS[CLIMATE][said.function],
    ).scop
