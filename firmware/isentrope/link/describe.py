"""The signal table of docs/link.md: every raw signal, point and setting, made on demand, never kept."""

from binascii import crc32
from struct import pack

from .. import points, settings

_TYPES = ("u8", "u16", "s16", "u32", "s32")
_HIGHEST = {"contact": 1, "level": 1, "relay": 1, "stepper_count": 65535, "analog_out": 65535}
_S32 = 4


def _entry(kind, type_, exponent, writable, identity, low, high, name, unit) -> bytes:
    name = name.encode()
    unit = unit.encode()
    head = pack("<BBbBHii", kind, type_, exponent, writable, identity, low, high)
    return b"".join((head, bytes((len(name),)), name, bytes((len(unit),)), unit))


def entries(profile: dict):
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
    for identity, name, unit, exponent, low, high, _, _ in settings.rows():
        yield _entry(3, _S32, exponent, 1, identity, low, high, name, unit)


def summary(profile: dict) -> tuple:
    """(CRC-32 of the table, number of entries)."""
    crc = count = 0
    for entry in entries(profile):
        crc = crc32(entry, crc)
        count += 1
    return crc, count


def page(profile: dict, first: int, buf: bytearray, at: int, end: int) -> int:
    """Write `first` u16, a count u8 and as many entries from `first` on as fit to `buf[at:end]`; the end."""
    body = at + 3
    count = 0
    for place, entry in enumerate(entries(profile)):
        if place >= first:
            if body + len(entry) > end or count == 255:
                break
            buf[body : body + len(entry)] = entry
            body += len(entry)
            count += 1
    buf[at] = first & 0xFF
    buf[at + 1] = first >> 8
    buf[at + 2] = count
    return body
