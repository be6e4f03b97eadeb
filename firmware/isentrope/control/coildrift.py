"""Drift of the coil's and the outdoor sensor: found against the refrigerant, corrected, or not believed.

At rest, once the fan has blown outdoor air through a coil over 3 degC for three minutes, three say the same:
outdoor air, coil, and the temperature at which the refrigerant, whose pressure is that of its coldest place,
is saturated. The one that is off stands alone. The fan is asked for that after a stop, until three rests have
agreed, then once a day.

Colder than that no rest comes for weeks, so heating tells too, in minutes 12 to 15 after a defrost, when the
coil is clean: its wall at the expansion valve's end lies 0.4 K plus 1.3 K at the rated gas flow over the
refrigerant there, within 0.5 K on the plants (R290, R32, R454B, R410A; 30 to 90 rps; 2 and -7 degC); and the
air as far over the refrigerant as `frostdemand` says, or as this machine had it when rests last found its
sensors right.

Three findings in a row that agree count. Up to the setting's kelvins they correct what the defrost takes
from the sensors (nothing else); beyond that the sensor is not believed: alarm. What was found is not stored:
a start learns it anew, within a few hours of frost.
"""

from array import array

from micropython import const

from . import states
from .io import BAD_COIL_T, BAD_EVAP_P, BAD_OUTDOOR_T
from .ticks import Since

_LIMIT = const(156)  # place in Settings.v
_COIL = const(0)
_OUTDOOR = const(1)
_ALARM = const(49)
_CORRECTED = const(93)  # decisions
_PURGES = const(98)
_REST_C = const(3.0)  # under it frost and wet fins are colder than the air
_PURGE_MS = const(180_000)
_MEAN_MS = const(20_000)  # own: noise of 0.1 K becomes 0.02 K
_DAY_MS = const(86_400_000)
_FROM_MS = const(720_000)
_TO_MS = const(900_000)
_STEADY_K = const(2.0)  # as frostdemand
_WALL_K = const(0.4)
_WALL_LOAD_K = const(1.3)
_AIR_K = const(1.8)  # own: so much less than superheat's setpoint a clean coil lies under the air, unloaded
_LOAD_K = const(1.2)
_OVERLOAD_K = const(1.0)
_AGREE_K = const(1.0)  # own: of three findings
# Own: less is the map's uncertainty, and costs no defrost.
_COIL_LEAST_K = const(1.2)
_OUTDOOR_LEAST_K = const(1.8)
_REST_LEAST_K = const(1.2)  # own: of three kinds of sensors in one place
# Own: a coil that was in service is wet, and stays for an hour between the air and its wet bulb, 1.3 K under
# it at 80 %.
_WET_K = const(0.7)
_NO = const(-99.0)


