"""Every machine's results hardly depend on the number of cells: fixed valve, speed, fan and water or room."""

import pytest
from isentrope_sim.machine import load_machine, machine_names
from isentrope_sim.steady import room, solve
from isentrope_sim.validation.response import speeds


def cases():
    for name in machine_names():
        machine = load_machine(name)
        modes = (False, True) if machine.values["indoor_air"] > 0.0 else (35.0, 55.0)
        for speed in speeds(machine):
            for mode in modes:
                yield pytest.param(name, speed, mode, id=f"{name} {speed:.0f} {mode}")


def at(machine, speed, mode, superheat_k, cells):
    """A steady point: A7 and the water's outlet `mode`, degC; of a room unit heating, or cooling (True)."""
    asked = {"superheat_k": superheat_k, "speed_rps": speed, "cells": cells}
    if machine.values["indoor_air"] > 0.0:
        outdoor, indoor = (35.0, 27.0) if mode else (7.0, 20.0)
        return room(machine, outdoor, indoor, cooling=mode, **asked)
    return solve(machine, 7.0, mode, **asked)


@pytest.mark.parametrize(("name", "speed", "mode"), list(cases()))
def test_twenty_cells_instead_of_ten(name, speed, mode):
    """COP of one superheat within 0.5 %; superheat of one opening, by the local gain, within 1 K."""
    machine = load_machine(name)
    coarse, near, fine = (
        at(machine, speed, mode, k, cells) for k, cells in ((6.0, 10), (5.5, 10), (6.0, 20))
    )
    key = "cop" if "cop" in coarse else "eer"
    gain = 0.5 / (near["eev_opening"] - coarse["eev_opening"])
    assert abs(gain * (fine["eev_opening"] - coarse["eev_opening"])) < 1.0
    assert fine[key] == pytest.approx(coarse[key], rel=5e-3)
