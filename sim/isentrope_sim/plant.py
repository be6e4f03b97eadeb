"""The dynamic plant: one heat pump, stepped through time.

plant = Plant(load_machine("ashp-r290-8kw"))
plant.reset(outdoor_k=280.15, rh=0.87, water_k=298.15)
plant.step(u, 0.5)
plant.y[Y["superheat_k"]]
"""

import math
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from isentrope_sim import fluids
from isentrope_sim.components import carry_over as burst
from isentrope_sim.components import coil, oil
from isentrope_sim.cycle import books, integrate, newton, outputs
from isentrope_sim.cycle import layout as ly
from isentrope_sim.cycle.layout import INPUT_NAMES, OUTPUT_NAMES
from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import Machine
from isentrope_sim.parameters import FAULTS as CIRCUIT_FAULTS

__all__ = ["INPUT_NAMES", "OUTPUT_NAMES", "Plant", "U", "Y"]

U = {name: i for i, name in enumerate(INPUT_NAMES)}
Y = {name: i for i, name in enumerate(OUTPUT_NAMES)}
CELLS_RANGE = (4, 40)
# K over saturation, own choice: what a crankcase heater holds; the oil's equilibrium at reset.
KEPT_WARM = 15.0


class FaultRange(NamedTuple):
    """A fault's parameter: its range, SI, and its value without the fault."""

    low: float
    high: float
    nominal: float


# leak_kg_s, inert_pa, slide_position, filter_clog: see `parameters.FAULTS`. coil_factor: what is left of
# the outdoor coil's air-side conductance and of its air flow; plate_factor: of the water side's conductance.
FAULTS = {
    "leak_kg_s": FaultRange(0.0, 10.0 / 3600.0, 0.0),
    "coil_factor": FaultRange(0.05, 1.0, 1.0),
    "plate_factor": FaultRange(0.05, 1.0, 1.0),
    "inert_pa": FaultRange(0.0, 5e5, 0.0),
    "slide_position": FaultRange(0.0, 1.0, math.nan),
    "filter_clog": FaultRange(1.0, 1e5, 1.0),
}


class Perturbed(Protocol):
    """What the plant reads of a perturbation: factors on the nominal machine."""

    valve_flow: float
    displacement: float
    ua: float
    charge: float


