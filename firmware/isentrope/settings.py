"""The parameters: each declared once, with its unit, bounds, default and the level that may change it.

A row: id (permanent: 0x4000 and the row's place), name, unit, exponent of ten, low, high, default (raw
integers), level (0 user, 1 installer, 2 maker). The constants below are places in `Settings.v`, in the rows'
order. Sources stand beside the rows; "own" is this project's choice, reasons in docs/control.md.
"""

from array import array

from micropython import const

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
COUNT = const(57)

FIRST = const(0x4000)  # ids from here on are settings, those under it points

# id name unit exponent low high default level
_TABLE = (
    # 6 to 11 K [Carel EVD]
    b"4000 superheat_setpoint K -1 30 250 80 1\n"
    # own: per cent of the feed-forward's flow for each kelvin
    b"4001 superheat_gain %/K -2 0 2000 500 2\n"
    # 150 s [Carel EVD]
    b"4002 superheat_integral_time s 0 10 2000 70 2\n"
    # 5 s [Carel EVD]
    b"4003 superheat_derivative_time s -1 0 600 0 2\n"
    # 2 K, close fast [Danfoss EKE]; 0 disables
    b"4004 low_superheat K -1 0 100 40 1\n"
    # 15 s, 300 s [Carel EVD]
    b"4005 low_superheat_integral_time s -1 10 8000 150 2\n"
    b"4006 low_superheat_delay s 0 0 3600 300 1\n"
    # own: how far the valve runs ahead of a falling speed
    b"4007 slowing_lead s -1 0 600 60 2\n"
    # own: how fast the feed-forward believes the measured suction density
    b"4008 density_time s 0 10 3600 900 2\n"
    # own: what a valve's flow may differ from its data
    b"4009 trim_low % 0 20 100 50 2\n"
    b"400A trim_high % 0 100 400 180 2\n"
    b"400B trim_start % 0 50 150 100 2\n"
    b"400C valve_lowest % -1 0 1000 30 2\n"
    b"400D valve_highest % -1 0 1000 1000 2\n"
    # own: closed keeps the charge in the condenser
    b"400E valve_off % -1 0 1000 0 1\n"
    # 50 % [Carel EVD]
    b"400F valve_fixed % -1 0 1000 500 1\n"
    # 0 stop, 1 fixed, 2 average [Danfoss EKE]
    b"4010 suction_sensor_action - 0 0 2 2 1\n"
    # own: without it nothing sees low pressure
    b"4011 suction_pressure_action - 0 0 2 0 1\n"
    # 3 s [Danfoss EKE]
    b"4012 sensor_delay s -1 0 600 30 2\n"
    # own, from here to the end where no source is named
    b"4013 flow_gain rps/K -1 0 100 20 1\n"
    b"4014 flow_integral_time s 0 10 7200 90 1\n"
    b"4015 speed_per_water_kelvin rps/K -1 0 300 120 1\n"
    b"4016 stop_above K -1 5 200 30 0\n"
    b"4017 start_below K -1 5 200 20 0\n"
    # 180 s off, 120 s run, 12 starts an hour: the field's short-cycle guard
    b"4018 minimum_off s 0 0 3600 180 1\n"
    b"4019 minimum_run s 0 0 3600 120 1\n"
    b"401A starts_per_hour - 0 1 60 12 1\n"
    b"401B start_speed rps 0 5 120 50 2\n"
    b"401C start_hold s 0 0 600 60 2\n"
    b"401D start_pressure_difference kPa 0 0 3000 0 2\n"
    # 100 s [Copeland EV3]
    b"401E start_mask s 0 0 600 100 2\n"
    b"401F stop_speed rps 0 5 120 30 2\n"
    b"4020 pump_lead s 0 0 600 20 1\n"
    b"4021 pump_overrun s 0 0 3600 120 1\n"
    b"4022 fan_overrun s 0 0 600 30 1\n"
    b"4023 water_flow_timeout s 0 5 600 60 1\n"
    b"4024 pump_speed % 0 10 100 100 1\n"
    b"4025 fan_lowest % 0 0 100 55 1\n"
    b"4026 fan_highest % 0 0 100 100 1\n"
    # beside the stop, which is the machine's
    b"4027 high_pressure_hold kPa 0 0 1000 200 2\n"
    b"4028 high_pressure_reduce kPa 0 0 1000 100 2\n"
    b"4029 low_pressure_hold kPa 0 0 300 30 2\n"
    b"402A low_pressure_delay s 0 0 120 5 2\n"
    # 105, 110, stop at 115, restart under 90 degC [Midea]: kelvins under the machine's stop
    b"402B discharge_hold K 0 0 60 10 2\n"
    b"402C discharge_reduce K 0 0 60 5 2\n"
    b"402D discharge_restart K 0 0 100 25 2\n"
    # own: a converter's noise must not touch the edge
    b"402E envelope_margin K -1 0 100 10 2\n"
    # 15 s [Copeland EV3]
    b"402F envelope_delay s 0 0 300 15 2\n"
    # 5 min [Fujitsu]
    b"4030 trip_pause s 0 0 3600 300 2\n"
    # own: the play of a screw, of full stroke
    b"4031 valve_play % -2 0 500 25 2\n"
    # own: how long low superheat may keep the speed from falling
    b"4032 slowing_hold s 0 0 600 60 2\n"
    b"4033 start_opening % 0 30 300 120 2\n"
    b"4034 start_longest s 0 0 1200 300 2\n"
    b"4035 start_step rps 0 0 40 10 2\n"
    b"4036 fan_full_speed rps 0 5 200 55 1\n"
    # 1: a machine hangs on the board, which the bench may seize with bench_enable at 1 only (docs/link.md)
    b"4037 commissioned - 0 0 1 0 1\n"
    b"4038 bench_enable - 0 0 1 0 1\n"
)

_NEWLINE = const(10)

DONE = const(0)
UNKNOWN = const(1)
OUT_OF_RANGE = const(3)


def _parse(start: int) -> tuple:
    f = _TABLE[start : _TABLE.find(b"\n", start)].split(b" ")
    unit = "" if f[2] == b"-" else f[2].decode()
    return int(f[0], 16), f[1].decode(), unit, int(f[3]), int(f[4]), int(f[5]), int(f[6]), int(f[7])


def rows():
    """Every row in order as (id, name, unit, exponent, low, high, default, level), parsed on demand."""
    start = 0
    while start < len(_TABLE):
        yield _parse(start)
        start = _TABLE.find(b"\n", start) + 1


def find(name: str) -> tuple | None:
    """The row of a name."""
    start = _TABLE.find(b" " + name.encode() + b" ") - 4  # hex digits of the id
    if start < 0 or (start and _TABLE[start - 1] != _NEWLINE):
        return None
    row = _parse(start)
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
        for name in sorted(values):
            row = find(name)
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
