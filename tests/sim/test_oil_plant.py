"""Refrigerant in the oil: solubility, and the plant's books with it."""

import dataclasses
import os
import subprocess
import sys
import tomllib
from functools import cache

import numpy as np
import pytest
from isentrope_sim import duties, steady
from isentrope_sim.components import oil
from isentrope_sim.errors import InputError
from isentrope_sim.machine import machine_path, parse
from isentrope_sim.plant import Y
from plants import MACHINE, Stand, running

OILS = {"oil_mass": 0.5, "oil_density": 980.0, "oil_interaction": 0.3}


def oiled(**changed):
    values = MACHINE.values | OILS | changed
    return dataclasses.replace(MACHINE, values=values | {"charge": values["charge"] + 0.08})


@pytest.mark.parametrize("interaction", [-1.0, 0.0, 0.5])
def test_solubility_rises_with_pressure_and_falls_with_temperature(interaction):
    par = oiled(oil_interaction=interaction).record()
    kg = [
        oil.dissolved(par, p, 330.0) for p in np.linspace(1e5, 0.97 * oil.saturation_pressure(par, 330.0), 40)
    ]
    assert kg[0] > 0.0 and np.all(np.diff(kg) > 0.0)
    assert np.all(np.diff([oil.dissolved(par, 8e5, t) for t in np.linspace(300.0, 400.0, 40)]) < 0.0)


def test_what_is_dissolved_has_the_pressure_it_is_in_equilibrium_with():
    par = oiled().record()
    kg = oil.dissolved(par, 8e5, 330.0)
    assert oil.activity(par, kg)[0] * oil.saturation_pressure(par, 330.0) == pytest.approx(8e5, rel=1e-9)


@pytest.mark.parametrize("low_side", [0.0, 1.0])
def test_the_books_close_over_start_off_defrost_and_pump_down(low_side):
    stand = Stand(machine=oiled(oil_low_side=low_side), outdoor_c=0.0)
    stand.run(400, rps=50, eev_opening=0.4)
    stand.run(300, rps=0, eev_opening=0.0, fan=0.0, crankcase_w=35.0)
    stand.run(300, rps=60, eev_opening=0.45, fan=1.0, crankcase_w=0.0)
    stand.run(240, reversing=1.0, fan=0.0).run(200, reversing=0.0, fan=1.0)
    stand.run(300, eev_opening=0.0).run(200, eev_opening=0.4)
    stand.assert_balanced()
    assert np.abs(stand.column("charge_error")).max() < 1e-10
    off = np.abs(stand.column("energy_residual_j"))
    assert np.all(off < 2e-6 * np.maximum(stand.column("energy_throughput_j"), 1e5))
    assert np.ptp(stand.column("oil_refrigerant_kg")) > 0.05


@pytest.mark.parametrize("low_side", [0.0, 1.0])
def test_a_random_duty_is_carried_through(low_side):
    report = duties.run(oiled(oil_low_side=low_side), 2)
    assert not report.fails() and report.charge_error < 1e-9, report.line()


@cache
def settled(low_side):
    """A steady point and the plant after two hours on it: the oil is what settles last."""
    machine = oiled(oil_low_side=low_side)
    point = steady.solve(machine, 7.0, 35.0, speed_rps=50.0)
    return point, running(point, machine=machine).run(4000, dt=1.0)


@pytest.mark.parametrize("low_side", [0.0, 1.0])
def test_the_steady_point_is_what_the_plant_settles_at(low_side):
    """The oil holds in both what its temperature and pressure say, and takes no more heat."""
    point, stand = settled(low_side)
    assert stand["p_evap"] == pytest.approx(point["evaporating_pa"], rel=1e-6)
    assert stand["p_cond"] == pytest.approx(point["condensing_pa"], rel=1e-6)
    assert stand["heat_w"] == pytest.approx(point["indoor_w"], rel=1e-6)
    assert stand["superheat_k"] == pytest.approx(point["suction_superheat_k"], abs=1e-4)
    assert stand["oil_refrigerant_kg"] > 0.01 and abs(stand["oil_release_kg_s"]) < 1e-8


