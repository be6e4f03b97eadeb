"""A NOR flash that loses power after so many bytes, and what the storage tests boot on it."""

from isentrope import alarms, decisions, settings
from isentrope.ports.ram import Ram
from isentrope.storage import MIGRATIONS, SCHEMA, Storage

SCAN_MS = 500
T0 = 2**30 - 5_000  # every test crosses the wrap
FIRST = 0x4000  # a setting; raw 30 to 250, 80 by default
SECOND = 0x4018  # another; raw 0 to 3600, 180 by default


class PowerCut(Exception):
    pass


class Flash(Ram):
    """`left` bytes may still be erased or programmed (-1: no end); counts operations and erases a sector.

    `backwards`: an erase that is cut has done its sector's end first. `journal` has every byte as (place,
    value): a power cut at byte k leaves the first k of them. Programming what is not blank is an error here.
    """

    def __init__(self, size=4096, sector=1024, left=-1, backwards=False):
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

    def __init__(self, medium, schema=SCHEMA, migrations=MIGRATIONS, cause=1):
        self.medium = medium
        self.settings = settings.Settings()
        self.alarms = alarms.Alarms()
        self.alarms.log = decisions.Log(32)
        self.control = Control()
        self.storage = Storage(medium, self.settings, self.alarms, self.control, schema, migrations)
        self.ms = T0
        self.running = False
        self.storage.begin(T0, cause)

    def scan(self, n=1):
        for _ in range(n):
            self.storage.step(self.ms & 0x3FFFFFFF, self.running)
            self.ms += SCAN_MS
        return self

    def raw(self, identity):
        return self.settings.raw[self.settings.place(identity)]

    def put(self, identity, raw):
        assert self.settings.set_raw(identity, raw) == 0

    def state(self):
        """What must be old or new together."""
        return self.raw(FIRST), self.raw(SECOND), self.control.starts, self.control.run_s


def events(log):
    """(code, value) of every event on the medium, oldest first."""
    entry = [0, 0, 0]
    found = []
    for back in range(log.capacity):
        if log.read(back, entry):
            found.append((entry[1], entry[2]))
    found.reverse()
    return found
