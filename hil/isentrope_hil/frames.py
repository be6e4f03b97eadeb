"""Frames of the bench link (docs/link.md): types, building, checking, cutting a stream into frames."""

from __future__ import annotations

import struct
from zlib import crc32

from isentrope_hil import cobs

VERSION = 0x31
MAX_BODY = 1024  # bytes of a decoded frame
HEAD = struct.Struct("<BHHI")  # type, session, seq, t_ms
CRC = struct.Struct("<I")
OVERHEAD = HEAD.size + CRC.size
T_MASK = 0x3FFFFFFF

HELLO = 0x48
DESCRIBE = 0x44
RESET = 0x52
STEP = 0x53
WRITE = 0x57
LOG = 0x4C
IMAGE = 0x49
PUT = 0x50
BYE = 0x42
ATTACH = 0x41
POLL = 0x51
SETTINGS = 0x47
EVENTS = 0x45
JOG = 0x4A
MAINT = 0x4D
REPLY = 0x80
NAK = 0xCE
FAULT = 0xC6

NAMES = {
    HELLO: "HELLO",
    DESCRIBE: "DESCRIBE",
    RESET: "RESET",
    STEP: "STEP",
    WRITE: "WRITE",
    LOG: "LOG",
    IMAGE: "IMAGE",
    PUT: "PUT",
    BYE: "BYE",
    ATTACH: "ATTACH",
    POLL: "POLL",
    SETTINGS: "SETTINGS",
    EVENTS: "EVENTS",
    JOG: "JOG",
    MAINT: "MAINT",
}
OPENINGS = (HELLO, ATTACH)

HELLO_SEQ = 0x5555
HELLO_T = 0x55555555

FREE_RUN = 0x01  # flag of RESET
SHORTEST_TEXT = 4  # own choice
ODD_SHARE = 20  # console text has at most one character in so many that is none; own choice

NAK_DAMAGED = 1
NAK_UNKNOWN = 3
NAK_NEEDS_RESET = 6
NAK_REFUSED = 7
NAK_RUNNING = 9
NAK_NO_PROFILE = 10
NAK_BUSY = 11
# Refusals of an opening; other NAKs answer what an earlier session left in the pipe.
NAK_OPENING = (NAK_UNKNOWN, NAK_REFUSED, NAK_RUNNING, NAK_NO_PROFILE, NAK_BUSY)
NAK_TEXT = {
    1: "the frame arrived damaged",
    2: "same sequence number, but another request",
    3: "unknown frame type",
    4: "the payload does not fit the signal table",
    5: "the frame belongs to another session (has the target restarted?)",
    6: "it needs RESET first (has the target restarted?)",
    7: "a machine hangs on it; set its bench_enable to 1, with the machine off",
    8: "its signal table differs from the one it described",
    9: "its machine is not off",
    10: "its profile.json is missing or damaged; deploy again",
    11: "a bench session is in force; end it, or wait 60 s",
    12: "it has no memory for the answer just now; ask again",
}


def encode(kind: int, session: int, seq: int, t_ms: int, payload: bytes = b"") -> bytes:
    """One frame as it travels, delimiters included."""
    body = HEAD.pack(kind, session, seq, t_ms) + payload
    return bytes(cobs.encode(body + CRC.pack(crc32(body))))


def decode(piece: bytes) -> bytearray | None:
    """The body (head and payload, CRC checked and cut off) of what stood between two zeros; else None."""
    body = cobs.decode(piece)
    if body is None or not OVERHEAD <= len(body) <= MAX_BODY:
        return None
    crc = body[-4:]
    del body[-4:]
    return body if crc32(body).to_bytes(4, "little") == crc else None


def opening(kind: int, start: int) -> tuple[int, bytes]:
    """(session, frame) of HELLO or ATTACH: the first from `start` on whose encoded frame has no byte 1 to 4.

    Bytes 1 to 4 are commands of MicroPython's console (raw and normal prompt, interrupt, reboot).
    """
    for offset in range(0x10000):
        session = (start + offset) & 0xFFFF
        frame = encode(kind, session, HELLO_SEQ, HELLO_T, bytes((VERSION,)))
        if not any(1 <= byte <= 4 for byte in frame):
            return session, frame
    raise AssertionError("no session number qualifies")


class Splitter:
    """Cuts a byte stream at its zeros; keeps the unfinished rest."""

    LONGEST = 4096  # bytes without a zero that are kept waiting for one: over three of the longest frames

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The non-empty stretches that `data` completes."""
        pieces = (self.rest + data).split(b"\0")
        self.rest = pieces.pop()
        if len(self.rest) > self.LONGEST:
            pieces.append(self.rest)
            self.rest = b""
        return [piece for piece in pieces if piece]


def console_text(piece: bytes) -> str | None:
    """`piece` as text, if it looks like console output rather than a damaged frame.

    A frame is not UTF-8 text for long, and noise spoils a text's bytes only here and there. A few
    letters that end no line are more likely the splinter of a frame.
    """
    if len(piece) < SHORTEST_TEXT and b"\n" not in piece:
        return None
    text = piece.decode(errors="replace")
    odd = sum(not (c.isprintable() or c in "\t\r\n\x1b") or c == "\ufffd" for c in text)
    return text if odd * ODD_SHARE <= len(text) else None
