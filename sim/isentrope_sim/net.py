"""A machine's net operating point, frost and defrost counted, as EN 14511 measures it.

solve(load_machine("ashp-r290-8kw"), 2.0, 30.0, heating_w=3500.0)["cop"]
"""

from typing import Any

from isentrope_sim import frosting, steady
from isentrope_sim.machine import Machine
from isentrope_sim.operating_point import SUPERHEAT_K
from isentrope_sim.plant import Perturbed, check

# At and below this outdoor temperature, degC, certified points include defrosting cycles; frost may form up
# to some 7 degC, but laboratories measure A7 without (own choice: in the gap between A7 and A2).
FROST_C = 5.0


def frosts(machine: Machine, source_c: float) -> bool:
    """True where a net point simulates cycles: an air source at or below FROST_C."""
    said = machine.declared.seasonal
    return source_c <= FROST_C and (said is None or said.source == "air")


def solve(
    machine: Machine,
    source_c: float,
    sink_out_c: float,
    *,
    wet_bulb_c: float | None = None,
    sink_dt_k: float | None = None,
    heating_w: float | None = None,
    speed_rps: float | None = None,
    superheat_k: float = SUPERHEAT_K,
    cells: int = steady.CELLS,
    perturbation: Perturbed | None = None,
    said: frosting.Said | None = None,
) -> dict[str, Any]:
    """Solve the heating point of an air/water machine, averaged over defrost cycles where frost forms.

    Arguments and keys of the result as `steady.solve`; `frost` says "simulated", with the keys of
    `frosting.cycle_average` besides (a second or two a cycle; `said` is told each), or "none": warmer than
    FROST_C. Raises InputError (as `steady.solve`; a capacity that the machine does not have with frost),
    PlantError.
    """
    options: dict[str, Any] = {
        "wet_bulb_c": wet_bulb_c,
        "sink_dt_k": sink_dt_k,
        "heating_w": heating_w,
        "speed_rps": speed_rps,
        "superheat_k": superheat_k,
        "cells": cells,
        "perturbation": perturbation,
    }
    check("source_c", source_c, *steady.SOURCE_RANGE)
    if frosts(machine, source_c):
        return frosting.cycle_average(machine, source_c, sink_out_c, said=said, **options)
    return {**steady.solve(machine, source_c, sink_out_c, **options), "frost": "none"}
