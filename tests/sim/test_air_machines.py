"""The air/air machines: both modes over the envelope, dynamic against steady, and the books all through."""

import dataclasses
import itertools

import numpy as np
import pytest
from isentrope_sim import charge, steady
from isentrope_sim.components import air
from isentrope_sim.machine import load_machine
from isentrope_sim.plant import Plant
from plants import answer_time
from rooms import MACHINES, NAMES, RH_COOLING, RoomStand, point_of, settled

DUCTED = MACHINES["ducted-r454b-10kw"]
SPLIT = MACHINES["minisplit-r32-3.5kw"]
BOTH = pytest.mark.parametrize("cooling", [False, True], ids=["heating", "cooling"])
EACH = pytest.mark.parametrize("name", NAMES)


def speeds(machine):
    v = machine.values
    return v["min_rps"], v["rated_rps"], v["max_rps"]


@EACH
def test_heating_converges_over_the_envelope(name):
    machine = MACHINES[name]
    for source, room, rps, superheat in itertools.product(
        (-20.0, -7.0, 0.0, 2.0, 7.0, 24.0), (15.0, 20.0, 27.0), speeds(machine), (3.0, 6.0, 12.0)
    ):
        point = steady.room(machine, source, room, cooling=False, speed_rps=rps, superheat_k=superheat)
        assert point["heating_w"] > point["electric_w"], (source, room, rps, superheat)
        assert 0.0 < point["eev_opening"] < 1.0
        assert point["latent_w"] == 0.0 and point["condensate_kg_s"] == 0.0
        assert point["charge_kg"] == pytest.approx(machine.values["charge"], rel=1e-6)


@EACH
def test_cooling_converges_over_the_envelope(name):
    machine = MACHINES[name]
    for source, room, rh, rps, superheat in itertools.product(
        (20.0, 30.0, 35.0, 46.0), (20.0, 27.0, 32.0), (0.2, 0.5, 0.8), speeds(machine), (3.0, 6.0, 12.0)
    ):
        point = steady.room(
            machine, source, room, cooling=True, room_rh=rh, speed_rps=rps, superheat_k=superheat
        )
        assert point["cop"] > 1.0, (source, room, rh, rps, superheat)
        assert point["sensible_w"] + point["latent_w"] == pytest.approx(point["cooling_w"])
        assert 0.3 < point["sensible_heat_ratio"] <= 1.0
        assert point["charge_kg"] == pytest.approx(machine.values["charge"], rel=1e-6)


@EACH
def test_ratings_are_of_the_class(name):
    """Capacity within a tenth of the class at rated speed; catalogues' efficiencies, A35 and A7."""
    machine = MACHINES[name]
    watts = {"minisplit-r32-3.5kw": 3500.0, "ptac-r32-2.6kw": 2600.0, "ducted-r454b-10kw": 10000.0}[name]
    cold, warm = point_of(machine, True), point_of(machine, False)
    assert cold["cooling_w"] == pytest.approx(watts, rel=0.05)
    assert warm["heating_w"] == pytest.approx(watts, rel=0.10)
    assert 3.2 < cold["cop"] < 4.2 and 3.6 < warm["cop"] < 4.8
    assert 0.70 < cold["sensible_heat_ratio"] < 0.85
    assert 3.0 < cold["subcooling_k"] < 12.0
    assert cold["discharge_k"] < 273.15 + machine.limits["discharge_max_c"]


@EACH
@BOTH
def test_settled_plant_is_the_steady_point(name, cooling):
    stand, point = settled(MACHINES[name], cooling, seconds=9000.0)
    assert stand["p_evap"] == pytest.approx(point["evaporating_pa"], rel=2e-5)
    assert stand["p_cond"] == pytest.approx(point["condensing_pa"], rel=2e-5)
    assert stand["heat_w"] == pytest.approx(point["indoor_w"], rel=2e-5)
    assert -stand["indoor_latent_w"] == pytest.approx(point["latent_w"], rel=1e-4, abs=1e-6)
    assert stand["electric_w"] == pytest.approx(point["electric_w"], rel=2e-5)
    assert stand["superheat_k"] == pytest.approx(point["suction_superheat_k"], abs=4e-3)
    assert stand["subcooling_k"] == pytest.approx(point["subcooling_k"], abs=4e-3)
    assert stand["room_m3_s"] == pytest.approx(point["room_m3_s"])
    stand.assert_exact()


