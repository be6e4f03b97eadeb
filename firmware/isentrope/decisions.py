"""Why the controller does what it does: enumerated codes with one number.

Codes reach the buses and the trace and are never reused; `wording` makes sentences of them. Alarms share the
log: code `ALARM + alarm code`, value 1 raised, 2 latched, 0 cleared.
"""

from array import array

from micropython import const

from .tables import borrowed

STATE = const(1)
WAIT_OFF_TIME = const(2)
WAIT_STARTS = const(3)
WAIT_DISCHARGE = const(4)
WAIT_WATER = const(5)
WAIT_VALVE = const(6)
WAIT_FAN = const(7)
WAIT_PRESSURE = const(8)
WAIT_RUN_TIME = const(9)
START_HOLD = const(10)
START_BLOCKED = const(11)
DEMAND = const(12)
SPEED_MAX = const(13)
SPEED_MIN = const(14)
TEST_SPEED = const(15)
STOP_NO_DEMAND = const(16)
STOP_WARM = const(17)
STOP_ALARM = const(18)
HOLD_DISCHARGE = const(20)
REDUCE_DISCHARGE = const(21)
HOLD_HIGH_PRESSURE = const(22)
REDUCE_HIGH_PRESSURE = const(23)
HOLD_LOW_PRESSURE = const(24)
REDUCE_LOW_PRESSURE = const(25)
HOLD_ENVELOPE = const(26)
REDUCE_ENVELOPE = const(27)
RAISE_ENVELOPE = const(28)
HOLD_SUPERHEAT = const(29)
VALVE_CLOSES = const(30)
VALVE_FIXED = const(31)
VALVE_AVERAGE = const(32)
VALVE_REGULATES = const(33)
LIMIT_MISSING = const(34)
DEFROST_DUE = const(35)
DEFROST_WAITS = const(36)
DEFROST_SLOWS = const(37)
DEFROST_RAISES = const(38)
DEFROST_SHIFTS = const(39)
DEFROST_SHIFTS_OFF = const(40)
DEFROST_MELTS = const(41)
DEFROST_ENDED = const(42)
DEFROST_LATE = const(43)
DEFROST_COLD = const(44)
DEFROST_LEFT = const(45)
DEFROST_DRIPS = const(46)
DEFROST_DRIES = const(47)
SKIPPED = const(48)
# 49 to 63 and 115 to 138 are said by functions that not every machine has: their codes stand where they are
# said.
SETTING_RANGE = const(70)  # refused: pair(place, raw value)
SETTING_NOT_NOW = const(71)
SETTING_LOCKED = const(72)
SETTING_CONTRADICTS = const(73)
VALVE_LOP = const(80)
VALVE_MOP = const(81)
VALVE_CONDENSING = const(82)
VALVE_DISCHARGE = const(83)
VALVE_REZERO = const(84)
STABLE_FOUND = const(85)
STABLE_HUNTS = const(86)
STABLE_LOWEST = const(87)
# 90 to 98 are the defrost's: their codes stand where they are said.
ALARM = const(0x100)


def pair(a: float, b: float) -> int:
    """Two rounded numbers in one value: `a` 0..8191, `b` -32768..32767."""
    return int(a + 0.5) << 16 | (int(b + 0.5 if b >= 0 else b - 0.5) & 0xFFFF)


def unpair(value: int) -> tuple:
    """What `pair` put together."""
    b = value & 0xFFFF
    return value >> 16, b - 65536 if b & 0x8000 else b


def text(code: int, value: int) -> str:
    """The sentence for a log entry, such as "speed held at 34 rps: discharge 106 degC"."""
    return borrowed("wording").text(code, value)


class Log:
    """A ring of (t_ms, code, value), allocated once; when full it gives up its oldest entry."""

    def __init__(self, size: int):
        self._size = size
        self._ring = array("i", bytearray(12 * size))
        self._head = 0
        self._count = 0
        self.lost = 0

    def add(self, now_ms: int, code: int, value: int):
        if self._count == self._size:
            self._head = (self._head + 1) % self._size
            self._count -= 1
            self.lost += 1
        at = 3 * ((self._head + self._count) % self._size)
        self._ring[at] = now_ms
        self._ring[at + 1] = code
        self._ring[at + 2] = value
        self._count += 1

    def pending(self) -> int:
        """Entries not yet taken."""
        return self._count

    def pop_into(self, entry) -> bool:
        """Move the oldest entry into `entry[0:3]` (t_ms, code, value); False when there is none."""
        if not self._count:
            return False
        at = 3 * self._head
        entry[0] = self._ring[at]
        entry[1] = self._ring[at + 1]
        entry[2] = self._ring[at + 2]
        self._head = (self._head + 1) % self._size
        self._count -= 1
        return True
