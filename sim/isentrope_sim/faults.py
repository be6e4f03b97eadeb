"""Faults of sensors, actuators and plant: what there is, declared once (what is at work on a rig: broken.py).

A fault is a verb on a target. `TABLE` has a row for each kind of target and verb with its parameters, their
units (in the names) and bounds; scenarios, the rig and the docs read it. One target carries one fault;
another one replaces it; clearing repairs it. Nothing here is silent: an unknown target, verb or parameter is
an `InputError`, and so is a row of the refrigerant circuit (`PLANT`) as long as the plant does not offer its
parameter: such a row is declared, and `unmet` says what it needs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from isentrope_sim.errors import InputError

ALL = "all"


@dataclass(frozen=True)
class Parameter:
    """A parameter: its unit, range and default (None: it must be given)."""

    unit: str
    low: float
    high: float
    default: float | None = None


@dataclass(frozen=True)
class Row:
    """A verb on a kind of target: what it does, and its parameters."""

    meaning: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


_PERIOD = {
    "period_s": Parameter("s", 1.0, 86400.0, 60.0),
    "off_s": Parameter("s", 0.5, 86400.0, 10.0),
}
_DELAY = {"delay_s": Parameter("s", 0.0, 3600.0)}
_LASTING = {"lag_s": Parameter("s", 0.0, 3600.0)}

_SHARE = {"by": Parameter("1", -1.0, 10.0)}
_SHARE_H = {"by_h": Parameter("1/h", -100.0, 100.0)}

_ANALOGUE = {
    "stuck": Row("the converter's count stays where it is"),
    "garbage": Row("a random count every scan (own seeded generator)"),
    "slow": Row(
        "the lag grows", {"factor": Parameter("1", 1.0, 1000.0), "lag_s": Parameter("s", 0.0, 3600.0, 0.0)}
    ),
    "delayed": Row("the reading comes late", _DELAY),
}
_OPEN = Row("a wire is off")
_INTERMITTENT = Row("a wire is off for off_s of every period_s", _PERIOD)

TABLE: Mapping[str, Mapping[str, Row]] = {
    "thermistor": {
        "open": _OPEN,
        "off": _OPEN,
        "short": Row("the wires touch"),
        "intermittent": _INTERMITTENT,
        "wrong": Row("a plausible value of its own", {"value_c": Parameter("degC", -60.0, 200.0)}),
        "offset": Row("reads too high", {"by_k": Parameter("K", -100.0, 100.0)}),
        "drift": Row("reads ever higher", {"by_k_h": Parameter("K/h", -100.0, 100.0)}),
        **_ANALOGUE,
    },
    "transducer": {
        "open": Row("the signal wire is off: the converter's pull-down reads 0 V"),
        "off": Row("the supply is off: 0 V"),
        "short": Row("the signal touches the supply: full scale"),
        "intermittent": _INTERMITTENT,
        "wrong": Row("a plausible value of its own", {"value_kpa": Parameter("kPa", 0.0, 20_000.0)}),
        "offset": Row("reads too high", {"by_kpa": Parameter("kPa", -5000.0, 5000.0)}),
        "drift": Row("reads ever higher", {"by_kpa_h": Parameter("kPa/h", -5000.0, 5000.0)}),
        **_ANALOGUE,
    },
    "contact": {
        "open": Row("a wire is off: never closed"),
        "off": Row("a wire is off: never closed"),
        "short": Row("welded or bridged: always closed"),
        "stuck": Row("stays as it is"),
        "intermittent": _INTERMITTENT,
        "wrong": Row("says the opposite"),
        "garbage": Row("chatters: a random level every scan (own seeded generator)"),
        "slow": Row("follows only what has lasted lag_s", _LASTING),
        "delayed": Row("follows late", _DELAY),
        "offset": Row("switches at thresholds that are too high by this share", _SHARE),
        "drift": Row("its thresholds rise by this share", _SHARE_H),
    },
    "valve": {
        "stuck": Row("the needle is jammed, pulses are counted in vain"),
        "off": Row("the coil's plug is out: no pulse moves it"),
        "lost-steps": Row(
            "this share of all pulses does not move the rotor, evenly spread (0.1: every tenth)",
            {"fraction": Parameter("1", 0.0, 1.0)},
        ),
        "wrong": Row("two wires of the coil are exchanged: it turns the other way"),
        "garbage": Row("a wire of the coil is off: each scan's pulses go either way at random"),
        "intermittent": Row("the coil's plug is off for off_s of every period_s", _PERIOD),
        "slow": Row(
            "follows at this rate at most, what comes faster waits",
            {"rate_hz": Parameter("1/s", 0.1, 1000.0)},
        ),
        "delayed": Row("its pulses come late", _DELAY),
        "offset": Row(
            "the rotor slips once by so many steps, positive opens",
            {"by_steps": Parameter("steps", -10_000.0, 10_000.0)},
        ),
        "drift": Row(
            "the rotor slips ever further, positive opens",
            {"by_steps_h": Parameter("steps/h", -100_000.0, 100_000.0)},
        ),
    },
    "relay": {
        "stuck": Row("the contact stays as it is"),
        "off": Row("never pulls in"),
        "wrong": Row("welded: always on"),
        "delayed": Row("follows its command late", _DELAY),
        "intermittent": Row("drops out for off_s of every period_s", _PERIOD),
        "garbage": Row("chatters: on or off at random every scan (own seeded generator)"),
        "slow": Row("follows only what has lasted lag_s", _LASTING),
    },
    "drive": {  # fan, pump, compressor: an analogue reference
        "off": Row("stands still: failed fan or pump, tripped inverter"),
        "stuck": Row("keeps the reference it has"),
        "wrong": Row("follows a reference of its own", {"value": Parameter("1", 0.0, 1.0)}),
        "offset": Row("the reference is too high by a share of its range", {"by": Parameter("1", -1.0, 1.0)}),
        "drift": Row(
            "the reference rises by a share of its range", {"by_h": Parameter("1/h", -100.0, 100.0)}
        ),
        "low": Row("gives only a share of what is asked: low flow", {"factor": Parameter("1", 0.0, 1.0)}),
        "slow": Row("lag or ramp takes longer", {"factor": Parameter("1", 1.0, 1000.0)}),
        "delayed": Row("follows its command late", _DELAY),
        "intermittent": Row("stands still for off_s of every period_s", _PERIOD),
        "garbage": Row("a random reference every scan (own seeded generator)"),
    },
    "coils": {
        "off": Row("the stepper's driver is dead: the coils have no current"),
        "stuck": Row("the current stays as it is"),
        "wrong": Row("the current never rests"),
        "intermittent": Row("no current for off_s of every period_s", _PERIOD),
        "delayed": Row("the current comes and goes late", _DELAY),
        "garbage": Row("the current comes and goes at random every scan (own seeded generator)"),
    },
    "supply": {
        "off": Row("power cut: all outputs dead, the supply monitor open; the controller lives on the link"),
        "intermittent": Row("as off, for off_s of every period_s", _PERIOD),
        "cut": Row(
            "power cut of the controller too: once it is cleared, it starts anew from its flash, and the bus "
            "writes again what it had written"
        ),
    },
    "link": {
        "off": Row("no frame passes: no scan; outputs last for their lease, then they are safe"),
        "intermittent": Row("as off, for off_s of every period_s", _PERIOD),
        "stuck": Row("the inputs that arrive are those of its begin"),
        "delayed": Row("inputs arrive late", _DELAY),
        "slow": Row("one scan of so many comes through", {"factor": Parameter("1", 1.0, 100.0)}),
        "garbage": Row(
            "bytes are damaged both ways, this share of them: the run stays what it is",
            {"p": Parameter("1", 0.0, 0.05)},
        ),
    },
}
SUPPLY = "supply"  # the target of its only kind, in every machine
LINK = "link"  # likewise; the bench's, no rig has it
CUT = "cut"


@dataclass(frozen=True)
class PlantFault:
    """A fault inside the refrigerant circuit, and the plant's parameter that it turns.

    A plant offers such parameters as `Plant.fault_parameters` (names) and `Plant.set_fault(name, value)`,
    kept in its snapshot; `nominal` means no fault.
    """

    meaning: str
    parameter: str
    key: str
    limits: Parameter
    nominal: float
    needs: str


_CIRCUIT = "a circuit that takes this parameter while it runs"
PLANT: Mapping[str, PlantFault] = {
    "charge-loss": PlantFault(
        "refrigerant escapes at a steady rate",
        "leak_kg_s",
        "kg_h",
        Parameter("kg/h", 0.0, 10.0),
        0.0,
        _CIRCUIT,
    ),
    "coil-fouling": PlantFault(
        "share left of the coil's air-side conductance and air flow",
        "coil_factor",
        "factor",
        Parameter("1", 0.05, 1.0),
        1.0,
        _CIRCUIT,
    ),
    "plate-fouling": PlantFault(
        "share left of the plate's water-side conductance",
        "plate_factor",
        "factor",
        Parameter("1", 0.05, 1.0),
        1.0,
        _CIRCUIT,
    ),
    "non-condensables": PlantFault(
        "partial pressure of air added on the high side",
        "inert_pa",
        "kpa",
        Parameter("kPa", 0.0, 500.0),
        0.0,
        _CIRCUIT,
    ),
    "filter-clog": PlantFault(
        "factor on the filter-drier's resistance",
        "filter_clog",
        "factor",
        Parameter("1", 1.0, 1e5),
        1.0,
        "a circuit with a filter-drier whose rated drop is given",
    ),
    "reversing-stuck": PlantFault(
        "the reversing valve's slide stays at this position, 0 heating to 1 cooling",
        "slide_position",
        "position",
        Parameter("1", 0.0, 1.0, 0.5),
        math.nan,
        "a circuit with a reversing valve's slide",
    ),
}
_FACTORS = {"kg_h": 1.0 / 3600.0, "kpa": 1e3}


@dataclass(frozen=True)
class Fault:
    """A checked fault: target, verb (of the plant: its name) and every parameter with its value."""

    target: str
    verb: str
    values: Mapping[str, float] = field(default_factory=dict)


def kind_of(row: Mapping[str, Any]) -> str:
    """The kind of target of a profile's `io` row: a key of `TABLE`."""
    kinds = {
        "ntc": "thermistor",
        "ds18b20": "thermistor",
        "ratiometric": "transducer",
        "contact": "contact",
        "stepper_count": "valve",
        "relay": "relay",
        "analog_out": "drive",
        "level": "coils",
    }
    if row["kind"] not in kinds:
        raise InputError(f"no faults are known for {row['name']!r} of kind {row['kind']!r}")
    return kinds[row["kind"]]


