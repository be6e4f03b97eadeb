"""The public plant, and its tutorial as it stands in the documentation."""

import re
from pathlib import Path

import isentrope_sim
import numpy as np
import pytest
from isentrope_sim import Plant
from isentrope_sim import plant as core
from isentrope_sim.errors import InputError
from isentrope_sim.plant import INPUT_NAMES, OUTPUT_NAMES

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial-plant.md"
RUN = {"fan": 1.0, "water_kg_s": 0.27, "water_in_k": 303.15, "eev_opening": 0.33, "speed_rps": 40.0}


def test_the_tutorial_runs(tmp_path, monkeypatch):
    blocks = re.findall(
        r"^```python\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert len(blocks) == 6
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in blocks:
        exec(compile(block, str(TUTORIAL), "exec"), names)
    assert (tmp_path / "cycle.html").stat().st_size > 1000
    assert len(names["figure"].data[0].x) == len(names["h"]) > 20


def test_every_signal_is_described_in_the_arrays_order():
    assert tuple(Plant.INPUTS) == INPUT_NAMES
    assert tuple(Plant.OUTPUTS) == OUTPUT_NAMES
    assert all(s.low <= s.start <= s.high for s in Plant.INPUTS.values())


def test_it_is_the_same_plant():
    """Named inputs and the array of the core give the same trace, bit for bit."""
    mine = Plant("ashp-r290-8kw", cells=8)
    other = core.Plant(mine.machine, cells=8)
    mine.reset(275.15, 0.8, 300.15)
    other.reset(275.15, 0.8, 300.15)
    mine.set(**RUN)
    for _ in range(120):
        y = mine.step(1.0)
        other.step(np.array(list(mine.inputs.values())), 1.0)
        assert list(y.values()) == other.y.tolist()
    assert mine.time_s == pytest.approx(120.0)


def test_outputs_are_a_copy_that_nobody_can_change():
    plant = Plant("ashp-r290-8kw")
    before = plant.step(1.0, **RUN)
    kept = dict(before)
    plant.step(60.0)
    assert before == kept
    with pytest.raises(TypeError):
        before["heat_w"] = 1.0


def test_a_seed_is_another_unit_and_the_same_each_time():
    def heat(seed):
        plant = Plant("ashp-r290-8kw", seed=seed)
        plant.step(120.0, **RUN)
        return plant.outputs["heat_w"]

    assert heat(3) == heat(3) != heat(None)


def test_the_cycle_is_closed_and_runs_between_the_pressures():
    plant = Plant("ashp-r290-8kw")
    plant.step(600.0, **RUN)
    h, p = plant.cycle()
    assert h.shape == p.shape
    assert (h[0], p[0]) == (h[-1], p[-1])
    y = plant.outputs
    assert p.min() == y["p_suction"] and p.max() == y["p_discharge"]
    assert h.max() == y["h_discharge"]


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"speed_rps": 91.0}, "speed_rps is 91, allowed 0 to 90"),
        ({"fan": float("nan")}, "fan is nan, allowed 0 to 1"),
        ({"outdoor_k": 20.0}, "outdoor_k is 20, allowed 233.15 to 323.15"),
        ({"valve": 1.0}, "input 'valve' is unknown, known are eev_opening"),
        ({"dt_s": -1.0}, "dt_s is -1, allowed 0.001 to 3600"),
    ],
)
def test_bad_input_is_named_and_nothing_is_set(inputs, says):
    plant = Plant("ashp-r290-8kw")
    before = plant.inputs
    with pytest.raises(InputError, match=re.escape(says)):
        plant.step(**inputs)
    assert plant.inputs == before and plant.time_s == 0.0


def test_unknown_machine_and_name():
    with pytest.raises(InputError, match="'ashp' not found"):
        Plant("ashp")
    with pytest.raises(AttributeError, match="no attribute 'Plants'"):
        _ = isentrope_sim.Plants
