"""The parameters in force. Each is declared in `setting_table`, with unit, bounds, default and level.

The constants below are places in `Settings.v`, in the order of the table's rows.
"""

from array import array

from micropython import const

from .tables import borrowed, lines

SH_SETPOINT = const(0)
SH_GAIN = const(1)
SH_TI = const(2)
SH_TD = const(3)
SH_LOW = const(4)
SH_LOW_TI = const(5)
SH_LOW_DELAY = const(6)
SH_LEAD = const(7)
SH_DENSITY = const(8)
SH_TRIM_LOW = const(9)
SH_TRIM_HIGH = const(10)
SH_TRIM_START = const(11)
EEV_MIN = const(12)
EEV_MAX = const(13)
EEV_OFF = const(14)
EEV_FIXED = const(15)
SUCTION_T_ACTION = const(16)
EVAP_P_ACTION = const(17)
SENSOR_DELAY = const(18)
CAP_GAIN = const(19)
CAP_TI = const(20)
CAP_RPS_PER_K = const(21)
CAP_OFF_ABOVE = const(22)
CAP_ON_BELOW = const(23)
MIN_OFF = const(24)
MIN_RUN = const(25)
STARTS_PER_HOUR = const(26)
START_RPS = const(27)
START_HOLD = const(28)
START_DP = const(29)
START_MASK = const(30)
STOP_RPS = const(31)
PUMP_LEAD = const(32)
PUMP_OVERRUN = const(33)
FAN_OVERRUN = const(34)
WATER_TIMEOUT = const(35)
PUMP_SPEED = const(36)
FAN_LOW = const(37)
FAN_HIGH = const(38)
HP_HOLD = const(39)
HP_REDUCE = const(40)
LP_HOLD = const(41)
LP_DELAY = const(42)
DISCHARGE_HOLD = const(43)
DISCHARGE_REDUCE = const(44)
DISCHARGE_RESTART = const(45)
ENVELOPE_MARGIN = const(46)
ENVELOPE_DELAY = const(47)
TRIP_PAUSE = const(48)
VALVE_PLAY = const(49)
SLOWING_HOLD = const(50)
SH_START = const(51)
START_LONGEST = const(52)
START_STEP = const(53)
FAN_FULL_RPS = const(54)
COMMISSIONED = const(55)
BENCH_ENABLE = const(56)
DEFROST = const(57)
DEFROST_INTERVAL = const(58)
DEFROST_MILD = const(59)
DEFROST_COLD = const(60)
DEFROST_DEEP = const(61)
DEFROST_SHIFT_RPS = const(62)
DEFROST_RPS = const(63)
DEFROST_OPENING = const(64)
DEFROST_END = const(65)
DEFROST_END_LOW = const(66)
DEFROST_END_HOLD = const(67)
DEFROST_LONGEST = const(68)
DEFROST_RETRY = const(69)
DEFROST_DRIP = const(70)
DEFROST_DRY = const(71)
DEFROST_WATER = const(72)
DEFROST_FLOW = const(73)
# 74 to 90 are read by functions that not every machine has: their places stand there (control/options.py).
SH_LAW = const(91)
SH_SETPOINT_HIGH = const(92)
DSH_SETPOINT = const(93)
DSH_TI = const(94)
LOP = const(95)
LOP_TI = const(96)
MOP = const(97)
MOP_TI = const(98)
CONDENSING_HIGH = const(99)
CONDENSING_TI = const(100)
DISCHARGE_VALVE = const(101)
DISCHARGE_VALVE_TI = const(102)
PROTECTOR_DELAY = const(103)
REZERO_H = const(104)
STABLE_LOWEST = const(105)
STABLE_BAR = const(106)
STABLE_RATE = const(107)
# 108 to 118 stand where they are read (control/sets.py).
# 119 to 149 are the field buses' (bus/), 150 to 156 the defrost laws' (control/frost*.py, coildrift.py), 157
# to 178 those of modes (control/arbiter.py and its like), 179 to 197 of protection and grid (control/leak.py
# and its like), 198 to 203 MQTT's and the time's (bus/mqtt/client.py, bus/ntp.py), 204 and 205 the energies'
# (control/energy.py, guess.py), 206 to 213 of diagnosis and of the week (control/diagnosis.py, quiet.py,
# legionella.py), 214 cleaning's (control/cleaning.py).
COUNT = const(215)

FIRST = const(0x4000)  # ids from here on are settings, those under it points

