"""Units that differ from their data sheet: within bounds, repeatable, spread out."""

import json

import numpy as np
from isentrope_sim.perturbation import NTC_SIGNALS, PRESSURE_SIGNALS, Perturbation


def test_the_default_is_the_nominal_unit():
    unit = Perturbation()
    assert (unit.valve_flow, unit.displacement, unit.ua, unit.charge) == (1.0, 1.0, 1.0, 1.0)
    assert not unit.ntc_k and not unit.pressure_fs


def test_draws_repeat_and_differ():
    assert Perturbation.draw(3) == Perturbation.draw(3)
    assert Perturbation.draw(3) != Perturbation.draw(4)


def test_draws_fill_their_bounds():
    units = [Perturbation.draw(seed) for seed in range(400)]
    for name, low, high in (
        ("valve_flow", 0.8, 1.2),
        ("displacement", 0.9, 1.1),
        ("ua", 0.8, 1.0),
        ("charge", 0.9, 1.1),
    ):
        values = np.array([getattr(unit, name) for unit in units])
        assert low <= values.min() < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < values.max() <= high
    offsets = np.array([[unit.ntc_k[name] for name in NTC_SIGNALS] for unit in units])
    assert np.abs(offsets).max() <= 1.0
    assert np.all(np.abs(np.corrcoef(offsets.T) - np.eye(len(NTC_SIGNALS))) < 0.2)  # each its own
    offsets = np.array([[unit.pressure_fs[name] for name in PRESSURE_SIGNALS] for unit in units])
    assert 0.0095 < np.abs(offsets).max() <= 0.01


def test_goes_into_a_report():
    unit = Perturbation.draw(7)
    assert json.loads(json.dumps(unit.to_dict()))["ntc_k"] == unit.ntc_k
