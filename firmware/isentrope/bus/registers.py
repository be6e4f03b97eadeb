"""The points as the field buses see them: by id, in the buses' scale (docs/points.md).

Every bus reads and writes through the one `Registers` of a scan (`Scan.bus`). Values are those of the last
scan, so that a block of them is of one moment; what is written shows at once. An id from `settings.FIRST` on
is a setting, in its own scale; it shows on Modbus as the holding register of that address.

A point that shows a setting (`points.place`) is written as one: it stays, within the quota, and has no slots.

A point whose sensor has failed or is not fitted reads 0x8000 (s16) or 0xFFFF (u16) on Modbus, None from
`get`.
"""

from array import array

from micropython import const

from .. import settings as s
from ..control.clock import BACNET
from ..points import OUT_OF_RANGE, READ_ONLY, UNKNOWN
from ..points import place as setting_of
from ..tables import lines
from .commands import LOWEST, Commands
from .gate import Gate

_LETTERS = b"BHhI"
_U8 = const(0)
_U16 = const(1)
_S16 = const(2)
_U32 = const(3)
_WRITABLE = const(32)
_SIGN = const(0x8000)
_NONE = const(0xFFFF)
_SCALES = (1, 10, 100, 1000)
_CLOCK = const(0x2068)
_ACCESS_LEVEL = const(0x206F)  # opens settings to a person at the machine, to no bus
_PASSWORD = const(138)  # place of BACnet's, which reads 0: it is no secret where everybody can ask for it
_BITS = const(0x1000)  # of an id: discrete inputs and coils have it


