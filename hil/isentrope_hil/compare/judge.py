"""Every law at its defaults and retuned, on seeds that nobody was tuned on, and the bar.

The document (JSON): `setpoint_k`, `seeds`, `rows` (machine, law, variant, case, kind, error_k_s, liquid_s,
low_s, least_k, stopped_s: means over the seeds, least_k the least of all), `groups` (machine, kind: ours at
its defaults beside the best peer) and `passed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isentrope_hil.compare.duties import DUTIES, JUDGED_ON, SETPOINT_K
from isentrope_hil.compare.laws import OURS, law
from isentrope_hil.compare.tuned import Tuned
from isentrope_hil.compare.work import Run, Said, Workers

DEFAULT, TUNED = "default", "tuned"
# Of the best peer's integral of error, at most: by kind of disturbance.
BARS = {"ramp": 0.5, "water": 1.0, "air": 1.0, "frost": 1.0}


def judge(
    machines: Sequence[str],
    names: Sequence[str],
    tuned: Mapping[tuple[str, str], Tuned],
    crew: Workers,
    said: Said,
) -> dict[str, Any]:
    """The document. A law without an entry in `tuned` for a machine is judged at its defaults only."""
    runs: list[Run] = []
    owners: list[tuple[str, str, str]] = []
    for machine in machines:
        for name in names:
            variants = [(DEFAULT, law(name).values())]
            if (machine, name) in tuned:
                variants.append((TUNED, dict(tuned[machine, name].values)))
            for variant, values in variants:
                for draw in JUDGED_ON:
                    for duty in DUTIES:
                        runs.append(Run(machine, name, values, duty.name, draw))
                        owners.append((machine, name, variant))
    found = crew.all(runs, said)
    rows: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for place, owner in enumerate(owners):
        for score in found[place]:
            rows.setdefault((*owner, score["case"], score["kind"]), []).append(score)
    merged = [_mean(key, scores) for key, scores in rows.items()]
    groups = compare(merged)
    return {
        "setpoint_k": SETPOINT_K,
        "seeds": [[draw.seed, draw.unit] for draw in JUDGED_ON],
        "rows": merged,
        "groups": groups,
        "passed": all(group["passed"] for group in groups),
    }


def _mean(key: tuple[str, ...], scores: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(("machine", "law", "variant", "case", "kind"), key, strict=True))
    for name in ("error_k_s", "liquid_s", "low_s", "stopped_s"):
        row[name] = float(sum(score[name] for score in scores)) / len(scores)
    row["least_k"] = float(min(score["least_k"] for score in scores))
    return row


def compare(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Ours at its defaults beside the best peer, by machine and kind; a kind's cases count together.

    Best is the peer, at its defaults or retuned, with the least integral of error; the liquid that ours is
    held to is the least of any peer's.
    """
    sums: dict[tuple[str, str], dict[tuple[str, str], list[float]]] = {}
    for row in rows:
        both = sums.setdefault((row["machine"], row["kind"]), {})
        total = both.setdefault((row["law"], row["variant"]), [0.0, 0.0])
        total[0] += row["error_k_s"]
        total[1] += row["liquid_s"]
    found = []
    for (machine, kind), laws in sums.items():
        peers = {key: total for key, total in laws.items() if key[0] != OURS}
        if (OURS, DEFAULT) not in laws or not peers:
            continue
        ours, ours_liquid = laws[OURS, DEFAULT]
        best = min(peers, key=lambda key: peers[key][0])
        least_liquid = min(total[1] for total in peers.values())
        ratio = ours / peers[best][0]
        group: dict[str, Any] = {
            "machine": machine,
            "kind": kind,
            "ours_k_s": ours,
            "ours_liquid_s": ours_liquid,
            "best": best[0],
            "best_variant": best[1],
            "best_k_s": peers[best][0],
            "best_liquid_s": peers[best][1],
            "least_liquid_s": least_liquid,
            "ratio": ratio,
            "bar": BARS[kind],
            "passed": ratio <= BARS[kind] and ours_liquid <= least_liquid,
        }
        if (OURS, TUNED) in laws:
            group["ours_tuned_k_s"], group["ours_tuned_liquid_s"] = laws[OURS, TUNED]
        found.append(group)
    return found
