"""The points: every measurement, state and command that leaves the controller, declared in `point_table`."""

from array import array
from struct import calcsize, pack_into, unpack_from

from micropython import const

from .control.clock import TOLD, Clock
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
from .control.states import DEFROSTING
from .tables import lines

MAP_VERSION = const(1)
NO_S16 = const(-32768)  # the sensor has failed or is not fitted; 0x8000 on the buses
NO_U16 = const(0xFFFF)

DONE = const(0)
UNKNOWN = const(1)
READ_ONLY = const(2)
OUT_OF_RANGE = const(3)
NOT_NOW = const(4)
LOCKED = const(5)

_TYPES = {"B": "u8", "H": "u16", "h": "s16", "I": "u32", "i": "s32"}
_COUNTER = const(0x7FFFFFFF)
_LEDGER = const(0x00A0)  # from this row of the table on they are the ledger's
_FLOW_SETPOINT = const(0x2001)
_POWER_LIMIT = const(0x200B)
_POWER_FAILSAFE = const(0x200C)
_POWER_LEASE = const(0x200D)
_SG_REQUEST = const(0x200E)
_TEST_SPEED = const(0x2065)
_ROOM = const(0x2066)
_DEMAND = const(0x2067)
_CLOCK = const(0x2068)
_SERVICE = const(0x2069)
_ACCESS_LEVEL = const(0x206F)
_ENABLE = const(0x3000)
_SILENT = const(0x3003)
_FAULT_RESET = const(0x3004)
_DEFROST_START = const(0x3065)
_MODE = const(0x2000)
_BOOST = const(0x3001)
_LEGIONELLA = const(0x3002)
_COOLING = const(0x3005)
_OUTDOOR = const(0x2010)
_ROOM_LOST = const(48 - 32)  # bit of the warnings
_BASE = const(157)  # of the settings of control/arbiter.py and its like
# Holding registers that are settings: address, place.
_ALIASES = (2, _BASE + 1, 3, _BASE + 2, 4, 76, 5, 77, 6, 80, 8, _BASE + 12, 9, 79, 10, _BASE + 18)


def rows():
    """Every row in table order as (id, name, unit, type, exponent, low, high, bus exponent, access, BACnet
    object or "")."""
    for f in lines("point_table"):
        unit = "" if f[3] == b"-" else f[3].decode()
        kind = "" if f[9] == b"-" else f[9].decode()
        type_, access = _TYPES[f[1].decode()], f[8].decode()
        yield (
            int(f[0], 16),
            f[2].decode(),
            unit,
            type_,
            int(f[4]),
            int(f[5]),
            int(f[6]),
            int(f[7]),
            access,
            kind,
        )


def place(identity: int) -> int:
    """The place of the setting that a point shows and sets; -1: it is none."""
    if 0x2000 <= identity <= 0x200A:
        for n in range(0, len(_ALIASES), 2):
            if _ALIASES[n] == identity & 0xFF:
                return _ALIASES[n + 1]
    return -1


def _centi(value: float) -> int:
    """Hundredths, as s16; `NO_S16` for what does not fit, NaN included."""
    if value >= 0.0:
        return int(value * 100.0 + 0.5) if value < 327.0 else NO_S16
    return int(value * 100.0 - 0.5) if value > -327.0 else NO_S16


def _centi_u(value: float) -> int:
    """Hundredths, as u16; `NO_U16` for what does not fit, NaN included."""
    return int(value * 100.0 + 0.5) if 0.0 <= value < 655.0 else NO_U16


def _whole(value: float) -> int:
    """The nearest integer, as u16; `NO_U16` for what does not fit, NaN included."""
    return int(value + 0.5) if 0.0 <= value < 65535.0 else NO_U16


