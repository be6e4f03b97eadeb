"""Superheat: a feed-forward from the flow balance, trimmed by a velocity-form PI(D).

The opening is feed-forward times trim times guard. The trim is what this unit's valve and compressor differ
from their data: nearly the same at every load, so what is learned at one speed holds at the next. The guard
answers low superheat at once and gives back what it took, so that a moment of liquid does not wind down the
trim.

What the compressor will take is the forecast's (forecast.py).

After a start liquid stands in the accumulator and superheat reads nothing, whatever the valve does. While
it is `wet`, the valve keeps the evaporating temperature of a dry evaporator; the superheated gas boils the
accumulator empty. Where that takes longer than any accumulator, this unit's evaporator is not dry at that
temperature, and a deeper one is sought.
"""

from micropython import const

from .. import settings as s
from .forecast import PERIOD_S, Forecast

# Own: while speed falls, superheat reads high although the evaporator fills, and the proportional part opens
# by some 3 % from 90 to 30 rps. Half of that: taken whole, it left every machine too dry.
_SLOWING_EXPONENT = const(0.015)
_RATE_S = const(1.0)  # own: the derivative's filter; 3 s and more bring back the hunting it ends
# Own: near the air's temperature superheat hardly says how full the evaporator is; opening waits for it.
_OPENING_SHARE = const(0.5)
# Own: under the rated flow proportional part and derivative are firmer, and alike in both directions: a
# derivative that only closes more makes the sensors' noise a mean, against which the trim opens 2 % more than
# full speed bears.
_FIRM = const(1.3)
_FIRM_LEAD = const(2.0)
_ASKED_LESS = const(1.5)  # own: of the plain gain, at most, for a setpoint that falls
# Own: superheat is no more than the air's temperature over evaporating. Near that a percent of the flow is
# 0.2 K, whatever machine and speed; 1 K under it 0.6 K, 3 K under it 0.9 K (docs/superheat.md).
_STEEPER = const(0.7)  # of the firmness, for a kelvin
_ROOM_MOST_K = const(4.0)
_ALIKE_K = const(0.3)  # error up to which opening and closing are alike, so that noise does not drift
_LARGEST_ERROR_K = const(10.0)  # own: beyond it superheat says "empty", not how empty
_RETURN_S = const(300.0)  # own: the guard returns slower than the evaporator refills
_RETURN_MOST = const(2.0)  # times that rate, far above setpoint
_FADE_S = const(60.0)  # own: about what is left of a wet start when a sensor fails in it
# Own: what slowing down alone has closed comes back near the setpoint too, where the trim waits for it.
_RETURN_LEAST = const(0.05)
_SLOWED = const(0.97)
_RETURN_K = const(5.0)  # superheat above setpoint at which it returns at full rate
# Own: superheat that falls so fast tells of an evaporator that fills already; given back at the full rate, it
# overfills again by as much. The least share of that rate.
_FILLS_K_S = const(0.1)
_FILLING_BACK = const(0.3)
# Own: a trim learned for so long knows better than a wet start what this unit's valve passes; what the start
# opened beyond it goes within that time.
_EASED_S = const(30.0)
_LEARNED_S = const(300)
_LEAST_GUARD = const(0.3)
_MOST_GUARD = const(8.0)  # flash gas takes that much of the valve while the condenser fills
# Own: a ramp of 1 rps/s runs 2 rps ahead of its mean over so long; a demand that follows noisy water, 0.4.
_RAMP_RPS = const(0.6)
_RAMP_MEAN_S = const(2.0)
_RAMP_S = const(15)  # own: after it the evaporator goes on filling; 30 s return too late
_BAND_K = const(2.0)  # own: noise and what an evaporator's content does in a minute
_DEEP_K = const(4.0)  # own: so far under it the protection closes at its full rate
_AHEAD_S = const(8.0)  # own: the protection looks ahead by most of a clamped thermistor's lag
# Own: at the least stable superheat bursts of liquid are what is looked for; 8 s ahead, each would close it.
_AHEAD_SEARCHING_S = const(3.0)
# Own, measured on the plant: a burst takes the liquid with it, and at a valve that stands superheat is back
# after 45 s; one that closes meanwhile leaves the evaporator dry for minutes. No burst counts for more.
_BURST_K = const(1.0)
_FAR_K = const(1.5)  # own: error beyond which the search's gentle integral would find a new load late
_SLOPE_K = const(8.0)  # distance from the band at which the guard moves at full rate
_OPEN_S = const(10.0)
_CLOSE_S = const(20.0)
# Own: the noise between the two superheats, while the speed stands; the lower of both would be a tenth of a
# kelvin under their mean.
_APART_K = const(0.3)
_CALM_K = const(1.5)  # own: error up to which what the valve passes is what this speed needs
_DRY_K = const(5.0)  # superheat that only dry suction shows
_DRY_S = const(15)  # own: longer than the thermistor's lag
# Own: a thermistor comes warm out of a standstill. What it shows before it has been cold once, or four lags
# have passed, is not the gas; taken for dry, the valve closes in pursuit of a falling pressure.
_COOLED_S = const(45)
_WET_K = const(1.0)
_WET_S = const(20)
# Own: an accumulator boils empty in 60 to 240 s, in 420 s in the coldest air, where the lowest evaporating
# temperature binds. Wet for longer, the dry temperature is deeper than the law's.
_BOILED_S = const(240)
_DEEPER_K_S = const(0.0333)  # own: 2 K a minute, slower than the evaporator's content settles
_DEEPEST_K = const(10.0)  # own: further down than sensors, coil and compressor of a unit explain


