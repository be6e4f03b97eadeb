"""Cooling, hot water, disinfection and the weather curve in closed loop, on MicroPython."""

import os

import pytest
from isentrope_hil import profile, scenario
from isentrope_hil.bench import Bench
from isentrope_hil.errors import TargetError
from isentrope_sim.world.settings import WorldSettings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
MACHINE = "ashp-r290-8kw-hydro"


@pytest.mark.parametrize("name", ["cooling", "hot-water", "legionella", "curve"])
def test_scenario(name):
    loaded = scenario.load(name)
    with Bench(loaded.machine, loaded.board, "unix", world=loaded.world) as bench:
        document = bench.run(loaded)
    wrong = [row for row in document["requirements"] if row["verdict"] != "pass"]
    assert document["verdict"] == "pass" and not wrong, wrong


def test_a_broken_tank_sensor_costs_hot_water_and_nothing_else():
    """Alarm 53; heating goes on in the same run of the compressor."""
    world = WorldSettings(
        design_day=(7.0, 0.8, 0.0), building={"emitter": "floor"}, hot_water={"tank_c": 40.0}
    )
    with Bench(MACHINE, "pico-full", "unix", world=world) as bench:
        bench.reset(water_c=30.0)
        bench.write("enable", 1)
        bench.step(900)
        assert bench.read("state") == 4
        bench.fault("tank_t", "open")
        bench.step(60)
        assert bench.read("state") == 2 and bench.read("warn_alarms") == 1 << (53 - 32)
        bench.step(300)
        assert bench.read("state") == 2 and bench.read("starts") == 1 and bench.truth("diverter") == 0.0


def test_a_stuck_diverter_is_told():
    """The relay clicks, the valve does not turn: the house gets the heat, the tank none."""
    world = WorldSettings(
        design_day=(7.0, 0.8, 0.0), building={"emitter": "floor"}, hot_water={"tank_c": 40.0}
    )
    with Bench(MACHINE, "pico-full", "cpython", world=world) as bench:
        bench.reset(water_c=30.0, settings={"hot_water_longest": 10.0, "house_turn": 5.0})
        bench.fault("hot_water_valve", "off")
        bench.write("enable", 1)
        bench.step(2 * 60 * 42)
        assert bench.truth("diverter") == 0.0
        assert bench.read("warn_alarms") == 1 << (53 - 32) and bench.read("alarm") == 0
        assert bench.truth("p_discharge") < 32e5


@pytest.mark.parametrize(
    ("lacking", "said"),
    [("reversing", "modes has cooling, but reversing is missing"), ("tank_t", "tank_t is missing in io")],
)
def test_a_machine_that_cannot_be_is_refused_at_the_start(monkeypatch, lacking, said):
    whole = profile.build

    def without(*args, **more):
        made = whole(*args, **more)
        made.pop(lacking, None)
        made["io"] = [row for row in made["io"] if row["name"] != lacking]
        return made

    monkeypatch.setattr(profile, "build", without)
    with pytest.raises(TargetError, match=said), Bench(MACHINE, "pico-full", "unix") as bench:
        bench.reset()
