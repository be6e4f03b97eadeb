"""Cooling: the reversing valve at a start, and a plate that must not freeze.

The valve is a slide that only a pressure difference moves, as in a defrost: it is thrown once the compressor
has made as much as its data want, in the first seconds of a start. It stays where it is at a stop, and comes
back at the next start for heat. Pressures, suction and discharge are the compressor's whichever way the
refrigerant goes; the coil's sensor is a condenser's then, and the water that leaves the plate is its coldest.

The plate evaporates: by flow proof, by a lower limit of the evaporating temperature (speed is held, then
reduced) and, at last, by the wall's own temperature the compressor stops before ice tears it.
"""

from micropython import const

from .. import alarms as a
from . import states
from .ticks import Since

_BASE = const(157)  # of these settings
_FLOW_LOWEST = const(_BASE + 13)  # places in Settings.v
_EVAP_LOWEST = const(_BASE + 14)
_START_MASK = const(30)
_LONGEST_MS = const(60_000)  # longest wait for the pressure difference, as in a defrost
_DRY_FLOW_MS = const(2000)  # own: a plate without flow bursts sooner than a flap's flutter matters
_COLD_MS = const(5000)  # own: the water's thermistor has noise
_HOLD_K = const(1.0)  # own: over the limit of the evaporating temperature, where speed is held
_FILTER_S = const(10.0)  # own: noise must not walk the speed down
_SLOW_RPS_S = const(0.5)  # own: half of what drives do; the plate's metal is slower
# Own, as in a defrost (defrost.py): the wall lies a third of the way from the water to what boils, and 10 K s
# under zero are 0.3 mm of ice in a channel of 1.4 mm.
_WALL_SHARE = const(0.333)
_FREEZE_KS = const(10.0)
_HELD = const(104)  # decisions
_REDUCED = const(105)
_FREEZES = const(106)
_SHIFTS = const(109)


class Cooling:
    """Part of the arbiter; `on`: the reversing valve's relay."""

    def __init__(self, profile, settings, alarms, log):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._shift_kpa = profile["reversing"]["shift_kpa"]
        self._still = Since(60_000)
        self._cold = Since(60_000)
        self._freezing_ks = 0.0
        self._evap_c = 0.0  # filtered
        self._reduces = False
        self.on = False

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        to = c.mode == states.COOLING
        running = c.sequence.compressor_on
        if self.on != to and running and not c.defrost.phase:
            self._throw(now_ms, to, c)
        cools = self.on and running
        still = cools and not inp.water_flow
        if self._still.step(now_ms, still) >= _DRY_FLOW_MS and still:
            self._alarms.raise_(a.WATER_FLOW, now_ms)
        if not cools:
            self._freezing_ks = 0.0
            self._cold.step(now_ms, False)
            return
        evap_c, v = c.evap_sat_c, self._v
        wall_c = inp.flow_c - _WALL_SHARE * (inp.flow_c - evap_c)
        self._freezing_ks = min(max(self._freezing_ks - wall_c * dt_s, 0.0), 2.0 * _FREEZE_KS)
        cold = self._cold.step(now_ms, inp.flow_c < v[_FLOW_LOWEST]) >= _COLD_MS
        if cold or self._freezing_ks >= _FREEZE_KS:
            c.sequence.cut = _FREEZES
            c.sequence.hold_value = int(inp.flow_c)
        elif c.sequence.run_ms >= v[_START_MASK] * 1000.0:
            self._evap_c += (evap_c - self._evap_c) * dt_s / (_FILTER_S + dt_s)
            over_k = self._evap_c - v[_EVAP_LOWEST]
            self._reduces = over_k < (_HOLD_K if self._reduces else 0.0)
            if self._reduces:
                slow = _SLOW_RPS_S * min(max(1.0 - over_k / _HOLD_K, 0.0), 1.0)
                c.limits.cap(c.speed.set_rps - slow * dt_s, _REDUCED, evap_c)
            elif over_k < _HOLD_K:
                c.limits.cap(c.speed.set_rps, _HELD, evap_c)
        else:
            self._evap_c = evap_c
            self._reduces = False

    def _throw(self, now_ms: int, to: bool, c):
        dp_kpa = c.cond_kpa - c.evap_kpa
        if dp_kpa >= self._shift_kpa:
            self._alarms.clear(a.REVERSING_PRESSURE, now_ms)
        elif c.sequence.run_ms >= _LONGEST_MS:
            # Whenever the difference comes, it finds the pilot where it is to be.
            self._alarms.raise_(a.REVERSING_PRESSURE, now_ms, int(dp_kpa))
        else:
            return
        self.on = to
        self._log.add(now_ms, _SHIFTS, int(max(dp_kpa, 0.0)))
