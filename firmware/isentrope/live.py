"""The controller on the board's own pins and clock."""

from micropython import const

from .control.ticks import MASK
from .pace import Pace

_LOOK_MS = const(250)  # between two looks at the outputs' lease; own: an eighth of it


class Live:
    """One scan every `scan_ms` from `begin()` on; control time counts from there.

    The scan alone feeds the watchdog. The end of the outputs' lease is seen by a timer of the port, which
    runs when the main program hangs in Python; where it hangs in C, the watchdog's reset makes outputs safe.
    """

    def __init__(self, scan, heap, port, scan_ms: int):
        self.scan = scan
        self._heap = heap
        self._port = port
        self._pace = Pace(port, scan_ms)
        self._timer = None

    def begin(self):
        """The watchdog, the lease and the first scan."""
        self._port.watch()
        self._timer = self._port.every(_LOOK_MS, self.expire)
        self._heap.begin()
        self._pace.start()
        self._scan(0)

    def wait_ms(self) -> int:
        """How long `tick()` may wait."""
        return self._pace.wait_ms()

    def tick(self):
        """A scan when a period has passed; when several have, one that stands for all."""
        passed = self._pace.passed_ms()
        if passed:
            self._scan(passed)

    def expire(self, _=None):
        """The timer's: the outputs' lease ends when no scan renews it."""
        if self.scan:
            self.scan.expire((self.scan.now_ms + self._pace.since_ms()) & MASK)

    def leave(self):
        """No more scans; outputs safe."""
        if self._timer:
            self._timer.deinit()
        self.scan.safe()

    def _scan(self, passed: int):
        self._heap.weigh()
        self.scan.run((self.scan.now_ms + passed) & MASK)
        self.scan.keep()
        self._heap.tidy(self.scan.scan_us)
        self._port.feed()
