"""A cold start, a run, a stop and a restart of every inverter machine under the real firmware."""

import os
from dataclasses import replace

import pytest
from isentrope_hil import Bench
from isentrope_hil.scenario import load
from isentrope_sim.machine import load_machine
from isentrope_sim.valves import load_valve

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")


@pytest.mark.parametrize("machine", ["ashp-r32-9kw", "ashp-r454b-4kw", "ashp-r410a-evi-16kw"])
def test_start_stop(machine):
    scenario = replace(load("start-stop"), machine=machine)
    if load_valve(load_machine(machine).texts["eev"]["valve"]).home_running_only:
        # The maker forbids turning it at standstill: it homes in the running machine.
        kept = tuple(each for each in scenario.requirements if each.id != "START-1")
        scenario = replace(scenario, requirements=kept)
    with Bench(machine, scenario.board, "unix", seed=scenario.seed) as bench:
        document = bench.run(scenario)
    failed = {r["id"]: (r["value"], r["limit"]) for r in document["requirements"] if r["verdict"] != "pass"}
    assert not failed
