"""The form of `boards/<name>/board.toml`: a file in, a `Board` with every pin it claims out.

Only the form is checked here (keys, types, ranges, names that refer to something). What the pins can do is
`boardrules`, so that one look at a board can list everything that is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isentrope_hil import mcu as chips
from isentrope_hil import tomlread
from isentrope_hil.mcu import Mcu
from isentrope_hil.tomlread import Table

INPUT_KINDS = ("ntc", "ratiometric", "contact", "ds18b20")
OUTPUT_KINDS = ("stepper_count", "level", "relay", "analog_out")

# Pins of a bus and what the chip does with each: "in", "out", "both".
BUS_PINS = {
    "spi": {"sck": "out", "mosi": "out", "miso": "in"},
    "i2c": {"sda": "both", "scl": "both"},
    "rs485": {"tx": "out", "rx": "in", "de": "out"},
}
_BUS_OF = {"mcp3208": "spi", "hc595": "spi", "ads1115": "i2c", "mcp23017": "i2c", "ds3231": "i2c"}
_DEVICE_PINS = {"mcp3208": ("cs",), "hc595": ("latch", "oe"), "ds18b20": ("pin",)}
_ADDRESSES = {"ads1115": (0x48, 0x4B), "mcp23017": (0x20, 0x27), "ds3231": (0x68, 0x68)}
CHANNELS = {"mcp3208": 8, "ads1115": 4, "mcp23017": 16, "hc595": 8, "ds18b20": 16}
# Which kinds of channel sit on which devices or directly on pins ("gpio", "pwm", "stepper", "step_dir").
PLACES = {
    "ntc": ("mcp3208", "ads1115", "adc"),
    "ratiometric": ("mcp3208", "ads1115", "adc"),
    "contact": ("gpio", "mcp23017"),
    "ds18b20": ("ds18b20",),
    "stepper_count": ("stepper", "step_dir"),
    "level": ("gpio", "mcp23017", "hc595"),
    "relay": ("gpio", "mcp23017", "hc595"),
    "analog_out": ("pwm",),
}
NETWORKS = ("wifi", "ethernet")  # kinds, and the firmware's modules of ports/ for them
_PIN_COUNT = {"gpio": 1, "pwm": 1, "adc": 1, "stepper": 4, "step_dir": 2}
_PLACED = ("mcp3208", "ads1115", "ds18b20")  # `hw` says which of several: (kind, place, channel)


@dataclass(frozen=True)
class Claim:
    """A pin in use as "in", "out", "both", "relay", "pwm" or "adc"; `signal` of a peripheral, or ""."""

    pin: int
    use: str
    user: str
    table: Table
    key: str
    signal: str = ""


@dataclass(frozen=True)
class Channel:
    """One input or output of a board.

    Attributes:
        label: what is printed beside its terminal.
        kind: one of `INPUT_KINDS` or `OUTPUT_KINDS`.
        hw: where it sits, as the firmware's port reads it.
        data: `bits` and `pullup_ohm` (ntc), `bits` (ratiometric), `active` (contact, level, relay).
        drivers: of a valve output, how it can move a motor (`mcu.DRIVERS`), the preferred first.
        sm: of a valve output on PIO, its state machine.
    """

    label: str
    kind: str
    hw: tuple[str | int, ...]
    table: Table
    data: dict[str, int | float] = field(default_factory=dict)
    drivers: tuple[str, ...] = ()
    sm: int | None = None


@dataclass(frozen=True)
class Network:
    """How the board reaches a network, and what that takes from the chip."""

    kind: str
    part: str
    pins: frozenset[int]
    peripheral: str | None
    machines: frozenset[int]
    words: int
    dma: int


@dataclass(frozen=True)
class Board:
    """A controller board as its file describes it; `claims` in the order of the file."""

    name: str
    path: Path
    title: str
    mcu: Mcu
    edge: frozenset[int]
    network: Network | None
    inputs: tuple[Channel, ...]
    outputs: tuple[Channel, ...]
    claims: tuple[Claim, ...]
    buses: Mapping[str, dict[str, Any]]
    devices: Mapping[str, dict[str, Any]]
    bus_tables: Mapping[str, Table]
    device_tables: Mapping[str, Table]

    @property
    def port(self) -> str:
        """MicroPython's port."""
        return self.mcu.port

    @property
    def pins(self) -> dict[int, str]:
        """Every used pin with what uses it, in order."""
        return {claim.pin: claim.user for claim in sorted(self.claims, key=lambda each: each.pin)}

    def uarts(self) -> list[str]:
        """The RS-485 buses in the order of the file."""
        return [name for name, bus in self.buses.items() if bus["kind"] == "rs485"]


