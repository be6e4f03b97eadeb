"""What outlives a power cut: settings that somebody changed, counters, the event log.

Writes wait for the end of a scan, one operation on one sector a scan. docs/storage.md says what is
guaranteed, how much wear it costs and how the schema changes.
"""

from array import array
from struct import pack_into

from micropython import const

from . import alarms as a
from .control.ticks import elapsed
from .copies import HEAD, Copies
from .eventlog import FAULT, STARTED, WAS, WATCHDOG, Budget, EventLog
from .ledger import WATCHDOG as WATCHDOGS
from .settings import COUNT
from .tables import borrowed

SCHEMA = const(2)
# loading.py migrates
# starts, run seconds, starts of the firmware, erases: u32 each; size of the ledger's image that follows, u16
_COUNTERS = const(18)
_SETTING = const(6)  # id u16, raw value s32
# All own.
_QUIET_MS = const(5_000)  # a person at a display changes several settings in a row
_LATEST_MS = const(60_000)  # whoever never pauses is saved all the same
_COUNTERS_MS = const(3_600_000)  # what a power cut may cost of the counters
_EVERY_MS = const(600_000)  # in the long run: 3500 erases a year and sector of a board, records of a page
_CLOSING_MS = const(60_000)  # a stop's save waits for the valve to close, so long at most
_BURST = const(16)
_CAP_MS = const(7_200_000)
_TOLD = const(32)  # changes of settings at once in the event log; then as saves


