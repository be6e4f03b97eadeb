"""Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Trans. Networking 7(2), 1999).

Encoded data has no zero byte, so 0x00 can delimit frames. Each zero becomes the distance to the next zero; a
run of 254 bytes without one gets an extra length byte 0xFF. Frames of the bench are short and full of zeros,
so the common case patches the zeros in place and leaves the copying to C.
"""

from __future__ import annotations


def encode(data: bytes | bytearray) -> bytearray:
    """`data` stuffed and delimited: 0x00, the encoded bytes, 0x00."""
    out = bytearray(b"\0\0" + data + b"\0")
    find = out.find
    last = len(out) - 1
    at = 1
    while at < last:
        following = find(0, at + 1)
        if following - at > 254:
            return _encode_long(data)
        out[at] = following - at
        at = following
    return out


def _encode_long(data: bytes | bytearray) -> bytearray:
    out = bytearray(1)
    blocks = bytes(data).split(b"\0")
    for index, block in enumerate(blocks):
        while len(block) > 254 or (len(block) == 254 and index + 1 < len(blocks)):
            out.append(0xFF)
            out += block[:254]
            block = block[254:]
        if len(block) == 254:  # the last block, exactly full: no zero follows, so 0xFF ends it
            out.append(0xFF)
        else:
            out.append(len(block) + 1)
        out += block
    out.append(0)
    return out


def decode(piece: bytes | bytearray) -> bytearray | None:
    """The bytes between two delimiters, (so without a zero) unstuffed; None if they are not COBS."""
    out = bytearray(piece)
    end = len(out)
    at = 0
    while at < end:
        code = out[at]
        if code == 0xFF:
            return _decode_long(piece)
        out[at] = 0
        at += code
    if at != end or end == 0:
        return None
    del out[0]
    return out


def _decode_long(piece: bytes | bytearray) -> bytearray | None:
    out = bytearray()
    end = len(piece)
    at = 0
    while at < end:
        code = piece[at]
        if code == 0 or at + code > end:
            return None
        out += piece[at + 1 : at + code]
        at += code
        if code != 0xFF and at < end:
            out.append(0)
    return out
