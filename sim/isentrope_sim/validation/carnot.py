"""The certificates among themselves: each row's COP over Carnot's between its air and its water.

Rows of one test have the same temperatures and nearly the same rules, so machines of one class should lie
close together; a row far from the others' median is special to its machine, or wrong.
"""

from statistics import median

from isentrope_sim.certified import certified_points
from isentrope_sim.operating_point import ZERO_C

FAR = 0.10  # of the peers' median, own choice


def share(cop: float, source_c: float, sink_out_c: float) -> float:
    """COP over Carnot's of heating between air and water outlet, degC."""
    return cop * (sink_out_c - source_c) / (sink_out_c + ZERO_C)


def shares(machines: list[str]) -> list[dict[str, float | str | None]]:
    """A row per certified condition: "point", then each machine's share, None where it has none."""
    found: dict[str, dict[str, float | str | None]] = {}
    for name in machines:
        for p in certified_points(name):
            place = f"A{p.source_c:g}/W{p.sink_out_c:g}"
            row = found.setdefault(place, {"point": place} | dict.fromkeys(machines))
            row[name] = share(p.cop, p.source_c, p.sink_out_c)
    return list(found.values())


def off_peers(row: dict[str, float | str | None], machine: str) -> float | None:
    """How far, a fraction, a machine's share is from the median of the others'; None without two others."""
    own = row[machine]
    others = [v for name, v in row.items() if name != machine and isinstance(v, float)]
    if not isinstance(own, float) or len(others) < 2:
        return None
    return own / median(others) - 1.0