class Storage:
    """Settings and counters of one controller on a medium (copies.py); `events` is the event log.

    Values found there are put into `settings` and `controller` at once, what is wrong with them becomes
    an alarm in `begin()`. A setting that is as the profile has it is not stored.

    What is saved while the expansion valve stands closed says so, under a seal (copies.py) that is broken
    before the valve leaves its stop. `closed`: the start found it whole, so the valve has not.
    """

    def __init__(self, medium, settings, alarms, controller, ledger, schema=SCHEMA, migrations=None):
        self._settings = settings
        self._alarms = alarms
        self._controller = controller
        self.ledger = ledger
        self._schema = schema
        self._base = array("i", settings.raw)
        self._copies = Copies(medium, _COUNTERS + len(ledger.image) + _SETTING * COUNT)
        self.events = EventLog(medium, 2 * medium.sector)
        alarms.events = self.events
        self._budget = Budget(_EVERY_MS, _BURST)
        found = self._copies.found
        self._copies.found = None
        # What is wrong there; starts of the firmware, this one included; sectors erased before it.
        self._alarm, self._detail, self.resets, self._erases = borrowed("loading").restore(
            found, self.events.sequence >= 0, schema, migrations, settings, self._base, controller, ledger
        )
        self.resets += 1
        # Save without waiting; while the alarm of a loss is active not at all: it would be forgotten.
        self._now = self._alarm != 0 or found.version != schema or not self._copies.whole
        self._seen = self._saved = settings.changes
        self._starts, self._run_s, self._counted = controller.starts, controller.run_s, ledger.changes
        self._changed: dict[int, int] = {}  # place and raw value, as the event log knows it
        self._told = Budget(_EVERY_MS, _TOLD)
        self._last_ms = 0
        self._quiet_ms = self._dirty_ms = self._age_ms = 0
        self._running = False
        self._rest_ms = -1  # since the compressor stopped, while its save waits
        self._opening = False
        self.closed = found.sealed
        if self._alarm == a.STORAGE_NEWER:
            self.closed = False  # nothing is written there, so no seal can be broken
            self._copies.seals = [-1, -1]

    def open(self) -> bool:
        """The valve is to leave its stop: True once the medium does not call it closed any more."""
        copies = self._copies
        self._opening = copies.sealed or (copies.busy and copies.sealing)
        return not self._opening

    def unseal(self) -> bool:
        """As `open`, at once, for whoever moves the valve between scans; False while a save is under way."""
        while self._copies.sealed and not self._copies.busy:
            self._copies.unseal()
        return self.open()

    @property
    def erases(self) -> int:
        """Sectors erased in this medium's life: its wear."""
        return self._erases + self._copies.erases + self.events.erases

    def begin(self, now_ms: int, cause: int):
        """The first scan: log the start and its cause, raise what loading found."""
        self._last_ms = now_ms
        self.events.add(now_ms, STARTED, cause)
        if cause == WATCHDOG:
            self.ledger.add(WATCHDOGS)
        if self._alarm:
            self._alarms.raise_(self._alarm, now_ms, self._detail, True)

    def changed(self, place: int, raw: int):
        """Somebody has written a setting that was `raw`: the event log gets both values when all is quiet."""
        if place not in self._changed:
            self._changed[place] = raw

    def step(self, now_ms: int, running: bool, closed: bool = False):
        """After a scan: at most one operation on one sector.

        `running`: the compressor runs; `closed`: the machine is off and the valve stands at its stop.
        """
        passed = elapsed(now_ms, self._last_ms)
        self._last_ms = now_ms
        self._budget.passed(passed)
        self.events.passed(passed)
        self._told.passed(passed)
        due = self._due(passed, running, closed)
        if self._changed and self._quiet_ms >= _QUIET_MS and self.events.room:
            self._tell(now_ms)
        if self._alarm == a.STORAGE_NEWER:
            return
        copies = self._copies
        if not copies.busy and due and not self._alarms.is_active(a.STORAGE_LOST) and self._budget.take():
            self._compose(closed and not self._opening)
        if copies.busy:
            copies.step()
            if not copies.busy:
                self._saving_done(now_ms)
        elif self._opening and copies.sealed:
            copies.unseal()
            if copies.failed:
                self._saving_done(now_ms)
        elif self._log_open():
            self.events.step()

    def fault(self):
        """The firmware is about to restart: the log keeps it, and what waited, now."""
        self.events.add(self._last_ms, FAULT, 0)
        if self._alarm != a.STORAGE_NEWER and self._log_open():
            for _ in range(20):  # the whole queue, and a sector to erase
                self.events.step()

    def save(self):
        """At once, for a restart that somebody asked for: a setting that waits for quiet would be lost."""
        copies = self._copies
        while copies.busy:
            copies.step()
        lost = self._alarm == a.STORAGE_NEWER or self._alarms.is_active(a.STORAGE_LOST)
        if not lost and self._settings.changes != self._saved:
            self._compose(False)
            while copies.busy:
                copies.step()

    def _tell(self, now_ms: int):
        """One setting's old and new value into the event log."""
        settings = self._settings
        place = next(iter(self._changed))
        raw = settings.raw[place]
        identity = settings.identity(place)
        if raw == self._changed[place]:
            del self._changed[place]
        elif self._told.take():
            self.events.add(now_ms, WAS | identity, self._changed.pop(place))
            self.events.add(now_ms, identity, raw)

    def _log_open(self) -> bool:
        """The log waits for a new board's first record: see loading.py."""
        return self._copies.sequence >= 0 or self._alarm != 0

    def _due(self, passed: int, running: bool, closed: bool) -> bool:
        """Whether something is to be saved that has waited long enough."""
        changes = self._settings.changes
        if changes != self._seen:
            self._seen = changes
            self._quiet_ms = 0
        else:
            self._quiet_ms = min(self._quiet_ms + passed, _CAP_MS)
        self._age_ms = min(self._age_ms + passed, _CAP_MS)
        if running:
            self._rest_ms = -1
        elif self._running:
            self._rest_ms = 0
        elif self._rest_ms >= 0:
            self._rest_ms += passed
        if self._rest_ms >= 0 and (closed or self._rest_ms >= _CLOSING_MS):
            self._rest_ms = -1
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
        counted = self.ledger.changes != self._counted
        return counted or controller.starts != self._starts or controller.run_s != self._run_s

    def _compose(self, closed: bool):
        settings, controller, buf = self._settings, self._controller, self._copies.buf
        self._now = False
        self._age_ms = 0
        self._saved = settings.changes
        size = self.ledger.size
        image = memoryview(self.ledger.image)[:size]
        self._starts, self._run_s, self._counted = controller.starts, controller.run_s, self.ledger.changes
        pack_into("<IIIIH", buf, HEAD, self._starts, self._run_s, self.resets, self.erases, size)
        at = HEAD + _COUNTERS
        buf[at : at + size] = image
        at += size
        for place in range(COUNT):
            if settings.raw[place] != self._base[place]:
                pack_into("<Hi", buf, at, settings.identity(place), settings.raw[place])
                at += _SETTING
        self._copies.begin(self._schema, at - HEAD, closed)

    def _saving_done(self, now_ms: int):
        if self._copies.failed:
            self._now = True
            self._alarms.raise_(a.STORAGE_FAULT, now_ms)
        else:
            self._alarms.clear(a.STORAGE_FAULT, now_ms)
