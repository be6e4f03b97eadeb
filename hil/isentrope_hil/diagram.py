"""The wiring diagram of a machine on a board, as SVG text: field devices left, loads right, every pin named.

Wires are straight because the microcontroller's box is as high as what hangs on it. The hard-wired safety
chain stands below: it works with the firmware absent. The same board, machine and driver always give the same
bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from isentrope_hil.boardfile import BUS_PINS, Board, Channel
from isentrope_hil.fitting import Fit, Place

ROW, TOP, WIDTH = 20, 86, 1260
FIELD_X, FIELD_W, PART_X, PART_W, MCU_X, MCU_W = 24, 190, 254, 200, 545, 170
_STYLE = """\
text{font:12px "DejaVu Sans",Arial,sans-serif;fill:#1b2733}
.h{font-size:18px;font-weight:bold}.b{font-weight:bold}.s{font-size:11px;fill:#51606e}.free{fill:#9aa6b1}
.box{fill:#f5f8fb;stroke:#2f4a63;stroke-width:1.4}.mcu{fill:#e6f2ea;stroke:#24613c;stroke-width:1.8}
.w{stroke:#2f4a63;stroke-width:1.3;fill:none}.off{stroke:#c3ccd4;stroke-width:1.2;stroke-dasharray:3 3}
.r{stroke:#b3261e;stroke-width:2;fill:#ffffff}.red{fill:#b3261e}"""

_KIND = {
    "ntc": "NTC",
    "ratiometric": "0.5-4.5 V",
    "contact": "contact",
    "ds18b20": "DS18B20",
    "relay": "relay",
    "analog_out": "0-10 V",
}
_NAMES = {"hc595": "74HC595"}
_DRIVER = {
    "bipolar": ("H-bridge pair", ("A1", "A2", "B1", "B2")),
    "unipolar": ("ULN2003 class", ("IN1", "IN2", "IN3", "IN4")),
    "step_dir": ("step/dir driver", ("STEP", "DIR")),
}
_PART = {
    "gpio": "opto-coupler",
    "pwm": "filter, gain 3.03",
    "relay": "ULN2003/2803 + relay",
    "adc": "input network",
}


@dataclass
class _Part:
    """A box between the field and the chip: rows toward the field, pins toward the chip."""

    title: str
    note: str
    rows: list[tuple[str, str, bool]] = field(default_factory=list)  # terminal, what is there, used
    pins: list[tuple[str, int]] = field(default_factory=list)  # the part's name of it, the chip's pin

    @property
    def height(self) -> int:
        return ROW * max(len(self.rows), len(self.pins)) + 44


def svg(fitted: Fit) -> str:
    """The diagram of a machine that fits; text in UTF-8, no external files."""
    left, right = _parts(fitted)
    high = max(_stack(left), _stack(right))
    body = [*_chip(fitted, high), *_side(left, fitted.board, True), *_side(right, fitted.board, False)]
    chain_y = TOP + high + 34
    height = chain_y + 214
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}">\n<style>{_STYLE}</style>\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    )
    title = [
        _text(FIELD_X, 30, f"{fitted.board.name} with {fitted.wants.machine}", "h"),
        _text(FIELD_X, 50, f"{fitted.board.title}. Not yet built or tried on hardware.", "s"),
        _text(FIELD_X, 66, _notes(fitted.board), "s"),
    ]
    return "\n".join([head, *title, *body, *_chain(fitted, chain_y), "</svg>"]) + "\n"


def _parts(fitted: Fit) -> tuple[list[_Part], list[_Part]]:
    board = fitted.board
    taken = {place.channel.label: place for place in fitted.places}
    left = [*_devices(fitted, board.inputs, taken), *_direct(board.inputs, taken)]
    right = [*_devices(fitted, board.outputs, taken), *_direct(board.outputs, taken)]
    right += _valve(fitted)
    for name in board.uarts():
        bus = board.buses[name]
        line = next((line for line, port in fitted.lines.items() if port == name), bus["use"])
        part = _Part(
            "RS-485 transceiver", f"{name.upper()}, 120 Ohm at the ends", [("A", line, True), ("B", "", True)]
        )
        part.pins = [("DI (TX)", bus["tx"]), ("RO (RX)", bus["rx"]), ("DE, /RE", bus["de"])]
        right.append(part)
    return left, right


def _devices(fitted: Fit, channels: Sequence[Channel], taken: dict[str, Place]) -> list[_Part]:
    """A box for each converter, expander and one-wire line that these channels sit on."""
    board = fitted.board
    made: dict[tuple[str, int], _Part] = {}
    for channel in channels:
        kind = str(channel.hw[0])
        if kind in ("gpio", "pwm", "adc", "stepper", "step_dir"):
            continue
        place = (kind, int(channel.hw[1]) if len(channel.hw) == 3 else 0)
        if place not in made:
            made[place] = _device(board, *place)
        spot = f"{channel.label} (ch {channel.hw[-1]})" if kind != "ds18b20" else channel.label
        made[place].rows.append((spot, *_what(channel, taken)))
    return list(made.values())


def _device(board: Board, kind: str, index: int) -> _Part:
    device = [each for each in board.devices.values() if each["kind"] == kind][index]
    if kind == "ds18b20":
        return _Part("1-Wire", "4.7 kOhm to 3.3 V", pins=[("DQ", device["pin"])])
    bus = board.buses[device["bus"]]
    note = device["bus"].upper()
    note += f", address 0x{device['address']:02x}" if "address" in device else ""
    note += f", Vref {device['reference_v']:g} V" if "reference_v" in device else ""
    part = _Part(
        f"{kind.upper()} {index}" if kind in ("mcp3208", "ads1115") else _NAMES.get(kind, kind.upper()), note
    )
    part.pins = [(key.upper(), bus[key]) for key in BUS_PINS[bus["kind"]] if (kind, key) != ("hc595", "miso")]
    if "reference_channel" in device:
        part.rows.append((f"(ch {device['reference_channel']})", "3.3 V rail", True))
    part.pins += [(key.upper(), device[key]) for key in ("cs", "latch", "oe") if key in device]
    return part


def _direct(channels: Sequence[Channel], taken: dict[str, Place]) -> list[_Part]:
    """A box for each sort of channel that sits on the chip's own pins."""
    made: dict[str, _Part] = {}
    for channel in channels:
        if channel.hw[0] not in ("gpio", "pwm", "adc") or channel.kind == "level":
            continue
        key = "relay" if channel.kind == "relay" else str(channel.hw[0])
        part = made.setdefault(key, _Part(_PART[key], ""))
        part.rows.append((channel.label, *_what(channel, taken)))
        part.pins.append((channel.label, int(channel.hw[1])))
    return list(made.values())


def _what(channel: Channel, taken: dict[str, Place]) -> tuple[str, bool]:
    if channel.label in taken:
        return f"{taken[channel.label].signal.name} ({_KIND[channel.kind]})", True
    return f"free ({_KIND[channel.kind]})", False


def _valve(fitted: Fit) -> list[_Part]:
    motor = next((place for place in fitted.places if place.signal.kind == "stepper_count"), None)
    if motor is None:
        return []
    name, inputs = _DRIVER[fitted.driver]
    valve = fitted.wants.valve
    enable = next((place for place in fitted.places if place.signal.kind == "level"), None)
    low = enable is not None and enable.channel.data["active"] == 0
    note = "10 kOhm from /EN to 3.3 V" if low else "10 kOhm from EN to 0 V"
    if fitted.driver == "step_dir" and not low:
        note += ", inverter to /EN"
    part = _Part(f"valve driver: {name}", note)
    part.rows = [("motor", valve.name, True), ("", f"{valve.coil} coils, {valve.steps} steps", True)]
    part.pins = [(key, int(pin)) for key, pin in zip(inputs, motor.hw[1:], strict=True)]
    if enable is not None and enable.hw[0] == "gpio":
        part.pins.append(("/EN" if low else "EN", int(enable.hw[1])))
    return [part]


def _stack(parts: list[_Part]) -> int:
    return sum(part.height + 14 for part in parts)


def _side(parts: list[_Part], board: Board, left: bool) -> list[str]:
    """The boxes of one side from the top down, with their wires to the field and to the chip."""
    made: list[str] = []
    y = TOP
    box = PART_X if left else WIDTH - PART_X - PART_W
    near, far = (box + PART_W, box) if left else (box, box + PART_W)
    chip = MCU_X if left else MCU_X + MCU_W
    end = FIELD_X + FIELD_W if left else WIDTH - FIELD_X - FIELD_W
    for part in parts:
        made.append(_box(box, y, PART_W, part.height, "box"))
        made.append(_text(box + PART_W / 2, y + 16, part.title, "b", "middle"))
        made.append(_text(box + PART_W / 2, y + 31, part.note, "s", "middle"))
        for number, (terminal, what, used) in enumerate(part.rows):
            row = y + 48 + ROW * number
            made.append(_line(far, row, end, row, "w" if used else "off"))
            inside, outside = ("start", "end") if left else ("end", "start")
            made.append(_text(far + (6 if left else -6), row + 4, terminal, "" if used else "free", inside))
            made.append(_text(end + (-4 if left else 4), row + 4, what, "" if used else "free", outside))
        for number, (name, pin) in enumerate(part.pins):
            row = y + 48 + ROW * number
            made.append(_line(near, row, chip, row, "w"))
            made.append(_text(near + (6 if left else -6), row - 3, name, "s", "start" if left else "end"))
            made.append(
                _text(
                    chip + (8 if left else -8), row + 4, board.mcu.pin(pin), "b", "start" if left else "end"
                )
            )
        y += part.height + 14
    return made


def _chip(fitted: Fit, high: int) -> list[str]:
    middle = MCU_X + MCU_W / 2
    return [
        _box(MCU_X, TOP, MCU_W, high, "mcu"),
        _text(middle, TOP + 24, fitted.board.mcu.title, "h", "middle"),
    ]


def _notes(board: Board) -> str:
    text = "3.3 V and 0 V go to every part; USB is console and bench link"
    if board.network is None:
        return f"{text}."
    pins = ", ".join(board.mcu.pin(pin) for pin in sorted(board.network.pins))
    return f"{text}; {board.network.kind}: {board.network.part}{f', takes {pins}' if pins else ''}."


def _chain(fitted: Fit, y: int) -> list[str]:
    """The contactor's coil circuit: every device in it opens it without the firmware."""
    relay = next((place for place in fitted.places if place.signal.name == "compressor_run"), None)
    label = relay.channel.label if relay else "K1"
    steps = (
        ("high-pressure switch", "opens by itself"),
        ("motor protector", "or the drive's trip contact"),
        ("leak relay", "where the standard asks"),
        (f"{label} compressor_run", "the only one the firmware moves"),
    )
    rail = y + 74
    made = [
        _text(
            FIELD_X, y + 12, "Hard-wired safety chain, in series with the compressor contactor's coil", "b"
        ),
        _text(
            FIELD_X,
            y + 29,
            "It stops the compressor with the firmware absent. The firmware only watches it.",
            "s",
        ),
        _line(FIELD_X + 24, rail, WIDTH - FIELD_X - 24, rail, "r"),
        _text(FIELD_X, rail + 4, "L", "b red"),
        _text(WIDTH - FIELD_X, rail + 4, "N", "b red", "end"),
    ]
    x = FIELD_X + 60
    for number, (name, note) in enumerate(steps):
        made += _contact(x, rail, closed=number < 3)
        made += [_text(x + 30, rail + 28, name, "b", "middle"), _text(x + 30, rail + 44, note, "s", "middle")]
        x += 240
    made += [
        f'<rect x="{x}" y="{rail - 17}" width="76" height="34" class="r"/>',
        _text(x + 38, rail + 5, "coil", "b red", "middle"),
        _text(x + 38, rail + 36, "compressor contactor", "b", "middle"),
    ]
    watched = {"hp_switch": 0, "motor_ok": 1}
    for place in fitted.places:
        if place.signal.name in watched:
            at = FIELD_X + 60 + 240 * watched[place.signal.name] + 30
            made.append(_line(at, rail + 52, at, rail + 72, "w"))
            text = f"second contact to {place.channel.label} ({place.signal.name})"
            made.append(_text(at, rail + 86, text, "s", "middle"))
    made.append(
        _text(
            FIELD_X, rail + 116, "Relief valves, temperature limiters and fuses are in docs/safety.md.", "s"
        )
    )
    return made


def _contact(x: float, y: float, closed: bool) -> list[str]:
    """A contact on the rail: closed while healthy, or open at rest."""
    made = [f'<rect x="{x + 10:g}" y="{y - 14:g}" width="40" height="18" fill="#ffffff"/>']
    made += [f'<circle cx="{x + each:g}" cy="{y:g}" r="3.5" class="r"/>' for each in (10, 50)]
    tip = (50, -3) if closed else (46, -18)
    return [*made, _line(x + 10, y - 3, x + tip[0], y + tip[1], "r")]


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    css = f' class="{kind}"' if kind else ""
    side = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:g}" y="{y:g}"{css}{side}>{escape(text)}</text>' if text else ""


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="{kind}"/>'


def _box(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" class="{kind}"/>'
