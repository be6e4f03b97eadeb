"""Whole cycles of frosting and defrosting of air/air machines."""

import numpy as np
import pytest
from isentrope_sim import frosting_room, steady
from isentrope_sim.errors import InputError
from isentrope_sim.frosting import Cycle
from isentrope_sim.plant import OUTPUT_NAMES
from rooms import MACHINES, NAMES

SPLIT = MACHINES["minisplit-r32-3.5kw"]


@pytest.mark.parametrize("name", NAMES)
def test_a_cycle_at_two_degrees(name):
    """A2, wet bulb 1, rated speed: a defrost every 40 to 75 min, melted within 60 to 310 s, 8 to 20 % of COP
    (air/water: 8 to 17 %; a room's coil has less heat to melt with than a buffer), most water drained.
    """
    point = frosting_room.cycle_average(MACHINES[name], 2.0, 20.0)
    assert 2400.0 < point["cycle_s"] < 4500.0 and 60.0 <= point["melting_s"] <= 310.0
    assert 0.08 < point["defrost_loss"] < 0.20
    assert point["heating_w"] < point["dry_heating_w"] and point["cop"] < point["dry_cop"]
    assert point["ended_by"] == "fallen" and point["left_kg"] < 0.4 * point["frost_kg"]
    assert point["frost"] == "simulated"


def test_the_speed_follows_the_heat():
    point = frosting_room.cycle_average(SPLIT, 2.0, 20.0, heating_w=1800.0)
    assert point["heating_w"] == pytest.approx(1800.0, rel=0.004)
    assert SPLIT.values["min_rps"] < point["speed_rps"] < SPLIT.values["max_rps"]


def test_without_frost_it_is_the_clean_machine():
    """Dry outdoor air: no defrost, and the average is the steady point.

    At 45 1/s: at 30 the charge takes half an hour to settle, longer than the average waits.
    """
    point = frosting_room.cycle_average(SPLIT, 2.0, 20.0, wet_bulb_c=-2.5, speed_rps=45.0)
    assert point["ended_by"] == "none" and point["frost_kg"] == 0.0
    assert point["cop"] == pytest.approx(point["dry_cop"], rel=2e-3)
    assert point["heating_w"] == pytest.approx(point["dry_heating_w"], rel=2e-3)


def test_books_close_over_cycles():
    point = steady.room(SPLIT, 2.0, 20.0, cooling=False)
    run = frosting_room.RoomRun(SPLIT, point, 275.15, 293.15, 0.5, frosting_room.SEQUENCE)
    for _ in range(2):
        assert run.one_cycle().frost_kg > 0.3
    y = dict(zip(OUTPUT_NAMES, run.y, strict=True))
    assert abs(y["charge_error"]) < 1e-9
    assert abs(y["energy_residual_j"]) < 2e-6 * y["energy_throughput_j"]
    assert np.all(np.isfinite(run.plant.x)) and isinstance(run.cycle, Cycle)


def test_net_says_what_it_did():
    warm = frosting_room.net(SPLIT, 7.0, 20.0, cooling=False, speed_rps=40.0)
    cold = frosting_room.net(SPLIT, -7.0, 20.0, cooling=False, speed_rps=60.0)
    cooled = frosting_room.net(SPLIT, 35.0, 27.0, cooling=True, capacity_w=3000.0)
    assert (warm["frost"], cold["frost"], cooled["frost"]) == ("none", "simulated", "none")
    assert cooled["cooling_w"] == pytest.approx(3000.0)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"heating_w": 4800.0}, r"heating_w is 4800, this point with frost allows \d+ W at 90 rps"),
        ({"heating_w": 9000.0}, r"heating_w is 9000, this point allows \d+ to \d+ W"),
        ({"speed_rps": 200.0}, r"speed_rps is 200, allowed 12 to 90"),
        ({"room_rh": 2.0}, r"room_rh is 2, allowed 0 to 1"),
        ({"wet_bulb_c": 5.0}, r"wet bulb is 5 degC, allowed up to the dry bulb 2"),
    ],
)
def test_bad_input(kwargs, message):
    with pytest.raises(InputError, match=message):
        frosting_room.cycle_average(SPLIT, 2.0, 20.0, **kwargs)
