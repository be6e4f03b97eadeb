"""What a machine file's `[controller]` says of functions and drives that not every machine has.

They are read into the form that profile.json has them in; what is absent is not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from isentrope_sim.errors import InputError
from isentrope_sim.tagged import TaggedTable

MODES = ("cooling", "hot_water")  # what a machine does beside heating
PARITIES = ("none", "even", "odd")
# Quantity of a drive -> unit and range of its limits.
_LIMITS = {
    "current_a": ("current", "A", 0.1, 200.0),
    "bus_v": ("bus", "V", 50.0, 1000.0),
    "module_c": ("module", "degC", 20.0, 150.0),
}


@dataclass(frozen=True)
class Inverter:
    """A drive on Modbus RTU: which, how the line is set, and the machine's limits on its readings.

    Attributes:
        drive: name of its description (hil/isentrope_hil/drives).
        pole_pairs: of the motor: hertz of the drive for each revolution a second.
        limits: quantity -> (hold, reduce); a reduce under the hold is a lower limit.
    """

    drive: str
    pole_pairs: float
    unit: int
    baud: int
    parity: str
    stop_bits: int
    timeout_ms: int
    retries: int
    lost_ms: int
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class MeterData:
    """An electricity meter on Modbus RTU: which (hil/isentrope_hil/meters), and how the line is set."""

    meter: str
    unit: int
    baud: int
    parity: str
    stop_bits: int
    timeout_ms: int
    lost_ms: int


def compressor(top: TaggedTable, min_rps: float, max_rps: float) -> dict[str, Any]:
    """`skip`, `oil` and crankcase heat of the profile's `compressor`, as far as the file has them."""
    found: dict[str, Any] = {}
    if top.has("skip"):
        bands: list[list[float]] = []
        for band in top.tables("skip"):
            low, high = band.number("from", "1/s", 1.0, max_rps), band.number("to", "1/s", min_rps, 400.0)
            band.finish()
            if (bands and low <= bands[-1][1]) or low >= high or (low < min_rps and high > max_rps):
                raise InputError(
                    f"{band.where}: bands rise, do not touch and leave speeds, has {low:g} to {high:g}"
                )
            bands.append([low, high])
        found["skip"] = bands
    if top.has("oil"):
        oil = top.table("oil")
        found["oil"] = {
            "below_rps": oil.number("below", "1/s", min_rps, max_rps),
            "after_h": oil.number("after", "h", 0.1, 100.0),
            "rps": oil.number("speed", "1/s", min_rps, max_rps),
            "for_s": oil.number("time", "s", 10.0, 1800.0),
        }
        if oil.has("opening"):
            found["oil"]["opening_pct"] = oil.number("opening", "%", 1.0, 100.0)
        oil.finish()
    if top.has("crankcase_below"):
        found["crankcase_below_c"] = top.number("crankcase_below", "degC", -40.0, 60.0)
        if top.has("crankcase_warm"):
            found["crankcase_warm_k"] = top.number("crankcase_warm", "K", 3.0, 30.0)
    return found


def profile(top: TaggedTable) -> dict[str, Any]:
    """`modes`, `phases` and, for relays, `drive` of the profile, as far as the file has them."""
    found: dict[str, Any] = {}
    modes = [mode for mode in MODES if top.has(mode) and top.flag(mode)]
    if modes:
        found["modes"] = modes
    if top.has("phases"):
        phases = top.table("phases")
        nominal = phases.has("nominal")
        found["phases"] = {"nominal_v": phases.number("nominal", "V", 50.0, 700.0)} if nominal else {}
        phases.finish()
    if top.has("stages"):
        stages = top.table("stages")
        found["drive"] = {"kind": "stages"}
        if stages.has("second"):
            found["drive"]["second_rps"] = stages.number("second", "1/s", 1.0, 400.0)
        if stages.has("least"):
            found["drive"]["least_ms"] = round(1000.0 * stages.number("least", "s", 1.0, 3600.0))
        stages.finish()
    return found


def backup(top: TaggedTable) -> tuple[float, ...]:
    """Power of the backup heater's stages, W; none where the file has no heater."""
    if not top.has("backup"):
        return ()
    table = top.table("backup")
    stages = [table.number(key, "W", 100.0, 30_000.0) for key in ("first", "second") if table.has(key)]
    table.finish()
    if not table.has("first"):
        raise InputError(f"{table.where}: the heater's stage first is missing")
    return tuple(stages)


def inverter(top: TaggedTable) -> Inverter | None:
    """The drive on a bus, if the file has one."""
    if not top.has("inverter"):
        return None
    table = top.table("inverter")
    limits: dict[str, tuple[float, float]] = {}
    for name, (key, unit, low, high) in _LIMITS.items():
        if table.has(f"{key}_hold"):
            hold = table.number(f"{key}_hold", unit, low, high)
            limits[name] = (hold, table.number(f"{key}_reduce", unit, low, high))
    found = Inverter(
        drive=table.text("drive"),
        pole_pairs=table.number("pole_pairs", "1", 1.0, 8.0),
        **_line(table),
        timeout_ms=round(table.number("timeout", "ms", 20.0, 5000.0)),
        retries=round(table.number("retries", "1", 0.0, 10.0)),
        lost_ms=round(table.number("lost", "ms", 500.0, 60_000.0)),
        limits=limits,
    )
    table.finish()
    return found


def meter(top: TaggedTable) -> MeterData | None:
    """The electricity meter on a bus, if the file has one."""
    if not top.has("meter"):
        return None
    table = top.table("meter")
    found = MeterData(
        meter=table.text("meter"),
        **_line(table),
        timeout_ms=round(table.number("timeout", "ms", 20.0, 500.0)),
        lost_ms=round(table.number("lost", "ms", 3000.0, 60_000.0)),
    )
    table.finish()
    return found


def _line(table: TaggedTable) -> dict[str, Any]:
    """How a serial line is set, and the device's address there."""
    return {
        "unit": round(table.number("unit", "1", 1.0, 247.0)),
        "baud": round(table.number("baud", "Bd", 1200.0, 115200.0)),
        "parity": table.choice("parity", PARITIES),
        "stop_bits": round(table.number("stop_bits", "1", 1.0, 2.0)),
    }
