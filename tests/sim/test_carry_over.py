"""Liquid that surges in bursts: drawn the same every time, balanced, and what the stable line comes from."""

import os
import subprocess
import sys
from math import pi, sqrt

import numpy as np
import pytest
from isentrope_sim import stable_line as experiment
from isentrope_sim.components import carry_over
from isentrope_sim.cycle import layout as ly
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine, machine_folder
from isentrope_sim.plant import INPUT_NAMES, Plant, U, Y
from plants import MACHINE

PAR = MACHINE.record()


def run(seed=1, seconds=400, dt_max=None, carry=True, rps=90.0, opening=0.66):
    """A plant at load with some 3 K of superheat once it has dried; (plant, rows of outputs)."""
    plant = Plant(MACHINE, carry_over=carry, seed=seed)
    if dt_max:
        plant.dt_max = dt_max
    plant.reset(280.15, 0.3, 303.15)
    u = np.zeros(len(INPUT_NAMES))
    for name, value in (
        ("fan", 1.0), ("water_kg_s", 0.2676), ("water_in_k", 303.15), ("outdoor_k", 280.15),
        ("outdoor_rh", 0.3), ("eev_opening", opening),
    ):  # fmt: skip
        u[U[name]] = value
    rows = []
    for _ in range(round(seconds / 0.5)):
        u[U["speed_rps"]] = min(u[U["speed_rps"]] + 1.0, rps)
        plant.step(u, 0.5)
        rows.append(plant.y.copy())
    return plant, np.array(rows), u


def bursts(seed, times, duration=8.0):
    s = np.zeros(ly.S_SIZE)
    s[ly.S_RANDOM] = carry_over.first_state(seed)
    found = []
    for time in times:
        carry_over.wander(time, duration, s)
        found.append((s[ly.S_BURST_A], s[ly.S_BURST_B]))
    return np.array(found)


def test_bursts_are_normal_correlated_and_independent():
    found = bursts(3, np.arange(0.0, 40_000.0, 0.25))
    assert found.mean(axis=0) == pytest.approx([0.0, 0.0], abs=0.06)
    assert found.std(axis=0) == pytest.approx([1.0, 1.0], rel=0.04)
    assert abs(np.corrcoef(found.T)[0, 1]) < 0.06
    later = np.corrcoef(found[:-32, 0], found[32:, 0])[0, 1]
    assert later == pytest.approx(np.exp(-1.0), abs=0.05), "8 s on"
    size = np.hypot(*found.T) / carry_over.RAYLEIGH_MEAN
    assert size.mean() == pytest.approx(1.0, rel=0.03)
    assert size.std() == pytest.approx(sqrt(4.0 / pi - 1.0), rel=0.05), "Rayleigh"


def test_bursts_do_not_depend_on_how_often_one_looks():
    fine, coarse = bursts(5, np.arange(0.0, 60.0, 0.01)), bursts(5, np.arange(0.0, 60.0, 0.25))
    assert np.array_equal(fine[::25], coarse)
    assert not np.array_equal(coarse, bursts(6, np.arange(0.0, 60.0, 0.25)))


def test_amplitude_grows_under_a_line_that_rises_with_load():
    def swing(superheat, load):
        return carry_over.slip_factor(PAR, superheat, load, 0.0) - 1.0

    assert swing(9.0, 1.0) == 0.0
    assert 0.0 < swing(5.0, 1.0) < swing(3.0, 1.0) < swing(0.0, 1.0)
    assert swing(3.0, 1.5) > swing(3.0, 0.5)
    assert swing(0.0, 0.05) == 0.0, "hardly any flow carries nothing"
    assert carry_over.slip_factor(PAR, 0.0, 1.5, 1e3) == carry_over.LEAST


def test_mass_and_energy_are_exact_under_bursts():
    plant, rows, _ = run()
    assert rows[-200:, Y["superheat_k"]].std() > 0.5, "it does surge"
    assert rows[-1, Y["slug_index"]] > rows[-400, Y["slug_index"]], "liquid reaches the compressor"
    assert np.abs(rows[:, Y["charge_error"]]).max() < 1e-12
    assert np.abs(rows[:, Y["energy_residual_j"]]).max() < 1e-6 * rows[-1, Y["energy_throughput_j"]]
    assert np.all(np.isfinite(plant.x))


