"""The byte-level examples of docs/link.md are what the code sends and what the example device answers.

`python tests/hil/test_link_doc.py` prints them.
"""

import struct
from pathlib import Path

from isentrope_hil import cobs, frames
from isentrope_hil.targets.firmware import imported
from link_example import exec_device
from live_board import Board

DOC = Path(__file__).resolve().parents[2] / "docs" / "link.md"
PROFILE = {
    "board": "b",
    "machine": "m",
    "scan_ms": 500,
    "io": [
        {"name": "suction_t", "dir": "in", "type": "u16"},
        {"name": "water_flow", "dir": "in", "type": "u8"},
        {"name": "eev_count", "dir": "out", "type": "u16", "safe": 0},
    ],
}
HEAD = [(1, "type: {kind}"), (2, "session"), (2, "seq"), (4, "t_ms")]
KINDS = dict(frames.NAMES)
KINDS.update({kind | frames.REPLY: f"{name}'s reply" for kind, name in frames.NAMES.items()})
KINDS[frames.NAK] = "NAK"
T0_MS = 0x3FF6D840  # 2^30 - 600,000


class Conversation:
    """Sends requests to the example device; keeps the frames both ways."""

    def __init__(self) -> None:
        self.device = exec_device.Device(PROFILE)
        self.session, self.first = frames.opening(frames.HELLO, 0x1234)

    def ask(self, frame: bytes) -> bytes:
        return self.device.receive(frame[1:-1])


def show(title: str, frame: bytes, fields: list[tuple[int, str]]) -> str:
    """The frame as it travels, then its decoded bytes field by field."""
    body = bytes(cobs.decode(frame[1:-1]))
    fields = [*HEAD, *fields, (4, "CRC-32")]
    assert sum(size for size, _ in fields) == len(body), title
    lines = [f"{title}:", ""]
    for at in range(0, len(frame), 24):
        lines.append("    " + ("wire  " if at == 0 else "      ") + frame[at : at + 24].hex(" ").upper())
    at = 0
    for size, what in fields:
        lines.append(f"      {body[at : at + size].hex(' ').upper():24} {what.format(kind=KINDS[body[0]])}")
        at += size
    return "\n".join(lines) + "\n"


def text_field(text: str, what: str) -> tuple[int, str]:
    return 1 + len(text), f'{what}: length, "{text}"'


def examples() -> str:
    talk = Conversation()
    reset = struct.pack("<IIBIBHi", 1, T0_MS, 0, talk.device.table_crc, 1, 0x4000, 350)
    step = struct.pack("<HB", 2048, 1)
    hello_reply = talk.ask(talk.first)
    reset_frame = frames.encode(frames.RESET, talk.session, 0, T0_MS, reset)
    reset_reply = talk.ask(reset_frame)
    step_frame = frames.encode(frames.STEP, talk.session, 1, T0_MS, step)
    damaged = bytearray(step_frame)
    damaged[10] ^= 0x10
    nak = talk.ask(bytes(damaged))
    step_reply = talk.ask(step_frame)
    assert reset_reply[1:-1] and talk.ask(step_frame) == step_reply
    parts = [
        show("HELLO", talk.first, [(1, 'link version "1"')]),
        show(
            "Its reply",
            hello_reply,
            [
                (1, 'link version "1"'),
                (4, "CRC-32 of the signal table"),
                (2, "entries of the table: 6"),
                (2, "scan period: 500 ms"),
                text_field("example", "firmware version"),
                text_field("exec", "target"),
                text_field("b", "board"),
                text_field("m", "machine"),
            ],
        ),
        show(
            "RESET, with one setting",
            reset_frame,
            [
                (4, "seed: 1"),
                (4, "t0_ms: 2^30 - 600,000"),
                (1, "flags: lock-step"),
                (4, "CRC-32 of the signal table"),
                (1, "settings: 1"),
                (2, "id 0x4000"),
                (4, "raw value 350 (35.0 degC)"),
            ],
        ),
        show("STEP, the first scan", step_frame, [(2, "in suction_t: 2048"), (1, "in water_flow: 1")]),
        show(
            "The same frame with one byte damaged (its 11th) is answered with NAK",
            nak,
            [(1, "reason 1: damaged; seq and t_ms are those of RESET, executed last")],
        ),
        show(
            "Sent again, STEP is executed and answered",
            step_reply,
            [
                (4, "scan_us: 0"),
                (4, "heap_free: 0"),
                (2, "gc_count: 0"),
                (2, "log_pending: 0"),
                (2, "out eev_count: 0"),
                (4, "point scans: 1"),
                (1, "point enable: 0"),
            ],
        ),
    ]
    return "\n".join(parts)


def attached() -> str:
    """What a board without a good profile says, and what one with a running machine refuses."""
    with imported() as modules:
        board = Board(modules, why="profile.json is not there")
        session, frame = frames.opening(frames.ATTACH, 0x1234)
        board.write(frame)
        reply = board.read(0.0)
        live = Board(modules)
        live.write(frame)
        live.read(0.0)
        jog = frames.encode(frames.JOG, session, 0, 0, struct.pack("<Hi", 8, 32768))
        live.write(jog)
        jogged = live.read(0.0)
        live.scan.out.compressor_on = True
        maint = frames.encode(frames.MAINT, session, 1, 0)
        live.write(maint)
        nak = live.read(0.0)
    return "\n".join(
        [
            show("ATTACH", frame, [(1, 'link version "1"')]),
            show(
                "The reply of a board that has no good profile",
                reply,
                [
                    (1, 'link version "1"'),
                    (4, "CRC-32 of an empty signal table"),
                    (2, "entries of the table: 0"),
                    (2, "scan period: 0, there is no scan"),
                    text_field("9.9", "firmware version"),
                    text_field("test", "target"),
                    text_field("?", "board"),
                    text_field("?", "machine"),
                ],
            ),
            show("JOG, the ninth output", jog, [(2, "id 8"), (4, "raw value 32768")]),
            show("Its reply", jogged, [(1, "result 0: done")]),
            show("MAINT", maint, []),
            show("NAK, since the machine is running", nak, [(1, "reason 9: the machine is not off")]),
        ]
    )


def test_the_documented_bytes_are_the_real_ones():
    page = DOC.read_text()
    assert examples() in page
    assert attached() in page


if __name__ == "__main__":
    print(examples())
    print(attached())
