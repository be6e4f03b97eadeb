"""A machine on a board: each signal takes the first free channel of its kind, each line an RS-485 port.

The same two files always give the same places, in the order of both. What finds no place is a `Problem`; all
of them are found, and `budget` says what is left of each resource.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from isentrope_sim.site import Signal

from isentrope_hil import boardrules
from isentrope_hil.boardfile import Board, Channel
from isentrope_hil.boardrules import Problem
from isentrope_hil.mcu import COILS
from isentrope_hil.wants import Wants

# Which drivers turn which motor. Step/dir chips are bipolar; a six-wire motor with its centre taps left open
# is a bipolar one and is entered as such in the catalogue.
TURNS = {"bipolar": ("bipolar", "step_dir"), "unipolar": ("unipolar",)}

# What can be asked for with --bus, and the serial line or network it needs. Drive and meter are stations on
# one line, since the controller is the master of both.
LINES = {"modbus-rtu": "modbus-rtu", "mstp": "mstp", "drive": "drive and meter", "meter": "drive and meter"}
NETWORKED = ("modbus-tcp", "bacnet-ip")

# RMT memory for a valve's pulses: SYMBOLS of firmware/isentrope/ports/esp32_steps.py.
_PULSE_SYMBOLS = 192


@dataclass(frozen=True)
class Place:
    """A signal with its channel; `hw` is the channel's, or its step/dir form when such a driver is fitted."""

    direction: str
    signal: Signal
    channel: Channel
    hw: tuple[str | int, ...]

    @property
    def safe(self) -> int | None:
        """The raw value of an output's safe state; None for an input."""
        if self.direction == "in":
            return None
        return 1 - int(self.channel.data["active"]) if "active" in self.channel.data else 0


@dataclass(frozen=True)
class Fit:
    """The outcome; `driver` is "" where none suits; `lines` maps a serial line to the board's bus."""

    board: Board
    wants: Wants
    driver: str
    places: tuple[Place, ...]
    lines: dict[str, str]
    problems: tuple[Problem, ...]


def fit(board: Board, wants: Wants, driver: str | None = None, buses: Sequence[str] = ()) -> Fit:
    """Place a machine on a board, with the faults of the board itself first.

    Args:
        driver: how the valve is driven (`mcu.DRIVERS`); None takes the board's first that suits the valve.
        buses: of `LINES` and `NETWORKED`.
    """
    problems = boardrules.problems(board)
    chosen = _driver(board, wants, driver, problems)
    places: list[Place] = []
    for direction, signals, channels in (
        ("in", wants.inputs, board.inputs),
        ("out", wants.outputs, board.outputs),
    ):
        places += _allocate(direction, board, wants.machine, signals, channels, chosen, problems)
    lines = _lines(board, buses, problems)
    return Fit(board, wants, chosen, tuple(places), lines, tuple(problems))


def _driver(board: Board, wants: Wants, driver: str | None, problems: list[Problem]) -> str:
    channel = next((each for each in board.outputs if each.kind == "stepper_count"), None)
    if channel is None:
        return ""
    coil = wants.valve.coil
    valve = f"valve {wants.valve.name!r} has {coil} coils"
    refused = f"coil driving is refused on the {board.mcu.title}, step_dir only: {board.mcu.drivers_why}"
    has = ", ".join(channel.drivers)
    if driver is None:
        suits = [each for each in channel.drivers if each in TURNS[coil] and each in board.mcu.drivers]
        if suits:
            return suits[0]
        wanted = [each for each in TURNS[coil] if each in board.mcu.drivers]
        code, why = ("coil-kind", f"board {board.name!r} has {has}") if wanted else ("coil-driving", refused)
        problems.append(Problem(code, f"{valve}, which needs a {' or '.join(TURNS[coil])} driver; {why}"))
        return ""
    if driver in COILS and driver not in board.mcu.drivers:
        problems.append(Problem("coil-driving", f"driver {driver!r} on board {board.name!r}: {refused}"))
    elif driver not in channel.drivers:
        problems.append(
            Problem("no-driver", f"board {board.name!r} has no {driver} valve driver: it has {has}")
        )
    elif driver not in TURNS[coil]:
        text = f"{valve}, which a {driver} driver cannot turn: allowed {', '.join(TURNS[coil])}"
        problems.append(Problem("coil-kind", text))
    else:
        return driver
    return ""


def _allocate(
    direction: str,
    board: Board,
    machine: str,
    signals: Sequence[Signal],
    channels: Sequence[Channel],
    driver: str,
    problems: list[Problem],
) -> list[Place]:
    free = list(channels)
    places: list[Place] = []
    short: list[str] = []
    for signal in signals:
        channel = next((each for each in free if each.kind == signal.kind), None)
        if channel is not None:
            free.remove(channel)
            places.append(Place(direction, signal, channel, _hw(channel, driver)))
        elif signal.kind not in short:
            short.append(signal.kind)
            has = sum(each.kind == signal.kind for each in channels)
            needs = sum(each.kind == signal.kind for each in signals)
            text = (
                f"machine {machine!r} does not fit board {board.name!r}: it needs {needs} {signal.kind} "
                f"{'inputs' if direction == 'in' else 'outputs'}, the board has {has}; "
                f"the first without a place is {signal.name!r}"
            )
            problems.append(Problem("no-channel", text))
    return places


