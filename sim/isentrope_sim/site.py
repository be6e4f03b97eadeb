"""What a machine file says of everything around the refrigerant circuit, for the rig and for profile.json.

The signals are those of an air/water machine (docs/profile.md), with an inverter or on the mains: a
compressor whose lowest speed is its highest is switched by a contactor, its fan and pump by relays. Ranges,
curves, lags, noise and ramps are the machine file's `[controller]`, whose values are `{ value, unit, source |
prior }` as all.

An air/air machine has the same signals, of air: the pump is its indoor fan, flow and return are the air that
leaves the indoor coil and the room's, the flow switch is one in that air. No house hangs on its water.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isentrope_sim import fluids, site_options, terminals
from isentrope_sim.actuators import ActuatorData
from isentrope_sim.components import compressor
from isentrope_sim.errors import InputError
from isentrope_sim.fluids import table as tb
from isentrope_sim.house import WATER_J_KG_K, HouseData
from isentrope_sim.machine import Machine
from isentrope_sim.sensors import SensorData, ntc_curve, ntc_curves
from isentrope_sim.site_options import Inverter, MeterData
from isentrope_sim.tagged import TaggedTable
from isentrope_sim.terminals import Terminals

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
# Of a machine with room air indoors, where the controller looks for water.
_ROOM_THERMISTORS = {"flow_t": "t_room_out", "return_t": "indoor_k"}
_TRANSDUCERS = {"evap_p": "p_suction", "cond_p": "p_discharge"}
_RELAYS = ("compressor_run", "reversing_valve", "crankcase_heater", "alarm")
# Thermistors that a machine may have beside them, on the compressor's shell and in the hot-water tank.
_SHELL, TANK = "shell_t", "tank_t"
_MORE_THERMISTORS = {_SHELL: "t_shell", TANK: "tank_sensor_k"}
DIVERTER = "hot_water_valve"
BACKUP = ("backup_1", "backup_2")
_MAINS_RELAYS = ("fan_run", "pump_run")  # beside them on a fixed-speed machine, in place of references
_WIRED = ("ds18b20",)  # thermometers that a temperature may have instead of a thermistor

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
        house: the water circuit, None where room air is indoors.
        water_kg_s: the pump's flow at full duty.
        crankcase_w: electric power of the crankcase heater.
        load_w: the house's heat draw unless a knob says otherwise; emitter_w_k: its emitters.
        backup_w: electric power of the backup heater's stages, between the plate and the house.
        scan_ms, compressor, limits, settings: as in profile.json.
        options: more of profile.json; inverter, meter: a drive and an electricity meter on a bus, if
            there is one.
        terminals: what the installation wires to it.
    """

    inputs: tuple[Signal, ...]
    outputs: tuple[Signal, ...]
    sensors: Mapping[str, SensorData]
    actuators: ActuatorData
    house: HouseData | None
    water_kg_s: float
    crankcase_w: float
    load_w: float
    emitter_w_k: float
    backup_w: tuple[float, ...]
    scan_ms: int
    compressor: Mapping[str, Any]
    limits: Mapping[str, Any]
    settings: Mapping[str, float]
    options: Mapping[str, Any]
    inverter: Inverter | None
    meter: MeterData | None
    terminals: Terminals


def site_data(machine: Machine) -> Site:
    """Read a machine's site.

    Raises:
        InputError: a key is missing, unknown, without its unit or origin, or out of range; one line names it.
    """
    top = TaggedTable(machine.controller, f"machine {machine.name}: controller")
    drive = top.table("drive")
    room, fixed = _room(machine), fixed_speed(machine)
    house = None if room else top.table("house")
    wired = terminals.read(top, machine.texts["charge"]["class"])
    inputs, sensors = _inputs(top, room, fixed, wired)
    backup_w = site_options.backup(top)
    options = {**site_options.profile(top), **wired.profile}
    if backup_w and room:
        raise InputError(f"{top.where}.backup: a heater in the water needs water indoors, house is missing")
    if backup_w:
        full = machine.values["pump_flow_max"] * WATER_J_KG_K
        options["backup"] = {"stage_w": list(backup_w), "rise_k": [round(w / full, 3) for w in backup_w]}
    site = Site(
        inputs=inputs,
        outputs=_outputs(machine, drive),
        sensors=sensors,
        actuators=ActuatorData(
            valve=machine.valve,
            relay_delay_s=top.number("relay_delay", "s", 0.0, 1.0),
            acceleration_rps_s=drive.number("acceleration", "1/s2", 0.5, 50.0),
            coast_rps_s=drive.number("coast", "1/s2", 5.0, 1000.0),
            start_rps=0.0 if fixed else drive.number("start", "1/s", 0.0, 60.0),
            mains_rps=machine.values["rated_rps"] if fixed else 0.0,
            fan_lag_s=top.number("fan_lag", "s", 0.01, 60.0),
            pump_lag_s=top.number("pump_lag", "s", 0.01, 60.0),
        ),
        house=None if house is None else _house(house),
        water_kg_s=machine.values.get("pump_flow_max", 0.0),
        crankcase_w=top.number("crankcase_power", "W", 0.0, 1000.0),
        load_w=0.0 if house is None else house.number("load", "W", 0.0, 1e6),
        emitter_w_k=0.0 if house is None else house.number("emitter", "W/K", 0.0, 1e5),
        backup_w=backup_w,
        scan_ms=round(top.number("scan", "ms", 50.0, 2000.0)),
        compressor={
            **_compressor(machine),
            **site_options.compressor(top, machine.values["min_rps"], machine.values["max_rps"]),
        },
        limits=machine.limits,
        settings=top.table("settings").numbers(),
        options=options,
        inverter=site_options.inverter(top),
        meter=site_options.meter(top),
        terminals=wired,
    )
    for table in (drive, house, top):
        if table is not None:
            table.finish()
    _possible(machine, site)
    return site


