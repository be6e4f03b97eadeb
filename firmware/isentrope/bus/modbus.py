"""Modbus, without any wire: a request's PDU in, the answer's PDU out (application protocol V1.1b3).

Functions 1 to 6, 8 (loop-back), 15, 16, 22, 23, 43/14. Every block is of one scan, and written whole or not
at all. Exceptions:

- 1 the function is not there, or the machine is not commissioned or this bus may not write ("the server is in
  the wrong state to process a request of this type, for example because it is unconfigured")
- 2 an address that nothing has, or that no bus writes
- 3 a quantity, a length or a value out of range
- 4 no controller runs
- 6 not now: today's share of lasting changes is used up
"""

from micropython import const

from ..points import OUT_OF_RANGE, READ_ONLY, UNKNOWN
from ..settings import CONTRADICTS, FIRST, NOT_NOW
from .gate import SPENT

LONGEST = const(253)  # a PDU
_FUNCTION = const(1)  # exceptions
_ADDRESS = const(2)
_VALUE = const(3)
_FAILURE = const(4)
_BUSY = const(6)

_INPUTS = const(0)  # tables: the high half byte of an id
_STATES = const(0x1000)
_HOLDING = const(0x2000)
_COILS = const(0x3000)
_NOWHERE = const(0x0FFF)  # an id that no point has

# Counters of `Points.counts`.
ANSWERS = const(0)
EXCEPTIONS = const(1)
BAD_FRAMES = const(2)
DROPPED = const(3)


