"""The device's side of docs/link.md: frames in, one scan a STEP, replies out; each request executed exactly once."""

from binascii import crc32
from struct import pack_into, unpack_from

from micropython import const

from ..control.ticks import MASK, elapsed
from ..decisions import text
from . import cobs, describe
from .pins import Pins

_VERSION = const(0x31)
_MAX_BODY = const(1024)
_OVERHEAD = const(13)  # type, session, seq, t_ms and CRC
_HEAD = const(9)
_BODY = const(2)  # where a frame's body starts in a transmit buffer
_PAYLOAD = const(_BODY + _HEAD)
_FRAME = const(_MAX_BODY + 8)  # with delimiters and code bytes
_HELLO_FRAME = const(256)

_HELLO = const(0x48)
_DESCRIBE = const(0x44)
_RESET = const(0x52)
_STEP = const(0x53)
_WRITE = const(0x57)
_LOG = const(0x4C)
_BYE = const(0x42)
_NAK = const(0xCE)
_FAULT = const(0xC6)

_DAMAGED = const(1)
_OTHER_REQUEST = const(2)
_UNKNOWN_TYPE = const(3)
_NO_FIT = const(4)
_OTHER_SESSION = const(5)
_NEEDS_RESET = const(6)
_REFUSED = const(7)
_OTHER_TABLE = const(8)

_FREE_RUN = const(1)
_FIRST_SETTING = const(0x4000)
_LONGEST_NAME = const(48)  # of HELLO; own: four of them fit its buffer
_LONGEST_LINE = const(120)  # of LOG; own
_LOG_ENTRY = const(11)
_RESET_SIZE = const(14)  # before settings and storage image
_DEAD_MAN_MS = const(60_000)
_IDLE_MS = const(100)  # own: how long free-run may take to begin


