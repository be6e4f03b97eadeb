"""What a change of speed makes of a machine's flow, as a controller's feed-forward is told it."""

import math

import pytest
from isentrope_hil import profile
from isentrope_hil.targets.firmware import imported
from isentrope_sim import flow_fit, steady
from isentrope_sim.machine import load_machine

WATER = ("ashp-r290-8kw", "ashp-r32-9kw", "ashp-r454b-4kw", "ashp-r410a-evi-16kw")


@pytest.mark.parametrize("name", WATER)
def test_the_exponent_is_what_the_firmwares_own_equations_leave(name):
    """Valve and compressor as the firmware has them, at the plant's pressures, subcooling and opening."""
    machine = load_machine(name)
    made = profile.build("pico-full", machine)
    rated, valve = made["compressor"]["rated_rps"], made["valve"]
    needs = []
    with imported() as firmware:
        saturation = firmware.module("refrigerant.saturation").load(made["fluid"])
        ff = firmware.module("control.feedforward").FeedForward(made, saturation)
        for rps in (0.5 * rated, 1.5 * rated):
            found = steady.solve(machine, 7.0, 35.0, wet_bulb_c=2.5, speed_rps=rps, superheat_k=8.0)
            evap, cond = found["suction_pa"] / 1000.0, found["condensing_pa"] / 1000.0
            for _ in range(100):
                ff.liquid(found["subcooling_k"], True)
            first = valve["opening_steps"] / valve["steps"]
            opening = (found["eev_opening"] - first) / (1.0 - first)
            unit = (opening / ff.opening(0.01, ff.full(evap, cond))) ** valve["flow"]["exponent"]
            needs.append(0.01 * unit / ff.compressor_flow(rps, 1.0, cond / evap))
    exponent = -math.log(needs[1] / needs[0]) / math.log(3.0)
    assert made["compressor"]["speed_exponent"] == pytest.approx(exponent, abs=0.003)


def test_what_the_low_side_takes_is_no_more_than_the_charge_gives():
    for name in WATER:
        machine = load_machine(name)
        found = flow_fit.change_of_speed(machine)
        flow = steady.solve(machine, 7.0, 35.0, wet_bulb_c=2.5)["mass_flow_kg_s"]
        assert 0.0 <= found["fill_s"] * flow < 0.1 * machine.values["charge"]


@pytest.mark.parametrize("name", ["ashp-r290-fixed", "minisplit-r32-3.5kw"])
def test_where_there_is_nothing_to_compare_nothing_is_said(name):
    assert flow_fit.change_of_speed(load_machine(name)) == {}


def test_the_low_side_holds_a_part_of_the_charge():
    machine = load_machine(WATER[0])
    _density, held, flow = flow_fit._at(machine, 55.0)
    assert 0.1 < held / machine.values["charge"] < 0.3
    assert flow == pytest.approx(steady.solve(machine, 7.0, 35.0, wet_bulb_c=2.5, superheat_k=8.0)[
        "mass_flow_kg_s"], rel=1e-6)  # fmt: skip
