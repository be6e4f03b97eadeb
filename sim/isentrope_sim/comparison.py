"""A machine's certified rows beside what the model says: dry and, where frost forms, over whole cycles.

    compare(load_machine("ashp-r290-8kw"), certified_points("ashp-r290-8kw")[0])

The speed is whatever gives the certified heat, so the COP is what is compared.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from isentrope_sim.certified import CertifiedPoint
from isentrope_sim.errors import InputError
from isentrope_sim.frosting import cycle_average
from isentrope_sim.machine import Machine
from isentrope_sim.net import FROST_C
from isentrope_sim.steady import solve


def compare(machine: Machine, row: CertifiedPoint) -> dict[str, Any]:
    """One certified row and the model's answer, temperatures degC, powers W, errors in per cent.

    Keys: those of the row but `machine`; dry_cop and dry_error without frost (`steady.solve`); net_cop,
    net_error and frost_cost (per cent of COP) over whole cycles (`frosting.cycle_average`), None above
    FROST_C; speed_rps of the last of them that was found; note: why a figure is missing, else "".
    """
    made: dict[str, Any] = {key: value for key, value in asdict(row).items() if key != "machine"}
    made |= dict.fromkeys(("dry_cop", "dry_error", "net_cop", "net_error", "frost_cost", "speed_rps"))
    made["note"] = ""
    try:
        dry = solve(machine, row.source_c, row.sink_out_c, heating_w=row.heating_w)
        made |= {"dry_cop": dry["cop"], "dry_error": _error(dry["cop"], row), "speed_rps": dry["speed_rps"]}
        if row.source_c <= FROST_C:
            net = cycle_average(machine, row.source_c, row.sink_out_c, heating_w=row.heating_w)
            made |= {"net_cop": net["cop"], "net_error": _error(net["cop"], row)}
            made |= {"frost_cost": 100.0 * net["defrost_loss"], "speed_rps": net["speed_rps"]}
    except InputError as error:  # the machine has no speed for that heat
        made["note"] = str(error)
    return made


def _error(cop: float, row: CertifiedPoint) -> float:
    return 100.0 * (cop / row.cop - 1.0)
