"""The points on MQTT: one JSON object of numbers by name, in units, as bus/registers.py has them; and what a
command says.

Points are those that BACnet has (docs/points.md), and what a bus tells: room, demand, time. States are
numbers, in the order of their texts; null is not fitted, or a failed sensor.
"""

from array import array

from micropython import const

from ...tables import lines

_NULL = const(-2147483648)
_SPACE = const(32)
_CLOCK = const(0x2068)
_TOLD = (0x2066, 0x2067, _CLOCK)
_VERSION = const(0x0040)
_STEP = const(1)  # changes of more count at once
_COUNTER = const(2)  # changes count with the next that do
_DIGITS = const(7)  # own: of a number; no point has more
WHY = (
    "done",
    "no such point",
    "read-only",
    "out of range",
    "not now",
    "locked",
    "contradicts another setting",
    "this bus may not write",
    "changes of today used up",
    "not a number",
    "retained commands are not taken",
)
NUMBER = const(9)
RETAINED = const(10)


class State:
    """Costs eleven bytes a point and its name's."""

    def __init__(self, registers):
        self._registers = registers
        self._ids = array("H")
        self._kinds = bytearray()  # digits behind the point; from bit 4 on _STEP or _COUNTER
        names = []
        for f in lines("point_table"):
            identity = int(f[0], 16)
            if identity != _VERSION and (f[9] != b"-" or identity in _TOLD):
                names.append(f[2])
                self._ids.append(identity)
                step = _STEP if f[9][:1] == b"A" or identity in _TOLD else 0
                if f[1] == b"I" or identity == _CLOCK:
                    step = _COUNTER
                self._kinds.append(-int(f[7]) | step << 4)
        self._names = b" " + b" ".join(names) + b" "
        self._now = array("i", bytearray(4 * len(names)))
        self._told = array("i", bytearray(4 * len(names)))

    def take(self) -> bool:
        """The values of the last scan; True: they differ from what was told."""
        news = False
        for n in range(len(self._ids)):
            raw = self._registers.get(self._ids[n])
            now = self._now[n] = _NULL if raw is None else raw
            told = self._told[n]
            step = self._kinds[n] >> 4
            if now != told and step != _COUNTER:
                news = news or not step or _NULL in (now, told) or abs(now - told) > 1
        return news

    def pieces(self):
        """What was taken, as text in pieces; the same pieces until something else is taken."""
        at = 1
        for n in range(len(self._ids)):
            end = self._names.find(b" ", at)
            name = str(self._names[at:end], "ascii")
            yield '%s"%s":%s' % ("," if n else "{", name, decimal(self._now[n], self._kinds[n] & 15))
            at = end + 1
        yield "}"

    def said(self):
        """What was taken has been told."""
        self._told[:] = self._now

    def command(self, name, payload, bus: int) -> int:
        """A command by a point's name, empty: relinquished; the reason of `WHY`."""
        place = self._find(name)
        if place < 0:
            return 1
        raw = None
        if len(payload):
            raw = number(payload, self._kinds[place] & 15)
            if raw is None:
                return NUMBER
        return self._registers.write(self._ids[place], raw, bus)

    def _find(self, name) -> int:
        name = bytes(name)
        at = -1 if b" " in name else self._names.find(b" " + name + b" ")
        place = -1
        while at >= 0:
            place += 1
            at = self._names.rfind(b" ", 0, at)
        return place


def decimal(raw: int, digits: int) -> str:
    """A number with so many digits behind the point."""
    if raw == _NULL:
        return "null"
    if not digits:
        return "%d" % raw
    ten = 10**digits
    sign = "-" if raw < 0 else ""
    raw = abs(raw)
    return "%s%d.%0*d" % (sign, raw // ten, digits, raw % ten)


def number(text, digits: int) -> int | None:
    """The integer nearest to text times 10**digits, halves away from zero; None: it is no such number."""
    at = 0
    size = len(text)
    minus = size > 0 and text[0] == 45
    if minus:
        at = 1
    value = count = 0
    behind = -1
    up = False
    while at < size:
        byte = text[at]
        at += 1
        if byte == 46 and behind < 0:
            behind = 0
            continue
        if not 48 <= byte <= 57 or count > _DIGITS + 8:
            return None
        count += 1
        if behind >= 0:
            behind += 1
            if behind > digits:
                up = up or (behind == digits + 1 and byte >= 53)
                continue
        value = 10 * value + byte - 48
        if value >= 10**_DIGITS:
            return None
    if not count:
        return None
    while max(behind, 0) < digits:
        behind = max(behind, 0) + 1
        value *= 10
    value += up
    return -value if minus else value
