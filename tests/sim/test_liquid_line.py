"""Filter-drier and liquid line: their laws, both directions, the settled plant and a clogged drier."""

import dataclasses

import pytest
from isentrope_sim.components import liquid_line
from isentrope_sim.steady import solve
from plants import MACHINE, running

LINE = {
    "filter_drop": 7e3,
    "filter_flow": 0.02,
    "filter_density": 480.0,
    "line_length": 10.0,
    "line_diameter": 7.6e-3,
    "line_rise": 2.0,
}
WITH = dataclasses.replace(MACHINE, values=MACHINE.values | LINE)
PAR = WITH.record()


def test_the_drier_has_its_rated_drop_at_its_rated_flow():
    par = dataclasses.replace(WITH, values=WITH.values | {"line_length": 0.0}).record()
    resistance = liquid_line.per_square(par, 0.02)
    assert liquid_line.drop(0.02, 480.0, resistance) == pytest.approx(7e3, rel=0.1)
    assert liquid_line.drop(-0.02, 480.0, resistance) == -liquid_line.drop(0.02, 480.0, resistance)


def test_friction_is_blasius_above_and_hagen_below():
    assert liquid_line.friction(0.03, 7.6e-3) == pytest.approx(0.0211, rel=0.01)
    slow = 500.0 * 3.14159265 * 7.6e-3 * liquid_line.VISCOSITY / 4.0
    assert liquid_line.friction(slow, 7.6e-3) == pytest.approx(64.0 / 500.0, rel=1e-6)


def test_a_machine_without_has_no_resistance():
    bare = MACHINE.values | {"filter_drop": 0.0, "line_length": 0.0}
    assert liquid_line.per_square(dataclasses.replace(MACHINE, values=bare).record(), 0.02) == 0.0
    assert liquid_line.per_square(MACHINE.record(), 0.02) > 0.0


@pytest.fixture(scope="module")
def settled():
    point = solve(WITH, 7.0, 35.0, speed_rps=55.0, superheat_k=7.0)
    stand = running(point, machine=WITH)
    return point, stand, stand.plant.snapshot()


def test_the_settled_plant_is_the_steady_point(settled):
    point, stand, saved = settled
    stand.plant.restore(saved)
    assert stand["superheat_k"] == pytest.approx(point["suction_superheat_k"], abs=0.05)
    assert stand["p_evap"] == pytest.approx(point["evaporating_pa"], rel=1e-4)
    assert stand["p_cond"] == pytest.approx(point["condensing_pa"], rel=1e-4)
    stand.assert_balanced()


def test_a_clogged_drier_starves_the_evaporator(settled):
    _point, stand, saved = settled
    stand.plant.restore(saved)
    p, superheat, flow = stand["p_evap"], stand["superheat_k"], stand["m_eev"]
    stand.plant.set_fault("filter_clog", 60.0)
    stand.run(900)
    assert stand["p_evap"] < 0.95 * p
    assert stand["superheat_k"] > superheat + 2.0
    assert stand["m_eev"] < 0.95 * flow
    stand.assert_balanced()
    stand.plant.set_fault("filter_clog", 1.0)
    stand.run(3600)
    assert stand["superheat_k"] == pytest.approx(superheat, abs=0.1)


def test_reversal_and_off_keep_the_books(settled):
    _point, stand, saved = settled
    stand.plant.restore(saved)
    stand.log = []
    stand.run(300, reversing=1.0)
    stand.run(300, reversing=0.0)
    stand.run(300, rps=0)
    stand.run(300, rps=50.0)
    stand.assert_balanced()
