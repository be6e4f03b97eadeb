"""MQTT 3.1.1's control packets as a client meets them: bytes to fields and back, no I/O (OASIS, 2014).

What is written goes to a buffer of the caller's from its beginning on; the return value is its length.
`Packet.take` is total: any bytes are a packet, not yet one, or none.
"""

from micropython import const

CONNACK = const(2)
PUBLISH = const(3)
PUBACK = const(4)
SUBACK = const(9)
UNSUBACK = const(11)
PINGRESP = const(13)

PING = b"\xc0\x00"

MORE = const(0)  # of Packet.take: the packet has not all come
BAD = const(-1)  # no packet: the connection has to be closed

_HEAD = const(5)  # the longest fixed header
_RETAIN = const(1)
_FIXED = b"\x00\x00\x02\x00\x02\x02\x02\x02\x00\x00\x00\x02\x00\x00"  # lengths of those that have one


def number(buf, at: int, value: int) -> int:
    """Sixteen bits; what follows."""
    buf[at] = value >> 8
    buf[at + 1] = value & 0xFF
    return at + 2


def text(buf, at: int, text) -> int:
    """A length and its bytes; what follows."""
    at = number(buf, at, len(text))
    buf[at : at + len(text)] = text
    return at + len(text)


def head(buf, first: int, length: int) -> int:
    """The fixed header of a packet with `length` bytes after it; what follows."""
    buf[0] = first
    at = 1
    while True:
        buf[at] = length & 0x7F | (0x80 if length > 0x7F else 0)
        at += 1
        length >>= 7
        if not length:
            return at


def publish(buf, topic, size: int, retain: bool, identity: int = 0) -> int:
    """The beginning of a message, whose `size` bytes follow; with an `identity` of QoS 1."""
    first = 0x30 | (2 if identity else 0) | (_RETAIN if retain else 0)
    at = head(buf, first, 2 + len(topic) + (2 if identity else 0) + size)
    at = text(buf, at, topic)
    return number(buf, at, identity) if identity else at


def acknowledge(buf, identity: int) -> int:
    """PUBACK."""
    return number(buf, head(buf, 0x40, 2), identity)


class Packet:
    """What came. `kind`; `code`: of CONNACK and SUBACK; `identity`; of a message `topic` and `payload`, as
    views, `qos` (0 or 1), `retained`, `cut`: only its beginning is there."""

    def __init__(self):
        self.kind = self.code = self.identity = self.qos = 0
        self.retained = self.cut = False
        self.topic = self.payload = b""

    def take(self, view, size: int) -> int:
        """The packet at the beginning of `view[:size]`: its whole length, MORE or BAD.

        One longer than `view` is taken by its beginning once that is full.
        """
        if size < 2:
            return MORE
        at = 1
        length = shift = 0
        while True:
            if at >= size:
                return MORE
            byte = view[at]
            length |= (byte & 0x7F) << shift
            at += 1
            if not byte & 0x80:
                break
            shift += 7
            if at == _HEAD:
                return BAD
        kind = view[0] >> 4
        flags = view[0] & 15
        whole = at + length
        if kind == PUBLISH:
            if flags & 4 or flags & 14 == 8:  # QoS 2 or 3, which nobody asked for; QoS 0 repeated
                return BAD
        elif flags or kind >= len(_FIXED):
            return BAD
        elif kind == SUBACK:
            if length != 3:  # one topic at a time
                return BAD
        elif kind not in (CONNACK, PUBACK, UNSUBACK, PINGRESP) or length != _FIXED[kind]:
            return BAD
        self.cut = whole > len(view)
        if size < (len(view) if self.cut else whole):
            return MORE
        self.kind = kind
        return whole if self._body(view, at, min(whole, len(view)), flags) else BAD

    def _body(self, view, at: int, end: int, flags: int) -> bool:
        kind = self.kind
        if kind == PUBLISH:
            return self._message(view, at, end, flags)
        if kind == CONNACK:
            self.code = view[at + 1]
            return view[at] == 0 and self.code <= 5  # a clean session is never present
        if kind != PINGRESP:
            self.identity = view[at] << 8 | view[at + 1]
            if kind == SUBACK:
                self.code = view[at + 2]
                return self.code in (0, 1, 2, 0x80)
            return self.identity != 0
        return True

    def _message(self, view, at: int, end: int, flags: int) -> bool:
        self.qos = flags >> 1 & 3
        self.retained = flags & _RETAIN != 0
        self.identity = 0
        if end - at < 2:
            return False
        size = view[at] << 8 | view[at + 1]
        at += 2
        if not 0 < size <= end - at:
            return False
        self.topic = view[at : at + size]
        for byte in self.topic:
            if byte in b"+#\0":
                return False
        at += size
        if self.qos:
            if end - at < 2:
                return False
            self.identity = view[at] << 8 | view[at + 1]
            at += 2
            if not self.identity:
                return False
        self.payload = view[at:end]
        return True
