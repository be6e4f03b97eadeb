"""Modbus RTU master: one request at a time, and nothing ever waits.

A request is begun with `read` or `write` and carried on by `step`, as often as there is time: once a scan
is enough. An answer is complete when it has the length that its own head tells, not when the line falls
silent, so that a late look at the line costs nothing. What does not answer is asked again, then given up
(MODBUS over Serial Line V1.02; application protocol V1.1b3).
"""

from micropython import const

from .crc16 import crc

IDLE = const(0)
BUSY = const(1)
DONE = const(2)
FAILED = const(3)

READ = const(3)  # holding registers; 4: input registers
WRITE = const(6)
WRITES = const(16)

_MASK = const(0x3FFFFFFF)  # of ticks_ms
_GAP_MS = const(5)  # own: 3.5 characters are 4 ms at 9600 Bd, and 1.75 ms above 19200
_OFTEN_MS = const(50)  # own: between looks; five of those that poll between scans
_ACKNOWLEDGED = const(5)  # exceptions that ask for patience
_IN_USE = const(6)


class Master:
    """`state` of the request; `exception` of one that was refused, 0 otherwise."""

    def __init__(self, line, timeout_ms: int, retries: int, most: int):
        """`line`: a port's rs485, `take(view)` and `write(buf, n)`; `most`: registers of the largest read."""
        self._line = line
        self._timeout = self._wait = timeout_ms
        self._retries = retries
        self._out = bytearray(11)
        self._out_n = 0
        self._in = bytearray(max(8, 5 + 2 * most))
        self._in_n = 0
        self._chunk = bytearray(16)
        self._view = memoryview(self._chunk)
        self._left = 0
        self._sent_ms = 0
        self._ended_ms = 0
        self._looked_ms = 0
        self.state = IDLE
        self.exception = 0
        self.bad = 0  # frames with a wrong check sum, of another unit or of another kind, in this life

    def ready(self, now_ms: int) -> bool:
        """A request may begin: none is under way and the line has had its silence."""
        return self.state != BUSY and (now_ms - self._ended_ms) & _MASK >= _GAP_MS

    def read(self, now_ms: int, unit: int, first: int, count: int, function: int = READ, once_ms: int = 0):
        """Ask for registers; they are `value(0)` to `value(count - 1)` when it is DONE. `once_ms`: a time-out
        of this request's own, which is not repeated."""
        self._begin(now_ms, unit, function, first, count, 6)
        if once_ms:
            self._wait = once_ms
            self._left = 0

    def write(self, now_ms: int, unit: int, address: int, value: int, function: int = WRITE):
        """Write a register, with function 6 or 16."""
        if function == WRITES:
            out = self._out
            out[6] = 2
            out[7] = value >> 8 & 0xFF
            out[8] = value & 0xFF
            self._begin(now_ms, unit, function, address, 1, 9)
        else:
            self._begin(now_ms, unit, function, address, value, 6)

    def value(self, place: int) -> int:
        """Register `place` of the answer, unsigned."""
        at = 3 + 2 * place
        return self._in[at] << 8 | self._in[at + 1]

    def step(self, now_ms: int) -> int:
        """Look at the line; the state. Costs the bytes that have come, and one frame's check sum."""
        if self.state != BUSY:
            return self.state
        self._take()
        if self._complete():
            self._judge(now_ms)
        self._looked_ms = now_ms
        if self.state == BUSY and (now_ms - self._sent_ms) & _MASK >= self._wait:
            if self._left:
                self._left -= 1
                self._send(now_ms)
            else:
                self._end(now_ms, FAILED)
        return self.state

    def _begin(self, now_ms: int, unit: int, function: int, one: int, other: int, n: int):
        out = self._out
        out[0] = unit
        out[1] = function
        out[2] = one >> 8 & 0xFF
        out[3] = one & 0xFF
        out[4] = other >> 8 & 0xFF
        out[5] = other & 0xFF
        check = crc(out, n)
        out[n] = check & 0xFF
        out[n + 1] = check >> 8
        self._out_n = n + 2
        self._left = self._retries
        self._wait = self._timeout
        self.exception = 0
        self.state = BUSY
        self._send(now_ms)

    def _send(self, now_ms: int):
        """What came late for the last request is not for this one."""
        for _ in range(4):
            if not self._line.take(self._view):
                break
        self._in_n = 0
        self._sent_ms = self._looked_ms = now_ms
        self._line.write(self._out, self._out_n)

    def _end(self, now_ms: int, state: int):
        self.state = state
        # Seen by somebody who comes by once a scan, the frame has long ended.
        late = (now_ms - self._looked_ms) & _MASK >= _OFTEN_MS
        self._ended_ms = self._looked_ms if late else now_ms

    def _take(self):
        """Bytes that have come, as many as an answer may have."""
        room = len(self._in)
        for _ in range(room // 16 + 1):
            n = self._line.take(self._view)
            for i in range(n):
                if self._in_n < room:
                    self._in[self._in_n] = self._chunk[i]
                    self._in_n += 1
            if n < 16:
                return

    def _complete(self) -> bool:
        """A whole answer is there, by what its head says."""
        n, got = self._in_n, self._in
        if n < 5:
            return False
        if got[1] & 0x80:
            return True
        if got[1] == WRITE or got[1] == WRITES:
            return n >= 8
        return n >= min(5 + got[2], len(got))

    def _judge(self, now_ms: int):
        got, out = self._in, self._out
        function = got[1]
        if function & 0x80:
            n = 5
        elif out[1] == WRITE or out[1] == WRITES:
            n = 8
        else:
            n = 5 + 2 * (out[4] << 8 | out[5])
        whole = self._in_n >= n and crc(got, n) == 0  # over its own check sum it is 0
        ours = got[0] == out[0] and function & 0x7F == out[1]
        if whole and ours and n == 8:
            for i in range(2, 6):  # the echo
                ours = ours and got[i] == out[i]
        elif whole and ours and n > 5:
            ours = got[2] == n - 5
        if not whole or not ours:
            # Wait for the time-out: whoever talks now may go on.
            self.bad += 1
            self._in_n = 0
        elif function & 0x80:
            self.exception = got[2]
            if self.exception == _ACKNOWLEDGED or self.exception == _IN_USE:
                self._in_n = 0
            else:
                self._end(now_ms, FAILED)
        else:
            self._end(now_ms, DONE)
