"""The flow that will be wanted: the compressor's, before pressures and superheat have followed.

Suction density enters slowly. Believed at once, valve and compressor would agree at any content of the
evaporator, and the self-regulation of an evaporator at a fixed valve would be lost. What a change of speed,
of air or of water will do is predicted instead.
"""

import math

from micropython import const

from .. import settings as s

PERIOD_S = const(1.0)
# The flow a revolution falls with speed^e, by the machine's data (feedforward.py). This unit's own is learned
# from its first lasting change of speed: so far off the data's, by so much of what a threefold speed shows.
_MOST_MORE = const(0.06)
_UNSEEN = const(0.05)  # own: subcooling grows with speed too, nearly threefold from 30 to 90 rps
_UNSEEN_S = const(60.0)  # own: a sensor that fails, or a change to cooling, is no step of the valve
_LEARNS = const(0.7)
_SETTLES_S = const(90)  # own: the evaporator's content has settled
_SETTLED_S = const(150)
_SOON_S = const(400)  # own: what frost, air and water change meanwhile is not the speed's
_APART = const(0.4)  # own: logarithm of the two speeds' ratio, 1.5
# Own: that difference follows the speed so much later; meanwhile the gas is as dense as it was, and what the
# coil's metal gives boils refrigerant too, or takes it away.
_LATE_S = const(15.0)
# Own: a kelvin of evaporating temperature is 3.3 % of density, so of heat, so of the evaporator's temperature
# difference, near 10 K. It follows the air's by 1 / (1 + 0.33), three quarters of a kelvin a kelvin.
_DENSITY_PER_AIR_K = const(0.025)
# Own: until it has followed, colder air boils less than the compressor draws, and superheat, which cannot be
# more than the air's temperature over evaporating, collapses first. So much less flow a kelvin, for a while.
_COOLING_PER_K = const(0.015)
_COOLING_S = const(25.0)  # at the rated speed; longer where the evaporator is slower
_AIR_S = const(4.0)  # own: the outdoor thermistor's noise would be the valve's
_NO_AIR = const(-999.0)


class Forecast:
    """Density believed slowly, and what is known to move it; `flow` once a second."""

    def __init__(self, feedforward, settings):
        self._ff = feedforward
        self._v = settings.v
        self.density = 0.0  # kg/m3, believed
        self.more = 0.0  # of the exponent of speed, as learned
        self._unseen = _UNSEEN  # of it, while subcooling is not known
        self._used = 0.0  # the density in force
        self._known = self._known_rps = 0.0  # what the last speed needed, once it had settled
        self._need = 0.0
        self._calm_s = 0
        self._calm_rps = 1.0
        self._soon_s = 0
        self._rps = self._late_rps = 1.0
        self._air_c = self._slow_air_c = self._late_air_c = _NO_AIR

    def begin(self, rps: float, evap_kpa: float, superheat_k: float):
        """Start from the density expected at `evap_kpa`, which is already this air's."""
        self.density = self._ff.density(evap_kpa, superheat_k)
        self._rps = self._late_rps = rps
        self._air_c = _NO_AIR

    def flow(self, rps: float, evap_kpa: float, cond_kpa: float) -> float:
        """Flow of the compressor, kg/s, as it will be."""
        self._late_rps += (rps - self._late_rps) * PERIOD_S / (_LATE_S + PERIOD_S)
        ff = self._ff
        self._unseen += (
            ((0.0 if ff.subcooled else _UNSEEN) - self._unseen) * PERIOD_S / (_UNSEEN_S + PERIOD_S)
        )
        exponent = ff.speed_exponent + self.more + self._unseen
        density = self.density * (self._rps / self._late_rps) ** exponent
        if self._air_c != _NO_AIR:
            # Warmer air opens as the evaporator follows it, colder air closes at once, and more at first.
            cooling = min(self._air_c - self._late_air_c, 0.0)
            follows = self._late_air_c + cooling - self._slow_air_c
            density *= max(1.0 + follows * _DENSITY_PER_AIR_K + cooling * _COOLING_PER_K, 0.5)
        self._used = density
        return ff.compressor_flow(rps, density, cond_kpa / max(evap_kpa, 1.0))

    def air(self, outdoor_c: float, known: bool):
        """The air's temperature, once a second, before `step`; not `known`: its sensor failed."""
        if not known:
            self._air_c = _NO_AIR
        elif self._air_c == _NO_AIR:
            self._air_c = self._slow_air_c = self._late_air_c = outdoor_c
        else:
            self._air_c += (outdoor_c - self._air_c) * PERIOD_S / (_AIR_S + PERIOD_S)
            slowness = self._ff.slowness(self._late_rps)
            cooling_s = _COOLING_S * slowness * slowness
            self._late_air_c += (self._air_c - self._late_air_c) * PERIOD_S / (cooling_s + PERIOD_S)

    def thicker(self) -> float:
        """How much denser suction gas is than at the rating, 1 and more."""
        return self._ff.thicker(self.density)

    def believe(self, rps: float, evap_kpa: float, superheat_k: float):
        """The density measured at `rps`, in the time of its setting."""
        share = PERIOD_S / (self._v[s.SH_DENSITY] + PERIOD_S)
        self.density += (self._ff.density(evap_kpa, superheat_k) - self.density) * share
        self._rps += (rps - self._rps) * share
        self._slow_air_c += (self._air_c - self._slow_air_c) * share

    def learn(self, rps: float, passed: float, calm: bool):
        """What a change of speed makes of the flow a revolution; once a second, after `flow`.

        `passed`: what the loop multiplies the flow by; `calm`: superheat is near its setpoint, the speed
        stands and nothing else moves the valve.
        """
        self._soon_s = min(self._soon_s + 1, _SOON_S)
        if not calm:
            if self._calm_s >= _SETTLED_S:
                self._known, self._known_rps = self._need, self._calm_rps
                self._soon_s = 0
            self._calm_s = 0
            return
        self._calm_s += 1
        self._calm_rps = rps
        need = passed * self._used
        if self._calm_s <= _SETTLES_S:
            self._need = need
        self._need += (need - self._need) * PERIOD_S / (_SETTLED_S - _SETTLES_S)
        if self._calm_s == _SETTLED_S and self._known > 0.0 and self._soon_s < _SOON_S:
            apart = math.log(rps / self._known_rps)
            if abs(apart) > _APART:
                seen = -math.log(self._need / self._known) / apart - self._ff.speed_exponent
                seen = min(max(seen, -_MOST_MORE), _MOST_MORE)
                self._take((seen - self.more) * min(abs(apart), 1.0) * _LEARNS)

    def _take(self, more: float):
        """The opening stays: the believed density is that of a speed long ago."""
        self.density *= (self._late_rps / self._rps) ** more
        self.more += more
