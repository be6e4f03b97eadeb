"""Every air/water machine that comes with the package, through the same examination."""

from itertools import product

import numpy as np
import pytest
from isentrope_sim.machine import load_machine, machine_names
from isentrope_sim.steady import solve
from plants import answer_time, running

MACHINES = {name: load_machine(name) for name in machine_names()}
WATER = [name for name, machine in MACHINES.items() if machine.texts["indoor"]["medium"] == "water"]


def speeds(machine):
    """Lowest, rated and highest speed; one if the compressor has only that."""
    return sorted({machine.values[name] for name in ("min_rps", "rated_rps", "max_rps")})


def inside(corners, evaporating_c, condensing_c):
    """Whether a point lies in a convex polygon, its corners in order."""
    x, y = np.array(corners, float).T
    turn = (np.roll(x, -1) - x) * (condensing_c - y) - (np.roll(y, -1) - y) * (evaporating_c - x)
    return bool(np.all(turn >= 0) or np.all(turn <= 0))


@pytest.mark.parametrize("name", WATER)
def test_steady_points_over_the_whole_envelope(name):
    """Air of -20 to 20 degC, water of 25 to 55: each solves, with the charge, the superheat and a valve that
    are the machine's; and the envelope holds most of them.
    """
    machine = MACHINES[name]
    held = 0
    points = list(product((-20, -7, 2, 7, 20), (25, 35, 45, 55), speeds(machine)))
    for source_c, sink_c, rps in points:
        point = solve(machine, source_c, sink_c, speed_rps=rps)
        assert point["suction_superheat_k"] == pytest.approx(6.0, abs=1e-4)
        assert point["charge_kg"] == pytest.approx(machine.values["charge"], rel=1e-6)
        assert 0.3 < point["cop"] < 13.0  # at the least speed and 75 K of lift the leak eats the heat
        at = (point["evaporating_k"] - 273.15, point["condensing_k"] - 273.15)
        if inside(machine.limits["envelope"], *at):
            held += 1
            # Where pressures are close together, no controller asks for full speed.
            assert point["eev_opening"] > 0.0
            assert point["eev_opening"] < 1.0 or sink_c - source_c < 20
            assert point["condensing_pa"] < 1e3 * machine.limits["high_kpa"]
            assert point["suction_pa"] > 1e3 * machine.limits["low_kpa"]
    assert held > 0.8 * len(points)


@pytest.mark.parametrize("name", WATER)
def test_subcooled_at_the_rating(name):
    """The charge leaves 3 to 8 K before the valve at A7/W35: neither flash gas nor a flooded plate."""
    assert 3.0 < solve(MACHINES[name], 7, 35)["subcooling_k"] < 8.0


@pytest.mark.parametrize("name", WATER)
def test_settled_plant_agrees_with_the_steady_point(name):
    machine = MACHINES[name]
    point = solve(machine, 7, 35, superheat_k=7.0)
    stand = running(point, machine=machine)
    heat = point["water_kg_s"] * 4186.0 * (308.15 - point["water_in_k"])
    assert stand["heat_w"] == pytest.approx(heat, rel=1e-3)
    assert stand["electric_w"] == pytest.approx(point["electric_w"] - point["pump_w"], rel=1e-3)
    assert stand["p_evap"] == pytest.approx(point["evaporating_pa"], rel=1e-3)
    assert stand["p_cond"] == pytest.approx(point["condensing_pa"], rel=1e-3)
    assert stand["superheat_k"] == pytest.approx(7.0, abs=0.05)
    stand.assert_balanced()


@pytest.mark.parametrize("name", WATER)
def test_superheat_falls_with_opening_and_its_gain_at_4_k_is_twice_that_at_14_k(name):
    def opening(k):
        return solve(MACHINES[name], 7, 35, superheat_k=k)["eev_opening"]

    assert np.all(np.diff([opening(k) for k in (2, 4, 6, 8, 10, 12, 14, 16)]) < 0)
    gains = [1.5 / (opening(k - 0.75) - opening(k + 0.75)) for k in (4.0, 14.0)]
    assert gains[0] >= 2.0 * gains[1]


@pytest.mark.parametrize("change", [-0.02, 0.02])
@pytest.mark.parametrize("name", WATER)
def test_dominant_time_constant(name, change):
    """63 % of the answer to a valve step of 2 % of the flow, behind a 10 s sensor, comes after 10 to 60 s.

    In air too dry for frost, at rated speed.
    """
    machine = MACHINES[name]
    point = solve(machine, 7, 35, superheat_k=7.0, wet_bulb_c=1.0)
    stand = running(point, machine=machine)
    after, answer = answer_time(stand, point["eev_opening"] * (1.0 + change), 600.0)
    assert answer * change < 0
    assert 10.0 <= after <= 60.0


@pytest.mark.parametrize("name", WATER)
def test_a_start_a_shut_valve_and_a_restart_close_the_books(name):
    """Cold start, load, valve shut under the running compressor, off, restart: balanced all the way."""
    machine = MACHINES[name]
    rated = machine.values["rated_rps"]
    point = solve(machine, 7, 35)
    stand = running(point, machine=machine)
    stand.run(120, eev_opening=0.0)
    assert stand["p_suction"] < 0.7 * point["suction_pa"]
    stand.run(900, rps=0.0, fan=0.0)
    stand.run(400, rps=rated, eev_opening=point["eev_opening"], fan=point["fan"])
    assert stand["heat_w"] > 0.7 * point["heating_w"]
    stand.assert_balanced()
    assert np.abs(stand.column("charge_error")).max() < 1e-9
