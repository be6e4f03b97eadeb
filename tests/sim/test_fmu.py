"""The co-simulation FMU gives the plant's own trace, through FMPy."""

import zipfile

import numpy as np
import pytest
from isentrope_sim import Plant, fmu
from isentrope_sim.errors import InputError
from isentrope_sim.plant import OUTPUT_NAMES
from isentrope_sim.signals import INPUTS

WHY = "not run: PythonFMU or FMPy is missing (make dev; .venv/bin/python -m pytest tests/sim/test_fmu.py)"
builder = pytest.importorskip("pythonfmu.builder", reason=WHY)
fmpy = pytest.importorskip("fmpy", reason=WHY)
from fmpy.fmi1 import FMICallException  # noqa: E402
from fmpy.fmi2 import FMU2Slave  # noqa: E402

needs_binary = pytest.mark.skipif(
    not builder.FmuBuilder.has_binary(), reason="not run: PythonFMU has no binary for this platform"
)
RUN = {"fan": 1.0, "water_kg_s": 0.27, "water_in_k": 303.15, "eev_opening": 0.33, "speed_rps": 50.0}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return fmu.build("ashp-r290-8kw", tmp_path_factory.mktemp("fmu") / "heat-pump.fmu")


@needs_binary
def test_it_is_valid_and_names_every_signal(exported):
    from fmpy.validation import validate_fmu

    assert validate_fmu(str(exported)) == []
    description = fmpy.read_model_description(str(exported), validate=True)
    assert description.coSimulation.modelIdentifier == "ashp_r290_8kw"
    by = {
        kind: {v.name for v in description.modelVariables if v.causality == kind}
        for kind in ("input", "output")
    }
    assert by == {"input": set(INPUTS), "output": set(OUTPUT_NAMES)}
    assert "resources/machine.toml" in zipfile.ZipFile(exported).namelist()


class Importer:
    """The FMU as a simulator drives it, every value through FMI's own calls."""

    def __init__(self, path, folder, **start):
        description = fmpy.read_model_description(str(path))
        self.at = {v.name: v.valueReference for v in description.modelVariables}
        self.slave = FMU2Slave(
            guid=description.guid,
            unzipDirectory=fmpy.extract(str(path), str(folder)),
            modelIdentifier=description.coSimulation.modelIdentifier,
        )
        self.slave.instantiate()
        self.slave.setupExperiment(startTime=0.0)
        self.slave.enterInitializationMode()
        self.put(**start)
        self.slave.exitInitializationMode()

    def put(self, **values):
        self.slave.setReal([self.at[name] for name in values], list(values.values()))

    def step(self, t, dt):
        self.slave.doStep(t, dt)
        return self.slave.getReal([self.at[name] for name in OUTPUT_NAMES])


@needs_binary
def test_ten_minutes_are_the_plants_own(exported, tmp_path):
    """Start, load and a valve change; every output within 1e-9 of Plant's, with the same steps."""
    plant = Plant("ashp-r290-8kw")
    plant.reset(outdoor_k=275.15, rh=0.8, water_k=300.15)
    other = Importer(
        exported, tmp_path, start_outdoor_k=275.15, start_rh=0.8, start_water_k=300.15,
        outdoor_k=275.15, outdoor_rh=0.8, **RUN,
    )  # fmt: skip
    plant.set(**RUN)
    for i in range(1200):
        if i == 600:
            plant.set(eev_opening=0.30)
            other.put(eev_opening=0.30)
        plant.step(0.5)
        mine, theirs = plant.array(), np.array(other.step(0.5 * i, 0.5))
        assert np.max(np.abs(theirs - mine) / np.maximum(np.abs(mine), 1.0)) < 1e-9
    assert plant.outputs["heat_w"] > 2000.0


@needs_binary
def test_fmpys_own_simulation(exported):
    """As an FMPy user runs it; FMPy interpolates inputs, so the last digits may differ."""
    found = fmpy.simulate_fmu(str(exported), start_values=RUN, stop_time=300.0, step_size=0.5)
    plant = Plant("ashp-r290-8kw")
    plant.set(**RUN)
    for _ in range(600):
        plant.step(0.5)
    for name in ("heat_w", "p_suction", "t_discharge"):
        assert found[-1][name] == pytest.approx(plant.outputs[name], rel=1e-6)


@needs_binary
def test_a_bad_input_is_an_error_of_the_step(exported, tmp_path):
    other = Importer(exported, tmp_path, fan=2.0)
    with pytest.raises(FMICallException, match=r"fmi2DoStep failed with status 4 \(fatal\)"):
        other.step(0.0, 0.5)


def test_mistakes_are_named(tmp_path):
    with pytest.raises(InputError, match=r"an \.fmu file in a folder that exists"):
        fmu.build("ashp-r290-8kw", tmp_path / "no" / "file.fmu")
    with pytest.raises(InputError, match="'ashp' not found"):
        fmu.build("ashp", tmp_path / "file.fmu")
