"""Freeze protection of the water and of the plate: a burst plate is how refrigerant gets into the house.

Standing, in cold air: the pump looks every ten minutes how cold the water is, and runs on while it is under
`freeze_pump`. Water that moved for a minute and is under `freeze_heat` is heated by the machine until it
returns with `freeze_warm`, whatever the demand says, and by the backup where the machine cannot. Water near
zero that does not move may be ice: the compressor stops.

Cooling: the plate's coldest wall is guessed as in a defrost (defrost.py), the speed is reduced near zero,
and ice that grows, too cold a flow, or water that stands stops the compressor.
"""

from micropython import const

from ..decisions import pair
from . import states
from .io import BAD_FLOW_T, BAD_OUTDOOR_T, BAD_RETURN_T
from .limits import Trips
from .ticks import Since

_BASE = const(182)  # places in Settings.v
_AIR = const(_BASE)
_PUMP = const(_BASE + 1)
_HEAT = const(_BASE + 2)
_WARM = const(_BASE + 3)
_COLD_FLOW = const(_BASE + 4)
_PUMP_SPEED = const(36)
_PAUSE = const(48)
_DANGER = const(30)  # alarm
_MOVES = const(129)  # decisions
_HEATS = const(130)
_SLOWS = const(131)
_HELD = const(133)
_AIR_BAND_K = const(1.0)  # own: hysteresis of the air
# Own: 1.4 l of water and 8 kg of plate in a casing lose 0.3 K a minute in air of -15 degC.
_LOOK_EVERY_MS = const(600_000)
_LOOK_MS = const(120_000)  # own: the water of the pipes outdoors has passed the sensors by then
_MOVED_MS = const(60_000)  # own: what the sensors read is the circuit's water
_PUMP_BAND_K = const(2.0)  # own
_FLOW_K = const(5.0)  # own: the flow over the return that is to come
_BACKUP_MS = const(900_000)  # own: minimum off time, start and a first heat have passed
_LONGEST_MS = const(7_200_000)
_ICE_C = const(1.0)  # own: a thermistor is 0.5 to 1 K off
_ICE_MS = const(60_000)
_THAWED_C = const(4.0)  # own
_STILL_MS = const(2000)  # as in a defrost
_WALL_SHARE = const(0.333)  # as in a defrost
_WALL_LOW_C = const(2.0)
_FREEZE_KS = const(10.0)
_TRIPS = const(3)  # own: in two hours, latch, as a leak: whoever looks finds why


