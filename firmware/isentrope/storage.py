"""What outlives a power cut: settings that somebody changed, counters, the event log.

Writes wait for the end of a scan, one operation on one sector a scan. docs/storage.md says what is
guaranteed, how much wear it costs and how the schema changes.
"""

from array import array
from struct import pack_into, unpack_from

from micropython import const

from . import alarms as a
from .control.ticks import elapsed
from .copies import HEAD, Copies
from .eventlog import FAULT, STARTED, Budget, EventLog
from .settings import COUNT

SCHEMA = const(1)
# MIGRATIONS[n - 1] takes a payload of schema n and returns that of schema n + 1.
MIGRATIONS: tuple = ()

_COUNTERS = const(16)  # starts, run seconds, starts of the firmware, erases: u32 each
_SETTING = const(6)  # id u16, raw value s32
# All own.
_QUIET_MS = const(5_000)  # a person at a display changes several settings in a row
_LATEST_MS = const(60_000)  # whoever never pauses is saved all the same
_COUNTERS_MS = const(3_600_000)  # what a power cut may cost of the counters
_EVERY_MS = const(600_000)  # in the long run: 3500 erases a year and sector of a board at most
_BURST = const(16)
_CAP_MS = const(7_200_000)


class Storage:
    """Settings and counters of one controller on a medium (copies.py); `events` is the event log.

    Values found there are put into `settings` and `controller` at once, what is wrong with them becomes
    an alarm in `begin()`. A setting that is as the profile has it is not stored.
    """

    def __init__(self, medium, settings, alarms, controller, schema=SCHEMA, migrations=MIGRATIONS):
        self._settings = settings
        self._alarms = alarms
        self._controller = controller
        self._schema = schema
        self._base = array("i", settings.raw)
        self._copies = Copies(medium, _COUNTERS + _SETTING * COUNT)
        self.events = EventLog(medium, 2 * medium.sector)
        alarms.events = self.events
        self._budget = Budget(_EVERY_MS, _BURST)
        self._alarm = 0  # what loading found
        self._detail = 0
        self._erases = 0  # before this start
        self.resets = 0  # starts of the firmware, this one included
        self._load(migrations)
        self.resets += 1
        # Save without waiting; while the alarm of a loss is active not at all: it would be forgotten.
        self._now = self._alarm != 0 or self._copies.version != schema or not self._copies.whole
        self._seen = self._saved = settings.changes
        self._starts, self._run_s = controller.starts, controller.run_s
        self._last_ms = 0
        self._quiet_ms = self._dirty_ms = self._age_ms = 0
        self._running = False

    @property
    def erases(self) -> int:
        """Sectors erased in this medium's life: its wear."""
        return self._erases + self._copies.erases + self.events.erases

    def begin(self, now_ms: int, cause: int):
        """The first scan: log the start and its cause, raise what loading found."""
        self._last_ms = now_ms
        self.events.add(now_ms, STARTED, cause)
        if self._alarm:
            self._alarms.raise_(self._alarm, now_ms, self._detail, True)

    def step(self, now_ms: int, running: bool):
        """After a scan: at most one operation on one sector. `running`: the compressor runs."""
        passed = elapsed(now_ms, self._last_ms)
        self._last_ms = now_ms
        self._budget.passed(passed)
        self.events.passed(passed)
        due = self._due(passed, running)
        if self._alarm == a.STORAGE_NEWER:
            return
        copies = self._copies
        if not copies.busy and due and not self._alarms.is_active(a.STORAGE_LOST) and self._budget.take():
            self._compose()
        if copies.busy:
            copies.step()
            if not copies.busy:
                self._saving_done(now_ms)
        elif self._log_open():
            self.events.step()

    def fault(self):
        """The firmware is about to restart: the log keeps it, and what waited, now."""
        self.events.add(self._last_ms, FAULT, 0)
        if self._alarm != a.STORAGE_NEWER and self._log_open():
            for _ in range(20):  # the whole queue, and a sector to erase
                self.events.step()

    def _log_open(self) -> bool:
        """The log waits for a new board's first record: see `_load`."""
        return self._copies.sequence >= 0 or self._alarm != 0

    def _due(self, passed: int, running: bool) -> bool:
        """Whether something is to be saved that has waited long enough."""
        changes = self._settings.changes
        if changes != self._seen:
            self._seen = changes
            self._quiet_ms = 0
        else:
            self._quiet_ms = min(self._quiet_ms + passed, _CAP_MS)
        self._age_ms = min(self._age_ms + passed, _CAP_MS)
        if self._running and not running:
            self._age_ms = _CAP_MS  # the compressor has come to rest: its counters are worth saving
        self._running = running
        if changes == self._saved:
            self._dirty_ms = 0
        else:
            self._dirty_ms = min(self._dirty_ms + passed, _CAP_MS)
            if self._quiet_ms >= _QUIET_MS or self._dirty_ms >= _LATEST_MS:
                return True
        if self._now:
            return True
        if self._age_ms < _COUNTERS_MS:
            return False
        controller = self._controller
        return controller.starts != self._starts or controller.run_s != self._run_s

    def _compose(self):
        settings, controller, buf = self._settings, self._controller, self._copies.buf
        self._now = False
        self._age_ms = 0
        self._saved = settings.changes
        self._starts, self._run_s = controller.starts, controller.run_s
        pack_into("<IIII", buf, HEAD, self._starts, self._run_s, self.resets, self.erases)
        at = HEAD + _COUNTERS
        for place in range(COUNT):
            if settings.raw[place] != self._base[place]:
                pack_into("<Hi", buf, at, settings.identity(place), settings.raw[place])
                at += _SETTING
        self._copies.begin(self._schema, at - HEAD)

    def _saving_done(self, now_ms: int):
        if self._copies.failed:
            self._now = True
            self._alarms.raise_(a.STORAGE_FAULT, now_ms)
        else:
            self._alarms.clear(a.STORAGE_FAULT, now_ms)

    def _load(self, migrations):
        """Take what the newest record says.

        Nothing at all is a new board; a first record that a power cut ended is one too, and leaves the
        log empty, since that is written after it. Without a record anything else means a loss.
        """
        copies = self._copies
        payload = copies.payload
        if payload is None:
            if self.events.sequence >= 0 or not copies.untouched():
                self._alarm = a.STORAGE_LOST
            return
        if not 1 <= copies.version <= self._schema:
            self._alarm = a.STORAGE_NEWER
            self._detail = copies.version
            return
        for version in range(copies.version, self._schema):
            payload = migrations[version - 1](payload)
        starts, run_s, self.resets, self._erases = unpack_from("<IIII", payload)
        self._controller.restore(starts, run_s)
        for at in range(_COUNTERS, len(payload), _SETTING):
            identity, raw = unpack_from("<Hi", payload, at)
            if self._settings.put(identity, raw):
                self._alarm = a.STORAGE_LOST
                self._detail = identity
        self._untie()

    def _untie(self):
        """Settings that contradict one another, of a changed profile say: both as the profile has them."""
        settings = self._settings
        while True:
            place = settings.contradiction()
            if place < 0:
                return
            self._alarm = a.STORAGE_LOST
            self._detail = settings.identity(place)
            for each in (place, settings.above(place)):
                settings.put(settings.identity(each), self._base[each])
