"""The signal table of docs/link.md: every raw signal, point and setting, made on demand, never kept."""

from binascii import crc32
from struct import pack

from .. import points, settings

_TYPES = ("u8", "u16", "s16", "u32", "s32")
_HIGHEST = {"contact": 1, "level": 1, "relay": 1, "stepper_count": 65535, "analog_out": 65535}
_S32 = 4


def _entry(kind, type_, exponent, flags, identity, low, high, name, unit) -> bytes:
    name = name.encode()
    unit = unit.encode()
    head = pack("<BBbBHii", kind, type_, exponent, flags, identity, low, high)
    return b"".join((head, bytes((len(name),)), name, bytes((len(unit),)), unit))


def _entries(profile: dict):
    """Every entry in table order, as DESCRIBE sends it."""
    for kind, direction in enumerate(("in", "out")):
        place = 0
        for row in profile["io"]:
            if row["dir"] == direction:
                high = (1 << row["bits"]) - 1 if "bits" in row else _HIGHEST[row["kind"]]
                yield _entry(kind, _TYPES.index(row["type"]), 0, 0, place, 0, high, row["name"], "")
                place += 1
    for row in points.rows():
        yield _entry(2, _TYPES.index(row[3]), row[4], row[8] == "rw", row[0], row[5], row[6], row[1], row[2])
    for identity, name, unit, exponent, low, high, _, level in settings.rows():
        yield _entry(3, _S32, exponent, 1 | level << 1, identity, low, high, name, unit)


def _following(entries) -> bytes | None:
    for entry in entries:
        return entry
    return None


class Table:
    """A profile's table: `crc` (CRC-32) over its `count` entries. `read()` gives the profile anew."""

    def __init__(self, profile: dict, read):
        self._read = read
        self.crc = self.count = 0
        for entry in _entries(profile):
            self.crc = crc32(entry, self.crc)
            self.count += 1
        # Where the next page most likely begins, so that paging makes every entry once.
        self._place = 0
        self._entry: bytes | None = None
        self._rest = None

    def page(self, first: int, buf: bytearray, at: int, end: int) -> int:
        """Write `first` u16, a count u8 and entries from `first` on, as fit, to `buf[at:end]`; the end."""
        if first != self._place or self._entry is None:
            self._rest = _entries(self._read())
            for _ in range(min(first, self.count) + 1):
                self._entry = _following(self._rest)
        body = at + 3
        count = 0
        while self._entry is not None and body + len(self._entry) <= end and count < 255:
            buf[body : body + len(self._entry)] = self._entry
            body += len(self._entry)
            count += 1
            self._entry = _following(self._rest)
        self._place = first + count
        if self._entry is None:
            self._rest = None
        buf[at] = first & 0xFF
        buf[at + 1] = first >> 8
        buf[at + 2] = count
        return body
