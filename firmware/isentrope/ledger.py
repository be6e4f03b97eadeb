"""What the machine has done in its life: counters, shown as points and kept by `storage`.

`image` holds them little-endian in the order of the points' rows from 00A0 on (`point_table`), which are its
end; behind them what functions keep for themselves, which is no point. A new one goes behind the last; places
are never reused.
"""

from struct import pack_into, unpack_from

from micropython import const

from . import decisions as d
from . import eventlog
from .control import states

# Offsets of the first u16: before it are u32.
_BANDS = const(0)  # five of speed: under 30 rps, to 45, to 60, to 75, over
_PUMP = const(20)
_FAN = const(24)
_TRAVEL = const(28)  # of the expansion valve, hundreds of steps
_DEFROSTS = const(32)
_SHIFTS = const(36)  # of the reversing valve
_NARROW = const(40)
_UNFINISHED = const(40)  # defrosts that left frost
_HOMINGS = const(42)
WATCHDOG = const(44)  # resets by the watchdog
_TRIPS = const(46)  # alarms 1 to 7, 9 to 12, then all others
HEAP_LOW = const(70)  # no counters: of this start, the least free heap after a collection, hundreds of bytes
STACK_HIGH = const(72)  # and the most of the stack that was found in use, tens of bytes
_ENERGY = const(74)  # five of 0.1 kWh and hours of the backup heater, u32 (control/energy.py)
_ENERGIES = const(6)
_COUNTED = const(98)
# What functions keep, 0: not known yet.
_DISINFECTED = const(98)  # hours since the last disinfection, and its day since 2000, each + 1
BASELINE = const(102)  # sums: 28 floats (control/baseline.py), 10 (control/coilfouling.py)
_SIZE = const(254)

_HUNDREDTH_MS = const(36_000)  # of an hour
_BAND_RPS = const(15)
_HUNDRED = const(100)
_MOST = const(0x3FFFFFFF)  # beyond it an integer takes heap
_MOST_NARROW = const(65_534)  # 65535 says that a sensor has failed
_LARGEST = const(8191)  # of the first of a pair


def _slot(code: int) -> int:
    """The place of a stop alarm's trips."""
    if 1 <= code <= 7:
        return _TRIPS + 2 * (code - 1)
    if 9 <= code <= 12:
        return _TRIPS + 2 * (code - 2)
    return _TRIPS + 22