class Plant:
    """A machine's dynamic state and the compiled step that advances it.

    Parameters: machine; cells a heat exchanger (4 to 40); perturbation: factors on valve flow, displacement,
    heat transfer (air side and plate) and charge, None = nominal; carry_over: liquid leaves the evaporator in
    bursts (`components.carry_over`); seed: of these, 0 or more. Attributes: x, float64 states named by
    `state_names` (Pa, J/kg, K); y, float64 true values named by OUTPUT_NAMES (SI). Raises InputError.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        cells: int = 10,
        perturbation: Perturbed | None = None,
        carry_over: bool = False,
        seed: int = 0,
    ) -> None:
        check("cells", cells, *CELLS_RANGE)
        if cells != int(cells):
            raise InputError(f"cells is {cells:g}, needed a whole number")
        cells = int(cells)
        if seed < 0:
            raise InputError(f"seed is {seed}, allowed 0 or more")
        self.machine = machine
        self.cells = cells
        self._carry = float(carry_over)
        self._random = burst.first_state(seed)
        self.fluid = fluids.load(machine.refrigerant)
        # A view of an array of one: compiled code takes an array much faster than a record.
        self._pars = np.array([machine.record(**perturbed(machine, perturbation))])
        self.par = self._pars.view(np.recarray)[0]
        self._sound = self.par.copy()
        self._faults = np.array([FAULTS[name].nominal for name in FAULTS])
        self.state_names = ly.state_names(cells)
        self.x = np.zeros(len(self.state_names))
        self.y = np.zeros(len(OUTPUT_NAMES))
        self.dt_max = integrate.DT_MAX
        self._w = np.zeros((ly.ROWS, 2 * cells + 3))
        self._s = np.zeros(ly.S_SIZE)
        self._sats = np.zeros((5, tb.SAT_SIZE))
        self._v = np.zeros((ly.V_ROWS, ly.V_SIZE))
        self._f = np.zeros((coil.F_ROWS, cells * patches(self.par)))
        self._u = np.zeros(len(INPUT_NAMES))
        self.reset(280.15, 0.87, 293.15)

    def reset(self, outdoor_k: float, rh: float, water_k: float) -> None:
        """Equalised standstill: one pressure, that of the coldest part's saturation, liquid there.

        outdoor_k: outdoor air, coil, lines and shell; water_k: plate and water, or room and indoor coil; rh:
        relative humidity 0..1 of the air (for the first outputs). The charge left after vapour everywhere
        lies as liquid in the colder exchanger, and in a receiver to the same part of its volume; the oil
        holds what a crankcase heater leaves in it. Raises InputError (a charge that all this cannot hold as
        well).
        """
        check("outdoor_k", outdoor_k, 233.15, 323.15)
        check("rh", rh, 0.0, 1.0)
        check("water_k", water_k, 273.15, 353.15)
        n, par, x, sat = self.cells, self.par, self.x, self._sats[ly.S]
        cold = min(outdoor_k, water_k)
        pressure = tb.pressure_of_dew(self.fluid, cold)
        tb.saturation(self.fluid, pressure, sat)
        h_out = tb.vapour_enthalpy(self.fluid, sat, outdoor_k)
        outdoor, indoor = slice(ly.CELLS, ly.CELLS + n), slice(ly.CELLS + 2 * n, ly.CELLS + 3 * n)
        singles = ly.CELLS + 4 * n
        x[ly.P_O] = x[ly.P_S] = x[ly.P_D] = x[ly.P_I] = pressure
        x[ly.H_ACC] = h_out
        x[ly.SLIDE] = 0.0
        x[ly.OIL_KG], x[ly.T_OIL] = 0.0, outdoor_k
        if par.oil_mass > 0.0:
            x[ly.OIL_KG] = oil.dissolved(par, pressure, max(outdoor_k, cold + KEPT_WARM))
        x[outdoor] = h_out
        x[outdoor.stop : outdoor.stop + n] = outdoor_k
        x[indoor] = tb.vapour_enthalpy(self.fluid, sat, water_k)
        x[indoor.stop : indoor.stop + n] = water_k
        x[singles : singles + 6 : 2] = h_out
        x[singles + 1 : singles + 6 : 2] = outdoor_k
        x[singles + 6 :] = water_k
        s, v = self._s, self._v
        s[:] = 0.0
        s[ly.S_CARRY], s[ly.S_RANDOM] = self._carry, self._random
        self._f[:] = 0.0
        self._w[ly.HELD_OLD] = 0.0
        self._f[coil.F_SURFACE] = outdoor_k
        self._f[coil.F_SURFACE, n * coil.rows_of(par) :] = water_k
        s[ly.S_ROOM_OUT] = water_k
        cold_cells = np.arange(x.size)[outdoor if outdoor_k <= water_k else indoor]
        if par.receiver_volume > 0.0:
            cold_cells = np.append(cold_cells, singles)
        self._pool(cold_cells, par.charge)
        s[ly.S_DT] = 0.01
        s[ly.S_SHORTEST] = self.dt_max
        s[ly.S_H_SUCTION] = x[ly.H_ACC]
        s[ly.S_CHARGE_0] = self._unpack()
        s[ly.S_ENERGY_0] = books.energy(par, self._w, s, v, self._f, n)
        u = self._u
        u[:] = 0.0
        u[ly.WATER_IN], u[ly.OUTDOOR], u[ly.OUTDOOR_RH] = water_k, outdoor_k, rh
        u[ly.INDOOR], u[ly.INDOOR_RH] = water_k, rh
        outputs.fill(par, self.fluid, u, self._w, s, self._sats, v, self._f, self.y, n)

    def _unpack(self) -> float:
        return float(
            books.unpack(
                self.par, self.fluid, self.x, self._w, self._s, self._sats, self._v, self.cells, False
            )
        )

    def _pool(self, cells: NDArray[np.intp], charge: float) -> None:
        """Lower the enthalpy of `cells`, states that are one enthalpy, until the circuit holds `charge`."""
        low, high = self.fluid.meta[tb.H_MIN], float(self.x[cells[0]])
        for _ in range(80):
            self.x[cells] = 0.5 * (low + high)
            if self._unpack() > charge:
                low = float(self.x[cells[0]])
            else:
                high = float(self.x[cells[0]])
        held = self._unpack()
        if held < 0.999 * charge:
            raise InputError(
                f"charge is {charge:g} kg, allowed up to {held:.3g} kg: more does not go into "
                f"{self.machine.name!r} at this temperature"
            )

    def step(self, u: NDArray[np.float64], dt_s: float) -> None:
        """Advance by dt_s seconds with the inputs u (order of INPUT_NAMES, SI) held; 0: nothing moves.

        Raises PlantError when the solver cannot go on; the state is then the last accepted one. InputError:
        u has another length (compiled code would read past its end) or is no numbers, dt_s is negative or no
        number.
        """
        try:
            u = np.ascontiguousarray(u, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(f"u is {u!r}, needed {len(INPUT_NAMES)} numbers") from None
        if u.shape != self._u.shape:
            raise InputError(f"u has shape {u.shape}, needed ({len(INPUT_NAMES)},)")
        if not 0.0 <= dt_s < math.inf:
            raise InputError(f"dt_s is {dt_s:g}, allowed 0 and more")
        if not np.isfinite(u).all():
            raise PlantError(self._diagnosis(u))
        status = integrate.advance_first(
            self._pars,
            self.fluid,
            u,
            self.x,
            self._w,
            self._s,
            self._sats,
            self._v,
            self._f,
            self.y,
            self.cells,
            self.dt_max,
            dt_s,
        )
        if status != integrate.OK:
            raise PlantError(self._diagnosis(u))

    def _diagnosis(self, u: NDArray[np.float64]) -> str:
        if not np.all(np.isfinite(u)):
            bad = [name for name, value in zip(INPUT_NAMES, u, strict=True) if not np.isfinite(value)]
            return f"plant input {', '.join(bad)} is not a number at {self.time_s:.2f} s"
        p = self._v[ly.V_START, : ly.V_LINE] / 1e5
        low, high = self.fluid.meta[tb.P_MIN] / 1e5, self.fluid.meta[tb.P_MAX] / 1e5
        if p.max() > 0.98 * high or p.min() < 1.02 * low:
            what = f"{self.machine.refrigerant} leaves its table, {low:g} to {high:g} bar,"
        else:
            r = self._v[ly.V_R, : ly.V_LINE]
            # Pressure drops, Pa, against flows, kg/s: by the flow they stand for.
            misses = np.abs(r) / np.array([newton.PA_PER_FLOW, 1.0, newton.PA_PER_FLOW, 1.0])
            cooling = self._s[ly.S_COOLING] > 0.0
            low_side, high_side = ("indoor", "outdoor") if cooling else ("outdoor", "indoor")
            names = (
                f"{low_side} exchanger to suction",
                "suction side",
                f"discharge to {high_side} exchanger",
                f"{high_side} exchanger",
            )
            what = names[int(np.argmax(np.where(np.isfinite(misses), misses, np.inf)))] + " cannot be closed"
        return (
            f"{what} at {self.time_s:.2f} s: {p[ly.E]:.3f} bar evaporating, {p[ly.C]:.3f} bar condensing, "
            f"{u[ly.SPEED]:.1f} 1/s, valve {u[ly.EEV_OPENING]:.3f}, slide {self._s[ly.S_Z]:.2f}"
        )

    @property
    def time_s(self) -> float:
        """Simulated seconds since reset."""
        return float(self._s[ly.S_TIME])

    def snapshot(self) -> tuple[NDArray[np.float64], ...]:
        """Everything the next step depends on; `restore` continues bit for bit."""
        return tuple(part.copy() for part in self._parts())

    def restore(self, saved: tuple[NDArray[np.float64], ...]) -> None:
        """Back to a snapshot of this plant (same machine and cells)."""
        for mine, theirs in zip(self._parts(), saved, strict=True):
            mine[...] = theirs
        self._turn()

    @property
    def fault_parameters(self) -> tuple[str, ...]:
        """Names that `set_fault` takes on this machine."""
        lacking = set()
        if self.par.indoor_air > 0.0:
            lacking.add("plate_factor")
        if self.par.reversible == 0.0:
            lacking.add("slide_position")
        if self.par.filter_drop == 0.0:
            lacking.add("filter_clog")
        return tuple(name for name in FAULTS if name not in lacking)

    def set_fault(self, name: str, value: float) -> None:
        """Turn a fault's parameter, SI; its nominal value repairs it. `reset` leaves it, a snapshot keeps it.

        Raises InputError: a name that `fault_parameters` does not have, a value out of range.
        """
        if name not in self.fault_parameters:
            raise InputError(f"plant fault {name!r} is unknown, known are {', '.join(self.fault_parameters)}")
        row = FAULTS[name]
        # NaN, where it is the nominal value, is no number that a bound could check.
        if not (np.isnan(value) and np.isnan(row.nominal)):
            check(name, value, row.low, row.high)
        self._faults[list(FAULTS).index(name)] = value
        self._turn()

    def _turn(self) -> None:
        """Faults into the record that the compiled cycle reads."""
        par, sound = self.par, self._sound
        now = dict(zip(FAULTS, self._faults.tolist(), strict=True))
        for name in CIRCUIT_FAULTS:
            par[name] = now[name]
        for name in ("air_multiplier", "fan_flow", "fan_free_flow"):
            par[name] = sound[name] * now["coil_factor"]
        par["water_ua"] = sound["water_ua"] * now["plate_factor"]

    def _parts(self) -> tuple[NDArray[np.float64], ...]:
        return self.x, self.y, self._w, self._s, self._sats, self._v, self._f, self._faults

    def cell_path(self) -> dict[str, NDArray[np.float64]]:
        """Enthalpies, J/kg, along both exchangers in flow order, for a pressure-enthalpy diagram."""
        n, cooling = self.cells, self._s[ly.S_COOLING] > 0.0
        h = self._w[ly.H_OLD] - self._w[ly.OFFSET]
        outdoor = h[[ly.at_outdoor(cooling, i, n) for i in range(n)]]
        indoor = h[[ly.at_indoor(cooling, i, n) for i in range(n)]]
        low, high = (indoor[::-1], outdoor[::-1]) if cooling else (outdoor, indoor)
        return {"evaporator": low, "condenser": high}


def patches(par: np.record) -> int:
    """Patches (`components.coil`) of the machine's coils for each cell of its exchangers."""
    return coil.rows_of(par) + (coil.rows_of(par.room) if par.indoor_air > 0.0 else 0)


def check(name: str, value: float, low: float, high: float) -> None:
    """InputError unless low <= value <= high (a NaN fails too, and what is no number)."""
    try:
        inside = low <= value <= high
    except (TypeError, ValueError):
        raise InputError(f"{name} is {value!r}, needed a number from {low:g} to {high:g}") from None
    if not inside:
        raise InputError(f"{name} is {value:g}, allowed {low:g} to {high:g}")


def perturbed(machine: Machine, perturbation: Perturbed | None) -> dict[str, float]:
    """The values a perturbation changes, by name, for `Machine.record`."""
    if perturbation is None:
        return {}
    v = machine.values
    changed = {
        "eev_area": v["eev_area"] * perturbation.valve_flow,
        "displacement": v["displacement"] * perturbation.displacement,
        "charge": v["charge"] * perturbation.charge,
    }
    for name in (
        "air_ua",
        "room_air_ua",
        "water_ua",
        "indoor_condensing_ua",
        "indoor_vapour_ua",
        "indoor_liquid_ua",
    ):
        if name in v:
            changed[name] = v[name] * perturbation.ua
    return changed
