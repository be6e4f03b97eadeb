"""BACnet's encoding of values (ASHRAE 135, clause 20.2): one buffer to write into, one to read from.

A head byte's high nibble is the tag's number; bit 3 says that it is a context's, not an application's.
"""

from struct import pack_into

from micropython import const

# Kinds of a tag that was read.
APPLICATION = const(0)
CONTEXT = const(1)
OPENING = const(2)
CLOSING = const(3)

# What a request is refused with: an error's class << 8 | code, or one of these | reason.
REJECT = const(0x10000)
ABORT = const(0x20000)

_INVALID_TAG = const(0x10004)
_MISSING = const(0x10005)
_RANGE = const(0x10006)
_TOO_MANY = const(0x10007)
_TOO_LONG = const(0x20004)  # segmentation not supported


class Refused(Exception):
    """A request's end: `args[0]` is an error, a reject or an abort, as above."""


class Writer:
    """Appends to `buf` at `at`, never beyond `limit`."""

    def __init__(self, size: int):
        self.buf = bytearray(size)
        self.view = memoryview(self.buf)
        self.at = 0
        self.limit = size

    def byte(self, value: int):
        """Raises Refused, as all of these do, where there is no room."""
        if self.at >= self.limit:
            raise Refused(_TOO_LONG)
        self.buf[self.at] = value
        self.at += 1

    def raw(self, data):
        """Bytes as they are."""
        end = self.at + len(data)
        if end > self.limit:
            raise Refused(_TOO_LONG)
        self.buf[self.at : end] = data
        self.at = end

    def head(self, tag: int, n: int):
        """A tag for `n` bytes, for which there is room."""
        at = self.at
        if at + n + (1 if n < 5 else 2 if n < 254 else 4) > self.limit:
            raise Refused(_TOO_LONG)
        if n < 5:
            self.buf[at] = tag | n
            self.at = at + 1
            return
        self.byte(tag | 5)
        if n >= 254:
            self.byte(254)
            self.byte(n >> 8)
        self.byte(n & 255)

    def unsigned(self, value: int, tag: int = 0x20):
        """In as few bytes as hold it; 0x90 makes it an enumerated."""
        at = self.at
        if value < 0x100 and at + 2 <= self.limit:
            self.buf[at] = tag | 1
            self.buf[at + 1] = value
            self.at = at + 2
            return
        n = 1 if value < 0x100 else 2 if value < 0x10000 else 3 if value < 0x1000000 else 4
        self.head(tag, n)
        while n:
            n -= 1
            self.buf[self.at] = value >> 8 * n & 255
            self.at += 1

    def real(self, value: float, tag: int = 0x40):
        self.head(tag, 4)
        pack_into(">f", self.buf, self.at, value)
        self.at += 4

    def object(self, kind: int, instance: int, tag: int = 0xC0):
        """An object's identifier, 10 and 22 bits: no integer here outgrows a small one."""
        self.head(tag, 4)
        buf, at = self.buf, self.at
        buf[at] = kind >> 2
        buf[at + 1] = (kind & 3) << 6 | instance >> 16
        buf[at + 2] = instance >> 8 & 255
        buf[at + 3] = instance & 255
        self.at = at + 4

    def text(self, said, tag: int = 0x70):
        """A character string of UTF-8 bytes."""
        self.head(tag, len(said) + 1)
        self.byte(0)
        self.raw(said)

    def octets(self, data, tag: int = 0x60):
        """0x60 octets, 0x80 bits with the number of unused ones first, 0xA0 a date, 0xB0 a time."""
        self.head(tag, len(data))
        self.raw(data)


class Reader:
    """Takes tags from `buf[at:end]`; after one, `at` is at its `n` bytes of content.

    `number` and `kind` are the tag's; an application's boolean has its value in `n` and no content.
    """

    def __init__(self):
        self.buf = b""
        self.at = self.end = 0
        self.number = self.kind = self.n = 0
        self.type = self.instance = 0  # of the last object identifier

    def start(self, buf, at: int, end: int):
        self.buf = buf
        self.at = at
        self.end = end

    def _next(self) -> int:
        if self.at >= self.end:
            raise Refused(_INVALID_TAG)
        self.at += 1
        return self.buf[self.at - 1]

    def tag(self):
        """The next tag, whatever it is. Raises Refused, as all of these do."""
        if self.at >= self.end:
            raise Refused(_MISSING)
        first = self._next()
        number = first >> 4
        if number == 15:
            number = self._next()
            if number < 15 or number == 255:
                raise Refused(_INVALID_TAG)
        kind = first >> 3 & 1
        n = first & 7
        if n > 5:
            if not kind:
                raise Refused(_INVALID_TAG)
            kind = n - 4
            n = 0
        elif n == 5:
            n = self._next()
            if n >= 254:
                wide = n == 255
                n = self._next() << 8 | self._next()
                if wide:
                    if n:  # 64 KB and more never came
                        raise Refused(_INVALID_TAG)
                    n = self._next() << 8 | self._next()
        self.number = number
        self.kind = kind
        self.n = n
        if number == 1 and kind == APPLICATION:
            if n > 1:
                raise Refused(_INVALID_TAG)
        elif self.at + n > self.end:
            raise Refused(_INVALID_TAG)

    def has(self, number: int, kind: int = CONTEXT) -> bool:
        """Take the next tag if it is this one."""
        if self.at >= self.end:
            return False
        at = self.at
        self.tag()
        if self.number == number and self.kind == kind:
            return True
        self.at = at
        return False

    def need(self, number: int, kind: int = CONTEXT):
        """Take the next tag, which has to be this one."""
        if not self.has(number, kind):
            later = self.at >= self.end or (self.kind != APPLICATION and self.number > number)
            raise Refused(_MISSING if later else _INVALID_TAG)

    def unsigned(self, most: int = 0x3FFFFFFF) -> int:
        """The content of the tag that was taken."""
        n = self.n
        if not n:
            raise Refused(_INVALID_TAG)
        value = 0
        while n:
            if value > 0xFFFFFF:  # the next byte would make it larger than 32 bits
                raise Refused(_RANGE)
            value = value << 8 | self.buf[self.at]
            self.at += 1
            n -= 1
        if value > most:
            raise Refused(_RANGE)
        return value

    def object(self):
        """The object identifier that the tag taken holds, into `type` and `instance`."""
        if self.n != 4:
            raise Refused(_INVALID_TAG)
        buf, at = self.buf, self.at
        self.type = buf[at] << 2 | buf[at + 1] >> 6
        self.instance = (buf[at + 1] & 63) << 16 | buf[at + 2] << 8 | buf[at + 3]
        self.at = at + 4

    def enclosed(self, number: int) -> int:
        """Skip what stands between an opening tag, which has to come, and its closing one; where it began."""
        self.need(number, OPENING)
        begin = self.at
        depth = 1
        while depth:
            self.tag()
            if self.kind == OPENING:
                depth += 1
            elif self.kind == CLOSING:
                depth -= 1
            elif self.kind or self.number != 1:
                self.at += self.n
        if self.number != number:
            raise Refused(_INVALID_TAG)
        return begin

    def over(self):
        """Nothing may follow."""
        if self.at < self.end:
            raise Refused(_TOO_MANY)
