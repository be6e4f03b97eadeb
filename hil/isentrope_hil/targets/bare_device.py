"""The smallest device of the bench link that runs on MicroPython: no controller, constant answers.

It shows what the link and the interpreter can do at most (`isentrope_hil.linkbench`); docs/examples has a
device to learn from.
"""

import select
import struct
import sys
import termios
from binascii import crc32

INPUTS = 13
OUTPUTS = 11


def entry(kind: int, number: int) -> bytes:
    """A table entry: u16, 0 to 65535."""
    name = "s" + str(number)
    return (
        struct.pack("<BBbBHii", kind, 1, 0, 0, number, 0, 65535) + bytes((len(name),)) + name.encode() + b"\0"
    )


def encode(body: bytes) -> bytearray:
    """The frame of a body: CRC, COBS (runs under 254 bytes only), delimiters."""
    out = bytearray(b"\0\0" + body + struct.pack("<I", crc32(body)) + b"\0")
    last = len(out) - 1
    at = 1
    while at < last:
        following = out.find(b"\0", at + 1)
        out[at] = following - at
        at = following
    return out


def decode(piece: bytes) -> bytearray:
    """The decoded bytes of a frame with its CRC."""
    out = bytearray(piece)
    at = 0
    while at < len(out):
        code = out[at]
        out[at] = 0
        at += code
    return out[1:]


def answer(body: bytearray, table: list[bytes]) -> bytes:
    """The payload of the reply."""
    kind = body[0]
    if kind == 0x48:
        crc = crc32(b"".join(table))
        return struct.pack("<BIHH", 0x31, crc, len(table), 500) + b"\x04bare\x04unix\x01-\x01-"
    if kind == 0x44:
        first = body[9]
        page = table[first : first + 8]
        return struct.pack("<HB", first, len(page)) + b"".join(page)
    if kind == 0x53:
        return bytes(12 + 2 * OUTPUTS)
    return b""


def prepare() -> None:
    """Makes reads of the terminal give what is there, without waiting."""
    vtime, vmin = (17, 16) if sys.platform == "darwin" else (5, 6)  # macOS sys/termios.h, Linux termbits.h
    termios.setraw(0)  # type: ignore[attr-defined]  # MicroPython has it here
    attributes = termios.tcgetattr(0)
    attributes[6][vtime] = attributes[6][vmin] = 0
    termios.tcsetattr(0, termios.TCSANOW, attributes)


def main() -> None:
    """Answers until BYE."""
    prepare()
    table = [entry(0, n) for n in range(INPUTS)] + [entry(1, n) for n in range(OUTPUTS)]
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    poll = select.poll()
    poll.register(source, select.POLLIN)
    rest = b""
    while True:
        poll.poll()
        pieces = (rest + source.read(512)).split(b"\0")
        rest = pieces.pop()
        for piece in pieces:
            if piece:
                body = decode(piece)
                payload = answer(body, table)
                kind = body[0]
                body[0] |= 0x80
                sink.write(encode(bytes(body[:9]) + payload))
                if kind == 0x42:
                    return


main()
