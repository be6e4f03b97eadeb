"""What the bench's requests do: payloads in and out (docs/link.md), one scan for a STEP."""

from struct import pack_into, unpack_from

from micropython import const

from ..control.ticks import MASK, elapsed
from ..link import answers
from ..link.protocol import BYE, NEEDS_RESET, NO_FIT, OTHER_TABLE, PAYLOAD
from ..pace import Pace
from ..ports.ram import Ram
from ..scan import Scan
from .pins import Pins

_DESCRIBE = const(0x44)
_RESET = const(0x52)
_STEP = const(0x53)
_WRITE = const(0x57)
_LOG = const(0x4C)
_IMAGE = const(0x49)
_PUT = const(0x50)
_POLL = const(0x51)

_FREE_RUN = const(1)  # flag of RESET
_RESET_SIZE = const(14)  # before settings and storage image
# Own: how long it may take to notice that a free run began; the first scan needs no notice.
_IDLE_MS = const(100)
_LEASE_MS = const(2000)  # of real outputs that follow the bench, after a STEP; own: as in scan.py


class Device:
    """The device side of bench sessions: `build(profile, pins, port, medium)` makes a `Scan` at every RESET.

    `modes` (modes.py) reads the profile, has identity and heap; `real` are the board's own pins, if any.
    """

    def __init__(self, modes, port, build, real=None):
        self.scan: Scan | None = None  # from RESET on
        self._service = modes.service
        self._heap = modes.heap
        self._profile = modes.profile
        self._identity = modes.identity
        self._port = port
        self._build = build
        profile = modes.profile()
        self._real = real if profile.get("bench_passthrough") else None
        self.pins = Pins(profile, self._real)
        self._entry = [0, 0, 0]
        self._medium = Ram()
        self._put_size = 0  # bytes of the next storage image that are there
        self._free_run = False
        self._ticking = False  # a free run, from its first STEP on
        self._pace = Pace(port, profile["scan_ms"])
        self._stepped_ms = 0  # the port's clock at the last STEP

    def greet(self, buf: bytearray, at: int) -> int:
        """Write HELLO's reply to `buf[at:]`; its end."""
        return self._identity.put(buf, at)

    def execute(self, kind: int, t_ms: int, rx: bytearray, at: int, size: int, tx: bytearray) -> int:
        """Do what `rx[at:at + size]` asks; the end of the reply's payload in `tx`, or minus a NAK's reason.

        A request that is refused leaves `tx` untouched.
        """
        if kind == _DESCRIBE:
            return self._describe(rx, at, tx) if size == 2 else -NO_FIT
        if kind == _RESET:
            return self._reset(rx, at, size)
        if kind == _PUT:
            return self._put(rx, at, size)
        if kind == BYE:
            return PAYLOAD if size == 0 else -NO_FIT
        scan = self.scan
        if kind not in (_STEP, _WRITE, _LOG, _IMAGE):
            return self._service.look(scan, kind, rx, at, size, tx)
        if scan is None:
            return -NEEDS_RESET
        if kind == _STEP:
            return self._step(scan, t_ms, rx, at, tx) if self._fits(rx, at, size) else -NO_FIT
        if kind == _WRITE:
            return _write(scan, rx, at, tx) if size == 6 else -NO_FIT
        if kind == _IMAGE:
            return self._image(rx, at, tx) if size == 2 else -NO_FIT
        return answers.log_page(scan.log, rx[at], self._entry, tx) if size == 1 else -NO_FIT

    def stamp(self, kind: int, t_ms: int) -> int:
        """The control time of a reply: POLL's, and in a free run STEP's, is the last scan's."""
        own = kind == _POLL or (kind == _STEP and self._free_run)
        return self.scan.now_ms if own and self.scan else t_ms

    def tidy(self, kind: int):
        """What follows a scan, once the reply to a request is on its way: storage, collection."""
        scan = self.scan
        if kind == _STEP and scan and not self._free_run:
            scan.keep()
            self._heap.tidy()
        else:
            self._heap.check()

    def safe(self):
        if self.scan:
            self.scan.safe()

    def drop(self):
        """Outputs safe, no controller."""
        self._service.drop()
        self.safe()
        self.scan = None
        self._put_size = 0
        self._free_run = self._ticking = False
        self._port.collect()

    def wait_ms(self) -> int:
        """How long `tick()` may wait."""
        return self._pace.wait_ms() if self._ticking else _IDLE_MS

    def tick(self):
        """Free run: a scan when a period has passed; when several have, one that stands for all."""
        scan = self.scan
        if self._real and elapsed(self._port.ticks_ms(), self._stepped_ms) > _LEASE_MS:
            self._real.safe()
        if scan is None or not self._ticking:
            return
        passed = self._pace.passed_ms()
        if passed:
            self._heap.weigh()
            scan.run((scan.now_ms + passed) & MASK)
            scan.keep()
            self._heap.tidy()

    def _describe(self, rx: bytearray, at: int, tx: bytearray) -> int:
        first = unpack_from("<H", rx, at)[0]
        return self._identity.table.page(first, tx, PAYLOAD, answers.PAGE_END)

    def _reset(self, rx: bytearray, at: int, size: int) -> int:
        """The storage image is what PUT has brought, and the rest of the payload after it."""
        put_size = self._put_size
        self._put_size = 0
        if size < _RESET_SIZE:
            return -NO_FIT
        _, _, flags, table_crc, changes = unpack_from("<IIBIB", rx, at)
        if table_crc != self._identity.table_crc:
            return -OTHER_TABLE
        image = _RESET_SIZE + 6 * changes
        if image > size:
            return -NO_FIT
        self.drop()
        if not put_size:
            self._blank()
        if put_size + size - image > self._medium.size:
            return -NO_FIT
        self._medium.write(put_size, memoryview(rx)[at + image : at + size])
        profile = self._profile()
        self.pins = Pins(profile, self._real)
        self._port.collect()
        scan = self._build(profile, self.pins, self._port, self._medium)
        for change in range(at + _RESET_SIZE, at + image, 6):
            identity, raw = unpack_from("<Hi", rx, change)
            if scan.settings.put(identity, raw):
                return -NO_FIT
        if scan.settings.contradiction() >= 0:
            return -NO_FIT
        self._heap.begin()
        self.scan = scan
        self._free_run = flags & _FREE_RUN != 0
        return PAYLOAD

    def _put(self, rx: bytearray, at: int, size: int) -> int:
        """Take the next piece of a storage image; the first ends the run, whose storage it replaces."""
        if size < 2:
            return -NO_FIT
        first = unpack_from("<H", rx, at)[0]
        size -= 2
        if first not in (0, self._put_size) or first + size > self._medium.size:
            return -NO_FIT
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
        size = min(answers.PAGE_END - begin, max(0, medium.size - first))
        pack_into("<HH", tx, PAYLOAD, first, medium.size)
        medium.read(first, memoryview(tx)[begin : begin + size])
        return begin + size

    def _fits(self, rx: bytearray, at: int, size: int) -> bool:
        """A STEP's payload has the size of the inputs, and of what the meter's line brings."""
        ins = self.pins.raw.ins
        if self.pins.line is None:
            return size == ins
        return size > ins and size == ins + 1 + rx[at + ins]

    def _step(self, scan: Scan, t_ms: int, rx: bytearray, at: int, tx: bytearray) -> int:
        pins = self.pins
        self._stepped_ms = self._port.ticks_ms()
        self._heap.weigh()
        pins.load(rx, at)
        line = pins.line
        if line:
            at += pins.raw.ins
            line.came += bytes(rx[at + 1 : at + 1 + rx[at]])
        if not self._free_run:
            scan.run(t_ms)
        elif self._ticking:
            scan.expire((scan.now_ms + self._pace.since_ms()) & MASK)
        else:
            self._ticking = True
            self._pace.start()
            scan.run(t_ms)
        at = answers.put_status(scan, self._heap, tx)
        pins.store(tx, at)
        at = answers.put_points(scan, tx, at + pins.raw.outs)
        if line:
            at = answers.put_text(tx, at, line.said)
            line.said = b""
        return at


def _write(scan: Scan, rx: bytearray, at: int, tx: bytearray) -> int:
    identity, raw = unpack_from("<Hi", rx, at)
    tx[PAYLOAD] = scan.write(identity, raw, True)
    return PAYLOAD + 1
