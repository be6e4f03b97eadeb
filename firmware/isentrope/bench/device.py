"""What the bench's requests do: payloads in and out (docs/link.md), one scan for a STEP."""

from struct import pack_into, unpack_from

from micropython import const

# Loaded now: the first alarm's text must not take heap in the middle of a run.
from .. import alarm_texts  # noqa: F401
from ..control.ticks import MASK, elapsed
from ..decisions import Log, text
from ..heap import Heap
from ..link import describe
from ..link.protocol import PAYLOAD
from ..ports.ram import Ram
from ..scan import Scan
from .pins import Pins

_VERSION = const(0x31)
_DESCRIBE = const(0x44)
_RESET = const(0x52)
_STEP = const(0x53)
_WRITE = const(0x57)
_LOG = const(0x4C)
_IMAGE = const(0x49)
_PUT = const(0x50)
_BYE = const(0x42)

_UNKNOWN_TYPE = const(-3)
_NO_FIT = const(-4)
_NEEDS_RESET = const(-6)
_OTHER_TABLE = const(-8)

_FREE_RUN = const(1)  # flag of RESET
_RESET_SIZE = const(14)  # before settings and storage image
_LONGEST_NAME = const(48)  # of HELLO; own: four of them fit its buffer
_LONGEST_LINE = const(120)  # of LOG; own: one entry fits a page at least
_LOG_ENTRY = const(11)
# Where a page of DESCRIBE, LOG or IMAGE ends, 200 bytes after PAYLOAD; own: at 1 % of bytes damaged one frame
# of 220 bytes in ten still arrives whole, one of 1000 bytes in thirty thousand.
_PAGE_END = const(211)
# Own: how long it may take to notice that a free run began; the first scan needs no notice.
_IDLE_MS = const(100)