def test_off_unless_asked_and_then_another_trace():
    quiet, rows, _ = run(carry=False)
    assert 1.0 < rows[-1, Y["superheat_k"]] < 6.0
    assert rows[-200:, Y["superheat_k"]].std() < 0.3
    assert np.array_equal(run(carry=False, seed=7)[0].x, quiet.x), "the seed is the bursts' alone"
    assert not np.array_equal(run()[0].x, quiet.x)


def test_same_seed_same_bits_also_in_another_process():
    here = run(seconds=60)[0].x
    assert np.array_equal(here, run(seconds=60)[0].x)
    assert not np.array_equal(here, run(seconds=60, seed=2)[0].x)
    code = "from test_carry_over import run; print(run(seconds=60)[0].x.tobytes().hex())"
    folder = os.path.dirname(__file__)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([folder, *sys.path])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == here.tobytes().hex(), done.stderr


def test_snapshot_continues_the_bursts_bit_for_bit():
    plant, _, u = run(seconds=250)
    saved = plant.snapshot()

    def on():
        for _ in range(100):
            plant.step(u, 0.5)
        return plant.x.copy(), plant.y.copy()

    first = on()
    plant.restore(saved)
    second = on()
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])


def test_step_size_changes_the_deviation_only_a_little():
    """The bursts are the same; what the plant makes of them has the same size at half the step."""
    size = [run(seconds=800, dt_max=dt)[1][-1200:, Y["superheat_k"]].std() for dt in (0.25, 0.125)]
    assert size[0] > 0.5
    assert size[1] == pytest.approx(size[0], rel=0.15)


def test_stable_line_lies_and_rises_as_machines_do():
    """The lowest superheat a fixed valve holds within 0.7 K: 3 to 8 K, and 1.5 K more at full load."""
    document = experiment.stable_line(MACHINE, loads=(0.3, 1.0), superheats=(3.0, 4.0, 5.0, 6.0, 7.0, 8.0))
    low, high = (row["superheat_k"] for row in document["line"])
    assert 3.0 <= low <= high <= 8.0
    assert high - low >= 1.5
    wettest = [p["liquid_kg"] for p in document["points"] if p["steady_k"] == 3.0]
    assert min(wettest) > 0.0, "unstable points slug"


def test_line_between_two_points():
    tried = [
        {"mean_k": mean, "std_k": std, "stable": std <= 0.7}
        for mean, std in ((2.0, 0.5), (3.0, 1.1), (4.0, 0.8), (5.0, 0.6), (6.0, 0.2))
    ]
    assert experiment.lowest_stable(tried) == pytest.approx(4.5)
    assert experiment.lowest_stable(tried[:4]) == pytest.approx(4.5)
    assert experiment.lowest_stable(tried[:3]) is None
    assert experiment.lowest_stable(tried[3:]) == 5.0


def test_machine_without_the_section_has_the_defaults(tmp_path):
    path = MACHINE.name + ".toml"
    text = (machine_folder() / path).read_text(encoding="utf-8")
    start, end = text.index("[carry_over]"), text.index("[receiver]")
    bare = tmp_path / path
    bare.write_text(text[:start] + text[end:])
    assert load_machine(bare).values["carry_growth"] == 0.03
    bare.write_text(text.replace("growth = { value = 0.03", "growth = { value = 3.0"))
    with pytest.raises(InputError, match=r"carry_over.growth is 3.0, allowed 0 to 0.2 1/K"):
        load_machine(bare)
    bare.write_text(text.replace("growth = { value = 0.03", "grow = { value = 0.03"))
    with pytest.raises(InputError, match=r"carry_over.growth is missing"):
        load_machine(bare)


def test_seed_below_zero_is_refused():
    with pytest.raises(InputError, match="seed is -1, allowed 0 or more"):
        Plant(MACHINE, carry_over=True, seed=-1)
