"""The flow that will be wanted: the compressor's, before pressures and superheat have followed.

Suction density enters slowly. Believed at once, valve and compressor would agree at any content of the
evaporator, and the self-regulation of an evaporator at a fixed valve would be lost. What a change of speed,
of air or of water will do is predicted instead.
"""

from micropython import const

from .. import settings as s

PERIOD_S = const(1.0)
# Own, measured on the plant: density falls with speed^0.14, since the evaporator's temperature difference,
# near 10 K, grows with speed^0.4, and a kelvin is 3.3 % of density.
_DENSITY_EXPONENT = const(0.14)
# Own: that difference follows the speed so much later; meanwhile the gas is as dense as it was, and what the
# coil's metal gives boils refrigerant too, or takes it away.
_LATE_S = const(15.0)
# Own: a kelvin of evaporating temperature is 3.3 % of density, so of heat, so of the evaporator's temperature
# difference, near 10 K. It follows the air's by 1 / (1 + 0.33), three quarters of a kelvin a kelvin.
_DENSITY_PER_AIR_K = const(0.025)
# Own: until it has followed, colder air boils less than the compressor draws, and superheat, which cannot be
# more than the air's temperature over evaporating, collapses first. So much less flow a kelvin, for a while.
_COOLING_PER_K = const(0.015)
_COOLING_S = const(60.0)
# Own: while the condensing temperature rises, the liquid that comes is still as cold as it was, and takes 0.7
# to 0.95 % more heat for each kelvin of that, by the fluid; until the condenser's liquid has been replaced. A
# ramp has enough of that in its late density: given back after it, this would flood the nominal unit.
_COLD_LIQUID_PER_K = const(0.008)
_LIQUID_S = const(40.0)
_AIR_S = const(4.0)  # own: the outdoor thermistor's noise would be the valve's
_NO_AIR = const(-999.0)


class Forecast:
    """Density believed slowly, and what is known to move it; `flow` once a second."""

    def __init__(self, feedforward, settings):
        self._ff = feedforward
        self._v = settings.v
        self.density = 0.0  # kg/m3, believed
        self._rps = self._late_rps = 1.0
        self._air_c = self._slow_air_c = self._late_air_c = _NO_AIR
        self._late_cond_c = _NO_AIR

    def begin(self, rps: float, evap_kpa: float, superheat_k: float):
        """Start from the density expected at `evap_kpa`, which is already this air's."""
        self.density = self._ff.density(evap_kpa, superheat_k)
        self._rps = self._late_rps = rps
        self._air_c = _NO_AIR
        self._late_cond_c = _NO_AIR

    def flow(self, rps: float, evap_kpa: float, cond_kpa: float, moving: bool) -> float:
        """Flow of the compressor, kg/s, as it will be; `moving`: the speed is in a ramp."""
        self._late_rps += (rps - self._late_rps) * PERIOD_S / (_LATE_S + PERIOD_S)
        density = self.density * (self._rps / self._late_rps) ** _DENSITY_EXPONENT
        if self._air_c != _NO_AIR:
            # Warmer air opens as the evaporator follows it, colder air closes at once, and more at first.
            cooling = min(self._air_c - self._late_air_c, 0.0)
            follows = self._late_air_c + cooling - self._slow_air_c
            density *= max(1.0 + follows * _DENSITY_PER_AIR_K + cooling * _COOLING_PER_K, 0.5)
        flow = self._ff.compressor_flow(rps, density, cond_kpa / max(evap_kpa, 1.0))
        cond_c = self._ff.condensing_c(cond_kpa)
        if self._late_cond_c == _NO_AIR or moving:
            self._late_cond_c = cond_c
        self._late_cond_c += (cond_c - self._late_cond_c) * PERIOD_S / (_LIQUID_S + PERIOD_S)
        flow *= 1.0 - min(max(cond_c - self._late_cond_c, 0.0), 10.0) * _COLD_LIQUID_PER_K
        return flow

    def air(self, outdoor_c: float, known: bool):
        """The air's temperature, once a second, before `step`; not `known`: its sensor failed."""
        if not known:
            self._air_c = _NO_AIR
        elif self._air_c == _NO_AIR:
            self._air_c = self._slow_air_c = self._late_air_c = outdoor_c
        else:
            self._air_c += (outdoor_c - self._air_c) * PERIOD_S / (_AIR_S + PERIOD_S)
            self._late_air_c += (self._air_c - self._late_air_c) * PERIOD_S / (_COOLING_S + PERIOD_S)

    def thicker(self) -> float:
        """How much denser suction gas is than at the rating, 1 and more."""
        return self._ff.thicker(self.density)

    def believe(self, rps: float, evap_kpa: float, superheat_k: float):
        """The density measured at `rps`, in the time of its setting."""
        share = PERIOD_S / (self._v[s.SH_DENSITY] + PERIOD_S)
        self.density += (self._ff.density(evap_kpa, superheat_k) - self.density) * share
        self._rps += (rps - self._rps) * share
        self._slow_air_c += (self._air_c - self._slow_air_c) * share
