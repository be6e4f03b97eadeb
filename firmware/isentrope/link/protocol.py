"""The device's side of docs/link.md: frames in, replies out, each request executed exactly once."""

from binascii import crc32
from struct import pack_into, unpack_from

from micropython import const

from ..control.ticks import elapsed
from . import cobs

MAX_BODY = const(1024)
PAYLOAD = const(11)  # where it starts in a transmit buffer: delimiter, code byte, type, session, seq, t_ms
_BODY = const(2)
_HEAD = const(9)
_OVERHEAD = const(13)  # of a body: head and CRC
_FRAME = const(1032)  # the longest, with delimiters and code bytes
_PIECE = const(256)  # what is taken at once; own
_ASIDE = const(256)  # for the longest HELLO reply

HELLO = const(0x48)
ATTACH = const(0x41)
BYE = const(0x42)
_REPLY = const(0x80)
_NAK = const(0xCE)
_FAULT = const(0xC6)

# Reasons of NAK.
_DAMAGED = const(1)
_OTHER_REQUEST = const(2)
UNKNOWN_TYPE = const(3)
NO_FIT = const(4)
_OTHER_SESSION = const(5)
NEEDS_RESET = const(6)
REFUSED = const(7)
OTHER_TABLE = const(8)
RUNNING = const(9)
NO_PROFILE = const(10)
_BUSY = const(11)
_NO_MEMORY = const(12)

_DEAD_MAN_MS = const(60_000)
# The console's Ctrl-C counts again so long after the last frame: what is sent again may still be on its way,
# and any byte of it may be 3. Own.
_CONSOLE_MS = const(2_000)


