"""What there is by name: machines, scenarios, boards, and the firmware's points, alarms and settings."""

from __future__ import annotations

from typing import Any

Rows = list[dict[str, Any]]


def machines() -> Rows:
    """Machines that come with the package."""
    from isentrope_sim.machine import load_machine, machine_names

    loaded = [load_machine(name) for name in machine_names()]
    return [{"name": m.name, "refrigerant": m.refrigerant, "description": m.description} for m in loaded]


def scenarios() -> Rows:
    """Scenarios that come with the package; duration in s."""
    from isentrope_hil import scenario

    loaded = [scenario.load(name) for name in scenario.names()]
    return [
        {
            "name": s.name,
            "machine": s.machine,
            "board": s.board,
            "duration_s": s.duration_s,
            "requirements": len(s.requirements),
            "description": s.description,
        }
        for s in loaded
    ]


def boards() -> Rows:
    """Controller boards that come with the package."""
    from isentrope_hil import board

    loaded = [board.load(name) for name in board.names()]
    return [
        {"name": b.name, "port": b.port, "inputs": len(b.inputs), "outputs": len(b.outputs), "title": b.title}
        for b in loaded
    ]
