"""The point table: every measurement, state and command that leaves the controller, each once.

A row: id (hex, permanent), type (a letter of struct's), name, unit, exponent of ten inside, low, high (raw),
exponent of ten on the buses, access, BACnet object. The id says where a point lies on Modbus: its high nibble
the table (0 input registers, 1 discrete inputs, 2 holding registers, 3 coils), the rest the PDU address. The
BACnet instance is that address + 1; addresses over 100 are service points, on Modbus alone. Ids, addresses
and enumerations are never reused or moved.
"""

from struct import calcsize, pack_into

from micropython import const

from .alarms import FIRST_WARNING
from .control.io import (
    BAD_COIL_T,
    BAD_COND_P,
    BAD_DISCHARGE_T,
    BAD_EVAP_P,
    BAD_FLOW_T,
    BAD_LIQUID_T,
    BAD_OUTDOOR_T,
    BAD_RETURN_T,
    BAD_SUCTION_T,
)

MAP_VERSION = const(1)
NO_S16 = const(-32768)  # the sensor has failed or is not fitted; 0x8000 on the buses
NO_U16 = const(0xFFFF)

_TABLE = (
    b"0000 h outdoor_c degC -2 -5500 15000 -1 r AI\n"
    b"0002 h flow_c degC -2 -5500 15000 -1 r AI\n"
    b"0003 h return_c degC -2 -5500 15000 -1 r AI\n"
    b"000D h discharge_c degC -2 -5500 20000 -1 r AI\n"
    b"000E h suction_c degC -2 -5500 15000 -1 r AI\n"
    b"000F h liquid_c degC -2 -5500 15000 -1 r AI\n"
    b"0010 h evap_sat_c degC -2 -10000 15000 -1 r AI\n"
    b"0014 H evap_kpa kPa 0 0 20000 0 r AI\n"
    b"0015 H cond_kpa kPa 0 0 20000 0 r AI\n"
    b"0018 H speed_set_rps rps -2 0 20000 -1 r AI\n"
    b"001A H pump_pct % -2 0 10000 -1 r AI\n"
    b"001C H eev_pct % -2 0 10000 -1 r AI\n"
    b"001E h superheat_k K -2 -20000 20000 -1 r AI\n"
    b"001F h subcooling_k K -2 -20000 20000 -1 r AI\n"
    b"0034 I compressor_h h -2 0 2147483647 0 r AI\n"
    b"0038 I starts - 0 0 2147483647 0 r AI\n"
    b"003A I uptime_s s 0 0 2147483647 0 r AI\n"
    b"003C B state - 0 0 11 0 r MSI\n"
    b"003E H fault_code - 0 0 63 0 r AI\n"
    b"003F H decision - 0 0 65535 0 r AI\n"
    b"0040 H map_version - 0 0 65535 0 r AI\n"
    b"0065 h cond_sat_c degC -2 -10000 15000 -1 r -\n"
    b"0066 h coil_c degC -2 -5500 15000 -1 r -\n"
    b"0067 h discharge_superheat_k K -2 -20000 20000 -1 r -\n"
    b"0068 h superheat_setpoint_k K -2 0 3000 -1 r -\n"
    b"0069 H eev_position_steps steps 0 0 10000 0 r -\n"
    b"006A H eev_target_steps steps 0 0 10000 0 r -\n"
    b"006B H feedforward_steps steps 0 0 10000 0 r -\n"
    b"006C H flow_trim_pct % -2 0 65535 -1 r -\n"
    b"006D H fan_pct % -2 0 10000 -1 r -\n"
    b"006E I stop_alarms - 0 0 2147483647 0 r -\n"
    b"0070 I warn_alarms - 0 0 2147483647 0 r -\n"
    b"0072 I storage_erases - 0 0 2147483647 0 r -\n"
    b"0074 I resets - 0 0 2147483647 0 r -\n"
    b"1000 B compressor - 0 0 1 0 r BI\n"
    b"1002 B circulation_pump - 0 0 1 0 r BI\n"
    b"1003 B fan - 0 0 1 0 r BI\n"
    b"1007 B water_flow_ok - 0 0 1 0 r BI\n"
    b"1008 B alarm - 0 0 1 0 r BI\n"
    b"100A B hp_switch_ok - 0 0 1 0 r BI\n"
    b"100E B sensor_fault - 0 0 1 0 r BI\n"
    b"1065 B motor_ok - 0 0 1 0 r -\n"
    b"1066 B supply_ok - 0 0 1 0 r -\n"
    b"1067 B eev_homed - 0 0 1 0 r -\n"
    b"2001 h flow_setpoint_c degC -2 1500 7500 -1 rw AV\n"
    b"2065 H test_speed_rps rps -2 0 20000 -1 rw -\n"
    b"3000 B enable - 0 0 1 0 rw BV\n"
    b"3004 B fault_reset - 0 0 1 0 rw BV\n"
)

