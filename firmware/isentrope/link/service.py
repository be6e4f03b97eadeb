"""The device side of an ATTACH session: looks at the live machine, seizes nothing (docs/link.md)."""

from struct import pack_into, unpack_from

from micropython import const

from ..alarms import PROFILE_BAD
from ..decisions import ALARM
from ..settings import USER
from ..tables import borrowed
from . import answers
from .protocol import BYE, NEEDS_RESET, NO_FIT, NO_PROFILE, PAYLOAD, RUNNING, UNKNOWN_TYPE

_DESCRIBE = const(0x44)
_POLL = const(0x51)
_WRITE = const(0x57)
_SETTINGS = const(0x47)
_LOG = const(0x4C)
_EVENTS = const(0x45)
_JOG = const(0x4A)
_MAINT = const(0x4D)
# Bytes of payload.
_SIZES = {_DESCRIBE: 2, _POLL: 0, _WRITE: 6, _SETTINGS: 2, _LOG: 1, _EVENTS: 2, _JOG: 6, _MAINT: 0, BYE: 0}
_LOOKED_AT = const(16)  # records of the event log in a page; own: each costs a CRC


class Service:
    """`modes` (modes.py) has the live controller, as long as there is one."""

    def __init__(self, modes):
        self._modes = modes
        self._entry = [0, 0, 0]
        self._told = False  # the reason why nothing runs, in this session
        self._jog = None

    @property
    def scan(self):
        """The live machine's; None without one."""
        live = self._modes.live
        return live.scan if live else None

    def greet(self, buf: bytearray, at: int) -> int:
        """Write ATTACH's reply to `buf[at:]`; its end."""
        return self._modes.identity.put(buf, at)

    def execute(self, kind: int, t_ms: int, rx: bytearray, at: int, size: int, tx: bytearray) -> int:
        """Do what `rx[at:at + size]` asks; the end of the reply's payload, or minus a NAK's reason."""
        if kind not in _SIZES:
            return -UNKNOWN_TYPE
        if size != _SIZES[kind]:
            return -NO_FIT
        if kind == BYE:
            return PAYLOAD
        scan = self.scan
        if kind == _MAINT:
            return PAYLOAD if scan is None or scan.off else -RUNNING
        if kind == _DESCRIBE:
            table = self._modes.identity.table
            if table is None:
                return -NO_PROFILE
            return table.page(unpack_from("<H", rx, at)[0], tx, PAYLOAD, answers.PAGE_END)
        if kind == _LOG and self._modes.why:
            return self._reason(rx[at], tx)
        if scan is None:
            return -NEEDS_RESET
        if kind == _LOG:
            return answers.log_page(scan.log, rx[at], self._entry, tx)
        if kind == _WRITE:
            tx[PAYLOAD] = scan.write(*unpack_from("<Hi", rx, at))
            return PAYLOAD + 1
        return self.look(scan, kind, rx, at, size, tx)

    def look(self, scan, kind: int, rx: bytearray, at: int, size: int, tx: bytearray) -> int:
        """POLL, SETTINGS, EVENTS and JOG, the bench's too."""
        if kind not in (_POLL, _SETTINGS, _EVENTS, _JOG):
            return -UNKNOWN_TYPE
        if size != _SIZES[kind]:
            return -NO_FIT
        if scan is None:
            return -NEEDS_RESET
        if kind == _POLL:
            return self._poll(scan, tx)
        if kind == _SETTINGS:
            return _settings(scan.settings, unpack_from("<H", rx, at)[0], tx)
        if kind == _EVENTS:
            return self._events(scan.storage.events, unpack_from("<H", rx, at)[0], tx)
        tx[PAYLOAD] = self._jogged(scan, *unpack_from("<Hi", rx, at))
        return PAYLOAD + 1

    def stamp(self, kind: int, t_ms: int) -> int:
        """The control time of a reply: POLL's is the last scan's."""
        return self.scan.now_ms if kind == _POLL and self.scan else t_ms

    def tidy(self, kind: int):
        """What follows a reply."""
        if kind == _MAINT:
            self._modes.maintain()
        elif kind != _POLL:
            self._modes.heap.check()

    def drop(self):
        """The session ends: whoever unlocked settings has gone."""
        self._told = False
        if self.scan:
            self.scan.settings.unlock(USER)
        if self._jog:
            self._jog.end()
            self._jog = None

    def _poll(self, scan, tx: bytearray) -> int:
        raw, pins = self._modes.identity.raw, scan.pins
        at = answers.put_status(scan, self._modes.heap, tx)
        at = raw.put_outputs(pins, tx, raw.put_inputs(pins, tx, at))
        return answers.put_points(scan, tx, at)

    def _reason(self, most: int, tx: bytearray) -> int:
        """The one line of a log that has no controller."""
        tx[PAYLOAD] = 0
        if self._told or not most:
            return PAYLOAD + 1
        self._told = True
        tx[PAYLOAD] = 1
        entry = (0, ALARM + PROFILE_BAD, 1)
        said = "%s: %s" % (borrowed("wording").text(entry[1], entry[2]), self._modes.why)
        return answers.put_entry(tx, PAYLOAD + 1, entry, said)

    def _events(self, events, first: int, tx: bytearray) -> int:
        """From the newest backwards; where to go on, how many records there can be, and those found."""
        entry = self._entry
        words = borrowed("wording")
        at = PAYLOAD + 5
        count = 0
        last = min(first + _LOOKED_AT, events.capacity)
        while first < last:
            if events.read(first, entry):
                end = answers.put_entry(tx, at, entry, words.text(entry[1], entry[2]))
                if end < 0:
                    break
                at = end
                count += 1
            first += 1
        pack_into("<HHB", tx, PAYLOAD, first, events.capacity, count)
        return at

    def _jogged(self, scan, place: int, raw: int) -> int:
        if self._jog is None:
            from .jog import Jog

            self._modes.heap.collect()
            self._jog = Jog(scan, self._modes.profile())
        return self._jog.ask(place, raw)


def _settings(settings, first: int, tx: bytearray) -> int:
    """A page of ids and raw values from place `first` on."""
    at = PAYLOAD + 3
    place = first
    while place < len(settings.raw) and at + 6 <= answers.PAGE_END:
        pack_into("<Hi", tx, at, settings.identity(place), settings.raw[place])
        at += 6
        place += 1
    pack_into("<HB", tx, PAYLOAD, first, place - first)
    return at
