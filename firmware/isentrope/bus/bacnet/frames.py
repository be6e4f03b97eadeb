"""Frames of MS/TP: preamble, type, destination, source, length, checks (ASHRAE 135, 9.3 and annex G)."""

from micropython import const

TOKEN = const(0)
POLL_FOR_MASTER = const(1)
REPLY_TO_POLL = const(2)
TEST_REQUEST = const(3)
TEST_RESPONSE = const(4)
DATA_EXPECTING_REPLY = const(5)
DATA = const(6)
POSTPONED = const(7)
EVERYBODY = const(255)

_MOST = const(501)  # data bytes
_ROOM = const(544)  # a frame of 511 and what a poll brings besides
_ABORT_MS = const(
    100
)  # own: a frame that stops arriving; the standard's 60 bits are too short to be seen here

# CRC-16-CCITT, reflected, by half bytes.
_CRC = (
    0x0000, 0x1081, 0x2102, 0x3183, 0x4204, 0x5285, 0x6306, 0x7387,
    0x8408, 0x9489, 0xA50A, 0xB58B, 0xC60C, 0xD68D, 0xE70E, 0xF78F,
)  # fmt: skip


def header_check(buf, at: int) -> int:
    """What follows the five bytes from `at` on."""
    value = 0xFF
    for i in range(at, at + 5):
        value ^= buf[i]
        value ^= value << 1 ^ value << 2 ^ value << 3 ^ value << 4 ^ value << 5 ^ value << 6 ^ value << 7
        value = value & 0xFE ^ value >> 8 & 1
    return ~value & 0xFF


def data_check(buf, at: int, end: int) -> int:
    """What follows `buf[at:end]`, low byte first."""
    value = 0xFFFF
    for i in range(at, end):
        byte = buf[i]
        value = value >> 4 ^ _CRC[(value ^ byte) & 15]
        value = value >> 4 ^ _CRC[(value ^ byte >> 4) & 15]
    return ~value & 0xFFFF


def put(buf, kind: int, to: int, own: int, end: int) -> int:
    """A frame's head at `buf[0:8]` and its check behind the data, which is at `buf[8:end]`; its end."""
    n = end - 8
    buf[0] = 0x55
    buf[1] = 0xFF
    buf[2] = kind
    buf[3] = to
    buf[4] = own
    buf[5] = n >> 8
    buf[6] = n & 255
    buf[7] = header_check(buf, 2)
    if n:
        value = data_check(buf, 8, end)
        buf[end] = value & 255
        buf[end + 1] = value >> 8
        end += 2
    return end


class Receiver:
    """Finds frames in what a line brings.

    After `next()` `kind`, `to` and `source` are a frame's and `buf[8:end]` its data. `octets` counts what
    came, `heard_ms` is when; `invalid` counts frames with a wrong check.
    """

    def __init__(self, line, own: int):
        self._line = line
        self._own = own
        self.buf = bytearray(_ROOM)
        self._view = memoryview(self.buf)
        self._n = 0
        self._used = 0  # of the frame that was found last
        self.kind = self.to = self.source = self.end = 0
        self.octets = 0
        self.heard_ms = 0
        self.invalid = 0

    def poll(self, now_ms: int):
        """Take what has come."""
        if self._n and (now_ms - self.heard_ms) & 0x3FFFFFFF > _ABORT_MS:
            self._n = self._used = 0
        if self._n < _ROOM:
            n = self._line.take(self._view[self._n :])
            if n:
                self._n += n
                self.octets += n
                self.heard_ms = now_ms

    def _drop(self, n: int):
        left = self._n - n
        self.buf[:left] = self._view[n : self._n]
        self._n = left

    def next(self) -> int:
        """1: there is a frame for this station or for all, or of the token's; 0: nothing whole yet; -1: there
        was one with a wrong check, or for another one."""
        if self._used:
            self._drop(self._used)
            self._used = 0
        buf = self.buf
        at = 0
        end = self._n
        while at + 1 < end and not (buf[at] == 0x55 and buf[at + 1] == 0xFF):
            at += 1
        if at:
            self._drop(at)
        if self._n < 8:
            return 0
        n = buf[5] << 8 | buf[6]
        if buf[7] != header_check(buf, 2) or n > _MOST:
            self.invalid = (self.invalid + 1) & 0xFFFF
            self._used = 2
            return -1
        size = 8 + (n + 2 if n else 0)
        if self._n < size:
            return 0
        self._used = size
        self.kind = buf[2]
        self.to = buf[3]
        self.source = buf[4]
        self.end = 8 + n
        if n and self.to in (self._own, EVERYBODY):
            value = data_check(buf, 8, 8 + n)
            if buf[8 + n] != value & 255 or buf[9 + n] != value >> 8:
                self.invalid = (self.invalid + 1) & 0xFFFF
                return -1
        return 1