def _kw(watt: int) -> int:
    """Hundredths of a kilowatt, as u16; `NO_U16` where nobody says it."""
    return min(watt // 10, NO_U16 - 1) if watt >= 0 else NO_U16


class Points:
    """`image` holds every point in table order, little-endian, as of the last scan, or as written since.

    It is packed when somebody asks for it: a scan that nobody looks at is spared those 2.5 ms of a Pico.
    """

    def __init__(self, inp, out, control, alarms, storage, full_steps: int):
        self._inp = inp
        self._out = out
        self._control = control
        self._alarms = alarms
        self._storage = storage
        self._ledger = storage.ledger
        self._copied = -1  # the ledger's changes that the image has
        self._format = "<"
        self._ids = []
        self._ranges = {}  # of the commands, by id: lowest, highest, place in the image, type
        ledger = False
        for fields in lines("point_table"):
            identity = int(fields[0], 16)
            type_ = fields[1].decode()
            self._ids.append(identity)
            ledger = ledger or identity == _LEDGER
            if not ledger:
                self._format += type_
            if fields[8] == b"rw":
                at = calcsize(self._format) - calcsize(type_)
                self._ranges[identity] = int(fields[5]), int(fields[6]), at, type_
        self._end = calcsize(self._format)  # what follows is the ledger's
        self._image = bytearray(self._end + len(self._ledger.counted))
        self._stale = False  # there was a scan since it was packed
        self._pct_per_step = 100.0 / full_steps
        self._uptime_ms = 0
        self._uptime_s = 0
        self.clock = Clock(inp, control.log, storage.events)
        self.counts = array("H", bytearray(16))  # of Modbus (bus/modbus.py), of BACnet, writes refused
        self._room_told = False
        self.reset_wanted = False  # a fault reset was written; the scan passes it on

    @property
    def image(self) -> bytearray:
        if self._stale:
            self._stale = False
            self._pack()
        return self._image

    def check(self, identity: int, raw: int) -> int:
        """What `write` would say; 0: it would be done."""
        if identity not in self._ranges:
            return READ_ONLY if identity in self._ids else UNKNOWN
        if identity == _OUTDOOR and raw == NO_S16:  # nobody says it any more
            return DONE
        low, high = self._ranges[identity][:2]
        if not low <= raw <= high:
            return OUT_OF_RANGE
        control = self._control
        if identity == _SERVICE and raw != self.told(identity):
            if raw and not control.settings.level:
                return LOCKED
            if not control.may_serve(raw):
                return NOT_NOW
        return NOT_NOW if identity == _CLOCK and not self.clock.listens(TOLD) else DONE

    def told(self, identity: int) -> int:
        """A command as it was given last, raw."""
        at, type_ = self._ranges[identity][2:]
        return unpack_from("<" + type_, self.image, at)[0]

    def as_told(self, identity: int, raw: int) -> int:
        """What 16 bits, signed, mean to this command."""
        return raw + 0x10000 if raw < 0 and self._ranges[identity][3] == "H" else raw

    def write(self, identity: int, raw: int) -> int:
        """Command a point; 0 done, 1 unknown id, 2 read-only, 3 out of range (the codes of WRITE). It shows
        in `image` at once."""
        result = self.check(identity, raw)
        if result:
            return result
        at, type_ = self._ranges[identity][2:]
        pack_into("<" + type_, self.image, at, raw)
        inp = self._inp
        if identity == _FLOW_SETPOINT:
            inp.flow_setpoint_c = raw / 100.0
        elif identity == _TEST_SPEED:
            inp.test_rps = raw / 100.0
        elif identity == _ACCESS_LEVEL:
            self._control.settings.unlock(raw)
        elif identity == _ENABLE:
            inp.enable = raw != 0
        elif identity == _ROOM:
            inp.room_c = raw / 100.0
            self._room_told = True
            inp.told |= 1
        elif identity == _DEMAND:
            inp.demand_pct = raw / 100.0
            inp.told |= 2
        elif identity == _SG_REQUEST:
            inp.sg = raw
            inp.told |= 4
        elif identity == _POWER_LIMIT:
            inp.limit_cw = raw
            inp.told |= 8
        elif identity == _POWER_FAILSAFE:
            inp.failsafe_cw = raw
        elif identity == _POWER_LEASE:
            inp.lease_s = raw
        elif identity == _CLOCK:
            # With the day of the week, 1 Monday, in front of the minute where it is over a day's.
            self.clock.tell(raw % 1440, TOLD, raw // 1440 - 1)
        elif identity == _SERVICE:
            self._control.serve(raw)
        elif identity == _SILENT:
            inp.quiet = raw != 0
        elif identity == _FAULT_RESET:
            self.reset_wanted = raw != 0
        elif identity == _DEFROST_START:
            self._control.defrost.forced = raw != 0
        elif identity == _MODE:
            inp.mode = raw
        elif identity == _BOOST:
            inp.boost = raw != 0
        elif identity == _LEGIONELLA:
            inp.legionella = raw != 0
        elif identity == _COOLING:
            inp.cooling = raw != 0
        elif identity == _OUTDOOR:
            inp.outdoor_told_c = None if raw == NO_S16 else raw / 100.0
        return DONE

    def update(self, dt_ms: int):
        """A scan is over, `dt_ms` after the last one."""
        self._stale = True
        self._uptime_ms += dt_ms
        if self._uptime_ms >= 1000:
            self._uptime_s += self._uptime_ms // 1000
            self._uptime_ms %= 1000
        self._control.settings.passed(dt_ms)

    def _pack(self):
        """The last scan's values."""
        if self._ledger.changes != self._copied:
            self._copied = self._ledger.changes
            self._image[self._end :] = self._ledger.counted
        inp, out, control = self._inp, self._out, self._control
        bad = inp.bad
        frost = control.defrost.frost
        options = inp.more
        setpoint_c = control.capacity.setpoint_c
        raw = control.settings.raw
        c = _centi
        alarms = self._alarms
        stop, warn, more = alarms.masks
        counts = self.counts
        meter = options.meter if options else None
        meter_w = meter.power_w if meter else None
        told_c = inp.outdoor_told_c
        room = self._room_told and not warn >> _ROOM_LOST & 1
        wired = inp.wired
        water_kpa = wired.water_kpa if wired else None
        leak_pct = wired.leak_pct if wired else None
        superheat_bad = bad & (BAD_SUCTION_T | BAD_EVAP_P)
        pack_into(
            self._format,
            self._image,
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
            NO_U16 if water_kpa is None else _whole(water_kpa),
            _centi_u(control.speed_set_rps),
            _centi_u(out.pump_pct),
            _centi_u(inp.eev_position * self._pct_per_step),
            NO_S16 if superheat_bad else c(control.superheat_k),
            NO_S16 if bad & (BAD_LIQUID_T | BAD_COND_P) else c(control.subcooling_k),
            _kw(out.power_w),
            _kw(out.limit_w),
            control.run_s // 36,
            control.starts,
            self._uptime_s & _COUNTER,
            control.state,
            out.sg,
            alarms.first(),
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
            more,
            counts[0],
            counts[1],
            counts[2],
            counts[3],
            c(frost.growth_k),
            c(frost.coil_off_k),
            c(frost.outdoor_off_k),
            NO_S16 if leak_pct is None else c(leak_pct),
            out.compressor_on,
            control.state == DEFROSTING,
            out.pump_pct > 0.0,
            out.fan_pct > 0.0,
            inp.water_flow,
            out.alarm_on,
            out.utility,
            inp.hp_ok,
            bad != 0,
            inp.motor_ok,
            inp.supply_ok,
            inp.eev_homed,
            out.reversing_on,
            c(inp.flow_setpoint_c),
            inp.limit_cw,
            inp.failsafe_cw,
            inp.lease_s,
            inp.sg,
            _centi_u(inp.test_rps),
            c(inp.room_c),
            _centi_u(inp.demand_pct),
            inp.minute,
            control.service.mode if control.service else 0,
            control.settings.level,
            inp.enable,
            inp.quiet,
            0,
            control.defrost.forced,
            c(control.outdoor_mean_c),
            c(setpoint_c if setpoint_c > 0.0 else inp.flow_setpoint_c),
            c(options.tank_c) if options and options.tank_c is not None else NO_S16,
            _whole(control.backup_w / 10.0),
            out.diverter_on,
            out.backup > 0,
            out.backup > 1,
            control.disinfects,
            inp.mode,
            inp.boost,
            inp.legionella,
            inp.cooling,
            raw[_BASE + 1],
            raw[_BASE + 2],
            raw[76],
            raw[77],
            raw[80],
            raw[_BASE + 12],
            raw[79],
            raw[_BASE + 18],
            NO_S16,  # no machine has these yet
            NO_S16,
            NO_S16,
            NO_S16,
            NO_S16,
            NO_S16,
            c(inp.room_c) if room else NO_S16,
            _centi_u(out.water_lpm),
            _centi_u(control.demand_pct),
            NO_U16,
            NO_U16,
            out.heat_cw,
            out.cop_c,
            NO_U16 if meter_w is None else _kw(int(meter_w)),
            control.fan_cap < 100.0,
            NO_S16 if told_c is None else c(told_c),
            counts[4],
            counts[5],
            counts[6],
            counts[7],
        )
