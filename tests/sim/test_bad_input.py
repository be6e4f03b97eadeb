"""What nobody may hand to the plant: one line that names it, and a state that stays as it was."""

import numpy as np
import pytest
from isentrope_sim import Plant as Named
from isentrope_sim import fluids
from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.fluids.table import VERSION
from isentrope_sim.plant import INPUT_NAMES, Plant, U
from plants import MACHINE

NAN = float("nan")


@pytest.fixture(scope="module")
def plant():
    return Plant(MACHINE, cells=5)


def inputs(**values):
    u = np.zeros(len(INPUT_NAMES))
    for name, value in ({"water_in_k": 300.0, "outdoor_k": 280.0, "outdoor_rh": 0.8} | values).items():
        u[U[name]] = value
    return u


@pytest.mark.parametrize(
    ("u", "dt_s", "says"),
    [
        (inputs(), NAN, "dt_s is nan"),
        (inputs(), -0.5, "dt_s is -0.5, allowed 0 and more"),
        (inputs(), float("inf"), "dt_s is inf"),
        (inputs()[:5], 0.5, r"u has shape \(5,\), needed \(12,\)"),
        (["a"] * len(INPUT_NAMES), 0.5, "needed 12 numbers"),
    ],
)
def test_a_step_that_cannot_be(plant, u, dt_s, says):
    before = plant.x.copy()
    with pytest.raises(InputError, match=says):
        plant.step(u, dt_s)
    assert np.array_equal(before, plant.x)


def test_a_nan_input_is_named_and_enters_nothing(plant):
    before = plant.x.copy()
    with pytest.raises(PlantError, match=r"speed_rps is not a number at \d+\.\d\d s"):
        plant.step(inputs(speed_rps=NAN), 0.5)
    assert np.array_equal(before, plant.x)


def test_numbers_of_another_kind_are_taken_as_they_are(plant):
    u = np.round(inputs())
    saved = plant.snapshot()
    plant.step(u, 0.5)
    first = plant.x.copy()
    for other in (u.astype(int), list(u), np.repeat(u, 2)[::2]):
        plant.restore(saved)
        plant.step(other, 0.5)
        assert np.array_equal(first, plant.x)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Named(MACHINE, seed=-1), "seed is -1, needed a whole number from 0"),
        (lambda: Named(MACHINE, cells=10.5), "cells is 10.5, needed a whole number"),
        (lambda: Named(MACHINE, cells="ten"), "cells is 'ten', needed a number from 4 to 40"),
        (lambda: Named(MACHINE).step(1.0, fan="full"), "fan is 'full', needed a number from 0 to 1"),
    ],
)
def test_a_plant_that_cannot_be(build, says):
    with pytest.raises(InputError, match=says):
        build()


def test_tables_that_are_none(tmp_path):
    whole = (fluids.FOLDER / "r32.npz").read_bytes()
    path = tmp_path / "r32.npz"
    for content in (b"no table", whole[: len(whole) // 2], b""):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"r32\.npz: no property table .*isentrope fluids build R32"):
            fluids.read(path)
    np.savez(path, version=VERSION)
    with pytest.raises(InputError, match="no property table"):
        fluids.read(path)
    np.savez(path, version=VERSION - 1)
    with pytest.raises(InputError, match=f"table version {VERSION - 1}, needed {VERSION}"):
        fluids.read(path)