class Registers:
    """Costs six bytes a point, and 87 a point that is commanded."""

    def __init__(self, scan):
        self._scan = scan
        self._points = scan.points
        self._settings = scan.settings
        self.gate = Gate(scan)
        self._ids = array("H")  # ascending
        self._at = array("H")  # where each stands in the image
        self._kind = bytearray()  # type; from bit 2 on digits that the buses do not have; _WRITABLE
        writable = []
        at = 0
        for fields in lines("point_table"):
            identity = int(fields[0], 16)
            type_ = _LETTERS.find(fields[1])
            kind = type_ | (int(fields[7]) - int(fields[4])) << 2
            if fields[8] == b"rw" and identity != _ACCESS_LEVEL:
                kind |= _WRITABLE
                writable.append(identity)
            self._insert(identity, at, kind)
            at += (1, 2, 2, 4)[type_]
        self.commands = Commands(scan, writable)

    def _insert(self, identity: int, at: int, kind: int):
        place = self._place(identity) + 1
        self._ids.append(0)
        self._at.append(0)
        self._kind.append(0)
        for n in range(len(self._ids) - 1, place, -1):
            self._ids[n] = self._ids[n - 1]
            self._at[n] = self._at[n - 1]
            self._kind[n] = self._kind[n - 1]
        self._ids[place] = identity
        self._at[place] = at
        self._kind[place] = kind

    def _place(self, identity: int) -> int:
        """Where the last id stands that is not over this one; -1: there is none."""
        ids = self._ids
        low, high = 0, len(ids)
        while low < high:
            middle = (low + high) // 2
            if ids[middle] > identity:
                high = middle
            else:
                low = middle + 1
        return low - 1

    def _find(self, identity: int) -> int:
        place = self._place(identity)
        return place if place >= 0 and self._ids[place] == identity else -1

    def passed(self, ms: int):
        """Time has passed, in every scan: leases and quotas."""
        self.commands.passed(ms)
        self.gate.passed(ms)

    def known(self, identity: int) -> bool:
        """There is such a point or setting."""
        return self._settings.place(identity) >= 0 or self._find(identity) >= 0

    def writable(self, identity: int) -> bool:
        """Buses may write it, once they may write at all."""
        place = self._settings.place(identity)
        if place >= 0:
            return self._settings.of_user(place)
        place = self._find(identity)
        return place >= 0 and self._kind[place] & _WRITABLE != 0

    def get(self, identity: int) -> int | None:
        """The value; None: not fitted, or its sensor has failed. KeyError: there is no such id."""
        place = self._settings.place(identity)
        if place >= 0:
            return self._settings.raw[place]
        place = self._find(identity)
        if place < 0:
            raise KeyError(identity)
        kind, at, image = self._kind[place], self._at[place], self._points.image
        raw = image[at]
        if kind & 3 == _U8:
            return raw
        raw |= image[at + 1] << 8
        if kind & 3 == _U32:
            return _wide(image, at) // _SCALES[kind >> 2 & 7]
        if raw == (_SIGN if kind & 3 == _S16 else _NONE):
            return None
        return _rounded(raw, kind)

    def words(self, first: int, count: int, out, o: int) -> bool:
        """`count` registers from id `first` on, high bytes first, to `out[o:]`; False: some are not there."""
        if first >= s.FIRST:
            return self._set_words(first, count, out, o)
        ids, ats, kinds, image = self._ids, self._at, self._kind, self._points.image
        place = self._place(first)
        size = len(ids)
        end = first + count
        while first < end:
            if not 0 <= place < size:
                return False
            kind = kinds[place]
            at = ats[place]
            type_ = kind & 3
            low = first - ids[place]  # 1: the second half of a wide one
            if low and (low != 1 or type_ != _U32):
                return False
            if type_ == _U32:
                if kind & 28:
                    raw = _wide(image, at) // _SCALES[kind >> 2 & 7] >> (0 if low else 16)
                    out[o] = raw >> 8 & 0xFF
                    out[o + 1] = raw & 0xFF
                else:
                    at += 0 if low else 2
                    out[o] = image[at + 1]
                    out[o + 1] = image[at]
                place += low
            else:
                raw = image[at]
                if type_ != _U8:
                    raw |= image[at + 1] << 8
                    if kind & 28 and raw != (_SIGN if type_ == _S16 else _NONE):
                        raw = _rounded(raw, kind)
                out[o] = raw >> 8 & 0xFF
                out[o + 1] = raw & 0xFF
                place += 1
            o += 2
            first += 1
        return True

    def _set_words(self, first: int, count: int, out, o: int) -> bool:
        place = self._settings.place(first)
        raws = self._settings.raw
        if place < 0 or place + count > len(raws):
            return False
        for n in range(place, place + count):
            raw = raws[n] if n != _PASSWORD else 0
            out[o] = raw >> 8 & 0xFF
            out[o + 1] = raw & 0xFF
            o += 2
        return True

    def bits(self, first: int, count: int, out, o: int) -> bool:
        """`count` states or coils from id `first` on, the first in the lowest bit of `out[o]`; as `words`."""
        ids, ats, image = self._ids, self._at, self._points.image
        place = self._find(first)
        if place < 0 or place + count > len(ids):
            return False
        bit = 1
        byte = 0
        for n in range(count):
            if ids[place + n] != first + n:
                return False
            if image[ats[place + n]]:
                byte |= bit
            bit <<= 1
            if bit == 256:
                out[o] = byte
                o += 1
                bit = 1
                byte = 0
        if bit > 1:
            out[o] = byte
        return True

    def check(self, identity: int, raw: int | None, bus: int) -> int:
        """What `write` would say; 0: it would be done."""
        place = self._settings.place(identity)
        if place >= 0:
            if not self._settings.of_user(place):
                return READ_ONLY
            if raw is None:
                return OUT_OF_RANGE
            change = raw != self._settings.raw[place]
            return self.gate.refusal(bus, change) or self._settings.fits(place, raw)
        place = self._find(identity)
        if place < 0:
            return UNKNOWN
        kind = self._kind[place]
        if not kind & _WRITABLE:
            return READ_ONLY
        at = setting_of(identity)
        if at >= 0:
            if raw is None:
                return OUT_OF_RANGE
            raw *= _SCALES[kind >> 2 & 7]
            return self.gate.refusal(bus, raw != self._settings.raw[at]) or self._settings.fits(at, raw)
        if raw is None:
            return self.gate.refusal(bus) if self.commands.has(identity) else OUT_OF_RANGE
        return self.gate.refusal(bus) or self._points.check(identity, raw * _SCALES[kind >> 2 & 7])

    def write(self, identity: int, raw: int | None, bus: int, slot: int = LOWEST) -> int:
        """Command a point, or set a setting: 0 done, else why not (gate.py).

        `bus` is one of gate.py's, `slot` 1 to 16 the priority; the command ends with its lease (commands.py).
        None relinquishes it.
        """
        result = self.check(identity, raw, bus)
        if result:
            return result
        at = self._settings.place(identity)
        if at < 0:
            at = setting_of(identity)
            if at >= 0 and raw is not None:
                raw *= _SCALES[self._kind[self._find(identity)] >> 2 & 7]
        if at >= 0:
            if raw != self._settings.raw[at]:
                result = self._scan.write(self._settings.identity(at), raw, identity < s.FIRST)
                if not result:
                    self.gate.spend()
                    self._show(identity, raw)
            return result
        if raw is None:
            return self.commands.relinquish(identity, slot)
        kind = self._kind[self._find(identity)]
        return self.commands.put(identity, raw * _SCALES[kind >> 2 & 7], slot, bus)

    def _show(self, identity: int, raw):
        """A setting that is a point reads back at once, not with the next scan."""
        if identity < s.FIRST:
            at = self._at[self._find(identity)]
            self._points.image[at] = raw & 0xFF
            self._points.image[at + 1] = raw >> 8 & 0xFF

    def time(self, second: int, weekday: int, day: int, bus: int):
        """BACnet tells the second of the day, the day of the week (0 Monday) and the day since 2000 or -1."""
        if not self.gate.refusal(bus):
            self._points.clock.tell(second // 60, BACNET, weekday, day, second % 60)

    def write_all(self, first: int, raws: list, bus: int) -> int:
        """As `write`, for ids from `first` on: all of them or none. An address tells before a value does."""
        for n in range(len(raws)):
            if not self.writable(first + n):
                return READ_ONLY
        for n in range(len(raws)):
            result = self.check(first + n, raws[n], bus)
            if result:
                return result
        before = []
        for lasting in (True, False):
            for n in range(len(raws)):
                identity = first + n
                at = setting_of(identity) if identity < s.FIRST else self._settings.place(identity)
                if (at >= 0) != lasting:
                    continue
                if lasting:
                    before.append((identity, self._settings.identity(at), self._settings.raw[at]))
                result = self.write(identity, raws[n], bus)
                if result:  # only settings: they contradict each other, or there are too many changes
                    while before:
                        identity, setting, raw = before.pop()
                        self._scan.write(setting, raw, True)
                        self._show(identity, raw)
                    return result
        return 0

    def signed(self, identity: int, word: int) -> int | None:
        """What 16 bits of a bus mean to this point or setting; None: "not fitted", which relinquishes."""
        place = self._find(identity)
        if place >= 0 and self._kind[place] & 3 != _S16:
            return None if word == _NONE and self._kind[place] & _WRITABLE else word
        if place >= 0 and word == _SIGN:
            return None
        return word - 0x10000 if word & _SIGN else word


def _wide(image, at: int) -> int:
    """A raw value of 32 bits."""
    return image[at + 3] << 24 | image[at + 2] << 16 | image[at + 1] << 8 | image[at]


def _rounded(raw: int, kind: int) -> int:
    """A raw value of 16 bits in the buses' scale, halves upwards."""
    if kind & 3 == _S16 and raw & _SIGN:
        raw -= 0x10000
    digits = kind >> 2 & 7
    if digits:
        scale = _SCALES[digits]
        raw = (raw + (scale >> 1)) // scale
    return raw