def read(path: Path) -> Board:
    """The board of a file, its form checked.

    Raises:
        InputError: unreadable or malformed, unknown key, value out of range, a channel without its device;
            one line with file, line, key and what is wrong.
    """
    top = tomlread.read(path)
    head = top.table("board")
    title = head.text("title", required=True)
    mcu = chips.load(head.choice("mcu", chips.names(), required=True))
    edge = chips.pin_set(head, "edge")
    chips.origin(head)
    head.finish()
    network = _network(top.table("network")) if "network" in top else None
    claims: list[Claim] = []
    bus_table, device_table = top.table("bus"), top.table("device")
    buses = {key: _bus(bus_table.table(key), key, claims) for key in bus_table}
    devices = {key: _device(device_table.table(key), key, buses, claims) for key in device_table}
    inputs, outputs = (
        tuple(
            channel for table in top.tables(section) for channel in _channels(table, kinds, devices, claims)
        )
        for section, kinds in (("input", INPUT_KINDS), ("output", OUTPUT_KINDS))
    )
    top.finish()
    return Board(
        name=path.parent.name if path.name == "board.toml" else path.stem,
        path=path,
        title=title,
        mcu=mcu,
        edge=edge,
        network=network,
        inputs=inputs,
        outputs=outputs,
        claims=tuple(claims),
        buses=buses,
        devices=devices,
        bus_tables={key: bus_table.table(key) for key in bus_table},
        device_tables={key: device_table.table(key) for key in device_table},
    )


def _network(table: Table) -> Network:
    network = Network(
        kind=table.choice("kind", NETWORKS, required=True),
        part=table.text("part", required=True),
        pins=chips.pin_set(table, "pins") if "pins" in table else frozenset(),
        peripheral=table.text("peripheral"),
        machines=chips.pin_set(table, "sm") if "sm" in table else frozenset(),
        words=table.integer("words", 0, 32, 0),
        dma=table.integer("dma", 0, 12, 0),
    )
    chips.origin(table)
    table.finish()
    return network


def _bus(table: Table, name: str, claims: list[Claim]) -> dict[str, Any]:
    kind = table.choice("kind", BUS_PINS, required=True)
    bus: dict[str, Any] = {"kind": kind}
    for key, use in BUS_PINS[kind].items():
        bus[key] = table.integer(key, 0, 63, -1)
        signal = "" if key == "de" else f"{name}.{key}"
        claims.append(Claim(bus[key], use, name, table, key, signal))
    if kind != "rs485":
        bus["hz"] = table.integer("hz", 10_000, 20_000_000, 0)
    else:
        bus["sm"] = table.integer("sm", 0, 63, 0) if "sm" in table else None
        bus["use"] = table.text("use", default="free")
    table.finish()
    return bus


def _device(
    table: Table, name: str, buses: Mapping[str, dict[str, Any]], claims: list[Claim]
) -> dict[str, Any]:
    kind = table.choice("kind", ("adc", "ds3231", *CHANNELS), required=True)
    device: dict[str, Any] = {"kind": kind}
    if kind in _BUS_OF:
        device["bus"] = table.choice("bus", buses, required=True)
        if (found := buses[device["bus"]]["kind"]) != _BUS_OF[kind]:
            table.fail("bus", f"a {kind} needs a bus of kind {_BUS_OF[kind]}, this is {found}")
    for key in _DEVICE_PINS.get(kind, ()):
        device[key] = table.integer(key, 0, 63, -1)
        claims.append(Claim(device[key], "both" if key == "pin" else "out", name, table, key))
    if kind in _ADDRESSES:
        device["address"] = table.integer("address", *_ADDRESSES[kind], _ADDRESSES[kind][0])
    if kind in ("mcp3208", "ads1115", "adc"):
        device["bits"] = table.integer("bits", 8, 16, 12)
        device["reference_v"] = table.number("reference_v", 1.0, 5.5, required=True)
    if "reference_channel" in table:
        device["reference_channel"] = table.integer("reference_channel", 0, CHANNELS.get(kind, 1) - 1, 0)
    chips.origin(table)
    table.finish()
    return device


