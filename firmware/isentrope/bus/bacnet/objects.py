"""The objects that points are: their values, texts and properties (ASHRAE 135, clause 12)."""

from micropython import const

from ...tables import borrowed, find
from .wire import Refused

AI = const(0)
AV = const(2)
BI = const(3)
BV = const(5)
MSI = const(13)
MSV = const(19)

ARRAY = const(-1)  # an array index that was not given

_ROW = const(10)
_LAST = const(101)
_NOT_FITTED_S16 = const(-32768)
_NOT_FITTED_U16 = const(65535)

_UNKNOWN_PROPERTY = const(0x0220)
_NOT_ARRAY = const(0x0232)
_BAD_INDEX = const(0x022A)

# Analogue inputs that are figures, by address: where there is none (nobody counts energies, nobody
# sets a limit) no sensor is at fault. They are mean, flow, powers, limit, COP.
_FIGURES = b"\x01\x17\x20\x21\x22\x23\x24"
_UNRELIABLE = const(7)  # unreliable-other: open, shorted, out of range or not fitted, nobody can tell which

_NAN = float("nan")
_TENS = (1.0, 10.0, 100.0, 1000.0)

# Properties by number, those that the standard requires first, in the order of REQUIRED's length.
_LISTS = {
    AI: (75, 77, 79, 85, 111, 36, 81, 117, 28, 103, 22),
    BI: (75, 77, 79, 85, 111, 36, 81, 84, 28, 103, 4, 46),
    MSI: (75, 77, 79, 85, 111, 36, 81, 74, 28, 103, 110),
    AV: (75, 77, 79, 85, 111, 36, 81, 117, 87, 104, 431, 28, 103, 65, 69, 106, 22),
    BV: (75, 77, 79, 85, 111, 36, 81, 87, 104, 431, 28, 103, 4, 46),
    MSV: (75, 77, 79, 85, 111, 36, 81, 74, 87, 104, 431, 28, 103, 110),
}
_REQUIRED = {AI: 8, BI: 8, MSI: 8, AV: 8, BV: 7, MSV: 8}
# Priority_Array, Relinquish_Default, Current_Command_Priority: of what is commandable only. A setting and
# what is told once are writable without.
_COMMANDED = (87, 104, 431)


def listing(w, properties, index: int):
    """Property_List of an object: everything but its identifier, name, type and this list."""
    array(w, index, len(properties) - 3, lambda i: w.unsigned(properties[i + 3], 0x90))


def array(w, index: int, count: int, element):
    """An array, its length (index 0) or one of its elements; `element(i)` writes one, i from 0."""
    if index == 0:
        w.unsigned(count)
    elif index == ARRAY:
        for i in range(count):
            element(i)
    elif index <= count:
        element(index - 1)
    else:
        raise Refused(_BAD_INDEX)


class Texts:
    """What is borrowed while somebody asks, and given back when nobody has for a while."""

    def __init__(self):
        self._held = {}
        self._idle = 0

    def module(self, name: str):
        """A module by its name under `isentrope`."""
        self._idle = 0
        if name not in self._held:
            self._held[name] = borrowed(name)
        return self._held[name]

    def line(self, table: str, identity: int):
        """What follows a point's id in a table; empty where it has no line."""
        return find(self.module(table).TABLE, b"%04X " % identity) or b""

    def rest(self):
        """To be called once a second."""
        self._idle += 1
        if self._idle > 2:
            self._held.clear()