@EACH
def test_dehumidification_closes(name):
    """Settled, an hour: what drains, or still fills the film, is what the air lost, and times its latent heat
    it is the latent load; the air leaves colder and drier by just the sensible and the latent load.
    """
    stand, point = settled(MACHINES[name], True)
    drained, held, first = stand["condensate_kg"], stand["room_water_kg"], len(stand.log)
    stand.run(3600, dt=1.0)
    water = stand["condensate_kg"] - drained + stand["room_water_kg"] - held
    latent_j = -stand.column("indoor_latent_w")[first:].sum()
    # Evaporation at the fins, 10 to 16 degC: 2.463 to 2.477 MJ/kg (steam tables).
    assert 2.460e6 * water < latent_j < 2.480e6 * water
    assert water == pytest.approx(3600.0 * point["condensate_kg_s"], rel=1e-4)
    flow = stand["room_m3_s"] * air.density(300.15)
    dried = flow * (
        air.humidity_ratio(RH_COOLING * air.water_vapour_pressure(300.15)) - stand["room_out_humidity"]
    )
    assert dried == pytest.approx(water / 3600.0, rel=1e-4)
    cooled = flow * air.CP_AIR * (300.15 - stand["t_room_out"])
    assert cooled == pytest.approx(point["sensible_w"], rel=1e-4)
    # The film of the wet fins; those of superheated cells stay dry.
    film = MACHINES[name].values["room_retained_water"] * MACHINES[name].values["room_fin_area"]
    assert 0.5 * film < stand["room_water_kg"] < 1.05 * film
    assert stand["room_frost_kg"] == 0.0


def test_damper_rooms_are_dried_more():
    """Sensible heat ratio falls with humidity and with less air, capacity rises with humidity; in a dry room
    no water comes.
    """
    points = [point_of(SPLIT, True, room_rh=rh) for rh in (0.2, 0.4, 0.5, 0.6, 0.8)]
    ratio = [p["sensible_heat_ratio"] for p in points]
    assert ratio[0] == 1.0 and points[0]["condensate_kg_s"] == 0.0
    assert ratio == sorted(ratio, reverse=True) and ratio[-1] < 0.6
    assert np.all(np.diff([p["cooling_w"] for p in points]) > 0)
    slow = point_of(SPLIT, True, room_fan=0.6)
    assert slow["sensible_heat_ratio"] < point_of(SPLIT, True, room_fan=1.0)["sensible_heat_ratio"]


def test_a_wet_coil_gives_its_water_back_to_the_room():
    """Compressor off, fan on: the film on the fins evaporates (the room gains moisture, loses heat)."""
    stand, _point = settled(SPLIT, True, seconds=1200.0)
    held, drained = stand["room_water_kg"], stand["condensate_kg"]
    assert held > 0.05
    stand.run(5, rps=0)
    stand.run(1500, dt=1.0)
    assert stand["condensate_kg"] - drained < 0.02
    assert stand["room_water_kg"] < 0.3 * held
    assert stand.column("indoor_latent_w")[-1500:].max() > 50.0, "moisture goes into the room"
    stand.assert_exact()


@EACH
def test_books_over_start_stop_reversal_and_power_cut(name):
    machine = MACHINES[name]
    opening = point_of(machine, False)["eev_opening"]
    stand = RoomStand(machine, 7.0, 0.87, 20.0, 0.5)
    rps = machine.values["rated_rps"]
    stand.run(240, rps=rps, eev_opening=opening)
    assert stand["heat_w"] > 500.0
    stand.run(180, reversing=1.0)
    assert stand["reversing_position"] == 1.0 and stand["heat_w"] < -500.0
    stand.run(180, reversing=0.0)
    assert stand["reversing_position"] == 0.0 and stand["heat_w"] > 500.0
    stand.run(200, rps=0.0, eev_opening=0.0)
    stand.run(240, rps=machine.values["max_rps"], eev_opening=opening)
    stand.run(60, rps=0.0, fan=0.0, indoor_fan=0.0)
    stand.run(120, rps=rps, fan=1.0, indoor_fan=1.0, eev_opening=1.0)
    stand.run(120, eev_opening=0.0)
    stand.assert_exact()
    assert stand["shortest_step_s"] >= 1e-4


@EACH
def test_frost_and_defrost(name):
    """Outdoors 2 degC and damp: frost gathers until it halves the air; reversed with both fans off it melts
    and drains, and the machine heats again. Room and outdoor air, ice and refrigerant close all through.
    """
    machine = MACHINES[name]
    rps = machine.values["max_rps"]
    opening = steady.room(machine, 2.0, 20.0, cooling=False, speed_rps=rps)["eev_opening"]
    stand = RoomStand(machine, 2.0, 0.84, 20.0, 0.4)
    stand.run(300, rps=rps, eev_opening=opening)
    clean_w = stand["heat_w"]
    while stand["air_m3_s"] > 0.5 * machine.values["fan_flow"]:
        stand.run(30)
    assert 900.0 < stand.plant.time_s < 3600.0
    ice, first = stand["frost_kg"], len(stand.log)
    stand.run(30, rps=25.0).run(1, reversing=1.0, fan=0.0, indoor_fan=0.0, eev_opening=0.6)
    start = stand.plant.time_s
    while stand["frost_kg"] > 0.01 * ice:
        stand.run(5, rps=50.0)
        assert stand.plant.time_s - start < 310.0
    assert stand.column("heat_w")[first:].min() < -100.0, "defrost takes heat from the room's coil"
    stand.run(30, rps=20.0, reversing=0.0)
    stand.run(300, rps=rps, fan=1.0, indoor_fan=1.0, eev_opening=opening)
    assert stand["heat_w"] > 0.9 * clean_w
    stand.assert_exact()