class Device:
    """`build(profile, pins, port, medium)` makes a controller as a `Scan`, at every RESET."""

    def __init__(self, profile: dict, port, build, version: str):
        self.scan_ms = profile["scan_ms"]
        self.pins = Pins(profile)
        self.heap = Heap(port)
        self.scan: Scan | None = None  # from RESET on
        self._profile = profile
        self._port = port
        self._build = build
        self._names = version, port.name, profile["board"], profile["machine"]
        self._table_crc, self._entries = describe.summary(profile)
        self._entry = [0, 0, 0]
        self._medium = Ram()
        self._put_size = 0  # bytes of the next storage image that are there
        self._free_run = False
        self._ticking = False  # a free run, from its first STEP on
        self._ticked_ms = 0  # the port's clock at its last scan

    def hello(self, buf: bytearray, at: int) -> int:
        """Write HELLO's reply to `buf[at:]`; its end."""
        pack_into("<BIHH", buf, at, _VERSION, self._table_crc, self._entries, self.scan_ms)
        at += 9
        for name in self._names:
            at = _put_text(buf, at, name.encode()[:_LONGEST_NAME])
        return at

    def execute(self, kind: int, t_ms: int, rx: bytearray, at: int, size: int, tx: bytearray) -> int:
        """Do what `rx[at:at + size]` asks; the end of the reply's payload in `tx`, or minus a NAK's reason.

        A request that is refused leaves `tx` untouched.
        """
        if kind == _DESCRIBE:
            return self._describe(rx, at, tx) if size == 2 else _NO_FIT
        if kind == _RESET:
            return self._reset(rx, at, size)
        if kind == _PUT:
            return self._put(rx, at, size)
        if kind == _BYE:
            return PAYLOAD if size == 0 else _NO_FIT
        if kind not in (_STEP, _WRITE, _LOG, _IMAGE):
            return _UNKNOWN_TYPE
        scan = self.scan
        if scan is None:
            return _NEEDS_RESET
        if kind == _STEP:
            return self._step(scan, t_ms, rx, at, tx) if size == self.pins.in_size else _NO_FIT
        if kind == _WRITE:
            return _write(scan, rx, at, tx) if size == 6 else _NO_FIT
        if kind == _IMAGE:
            return self._image(rx, at, tx) if size == 2 else _NO_FIT
        return self._log(scan.log, rx[at], tx) if size == 1 else _NO_FIT

    def stamp(self, t_ms: int) -> int:
        """The control time of a STEP's reply: the last scan's."""
        return self.scan.now_ms if self.scan and self._free_run else t_ms

    def tidy(self, kind: int):
        """What follows a scan, once the reply to a request is on its way: storage, collection."""
        scan = self.scan
        if kind == _STEP and scan and not self._free_run:
            scan.keep()
            self.heap.tidy()
        else:
            self.heap.check()

    def safe(self):
        if self.scan:
            self.scan.safe()

    def fault(self):
        """An exception that nobody caught: outputs safe, and the event log keeps it."""
        self.safe()
        if self.scan:
            self.scan.storage.fault()

    def drop(self):
        """Outputs safe, no controller."""
        self.safe()
        self.scan = None
        self._put_size = 0
        self._free_run = self._ticking = False
        self._port.collect()

    def wait_ms(self) -> int:
        """How long `tick()` may wait."""
        if not self._ticking:
            return _IDLE_MS
        return max(0, self.scan_ms - elapsed(self._port.ticks_ms(), self._ticked_ms))

    def tick(self):
        """Free run: a scan when a period has passed; when several have, one that stands for all."""
        scan = self.scan
        if scan is None or not self._ticking:
            return
        periods = elapsed(self._port.ticks_ms(), self._ticked_ms) // self.scan_ms
        if periods:
            passed = periods * self.scan_ms
            self._ticked_ms = (self._ticked_ms + passed) & MASK
            scan.run((scan.now_ms + passed) & MASK)
            scan.keep()
            self.heap.tidy()

    def _describe(self, rx: bytearray, at: int, tx: bytearray) -> int:
        self._port.collect()
        first = unpack_from("<H", rx, at)[0]
        return describe.page(self._profile, first, tx, PAYLOAD, _PAGE_END)

    def _reset(self, rx: bytearray, at: int, size: int) -> int:
        """The storage image is what PUT has brought, and the rest of the payload after it."""
        put_size = self._put_size
        self._put_size = 0
        if size < _RESET_SIZE:
            return _NO_FIT
        _, _, flags, table_crc, changes = unpack_from("<IIBIB", rx, at)
        if table_crc != self._table_crc:
            return _OTHER_TABLE
        image = _RESET_SIZE + 6 * changes
        if image > size:
            return _NO_FIT
        self.drop()
        if not put_size:
            self._blank()
        if put_size + size - image > self._medium.size:
            return _NO_FIT
        self._medium.write(put_size, memoryview(rx)[at + image : at + size])
        self.pins = Pins(self._profile)
        scan = self._build(self._profile, self.pins, self._port, self._medium)
        for change in range(at + _RESET_SIZE, at + image, 6):
            identity, raw = unpack_from("<Hi", rx, change)
            if scan.settings.set_raw(identity, raw):
                return _NO_FIT
        self.heap.begin()
        self.scan = scan
        self._free_run = flags & _FREE_RUN != 0
        return PAYLOAD

    def _put(self, rx: bytearray, at: int, size: int) -> int:
        """Take the next piece of a storage image; the first ends the run, whose storage it replaces."""
        if size < 2:
            return _NO_FIT
        first = unpack_from("<H", rx, at)[0]
        size -= 2
        if first not in (0, self._put_size) or first + size > self._medium.size:
            return _NO_FIT
        if first == 0:
            self.drop()
            self._blank()
        self._medium.write(first, memoryview(rx)[at + 2 : at + 2 + size])
        self._put_size = first + size
        return PAYLOAD

    def _blank(self):
        for at in range(0, self._medium.size, self._medium.sector):
            self._medium.erase(at)

    def _image(self, rx: bytearray, at: int, tx: bytearray) -> int:
        """A page of the storage as it is now."""
        medium = self._medium
        first = unpack_from("<H", rx, at)[0]
        begin = PAYLOAD + 4
        size = min(_PAGE_END - begin, max(0, medium.size - first))
        pack_into("<HH", tx, PAYLOAD, first, medium.size)
        medium.read(first, memoryview(tx)[begin : begin + size])
        return begin + size

    def _step(self, scan: Scan, t_ms: int, rx: bytearray, at: int, tx: bytearray) -> int:
        pins = self.pins
        pins.load(rx, at)
        if not self._free_run:
            scan.run(t_ms)
        elif self._ticking:
            scan.expire((scan.now_ms + elapsed(self._port.ticks_ms(), self._ticked_ms)) & MASK)
        else:
            self._ticking = True
            self._ticked_ms = self._port.ticks_ms()
            scan.run(t_ms)
        heap = self.heap
        collections = heap.collections & 0xFFFF
        pack_into("<IIHH", tx, PAYLOAD, scan.scan_us, heap.free, collections, scan.log.pending())
        pins.store(tx, PAYLOAD + 12)
        at = PAYLOAD + 12 + pins.out_size
        image = scan.points.image
        end = at + len(image)
        tx[at:end] = image
        return end

    def _log(self, log: Log, most: int, tx: bytearray) -> int:
        entry = self._entry
        count = 0
        at = PAYLOAD + 1
        while count < most and at + _LOG_ENTRY + _LONGEST_LINE <= _PAGE_END and log.pop_into(entry):
            stamp, code, value = entry
            pack_into("<IHi", tx, at, stamp, code, value)
            at = _put_text(tx, at + _LOG_ENTRY - 1, text(code, value).encode()[:_LONGEST_LINE])
            count += 1
        tx[PAYLOAD] = count
        return at


def _write(scan: Scan, rx: bytearray, at: int, tx: bytearray) -> int:
    identity, raw = unpack_from("<Hi", rx, at)
    tx[PAYLOAD] = scan.write(identity, raw)
    return PAYLOAD + 1


def _put_text(buf: bytearray, at: int, said: bytes) -> int:
    """A length byte and `said` at `buf[at:]`; their end."""
    buf[at] = len(said)
    buf[at + 1 : at + 1 + len(said)] = said
    return at + 1 + len(said)
