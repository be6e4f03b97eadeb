"""Microcontrollers as data: `boards/mcu/<name>.toml`, what every board with that chip shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isentrope_hil import resources, tomlread
from isentrope_hil.errors import unknown
from isentrope_hil.tomlread import Table

DRIVERS = ("bipolar", "unipolar", "step_dir")  # how a valve's motor is moved
COILS = ("bipolar", "unipolar")  # those that switch the windings from the chip's own pins
USES = ("any", "output", "relay")


@dataclass(frozen=True)
class Forbidden:
    """Pins that may not serve a use ("any", "output", "relay"), and why."""

    pins: frozenset[int]
    use: str
    why: str


@dataclass(frozen=True)
class Adc:
    """One converter unit of the chip."""

    unit: str
    pins: frozenset[int]
    bits: int
    not_with_wifi: bool


@dataclass(frozen=True)
class Peripheral:
    """A bus controller: signal -> pins it reaches (a signal not listed reaches any); None or who has it."""

    pins: Mapping[str, frozenset[int]]
    taken_by: str | None


@dataclass(frozen=True)
class Program:
    """What one of the firmware's PIO programs takes."""

    state_machines: int
    words: int
    dma: int


@dataclass(frozen=True)
class Mcu:
    """A chip.

    `mpy_arch`: mpy-cross's name of its architecture; `pwm_repeat`: pins that far apart share a PWM channel
    (0: none); a count of 0: it has none of that.
    """

    name: str
    title: str
    port: str
    mpy_arch: str
    prefix: str
    pins: frozenset[int]
    drivers: tuple[str, ...]
    drivers_why: str
    forbidden: tuple[Forbidden, ...]
    reset_low: frozenset[int]
    adcs: tuple[Adc, ...]
    peripherals: Mapping[str, Peripheral]
    pwm_channels: int
    pwm_repeat: int
    dma_channels: int
    rmt_channels: int
    rmt_symbols: int
    pio_blocks: int
    pio_machines: int
    pio_words: int
    programs: Mapping[str, Program]

    def pin(self, number: int) -> str:
        """A pin as the board's silk screen has it."""
        return f"{self.prefix}{number}"


def names() -> list[str]:
    """The chips that are described."""
    return sorted(path.stem for path in (resources.root("boards") / "mcu").glob("*.toml"))


def load(name: str) -> Mcu:
    """A chip by name.

    Raises:
        InputError: unknown name, or a malformed file (file, line and key).
    """
    if name not in names():
        raise unknown("microcontroller", name, names())
    top = tomlread.read(resources.root("boards") / "mcu" / f"{name}.toml")
    head, valve, pwm = top.table("mcu"), top.table("valve"), top.table("pwm")
    reset, dma, rmt, pio = (top.table(key) for key in ("reset", "dma", "rmt", "pio"))
    programs = top.table("program")
    mcu = Mcu(
        name=name,
        title=head.text("title", required=True),
        port=head.text("port", required=True),
        mpy_arch=head.text("mpy_arch", required=True),
        prefix=head.text("pin_prefix", required=True),
        pins=pin_set(head, "pins"),
        drivers=tuple(valve.value("drivers")),
        drivers_why=valve.text("why", required=True),
        forbidden=tuple(_forbidden(table) for table in top.tables("forbid")),
        reset_low=pin_set(reset, "low") if "reset" in top else frozenset(),
        adcs=tuple(_adc(table) for table in top.tables("adc")),
        peripherals=_peripherals(top.table("peripheral")),
        pwm_channels=pwm.integer("channels", 1, 64, 1),
        pwm_repeat=pwm.integer("repeat", 1, 64, 0) if "repeat" in pwm else 0,
        dma_channels=dma.integer("channels", 1, 64, 1) if "dma" in top else 0,
        rmt_channels=rmt.integer("channels", 1, 64, 1) if "rmt" in top else 0,
        rmt_symbols=rmt.integer("symbols", 16, 1024, 48) if "rmt" in top else 0,
        pio_blocks=pio.integer("blocks", 1, 8, 1) if "pio" in top else 0,
        pio_machines=pio.integer("state_machines", 1, 8, 1) if "pio" in top else 0,
        pio_words=pio.integer("words", 1, 256, 1) if "pio" in top else 0,
        programs={key: _program(programs.table(key)) for key in programs},
    )
    for key, table in (("mcu", head), ("valve", valve), ("pwm", pwm), ("reset", reset), ("dma", dma),
                       ("rmt", rmt), ("pio", pio)):  # fmt: skip
        if key in top:
            origin(table)
        table.finish()
    top.finish()
    return mcu


def origin(table: Table) -> str:
    """The table's `source` (a published document) or `prior` (the project's choice): exactly one."""
    given = [key for key in ("source", "prior") if key in table]
    if len(given) != 1:
        table.fail(None, f"needs exactly one of source and prior, has {' and '.join(given) or 'neither'}")
    return f"{given[0]}: {table.text(given[0])}"


def pin_set(table: Table, key: str) -> frozenset[int]:
    """Pins of a list of numbers and [first, last] ranges."""
    found: set[int] = set()
    listed: list[Any] = table.value(key) if isinstance(table.value(key), list) else [None]
    for item in listed:
        span = item if isinstance(item, list) else [item, item]
        if len(span) != 2 or not all(type(pin) is int and 0 <= pin < 64 for pin in span):
            table.fail(key, "pins are numbers and [first, last] ranges such as [[0, 22], 26]")
        first, last = (int(pin) for pin in span)
        found.update(range(first, last + 1))
    return frozenset(found)


def _forbidden(table: Table) -> Forbidden:
    made = Forbidden(
        pin_set(table, "pins"), table.choice("use", USES, required=True), table.text("why", required=True)
    )
    origin(table)
    table.finish()
    return made


def _adc(table: Table) -> Adc:
    without = bool(table.value("not_with_wifi")) if "not_with_wifi" in table else False
    made = Adc(
        table.text("unit", required=True), pin_set(table, "pins"), table.integer("bits", 8, 16, 12), without
    )
    origin(table)
    table.finish()
    return made


def _peripherals(table: Table) -> dict[str, Peripheral]:
    origin(table)
    made = {}
    for name in table:
        if name in ("source", "prior"):
            continue
        entry = table.table(name)
        taken = entry.text("taken_by")
        made[name] = Peripheral({key: pin_set(entry, key) for key in entry if key != "taken_by"}, taken)
    table.finish()
    return made


def _program(table: Table) -> Program:
    made = Program(
        table.integer("state_machines", 1, 4, 1),
        table.integer("words", 1, 32, 1),
        table.integer("dma", 0, 4, 0),
    )
    origin(table)
    table.finish()
    return made
