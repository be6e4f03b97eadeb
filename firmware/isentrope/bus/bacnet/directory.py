"""Which BACnet objects there are, made from the points' table. Borrowed (`tables`) at the start.

An object is a row of ROW bytes: type, address, offset of its value in `Points.image` (2, high byte first),
letter of struct's, exponent of ten + 8, units, that of the buses' scale + 8 or 0 where it is read-only, and 2
more (high byte first): an analogue one's increment for COV in raw units, a multi-state one's lowest raw
value.
"""

from struct import calcsize

from ...tables import lines

ROW = 10
LAST = 100  # address; what lies above is Modbus' alone

_TYPES = {b"AI": 0, b"AV": 2, b"BI": 3, b"BV": 5, b"MSI": 13, b"MSV": 19}
# BACnetEngineeringUnits (ASHRAE 135, clause 21) of the table's units.
_UNITS = {
    b"degC": 62, b"K": 121, b"kPa": 55, b"rps": 27, b"%": 98, b"h": 71, b"s": 73, b"min": 72, b"kW": 48,
    b"kWh": 19, b"l/min": 88, b"rpm": 104, b"Hz": 27, b"bar": 55,
}  # fmt: skip
_NO_UNITS = 95


def build() -> tuple:
    """(rows, index). `index[101 * table + address]` is an object's place + 1; 0: there is none."""
    rows = bytearray()
    index = bytearray(4 * (LAST + 1))
    offset = 0
    for f in lines("point_table"):
        kind = _TYPES.get(f[9])
        if kind is not None:
            identity = int(f[0], 16)
            index[(identity >> 12) * (LAST + 1) + (identity & 0xFFF)] = len(rows) // ROW + 1
            exponent = int(f[4])
            if f[3] == b"kPa":  # shown in bar
                exponent -= 2
            scale = int(f[7]) + 8 if f[8] == b"rw" else 0
            extra = int(f[5]) if kind in (13, 19) else _increment(f)
            rows += bytes(
                (kind, identity & 0xFFF, offset >> 8, offset & 255, f[1][0], exponent + 8)
                + (_UNITS.get(f[3], _NO_UNITS), scale, extra >> 8, extra & 255)
            )
        offset += calcsize("<" + f[1].decode())
    return bytes(rows), bytes(index)


def _increment(f) -> int:
    """Own: two of the buses' scale units, a whole percent, a minute: what a reader of a trend would want.
    Every change of a code or a count."""
    if f[3] == b"-" and f[4] == b"0":
        return 1
    if f[3] == b"%":
        return 10 ** -int(f[4])
    if f[3] == b"s":
        return 60
    return 2 * 10 ** (int(f[7]) - int(f[4]))