def _hw(channel: Channel, driver: str) -> tuple[str | int, ...]:
    """Step and direction are the first two of four winding pins."""
    if channel.hw[0] == "stepper" and driver == "step_dir":
        return ("step_dir", *channel.hw[1:3])
    return channel.hw


def _lines(board: Board, buses: Sequence[str], problems: list[Problem]) -> dict[str, str]:
    """Field buses take the board's ports from the first, drive and meter take the last."""
    wanted = list(dict.fromkeys(LINES[bus] for bus in buses if bus in LINES))
    wanted.sort(key=lambda line: line == LINES["drive"])
    ports = board.uarts()
    if len(wanted) > len(ports):
        text = (
            f"{len(wanted)} serial lines are wanted ({', '.join(wanted)}), board {board.name!r} has "
            f"{len(ports)} RS-485 port{'' if len(ports) == 1 else 's'}"
        )
        if LINES["drive"] in wanted:
            text += "; drive the compressor by 0-10 V or PWM, or give up a field bus"
        problems.append(Problem("uarts", text))
    if (over_network := [bus for bus in buses if bus in NETWORKED]) and board.network is None:
        text = f"{', '.join(over_network)}: board {board.name!r} has no network"
        problems.append(Problem("no-network", text))
    lines = dict(zip(wanted, ports, strict=False))
    if LINES["drive"] in lines and len(wanted) <= len(ports):
        lines[LINES["drive"]] = ports[-1]
    return lines


def where(board: Board, hw: tuple[str | int, ...]) -> str:
    """A place in words: "GP6 GP7", "PWM GP11", "MCP3208 0 (SPI0, CS GP17) channel 3"."""
    pin = board.mcu.pin
    kind = str(hw[0])
    if kind in ("gpio", "pwm", "adc", "stepper", "step_dir"):
        text = " ".join(pin(int(each)) for each in hw[1:])
        return text if kind in ("gpio", "stepper") else f"{kind.replace('_', '/').upper()} {text}"
    same = [device for device in board.devices.values() if device["kind"] == kind]
    index = int(hw[1]) if len(hw) == 3 else 0
    device = same[index]
    if kind == "ds18b20":
        return f"one wire {pin(device['pin'])}, sensor {hw[2]}"
    bus = str(device["bus"]).upper()
    extra = f"CS {pin(device['cs'])}" if "cs" in device else ""
    extra = f"latch {pin(device['latch'])}" if "latch" in device else extra
    extra = f"address 0x{device['address']:02x}" if "address" in device else extra
    return f"{kind.upper()}{f' {index}' if len(hw) == 3 else ''} ({bus}, {extra}) channel {hw[-1]}"


def budget(fitted: Fit) -> list[dict[str, Any]]:
    """Rows of resource, used, total, free: channels the machine takes, then what the wiring takes."""
    board = fitted.board
    chip = board.mcu
    rows: list[tuple[str, int, int]] = []
    for direction, channels in (("in", board.inputs), ("out", board.outputs)):
        for kind in dict.fromkeys(channel.kind for channel in channels):
            used = sum(each.channel.kind == kind and each.direction == direction for each in fitted.places)
            rows.append((f"{kind} {direction}", used, sum(each.kind == kind for each in channels)))
    rows.append(("RS-485 ports", len(fitted.lines), len(board.uarts())))
    barred = {pin for rule in chip.forbidden if rule.use == "any" for pin in rule.pins}
    edge = board.edge - barred - (board.network.pins if board.network else frozenset())
    unused = 2 if _halved(fitted) else 0
    rows.append(("pins", len(board.pins) - unused, len(edge)))
    converter = {pin for unit in chip.adcs for pin in unit.pins} & edge
    rows.append(("converter pins", sum(claim.use == "adc" for claim in board.claims), len(converter)))
    network = board.network.peripheral if board.network else None
    for kind, shown in (("uart", "UARTs"), ("spi", "SPI controllers"), ("i2c", "I2C controllers")):
        have = [name for name in chip.peripherals if name.startswith(kind)]
        free = [name for name in have if not chip.peripherals[name].taken_by]
        used = sum(name in have for name in board.buses) + (network in have)
        rows.append((shown, used, len(free)))
    rows.append(("PWM channels", sum(claim.use == "pwm" for claim in board.claims), chip.pwm_channels))
    rows += _timed(fitted)
    return [
        {"resource": name, "used": used, "total": total, "free": total - used} for name, used, total in rows
    ]


def _halved(fitted: Fit) -> bool:
    """Whether a step/dir driver leaves two of four winding pins unused."""
    return any(place.hw != place.channel.hw for place in fitted.places)


def _timed(fitted: Fit) -> list[tuple[str, int, int]]:
    board, chip = fitted.board, fitted.board.mcu
    if not chip.pio_blocks:
        moved = sum(channel.kind == "stepper_count" for channel in board.outputs)
        return [("RMT channels", moved * -(-_PULSE_SYMBOLS // chip.rmt_symbols), chip.rmt_channels)]
    radio = len(board.network.machines) if board.network else 0
    machines = radio + sum(
        chip.programs[program].state_machines for _, program, _, _ in boardrules.pio_users(board)
    )
    rows = [("PIO state machines", machines, chip.pio_blocks * chip.pio_machines)]
    rows += [(f"PIO {n} words", used, chip.pio_words) for n, used in enumerate(boardrules.pio_words(board))]
    return [*rows, ("DMA channels", boardrules.dma_used(board), chip.dma_channels)]