DONE = const(0)
UNKNOWN = const(1)
READ_ONLY = const(2)
OUT_OF_RANGE = const(3)

_TYPES = {"B": "u8", "H": "u16", "h": "s16", "I": "u32", "i": "s32"}
_LETTER_AT = const(5)  # in a row
_COUNTER = const(0x7FFFFFFF)
_FLOW_SETPOINT = const(0x2001)
_TEST_SPEED = const(0x2065)
_ENABLE = const(0x3000)
_FAULT_RESET = const(0x3004)


def _parse(start: int) -> tuple:
    f = _TABLE[start : _TABLE.find(b"\n", start)].split(b" ")
    unit = "" if f[3] == b"-" else f[3].decode()
    kind = "" if f[9] == b"-" else f[9].decode()
    type_, access = _TYPES[f[1].decode()], f[8].decode()
    return int(f[0], 16), f[2].decode(), unit, type_, int(f[4]), int(f[5]), int(f[6]), int(f[7]), access, kind


def rows():
    """Every row in table order as (id, name, unit, type, exponent, low, high, bus exponent, access, BACnet
    object or ""), parsed on demand."""
    start = 0
    while start < len(_TABLE):
        yield _parse(start)
        start = _TABLE.find(b"\n", start) + 1


def find(identity: int) -> tuple | None:
    """The row of a permanent id."""
    key = b"%04X " % identity
    if _TABLE.startswith(key):
        return _parse(0)
    start = _TABLE.find(b"\n" + key) + 1
    return _parse(start) if start else None


def _format() -> str:
    """How struct packs every row's value."""
    letters = "<"
    start = 0
    while start < len(_TABLE):
        letters += chr(_TABLE[start + _LETTER_AT])
        start = _TABLE.find(b"\n", start) + 1
    return letters


def _lowest(mask: int, code: int) -> int:
    """`code` plus the place of the lowest bit set."""
    while not mask & 1:
        mask >>= 1
        code += 1
    return code


def _centi(value: float) -> int:
    """Hundredths, as s16; `NO_S16` for what does not fit, NaN included."""
    if not -327.0 < value < 327.0:
        return NO_S16
    return int(value * 100.0 + (0.5 if value >= 0.0 else -0.5))


def _centi_u(value: float) -> int:
    """Hundredths, as u16; `NO_U16` for what does not fit, NaN included."""
    return int(value * 100.0 + 0.5) if 0.0 <= value < 655.0 else NO_U16


def _whole(value: float) -> int:
    """The nearest integer, as u16; `NO_U16` for what does not fit, NaN included."""
    return int(value + 0.5) if 0.0 <= value < 65535.0 else NO_U16


