"""What a board may not do, whatever the machine: every fault of a board, each one line with a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from isentrope_hil.boardfile import Board, Claim
from isentrope_hil.mcu import COILS
from isentrope_hil.tomlread import Table

_DRIVES = ("out", "both", "relay", "pwm")


@dataclass(frozen=True)
class Problem:
    """A refusal: `code` names its sort (docs/boards.md lists them), `text` is one line for people."""

    code: str
    text: str


def problems(board: Board) -> list[Problem]:
    """All faults of a board, in the order of its file."""
    found = [*_pins(board), *_peripherals(board), *_places(board), *_valve(board), *_pwm(board), *_pio(board)]
    return [Problem(code, table.message(key, text)) for code, table, key, text in found]


_Found = tuple[str, Table, str, str]


def _pins(board: Board) -> Iterator[_Found]:
    users: dict[int, str] = {}
    for claim in board.claims:
        shown = board.mcu.pin(claim.pin)
        if fault := _unreachable(board, claim, shown):
            yield fault
            continue
        if claim.pin in users:
            yield "pin-taken", claim.table, claim.key, f"{shown} is taken by {users[claim.pin]}"
            continue
        users[claim.pin] = claim.user
        yield from _functions(board, claim, shown)


def _unreachable(board: Board, claim: Claim, shown: str) -> _Found | None:
    at = claim.table, claim.key
    if claim.pin not in board.mcu.pins:
        return "no-pin", *at, f"the {board.mcu.title} has no {shown}"
    if board.network and claim.pin in board.network.pins:
        return "network-pin", *at, f"{shown} is taken by the {board.network.kind} ({board.network.part})"
    for rule in board.mcu.forbidden:
        if rule.use == "any" and claim.pin in rule.pins:
            return "reserved-pin", *at, f"{shown} cannot be used: {rule.why}"
    if claim.pin not in board.edge:
        return "no-pin", *at, f"{shown} is not brought out on this board"
    return None


def _functions(board: Board, claim: Claim, shown: str) -> Iterator[_Found]:
    at = claim.table, claim.key
    for rule in board.mcu.forbidden:
        if claim.pin not in rule.pins:
            continue
        if rule.use == "output" and claim.use in _DRIVES:
            yield "not-an-output", *at, f"{shown} cannot be an output: {rule.why}"
        elif rule.use == "relay" and claim.use == "relay":
            yield "unsafe-relay", *at, f"{shown} cannot hold a relay: {rule.why}"
    if claim.use == "relay" and claim.pin in board.mcu.reset_low and claim.table.value("active") == 0:
        text = f"{shown} is pulled low in reset, which energises an active-low relay: use active = 1"
        yield "unsafe-relay", *at, text
    if claim.use == "adc":
        yield from _converter(board, claim, shown)
    peripheral, _, signal = claim.signal.partition(".")
    reach = board.mcu.peripherals[peripheral].pins if peripheral in board.mcu.peripherals else {}
    if signal in reach and claim.pin not in reach[signal]:
        good = ", ".join(board.mcu.pin(pin) for pin in sorted(reach[signal] & board.edge))
        yield "wrong-function", *at, f"{shown} is no {peripheral.upper()} {signal.upper()}: allowed {good}"


def _converter(board: Board, claim: Claim, shown: str) -> Iterator[_Found]:
    at = claim.table, claim.key
    unit = next((adc for adc in board.mcu.adcs if claim.pin in adc.pins), None)
    if unit is None:
        good = sorted(pin for adc in board.mcu.adcs for pin in adc.pins & board.edge)
        names = ", ".join(map(board.mcu.pin, good))
        yield "wrong-function", *at, f"{shown} has no converter: allowed {names}"
    elif unit.not_with_wifi and board.network and board.network.kind == "wifi":
        yield "adc2-wifi", *at, f"{shown} is on {unit.unit}, which cannot be read while Wi-Fi runs"


def _peripherals(board: Board) -> Iterator[_Found]:
    addresses: dict[tuple[str, int], str] = {}
    for name, bus in board.buses.items():
        wanted = "uart" if bus["kind"] == "rs485" else bus["kind"]
        same = [key for key in board.mcu.peripherals if key.startswith(wanted)]
        free = [key for key in same if not board.mcu.peripherals[key].taken_by]
        table = board.bus_tables[name]
        if name not in same:
            text = f"the {board.mcu.title} has no {name} for {bus['kind']}: it has {', '.join(same)}"
            yield "no-peripheral", table, "kind", text
        elif name not in free:
            text = f"{name} is taken by {board.mcu.peripherals[name].taken_by}: free are {', '.join(free)}"
            yield "no-peripheral", table, "kind", text
        elif board.network and board.network.peripheral == name:
            yield "no-peripheral", table, "kind", f"{name} is taken by the {board.network.part}"
    for name, device in board.devices.items():
        if "address" in device:
            place = device["bus"], device["address"]
            if place in addresses:
                text = f"{addresses[place]} has the same address on {device['bus']}"
                yield "address-taken", board.device_tables[name], "address", text
            addresses.setdefault(place, name)


def _places(board: Board) -> Iterator[_Found]:
    """Converter and expander channels used twice (pins have their own rule)."""
    used: dict[tuple[str | int, ...], str] = {}
    counts: dict[str, int] = {}
    for device in board.devices.values():
        kind = device["kind"]
        place = counts.get(kind, 0)
        counts[kind] = place + 1
        if "reference_channel" in device:
            used[(kind, place, device["reference_channel"])] = "the converter's reference reading"
    labels: set[str] = set()
    for channel in (*board.inputs, *board.outputs):
        if channel.label in labels:
            yield "label-taken", channel.table, "label", f"{channel.label} is the label of another channel"
        labels.add(channel.label)
        if channel.hw[0] in ("gpio", "pwm", "adc", "stepper", "step_dir"):
            continue
        if channel.hw in used:
            yield "channel-taken", channel.table, "hw", f"{channel.label}: taken by {used[channel.hw]}"
        used.setdefault(channel.hw, channel.label)


def _valve(board: Board) -> Iterator[_Found]:
    for channel in board.outputs:
        if channel.kind != "stepper_count":
            continue
        coils = [driver for driver in channel.drivers if driver in COILS]
        if coils and not set(coils) & set(board.mcu.drivers):
            text = f"coil driving is refused on the {board.mcu.title}, step_dir only: {board.mcu.drivers_why}"
            yield "coil-driving", channel.table, "drivers", text
        elif coils and channel.hw[0] != "stepper":
            yield (
                "coil-driving",
                channel.table,
                "drivers",
                'windings need four pins: hw = ["stepper", a, b, c, d]',
            )
        elif coils and list(channel.hw[1:]) != [int(channel.hw[1]) + step for step in range(4)]:
            yield (
                "wrong-function",
                channel.table,
                "hw",
                "PIO sets adjoining pins only: four in ascending order",
            )


def _pwm(board: Board) -> Iterator[_Found]:
    repeat = board.mcu.pwm_repeat
    users: dict[int, Claim] = {}
    for claim in (claim for claim in board.claims if claim.use == "pwm"):
        channel = claim.pin % repeat if repeat else claim.pin
        if channel in users and users[channel].pin != claim.pin:
            other = board.mcu.pin(users[channel].pin)
            text = f"{board.mcu.pin(claim.pin)} and {other} are one PWM channel"
            yield "pwm-taken", claim.table, claim.key, text
        users.setdefault(channel, claim)
    if len(users) > board.mcu.pwm_channels:
        last = list(users.values())[-1]
        text = f"{len(users)} PWM outputs, the {board.mcu.title} has {board.mcu.pwm_channels} channels"
        yield "pwm-taken", last.table, last.key, text


def pio_users(board: Board) -> list[tuple[str, str, int | None, Table]]:
    """Who runs a PIO program: (user, program, state machine, where it says so); nobody on a chip without."""
    if not board.mcu.pio_blocks:
        return []
    found: list[tuple[str, str, int | None, Table]] = []
    for channel in board.outputs:
        if channel.kind == "stepper_count":
            coils = any(driver in COILS for driver in channel.drivers)
            found.append((channel.label, "coils" if coils else "step_dir", channel.sm, channel.table))
    for name in board.uarts():
        found.append((name, "rs485", board.buses[name]["sm"], board.bus_tables[name]))
    return found


def pio_words(board: Board) -> list[int]:
    """Words of instruction memory used in each PIO block; programs on a block share theirs."""
    mcu = board.mcu
    words = []
    for block in range(mcu.pio_blocks):
        machines = range(block * mcu.pio_machines, (block + 1) * mcu.pio_machines)
        loaded = sorted({program for _, program, sm, _ in pio_users(board) if sm in machines})
        radio = board.network.words if board.network and board.network.machines & set(machines) else 0
        words.append(radio + sum(mcu.programs[program].words for program in loaded))
    return words


def _pio(board: Board) -> Iterator[_Found]:
    mcu = board.mcu
    total = mcu.pio_blocks * mcu.pio_machines
    used: dict[int, str] = {}
    if board.network:
        used = dict.fromkeys(board.network.machines, f"the {board.network.kind} radio ({board.network.part})")
    users = pio_users(board)
    for user, _, sm, table in users:
        if sm is None:
            yield "pio", table, "sm", f"a PIO state machine is wanted, 0 to {total - 1}"
        elif sm >= total:
            yield "pio", table, "sm", f"the {mcu.title} has state machines 0 to {total - 1}"
        elif sm in used:
            yield "pio", table, "sm", f"PIO state machine {sm} is taken by {used[sm]}"
        else:
            used[sm] = user
    for block, words in enumerate(pio_words(board)):
        if words > mcu.pio_words:
            text = f"PIO block {block} would hold {words} words of programs, it has {mcu.pio_words}"
            yield "pio", users[0][3], "sm", text
    if users and (dma := dma_used(board)) > mcu.dma_channels:
        yield "dma", users[0][3], "sm", f"{dma} DMA channels wanted, the {mcu.title} has {mcu.dma_channels}"


def dma_used(board: Board) -> int:
    """DMA channels of the firmware's programs and the network."""
    own = sum(board.mcu.programs[program].dma for _, program, _, _ in pio_users(board))
    return own + (board.network.dma if board.network else 0)