class Server:
    """`registers` is the scan's (registers.py), None while no controller runs; `objects` of the device's
    identification: (id, text) in ascending order."""

    def __init__(self, objects: tuple, registers=None):
        self.registers = registers
        self._objects = objects

    def pdu(self, req, at: int, n: int, out, o: int, bus: int) -> int:
        """Answer `req[at:at + n]` into `out[o:]`; the answer's size, 253 at most. Any bytes will do."""
        function = req[at] if n else 0
        if self.registers is None:
            result = -_FAILURE
        elif 1 <= function <= 4:
            result = self._read(function, req, at, n, out, o)
        elif function == 5 or function == 6:
            result = self._write_one(function, req, at, n, out, o, bus)
        elif function == 15 or function == 16:
            result = self._write(function, req, at, n, out, o, bus)
        elif function == 22:
            result = self._mask(req, at, n, out, o, bus)
        elif function == 23:
            result = self._read_write(req, at, n, out, o, bus)
        elif function == 8:
            result = _loop(req, at, n, out, o)
        elif function == 43:
            result = self._identify(req, at, n, out, o)
        else:
            result = -_FUNCTION
        if result < 0:
            out[o] = function | 0x80
            out[o + 1] = -result
            return 2
        return result

    def _read(self, function: int, req, at: int, n: int, out, o: int) -> int:
        bits = function < 3
        if n != 5:
            return -_VALUE
        first = req[at + 1] << 8 | req[at + 2]
        quantity = req[at + 3] << 8 | req[at + 4]
        if not 1 <= quantity <= (2000 if bits else 125):
            return -_VALUE
        identity = _identity((_COILS, _STATES, _HOLDING, _INPUTS)[function - 1], first)
        read = self.registers.bits if bits else self.registers.words
        if not read(identity, quantity, out, o + 2):
            return -_ADDRESS
        size = (quantity + 7) // 8 if bits else 2 * quantity
        out[o] = function
        out[o + 1] = size
        return 2 + size

    def _write_one(self, function: int, req, at: int, n: int, out, o: int, bus: int) -> int:
        if n != 5:
            return -_VALUE
        first = req[at + 1] << 8 | req[at + 2]
        word = req[at + 3] << 8 | req[at + 4]
        registers = self.registers
        if function == 5:
            if word != 0xFF00 and word != 0:
                return -_VALUE
            identity = _identity(_COILS, first)
            raw = 1 if word else 0
        else:
            identity = _identity(_HOLDING, first)
            raw = registers.signed(identity, word)
        result = registers.write(identity, raw, bus)
        return -_exception(result) if result else _echo(req, at, n, out, o)

    def _write(self, function: int, req, at: int, n: int, out, o: int, bus: int) -> int:
        bits = function == 15
        if n < 7:
            return -_VALUE
        first = req[at + 1] << 8 | req[at + 2]
        quantity = req[at + 3] << 8 | req[at + 4]
        size = (quantity + 7) // 8 if bits else 2 * quantity
        if not 1 <= quantity <= (1968 if bits else 123) or req[at + 5] != size or n != 6 + size:
            return -_VALUE
        if bits:
            identity = _identity(_COILS, first)
            if not self.registers.writable(identity + quantity - 1):
                return -_ADDRESS
            raws = [req[at + 6 + (k >> 3)] >> (k & 7) & 1 for k in range(quantity)]
            result = self.registers.write_all(identity, raws, bus)
        else:
            result = self._put(_identity(_HOLDING, first), quantity, req, at + 6, bus)
        return -_exception(result) if result else _echo(req, at, 5, out, o)

    def _put(self, identity: int, quantity: int, req, at: int, bus: int) -> int:
        """Holding registers from `req[at:]`."""
        registers = self.registers
        raws = [
            registers.signed(identity + k, req[at + 2 * k] << 8 | req[at + 2 * k + 1])
            for k in range(quantity)
        ]
        return registers.write_all(identity, raws, bus)

    def _mask(self, req, at: int, n: int, out, o: int, bus: int) -> int:
        if n != 7:
            return -_VALUE
        identity = _identity(_HOLDING, req[at + 1] << 8 | req[at + 2])
        if not self.registers.words(identity, 1, out, o):
            return -_ADDRESS
        word = (out[o] & req[at + 3] | req[at + 5] & ~req[at + 3]) << 8
        word |= out[o + 1] & req[at + 4] | req[at + 6] & ~req[at + 4] & 0xFF
        result = self.registers.write(identity, self.registers.signed(identity, word & 0xFFFF), bus)
        return -_exception(result) if result else _echo(req, at, n, out, o)

    def _read_write(self, req, at: int, n: int, out, o: int, bus: int) -> int:
        if n < 11:
            return -_VALUE
        quantity = req[at + 3] << 8 | req[at + 4]
        writes = req[at + 7] << 8 | req[at + 8]
        if not (1 <= quantity <= 125 and 1 <= writes <= 121) or req[at + 9] != 2 * writes:
            return -_VALUE
        if n != 10 + 2 * writes:
            return -_VALUE
        identity = _identity(_HOLDING, req[at + 1] << 8 | req[at + 2])
        if not self.registers.words(identity, quantity, out, o + 2):  # before anything is written
            return -_ADDRESS
        result = self._put(_identity(_HOLDING, req[at + 5] << 8 | req[at + 6]), writes, req, at + 10, bus)
        if result:
            return -_exception(result)
        self.registers.words(identity, quantity, out, o + 2)
        out[o] = 23
        out[o + 1] = 2 * quantity
        return 2 + 2 * quantity

    def _identify(self, req, at: int, n: int, out, o: int) -> int:
        """Read device identification: basic, regular, extended (there are none: as regular), one object."""
        if n < 2 or req[at + 1] != 14:
            return -_FUNCTION
        if n != 4 or not 1 <= req[at + 2] <= 4:
            return -_VALUE
        code, wanted = req[at + 2], req[at + 3]
        last = 2 if code == 1 else wanted if code == 4 else 0xFF
        known = False
        for number, _ in self._objects:
            known = known or (number == wanted and number <= last)
        if not known:
            if code == 4:
                return -_ADDRESS
            wanted = 0
        end = o + 7
        found = 0
        for number, text in self._objects:
            if wanted <= number <= last:
                out[end] = number
                out[end + 1] = len(text)
                out[end + 2 : end + 2 + len(text)] = text
                end += 2 + len(text)
                found += 1
        out[o] = 43
        out[o + 1] = 14
        out[o + 2] = code
        out[o + 3] = 0x82  # conformity: regular, as a stream and one by one
        out[o + 4] = 0  # no more follows
        out[o + 5] = 0
        out[o + 6] = found
        return end - o


def _identity(table: int, address: int) -> int:
    """The id at a PDU address."""
    if address < 0x1000:
        return table | address
    return address if table == _HOLDING and address >= FIRST else _NOWHERE


def _exception(result: int) -> int:
    """What a write's result is on Modbus."""
    if result in (UNKNOWN, READ_ONLY):
        return _ADDRESS
    if result in (OUT_OF_RANGE, CONTRADICTS):
        return _VALUE
    return _BUSY if result in (SPENT, NOT_NOW) else _FUNCTION


def _echo(req, at: int, n: int, out, o: int) -> int:
    for k in range(n):
        out[o + k] = req[at + k]
    return n


def _loop(req, at: int, n: int, out, o: int) -> int:
    """Function 8, sub-function 0 alone: what was sent comes back."""
    if n < 3:
        return -_VALUE
    if req[at + 1] or req[at + 2]:
        return -_FUNCTION
    return _echo(req, at, n, out, o)
