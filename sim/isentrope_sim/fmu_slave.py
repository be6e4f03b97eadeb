"""The plant as a co-simulation FMU's Python side; `fmu` copies this file, with the machine, into the FMU."""

import re
from pathlib import Path
from xml.etree.ElementTree import SubElement

from pythonfmu import DefaultExperiment, Fmi2Causality, Fmi2Slave, Fmi2Variability, Real
from pythonfmu.enums import Fmi2Status

from isentrope_sim import Plant
from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.machine import load_machine
from isentrope_sim.signals import INPUTS, OUTPUTS


class IsentropePlant(Fmi2Slave):
    """`Plant` with its inputs, outputs and start as real variables."""

    author = "Isentrope"
    license = "MIT"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        machine = load_machine(Path(self.resources) / "machine.toml")
        self.modelName = re.sub(r"\W", "_", machine.name)
        self.description = machine.description
        self.default_experiment = DefaultExperiment(start_time=0.0, stop_time=600.0, step_size=0.5)
        self.machine = machine
        self.plant: Plant | None = None
        self.start_outdoor_k, self.start_rh, self.start_water_k, self.cells = 280.15, 0.87, 298.15, 10.0
        for name, unit, meaning in (
            ("start_outdoor_k", "K", "outdoor air, coil and shell at the start"),
            ("start_rh", "1", "relative humidity at the start"),
            ("start_water_k", "K", "water at the start"),
            ("cells", "1", "cells of each heat exchanger, 4 to 40"),
        ):
            self._add(name, unit, meaning, Fmi2Causality.parameter, Fmi2Variability.fixed)
        for name, row in INPUTS.items():
            setattr(self, name, row.start)
            self._add(name, row.unit, row.meaning, Fmi2Causality.input, Fmi2Variability.continuous)
        for name, out in OUTPUTS.items():
            setattr(self, name, 0.0)
            self._add(name, out.unit, out.meaning, Fmi2Causality.output, Fmi2Variability.continuous)

    def _add(self, name, unit, meaning, causality, variability):
        text = f"{meaning}, {unit}"
        self.register_variable(Real(name, causality=causality, variability=variability, description=text))

    def to_xml(self, model_options=None):
        """The model description; FMI 2.0 wants outputs listed as unknown at the start too."""
        root = super().to_xml(model_options or {})
        initial = SubElement(root.find("ModelStructure"), "InitialUnknowns")
        for i, variable in enumerate(self.vars.values(), 1):
            if variable.causality == Fmi2Causality.output:
                SubElement(initial, "Unknown", attrib={"index": str(i)})
        return root

    def exit_initialization_mode(self):
        """Standstill as the parameters say; the inputs keep what the importer gave them."""
        self.plant = Plant(self.machine, cells=round(self.cells))
        self.plant.reset(self.start_outdoor_k, self.start_rh, self.start_water_k)
        self._read()

    def do_step(self, current_time, step_size):
        """Advance the plant; where it cannot, its message goes to the log and the step is an error."""
        assert self.plant is not None
        try:
            self.plant.step(step_size, **{name: getattr(self, name) for name in INPUTS})
        except (InputError, PlantError) as error:
            self.log(str(error), Fmi2Status.error)
            raise
        self._read()
        return True

    def _read(self):
        assert self.plant is not None
        for name, value in self.plant.outputs.items():
            setattr(self, name, value)
