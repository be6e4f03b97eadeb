"""The reversing valve in the plant: under load, at rest, stuck half way, and the books all through."""

import numpy as np
import pytest
from isentrope_sim import duties, steady
from isentrope_sim.parameters import ROOM_VALUES, in_room
from plants import MACHINE, Stand

DUTIES = 12  # more of them: python -m isentrope_sim.duties ashp-r290-8kw 1000


def assert_exact(stand):
    """Charge to 1e-9, energy to 1e-6 of the throughput: what the scheme promises, not only the bar."""
    stand.assert_balanced()
    assert np.abs(stand.column("charge_error")).max() < 1e-9
    residual, throughput = stand.column("energy_residual_j"), stand.column("energy_throughput_j")
    assert np.abs(residual).max() < 2e-6 * max(throughput[-1], 1e5)


@pytest.mark.parametrize(("rps", "opening"), [(55, 0.43), (90, 0.7)])
def test_reversal_under_load_both_ways(rps, opening):
    stand = Stand()
    stand.run(240, rps=rps, eev_opening=opening)
    stand.run(40, reversing=1.0)
    assert stand["reversing_position"] == 1.0
    stand.run(200)
    assert stand["heat_w"] < -2000 and stand["evaporator_w"] < -2000, "heat goes from the water to the air"
    # The coil is wet from the heating before: its cool end lies between wet bulb (5.9 degC) and dry bulb.
    assert stand["t_coil"] > 279.1 and stand["p_discharge"] > stand["p_suction"] + 2e5
    stand.run(240, reversing=0.0)
    assert stand["reversing_position"] == 0.0 and stand["heat_w"] > 3000
    assert_exact(stand)


def test_without_pressure_difference_the_slide_stays():
    stand = Stand()
    stand.run(120, reversing=1.0)
    assert stand["reversing_position"] == 0.0
    stand.run(400, rps=50, eev_opening=0.35)
    assert stand["reversing_position"] == 1.0, "as soon as the compressor drives it"
    assert stand["heat_w"] < 0
    assert_exact(stand)


def test_power_cut_in_mid_travel_leaves_the_slide_half_way():
    """Pressures are equal within seconds; started again, the compressor pushes the slide home."""
    stand = Stand()
    stand.run(240, rps=55, eev_opening=0.43).run(0.5, reversing=1.0)
    stand.run(60, rps=0, reversing=0.0, fan=0.0, water_kg_s=0.0)
    stand.put(reversing=1.0)
    stand.run(300)
    assert 0.0 <= stand["reversing_position"] <= 1.0
    assert abs(stand["p_discharge"] - stand["p_suction"]) < 1e5
    stand.run(300, rps=60, eev_opening=0.4, fan=1.0, water_kg_s=0.2676)
    assert stand["reversing_position"] == 1.0
    assert_exact(stand)


def test_a_slide_too_slow_for_its_pressure_gets_stuck():
    """Slow compressor, slow slide: half way the short circuit takes the difference, and it stays there."""
    import dataclasses

    from isentrope_sim.plant import Plant

    slow = dataclasses.replace(MACHINE, values=MACHINE.values | {"rv_travel": 4.0, "rv_mid_opening": 0.5})
    stand = Stand()
    stand.plant = Plant(slow)
    stand.plant.reset(280.15, 0.87, 298.15)
    stand.run(300, rps=25, eev_opening=0.3).run(600, reversing=1.0)
    assert 0.1 < stand["reversing_position"] < 0.95
    assert stand["p_discharge"] - stand["p_suction"] < 2e5
    assert_exact(stand)


def test_sixteen_cells_reverse_after_pump_down():
    stand = Stand(cells=16)
    stand.run(200, rps=50, eev_opening=0.35).run(300, eev_opening=0.0)
    stand.run(30, reversing=1.0).run(120, eev_opening=0.4)
    assert stand["reversing_position"] == 1.0
    assert_exact(stand)


def test_snapshot_in_mid_travel_continues_bit_for_bit():
    stand = Stand()
    stand.run(200, rps=60, eev_opening=0.45).run(0.5, reversing=1.0)
    assert 0.0 < stand["reversing_position"] < 1.0
    saved = stand.plant.snapshot()
    first = stand.run(60).plant.x.copy(), stand.plant.y.copy()
    stand.plant.restore(saved)
    second = stand.run(60).plant.x, stand.plant.y
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])


