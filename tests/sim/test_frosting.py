"""Frosting and reverse-cycle defrost of a whole machine, over and over."""

import numpy as np
import pytest
from isentrope_sim.errors import InputError
from isentrope_sim.frosting import Run, Sequence, cycle_average
from isentrope_sim.machine import load_machine
from isentrope_sim.plant import Y
from isentrope_sim.steady import solve

MACHINE = load_machine("ashp-r290-8kw")


def run_at(source_c, sink_c, cells=10, **asked):
    point = solve(MACHINE, source_c, sink_c, cells=cells, **asked)
    return point, Run(MACHINE, point, source_c + 273.15, Sequence(), cells)


@pytest.fixture(scope="module")
def cycles():
    """Two cycles at A2/W35 and what the plant showed every half second."""
    point, run = run_at(2.0, 35.0, speed_rps=70.0)
    trace = []
    advance = run._advance

    def logged(*what):
        advance(*what)
        trace.append(run.y.copy())

    run._advance = logged
    return point, [run.one_cycle() for _ in range(2)], np.array(trace)


def column(trace, name):
    return trace[:, Y[name]]


def test_charge_energy_and_water_close_over_frost_reversal_and_melting(cycles):
    _point, _cycles, trace = cycles
    assert np.abs(column(trace, "charge_error")).max() < 1e-3
    imbalance = np.abs(column(trace, "energy_residual_j"))
    assert np.all(imbalance <= 5e-3 * column(trace, "energy_throughput_j") + 1.0)
    assert np.all(np.isfinite(trace))


def test_frost_takes_air_flow_and_capacity(cycles):
    """0.8 to 3 kg/h; before the defrost the air is down by a fifth or more, heat and COP with it."""
    point, (_first, cycle), trace = cycles
    rate = cycle.frost_kg / (cycle.heating_s / 3600.0)
    assert 0.8 < rate < 3.0
    assert column(trace, "air_m3_s").max() == pytest.approx(0.85, rel=1e-2)
    last = trace[2400:]
    heating = last[column(last, "reversing_position") == 0.0]
    assert column(heating, "air_m3_s").min() < 0.8 * 0.85
    assert cycle.heating_heat_j / cycle.heating_electric_j < 0.99 * point["cop"]


def test_melting_takes_150_to_310_s_and_leaves_a_bare_wet_coil(cycles):
    _point, (_first, cycle), trace = cycles
    assert 150.0 <= cycle.melting_s <= 310.0
    assert cycle.left_kg < 0.4 * cycle.frost_kg
    melting = trace[column(trace, "reversing_position") == 1.0]
    assert column(melting, "heat_w").min() < -3000.0, "the heat comes out of the water"
    assert column(trace, "frost_kg")[-1] == 0.0 and column(trace, "coil_water_kg")[-1] > 0.1


def test_valve_is_thrown_and_back(cycles):
    position = column(cycles[2], "reversing_position")
    assert np.sum(np.diff((position > 0.5).astype(int)) != 0) == 4, "there and back, twice"
    assert position[-1] == 0.0


@pytest.mark.parametrize(("heating_w", "sink_c"), [(3500.0, 30.0), (5600.0, 35.0)])
def test_penalty_at_a2(heating_w, sink_c):
    """A2, wet bulb 1: all that frost and defrost cost is 8 to 17 % of COP; the heat is the one asked."""
    average = cycle_average(MACHINE, 2.0, sink_c, heating_w=heating_w)
    assert 0.08 <= average["defrost_loss"] <= 0.17
    assert 0.0 < average["frosting_loss"] < average["defrost_loss"]
    assert average["heating_w"] == pytest.approx(heating_w, rel=5e-3)
    assert average["dry_heating_w"] > average["heating_w"]


def test_sequence_hardly_matters():
    """Another experimenter's logic (speed, length, end) moves the penalty by less than 3 points."""
    losses = [
        cycle_average(MACHINE, 2.0, 35.0, speed_rps=70.0, sequence=sequence)["defrost_loss"]
        for sequence in (Sequence(), Sequence(interval_s=2700.0, defrost_rps=40.0, ended_k=285.15))
    ]
    assert abs(losses[0] - losses[1]) < 0.03


def test_nothing_frosts_at_a7():
    average = cycle_average(MACHINE, 7.0, 35.0, heating_w=5600.0)
    assert average["ended_by"] == "none" and average["melting_s"] == 0.0
    assert average["cop"] == pytest.approx(average["dry_cop"], rel=2e-3)


def test_more_heat_than_a_frosting_machine_has():
    with pytest.raises(InputError, match=r"heating_w is 5850, this point with frost allows 5[0-9]* W at 90"):
        cycle_average(MACHINE, -7.0, 34.0, heating_w=5850.0)