class Superheat:
    """One expansion valve's loop; `step` once a second."""

    def __init__(self, feedforward, settings):
        self._ff = feedforward
        self._v = settings.v
        self.forecast = Forecast(feedforward, settings)
        self.trim = 1.0
        self.setpoint = settings.v[s.SH_SETPOINT]
        self.factor = 1.0  # of the flow, what a protector leaves or adds
        self.calm = 1.0  # of the gain, what the setpoint's law leaves
        self.room_k = 0.0  # how far the setpoint is under what the air would bear
        self.searching = False  # the law looks for the least stable superheat at a steady load
        self.bears = False  # it is near that: a burst is let pass
        self.base = 0  # where the settings in force begin (sets.py)
        self.moved = False  # they are others: the error's step is none of superheat's
        self._taught = False  # until then the trim is the setting's
        self.guard = 1.0
        self.closing = False  # the protection acts
        self._learned_s = 0  # for which superheat was regulated
        self.wet = True
        self.deeper_k = 0.0  # a dry evaporator is sought so far under the law's, after a long wet time
        self._wet_s = 0
        self._cooled_s = 0  # up to when the thermistor shows the gas, not the standstill
        self._count = 0  # seconds that speak for the other kind
        self._opening = 0.0
        self._ramp = 0  # seconds for which the trim opens no further
        self._last_rps = self._mean_rps = 1.0
        self._error = 0.0
        self._seen_k = self._asked_k = 0.0
        self._rate = 0.0  # change of superheat in a second, filtered
        self._lead = 0.0  # the derivative's part of the flow; nothing to learn
        self._fresh = True  # the next error has no predecessor
        self.feedforward_opening = 0.0

    def prepare(self, rps: float, evap_kpa: float):
        """Start from the density expected at `evap_kpa` and `rps`; a learned trim stays."""
        if not self._taught:
            self.trim = self._v[s.SH_TRIM_START] / 100.0
        self.forecast.begin(rps, evap_kpa, self.setpoint)
        self.guard = self._v[s.SH_START] / 100.0
        self.wet = True
        self.deeper_k = 0.0
        self._wet_s = self._cooled_s = 0
        self._count = 0
        self._begin()

    def predict(self, rps: float, evap_kpa: float, cond_kpa: float) -> float:
        """Opening from feed-forward, trim and guard, within the valve's bounds."""
        flow = self.forecast.flow(rps, evap_kpa, cond_kpa)
        ff = self._ff
        full = ff.full(evap_kpa, cond_kpa)
        self.feedforward_opening = ff.opening(flow, full)
        flow *= max(self.trim + self._lead, 0.0) * self.guard * self.factor
        opening = ff.opening(flow, full)
        self._last_rps = rps
        self._opening = min(max(opening, self._v[s.EEV_MIN] / 100.0), self._v[s.EEV_MAX] / 100.0)
        return self._opening

    def follow(self, rps: float, evap_kpa: float, cond_kpa: float, measured: bool) -> float:
        """Opening by what was learned, without superheat.

        The guard fades, for nothing tells when to end it. `measured`: `evap_kpa` is; a guessed one must not
        move the density.
        """
        self._begin()
        self.closing = False
        self.guard += (1.0 - self.guard) * PERIOD_S / _FADE_S
        if measured:
            self.forecast.believe(rps, evap_kpa, self.setpoint)
        return self.predict(rps, evap_kpa, cond_kpa)

    def step(
        self,
        rps: float,
        evap_kpa: float,
        cond_kpa: float,
        superheat_k: float,
        steady_k: float,
        below_dry_k: float,
    ) -> float:
        """Opening for the next second.

        `rps` is where the speed will be; `steady_k` is superheat over a dew temperature that lags like the
        thermistor, which a falling pressure does not feign; `below_dry_k`, how far the evaporating
        temperature lies under that of a dry evaporator, tells how full it is when superheat cannot.
        """
        self._taught = True
        if self.wet:
            self.closing = False
            self._boil_off(below_dry_k)
            dry = steady_k > _DRY_K
            cooled = self._cooled_s >= _COOLED_S
            if not cooled:
                self._cooled_s += 1 if dry else _COOLED_S
            self._judge(dry and cooled, _DRY_S)
        else:
            self._learned_s = min(self._learned_s + 1, _LEARNED_S)
            self.forecast.believe(rps, evap_kpa, superheat_k)
            self._protect(superheat_k)
            self._slow(rps)
            # A falling pressure feigns superheat for a thermistor's lag; a rising one warns.
            self._regulate(min(superheat_k, steady_k + (0.0 if self._ramp else _APART_K)), rps)
            self._judge(steady_k < _WET_K and not self.bears, _WET_S)
            calm = not (self._ramp or self.closing) and self.factor == 1.0 and abs(self._error) < _CALM_K
            calm = calm and self._ff.subcooled
            self.forecast.learn(rps, self.trim * self.guard, calm)
        return self.predict(rps, evap_kpa, cond_kpa)

    def low(self, superheat_k: float) -> bool:
        """Under the protection's limit; 0 disables it."""
        return superheat_k < self._v[self.base + s.SH_LOW] > 0.0

    def _begin(self):
        """The next error has no predecessor."""
        self._fresh = True
        self._rate = self._lead = 0.0

    def _judge(self, other: bool, seconds: int):
        self._count = self._count + 1 if other else 0
        if self._count >= seconds:
            self._count = 0
            self._begin()
            self.wet = not self.wet
            self.deeper_k = 0.0
            self._wet_s = 0
            if self.guard > 1.0 and self._learned_s < _LEARNED_S:
                self.trim = min(self.trim * self.guard, self._v[s.SH_TRIM_HIGH] / 100.0)
                self.guard = 1.0

    def _boil_off(self, below_dry_k: float):
        if self._wet_s < _BOILED_S:
            self._wet_s += 1
        else:
            self.deeper_k = min(self.deeper_k + _DEEPER_K_S * PERIOD_S, _DEEPEST_K)
        if below_dry_k > _BAND_K:
            self.guard += min((below_dry_k - _BAND_K) / _SLOPE_K, 1.0) * PERIOD_S / _OPEN_S
        elif below_dry_k < -_BAND_K:
            # At the valve's end the guard may have come far over what the valve passes: back in its measure.
            far = self.deeper_k > 0.0 and self._opening >= self._v[s.EEV_MAX] / 100.0
            size = max(self.guard, 1.0) if far else 1.0
            self.guard -= size * min((-below_dry_k - _BAND_K) / _SLOPE_K, 1.0) * PERIOD_S / _CLOSE_S
        self.guard = min(max(self.guard, _LEAST_GUARD), _MOST_GUARD)

    def _slow(self, rps: float):
        """Close with a falling speed; a rising one gives back, or a dithering one would close for ever."""
        if self._fresh:
            self._mean_rps = rps
        self._mean_rps += (rps - self._mean_rps) * PERIOD_S / (_RAMP_MEAN_S + PERIOD_S)
        if abs(rps - self._mean_rps) > _RAMP_RPS:
            self._ramp = _RAMP_S
        elif self._ramp:
            self._ramp -= 1
        if rps < self._last_rps or not self.closing:
            factor = (rps / self._last_rps) ** _SLOWING_EXPONENT
            self.guard = min(max(self.guard * factor, _LEAST_GUARD), max(self.guard, 1.0))

    def _regulate(self, superheat_k: float, rps: float):
        """Move the trim; the derivative, on what is measured, leads and is not learned."""
        v, base = self._v, self.base
        slowness = self._ff.slowness(rps)
        error = min(superheat_k - self.setpoint, _LARGEST_ERROR_K)
        if self.bears:
            error = max(error, -_BURST_K)
        if self._fresh:
            self._error = error
            self._seen_k = superheat_k
            self._asked_k = self.setpoint
            self._fresh = False
        if self.moved:
            self._error = error
            self._asked_k = self.setpoint
            self.moved = False
        asked = self.setpoint - self._asked_k
        change = error - self._error + asked
        self._error = error
        self._asked_k = self.setpoint
        self._rate = (self._rate + superheat_k - self._seen_k) * _RATE_S / (_RATE_S + PERIOD_S)
        self._seen_k = superheat_k
        # At a high flow the proportional part is what swings. What comes to rest late, and what closes before
        # the evaporator has overfilled, keep their measure. At a low flow both are firmer.
        ease = self._ff.ease(rps, self.forecast.density)
        if self.searching:
            # Near the line superheat answers a percent of the flow alike at any flow.
            ease = min(ease, 1.0)
        elif ease > 1.0:
            ease /= 1.0 + (ease - 1.0) * min(max(self.room_k, 0.0), _ROOM_MOST_K) * _STEEPER
        gain = v[base + s.SH_GAIN] / 100.0
        change *= gain * self.calm * ease
        if ease > 1.0:
            change *= min(ease, _FIRM)
        # What is asked for takes some 3 % of the flow a kelvin at any flow: firmer, a setpoint that rises
        # with a ramp from a low speed closes three times as far as it means. One that falls may be firmer:
        # the proportional part takes back at a low flow what it gave, and superheat stands dry for minutes.
        change -= asked * gain * self.calm * min(ease, 1.0 if asked > 0.0 else _ASKED_LESS)
        gain *= max(ease, 1.0)
        self._lead = self._rate * v[base + s.SH_TD] * slowness * slowness / _RATE_S * gain * self.calm
        if ease > 1.0:
            self._lead *= min(ease, _FIRM_LEAD)
        elif self._lead > 0.0:
            self._lead *= ease
        gain *= self.calm * PERIOD_S / v[base + s.SH_TI]
        far = max(error - _FAR_K, 0.0) * gain if self.calm < 1.0 else 0.0
        gain *= self.calm
        # Anti-windup: what the guard holds back is the guard's to give back.
        if error < 0.0:
            change += error * gain
        elif self.guard >= 1.0 and not self._ramp:
            alike = min(error, _ALIKE_K)
            change += (alike + (error - alike) * _OPENING_SHARE) * gain + far
        # Anti-windup: a valve at its end does not learn what it cannot do.
        # So does one that a protector holds back, or open.
        if (error > 0.0 and (self._opening >= v[s.EEV_MAX] / 100.0 or self.factor < 1.0)) or (
            error < 0.0 and (self._opening <= v[s.EEV_MIN] / 100.0 or self.factor > 1.0)
        ):
            return
        self.trim = min(max(self.trim + change, v[s.SH_TRIM_LOW] / 100.0), v[s.SH_TRIM_HIGH] / 100.0)

    def _protect(self, superheat_k: float):
        """Close by how far superheat will be below the limit, give back once it is above setpoint."""
        limit, above = self._v[self.base + s.SH_LOW], superheat_k - self.setpoint
        ahead_k = superheat_k + self._rate * (_AHEAD_SEARCHING_S if self.searching else _AHEAD_S)
        self.closing = self.low(ahead_k) and not self.bears
        if self.guard > 1.0:
            self.guard += (1.0 - self.guard) * PERIOD_S / _EASED_S
        if self.closing:
            depth = min((limit - ahead_k) / max(limit, _DEEP_K), 1.0)
            self.guard = max(self.guard - depth * PERIOD_S / self._v[s.SH_LOW_TI], _LEAST_GUARD)
        elif above > 0.0:
            least = _RETURN_LEAST if self.guard > _SLOWED else 0.0
            back = min(max(above / _RETURN_K, least), _RETURN_MOST) * PERIOD_S / _RETURN_S
            back *= min(max(1.0 + self._rate / _FILLS_K_S, _FILLING_BACK), 1.0) * self.calm
            self.guard = min(self.guard + back, max(self.guard, 1.0))
