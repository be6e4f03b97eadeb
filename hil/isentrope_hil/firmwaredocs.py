"""`python -m isentrope_hil.firmwaredocs`: settings, alarms, points and states from the firmware's tables."""

from __future__ import annotations

import re
from pathlib import Path

from isentrope_hil import catalogue, pointdocs, resources

MARK = "<!-- generated below by python -m isentrope_hil.firmwaredocs (make docs) -->"
DOCS = Path(__file__).resolve().parents[2] / "docs"

FIRST_EVENT = 512  # of the event log alone (firmware/isentrope/eventlog.py)
_ROW = re.compile(r'\s*b"([0-9A-F]{4}) (\w+) .*\\n",?')
_COMMENT = re.compile(r"\s*# (.*)")


def generated() -> dict[str, str]:
    """Path under docs/ -> text, of every file that this module writes."""
    return {
        "settings.md": _page("settings.md", _settings()),
        "alarms.md": _page("alarms.md", _alarms()),
        "points.md": _page("points.md", pointdocs.points()),
        "states.md": _page("states.md", _states()),
    }


def reasons(source: str) -> dict[str, str]:
    """Why each setting is what it is: the comment above its row; a row without one shares the last."""
    found: dict[str, str] = {}
    lines: list[str] = []
    fresh = True  # the next comment begins a new reason
    for line in source[source.index("TABLE = (") :].splitlines():
        if comment := _COMMENT.fullmatch(line):
            lines = [comment[1]] if fresh else [*lines, comment[1]]
            fresh = False
        elif row := _ROW.fullmatch(line):
            found[row[2]] = " ".join(lines)
            fresh = True
    return found


def _page(name: str, end: str) -> str:
    """A page of docs/ with a new end."""
    page = (DOCS / name).read_text(encoding="utf-8")
    return page[: page.index(MARK) + len(MARK)] + "\n\n" + end


def _settings() -> str:
    source = resources.root("firmware") / "isentrope" / "setting_table.py"
    why = reasons(source.read_text(encoding="utf-8"))
    ties = catalogue.ties()
    rows = ["| setting | default | allowed | level | why |", "|---|---|---|---|---|"]
    for row in catalogue.settings():
        default = f"{row['default']:g} {row['unit']}".rstrip()
        allowed = f"{row['low']:g} to {row['high']:g}"
        if row["name"] in ties:
            allowed += f", not above `{ties[row['name']]}`"
        rows.append(f"| `{row['name']}` | {default} | {allowed} | {row['level']} | {why[row['name']]} |")
    return "\n".join(rows) + "\n"


def _alarms() -> str:
    rows = [
        "### Alarms\n",
        "| code | alarm | class | cause | effect | reset | remedy |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in catalogue.alarms():
        kind = row["class"] + (", may latch" if row["latching"] else "")
        cells = (row["code"], row["name"], kind, row["cause"], row["effect"], row["reset"], row["remedy"])
        rows.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    for title, events in (("Decisions", False), ("Events", True)):
        rows += ["", f"### {title}\n", "| code | text |", "|---|---|"]
        found = [row for row in catalogue.decisions() if (row["code"] >= FIRST_EVENT) == events]
        rows += [f"| {row['code']} | {row['text']} |" for row in found]
    return "\n".join(rows) + "\n"


def _states() -> str:
    groups = {name: members.split(",") for name, members in catalogue.state_groups()}

    def inside(members: list[str], indent: str) -> list[str]:
        lines = []
        for member in members:
            if member in groups:
                lines.append(f'{indent}state "{member}" as {_id(member)} {{')
                lines += [*inside(groups[member], indent + "    "), indent + "}"]
            else:
                lines.append(f'{indent}state "{member}" as {_id(member)}')
        return lines

    rows = catalogue.transitions()
    outer = [name for name in groups if not any(name in members for members in groups.values())]
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> off", *inside(outer, "    ")]
    lines += [f"    {_id(first)} --> {_id(second)} : {when}" for first, second, when in rows]
    lines += ["```", "", "| from | to | when |", "|---|---|---|"]
    lines += [f"| {first} | {second} | {when} |" for first, second, when in rows]
    lines += ["", *(f"{name}: {', '.join(members)}." for name, members in groups.items())]
    return "\n".join(lines) + "\n"


def _id(name: str) -> str:
    return name.replace(" ", "_").replace("-", "_")


def main() -> None:
    """Write them."""
    for name, text in generated().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