@pytest.mark.parametrize("seed", range(DUTIES))
def test_random_duty(seed):
    report = duties.run(MACHINE, seed)
    assert not report.fails(), report.line()
    assert report.shortest_s >= duties.SHORT_S, report.line()


def test_cooling_point_is_what_the_plant_settles_at():
    point = steady.cool(MACHINE, 35.0, 7.0, cooling_w=5000.0)
    assert 2.5 < point["cop"] < 4.0
    assert point["cooling_w"] == pytest.approx(5000.0, rel=1e-6)
    stand = Stand(outdoor_c=35.0, water_c=20.0)
    stand.put(outdoor_rh=point["humidity"], water_kg_s=point["water_kg_s"], water_in_k=point["water_in_k"])
    stand.run(90, rps=point["speed_rps"], eev_opening=point["eev_opening"], fan=point["fan"], reversing=1.0)
    stand.run(6000, dt=1.0)
    assert stand["p_evap"] == pytest.approx(point["evaporating_pa"], rel=1e-5)
    assert stand["p_cond"] == pytest.approx(point["condensing_pa"], rel=1e-5)
    assert stand["heat_w"] == pytest.approx(point["indoor_w"], rel=1e-5)
    assert stand["superheat_k"] == pytest.approx(point["suction_superheat_k"], abs=1e-3)


def test_cooling_trends():
    """Warmer outdoor air costs, warmer chilled water helps, and a heating-only machine says it cannot."""
    import dataclasses

    from isentrope_sim.errors import InputError

    cop = [steady.cool(MACHINE, c, 7.0, cooling_w=4000.0)["cop"] for c in (25.0, 30.0, 35.0, 40.0)]
    assert cop == sorted(cop, reverse=True)
    assert steady.cool(MACHINE, 35.0, 18.0)["cop"] > steady.cool(MACHINE, 35.0, 7.0)["cop"]
    fixed = dataclasses.replace(MACHINE, values=MACHINE.values | {"reversible": 0.0})
    with pytest.raises(InputError, match="no reversing valve"):
        steady.cool(fixed, 35.0, 7.0)


def air_machine():
    """The machine with a coil in room air in place of its plate."""
    import dataclasses

    # The fins and the fan of a coil indoors: those outdoors, smaller.
    room = {
        f"room_{name}": MACHINE.values[name] for name in map(in_room, ROOM_VALUES) if name in MACHINE.values
    }
    room |= {"room_air_ua": 900.0, "room_fin_area": 15.0, "room_coil_rows": 2.0}
    room |= {"room_fan_flow": 0.35, "room_fan_free_flow": 0.5, "room_fan_w": 60.0, "indoor_air": 1.0}
    return dataclasses.replace(MACHINE, values=MACHINE.values | room)


def test_room_air_is_cooled_and_dried():
    """Steady and dynamic agree; moist air gives up more heat, and part of it is latent."""
    from isentrope_sim.plant import Plant

    machine = air_machine()
    dry = steady.room(machine, 35.0, 27.0, cooling=True, room_rh=0.2, speed_rps=40.0, room_fan=1.0)
    point = steady.room(machine, 35.0, 27.0, cooling=True, room_rh=0.5, speed_rps=40.0, room_fan=1.0)
    assert dry["latent_w"] == 0.0 and point["latent_w"] > 300.0
    assert point["cooling_w"] > dry["cooling_w"] > 2000.0
    stand = Stand()
    stand.plant = Plant(machine)
    stand.plant.reset(308.15, 0.4, 300.15)
    stand.put(outdoor_k=308.15, outdoor_rh=point["humidity"], indoor_k=300.15, indoor_rh=0.5, indoor_fan=1.0)
    stand.run(90, rps=40.0, eev_opening=point["eev_opening"], fan=point["fan"], reversing=1.0)
    stand.run(5000, dt=1.0)
    assert stand["heat_w"] == pytest.approx(point["indoor_w"], rel=1e-4)
    assert -stand["indoor_latent_w"] == pytest.approx(point["latent_w"], rel=1e-3)
    assert_exact(stand)
    warm = steady.room(machine, 7.0, 20.0, cooling=False, speed_rps=40.0)
    assert warm["heating_w"] > 3000.0
