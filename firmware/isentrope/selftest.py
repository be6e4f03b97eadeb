"""What a live controller checks of itself, a slice after every scan (practice of IEC 60730 Class B).

Firmware files against their checksums, the scan's clock against a second one, heap and stack at their worst,
outputs against what comes back of them. docs/control.md says what is not checked.
"""

import sys
from binascii import crc32

from micropython import const

from . import alarms as a
from . import ledger as counters
from .control.ticks import elapsed

_MANIFEST = "/MANIFEST.crc"  # a line "crc32 size path" a file (hil/isentrope_hil/deploy/tree.py)
_SLICE = const(256)  # bytes a scan; own: 0.1 ms, all files in some four minutes
_FILES = const(400)  # more than any firmware has: no loop without a bound
_FEW = const(8)  # between two collections; own
_PIECES = const(64)  # slices between two collections: they leave 4 KB; own
_WINDOW_S = const(60)  # own
_SLACK_MS = const(2000)  # the second clock counts whole seconds
_SLACK_PART = const(20)  # 5 %: the oscillator of an ESP32's RTC (data sheet) is that bad
_WINDOWS = const(3)  # in a row; own: who sets the second clock spoils one
_SCANS = const(3)  # in a row; own: a bus may lose a transfer
_LOW_HEAP = const(12_288)  # own: three quarters of what has to be free after a collection (heap.py)


class SelfTest:
    """`files` were found sound at the start; 0: there are none to check, the firmware is in the image."""

    def __init__(self, port, scan, heap, folder=None):
        self._port = port
        self._scan = scan
        self._heap = heap
        self._folder = sys.path[0] if folder is None else folder
        self._buf = memoryview(bytearray(_SLICE))
        self._file = None
        self._at = 0  # of the manifest, where the next line begins
        self._crc = self._want = self._left = 0
        self._damaged = 0  # line of the manifest, from 1; 0: none so far
        self._line = 0
        self._second = -1  # second clock and scan's when the window began
        self._began_ms = 0
        self._off = 0  # windows in a row that differ
        self._astray = 0  # scans in a row
        self._collections = -1
        self._low = 65_535
        self._stack = 0
        self.files = 0

    def whole(self):
        """Every file once, before the first scan."""
        for _ in range(_FILES):
            if not self._next():
                break
            pieces = 0
            while self._file:
                self._slice(self._file)
                pieces += 1
                if pieces % _PIECES == 0:
                    self._port.collect()
            self.files += 1
            if self.files % _FEW == 0:
                self._port.collect()  # an open file takes a kilobyte, and nothing collects by itself
        if not self.files:
            self._folder = ""

    def step(self, now_ms: int, stack: int):
        """After a scan; `stack`: the most that was found in use, bytes."""
        if self._file is None:
            self._next()
        else:
            self._slice(self._file)
        self._judge(a.FIRMWARE_DAMAGED, now_ms, self._damaged != 0, self._damaged)
        self._clock(now_ms)
        self._memory(now_ms, stack)
        astray = self._scan.pins.astray()
        self._astray = self._astray + 1 if astray else 0
        if self._astray >= _SCANS or not astray:
            self._judge(a.OUTPUT_ASTRAY, now_ms, astray != 0, astray)

    def _judge(self, code: int, now_ms: int, bad: bool, value: int):
        alarms = self._scan.alarms
        if bad:
            alarms.raise_(code, now_ms, value, code == a.FIRMWARE_DAMAGED)
        elif alarms.is_active(code):
            alarms.clear(code, now_ms)

    def _next(self) -> bool:
        """Open the file of the manifest's next line; False at its end, after which it begins again."""
        if not self._folder:
            return False
        try:
            with open(self._folder + _MANIFEST, "rb") as manifest:
                manifest.seek(self._at)
                line = manifest.readline()
        except OSError:
            line = b""
        if not line:
            self._at = self._line = 0
            return False
        self._at += len(line)
        self._line += 1
        self._crc = 0
        try:
            crc, size, path = line.decode().strip().split(" ")
            self._want = int(crc, 16)
            self._left = int(size)
            self._file = open(self._folder + "/" + path, "rb")  # noqa: SIM115 - it stays open
        except (OSError, ValueError):
            self._damaged = self._line
        return True

    def _slice(self, file):
        """A piece of the open file; its end is judged."""
        try:
            n = file.readinto(self._buf)
        except OSError:
            n = 0
            self._left = -1
        if n:
            self._crc = crc32(self._buf[:n], self._crc)
            self._left -= n
        if not n or self._left < 0:
            file.close()
            self._file = None
            if self._left or self._crc != self._want:
                self._damaged = self._line

    def _clock(self, now_ms: int):
        """Both clocks over a minute."""
        second = self._port.seconds()
        passed = second - self._second
        if self._second >= 0 and 0 <= passed < _WINDOW_S:
            return
        if self._second >= 0:
            ran_ms = elapsed(now_ms, self._began_ms)
            off_ms = abs(ran_ms - passed * 1000) if 0 <= passed < 2 * _WINDOW_S else ran_ms + _SLACK_MS
            self._off = self._off + 1 if off_ms > _SLACK_MS + ran_ms // _SLACK_PART else 0
            self._judge(a.CLOCKS_DIFFER, now_ms, self._off >= _WINDOWS, off_ms)
        self._second = second
        self._began_ms = now_ms

    def _memory(self, now_ms: int, stack: int):
        """The worst of this start, in hundreds and tens of bytes, into the ledger."""
        ledger = self._scan.storage.ledger
        if self._heap.collections != self._collections:
            self._collections = self._heap.collections
            free = self._heap.free
            self._judge(a.MEMORY_LOW, now_ms, free < _LOW_HEAP, free)
            free = min(free // 100, 65_534)
            if free < self._low:
                self._low = free
                ledger.set(counters.HEAP_LOW, free)
        if stack > self._stack:
            self._stack = stack
            ledger.set(counters.STACK_HIGH, min(stack // 10, 65_534))
