"""Is the device on the link the one this run is about?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isentrope_hil.errors import TableDiffers
from isentrope_hil.session import Hello
from isentrope_hil.signals import Table


def check(target: str, hello: Hello, table: Table, profile: Mapping[str, Any]) -> None:
    """TableDiffers unless board, machine, scan period and raw signals are the profile's, in its order."""
    for what, has, wants in (
        ("board", hello.board, profile["board"]),
        ("machine", hello.machine, profile["machine"]),
        ("scan period in ms", hello.scan_ms, profile["scan_ms"]),
    ):
        if has != wants:
            raise TableDiffers(
                f"target {target} has {what} {has!r}, this run needs {wants!r}; deploy that profile"
            )
    has_io = [(s.kind, s.name, s.type) for s in (*table.ins, *table.outs)]
    wants_io = [(row["dir"], row["name"], row["type"]) for row in profile["io"]]
    if has_io == wants_io:
        return
    lacks = ", ".join(row[1] for row in wants_io if row not in has_io) or "none"
    extra = ", ".join(row[1] for row in has_io if row not in wants_io) or "none"
    raise TableDiffers(
        f"the signals of target {target} are not those of board {profile['board']}: missing or of another "
        f"type: {lacks}; unexpected: {extra}; put this version's firmware and profile on it"
    )