def test_a_room_coil_without_air_freezes():
    """Cooling with a dead indoor fan: the coil falls under 0 degC and frosts; given air again it thaws and
    what melts drains. A failure every technician knows.
    """
    stand, point = settled(SPLIT, True, seconds=600.0)
    stand.run(1800, indoor_fan=0.0, dt=0.5, eev_opening=0.6 * point["eev_opening"])
    assert stand["room_frost_kg"] > 0.05
    drained = stand["condensate_kg"]
    stand.run(900, rps=0.0, indoor_fan=1.0)
    assert stand["room_frost_kg"] == 0.0 and stand["condensate_kg"] > drained
    stand.assert_exact()


@pytest.mark.parametrize("speed_rps", [30.0, 55.0, 85.0])
def test_r454b_superheat_in_cooling(speed_rps):
    """Superheat falls with opening; the gain falls as superheat rises. The pinch is that of room air, 16 to
    19 K where outdoor coils have 7 to 9, so the fall comes later: half of the gain at 4 K is reached near 18
    to 20 K, not 14 K (docs/air-air.md has the figures).
    """

    def opening(k):
        return point_of(DUCTED, True, speed_rps=speed_rps, superheat_k=k)["eev_opening"]

    assert np.all(np.diff([opening(k) for k in (2, 4, 6, 8, 10, 12, 14, 16, 18, 20)]) < 0)

    def gain(k):
        return 1.5 / (opening(k - 0.75) - opening(k + 0.75))

    # At 85 1/s the two-phase line behind the valve takes a part of the drop, and with it of the fall: 1.03.
    least = 1.05 if speed_rps < 80.0 else 1.0
    assert gain(4.0) > least * gain(14.0) > least * gain(20.0)
    if speed_rps < 80.0:
        assert gain(4.0) > 2.0 * gain(20.0)


@pytest.mark.parametrize("change", [-0.01, 0.01])
@pytest.mark.parametrize("speed_rps", [55.0, 85.0])
def test_r454b_time_constant_in_cooling(speed_rps, change):
    """63 % of the answer to a valve step, behind a 10 s sensor, comes after 10 to 60 s; and the sign is
    right. (30 1/s: 48 s opening, 71 s closing; the ten metres of gas pipe are 15 s of it.)
    """
    stand, point = settled(DUCTED, True, seconds=3000.0, speed_rps=speed_rps, superheat_k=7.0)
    after, answer = answer_time(stand, point["eev_opening"] + change, 900.0)
    assert answer * change < 0
    assert 10.0 <= after <= 60.0


def test_snapshot_of_a_wet_room_coil_continues_bit_for_bit():
    stand, _point = settled(SPLIT, True, seconds=300.0)
    saved = stand.plant.snapshot()
    first = stand.run(60).plant.x.copy(), stand.plant.y.copy()
    stand.plant.restore(saved)
    second = stand.run(60).plant.x, stand.plant.y
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])


@EACH
@BOTH
def test_twice_the_cells_change_little(name, cooling):
    machine = MACHINES[name]
    coarse, fine = (point_of(machine, cooling, cells=n) for n in (10, 20))
    assert fine["cop"] == pytest.approx(coarse["cop"], rel=5e-3)
    assert fine["sensible_heat_ratio"] == pytest.approx(coarse["sensible_heat_ratio"], abs=0.01)


@EACH
def test_charge_is_allowed_where_the_machine_stands(name):
    machine = load_machine(name)
    assert machine.declared.installation.placement in ("split", "indoor")
    assert charge.check(machine).ok


def test_a_machine_that_cannot_cool_says_so():
    from isentrope_sim.errors import InputError

    fixed = dataclasses.replace(SPLIT, values=SPLIT.values | {"reversible": 0.0})
    with pytest.raises(InputError, match="no reversing valve, cooling is not possible"):
        point_of(fixed, True)
    assert point_of(fixed, False)["heating_w"] > 3000.0
    assert "slide_position" not in Plant(fixed).fault_parameters
