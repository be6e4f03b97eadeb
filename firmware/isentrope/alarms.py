"""The alarms: codes, what is active, what is latched, and the history.

A code's number says its class: 1 to 31 stop the compressor, 33 to 61 and 64 to 93 warn. Codes
reach the buses and are never reused. What they mean to a person is in `alarm_names` and `alarm_texts`, which
`wording` reads when somebody asks.
"""

from micropython import const

from .decisions import ALARM, Log

HIGH_PRESSURE = const(1)
LOW_PRESSURE = const(2)
DISCHARGE_HIGH = const(3)
HP_SWITCH = const(4)
MOTOR_PROTECTOR = const(5)
SUPPLY_LOSS = const(6)
ENVELOPE = const(7)
LIMIT_MISSING = const(8)
WATER_FLOW = const(9)
SENSOR_STOP = const(10)
VALVE_NOT_READY = const(11)
SCAN_STALLED = const(12)
STORAGE_LOST = const(13)
STORAGE_NEWER = const(14)
PROFILE_BAD = const(15)
FIRMWARE_DAMAGED = const(25)
OUTPUT_ASTRAY = const(26)
# 33 + the bit of Inputs.bad
SUCTION_T = const(33)
DISCHARGE_T = const(34)
LIQUID_T = const(35)
COIL_T = const(36)
OUTDOOR_T = const(37)
FLOW_T = const(38)
RETURN_T = const(39)
EVAP_P = const(40)
COND_P = const(41)
LOW_SUPERHEAT = const(42)
STORAGE_FAULT = const(43)
REVERSING_PRESSURE = const(44)
DEFROST_TIME = const(45)
DEFROST_WATER = const(46)
# 16 to 24, 27 to 31, 47 to 54, 57 to 59, 64 and 68 to 79 are raised by functions that not every machine has:
# their codes stand there.
CLOCKS_DIFFER = const(55)
MEMORY_LOW = const(56)
LOP = const(60)
VALVE_HELD = const(61)

FIRST_WARNING = const(32)


class Alarms:
    """What is wrong now: bit `code & 31` of `masks[code >> 5]`, three small integers.

    But for alarms 30 and 31 on a board of 32 bit: while one of them keeps the machine standing, the masks
    take a few bytes of heap a scan.
    """

    def __init__(self):
        self.masks = [0, 0, 0]
        self.latched_mask = 0  # stop alarms that wait for reset()
        self.history = Log(16)  # (t_ms, code, value) of the last 16 raised
        self.log = None  # the decision log, given by the controller
        self.events = None  # the event log, given by the storage

    @property
    def stop(self) -> bool:
        """An alarm that keeps the compressor off is active."""
        return self.masks[0] != 0

    @property
    def stop_mask(self) -> int:
        """Bit `code` of every stop alarm in force."""
        return self.masks[0]

    @property
    def warned(self) -> bool:
        """A warning is active."""
        return self.masks[1] | self.masks[2] != 0

    def first(self) -> int:
        """Lowest code in force, stop alarms before warnings; 0: none."""
        code = 0
        for mask in self.masks:
            if mask:
                while not mask & 1:
                    mask >>= 1
                    code += 1
                return code
            code += FIRST_WARNING
        return 0

    def first_stop(self) -> int:
        """Lowest code of the stop alarms in force; 0: none."""
        return self.first() if self.masks[0] else 0

    def is_active(self, code: int) -> bool:
        return self.masks[code >> 5] >> (code & 31) & 1 == 1

    def raise_(self, code: int, now_ms: int, value: int = 0, latch: bool = False):
        """Make `code` active; entered in history and log when it is news. `value` is the alarm's detail."""
        if latch and not self.latched_mask >> code & 1:
            self.latched_mask |= 1 << code
            self._tell(now_ms, ALARM + code, 2)
        if self.is_active(code):
            return
        self.masks[code >> 5] |= 1 << (code & 31)
        self.history.add(now_ms, code, value)
        self._tell(now_ms, ALARM + code, 1)

    def clear(self, code: int, now_ms: int):
        """Make `code` inactive, unless it is latched."""
        mask = self.masks[code >> 5]
        if not mask:  # nearly always
            return
        if not mask >> (code & 31) & 1 or (code < FIRST_WARNING and self.latched_mask >> code & 1):
            return
        self.masks[code >> 5] = mask & ~(1 << (code & 31))
        self._tell(now_ms, ALARM + code, 0)

    def reset(self, now_ms: int):
        """A person's reset: latches open; an alarm whose cause persists is raised again by the next scan."""
        latched = self.latched_mask
        self.latched_mask = 0
        for code in range(FIRST_WARNING):
            if latched >> code & 1:
                self.clear(code, now_ms)

    def _tell(self, now_ms: int, code: int, value: int):
        if self.log:
            self.log.add(now_ms, code, value)
        if self.events:
            self.events.add(now_ms, code, value)
