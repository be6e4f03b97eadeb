"""The water circuit conserves energy, whatever the step, and its load follows load or emitter law."""

import math

import pytest
from isentrope_sim.house import WATER_J_KG_K, House, HouseData

FLOW = 0.27
DATA = HouseData(buffer_kg=200.0)


def run(house, seconds, dt_s, water_out_k=310.0, flow=FLOW, load_w=4000.0, emitter=640.0, bath=math.nan):
    brought = taken = 0.0
    for _ in range(round(seconds / dt_s)):
        house.step(water_out_k, flow, load_w, emitter, 293.15, bath, dt_s)
        brought += house.out[0] * dt_s
        taken += house.out[1] * dt_s
    return brought, taken


def fresh(water_k=303.0):
    house = House(DATA)
    house.reset(water_k)
    return house


@pytest.mark.parametrize("dt_s", [0.1, 0.5, 10.0, 600.0])
@pytest.mark.parametrize("load_w", [0.0, 4000.0, 50_000.0])
def test_energy_brought_is_energy_held_and_taken(dt_s, load_w):
    house = fresh()
    # What left the circuit in the last step is still under way to the condenser.
    held = house.out[2] + FLOW * WATER_J_KG_K * dt_s * house.water_in_k
    brought, taken = run(house, 3600.0, dt_s, load_w=load_w)
    now = house.out[2] + FLOW * WATER_J_KG_K * dt_s * house.water_in_k
    assert now - held == pytest.approx(brought - taken, abs=1e-6 * house.out[2] / 1e3)
    assert brought > 1e6


@pytest.mark.parametrize("flow", [0.0, FLOW])
def test_one_long_step_equals_many_short_ones(flow):
    long, short = fresh(), fresh()
    run(long, 30.0, 30.0, flow=flow, load_w=0.0)
    run(short, 30.0, 0.01, flow=flow, load_w=0.0)
    # The pipe is exact at any step; the buffer sees the pipe's mean instead of its course.
    assert long.state[0] == pytest.approx(short.state[0], abs=1e-6)
    assert long.state[1] == pytest.approx(short.state[1], abs=0.05)


def test_settles_where_heat_equals_load():
    house = fresh()
    for _ in range(40_000):
        house.step(
            house.water_in_k + 4000.0 / (FLOW * WATER_J_KG_K), FLOW, 4000.0, 640.0, 293.15, math.nan, 0.5
        )
    before = house.water_in_k
    house.step(house.water_in_k + 4000.0 / (FLOW * WATER_J_KG_K), FLOW, 4000.0, 640.0, 293.15, math.nan, 0.5)
    assert house.water_in_k == pytest.approx(before, abs=1e-6)
    assert house.out[0] == pytest.approx(4000.0)


def test_a_cold_buffer_starves_the_load():
    house = fresh(296.15)
    run(house, 60.0, 0.5, flow=0.0)
    assert house.out[1] == pytest.approx(640.0 * 3.0, rel=0.05)
    cold = fresh(290.0)
    run(cold, 60.0, 0.5, flow=0.0)
    assert cold.out[1] == 0.0
    assert cold.state[1] == 290.0


def test_a_resting_pump_leaves_the_buffer_to_the_load():
    house = fresh()
    run(house, 600.0, 0.5, flow=0.0)
    assert house.state[1] == pytest.approx(303.0 - 4000.0 * 600.0 / (200.0 * WATER_J_KG_K))
    assert house.state[0] == 303.0


def test_a_bath_holds_the_return_and_counts_its_heat():
    house = fresh()
    brought, taken = run(house, 60.0, 0.5, bath=305.0)
    assert house.water_in_k == 305.0
    assert taken == pytest.approx(brought)


def test_time_constant_of_the_buffer():
    house = fresh(300.0)
    tau = 200.0 / FLOW
    run(house, tau, 0.5, load_w=0.0)
    # Step response of the pipe (5 kg) and the buffer in series.
    ratio = 5.0 / 200.0
    expected = 1.0 - (math.exp(-1.0) - ratio * math.exp(-1.0 / ratio)) / (1.0 - ratio)
    assert (house.state[1] - 300.0) / 10.0 == pytest.approx(expected, abs=1e-3)
