"""The certified points and seasons of `reference/*.csv` (HP KEYMARK via hplib, CC BY 4.0)."""

import csv
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class CertifiedPoint:
    """One certified operating point: temperatures degC, powers W; `use` is "fit" or "check"."""

    machine: str
    test: str
    source_c: float
    sink_out_c: float
    heating_w: float
    electric_w: float
    cop: float
    use: str


@dataclass(frozen=True)
class CertifiedSeason:
    """One certified season: application and temperatures degC, powers W."""

    machine: str
    climate: str
    application_c: int
    pdesign_w: float
    scop: float
    tbiv_c: float
    tol_c: float


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("isentrope_sim").joinpath("reference", name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def certified_machines() -> list[str]:
    """Names of the machines with certified points, in the file's order."""
    return list(dict.fromkeys(row["machine"] for row in _rows("certified_points.csv")))


def certified_season(machine: str, climate: str, application_c: int) -> CertifiedSeason | None:
    """The season of a climate and application (35 or 55 degC), None where there is no certificate."""
    for row in _rows("certified_seasonal.csv"):
        if (row["machine"], row["climate"], row["application_c"]) == (machine, climate, str(application_c)):
            return CertifiedSeason(
                machine=machine,
                climate=climate,
                application_c=application_c,
                pdesign_w=1e3 * float(row["pdesign_kw"]),
                scop=float(row["scop"]),
                tbiv_c=float(row["tbiv_c"]),
                tol_c=float(row["tol_c"]),
            )
    return None


def certified_points(machine: str, use: str | None = None) -> list[CertifiedPoint]:
    """The points of a machine, all or those of one use. A row of another use is never turned into a point."""
    return [
        CertifiedPoint(
            machine=row["machine"],
            test=row["test"],
            source_c=float(row["source_c"]),
            sink_out_c=float(row["sink_out_c"]),
            heating_w=float(row["heating_w"]),
            electric_w=float(row["electric_w"]),
            cop=float(row["cop"]),
            use=row["use"],
        )
        for row in _rows("certified_points.csv")
        if row["machine"] == machine and use in (None, row["use"])
    ]
