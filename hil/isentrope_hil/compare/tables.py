"""The comparison as tables, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isentrope_hil import terminal
from isentrope_hil.compare.judge import DEFAULT, TUNED
from isentrope_hil.compare.laws import OURS

Table = tuple[list[str], list[list[str]]]


def bar_table(document: Mapping[str, Any]) -> Table:
    """Ours beside the best peer."""
    head = ["machine", "disturbance", "this firmware, K s", "best peer, K s", "ratio", "bar",
            "liquid, s: ours, least of a peer", "verdict"]  # fmt: skip
    rows = []
    for group in document["groups"]:
        rows.append(
            [
                group["machine"],
                group["kind"],
                f"{group['ours_k_s']:.0f}",
                f"{group['best_k_s']:.0f} ({group['best']}, {group['best_variant']})",
                f"{group['ratio']:.2f}",
                f"{group['bar']:g}",
                f"{group['ours_liquid_s']:.1f}, {group['least_liquid_s']:.1f}",
                "pass" if group["passed"] else "missed",
            ]
        )
    return head, rows


def law_table(document: Mapping[str, Any], machine: str) -> Table:
    """Every law on one machine: integral of error by case, with the seconds of liquid where there are any."""
    rows = [row for row in document["rows"] if row["machine"] == machine]
    cases = list(dict.fromkeys(row["case"] for row in rows))
    found = []
    for name, variant in dict.fromkeys((row["law"], row["variant"]) for row in rows):
        own = {r["case"]: r for r in rows if (r["law"], r["variant"]) == (name, variant)}
        found.append([f"{name}, {variant}", *(_cell(own[case]) for case in cases)])
    return [f"{machine}: K s, liquid", *cases], found


def _cell(row: Mapping[str, Any]) -> str:
    text = f"{row['error_k_s']:.0f}"
    if row["liquid_s"] > 0.0:
        text += f", {row['liquid_s']:.1f} s"
    return text + (" (stopped)" if row["stopped_s"] > 0.0 else "")


def every(document: Mapping[str, Any]) -> list[Table]:
    """All tables: the bar's first, then one a machine."""
    machines = dict.fromkeys(row["machine"] for row in document["rows"])
    first = [bar_table(document)] if document["groups"] else []
    return first + [law_table(document, machine) for machine in machines]


def show(document: Mapping[str, Any]) -> None:
    """Prints them on standard output."""
    console = terminal.console()
    for head, rows in every(document):
        table = terminal.table(head)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def markdown(document: Mapping[str, Any]) -> str:
    """The tables for a page."""
    return "\n\n".join(_markdown(head, rows) for head, rows in every(document))


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def labels(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Laws and variants in the order of the tables, ours first."""
    found = dict.fromkeys((row["law"], row["variant"]) for row in document["rows"])
    order = {(OURS, DEFAULT): 0, (OURS, TUNED): 1}
    return sorted(found, key=lambda key: order.get(key, 2))