class Freeze:
    """An option of the controller (options.py) that may run the pump after all decisions (`finish`)."""

    def __init__(self, compressor, settings, alarms, log):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._slew = compressor["slew_rps_s"]
        # Own: water so cold condenses too near to what boils for the highest speed's superheat
        # (docs/protect.md).
        self._rated = compressor["rated_rps"]
        self._cold_air = False
        self._looked = Since(_LOOK_EVERY_MS, _LOOK_EVERY_MS)
        self._pumped = Since(_LONGEST_MS)
        self._moved = Since(_MOVED_MS)
        self._icy = Since(_ICE_MS)
        self._still = Since(_ICE_MS)
        self._unheated = Since(_LONGEST_MS)
        self._pause = Since(_LONGEST_MS, _LONGEST_MS)
        self._trips = Trips(_TRIPS, _LONGEST_MS)
        self._freezing_ks = 0.0
        self._pump = False
        self._heat = False

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        failed = c.sensors.failed
        bad_flow, bad_return = failed & BAD_FLOW_T, failed & BAD_RETURN_T
        water_c = inp.return_c if bad_flow else inp.flow_c
        if not bad_flow and not bad_return:
            water_c = min(inp.flow_c, inp.return_c)
        unknown = bool(bad_flow and bad_return)
        self._trips.step(now_ms)
        self._pause.step(now_ms)
        if c.mode == states.COOLING and out.compressor_on:
            self._plate(now_ms, dt_s, inp, c)
        else:
            self._freezing_ks = 0.0
            self._still.restart(now_ms)
        self._water(now_ms, inp, out, c, water_c, failed, unknown)
        if self._alarms.masks[0]:
            rested = self._pause.ms >= self._v[_PAUSE] * 1000.0
            if rested and water_c >= _THAWED_C and not unknown:
                self._alarms.clear(_DANGER, now_ms)

    def _water(self, now_ms: int, inp, out, c, water_c: float, failed: int, unknown: bool):
        v = self._v
        if failed & BAD_OUTDOOR_T:
            self._cold_air = not unknown  # nothing known: no installation, or none that this could help
        else:
            self._cold_air = inp.outdoor_c < v[_AIR] + (_AIR_BAND_K if self._cold_air else 0.0)
        moving = out.pump_pct > 0.0 and inp.water_flow
        moved = self._moved.step(now_ms, moving) >= _MOVED_MS
        self._pumped.step(now_ms, self._pump)
        if self._looked.step(now_ms) >= _LOOK_EVERY_MS and self._cold_air and not self._pump:
            self._looked.restart(now_ms)
            self._pump = True
        if self._cold_air and not unknown and water_c < v[_PUMP] and not self._pump:
            self._pump = True
            self._log.add(now_ms, _MOVES, pair(max(water_c, 0.0), inp.outdoor_c))
        warm = not self._cold_air or (not unknown and water_c >= v[_PUMP] + _PUMP_BAND_K)
        if warm and self._pump and not self._heat and self._pumped.ms >= _LOOK_MS:
            self._pump = False
            self._looked.restart(now_ms)
        if self._heat:
            returns_c = water_c if failed & BAD_RETURN_T else inp.return_c
            self._heat = unknown or (self._cold_air and returns_c < v[_WARM])
        elif moved and self._cold_air and not unknown and water_c < v[_HEAT] and c.mode != states.COOLING:
            self._heat = self._pump = True
            self._log.add(now_ms, _HEATS, int(water_c))
        c.frost_call = self._heat
        if self._heat and not (inp.enable and c.capacity.allowed):
            c.capacity.setpoint_c = v[_WARM] + _FLOW_K
            c.cap_rps = self._rated
            c.cap_why = _HELD
        idle = self._heat and not out.compressor_on
        c.backup_asked = c.backup_asked or (self._unheated.step(now_ms, idle) >= _BACKUP_MS and idle)
        icy = not unknown and water_c < _ICE_C and not moving
        if self._icy.step(now_ms, icy) >= _ICE_MS and icy:
            self._trip(now_ms, water_c)

    def _plate(self, now_ms: int, dt_s: float, inp, c):
        """Of a plate that evaporates."""
        wall_c = inp.flow_c - _WALL_SHARE * (inp.flow_c - c.evap_sat_c)
        self._freezing_ks = min(max(self._freezing_ks - wall_c * dt_s, 0.0), 2.0 * _FREEZE_KS)
        still = not inp.water_flow
        stands = self._still.step(now_ms, still) >= _STILL_MS and still
        if stands or self._freezing_ks >= _FREEZE_KS or inp.flow_c < self._v[_COLD_FLOW]:
            self._trip(now_ms, wall_c)
        elif wall_c < _WALL_LOW_C:
            c.limits.cap(c.speed.set_rps - self._slew * dt_s, _SLOWS, wall_c)

    def _trip(self, now_ms: int, value: float):
        if not self._alarms.is_active(_DANGER):
            self._alarms.raise_(_DANGER, now_ms, int(value), self._trips.add(now_ms))
        self._pause.restart(now_ms)

    def finish(self, inp, out):
        """After all decisions: the pump runs, in a fault too."""
        if self._pump and out.pump_pct <= 0.0:
            out.pump_pct = self._v[_PUMP_SPEED]


def make(profile, settings, alarms, log, c):
    return Freeze(profile["compressor"], settings, alarms, log)
