"""The parameters in force. Each is declared in `setting_table`, with unit, bounds, default and level.

The constants below are places in `Settings.v`, in the order of the table's rows.
"""

from array import array

from micropython import const

from .tables import lines, table

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
SH_LAW = const(74)
SH_SETPOINT_HIGH = const(75)
DSH_SETPOINT = const(76)
DSH_TI = const(77)
LOP = const(78)
LOP_TI = const(79)
MOP = const(80)
MOP_TI = const(81)
CONDENSING_HIGH = const(82)
CONDENSING_TI = const(83)
DISCHARGE_VALVE = const(84)
DISCHARGE_VALVE_TI = const(85)
PROTECTOR_DELAY = const(86)
REZERO_H = const(87)
STABLE_LOWEST = const(88)
STABLE_BAR = const(89)
STABLE_RATE = const(90)
COUNT = const(91)

FIRST = const(0x4000)  # ids from here on are settings, those under it points

_NEWLINE = const(10)

DONE = const(0)
UNKNOWN = const(1)
OUT_OF_RANGE = const(3)


def _parse(f: list) -> tuple:
    unit = "" if f[2] == b"-" else f[2].decode()
    return int(f[0], 16), f[1].decode(), unit, int(f[3]), int(f[4]), int(f[5]), int(f[6]), int(f[7])


def rows():
    """Every row in order as (id, name, unit, exponent, low, high, default, level)."""
    for fields in lines("setting_table"):
        yield _parse(fields)


def _find(rows: bytes, name: str) -> tuple | None:
    """The row of a name."""
    start = rows.find(b" " + name.encode() + b" ") - 4  # hex digits of the id
    if start < 0 or (start and rows[start - 1] != _NEWLINE):
        return None
    row = _parse(rows[start : rows.find(b"\n", start)].split(b" "))
    return row if row[1] == name else None


class Settings:
    """The values in force: `v[place]` in units, `raw[place]` as stored and sent."""

    def __init__(self):
        self._low = array("i", bytearray(4 * COUNT))
        self._high = array("i", bytearray(4 * COUNT))
        self._exponent = array("b", bytearray(COUNT))
        self.raw = array("i", bytearray(4 * COUNT))
        self.v = [0.0] * COUNT
        self.changes = 0  # grows with every change, modulo 2^16
        for place, (_, _, _, exponent, low, high, default, _) in enumerate(rows()):
            self._low[place] = low
            self._high[place] = high
            self._exponent[place] = exponent
            self._put(place, default)

    def _put(self, place: int, raw: int):
        self.raw[place] = raw
        exponent = self._exponent[place]
        self.v[place] = raw / 10**-exponent if exponent < 0 else raw * 10.0**exponent

    def identity(self, place: int) -> int:
        """The permanent id of a place in `v`."""
        return FIRST + place

    def place(self, identity: int) -> int:
        """Where a permanent id stands in `v`; -1 when there is none."""
        place = identity - FIRST
        return place if 0 <= place < COUNT else -1

    def set_raw(self, identity: int, raw: int) -> int:
        """Take a raw value; 0 done, 1 unknown id, 3 out of range (the codes of WRITE)."""
        place = self.place(identity)
        if place < 0:
            return UNKNOWN
        if not self._low[place] <= raw <= self._high[place]:
            return OUT_OF_RANGE
        if raw != self.raw[place]:
            self.changes = (self.changes + 1) & 0xFFFF
            self._put(place, raw)
        return DONE

    def load(self, values: dict):
        """Take the profile's settings, name to value in units.

        Raises ValueError naming the key, its value and the range; nothing is taken then.
        """
        known = []
        whole = table("setting_table")
        for name in sorted(values):
            row = _find(whole, name)
            if row is None:
                raise ValueError("profile.json: settings.%s is not a setting" % name)
            identity, _, unit, exponent, low, high, _, _ = row
            scale = 10.0**exponent
            value = values[name]
            if not isinstance(value, (int, float)) or value != value:
                raise ValueError("profile.json: settings.%s is %r, not a number" % (name, value))
            raw = int(value / scale + (0.5 if value >= 0 else -0.5))
            if not low <= raw <= high:
                raise ValueError(
                    "profile.json: settings.%s is %s, allowed %g to %g %s"
                    % (name, value, low * scale, high * scale, unit)
                )
            known.append((identity, raw))
        for identity, raw in known:
            self.set_raw(identity, raw)