class Drift:
    """An option of the controller (options.py); it writes `c.defrost.frost`'s corrections."""

    SLOW = True

    def __init__(self, settings, alarms, log):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._off = Since(3_600_000)
        self._rested = Since(_DAY_MS)  # since the last comparison at rest
        self._heated_ms = 0  # since a defrost that left a clean coil
        self._clean = False
        self._purging = False
        self._n = 0  # readings in the sums; -1: this stop is not for a comparison
        self._sum = array("f", (0.0, 0.0))
        self._found = array("f", (_NO,) * 6)  # the last three findings of each sensor
        self._agreed = False  # the last three rests
        self._usual_k = _NO  # clean air over refrigerant, unloaded, of this machine

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        self._rested.step(now_ms)
        off = self._off.step(now_ms, not out.compressor_on)
        bad = (inp.bad | c.sensors.failed) & (BAD_COIL_T | BAD_OUTDOOR_T | BAD_EVAP_P)
        c.sequence.purge = False
        if self._v[_LIMIT] <= 0.0:
            self._forget(now_ms, c.defrost.frost)
        elif bad:
            self._purging = False
            self._n = 0
        elif out.compressor_on:
            self._n = max(self._n, 0)
            self._purging = False
            self._heat(now_ms, int(dt_s * 1000.0), inp, c)
        else:
            self._rest(now_ms, off, inp, c)

    def _forget(self, now_ms: int, frost):
        """Switched off: both sensors are believed as they are."""
        if frost.blind or frost.coil_off_k != 0.0 or frost.outdoor_off_k != 0.0:
            frost.blind = 0
            frost.coil_off_k = frost.outdoor_off_k = 0.0
            self._alarms.clear(_ALARM, now_ms)
            self._alarms.clear(_ALARM + 1, now_ms)

    def _rest(self, now_ms: int, off: int, inp, c):
        end = _PURGE_MS + _MEAN_MS
        if off > end or c.state != states.OFF or not c.sequence.starts:
            self._purging = False
            return
        if not self._purging:
            due = not self._agreed or self._rested.ms >= _DAY_MS
            if not due or self._n < 0 or inp.outdoor_c <= _REST_C:
                self._n = -1  # not in this stop
                return
            self._purging = True
            self._n = 0
            self._sum[_COIL] = self._sum[_OUTDOOR] = 0.0
            self._log.add(now_ms, _PURGES, _PURGE_MS // 1000)
        c.sequence.purge = True
        if off < _PURGE_MS:
            return
        sat_c = c.saturation.bubble_c(c.evap_kpa)  # the valve is shut: the coil's, whatever the condenser's
        self._sum[_COIL] += inp.coil_c - sat_c
        self._sum[_OUTDOOR] += inp.outdoor_c - sat_c
        self._n += 1
        if off < end - 1000:
            return
        coil, air = self._sum[_COIL] / self._n, self._sum[_OUTDOOR] / self._n
        self._purging = False
        self._n = -1
        self._rested.restart(now_ms)
        if sat_c + coil + air - max(0.0, coil, air) - min(0.0, coil, air) <= _REST_C:
            return  # the middle of the three
        air -= _WET_K
        if abs(coil) < _REST_LEAST_K:
            air -= 0.5 * coil
            coil = 0.0
        elif abs(coil - air) < _REST_LEAST_K:
            coil = air = 0.0  # they agree with each other: the pressure is the odd one
        agree = self._take(now_ms, _COIL, coil, _REST_LEAST_K, c)
        agree = self._take(now_ms, _OUTDOOR, air, _REST_LEAST_K, c) and agree
        self._agreed = agree

    def _heat(self, now_ms: int, passed: int, inp, c):
        if c.state != states.HEATING and c.state != states.HOT_WATER:
            if c.state == states.DEFROSTING:
                self._heated_ms = 0
                self._clean = True
            return
        if not self._clean or self._heated_ms > _TO_MS or not c.defrost.frost.clean:
            return
        self._heated_ms += passed
        if self._heated_ms < _FROM_MS:
            self._n = 0
            self._sum[_COIL] = self._sum[_OUTDOOR] = 0.0
            return
        if self._heated_ms > _TO_MS:
            if self._n:
                self._judge(now_ms, c)
            return
        if abs(c.superheat_k - c.superheat_setpoint_k) > _STEADY_K:
            return
        density = c.saturation.vapour_density
        load = c.speed.set_rps * density(c.evap_kpa) / (c.rated_rps * density(c.saturation.dew_kpa(-2.0)))
        wall = _WALL_K + _WALL_LOAD_K * load
        self._sum[_COIL] += inp.coil_c - c.saturation.bubble_c(c.evap_kpa) - wall
        air = _LOAD_K * load + _OVERLOAD_K * max(load - 1.0, 0.0) + c.superheat_setpoint_k - _AIR_K
        self._sum[_OUTDOOR] += inp.outdoor_c - c.evap_sat_c - air
        self._n += 1

    def _judge(self, now_ms: int, c):
        coil, air = self._sum[_COIL] / self._n, self._sum[_OUTDOOR] / self._n
        self._n = 0
        self._take(now_ms, _COIL, coil, _COIL_LEAST_K, c)
        if self._agreed and c.defrost.frost.outdoor_off_k == 0.0 and self._usual_k == _NO:
            self._usual_k = air  # rests have just found it right: this is the machine's own
        if self._usual_k > _NO:
            air -= self._usual_k
        self._take(now_ms, _OUTDOOR, air, _OUTDOOR_LEAST_K, c)

    def _take(self, now_ms: int, which: int, off_k: float, least_k: float, c) -> bool:
        """Keep a finding; True when the last three agree, which then count."""
        found, at = self._found, 3 * which
        found[at], found[at + 1], found[at + 2] = found[at + 1], found[at + 2], off_k
        low, high = min(found[at], found[at + 1], off_k), max(found[at], found[at + 1], off_k)
        if high - low > _AGREE_K:
            return False
        mean = (found[at] + found[at + 1] + off_k) / 3.0
        frost = c.defrost.frost
        bit = BAD_OUTDOOR_T if which else BAD_COIL_T
        if abs(mean) > self._v[_LIMIT]:
            frost.blind |= bit
            self._alarms.raise_(_ALARM + which, now_ms, int(mean * 10.0))
            mean = 0.0
        else:
            frost.blind &= ~bit
            self._alarms.clear(_ALARM + which, now_ms)
        if abs(mean) < least_k:
            mean = 0.0
        was = frost.outdoor_off_k if which else frost.coil_off_k
        if abs(mean - was) >= 0.5 or (mean == 0.0) != (was == 0.0):
            self._log.add(now_ms, _CORRECTED + which, int(mean * 10.0))
            if which:
                frost.outdoor_off_k = mean
            else:
                frost.coil_off_k = mean
        return True


def make(profile, settings, alarms, log, c):
    return Drift(settings, alarms, log) if profile.get("reversing") else None
