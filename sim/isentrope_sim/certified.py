"""The certified points of `reference/certified_points.csv` (HP KEYMARK via hplib, CC BY 4.0)."""

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


def certified_points(machine: str, use: str | None = None) -> list[CertifiedPoint]:
    """The points of a machine, all or those of one use. A row of another use is never turned into a point."""
    text = (
        resources.files("isentrope_sim")
        .joinpath("reference/certified_points.csv")
        .read_text(encoding="utf-8")
    )
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
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
        for row in rows
        if row["machine"] == machine and use in (None, row["use"])
    ]
