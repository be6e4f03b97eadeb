"""Controller boards: `boards/<name>/board.toml`, pins and converters as data.

A board lists its buses, devices, input and output channels. Loading finds what no board may do: a pin used
twice, a pin that a Pico has not, an output on a pin that must stay an input, a channel without its device.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isentrope_hil import resources, tomlread
from isentrope_hil.errors import unknown
from isentrope_hil.tomlread import Table

INPUT_KINDS = ("ntc", "ratiometric", "contact")
OUTPUT_KINDS = ("stepper_count", "level", "relay", "analog_out")

# Pins on the edge of a Raspberry Pi Pico (its datasheet, section 2.1).
_PICO_PINS = (*range(23), 26, 27, 28)
_BUS_PINS = {"spi": ("sck", "mosi", "miso"), "i2c": ("sda", "scl"), "rs485": ("tx", "rx", "de")}
_DEVICE_CHANNELS = {"mcp3208": 8, "mcp23017": 16}
_GPIO_HW = ("gpio", "pwm", "stepper")  # `hw` that names pins of the microcontroller itself


@dataclass(frozen=True)
class Channel:
    """One input or output of a board.

    Attributes:
        label: what is printed beside its terminal.
        kind: one of `INPUT_KINDS` or `OUTPUT_KINDS`.
        hw: where it sits, as the firmware's port reads it.
        data: `bits` and `pullup_ohm` (ntc), `bits` (ratiometric), `active` (contact, level, relay).
    """

    label: str
    kind: str
    hw: tuple[str | int, ...]
    data: dict[str, int | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Board:
    """A controller board as its file describes it; `pins` maps every used pin to what uses it."""

    name: str
    path: Path
    title: str
    port: str
    inputs: tuple[Channel, ...]
    outputs: tuple[Channel, ...]
    pins: dict[int, str]
    buses: dict[str, dict[str, Any]]
    devices: dict[str, dict[str, Any]]


def names() -> list[str]:
    """The boards that come with the package."""
    return sorted(path.parent.name for path in resources.root("boards").glob("*/board.toml"))


def load(name_or_path: str | Path) -> Board:
    """A board by name, or from a file.

    Raises:
        InputError: unknown name (names the nearest), unreadable or malformed file, unknown key, value out of
            range, or one of the faults in the module's docstring: file, line, key and what is wrong.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        if str(name_or_path) not in names():
            raise unknown("board", str(name_or_path), names())
        path = resources.root("boards") / str(name_or_path) / "board.toml"
    top = tomlread.read(path)
    head = top.table("board")
    title = head.text("title", required=True)
    port = head.choice("port", ("rp2",), required=True)
    head.choice("mcu", ("rp2040",), required=True)
    no_output = head.value("no_output") if "no_output" in head else []
    head.finish()

    pins: dict[int, str] = {}
    bus_table, device_table = top.table("bus"), top.table("device")
    buses = {key: _bus(bus_table.table(key), key, pins, no_output) for key in bus_table}
    devices = {key: _device(device_table.table(key), key, buses, pins, no_output) for key in device_table}
    used: dict[tuple[str | int, ...], str] = {}
    inputs = tuple(_channel(table, INPUT_KINDS, devices, pins, used, []) for table in top.tables("input"))
    outputs = tuple(
        _channel(table, OUTPUT_KINDS, devices, pins, used, no_output) for table in top.tables("output")
    )
    top.finish()
    name = path.parent.name if path.name == "board.toml" else path.stem
    return Board(name, path, title, port, inputs, outputs, dict(sorted(pins.items())), buses, devices)


def _claim(table: Table, key: str, pin: object, user: str, pins: dict[int, str], forbidden: list[int]) -> int:
    if isinstance(pin, bool) or not isinstance(pin, int) or pin not in _PICO_PINS:
        table.fail(key, "no such pin on a Pico's edge: allowed 0 to 22, 26 to 28")
    if pin in forbidden:
        table.fail(key, f"GP{pin} must stay an input on this board")
    if pin in pins:
        table.fail(key, f"GP{pin} is taken by {pins[pin]}")
    pins[pin] = user
    return pin


def _bus(table: Table, name: str, pins: dict[int, str], no_output: list[int]) -> dict[str, Any]:
    kind = table.choice("kind", _BUS_PINS, required=True)
    bus: dict[str, Any] = {"kind": kind}
    for key in _BUS_PINS[kind]:
        forbidden = [] if key in ("miso", "rx") else no_output
        bus[key] = _claim(table, key, table.integer(key, 0, 28, -1), name, pins, forbidden)
    if kind != "rs485":
        bus["hz"] = table.integer("hz", 10_000, 20_000_000, 0)
    elif "use" in table:
        bus["use"] = table.text("use")
    table.finish()
    return bus


def _device(
    table: Table, name: str, buses: dict[str, dict[str, Any]], pins: dict[int, str], no_output: list[int]
) -> dict[str, Any]:
    kind = table.choice("kind", _DEVICE_CHANNELS, required=True)
    device = {"kind": kind, "bus": table.choice("bus", buses, required=True)}
    if kind == "mcp3208":
        device["cs"] = _claim(table, "cs", table.integer("cs", 0, 28, -1), name, pins, no_output)
        device["bits"] = table.integer("bits", 8, 16, 12)
    else:
        device["address"] = table.integer("address", 0x20, 0x27, 0x20)
    table.finish()
    return device


def _channel(
    table: Table,
    kinds: tuple[str, ...],
    devices: dict[str, dict[str, Any]],
    pins: dict[int, str],
    used: dict[tuple[str | int, ...], str],
    no_output: list[int],
) -> Channel:
    label = table.text("label", required=True)
    kind = table.choice("kind", kinds, required=True)
    hw = tuple(table.value("hw")) if isinstance(table.value("hw"), list) else ()
    data: dict[str, int | float] = {}
    if len(hw) < 2:
        table.fail("hw", 'a place such as ["mcp3208", 0, 3] or ["gpio", 10] is wanted')
    if hw[0] in _GPIO_HW:
        for pin in hw[1:]:
            _claim(table, "hw", pin, label, pins, no_output)
    else:
        device = _device_of(table, hw, devices)
        if hw in used:
            table.fail("hw", f"taken by {used[hw]}")
        if kind in ("ntc", "ratiometric"):
            data["bits"] = device["bits"]
    used[hw] = label
    if kind == "ntc":
        data["pullup_ohm"] = table.number("pullup_ohm", 100.0, 1e6, required=True)
    elif kind in ("contact", "level", "relay"):
        data["active"] = table.integer("active", 0, 1, 1)
    table.finish()
    return Channel(label, kind, hw, data)


def _device_of(table: Table, hw: tuple[Any, ...], devices: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The device of `hw` = (kind, place among its kind when there may be several, channel)."""
    same = [device for device in devices.values() if device["kind"] == hw[0]]
    place, channel = (hw[1], hw[2]) if len(hw) == 3 else (0, hw[1])
    if not isinstance(place, int) or not 0 <= place < len(same):
        table.fail("hw", f"the board has {len(same)} {hw[0]}")
    if not isinstance(channel, int) or not 0 <= channel < _DEVICE_CHANNELS[hw[0]]:
        table.fail("hw", f"a {hw[0]} has channels 0 to {_DEVICE_CHANNELS[hw[0]] - 1}")
    device: dict[str, Any] = same[place]
    return device
