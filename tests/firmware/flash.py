"""A NOR flash that loses power after so many bytes, and what the storage tests boot on it."""

from struct import unpack_from

from isentrope import alarms, copies, decisions, eventlog, settings, storage, tables
from isentrope.ledger import Ledger
from isentrope.ports.ram import Ram
from isentrope.storage import SCHEMA, Storage

SCAN_MS = 500
T0 = 2**30 - 5_000  # every test crosses the wrap
FIRST = 0x4000  # a setting; raw 30 to 250, 80 by default, not under the low_superheat of 40
LOW = 0x4004  # low_superheat, which may not lie above FIRST; raw 0 to 100
SECOND = 0x4018  # another; raw 0 to 3600, 180 by default
QUIET_SCANS = 11  # five seconds, and the scan that sees the change
SAVED = QUIET_SCANS + 6
HEAD = 18 + Ledger().size  # of a payload: counters and the ledger's, no baseline among them; settings follow
# The smallest sector: it just holds a record of every setting, in whole pages.
SECTOR = copies.pages(copies.HEAD + 18 + len(Ledger().image) + 6 * settings.COUNT + 4 + copies.SEAL)


class PowerCut(Exception):
    pass


def kept(test):
    """Decorator: what a start borrows is loaded once meanwhile; thousands of starts read the same tables."""
    borrowed = tables.borrowed
    modules = {}

    def keep(name):
        if name not in modules:
            modules[name] = borrowed(name)
        return modules[name]

    def give(function):
        for module in (copies, eventlog, settings, storage, tables):
            module.borrowed = function

    def run():
        give(keep)
        try:
            test()
        finally:
            give(borrowed)

    return run


class Flash(Ram):
    """`left` bytes may still be erased or programmed (-1: no end); counts operations and erases a sector.

    `backwards`: an erase that is cut has done its sector's end first. `journal` has every byte as (place,
    value), None keeps none: a power cut at byte k leaves the first k of them. Programming what is not blank
    is an error here.
    """

    def __init__(self, size=4 * SECTOR, sector=SECTOR, left=-1, backwards=False):
        super().__init__(size, sector)
        self.left = left
        self.backwards = backwards
        self.operations = 0
        self.journal = []
        self.erased = [0] * (size // sector)

    def touch(self, place, value):
        if self.left == 0:
            raise PowerCut()
        self.left -= 1
        self.data[place] = value
        if self.journal is not None:
            self.journal.append((place, value))

    def erase(self, at):
        assert at % self.sector == 0
        self.operations += 1
        self.erased[at // self.sector] += 1
        places = range(at, at + self.sector)
        for place in reversed(places) if self.backwards else places:
            self.touch(place, 0xFF)

    def write(self, at, buf):
        self.operations += 1
        assert at // self.sector == (at + len(buf) - 1) // self.sector
        for place, byte in enumerate(buf):
            assert self.data[at + place] == 0xFF
            self.touch(at + place, byte)


class Control:
    """What storage knows of a controller."""

    starts = 0
    run_s = 0

    def restore(self, starts, run_s):
        self.starts = starts
        self.run_s = run_s


class Firmware:
    """A start of the firmware on a medium: settings, alarms, storage, scans."""

    def __init__(self, medium, schema=SCHEMA, migrations=None, cause=1, values=None):
        self.medium = medium
        self.settings = settings.Settings()
        if values:
            self.settings.load(values)
        self.alarms = alarms.Alarms()
        self.alarms.log = decisions.Log(32)
        self.control = Control()
        self.ledger = Ledger()
        self.storage = Storage(
            medium, self.settings, self.alarms, self.control, self.ledger, schema, migrations
        )
        self.ms = T0
        self.running = False
        self.closed = False
        self.storage.begin(T0, cause)

    def scan(self, n=1):
        for _ in range(n):
            self.storage.step(self.ms & 0x3FFFFFFF, self.running, self.closed)
            self.ms += SCAN_MS
        return self

    def raw(self, identity):
        return self.settings.raw[self.settings.place(identity)]

    def put(self, identity, raw):
        assert self.settings.set_raw(identity, raw) == 0

    def state(self):
        """What must be old or new together."""
        counted = unpack_from("<I", self.ledger.image)[0]
        return self.raw(FIRST), self.raw(SECOND), self.control.starts, self.control.run_s, counted


def events(log):
    """(code, value) of every event on the medium, oldest first."""
    entry = [0, 0, 0]
    found = []
    for back in range(log.capacity):
        if log.read(back, entry):
            found.append((entry[1], entry[2]))
    found.reverse()
    return found


def used(values=(120, 300), flash=None, starts=7, run_s=3601):
    """A medium on which a firmware has saved."""
    firmware = Firmware(flash or Flash())
    firmware.control.restore(starts, run_s)
    firmware.ledger.add(0, 9)
    firmware.put(FIRST, values[0])
    firmware.put(SECOND, values[1])
    firmware.scan(SAVED)
    firmware.medium.operations = 0
    return firmware.medium


def copy_of(medium, left=-1, backwards=False):
    flash = Flash(medium.size, medium.sector, left, backwards)
    flash.data[:] = medium.data
    return flash