class Link:
    """`build(profile, pins, port)` makes the controller, anew with every RESET, as `scan`."""

    def __init__(self, profile: dict, port, build, version: str):
        self._profile = profile
        self._port = port
        self._build = build
        self._texts = version, port.name, profile["board"], profile["machine"]
        self.scan_ms = profile["scan_ms"]
        self._rx = bytearray(2 * _FRAME)
        self._rx_view = memoryview(self._rx)
        self._fill = 0
        self._tx = bytearray(_FRAME)  # the last reply, kept
        self._tx_view = memoryview(self._tx)
        self._tx_size = 0
        self._aside = bytearray(_HELLO_FRAME)  # what must not replace it: NAK, HELLO's reply
        self._entry = [0, 0, 0]
        self._session = -1
        self._seq = self._t_ms = 0  # last executed
        self._crc = -1  # of the request last executed; -1: none in this session
        self._heard_ms = 0
        self._table_crc, self._entries = describe.summary(profile)
        self.pins = Pins(profile)
        self.scan = None
        self.alive = True  # until BYE
        self._free_run = False
        self._ticking = False  # free-run, from the first STEP on
        self._ticked_ms = 0  # the port's clock at the last scan of a free run

    def space(self, most: int):
        """Where the next received bytes belong, at most `most` of them; report them with `received()`."""
        fill = self._fill
        if fill == 0 and most >= len(self._rx):
            return self._rx_view
        return self._rx_view[fill : min(fill + most, len(self._rx))]

    def feed(self, data: bytes):
        """Take received bytes from anywhere."""
        for start in range(0, len(data), _MAX_BODY):
            piece = data[start : start + _MAX_BODY]
            self._rx[self._fill : self._fill + len(piece)] = piece
            self.received(len(piece))

    def received(self, n: int):
        """`n` bytes have been put into `space()`: act on every frame that is complete."""
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
            start = end + 1
        rest = fill - start
        if rest > _FRAME:  # longer than any frame: the next zero completes a damaged one
            rest = 1
        if start and rest:
            rx[0:rest] = rx[start : start + rest]
        self._fill = rest
        if damaged and not answered:
            self._nak(_DAMAGED)

    def expire(self):
        """The dead-man: to be called about once a second."""
        if self._session >= 0 and elapsed(self._port.ticks_ms(), self._heard_ms) > _DEAD_MAN_MS:
            self._forget(-1)

    def wait_ms(self) -> int:
        """How long `tick()` may wait."""
        if not self._ticking:
            return _IDLE_MS
        return max(0, self.scan_ms - elapsed(self._port.ticks_ms(), self._ticked_ms))

    def tick(self):
        """Free-run: one scan for the period that has passed, if it has; for several, one that counts for all."""
        if not self._ticking:
            return
        periods = elapsed(self._port.ticks_ms(), self._ticked_ms) // self.scan_ms
        if periods:
            passed = periods * self.scan_ms
            self._ticked_ms += passed
            self.scan.run((self.scan.now_ms + passed) & MASK)
            self.scan.heap.tidy()

    def fault(self, text: str):
        """An exception nobody caught: outputs safe, and the host is told."""
        if self.scan:
            self.scan.safe()
        said = text.encode()[-(_MAX_BODY - _OVERHEAD) :]
        self._tx[_PAYLOAD : _PAYLOAD + len(said)] = said
        size = self._seal(self._tx, _FAULT, _PAYLOAD + len(said), self._seq, self._t_ms)
        self._port.write(self._tx, size)

    def _frame(self, start: int, end: int) -> bool:
        """Decode and act; False if the frame is damaged."""
        rx = self._rx
        end = cobs.decode(rx, start, end)
        start += 1
        size = end - start
        if not _OVERHEAD <= size <= _MAX_BODY:
            return False
        crc = crc32(self._rx_view[start : end - 4])
        if crc != unpack_from("<I", rx, end - 4)[0]:
            return False
        self._heard_ms = self._port.ticks_ms()
        kind, session, seq, t_ms = unpack_from("<BHHI", rx, start)
        if kind == _HELLO:
            self._hello(session, seq, t_ms, size - _OVERHEAD)
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

    def _request(self, kind: int, seq: int, t_ms: int, at: int, size: int, crc: int):
        """Execute, unless it is refused, and keep the reply."""
        if kind == _STEP:
            result = self._step(t_ms, at, size)
        elif kind == _WRITE:
            result = self._write(at, size)
        elif kind == _LOG:
            result = self._log(at, size)
        elif kind == _DESCRIBE:
            result = self._describe(at, size)
        elif kind == _RESET:
            result = self._reset(at, size)
        elif kind == _BYE:
            result = _PAYLOAD if size == 0 else -_NO_FIT
        else:
            result = -_UNKNOWN_TYPE
        if result < 0:
            self._nak(-result)
            return
        self._seq = seq
        self._t_ms = self.scan.now_ms if kind == _STEP and self._ticking else t_ms
        self._crc = crc
        self._tx_size = self._seal(self._tx, kind | 0x80, result, seq, self._t_ms)
        self._port.write(self._tx, self._tx_size)
        if self.scan:
            self.scan.heap.tidy()
        if kind == _BYE:
            self._forget(-1)
            self.alive = False

    def _seal(self, buf: bytearray, kind: int, end: int, seq: int, t_ms: int) -> int:
        """Head and CRC around the payload `buf[_PAYLOAD:end]`, stuffed; the frame's size."""
        pack_into("<BHHI", buf, _BODY, kind, max(self._session, 0), seq, t_ms)
        view = self._tx_view if buf is self._tx else memoryview(buf)
        pack_into("<I", buf, end, crc32(view[_BODY:end]))
        return cobs.encode(buf, end + 4)

    def _nak(self, reason: int):
        aside = self._aside
        aside[_PAYLOAD] = reason
        self._port.write(aside, self._seal(aside, _NAK, _PAYLOAD + 1, self._seq, self._t_ms))

    def _hello(self, session: int, seq: int, t_ms: int, size: int):
        if self._port.wired:
            self._nak(_REFUSED)
            return
        if size != 1:
            self._nak(_NO_FIT)
            return
        if session != self._session:
            self._forget(session)
        aside = self._aside
        pack_into("<BIHH", aside, _PAYLOAD, _VERSION, self._table_crc, self._entries, self.scan_ms)
        at = _PAYLOAD + 9
        for name in self._texts:
            at = _put_text(aside, at, name.encode()[:_LONGEST_NAME])
        self._port.write(aside, self._seal(aside, _HELLO | 0x80, at, seq, t_ms))

    def _forget(self, session: int):
        """Leave whatever went on before, outputs safe."""
        if self.scan:
            self.scan.safe()
        self.scan = None
        self._ticking = self._free_run = False
        self._session = session
        self._seq = 0xFFFF
        self._t_ms = 0
        self._crc = -1
        self._port.collect()

    def _describe(self, at: int, size: int) -> int:
        if size != 2:
            return -_NO_FIT
        self._port.collect()
        first = unpack_from("<H", self._rx, at)[0]
        return describe.page(self._profile, first, self._tx, _PAYLOAD, _BODY + _MAX_BODY - 4)

    def _reset(self, at: int, size: int) -> int:
        """The storage image must be empty: this firmware keeps nothing in storage."""
        if size < _RESET_SIZE:
            return -_NO_FIT
        _, _, flags, table_crc, changes = unpack_from("<IIBIB", self._rx, at)
        if table_crc != self._table_crc:
            return -_OTHER_TABLE
        if size != _RESET_SIZE + 6 * changes:
            return -_NO_FIT
        session, seq, t_ms, crc = self._session, self._seq, self._t_ms, self._crc
        self._forget(session)
        self._seq, self._t_ms, self._crc = seq, t_ms, crc
        self.pins = Pins(self._profile)
        scan = self._build(self._profile, self.pins, self._port)
        for place in range(changes):
            identity, raw = unpack_from("<Hi", self._rx, at + _RESET_SIZE + 6 * place)
            if scan.settings.set_raw(identity, raw):
                return -_NO_FIT
        self.scan = scan
        self._free_run = flags & _FREE_RUN != 0
        return _PAYLOAD

    def _step(self, t_ms: int, at: int, size: int) -> int:
        scan = self.scan
        if scan is None:
            return -_NEEDS_RESET
        if size != self.pins.in_size:
            return -_NO_FIT
        self.pins.load(self._rx, at)
        if not self._free_run:
            scan.run(t_ms)
        elif not self._ticking:
            self._ticking = True
            self._ticked_ms = self._port.ticks_ms()
            scan.run(t_ms)
        else:
            scan.expire((scan.now_ms + elapsed(self._port.ticks_ms(), self._ticked_ms)) & MASK)
        tx = self._tx
        pending = scan.log.pending()
        pack_into(
            "<IIHH", tx, _PAYLOAD, scan.scan_us, scan.heap.free, scan.heap.collections & 0xFFFF, pending
        )
        at = _PAYLOAD + 12
        self.pins.store(tx, at)
        at += self.pins.out_size
        image = scan.points.image
        tx[at : at + len(image)] = image
        return at + len(image)

    def _write(self, at: int, size: int) -> int:
        if self.scan is None:
            return -_NEEDS_RESET
        if size != 6:
            return -_NO_FIT
        identity, raw = unpack_from("<Hi", self._rx, at)
        table = self.scan.settings.set_raw if identity >= _FIRST_SETTING else self.scan.points.write
        self._tx[_PAYLOAD] = table(identity, raw)
        return _PAYLOAD + 1

    def _log(self, at: int, size: int) -> int:
        if self.scan is None:
            return -_NEEDS_RESET
        if size != 1:
            return -_NO_FIT
        most = self._rx[at]
        tx = self._tx
        log = self.scan.log
        entry = self._entry
        count = 0
        at = _PAYLOAD + 1
        while (
            count < most and at + _LOG_ENTRY + _LONGEST_LINE <= _BODY + _MAX_BODY - 4 and log.pop_into(entry)
        ):
            pack_into("<IHi", tx, at, entry[0], entry[1], entry[2])
            said = text(entry[1], entry[2]).encode()[:_LONGEST_LINE]
            at = _put_text(tx, at + _LOG_ENTRY - 1, said)
            count += 1
        tx[_PAYLOAD] = count
        return at


def _put_text(buf: bytearray, at: int, said: bytes) -> int:
    """A length byte and `said` at `buf[at:]`; their end."""
    buf[at] = len(said)
    buf[at + 1 : at + 1 + len(said)] = said
    return at + 1 + len(said)