def _possible(machine: Machine, site: Site) -> None:
    """Raises InputError for a function without what it takes, in the words of the machine's file; the
    firmware refuses such a profile too (possible.py)."""
    modes, where = site.options.get("modes", ()), f"machine {machine.name}: controller"
    contacts, settings = site.terminals.contacts, site.settings
    if "cooling" in modes and machine.values["reversible"] == 0.0:
        kind = machine.texts["reversing"]["kind"]
        raise InputError(f'{where}.cooling: true needs reversing.kind = "four-way", has "{kind}"')
    if "hot_water" in modes and TANK not in [signal.name for signal in site.inputs]:
        raise InputError(f"{where}.hot_water: true needs the tank's sensor, thermistors.{TANK} is missing")
    if _room(machine) and "hot_water" in modes:
        raise InputError(f"{where}.hot_water: true needs water indoors, controller.house is missing")
    for name in ("y2", "g", "w", "ob"):
        if name in contacts and "y" not in contacts:
            raise InputError(f"{where}.terminals.contacts: {name} needs the thermostat's y, which is missing")
    if "leak_sensor_ok" in contacts and "leak" not in site.options:
        raise InputError(
            f"{where}.terminals.contacts: leak_sensor_ok needs a gas sensor, "
            "contact leak_ok or transmitters.leak_lfl is missing"
        )
    if int(settings.get("grid_signals", 0.0)) & 2 and "utility_block" not in contacts:
        raise InputError(f"{where}.settings.grid_signals: 2 needs terminals.contacts utility_block, missing")
    if settings.get("defrost", 0.0) > 0.0 and machine.values["reversible"] == 0.0:
        kind = machine.texts["reversing"]["kind"]
        raise InputError(f'{where}.settings.defrost: needs reversing.kind = "four-way", has "{kind}"')
    if "drive" in site.options and site.inverter:
        raise InputError(f"{where}.stages: relays and controller.inverter exclude each other")
    if "drive" in site.options and not fixed_speed(machine):
        raise InputError(f"{where}.stages: relays need one speed, compressor.min_rps = max_rps")


def _room(machine: Machine) -> bool:
    return machine.values["indoor_air"] > 0.0


def _house(table: TaggedTable) -> HouseData:
    kilowatts = table.number("rated_heat", "W", 100.0, 1e6) / 1e3
    return HouseData(
        buffer_kg=table.number("buffer", "kg/kW", 0.5, 500.0) * kilowatts,
        pipe_kg=table.number("pipe", "kg", 0.1, 500.0),
    )


def wanted_signals(machine: Machine) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
    """The raw inputs and outputs of a machine, as `site_data` has them.

    Raises:
        InputError: as `site_data`.
    """
    site = site_data(machine)
    return site.inputs, site.outputs


def fixed_speed(machine: Machine) -> bool:
    """Whether the compressor runs on the mains: it has one speed."""
    return machine.values["min_rps"] == machine.values["max_rps"]


def _outputs(machine: Machine, drive: TaggedTable) -> tuple[Signal, ...]:
    controller = machine.controller
    stages = [key for key in ("first", "second") if key in controller.get("backup", {})]
    valve = (DIVERTER,) if controller.get("hot_water") is True else ()
    more = (*valve, *BACKUP[: len(stages)])
    if fixed_speed(machine):
        second = ("compressor_run_2",) if "second" in machine.controller.get("stages", {}) else ()
        return (
            Signal("eev_count", "stepper_count"),
            Signal("eev_coils", "level"),
            *(Signal(name, "relay") for name in (*_RELAYS, *_MAINS_RELAYS, *second, *more)),
        )
    top_rps = drive.number("reference_max", "1/s", machine.values["max_rps"], 400.0)
    return (
        Signal("eev_count", "stepper_count"),
        Signal("eev_coils", "level"),
        *(Signal(name, "relay") for name in (*_RELAYS, *more)),
        Signal("compressor_ref", "analog_out", {"min": 0.0, "max": top_rps}),
        Signal("fan_ref", "analog_out", {"min": 0.0, "max": 100.0}),
        Signal("pump_ref", "analog_out", {"min": 0.0, "max": 100.0}),
    )