def _channels(
    table: Table, kinds: tuple[str, ...], devices: Mapping[str, dict[str, Any]], claims: list[Claim]
) -> list[Channel]:
    """The channels of one entry: `count` in a row, label and last number of `hw` counting up."""
    label, kind = table.text("label", required=True), table.choice("kind", kinds, required=True)
    hw = tuple(table.value("hw")) if isinstance(table.value("hw"), list) else ()
    if len(hw) < 2 or hw[0] not in PLACES[kind] or not all(type(each) is int for each in hw[1:]):
        table.fail(
            "hw",
            f'a place such as ["{PLACES[kind][0]}", 0] is wanted; {kind} sits on {", ".join(PLACES[kind])}',
        )
    count = table.integer("count", 1, 16, 1)
    data: dict[str, int | float] = {}
    if kind in ("ntc", "ratiometric"):
        data["bits"] = _device_of(table, hw, devices, count)["bits"]
    elif hw[0] not in _PIN_COUNT:
        _device_of(table, hw, devices, count)
    if kind == "ntc":
        data["pullup_ohm"] = table.number("pullup_ohm", 100.0, 1e6, required=True)
    elif kind in ("contact", "level", "relay"):
        data["active"] = table.integer("active", 0, 1, 1)
    drivers = _drivers(table) if kind == "stepper_count" else ()
    sm = table.integer("sm", 0, 63, 0) if kind == "stepper_count" and "sm" in table else None
    if hw[0] in _PIN_COUNT and len(hw) != 1 + _PIN_COUNT[hw[0]]:
        table.fail("hw", f"{hw[0]} takes {_PIN_COUNT[hw[0]]} pins")
    table.finish()
    made = []
    stem, number = _counted(table, label, count)
    for step in range(count):
        place = (*hw[:-1], hw[-1] + step)
        shown = label if count == 1 else f"{stem}{number + step}"
        if hw[0] in _PIN_COUNT:
            use = {"contact": "in", "relay": "relay", "analog_out": "pwm"}.get(kind, "out")
            use = "adc" if hw[0] == "adc" else use
            claims += [Claim(pin, use, shown, table, "hw") for pin in place[1:]]
        made.append(Channel(shown, kind, place, table, data, drivers, sm))
    return made


def _counted(table: Table, label: str, count: int) -> tuple[str, int]:
    if match := re.fullmatch(r"(.*?)(\d+)", label):
        return match[1], int(match[2])
    if count > 1:
        table.fail("label", "a label that ends in a number is wanted with count")
    return label, 0


def _drivers(table: Table) -> tuple[str, ...]:
    drivers = table.value("drivers")
    if not isinstance(drivers, list) or not drivers or not all(each in chips.DRIVERS for each in drivers):
        table.fail("drivers", f"a list of {', '.join(chips.DRIVERS)} is wanted")
    return tuple(drivers)


def _device_of(
    table: Table, hw: tuple[Any, ...], devices: Mapping[str, dict[str, Any]], count: int
) -> dict[str, Any]:
    """The device of `hw` = (kind, place among its kind when there may be several, channel)."""
    same = [device for device in devices.values() if device["kind"] == hw[0]]
    place, channel = (hw[1], hw[2]) if hw[0] in _PLACED and len(hw) == 3 else (0, hw[1])
    if not 0 <= place < len(same):
        table.fail("hw", f"the board has {len(same)} {hw[0]}")
    if hw[0] != "adc" and not 0 <= channel <= CHANNELS[hw[0]] - count:
        table.fail("hw", f"a {hw[0]} has channels 0 to {CHANNELS[hw[0]] - 1}")
    return same[place]
