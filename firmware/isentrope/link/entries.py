"""The entries of the signal table (docs/link.md). Borrowed (`tables`) by who describes it."""

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
    for identity, name, unit, exponent, low, high, _, level in settings.rows():
        yield _entry(3, _S32, exponent, 1 | level << 1, identity, low, high, name, unit)
