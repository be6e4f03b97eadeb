"""The whole circuit: energy across every part, the house's own controls, the diverter and the tank."""

import math

import numpy as np
import pytest
from isentrope_sim.world import WATER_J_KG_K, ZERO_C, emitters, tank
from isentrope_sim.world import hydronics as hy
from isentrope_sim.world.building import BuildingData

FLOW = 0.27


def house(kind="floor", hot=True, **more):
    emitter = emitters.preset(kind, 5400.0, 140.0, 293.15)
    made = hy.HouseCircuit(
        hy.HouseCircuitData(BuildingData(), emitter, tank.TankData() if hot else None, **more)
    )
    made.reset(308.15, 293.15, 318.15, 273.15, 420.0, 0.0)
    return made


def inputs(**values):
    u = np.zeros(len(hy.INPUTS))
    base = {
        "water_out_k": 311.15,
        "flow_kg_s": FLOW,
        "bath_k": math.nan,
        "outdoor_k": 273.15,
        "internal_w": 420.0,
        "room_setpoint_k": 293.15,
        "tank_setpoint_k": 323.15,
        "tank_charge": -1.0,
        "cold_k": 283.15,
    }
    for name, value in {**base, **values}.items():
        u[hy.INPUTS.index(name)] = value
    return u


def get(made, name):
    return float(made.out[hy.OUTPUT_NAMES.index(name)])


@pytest.mark.parametrize("kind", emitters.KINDS)
@pytest.mark.parametrize("dt", [0.5, 20.0, 300.0])
def test_energy_brought_is_held_or_taken_in_water_and_in_the_building(kind, dt):
    made, u = house(kind), inputs(solar_w_m2=80.0, tap_kg_s=0.05)

    def held():  # what left in the last step is on its way to the condenser
        return get(made, "house_energy_j") + FLOW * WATER_J_KG_K * dt * made.water_in_k

    first, first_b = held(), get(made, "building_energy_j")
    brought = taken = room = 0.0
    for _ in range(round(4 * 3600 / dt)):
        u[hy.WATER_OUT] = made.water_in_k + 6000.0 / (FLOW * WATER_J_KG_K)
        made.step(u, dt)
        brought += get(made, "house_heat_w") * dt
        taken += get(made, "load_taken_w") * dt
        heat = get(made, "load_taken_w") - get(made, "tap_heat_w")
        room += (heat + get(made, "gains_w") - get(made, "building_loss_w")) * dt
    assert abs(held() - first - (brought - taken)) < 1e-9 * first
    assert abs(get(made, "building_energy_j") - first_b - room) < 1e-9 * first_b
    assert brought == pytest.approx(6000.0 * 4 * 3600.0, rel=0.01)
    assert get(made, "tank_heat_w") > 0.0 and get(made, "tap_heat_w") > 0.0


def test_a_house_starts_at_rest_in_its_weather():
    made = house(hot=False)
    assert get(made, "room_k") == 293.15
    u = inputs(water_out_k=308.15)
    for _ in range(600):
        made.step(u, 0.5)
    assert get(made, "room_k") == pytest.approx(293.15, abs=0.1)
    assert get(made, "emitter_heat_w") == pytest.approx(get(made, "building_loss_w") - 420.0, rel=0.1)


def test_the_room_is_held_by_its_thermostat():
    made, u = house("radiator", hot=False), inputs(water_out_k=323.15)
    for _ in range(48 * 60):
        made.step(u, 60.0)
    assert get(made, "room_k") == pytest.approx(293.15, abs=1.0)  # within half the band
    assert 0.0 < get(made, "emitter_valve") < 1.0
    u[hy.ROOM_SET] = 295.15
    for _ in range(24 * 60):
        made.step(u, 60.0)
    assert get(made, "room_k") == pytest.approx(295.15, abs=1.0)


def test_the_mixing_valve_follows_the_heating_curve_and_needs_a_warm_buffer():
    made, u = house(hot=False), inputs(water_out_k=323.15, outdoor_k=283.15)
    for _ in range(3600):
        made.step(u, 1.0)
    curve = 293.15 + 15.0 * (10.0 / 30.0) ** (1.0 / 1.1)  # floor 35 degC at -10 degC
    assert get(made, "supply_k") == pytest.approx(curve, abs=0.01)
    assert made.buffer[0] > curve + 10.0
    plain = house(hot=False, mixing=False)
    for _ in range(3600):
        plain.step(u, 1.0)
    assert get(plain, "supply_k") == pytest.approx(plain.buffer[0], abs=0.1)


def test_the_tanks_thermostat_turns_the_diverter_and_back():
    made, u = house(), inputs(water_out_k=333.15)
    assert get(made, "tank_sensor_k") == pytest.approx(ZERO_C + 45.0)
    made.step(u, 0.5)
    assert get(made, "diverter") == 0.0  # 45 degC is the lower threshold
    made.hot[:] -= 0.1
    for _ in range(19):
        made.step(u, 0.5)
    assert 0.9 < get(made, "diverter") < 1.0  # it travels 10 s
    heat = []
    for _ in range(4 * 7200):
        made.step(u, 0.5)
        heat.append(get(made, "tank_heat_w"))
        if get(made, "diverter") == 0.0:
            break
    assert get(made, "tank_sensor_k") == pytest.approx(ZERO_C + 50.0, abs=0.2)
    assert max(heat) > 5000.0 and heat[-1] == 0.0


def test_the_tank_can_be_charged_or_left_by_order():
    made = house()
    made.hot[:] = 300.0
    for _ in range(100):
        made.step(inputs(tank_charge=0.0), 0.5)
    assert get(made, "diverter") == 0.0
    made.hot[:] = 340.0
    for _ in range(100):
        made.step(inputs(tank_charge=1.0), 0.5)
    assert get(made, "diverter") == 1.0


def test_a_bath_holds_the_return_while_the_house_goes_on():
    made, u = house(hot=False), inputs(bath_k=303.15)
    for _ in range(200):
        made.step(u, 0.5)
    assert made.water_in_k == 303.15
    assert get(made, "house_heat_w") == pytest.approx(FLOW * WATER_J_KG_K * 8.0)
    assert get(made, "emitter_heat_w") > 1000.0


def test_without_a_tank_nothing_of_it_is_there():
    made = house(hot=False)
    made.step(inputs(), 0.5)
    assert not any(name.startswith("tank_") for name in made.state_names)
    assert get(made, "tank_heat_w") == get(made, "tap_heat_w") == 0.0
    assert len(made.state_names) == len(made.state) == len(set(made.state_names))


def test_a_stopped_pump_leaves_the_buffer_to_the_emitters():
    made, u = house(hot=False), inputs(flow_kg_s=0.0)
    before = made.buffer.mean()
    for _ in range(7200):
        made.step(u, 0.5)
    assert made.buffer.mean() < before - 2.0
    assert np.all(np.isfinite(made.state))