def check(target: str, verb: str, given: Mapping[str, Any], kinds: Mapping[str, str]) -> Fault:
    """A fault with its defaults filled in.

    Args:
        target: a signal, `SUPPLY`, or "plant", whose verbs are the names of `PLANT`.
        kinds: the kind of each target there is but the plant, by name.

    Raises:
        InputError: what is unknown, missing or out of range, and what is allowed.
    """
    where = f"fault {verb!r} on {target!r}"
    if target == "plant":
        if verb not in PLANT:
            raise InputError(f"{where}: unknown; the plant has {', '.join(PLANT)}")
        parameters: Mapping[str, Parameter] = {PLANT[verb].key: PLANT[verb].limits}
    elif target not in kinds:
        raise InputError(f"{where}: no such target; known: plant, {', '.join(kinds)}")
    else:
        rows = TABLE[kinds[target]]
        if verb not in rows:
            raise InputError(f"{where}: a {kinds[target]} knows {', '.join(rows)}")
        parameters = rows[verb].parameters
    for key in given:
        if key not in parameters:
            raise InputError(f"{where}: unknown parameter {key!r}; known: {', '.join(parameters) or 'none'}")
    values = {}
    for key, parameter in parameters.items():
        value = given.get(key, parameter.default)
        if value is None:
            raise InputError(
                f"{where}: {key} is missing, {parameter.low:g} to {parameter.high:g} {parameter.unit}"
            )
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not parameter.low <= value <= parameter.high:
            raise InputError(
                f"{where}: {key} = {value!r}, allowed {parameter.low:g} to "
                f"{parameter.high:g} {parameter.unit}"
            )
        values[key] = float(value)
    if values.get("off_s", 0.0) > values.get("period_s", math.inf):
        raise InputError(
            f"{where}: off_s = {values['off_s']:g} is longer than period_s = {values['period_s']:g}"
        )
    return Fault(target, verb, values)


def unmet(fault: Fault, plant: Any) -> str:
    """Why this plant cannot have the fault, in one line; "" if it can."""
    if fault.target != "plant":
        return ""
    row = PLANT[fault.verb]
    if row.parameter in getattr(plant, "fault_parameters", ()):
        return ""
    return f"plant fault {fault.verb!r} needs {row.needs} ({row.parameter}); this plant has none"


def plant_setting(fault: Fault) -> tuple[str, float]:
    """(the plant's parameter, its value in SI)."""
    row = PLANT[fault.verb]
    return row.parameter, fault.values[row.key] * _FACTORS.get(row.key, 1.0)


def interrupted(values: Mapping[str, float], since_s: float) -> bool:
    """Whether an intermittent fault is off `since_s` after it began."""
    return since_s % values["period_s"] < values["off_s"]
