"""What every kind of session answers alike (docs/link.md): who is there, and the log."""

from struct import pack_into

from micropython import const

from ..decisions import Log
from ..tables import borrowed
from .describe import Table
from .protocol import PAYLOAD
from .raw import Raw

# Where a page ends, 200 bytes after PAYLOAD; own: at 1 % of bytes damaged one frame of 220 bytes in ten still
# arrives whole, one of 1000 bytes in thirty thousand.
PAGE_END = const(211)
_VERSION = const(0x31)
_LONGEST_NAME = const(48)  # own: four of them fit the buffer of HELLO's reply
_LONGEST_LINE = const(120)  # of LOG; own: one entry fits a page at least
_ENTRY = const(11)


def put_text(buf: bytearray, at: int, said: bytes) -> int:
    """A length byte and `said` at `buf[at:]`; their end."""
    buf[at] = len(said)
    buf[at + 1 : at + 1 + len(said)] = said
    return at + 1 + len(said)


def put_entry(buf: bytearray, at: int, entry, said: str) -> int:
    """An entry (t_ms, code, value) with its text; its end, or -1 when it does not fit the page."""
    line = said.encode()[:_LONGEST_LINE]
    if at + _ENTRY + len(line) > PAGE_END:
        return -1
    pack_into("<IHi", buf, at, entry[0], entry[1], entry[2])
    return put_text(buf, at + _ENTRY - 1, line)


def log_page(log: Log, most: int, entry, tx: bytearray) -> int:
    """Take `most` entries at most out of the log, as many as fit; the payload's end."""
    count = 0
    at = PAYLOAD + 1
    if not log.pending():
        tx[PAYLOAD] = 0
        return at
    words = borrowed("wording")
    while count < most and at + _ENTRY + _LONGEST_LINE <= PAGE_END and log.pop_into(entry):
        at = put_entry(tx, at, entry, words.text(entry[1], entry[2]))
        count += 1
    tx[PAYLOAD] = count
    return at


def put_status(scan, heap, tx: bytearray) -> int:
    """The status that STEP's and POLL's replies begin with; its end."""
    collections = heap.collections & 0xFFFF
    pack_into("<IIHH", tx, PAYLOAD, scan.scan_us, heap.free, collections, scan.log.pending())
    return PAYLOAD + 12


def put_points(scan, tx: bytearray, at: int) -> int:
    """The points as of the last scan; their end."""
    image = scan.points.image
    end = at + len(image)
    tx[at:end] = image
    return end


class Identity:
    """Who is there: the firmware on this port, with this profile's board and machine (None: unknown).

    `raw` is the layout of the profile's raw signals, `table` its signal table; `read()` gives it anew.
    """

    def __init__(self, version: str, target: str, profile: dict | None = None, read=None):
        """Raises KeyError for a key that the profile lacks."""
        self.raw = self.table = None
        if profile is None:
            self.scan_ms = self.table_crc = self._entries = 0
            self.names = version, target, "?", "?"
        else:
            self.raw = Raw(profile)
            self.scan_ms = profile["scan_ms"]
            self.table = Table(profile, read)
            self.table_crc, self._entries = self.table.crc, self.table.count
            self.names = version, target, profile["board"], profile["machine"]

    def put(self, buf: bytearray, at: int) -> int:
        """The reply to HELLO and ATTACH at `buf[at:]`; its end."""
        pack_into("<BIHH", buf, at, _VERSION, self.table_crc, self._entries, self.scan_ms)
        at += 9
        for name in self.names:
            at = put_text(buf, at, name.encode()[:_LONGEST_NAME])
        return at