class Link:
    """`modes` opens sessions (modes.py), each a device that executes requests; `port` has bytes and a clock.

    A device has `greet(buf, at)`, `execute(...)`, `stamp(kind, t_ms)`, `tidy(kind)` and `drop()`, as
    bench/device.py and link/service.py say.
    """

    def __init__(self, modes, heap, port):
        self.device = modes.open(ATTACH)  # of the session in force, or the last one
        self.alive = True  # until BYE where that ends the firmware
        self._modes = modes
        self._heap = heap
        self._port = port
        self._console = True
        self._rx = bytearray(_FRAME + _PIECE)
        self._rx_view = memoryview(self._rx)
        self._fill = 0
        self._tx = bytearray(_FRAME)  # the last reply, kept
        self._tx_view = memoryview(self._tx)
        self._tx_size = 0
        self._aside = bytearray(_ASIDE)  # for what must not replace it: NAK and HELLO's reply
        self._session = -1  # -1: none
        self._kind = 0  # what opened it: HELLO or ATTACH
        self._seq = self._t_ms = 0  # last executed
        self._crc = -1  # of the request last executed; -1: none in this session
        self._heard_ms = 0

    def hear(self, first: int):
        """A first byte has come: take what else the port has, act on every frame that is complete."""
        fill = self._fill
        self._rx[fill] = first
        self._received(1 + self._port.take(self._rx_view[fill + 1 :]))

    def feed(self, data: bytes):
        """Take received bytes from anywhere."""
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            self._rx[self._fill : self._fill + len(piece)] = piece
            self._received(len(piece))

    def _received(self, n: int):
        """`n` bytes have been put where the last ones end: act on every frame that is complete.

        The answer to a good frame tells the host as much as a NAK, so only damage alone is reported.
        """
        rx = self._rx
        fill = self._fill + n
        start = 0
        damaged = answered = False
        while True:
            end = rx.find(b"\0", start, fill)
            if end < 0:
                break
            if end > start:
                if self._frame(start, end):
                    answered = True
                else:
                    damaged = True
                self._heap.note()  # each: a host that waited for a start has filled the buffer with its HELLO
            start = end + 1
        rest = fill - start
        if rest > _FRAME:  # longer than any frame; what is kept makes the next zero complete a damaged one
            rest = 1
        if start and rest:
            rx[0:rest] = rx[start : start + rest]
        self._fill = rest
        if damaged and not answered:
            self._nak(_DAMAGED)
        if not start:
            self._heap.note()

    def expire(self) -> bool:
        """The dead-man, to be called about once a second: whether the line has been silent for too long."""
        silent_ms = elapsed(self._port.ticks_ms(), self._heard_ms)
        if self._session >= 0 and silent_ms > _DEAD_MAN_MS:
            self._forget(-1)
        if self._session < 0 and not self._console and silent_ms > _CONSOLE_MS:
            self._console = True
            self._port.console(True)
        return silent_ms > _DEAD_MAN_MS

    def fault(self, text: str):
        """An exception nobody caught: outputs safe, and the host is told."""
        self._modes.fault()
        said = text.encode()[-(MAX_BODY - _OVERHEAD) :]
        self._tx[PAYLOAD : PAYLOAD + len(said)] = said
        size = self._seal(self._tx, _FAULT, PAYLOAD + len(said), self._seq, self._t_ms)
        self._port.write(self._tx, size)

    def _frame(self, start: int, end: int) -> bool:
        """Decode and act; False if the frame is damaged."""
        rx = self._rx
        end = cobs.decode(rx, start, end)
        start += 1
        size = end - start
        if not _OVERHEAD <= size <= MAX_BODY:
            return False
        crc = crc32(self._rx_view[start : end - 4])
        if crc != unpack_from("<I", rx, end - 4)[0]:
            return False
        self._heard_ms = self._port.ticks_ms()
        kind, session, seq, t_ms = unpack_from("<BHHI", rx, start)
        if kind in (HELLO, ATTACH):
            self._open(kind, session, seq, t_ms)
        elif session != self._session:
            self._nak(_OTHER_SESSION)
        elif seq == self._seq and self._crc >= 0:
            if crc == self._crc:
                self._port.write(self._tx, self._tx_size)
            else:
                self._nak(_OTHER_REQUEST)
        elif seq == (self._seq + 1) & 0xFFFF:
            self._request(kind, seq, t_ms, start + _HEAD, size - _OVERHEAD, crc)
        return True

    def _open(self, kind: int, session: int, seq: int, t_ms: int):
        """HELLO or ATTACH: the session in force is only greeted again; a bench session ends at HELLO only."""
        if session != self._session or kind != self._kind:
            bench = self._session >= 0 and self._kind == HELLO
            device = -_BUSY if bench and kind == ATTACH else self._modes.open(kind)
            if isinstance(device, int):
                self._nak(-device)
                return
            self._forget(session)
            self.device = device
            self._kind = kind
            self._console = False
            self._port.console(False)
        end = self.device.greet(self._aside, PAYLOAD)
        self._port.write(self._aside, self._seal(self._aside, kind | _REPLY, end, seq, t_ms))

    def _request(self, kind: int, seq: int, t_ms: int, at: int, size: int, crc: int):
        """Execute, unless it is refused, and keep the reply."""
        try:
            result = self.device.execute(kind, t_ms, self._rx, at, size, self._tx)
        except MemoryError:
            if self._kind == HELLO:
                raise  # it may have been a scan
            self._heap.collect()  # who looks at a machine must not stop it
            result = -_NO_MEMORY
        if result < 0:
            self._nak(-result)
            return
        self._seq = seq
        self._t_ms = self.device.stamp(kind, t_ms)
        self._crc = crc
        self._tx_size = self._seal(self._tx, kind | _REPLY, result, seq, self._t_ms)
        self._port.write(self._tx, self._tx_size)
        if kind == BYE:
            self._forget(-1)
            self.alive = self._modes.lasting
        else:
            self.device.tidy(kind)

    def _seal(self, buf: bytearray, kind: int, end: int, seq: int, t_ms: int) -> int:
        """Head and CRC around the payload `buf[PAYLOAD:end]`, stuffed; the frame's size."""
        pack_into("<BHHI", buf, _BODY, kind, max(self._session, 0), seq, t_ms)
        view = self._tx_view if buf is self._tx else memoryview(buf)
        pack_into("<I", buf, end, crc32(view[_BODY:end]))
        return cobs.encode(buf, end + 4)

    def _nak(self, reason: int):
        aside = self._aside
        aside[PAYLOAD] = reason
        self._port.write(aside, self._seal(aside, _NAK, PAYLOAD + 1, self._seq, self._t_ms))

    def _forget(self, session: int):
        """Leave what went on before, outputs safe; `session` is the new one, -1 for none."""
        self.device.drop()
        self._session = session
        self._seq = 0xFFFF
        self._t_ms = 0
        self._crc = -1