class Points:
    """`image` holds every point packed in table order, little-endian, as of the last scan."""

    def __init__(self, inp, out, control, alarms, storage, full_steps: int):
        self._inp = inp
        self._out = out
        self._control = control
        self._alarms = alarms
        self._storage = storage
        self._format = _format()
        self.image = bytearray(calcsize(self._format))
        self._pct_per_step = 100.0 / full_steps
        self._uptime_ms = 0
        self._uptime_s = 0
        self.reset_wanted = False  # a fault reset was written; the scan passes it on

    def write(self, identity: int, raw: int) -> int:
        """Command a point; 0 done, 1 unknown id, 2 read-only, 3 out of range (the codes of WRITE)."""
        row = find(identity)
        if row is None:
            return UNKNOWN
        if row[8] != "rw":
            return READ_ONLY
        if not row[5] <= raw <= row[6]:
            return OUT_OF_RANGE
        inp = self._inp
        if identity == _FLOW_SETPOINT:
            inp.flow_setpoint_c = raw / 100.0
        elif identity == _TEST_SPEED:
            inp.test_rps = raw / 100.0
        elif identity == _ENABLE:
            inp.enable = raw != 0
        elif identity == _FAULT_RESET:
            self.reset_wanted = raw != 0
        return DONE

    def update(self, dt_ms: int):
        """Take this scan's values; `dt_ms` since the last one."""
        self._uptime_ms += dt_ms
        if self._uptime_ms >= 1000:
            self._uptime_s += self._uptime_ms // 1000
            self._uptime_ms %= 1000
        inp, out, control = self._inp, self._out, self._control
        bad = inp.bad
        c = _centi
        stop = self._alarms.stop_mask
        warn = self._alarms.warn_mask
        superheat_bad = bad & (BAD_SUCTION_T | BAD_EVAP_P)
        pack_into(
            self._format,
            self.image,
            0,
            NO_S16 if bad & BAD_OUTDOOR_T else c(inp.outdoor_c),
            NO_S16 if bad & BAD_FLOW_T else c(inp.flow_c),
            NO_S16 if bad & BAD_RETURN_T else c(inp.return_c),
            NO_S16 if bad & BAD_DISCHARGE_T else c(inp.discharge_c),
            NO_S16 if bad & BAD_SUCTION_T else c(inp.suction_c),
            NO_S16 if bad & BAD_LIQUID_T else c(inp.liquid_c),
            NO_S16 if bad & BAD_EVAP_P else c(control.evap_sat_c),
            NO_U16 if bad & BAD_EVAP_P else _whole(inp.evap_kpa),
            NO_U16 if bad & BAD_COND_P else _whole(inp.cond_kpa),
            _centi_u(control.speed_set_rps),
            _centi_u(out.pump_pct),
            _centi_u(inp.eev_position * self._pct_per_step),
            NO_S16 if superheat_bad else c(control.superheat_k),
            NO_S16 if bad & (BAD_LIQUID_T | BAD_COND_P) else c(control.subcooling_k),
            control.run_s // 36,
            control.starts,
            self._uptime_s & _COUNTER,
            control.state,
            _lowest(stop, 0) if stop else _lowest(warn, FIRST_WARNING) if warn else 0,
            control.decision,
            MAP_VERSION,
            NO_S16 if bad & BAD_COND_P else c(control.cond_sat_c),
            NO_S16 if bad & BAD_COIL_T else c(inp.coil_c),
            NO_S16 if bad & (BAD_DISCHARGE_T | BAD_COND_P) else c(control.discharge_superheat_k),
            c(control.superheat_setpoint_k),
            inp.eev_position,
            control.eev_target_steps,
            control.feedforward_steps,
            _centi_u(control.trim_pct),
            _centi_u(out.fan_pct),
            stop,
            warn,
            self._storage.erases & _COUNTER,
            self._storage.resets & _COUNTER,
            out.compressor_on,
            out.pump_pct > 0.0,
            out.fan_pct > 0.0,
            inp.water_flow,
            out.alarm_on,
            inp.hp_ok,
            bad != 0,
            inp.motor_ok,
            inp.supply_ok,
            inp.eev_homed,
            c(inp.flow_setpoint_c),
            _centi_u(inp.test_rps),
            inp.enable,
            0,
        )
