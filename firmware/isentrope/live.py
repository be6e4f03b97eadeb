"""The controller on the board's own pins and clock."""

from micropython import const

from .control.ticks import MASK
from .pace import Pace
from .selftest import SelfTest

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
        self._stack = 0  # the most that was in use, as often as the timer looked
        self._test = SelfTest(port, scan, heap)

    def begin(self):
        """The firmware's files, the watchdog, the lease and the first scan."""
        self._test.whole()
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
        """The timer's: the outputs' lease ends when no scan renews it.

        It comes in between whatever runs, so the stack it finds is a sample of what the scan takes.
        """
        used = self._port.stack()
        if used > self._stack:
            self._stack = used
        if self.scan:
            self.scan.expire((self.scan.now_ms + self._pace.since_ms()) & MASK)

    def leave(self):
        """No more scans; outputs safe."""
        if self._timer:
            self._timer.deinit()
        self.scan.safe()

    def drop(self):
        """Leave, and give up the controller: the scheduler still knows the timer, and so whatever is here."""
        self.leave()
        self.scan = None
        del self._test

    def _scan(self, passed: int):
        self._heap.weigh()
        self.scan.run((self.scan.now_ms + passed) & MASK)
        self.scan.keep()
        self._test.step(self.scan.now_ms, self._stack)
        self._heap.tidy(self.scan.scan_us)
        self._port.feed()
