"""COBS in place (Cheshire and Baker, IEEE/ACM Trans. Networking 7(2), 1999).

A code byte takes the place of every zero, so for runs under 254 bytes stuffing is patching, and the search
for zeros is C's. Longer runs, rare in this link's frames, move the rest by one byte.
"""

from micropython import const

_LONGEST = const(0xFF)  # code of 254 bytes that no zero follows


def encode(buf: bytearray, end: int) -> int:
    """Turn `buf[2:end]` into a delimited frame at `buf[0:n]`; n. The buffer must have room for n bytes."""
    find = buf.find
    buf[0] = 0
    at = 1
    while True:
        following = find(b"\0", at + 1, end)
        if following < 0:
            following = end
        if following - at >= _LONGEST:
            buf[at] = _LONGEST
            at += _LONGEST
            if at == end:
                break
            buf[at + 1 : end + 1] = buf[at:end]
            end += 1
        else:
            buf[at] = following - at
            at = following
            if at == end:
                break
    buf[end] = 0
    return end + 1


def decode(buf: bytearray, start: int, end: int) -> int:
    """Unstuff `buf[start:end]`, which has no zero, into `buf[start + 1:n]`; n, or -1 if it is no encoding."""
    at = start
    code = buf[at]
    while True:
        at += code
        if at >= end:
            return end if at == end else -1
        following = buf[at]
        if code == _LONGEST:
            buf[at : end - 1] = buf[at + 1 : end]
            end -= 1
            at -= 1
        else:
            buf[at] = 0
        code = following
