"""The Modbus server on RS-485 (MODBUS over serial line V1.02).

A frame is what comes until the line has been silent for t3.5. One that is not whole by its own length may go
on for a little longer: an adapter sends in pieces of 64 bytes, and length and check sum tell more than a
pause. t1.5 is not enforced, since no port can time it (docs/bms.md). On a line with other devices a request
for us is the last frame before a silence; what stands before it in the same breath is theirs.
"""

import asyncio

from micropython import const

from ..drivers.crc16 import crc
from .gate import RTU
from .modbus import ANSWERS, BAD_FRAMES, DROPPED, EXCEPTIONS

_BASE = const(119)  # of the buses' settings
_UNIT = _BASE + 3
_BAUD = _BASE + 4
_PARITY = _BASE + 5
_LONGEST = const(256)
_ROOM = const(512)  # own: a request of ours behind somebody else's answer
_PATIENCE_MS = const(20)  # own: a USB adapter's pause between two pieces is some milliseconds
_WRITES = (5, 6, 15, 16, 22)  # what a broadcast may ask


def make(ctx):
    """On the profile's field bus, with the settings in force. OSError, ValueError: it cannot be had."""
    v = ctx.v
    baud = int(v[_BAUD])
    parity = int(v[_PARITY])
    line = ctx.rs485(baud, None if parity == 2 else parity, 2 if parity == 2 else 1)
    return Rtu(line, ctx, int(v[_UNIT]), silence_ms(baud))


def silence_ms(baud: int) -> int:
    """t3.5, rounded up: 3.5 characters of 11 bits, 1.75 ms over 19,200 Bd."""
    return 2 if baud > 19_200 else (38_500 + baud - 1) // baud


def request_size(buf, at: int, n: int) -> int:
    """How long the request at `buf[at:]` is by its own head, check sum included; 0: it does not tell yet."""
    if n < 2:
        return 0
    function = buf[at + 1]
    if function == 15 or function == 16:
        return 9 + buf[at + 6] if n > 6 else 0
    if function == 22:
        return 10
    if function == 23:
        return 13 + buf[at + 10] if n > 10 else 0
    if function == 43:
        return 7
    return 8 if 1 <= function <= 8 else 4


class Rtu:
    """`line` is a port's rs485."""

    def __init__(self, line, ctx, unit: int, gap_ms: int):
        self._line = line
        self._ctx = ctx
        self._unit = unit
        self._gap = gap_ms
        self._in = bytearray(_ROOM)
        self._view = memoryview(self._in)
        self._out = bytearray(_LONGEST + 2)

    async def run(self):
        """Until the line fails (OSError)."""
        reader = asyncio.StreamReader(self._line.stream)
        first = bytearray(1)
        while True:
            n = await reader.readinto(first)
            if not n:  # nothing there after all, unless the line has gone
                n = self._line.take(first)
            if not n:
                await asyncio.sleep_ms(_PATIENCE_MS)
                continue
            self._in[0] = first[0]
            n = self.answer(await self._gather(1))
            if n and not self._line.write(self._out, n):
                self._ctx.count(DROPPED)
            self._ctx.heap.note()

    async def _gather(self, fill: int) -> int:
        """What comes until silence; its size, 0 for more than two frames could be."""
        silent = 0
        too_long = False
        while True:
            n = self._line.take(self._view[fill:])
            fill += n
            if fill == _ROOM:
                too_long = True
                fill = 1
            if n:
                silent = 0
            elif silent >= self._gap:
                wanted = request_size(self._in, 0, fill)
                if silent >= self._gap + _PATIENCE_MS or (wanted and fill >= wanted):
                    return 0 if too_long else fill
            await asyncio.sleep_ms(self._gap)
            silent += self._gap

    def answer(self, n: int) -> int:
        """Act on the `n` bytes of one breath; the size of the answer in `_out`, 0 for none."""
        buf = self._in
        at = self._ours(n)
        if at < 0:
            if not self._others(n):
                self._ctx.count(BAD_FRAMES)
            return 0
        out = self._out
        broadcast = buf[at] == 0
        if broadcast and buf[at + 1] not in _WRITES:
            return 0
        size = self._ctx.pdu(buf, at + 1, n - at - 3, out, 1, RTU)
        if broadcast:
            return 0
        self._ctx.count(ANSWERS)
        if out[1] & 0x80:
            self._ctx.count(EXCEPTIONS)
        out[0] = self._unit
        size += 1
        check = crc(out, size)
        out[size] = check & 0xFF
        out[size + 1] = check >> 8
        return size + 2

    def _ours(self, n: int) -> int:
        """Where the last frame of a breath begins, if it is whole and for us; -1: it is not."""
        buf = self._in
        if 4 <= n <= _LONGEST and self._for_us(buf[0]) and crc(buf, n) == 0:
            return 0
        for at in range(1, n - 3):
            if not self._for_us(buf[at]) or request_size(buf, at, n - at) != n - at:
                continue
            if crc(self._view[at:n], n - at) == 0:
                return at
        return -1

    def _for_us(self, unit: int) -> bool:
        return unit == self._unit or unit == 0

    def _others(self, n: int) -> bool:
        """It is a sound frame of somebody else's, or begins with a sound request to somebody else."""
        buf = self._in
        if n < 4 or self._for_us(buf[0]):
            return False
        if n <= _LONGEST and crc(buf, n) == 0:
            return True
        size = request_size(buf, 0, n)
        return 4 <= size < n and crc(buf, size) == 0
