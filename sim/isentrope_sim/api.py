"""The plant for use from Python: `from isentrope_sim import Plant` (docs/tutorial-plant.md)."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from isentrope_sim import plant as core
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.perturbation import Perturbation
from isentrope_sim.plant import INPUT_NAMES, OUTPUT_NAMES, U, Y, check
from isentrope_sim.signals import INPUTS, OUTPUTS

STEP_S = (1e-3, 3600.0)


class Snapshot(NamedTuple):
    """Everything that the next step depends on."""

    state: tuple[NDArray[np.float64], ...]
    inputs: NDArray[np.float64]


class Plant:
    """One heat pump, stepped through time by name; deterministic, SI units throughout.

    Parameters: machine, a name (`isentrope list machines`), the path of a .toml file, or a `Machine`; cells
    of each heat exchanger, 4 to 40; seed of another unit of the same make (valve flow +/- 20 %, displacement
    +/- 10 %, heat transfer, charge), None is the nominal one. It starts at standstill, `reset` with defaults.

    Attributes: `machine`; `inputs` and `outputs`, read-only mappings from a name to a float; `INPUTS` and
    `OUTPUTS` say their units, ranges and meanings. Raises InputError for a machine or value that cannot be.
    """

    INPUTS = MappingProxyType(INPUTS)
    OUTPUTS = MappingProxyType(OUTPUTS)

    def __init__(self, machine: str | Path | Machine, *, cells: int = 10, seed: int | None = None) -> None:
        self.machine = machine if isinstance(machine, Machine) else load_machine(machine)
        other = None if seed is None else Perturbation.draw(seed)
        self._core = core.Plant(self.machine, cells=cells, perturbation=other)
        self._u = np.array([INPUTS[name].start for name in INPUT_NAMES])
        self.reset()

    def reset(self, outdoor_k: float = 280.15, rh: float = 0.87, water_k: float = 298.15) -> None:
        """Standstill with equal pressures at these temperatures, K; inputs go back to their starts.

        outdoor_k 233.15 to 323.15: air, coil, shell; rh 0 to 1; water_k 273.15 to 353.15: plate and water.
        """
        self._core.reset(outdoor_k, rh, water_k)
        self._u[:] = [INPUTS[name].start for name in INPUT_NAMES]
        self._u[U["outdoor_k"]], self._u[U["outdoor_rh"]] = outdoor_k, rh
        self._u[U["water_in_k"]] = water_k

    def set(self, **inputs: float) -> None:
        """Set inputs by name; they hold until they are set again. Raises InputError, and then sets none."""
        top = self.machine.values["max_rps"]
        for name, value in inputs.items():
            if name not in INPUTS:
                raise InputError(f"input {name!r} is unknown, known are {', '.join(INPUTS)}")
            check(name, value, INPUTS[name].low, top if name == "speed_rps" else INPUTS[name].high)
        for name, value in inputs.items():
            self._u[U[name]] = value

    def step(self, dt_s: float = 0.5, **inputs: float) -> Mapping[str, float]:
        """Set inputs, advance by dt_s (0.001 to 3600 s; the solver takes its own steps), return the outputs.

        Raises InputError; PlantError where the solver cannot go on: the state is then the last accepted one.
        """
        self.set(**inputs)
        check("dt_s", dt_s, *STEP_S)
        self._core.step(self._u, dt_s)
        return self.outputs

    @property
    def time_s(self) -> float:
        """Simulated seconds since reset."""
        return self._core.time_s

    @property
    def inputs(self) -> Mapping[str, float]:
        """The inputs as they are held, by name."""
        return MappingProxyType(dict(zip(INPUT_NAMES, self._u.tolist(), strict=True)))

    @property
    def outputs(self) -> Mapping[str, float]:
        """The true values after the last step, by name: a copy, later steps do not change it."""
        return MappingProxyType(dict(zip(OUTPUT_NAMES, self._core.y.tolist(), strict=True)))

    def array(self) -> NDArray[np.float64]:
        """The outputs as a float64 array, one each in the order of OUTPUTS: a copy, for traces."""
        return self._core.y.copy()

    def cycle(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The cycle for a pressure-enthalpy diagram, closed: (h in J/kg, p in Pa), two float64 arrays."""
        y, path = self._core.y, self._core.cell_path()
        low, high = path["evaporator"], path["condenser"]
        corners = ("h_evap_in", "h_suction", "h_discharge", "h_liquid")
        start, suction, discharge, liquid = (float(y[Y[name]]) for name in corners)
        h = [start, *low, suction, discharge, *high, liquid, start]
        p = [
            *[y[Y["p_evap"]]] * (len(low) + 1),
            y[Y["p_suction"]],
            y[Y["p_discharge"]],
            *[y[Y["p_cond"]]] * (len(high) + 1),
            y[Y["p_evap"]],
        ]
        return np.array(h, dtype=float), np.array(p, dtype=float)

    def snapshot(self) -> Snapshot:
        """Everything the next step depends on, inputs included."""
        return Snapshot(self._core.snapshot(), self._u.copy())

    def restore(self, saved: Snapshot) -> None:
        """Back to a snapshot of a plant of the same machine and cells; goes on bit for bit as it did."""
        self._core.restore(saved.state)
        self._u[:] = saved.inputs
