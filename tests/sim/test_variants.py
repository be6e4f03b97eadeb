"""A variant has the plant of the machine it is like, its own equipment, and signals that act."""

import numpy as np
import pytest
from isentrope_hil import profile
from isentrope_sim import machine
from isentrope_sim.errors import InputError
from isentrope_sim.house import House, HouseData
from isentrope_sim.rig import Rig
from isentrope_sim.world.settings import WorldSettings

NAME, LIKE = "ashp-r290-8kw-hydro", "ashp-r290-8kw"
WORLD = WorldSettings(design_day=(7.0, 0.8, 0.0), building={}, hot_water={"tank_c": 45.0})


def rig(world=None):
    made = profile.build("pico-full", NAME)
    return made, Rig(
        machine.load_machine(NAME), made["io"], seed=1, world=world and world.build(), noise=False
    )


def outputs(made, **on):
    rows = [row for row in made["io"] if row["dir"] == "out"]
    return [on.get(row["name"], 0) for row in rows]


def test_the_plant_is_the_other_s():
    variant, like = machine.load_machine(NAME), machine.load_machine(LIKE)
    assert variant.values == like.values and variant.limits == like.limits
    assert variant.name == NAME and NAME in machine.all_names() and NAME not in machine.machine_names()
    assert variant.controller["house"] == like.controller["house"]
    assert set(variant.controller) - set(like.controller) == {"cooling", "hot_water", "backup"}


def test_a_variant_may_be_like_a_variant():
    most = machine.load_machine("ashp-r290-8kw-equipped")
    assert most.values == machine.load_machine(LIKE).values and most.controller["hot_water"] is True
    made = profile.build("pico-full", most)
    assert {"tank_t", "leak_lfl", "water_p", "sg_1"} <= {row["name"] for row in made["io"]}
    assert made["settings"]["grid_signals"] == 3.0 and made["settings"]["pump_exercise"] == 24.0


def test_like_what_there_is_not(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[machine]\nschema = 2\nname = "mine"\nlike = "ashp-r291"\ndescription = "x"\n')
    with pytest.raises(InputError, match=r"machine.like is 'ashp-r291', known are .*ashp-r290-8kw"):
        machine.load_machine(file)


def test_a_machine_without_them_has_the_state_it_had():
    made = profile.build("pico-full", LIKE)
    plain = Rig(machine.load_machine(LIKE), made["io"], seed=1)
    assert not [name for name in plain.state_names if "backup" in name or "hot_water" in name]
    assert "backup_w" not in plain.truth_names


def test_the_relay_turns_the_diverter_and_the_heater_warms_the_house():
    made, bench = rig(WORLD)
    bench.reset(280.0, 0.8, 303.15)
    names = list(bench.truth_names)
    pump = round(0.67 * 65535)
    for _ in range(30):
        bench.step(outputs(made, hot_water_valve=1, pump_ref=pump), 0.5)
    assert bench.truth[names.index("diverter")] == 1.0
    brought = 0.0
    for _ in range(240):
        bench.step(outputs(made, backup_1=1, backup_2=1, pump_ref=pump), 0.5)
        brought += 0.5 * bench.truth[names.index("house_heat_w")]
    assert bench.truth[names.index("diverter")] == 0.0
    assert bench.truth[names.index("backup_w")] == 6000.0
    assert brought == pytest.approx(6000.0 * 120.0, rel=0.05), "the standing plant takes a little"
    with pytest.raises(InputError, match="the machine's own relay turns the diverter"):
        bench.set("tank_charge", 1.0)


def test_relays_have_faults_and_snapshots():
    made, bench = rig(WORLD)
    bench.reset(280.0, 0.8, 303.15)
    bench.fault("backup_1", "wrong")
    bench.fault("hot_water_valve", "off")
    bench.step(outputs(made, hot_water_valve=1), 0.5)
    names = list(bench.truth_names)
    assert bench.truth[names.index("backup_w")] == 3000.0
    saved = bench.snapshot()
    later = [bench.step(outputs(made, backup_2=1), 0.5) for _ in range(5)]
    state = bench.state.copy()
    bench.restore(saved)
    assert [bench.step(outputs(made, backup_2=1), 0.5) for _ in range(5)] == later
    assert np.array_equal(bench.state, state)
    bench.clear_fault()
    bench.step(outputs(made), 0.5)
    assert bench.truth[names.index("backup_w")] == 0.0
    bench.fault("supply", "off")
    bench.step(outputs(made, backup_1=1), 0.5)
    assert bench.truth[names.index("backup_w")] == 0.0


def test_without_a_tank_its_sensor_hangs_in_the_buffer():
    made, bench = rig()
    bench.reset(280.0, 0.8, 308.15)
    place = [row["name"] for row in made["io"] if row["dir"] == "in"].index("tank_t")
    assert bench.sensors.state[place] == pytest.approx(308.15)


def test_a_warm_house_gives_its_heat_to_cold_water_and_no_more_than_it_has():
    house = House(HouseData(200.0))
    for load_w, water_k, given in (
        (-2000.0, 285.15, -2000.0),
        (-9000.0, 293.15, -640.0 * 6.0),
        (-2000.0, 303.15, 0.0),
    ):
        house.reset(water_k)
        house.step(water_k, 0.0, load_w, 640.0, 299.15, float("nan"), 1.0)
        assert house.out[1] == pytest.approx(given, rel=0.02), water_k
