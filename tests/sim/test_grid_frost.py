"""Frost and defrost hardly depend on the number of cells: whole cycles at A2 and rated speed."""

import pytest
from isentrope_sim import frosting, frosting_room
from isentrope_sim.machine import load_machine


@pytest.mark.parametrize("name", ["ashp-r290-8kw", "ashp-r290-fixed", "minisplit-r32-3.5kw"])
def test_a_defrost_takes_as_long_with_twenty_cells_as_with_ten(name):
    """Time of melting within 5 %, the COP over the cycle within 0.5 %."""
    machine = load_machine(name)
    asked = {"speed_rps": machine.values["rated_rps"]}
    if machine.values["indoor_air"] > 0.0:
        coarse, fine = (frosting_room.cycle_average(machine, 2.0, 20.0, cells=n, **asked) for n in (10, 20))
    else:
        coarse, fine = (frosting.cycle_average(machine, 2.0, 35.0, cells=n, **asked) for n in (10, 20))
    assert coarse["frost_kg"] > 0.3
    assert fine["melting_s"] == pytest.approx(coarse["melting_s"], rel=0.05)
    assert fine["cop"] == pytest.approx(coarse["cop"], rel=5e-3)
