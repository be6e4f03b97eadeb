"""What a machine file says of everything around the refrigerant circuit, for the rig and for profile.json.

The signals are those of an inverter air/water machine (docs/profile.md); ranges, curves, lags, noise and
ramps are the machine file's `[controller]`, whose values are `{ value, unit, source | prior }` as all.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from isentrope_sim import fluids
from isentrope_sim.actuators import ActuatorData
from isentrope_sim.components import compressor
from isentrope_sim.errors import InputError
from isentrope_sim.fluids import table as tb
from isentrope_sim.house import HouseData
from isentrope_sim.machine import Machine
from isentrope_sim.sensors import SensorData
from isentrope_sim.valves import load_valve

# What each input senses of the rig's truth.
_THERMISTORS = {
    "suction_t": "t_suction",
    "discharge_t": "t_discharge",
    "liquid_t": "t_liquid",
    "coil_t": "t_coil",
    "outdoor_t": "outdoor_k",
    "flow_t": "t_water_out",
    "return_t": "water_in_k",
}
_TRANSDUCERS = {"evap_p": "p_suction", "cond_p": "p_discharge"}
_RELAYS = ("compressor_run", "reversing_valve", "crankcase_heater", "alarm")

# Ratiometric transducers give 0.5 to 4.5 V at 5 V.
_LO_RATIO, _HI_RATIO = 0.1, 0.9

# Where the volumetric efficiency is sampled: suction gas of 0 degC dew and 8 K superheat, usual ratios.
_RATIOS, _DEW_K, _SUPERHEAT_K = (2.0, 4.0, 7.0), 273.15, 8.0


@dataclass(frozen=True)
class Signal:
    """A raw signal the machine needs: name, kind and what profile.json says of it beside its place."""

    name: str
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """Everything around the refrigerant circuit.

    Attributes:
        inputs, outputs: the signals in the order of the signal table.
        sensors: how each input senses.
        water_kg_s: the pump's flow at full duty.
        crankcase_w: electric power of the crankcase heater.
        load_w: the house's heat draw unless a knob says otherwise; emitter_w_k: its emitters.
        scan_ms, compressor, limits, settings: as in profile.json.
    """

    inputs: tuple[Signal, ...]
    outputs: tuple[Signal, ...]
    sensors: Mapping[str, SensorData]
    actuators: ActuatorData
    house: HouseData
    water_kg_s: float
    crankcase_w: float
    load_w: float
    emitter_w_k: float
    scan_ms: int
    compressor: Mapping[str, Any]
    limits: Mapping[str, Any]
    settings: Mapping[str, float]


def site_data(machine: Machine) -> Site:
    """Read a machine's site.

    Raises:
        InputError: a key is missing, unknown, without its unit or origin, or out of range; one line names it.
    """
    top = _Table(machine.controller, f"machine {machine.name}: controller")
    drive, sensors, house = top.table("drive"), top.table("sensors"), top.table("house")
    valve = load_valve(machine.texts["eev"]["valve"])
    actuators = ActuatorData(
        valve=valve,
        relay_delay_s=top.number("relay_delay", "s", 0.0, 1.0),
        acceleration_rps_s=drive.number("acceleration", "1/s2", 0.5, 50.0),
        coast_rps_s=drive.number("coast", "1/s2", 5.0, 1000.0),
        start_rps=drive.number("start", "1/s", 0.0, 60.0),
        fan_lag_s=top.number("fan_lag", "s", 0.01, 60.0),
        pump_lag_s=top.number("pump_lag", "s", 0.01, 60.0),
    )
    top_rps = drive.number("reference_max", "1/s", machine.values["max_rps"], 400.0)
    thermistors, transducers, contacts = (
        top.table("thermistors"),
        top.table("transducers"),
        top.table("contacts"),
    )
    inputs = [Signal(name, "ntc", {"curve": thermistors.text(name)}) for name in _THERMISTORS]
    inputs += [Signal(name, "ratiometric", _transducer(transducers.table(name))) for name in _TRANSDUCERS]
    inputs += [Signal(name, "contact") for name in ("hp_switch", "motor_ok", "water_flow", "supply_ok")]
    lag, noise = (
        sensors.number("thermistor_lag", "s", 0.0, 120.0),
        sensors.number("thermistor_noise", "K", 0.0, 5.0),
    )
    sensing = {name: SensorData(source, lag, noise) for name, source in _THERMISTORS.items()}
    lag, noise = (
        sensors.number("transducer_lag", "s", 0.0, 10.0),
        sensors.number("transducer_noise", "1", 0.0, 0.1),
    )
    sensing |= {name: SensorData(source, lag, noise) for name, source in _TRANSDUCERS.items()}
    sensing |= {
        "hp_switch": _contact(contacts.table("hp_switch"), "p_discharge", "Pa", 1e5, 1e7),
        "motor_ok": SensorData("t_shell"),
        "water_flow": _contact(contacts.table("water_flow"), "water_kg_s", "kg/s", 0.0, 100.0),
        "supply_ok": SensorData("outdoor_k"),
    }
    kilowatts = house.number("rated_heat", "W", 100.0, 1e6) / 1e3
    site = Site(
        inputs=tuple(inputs),
        outputs=(
            Signal("eev_count", "stepper_count"),
            Signal("eev_coils", "level"),
            *(Signal(name, "relay") for name in _RELAYS),
            Signal("compressor_ref", "analog_out", {"min": 0.0, "max": top_rps}),
            Signal("fan_ref", "analog_out", {"min": 0.0, "max": 100.0}),
            Signal("pump_ref", "analog_out", {"min": 0.0, "max": 100.0}),
        ),
        sensors=sensing,
        actuators=actuators,
        house=HouseData(
            house.number("buffer", "kg/kW", 0.5, 500.0) * kilowatts, house.number("pipe", "kg", 0.1, 500.0)
        ),
        water_kg_s=machine.values["pump_flow_max"],
        crankcase_w=top.number("crankcase_power", "W", 0.0, 1000.0),
        load_w=house.number("load", "W", 0.0, 1e6),
        emitter_w_k=house.number("emitter", "W/K", 0.0, 1e5),
        scan_ms=round(top.number("scan", "ms", 50.0, 2000.0)),
        compressor=_compressor(machine),
        limits=machine.limits,
        settings=top.table("settings").plain(),
    )
    for table in (thermistors, transducers, contacts, drive, sensors, house, top):
        table.finish()
    return site


def _transducer(table: _Table) -> dict[str, Any]:
    low, high = table.number("low", "kPa", -101.325, 10_000.0), table.number("high", "kPa", 100.0, 20_000.0)
    gauge = table.flag("gauge")
    table.finish()
    return {"min_kpa": low, "max_kpa": high, "gauge": gauge, "lo_ratio": _LO_RATIO, "hi_ratio": _HI_RATIO}


def _contact(table: _Table, source: str, unit: str, low: float, high: float) -> SensorData:
    contact = SensorData(
        source,
        open_at=table.number("opens", unit, low, high),
        close_at=table.number("closes", unit, low, high),
    )
    table.finish()
    return contact


def _compressor(machine: Machine) -> dict[str, Any]:
    values = machine.values
    return {
        "displacement_m3": values["displacement"],
        "min_rps": values["min_rps"],
        "max_rps": values["max_rps"],
        "rated_rps": values["rated_rps"],
        "slew_rps_s": values["slew_rps_s"],
        "volumetric": volumetric_efficiency(machine),
    }


def volumetric_efficiency(machine: Machine) -> list[float]:
    """Coefficients, constant term first, of the quadratic in the pressure ratio through the compressor model.

    Delivered over swept mass at rated speed, through the module's three ratios, to five digits.
    """
    par, fluid = machine.record(), fluids.load(machine.refrigerant)
    suction, discharge = np.zeros(tb.SAT_SIZE), np.zeros(tb.SAT_SIZE)
    p_s = tb.pressure_of_dew(fluid, _DEW_K)
    tb.saturation(fluid, p_s, suction)
    h_s = tb.vapour_enthalpy(fluid, suction, _DEW_K + _SUPERHEAT_K)
    rho_s = tb.vapour(fluid, suction, h_s)[2]
    efficiencies = []
    for ratio in _RATIOS:
        tb.saturation(fluid, p_s * ratio, discharge)
        h_d = tb.enthalpy_of_entropy(fluid, discharge, tb.entropy(fluid, suction, h_s))
        rho_d = tb.vapour(fluid, discharge, h_d)[2]
        n = machine.values["rated_rps"]
        flow = compressor.compress(par, fluid, suction, discharge, p_s, p_s * ratio, h_s, rho_d, n)[0]
        efficiencies.append(flow / (machine.values["displacement"] * n * rho_s))
    powers = np.vander(_RATIOS, increasing=True)
    return [float(f"{value:.5g}") for value in np.linalg.solve(powers, efficiencies)]


class _Table:
    """A table of the machine file read key by key; what nobody read is an error."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values = values
        self._where = where
        self._read: list[str] = []

    def _fail(self, key: str, problem: str) -> NoReturn:
        raise InputError(f"{self._where}.{key} {problem}")

    def _take(self, key: str, wanted: str) -> Any:
        self._read.append(key)
        if key not in self._values:
            self._fail(key, f"is missing ({wanted})")
        return self._values[key]

    def number(self, key: str, unit: str, low: float, high: float) -> float:
        """The value of `{ value, unit, source | prior }` within [low, high]."""
        wanted = f"{unit}, {low:g} to {high:g}"
        entry = self._take(key, wanted)
        tags = [tag for tag in ("source", "prior") if isinstance(entry, dict) and entry.get(tag)]
        if not isinstance(entry, dict) or len(tags) != 1 or set(entry) != {"value", "unit", *tags}:
            self._fail(key, f"must be {{ value, unit, and one of source, prior }}, is {entry!r}")
        value = entry["value"]
        if entry["unit"] != unit:
            self._fail(key, f"has unit {entry['unit']!r}, needed {unit!r}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self._fail(key, f"is {value!r}, allowed {low:g} to {high:g} {unit}")
        return float(value)

    def text(self, key: str) -> str:
        value = self._take(key, "a text")
        if not isinstance(value, str):
            self._fail(key, f"is {value!r}, a text is wanted")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, "true or false")
        if not isinstance(value, bool):
            self._fail(key, f"is {value!r}, allowed true or false")
        return value

    def table(self, key: str) -> _Table:
        value = self._take(key, "a table")
        if not isinstance(value, dict):
            self._fail(key, f"is {value!r}, a table is wanted")
        return _Table(value, f"{self._where}.{key}")

    def plain(self) -> dict[str, float]:
        """All keys as plain numbers."""
        for key, value in self._values.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                self._fail(key, f"is {value!r}, a number is wanted")
        return {key: float(value) for key, value in self._values.items()}

    def finish(self) -> None:
        """Raise for the first key that nobody read."""
        for key in self._values:
            if key not in self._read:
                near = difflib.get_close_matches(key, self._read, n=1)
                self._fail(key, "is no known key" + (f", did you mean {near[0]}?" if near else ""))