def test_the_sump_of_a_low_pressure_shell_is_the_cooler_one():
    """In a rotary the oil is as hot as the shell; in such a scroll the suction gas keeps it cool."""
    hot, cool = settled(0.0)[1], settled(1.0)[1]
    assert hot["t_oil"] == pytest.approx(hot["t_shell"], abs=0.01)
    assert cool["t_oil"] < cool["t_shell"] - 20.0
    assert cool["t_oil"] > cool["t_dew_suction"] + 10.0, "what makers of low-pressure scrolls ask for"


def test_only_what_circulates_makes_the_steady_point():
    """The same machine without oil, less what the oil holds: the same pressures and COP."""
    point, stand = settled(0.0)
    circulates = point["charge_kg"] - stand["oil_refrigerant_kg"]
    dry = dataclasses.replace(MACHINE, values=MACHINE.values | {"charge": circulates, "oil_mass": 0.0})
    same = steady.solve(dry, 7.0, 35.0, speed_rps=50.0)
    assert same["cop"] == pytest.approx(point["cop"], rel=1e-6)
    assert same["condensing_pa"] == pytest.approx(point["condensing_pa"], rel=1e-6)


SECTION = """
[oil]
kind = "PAG, ISO VG 46"
sump = "high-pressure"
mass = { value = 0.5, unit = "kg", prior = "test" }
density = { value = 980.0, unit = "kg/m3", prior = "test" }
interaction = { value = 0.5, unit = "1", prior = "test" }
boil_time = { value = 60.0, unit = "s", prior = "test" }
absorb_time = { value = 10000.0, unit = "s", prior = "test" }
contact_ua = { value = 20.0, unit = "W/K", prior = "test" }
"""


def with_section(section):
    data = tomllib.loads(machine_path("ashp-r290-8kw").read_text(encoding="utf-8"))
    data.pop("oil", None)
    return data | tomllib.loads(section)


def test_a_machine_file_says_which_oil_and_where():
    machine = parse(with_section(SECTION), "x.toml")
    assert machine.values["oil_mass"] == 0.5 and machine.values["oil_low_side"] == 0.0
    low = parse(with_section(SECTION.replace("high-p", "low-p")), "x.toml")
    assert low.values["oil_low_side"] == 1.0


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('"high-pressure"', '"hot"', "x.toml: oil.sump is 'hot', allowed high-pressure, low-pressure"),
        ('0.5, unit = "kg"', '-1, unit = "kg"', "x.toml: oil.mass is -1, allowed 0 to 100 kg"),
        ("boil_time", "boil_times", "x.toml: oil.boil_time is missing"),
        ('kind = "PAG, ISO VG 46"', "", "x.toml: oil.kind is None, needs a text"),
    ],
)  # fmt: skip
def test_a_bad_section_is_named(was, now, says):
    assert was in SECTION
    with pytest.raises(InputError, match=says):
        parse(with_section(SECTION.replace(was, now)), "x.toml")


def test_a_snapshot_continues_bit_for_bit():
    stand = Stand(machine=oiled())
    stand.run(300, rps=50, eev_opening=0.4)
    saved = stand.plant.snapshot()
    stand.run(200, rps=0, eev_opening=0.0)
    first = stand.plant.x.copy()
    stand.plant.restore(saved)
    stand.run(200, rps=0)
    assert np.array_equal(first, stand.plant.x)
    assert stand["foam_index"] == stand.log[-400][Y["foam_index"]] >= 0.0


PLAIN = """
import sys; sys.path.insert(0, "tests/sim")
from test_oil_plant import oiled
from plants import Stand
stand = Stand(machine=oiled(), cells=5).run(2, rps=50, eev_opening=0.4)
print(stand["oil_refrigerant_kg"].hex(), stand["p_discharge"].hex())
"""


def test_plain_python_computes_the_same():
    stand = Stand(machine=oiled(), cells=5).run(2, rps=50, eev_opening=0.4)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    done = subprocess.run(
        [sys.executable, "-c", PLAIN], cwd=root, env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kg, p = map(float.fromhex, done.stdout.split())
    assert kg == pytest.approx(stand["oil_refrigerant_kg"], rel=1e-9)
    assert p == pytest.approx(stand["p_discharge"], rel=1e-9)