USER = const(0)
INSTALLER = const(1)
MAKER = const(2)
_UNLOCKED_MS = const(900_000)  # own: a visit at the machine; whoever goes away leaves it locked

DONE = const(0)
UNKNOWN = const(1)
OUT_OF_RANGE = const(3)
NOT_NOW = const(4)
LOCKED = const(5)
CONTRADICTS = const(6)


def rows():
    """Every row in order as (id, name, unit, exponent, low, high, default, level)."""
    return borrowed("setting_rows").rows()


class Settings:
    """The values in force: `v[place]` in units, `raw[place]` as stored and sent.

    `level` is what whoever is at a wire may change (USER, INSTALLER, MAKER); it keeps fingers off and is no
    security feature (docs/settings.md).
    """

    def __init__(self):
        self._low = array("h", bytearray(2 * COUNT))
        self._high = array("h", bytearray(2 * COUNT))
        self._kind = bytearray(COUNT)  # exponent + 8, and the level from bit 4 on
        self._above = bytearray(COUNT)  # a place + 1 that this one's value may not lie above; 0: none
        self.raw = array("i", bytearray(4 * COUNT))
        self.v = [0.0] * COUNT
        self.changes = 0  # grows with every change, modulo 2^16
        self.level = USER
        self._unlocked_ms = 0
        for place, f in enumerate(lines("setting_table")):
            self._low[place] = int(f[4])
            self._high[place] = int(f[5])
            self._kind[place] = int(f[3]) + 8 | int(f[7]) << 4
            if len(f) > 8:
                self._above[place] = int(f[8], 16) - FIRST + 1
            self._put(place, int(f[6]))

    def _put(self, place: int, raw: int):
        self.raw[place] = raw
        exponent = (self._kind[place] & 15) - 8
        self.v[place] = raw / 10**-exponent if exponent < 0 else raw * 10.0**exponent

    def identity(self, place: int) -> int:
        """The permanent id of a place in `v`."""
        return FIRST + place

    def place(self, identity: int) -> int:
        """Where a permanent id stands in `v`; -1 when there is none."""
        place = identity - FIRST
        return place if 0 <= place < COUNT else -1

    def unlock(self, level: int):
        """Let whoever writes change settings of this level, until nobody has for a quarter of an hour."""
        self.level = level
        self._unlocked_ms = _UNLOCKED_MS

    def passed(self, ms: int):
        """Time has passed, in every scan."""
        if self.level:
            self._unlocked_ms -= ms
            if self._unlocked_ms < 0:
                self.level = USER

    def allowed(self, place: int) -> bool:
        """The level in force may change this one."""
        return self._kind[place] >> 4 <= self.level

    def of_user(self, place: int) -> bool:
        """Whoever comes may change this one, unlocked or not."""
        return self._kind[place] >> 4 == USER

    def fits(self, place: int, raw: int) -> int:
        """0, or 3 where a raw value is out of range."""
        return DONE if self._low[place] <= raw <= self._high[place] else OUT_OF_RANGE

    def above(self, place: int) -> int:
        """The place whose value that of `place` may not lie above; -1: none."""
        return self._above[place] - 1

    def contradiction(self) -> int:
        """The first place whose value lies above that of the one it is tied to; -1: there is none."""
        for place in range(COUNT):
            other = self._above[place]
            if other and self.v[place] > self.v[other - 1]:
                return place
        return -1

    def put(self, identity: int, raw: int) -> int:
        """Take one raw value of several, which contradict one another perhaps until all are there; 0 done, 1
        unknown id, 3 out of range (the codes of WRITE)."""
        place = self.place(identity)
        if place < 0:
            return UNKNOWN
        if not self._low[place] <= raw <= self._high[place]:
            return OUT_OF_RANGE
        if raw != self.raw[place]:
            self.changes = (self.changes + 1) & 0xFFFF
            self._put(place, raw)
        return DONE

    def set_raw(self, identity: int, raw: int) -> int:
        """Take a raw value; as `put`, and 6 where it contradicts another setting. Refused, the old one
        stays."""
        place = self.place(identity)
        old, changes = self.raw[place], self.changes
        result = self.put(identity, raw)
        if result == DONE and self.changes != changes and self.contradiction() >= 0:
            self._put(place, old)
            self.changes = changes
            return CONTRADICTS
        return result

    def load(self, values: dict):
        """Take the profile's settings, name to value in units.

        Raises ValueError naming the key, its value and the range; nothing is taken then.
        """
        borrowed("setting_rows").load(self, values)
