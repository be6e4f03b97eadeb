"""What the firmware is doing: live on its own pins, on the bench, or safe because it cannot."""

from micropython import const

from . import settings as s
from .link.protocol import ATTACH, NO_PROFILE, REFUSED, RUNNING, UNKNOWN_TYPE
from .link.service import Service

_IDLE_MS = const(100)


class Modes:
    """`live`: the controller on the board's pins, if there is one. `why`: the reason if there cannot be.

    `build` is app.build, for the bench's controllers; `identity` says who answers (link/answers.py).
    `profile()` reads the profile, which takes more heap than the controller. None: there is no good one.
    """

    def __init__(self, port, heap, identity, profile, build, live=None, why=""):
        self.identity = identity
        self.heap = heap
        self.profile = profile
        self.live = live
        self.why = why
        self.bench = None  # its device, from the first HELLO on
        self.lasting = live is not None or why != ""  # sessions come and go; else the first one is all
        self._port = port
        self._build = build
        self.service = Service(self)  # of ATTACH sessions

    @property
    def scan(self):
        """The controller's, live or on the bench; None without one."""
        runs = self.live or self.bench
        return runs.scan if runs else None

    def open(self, kind: int):
        """The device of a new session, or minus the reason of its refusal."""
        if kind == ATTACH:
            return self.service
        if self.bench is None:
            refusal = self._refusal() or self._seize()
            if refusal:
                return -refusal
        return self.bench

    def begin(self):
        """Start: the first scan, or the watchdog that the link feeds."""
        if self.live:
            self.live.begin()
        else:
            self._port.watch()

    def wait_ms(self) -> int:
        """How long `tick()` may wait."""
        runs = self.live or self.bench
        return runs.wait_ms() if runs else _IDLE_MS

    def tick(self):
        """A scan if one is due."""
        runs = self.live or self.bench
        if runs:
            runs.tick()

    def feed(self, silent: bool):
        """About once a second: where no scan feeds the watchdog the link does, on a bench while it hears."""
        if self.live is None and not (self.bench and silent):
            self._port.feed()

    def safe(self):
        """Every output in its safe state, and no more scans."""
        if self.live:
            self.live.leave()
        elif self.bench:
            self.bench.safe()

    def fault(self):
        """An exception that nobody caught: outputs safe, and the event log keeps it."""
        self.safe()
        runs = self.live or self.bench
        if runs and runs.scan:
            runs.scan.storage.fault()

    def maintain(self):
        """Outputs safe, and a reset into maintenance."""
        self.safe()
        self._port.maintain()

    def _refusal(self) -> int:
        """Why the bench cannot have this board; 0: it can."""
        if self.profile is None:
            return NO_PROFILE
        if self.live:
            v = self.live.scan.settings.v
            if v[s.COMMISSIONED] and not v[s.BENCH_ENABLE]:
                return REFUSED
            if not self.live.scan.off:
                return RUNNING
        return 0

    def _seize(self) -> int:
        """Drop the live controller for a bench device; a NAK's reason where the firmware has none."""
        try:
            from .bench.device import Device
        except ImportError:
            return UNKNOWN_TYPE
        pins = None
        if self.live:
            pins = self.live.scan.pins
            self.live.drop()
            self.live = None
            pins.pulses.abort()  # its hardware must not step on out of memory that is given back
        self.heap.collect()
        self.bench = Device(self, self._port, self._build, pins)
        return 0
