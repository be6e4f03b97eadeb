"""The smallest device of the bench link that runs on MicroPython: no controller, constant answers.

It shows what the link and the interpreter can do at most (`isentrope_hil.linkbench`); docs/examples has a
device to learn from.
"""

import select
import struct
import sys
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


def decode(piece: bytearray) -> bytearray:
    """The decoded bytes of a frame with its CRC."""
    out = bytearray(piece)
    at = 0
    while at < len(out):
        code = out[at]
        out[at] = 0
        at += code
    return out[1:]


def answer(body: bytearray, table: list) -> bytes:
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


def main() -> None:
    """Answers until BYE."""
    table = [entry(0, n) for n in range(INPUTS)] + [entry(1, n) for n in range(OUTPUTS)]
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    poll = select.poll()
    poll.register(source, select.POLLIN)
    piece = bytearray()
    while True:
        byte = source.read(1)
        if byte != b"\0":
            piece += byte
            continue
        if not piece:
            continue
        body = decode(piece)[:-4]
        piece = bytearray()
        kind = body[0]
        body[0] |= 0x80
        sink.write(encode(bytes(body[:9]) + answer(bytearray(bytes((kind,)) + body[1:]), table)))
        if kind == 0x42:
            return


main()
