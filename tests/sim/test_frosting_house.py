"""A defrost on a house's water: what the supply loses, and where the heat went."""

import pytest
from isentrope_sim.errors import InputError
from isentrope_sim.frosting import DT, Sequence
from isentrope_sim.frosting_house import HouseRun, swing
from isentrope_sim.house import WATER_J_KG_K
from isentrope_sim.machine import load_machine
from isentrope_sim.plant import U, Y
from isentrope_sim.steady import room, solve

MACHINE = load_machine("ashp-r290-8kw")
POINT = solve(MACHINE, 2.0, 35.0, cells=5)
HEAT_W = 4600.0
SHORT = Sequence(interval_s=2400.0)  # forty minutes of frost


def test_the_supply_falls_less_with_a_buffer():
    large, small = (
        swing(MACHINE, POINT, 275.15, heat_w=HEAT_W, buffer_kg=kg, sequence=SHORT, cells=5)
        for kg in (200.0, 8.0)
    )
    assert 1.0 < large.supply_k < 3.0 < small.supply_k
    assert 50.0 < large.melting_s < large.recovery_s
    assert large.frost_kg == pytest.approx(small.frost_kg, rel=0.2)
    assert 273.15 < large.coldest_k < POINT["water_in_k"]


def test_what_the_house_draws_and_the_machine_gives_is_what_the_water_loses():
    run = HouseRun(MACHINE, POINT, 275.15, SHORT, HEAT_W, 100.0, cells=5)
    water = []
    advance = run._advance

    def counted(*what):
        advance(*what)
        # What flows out of the circuit in a tick enters the machine in the next one.
        water.append(run.u[U["water_kg_s"]] * WATER_J_KG_K * (run.seen[-1][1] - run.house.water_in_k))

    run._advance = counted
    before = float(run.house.out[2])
    cycle = run.one_cycle()
    assert cycle.ended_by != "none" and cycle.frost_kg > 0.5
    drawn = HEAT_W * cycle.seconds
    change = float(run.house.out[2]) - before
    assert DT * sum(water) - drawn == pytest.approx(change, abs=1e-6 * drawn)
    # The plant's own account of the same water: its step's end for the house's mean.
    given = cycle.heat_j - run._pump_heat_w * cycle.seconds
    assert given == pytest.approx(DT * sum(water), abs=2e-3 * drawn)
    assert abs(run.y[Y["charge_error"]]) < 1e-9


def test_room_air_has_no_house():
    split = load_machine("minisplit-r32-3.5kw")
    point = room(split, 2.0, 20.0, cooling=False, cells=5)
    with pytest.raises(InputError, match="no water indoors"):
        swing(split, point | {"water_in_k": 293.15, "water_kg_s": 0.0}, 275.15, heat_w=1.0, buffer_kg=9.0)
