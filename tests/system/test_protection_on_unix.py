"""Leak, freeze, grid, power limit and thermostat in closed loop: the packaged scenarios."""

import os

import pytest
from isentrope_hil import Bench
from isentrope_hil.scenario import load

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")


@pytest.mark.parametrize("name", ["leak-a3", "leak-a2l", "freeze", "grid", "power-limit", "thermostat"])
def test_the_scenario(name: str) -> None:
    scenario = load(name)
    with Bench(scenario.machine, scenario.board, "unix", seed=scenario.seed) as bench:
        document = bench.run(scenario)
    failed = {r["id"]: (r["value"], r["limit"]) for r in document["requirements"] if r["verdict"] != "pass"}
    assert not failed