class Objects:
    """`count` objects, by place; what is commanded stands in `registers` (bus/registers.py)."""

    def __init__(self, points, registers, texts: Texts):
        self.rows, self._index = borrowed("bus.bacnet.directory").build()
        self.count = len(self.rows) // _ROW
        self._points = points
        self._commands = registers.commands
        self._texts = texts

    def find(self, kind: int, instance: int) -> int:
        """An object's place; -1: there is none."""
        table = 3 if kind == BV else 2 if kind in (AV, MSV) else 1 if kind == BI else 0
        if not 0 < instance <= _LAST:
            return -1
        place = self._index[_LAST * table + instance - 1] - 1
        return place if place >= 0 and self.rows[place * _ROW] == kind else -1

    def kind(self, place: int) -> int:
        return self.rows[place * _ROW]

    def instance(self, place: int) -> int:
        return self.rows[place * _ROW + 1] + 1

    def writable(self, place: int) -> bool:
        """Its Present_Value is; commandable too where it has slots."""
        return self.rows[place * _ROW + 7] != 0

    def extra(self, place: int) -> int:
        """The COV increment in raw units, or the lowest raw value."""
        at = place * _ROW + 8
        return self.rows[at] << 8 | self.rows[at + 1]

    def identity(self, place: int) -> int:
        """The point's permanent id."""
        kind = self.rows[place * _ROW]
        table = 3 if kind == BV else 2 if kind in (AV, MSV) else 1 if kind == BI else 0
        return table << 12 | self.rows[place * _ROW + 1]

    def raw(self, place: int) -> int:
        """The point's raw value as of the last scan, or as written since."""
        at = place * _ROW + 2
        rows, image = self.rows, self._points.image
        offset = rows[at] << 8 | rows[at + 1]
        letter = rows[at + 2]
        value = image[offset]
        if letter == 66:  # B
            return value
        value |= image[offset + 1] << 8
        if letter == 104:  # h
            return value - 65536 if value & 0x8000 else value
        if letter == 72:  # H
            return value
        return value | image[offset + 2] << 16 | (image[offset + 3] & 63) << 24

    def bad(self, place: int, raw: int) -> bool:
        """That raw value says that its sensor has failed or is not fitted."""
        letter = self.rows[place * _ROW + 4]
        return raw == _NOT_FITTED_S16 if letter == 104 else letter == 72 and raw == _NOT_FITTED_U16

    def fault(self, place: int, raw: int) -> bool:
        """That is a fault: a value that nobody has said, or a figure that there is none of, is none."""
        at = place * _ROW
        return self.rows[at] == AI and self.rows[at + 1] not in _FIGURES and self.bad(place, raw)

    def value(self, w, place: int, raw: int):
        """A raw value as the object's type shows it."""
        kind = self.rows[place * _ROW]
        if kind <= AV:
            w.real(self.scaled(place, raw))
        elif kind <= BV:
            w.unsigned(1 if raw else 0, 0x90)
        else:
            w.unsigned(max(raw - self.extra(place) + 1, 1))

    def scaled(self, place: int, raw: int) -> float:
        """An analogue value in its units; NaN where there is none."""
        if self.bad(place, raw):
            return _NAN
        exponent = self.rows[place * _ROW + 5] - 8
        return raw / _TENS[-exponent] if exponent < 0 else raw * _TENS[exponent]

    def taken(self, place: int, value: float) -> int:
        """The number in the buses' scale nearest to an analogue value, which is finite and not huge."""
        exponent = self.rows[place * _ROW + 7] - 8
        value = value * _TENS[-exponent] if exponent < 0 else value / _TENS[exponent]
        return int(value + 0.5) if value >= 0.0 else int(value - 0.5)

    def flags(self, w, place: int, raw: int):
        """Status_Flags: none, or in alarm and fault, since Event_State is not normal then (12.2.6)."""
        w.head(0x80, 2)
        w.byte(4)
        w.byte(0xC0 if self.fault(place, raw) else 0)

    def name(self, place: int):
        """Object_Name, as bytes."""
        return self._texts.line("point_table", self.identity(place)).split(b" ", 2)[1]

    def _states(self, place: int) -> list:
        """The texts of its states."""
        return self._texts.line("point_states", self.identity(place)).split(b"|")

    def properties(self, place: int):
        """Every property but Property_List, and how many of them the standard requires."""
        kind = self.rows[place * _ROW]
        return self._listed(place), _REQUIRED[kind]

    def _listed(self, place: int) -> tuple:
        listed = _LISTS[self.rows[place * _ROW]]
        if 87 not in listed or self._commands.has(self.identity(place)):
            return listed
        return tuple([prop for prop in listed if prop not in _COMMANDED])

    def encode(self, w, place: int, prop: int, index: int):
        """A property's value; raises Refused where there is none."""
        kind = self.rows[place * _ROW]
        if prop == 85 and index == ARRAY:
            self.value(w, place, self.raw(place))
            return
        if prop == 371:
            listing(w, self._listed(place), index)
            return
        if prop not in _LISTS[kind] or (prop in _COMMANDED and not self._commands.has(self.identity(place))):
            raise Refused(_UNKNOWN_PROPERTY)
        if prop == 87:
            array(w, index, 16, lambda i: self._slot(w, place, i + 1))
            return
        if prop == 110:
            said = self._states(place)
            array(w, index, len(said), lambda i: w.text(said[i]))
            return
        if index != ARRAY:
            raise Refused(_NOT_ARRAY)
        if prop == 111:
            self.flags(w, place, self.raw(place))
        elif prop == 75:
            w.object(kind, self.instance(place))
        elif prop == 77:
            w.text(self.name(place))
        elif prop == 79:
            w.unsigned(kind, 0x90)
        elif prop == 36:  # fault or normal: nothing here reports events
            w.unsigned(1 if self.fault(place, self.raw(place)) else 0, 0x90)
        elif prop == 103:
            w.unsigned(_UNRELIABLE if self.fault(place, self.raw(place)) else 0, 0x90)
        elif prop == 81:
            w.byte(0x10)
        elif prop == 117:
            w.unsigned(self.rows[place * _ROW + 6], 0x90)
        elif prop == 28:
            w.text(self._texts.line("point_texts", self.identity(place)))
        elif prop == 84:
            w.unsigned(0, 0x90)
        elif prop in (4, 46):
            w.text(self._states(place)[1 if prop == 4 else 0])
        elif prop == 74:
            w.unsigned(len(self._states(place)))
        elif prop == 22:
            w.real(self.scaled(place, self.extra(place)))
        elif prop == 104:
            self._slot(w, place, 0)
        elif prop == 431:
            priority = self._commands.slot(self.identity(place))
            if priority:
                w.unsigned(priority)
            else:
                w.byte(0)
        else:
            self._bound(w, place, prop)

    def _slot(self, w, place: int, slot: int):
        """What one of the 16 priorities holds, if anything; slot 0: the relinquish default."""
        raw = self._commands.value(self.identity(place), slot)
        if raw is None:
            w.byte(0)
        else:
            self.value(w, place, raw)

    def _bound(self, w, place: int, prop: int):
        """Max_Pres_Value, Min_Pres_Value, Resolution."""
        f = self._texts.line("point_table", self.identity(place)).split(b" ")
        raw = 10 ** (int(f[6]) - int(f[3])) if prop == 106 else int(f[5] if prop == 65 else f[4])
        w.real(self.scaled(place, raw))