def _inputs(
    top: TaggedTable, room: bool, fixed: bool, wired: Terminals
) -> tuple[tuple[Signal, ...], dict[str, SensorData]]:
    """The input signals and how each senses; a fixed-speed machine may lack the condensing pressure."""
    lags, curves, ranges, contacts = (
        top.table(key) for key in ("sensors", "thermistors", "transducers", "contacts")
    )
    wires = top.table("thermometers") if top.has("thermometers") else TaggedTable({}, "")
    known = ntc_curves()
    on_wire = [name for name in _THERMISTORS if wires.has(name)]
    transducers = [name for name in _TRANSDUCERS if not fixed or name == "evap_p" or ranges.has(name)]
    switches = ["lp_switch"] if contacts.has("lp_switch") else []
    signals = [
        Signal(name, "ntc", {"sh": list(ntc_curve(curves.choice(name, known)))})
        for name in _THERMISTORS
        if name not in on_wire
    ]
    more = {name: source for name, source in _MORE_THERMISTORS.items() if curves.has(name)}
    signals += [Signal(name, "ntc", {"sh": list(ntc_curve(curves.choice(name, known)))}) for name in more]
    signals += [Signal(name, wires.choice(name, _WIRED)) for name in on_wire]
    signals += [Signal(name, "ratiometric", _transducer(ranges.table(name))) for name in transducers]
    signals += [Signal(name, "ratiometric", data) for name, data in wired.transmitters.items()]
    phase = top.has("phases") and not top.table("phases").has("nominal")
    monitors = ["phase_ok"] if phase else []
    names = ("hp_switch", "motor_ok", *switches, "water_flow", "supply_ok", *monitors, *wired.contacts)
    signals += [Signal(name, "contact") for name in names]

    lag_s = lags.number("thermistor_lag", "s", 0.0, 120.0)
    noise = lags.number("thermistor_noise", "K", 0.0, 5.0)
    seen = {**_THERMISTORS, **(_ROOM_THERMISTORS if room else {})}
    sensors = {name: SensorData(source, lag_s, noise) for name, source in seen.items()}
    sensors |= {name: SensorData(source, lag_s, noise) for name, source in more.items()}
    lag_s = lags.number("transducer_lag", "s", 0.0, 10.0)
    noise = lags.number("transducer_noise", "1", 0.0, 0.1)
    sensors |= {
        name: SensorData(source, lag_s, noise) for name, source in _TRANSDUCERS.items() if name in transducers
    }
    sensors |= wired.sensors(lag_s, noise)
    # Motor protector, supply and phase monitor: nothing opens them yet, whatever they sense.
    for name in monitors:
        sensors[name] = SensorData("outdoor_k")
    sensors["motor_ok"] = SensorData("t_shell")
    sensors["supply_ok"] = SensorData("outdoor_k")
    sensors["hp_switch"] = _contact(contacts.table("hp_switch"), "p_discharge", "Pa", 1e5, 1e7)
    for name in switches:
        sensors[name] = _contact(contacts.table(name), "p_suction", "Pa", 2e4, 2e6)
    if room:
        sensors["water_flow"] = _contact(contacts.table("air_flow"), "room_m3_s", "m3/s", 0.0, 100.0)
    else:
        sensors["water_flow"] = _contact(contacts.table("water_flow"), "water_kg_s", "kg/s", 0.0, 100.0)
    for table in (lags, curves, wires, ranges, contacts):
        table.finish()
    return tuple(signals), sensors


def _transducer(table: TaggedTable) -> dict[str, Any]:
    low, high = table.number("low", "kPa", -101.325, 10_000.0), table.number("high", "kPa", 100.0, 20_000.0)
    gauge = table.flag("gauge")
    table.finish()
    return {"min_kpa": low, "max_kpa": high, "gauge": gauge, "lo_ratio": _LO_RATIO, "hi_ratio": _HI_RATIO}


def _contact(table: TaggedTable, source: str, unit: str, low: float, high: float) -> SensorData:
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
        t_d, _slope, rho_d = tb.vapour(fluid, discharge, h_d)
        n = machine.values["rated_rps"]
        flow = compressor.compress(par, fluid, suction, discharge, p_s, p_s * ratio, h_s, rho_d, t_d, n)[0]
        efficiencies.append(flow / (machine.values["displacement"] * n * rho_s))
    powers = np.vander(_RATIOS, increasing=True)
    return [float(f"{value:.5g}") for value in np.linalg.solve(powers, efficiencies)]
