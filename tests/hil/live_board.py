"""A live board in the test's own process: the firmware itself on pins in RAM, with a clock of the test's."""

from types import SimpleNamespace

from isentrope_hil import profile
from isentrope_hil.targets.cpython import Port

PROFILE = profile.build("pico-full", "ashp-r290-8kw")


class BoardPort(Port):
    """A board's, with a clock of the test's."""

    def __init__(self):
        super().__init__()
        self.now_ms = 0
        self.maintained = False

    def ticks_ms(self):
        return self.now_ms

    def watch(self):
        pass

    feed = watch

    def every(self, ms, callback):
        return SimpleNamespace(deinit=lambda: None)

    def maintain(self):
        self.maintained = True


class Board:
    """A live board as a stream; `why`: a reason for which it is not."""

    def __init__(self, imports, why=""):
        self.port = BoardPort()
        app, heap = imports.module("app"), imports.module("heap").Heap(self.port)
        read = None if why else lambda: PROFILE
        identity = imports.module("link.answers").Identity("9.9", "test", None if why else PROFILE, read)
        live = None
        if not why:
            self.pins = imports.module("bench.pins").Pins(PROFILE)
            self.scan = app.build(PROFILE, self.pins, self.port, imports.module("ports.ram").Ram())
            live = imports.module("live").Live(self.scan, heap, self.port, PROFILE["scan_ms"])
        modes = imports.module("modes").Modes
        self.modes = modes(self.port, heap, identity, read, app.build, live, why)
        self.link = imports.module("link.protocol").Link(self.modes, heap, self.port)
        self.modes.begin()

    def scans(self, n=1):
        for _ in range(n):
            self.port.now_ms += PROFILE["scan_ms"]
            self.modes.tick()

    def write(self, data):
        self.link.feed(data)

    def read(self, timeout_s):
        data = bytes(self.port.sent)
        self.port.sent.clear()
        return data
