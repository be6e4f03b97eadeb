"""Everything about one machine that the page shows, as plain data."""

from collections.abc import Callable
from typing import Any

from isentrope_sim import steady
from isentrope_sim.certified import certified_points
from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.machine import Machine
from isentrope_sim.validation import frost, points, response, seasons

Said = Callable[[str], None]

TESPY_BARS = (0.003, 0.02)  # of COP: same pressures; same conductances and flows
GRID_CELLS, GRID_BAR = (10, 20), 0.005  # COP of the steady point


def measure(machine: Machine, said: Said = lambda text: None) -> dict[str, Any]:
    """All figures of a machine; takes under a minute. `said` is told what is measured."""
    rows = points.rows(machine, said)
    return {
        "machine": machine.name,
        "description": machine.description,
        "refrigerant": machine.refrigerant,
        "air": machine.values["indoor_air"] > 0.0,
        "fitted": machine.fitted(),
        "rows": rows,
        "capacity": points.capacity(machine, said),
        "season": seasons.season(machine, rows, said),
        "superheat": response.measure(machine, said),
        "frost": frost.measure(machine, said),
        "tespy": tespy(machine, said),
        "grid": grid(machine),
    }


def tespy(machine: Machine, said: Said) -> list[dict[str, Any]]:
    """Our COP and TESPy's at the machine's EN 14511 rows, or at A7/W35 and rated speed; `note`: why not."""
    if machine.values["indoor_air"] > 0.0:
        return [{"point": "all", "note": "not compared: the comparison has water indoors"}]
    try:
        import tespy as _installed  # noqa: F401

        from isentrope_sim import peer
    except ImportError:
        return [{"point": "all", "note": "not run: TESPy is missing (pip install 'isentrope[bench]')"}]
    wanted = [
        (p.source_c, p.sink_out_c, p.heating_w) for p in certified_points(machine.name) if p.test == "EN14511"
    ]
    if not wanted:
        wanted = [(7.0, 35.0, steady.solve(machine, 7.0, 35.0)["heating_w"])]
    found = []
    for source, sink, heat in wanted:
        said(f"TESPy at A{source:g}/W{sink:g}")
        row: dict[str, Any] = {"point": f"A{source:g}/W{sink:g}", "note": ""}
        try:
            if machine.refrigerant not in peer.FLUIDS:
                raise PlantError(f"not compared: TESPy has no {machine.refrigerant}")
            point = steady.solve(machine, source, sink, heating_w=heat)
            row |= {"cycle_cop": point["cycle_cop"], "tespy_cycle_cop": peer.TespyCycle(point).solve()}
            row |= peer.compare(machine, source, sink, heat)
        except (InputError, PlantError) as error:
            row["note"] = str(error)
        found.append(row)
    return found


def grid(machine: Machine) -> dict[str, Any]:
    """COP of the steady heating point at rated speed with GRID_CELLS cells."""
    cops = []
    for cells in GRID_CELLS:
        if machine.values["indoor_air"] > 0.0:
            found = steady.room(machine, 7.0, response.ROOM_C, cooling=False, cells=cells)
        else:
            found = steady.solve(machine, 7.0, 35.0, cells=cells)
        cops.append(found["cop"])
    return {"cells": list(GRID_CELLS), "cop": cops}