class Ledger:
    """`changes` grows with every count, modulo 2^16."""

    def __init__(self):
        self.image = bytearray(_SIZE)
        self.counted = memoryview(self.image)[:_COUNTED]  # the points'
        self.changes = 0
        self._run_ms = self._pump_ms = self._fan_ms = 0  # not yet a hundredth of an hour
        self._steps = 0  # not yet a hundred
        self._position = -1  # of the valve in the last scan; -1: not known
        self._stops = 0  # stop alarms
        self._rps = -1.0  # negative: the compressor stood
        self._state = states.OFF
        self._melting = False  # a defrost that has not ended yet
        self._reversed = False

    def add(self, place: int, n: int = 1):
        """Count; a counter that is full stays so."""
        wide = place < _NARROW or place >= _ENERGY
        form = "<I" if wide else "<H"
        most = _MOST if wide else _MOST_NARROW
        pack_into(form, self.image, place, min(unpack_from(form, self.image, place)[0] + n, most))
        self.changes = (self.changes + 1) & 0xFFFF

    def set(self, place: int, value: int):
        """What is no counter, an u16."""
        pack_into("<H", self.image, place, value)
        self.changes = (self.changes + 1) & 0xFFFF

    def disinfected(self) -> tuple:
        """(hours since the tank was disinfected, the day of that), -1: not known."""
        hours, day = unpack_from("<HH", self.image, _DISINFECTED)
        return hours - 1, day - 1

    def keep_disinfected(self, hours: int, day: int):
        self.set(_DISINFECTED, hours + 1)
        self.set(_DISINFECTED + 2, day + 1)

    @property
    def size(self) -> int:
        """Bytes of the image up to where nothing but 0 follows, which storage need not keep."""
        return _SIZE if any(self.image[BASELINE:]) else BASELINE

    def touch(self):
        """What functions keep has changed."""
        self.changes = (self.changes + 1) & 0xFFFF

    def step(self, now_ms: int, dt_ms: int, inp, out, control, alarms, events):
        """After a scan's decisions. `events` is told of trips, with their values, and of defrosts."""
        if out.compressor_on:
            self._run_ms += dt_ms
            if self._run_ms >= _HUNDREDTH_MS:
                self._run_ms -= _HUNDREDTH_MS
                self.add(_BANDS + 4 * min(max(int(control.speed_set_rps) // _BAND_RPS - 1, 0), 4))
        if out.pump_pct:
            self._pump_ms += dt_ms
            if self._pump_ms >= _HUNDREDTH_MS:
                self._pump_ms -= _HUNDREDTH_MS
                self.add(_PUMP)
        if out.fan_pct:
            self._fan_ms += dt_ms
            if self._fan_ms >= _HUNDREDTH_MS:
                self._fan_ms -= _HUNDREDTH_MS
                self.add(_FAN)
        energy = control.energy
        if energy and energy.news:
            energy.news = False
            due = energy.due
            for n in range(_ENERGIES):
                if due[n]:
                    self.add(_ENERGY + 4 * n, due[n])
                    due[n] = 0
        self._valve(inp)
        if out.reversing_on != self._reversed:
            self._reversed = out.reversing_on
            self.add(_SHIFTS)
        news = alarms.stop_mask & ~self._stops
        self._stops = alarms.stop_mask
        if news and self._rps >= 0.0:
            self._trip(now_ms, news, inp, control, events)
        self._rps = control.speed_set_rps if out.compressor_on else -1.0
        defrost = control.defrost
        if defrost.ended or control.state != self._state:
            self._defrost(now_ms, control, defrost, events)

    def _valve(self, inp):
        """Its way and its homings; while it looks for its stop nobody knows where it is."""
        position = self._position
        if not inp.eev_homed:
            self._position = -1
            return
        self._position = inp.eev_position
        if position < 0:
            self.add(_HOMINGS)
            return
        self._steps += abs(self._position - position)
        if self._steps >= _HUNDRED:
            self.add(_TRAVEL, self._steps // _HUNDRED)
            self._steps %= _HUNDRED

    def _trip(self, now_ms: int, news: int, inp, control, events):
        """Alarms that stopped a running compressor, and what was measured then."""
        code = 0
        while news:
            if news & 1:
                self.add(_slot(code))
            news >>= 1
            code += 1
        events.add(now_ms, eventlog.TRIP_PRESSURES, _pair(inp.cond_kpa, inp.evap_kpa))
        events.add(now_ms, eventlog.TRIP_DISCHARGE, _pair(self._rps, inp.discharge_c))
        events.add(now_ms, eventlog.TRIP_SUPERHEAT, _pair(inp.eev_position, control.superheat_k))
        events.add(now_ms, eventlog.TRIP_WATER, _pair(inp.flow_c, inp.outdoor_c))

    def _defrost(self, now_ms: int, control, defrost, events):
        if control.state == states.DEFROSTING and self._state != states.DEFROSTING:
            self._melting = True
            self.add(_DEFROSTS)
            events.add(now_ms, d.STATE, states.DEFROSTING)
        if defrost.ended:
            events.add(now_ms, defrost.ended, defrost.ended_value)
            if defrost.ended == d.DEFROST_ENDED:
                self._melting = False
            defrost.ended = 0
        if self._state == states.DEFROSTING and control.state != states.DEFROSTING and self._melting:
            self._melting = False
            self.add(_UNFINISHED)
        self._state = control.state


def _pair(a: float, b: float) -> int:
    """As `decisions.pair`, of what may not fit or be no number."""
    a = min(max(a, 0.0), float(_LARGEST)) if a == a else 0.0
    b = min(max(b, -32767.0), 32767.0) if b == b else 0.0
    return d.pair(a, b)
