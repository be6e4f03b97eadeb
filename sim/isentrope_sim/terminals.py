"""What an installation may wire to the machine beside its own sensors: contacts and transmitters.

They sense nothing of the plant: on the rig each is a knob of its own name, so that a scenario can close a
contact or let gas reach a sensor. `meter` alone measures the plant.

A transmitter is a current loop or a ratiometric voltage on a `ratiometric` input. 4 to 20 mA go through
225 ohm to ground, 0.9 to 4.5 V of the input's 5 V; under 3.6 mA and over 21 mA the loop has failed (NAMUR
NE 43).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isentrope_sim.errors import InputError
from isentrope_sim.sensors import SensorData
from isentrope_sim.tagged import TaggedTable

# Name -> closed at rest (1) or open (0). The names with "ok" are closed while all is well: a broken wire is
# an alarm.
CONTACTS: Mapping[str, int] = {
    "leak_ok": 1,
    "leak_sensor_ok": 1,
    "separator_ok": 1,
    "sg_1": 0,
    "sg_2": 0,
    "utility_block": 0,
    "y": 0,
    "y2": 0,
    "g": 0,
    "w": 0,
    "ob": 0,
}
# Name -> unit, highest end of range, at rest; None: the plant's own electric power.
TRANSMITTERS: Mapping[str, tuple[str, float, float | None]] = {
    "leak_lfl": ("%", 100.0, 0.0),
    "water_p": ("kPa", 1000.0, 150.0),
    "meter": ("kW", 100.0, None),
}
# What a gas leak may switch off or on (firmware/isentrope/control/leak.py).
OUTPUTS = ("alarm", "backup", "crankcase", "fan", "pump", "reversing")

# Ratios of the 5 V input: ends of the span, and what lies beyond is a failed sensor. A transducer's bounds
# are those of the pressure transducers [Danfoss EKE].
_RATIOS = {
    "0.5-4.5 V": {"lo_ratio": 0.1, "hi_ratio": 0.9, "lowest": 0.06, "highest": 0.94},
    "4-20 mA": {"lo_ratio": 0.18, "hi_ratio": 0.9, "lowest": 0.162, "highest": 0.945},
}


@dataclass(frozen=True)
class Terminals:
    """The wired signals of one machine.

    Attributes:
        contacts: names in the order of the signals; transmitters: name -> data of its profile row.
        knobs: name -> unit, lowest, highest, value at rest.
        profile: keys of profile.json that ask for the firmware's functions.
    """

    contacts: tuple[str, ...]
    transmitters: Mapping[str, Mapping[str, Any]]
    knobs: Mapping[str, tuple[str, float, float, float]]
    profile: Mapping[str, Any]

    def sensors(self, lag_s: float, noise: float) -> dict[str, SensorData]:
        """How each senses: a contact the knob's 1 or 0, a transmitter thousandths of its unit."""
        found = {name: SensorData(truth(name), open_at=0.5, close_at=0.5) for name in self.contacts}
        for name in self.transmitters:
            source = truth(name) if name in self.knobs else "electric_w"
            found[name] = SensorData(source, lag_s, noise)
        return found

    def seen(self, knobs: Mapping[str, float]) -> list[float]:
        """The true values in the order of `knobs`."""
        return [knobs[name] * (1.0 if name in CONTACTS else 1e3) for name in self.knobs]


def truth(name: str) -> str:
    """The name of a wired signal's true value."""
    return f"wired_{name}"


def read(top: TaggedTable, charge_class: str) -> Terminals:
    """The `contacts`, `transmitters` and `leak` of a machine's `controller.terminals`.

    Raises:
        InputError: an unknown name, range or output, a leak sensor without its answer, an answer that the
            charge's class forbids.
    """
    if not top.has("terminals"):
        return Terminals((), {}, {}, {})
    table = top.table("terminals")
    contacts = table.names("contacts", CONTACTS) if table.has("contacts") else ()
    rows: dict[str, dict[str, Any]] = {}
    if table.has("transmitters"):
        found = table.table("transmitters")
        for name, (unit, highest, _) in TRANSMITTERS.items():
            if found.has(name):
                rows[name] = _transmitter(found.table(name), unit, highest)
        found.finish()
    knobs: dict[str, tuple[str, float, float, float]] = {
        name: ("1", 0.0, 1.0, float(CONTACTS[name])) for name in contacts
    }
    for name in rows:
        unit, highest, rest = TRANSMITTERS[name]
        if rest is not None:
            knobs[name] = (unit, 0.0, highest, rest)
    profile: dict[str, Any] = {"wired": [*contacts, *rows]}
    if {"leak_ok", "leak_lfl"} & {*contacts, *rows}:
        profile["leak"] = _leak(table, charge_class)
    if {"separator_ok", "water_p"} & {*contacts, *rows}:
        profile["separator"] = {}
    if "y" in contacts:
        profile["thermostat"] = {}
    table.finish()
    return Terminals(contacts, rows, knobs, profile)


def _transmitter(table: TaggedTable, unit: str, highest: float) -> dict[str, Any]:
    low, high = table.number("low", unit, -highest, highest), table.number("high", unit, 0.1, highest)
    ratios = _RATIOS[table.choice("signal", _RATIOS)]
    table.finish()
    return {"min": low, "max": high, **ratios}


def _leak(top: TaggedTable, charge_class: str) -> dict[str, Any]:
    """What a leak switches: A3 names its spark sources, A2L the fans that are rated to blow then."""
    if not top.has("leak"):
        raise InputError(f"{top.where}.leak is missing: a leak sensor needs its answer (off, full)")
    table = top.table("leak")
    found: dict[str, Any] = {"class": charge_class}
    for key in ("off", "full"):
        if table.has(key):
            found[key] = list(table.names(key, OUTPUTS if key == "off" else ("fan", "pump")))
    table.finish()
    if charge_class == "A3":
        if not found.get("off"):
            raise InputError(f"{table.where}.off is missing: an A3 machine names its spark sources")
        if found.get("full"):
            raise InputError(f"{table.where}.full is {found['full']}: with A3 nothing may be switched on")
    if both := sorted({*found.get("off", ())} & {*found.get("full", ())}):
        raise InputError(f"{table.where}: {', '.join(both)} cannot be off and full")
    return found
