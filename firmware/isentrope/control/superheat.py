"""Superheat: a feed-forward from the flow balance, trimmed by a velocity-form PI(D).

The opening is feed-forward times trim times guard. The trim is what this unit's valve and compressor differ from
their data: nearly the same at every load, so what is learned at one speed holds at the next. The guard answers low
superheat at once and gives back what it took, so that the trim is not wound down by a moment of liquid.

Two asymmetries keep liquid out of the compressor when it slows down. The valve runs ahead of the falling speed,
because the evaporator must also give up liquid when its load falls; and a rising suction density is believed only
slowly, since believing it at once would make valve and compressor agree at any evaporator content, and with it
take away the evaporator's self-regulation.
"""

from .. import settings as s

PERIOD_S = 1.0
_GUARD_RETURN_S = 120.0  # own: slower than the evaporator refills
_GUARD_RETURN_K = 5.0
_LEAST_GUARD = 0.3
_MOST_GUARD = 1.5
_DENSITY_EXPONENT = 0.14
_START_GUARD_S = 60.0
_DRY_START_K = 14.0
_START_BAND_K = 2.0
_EMPTY_K = 13.0
_EMPTY_K_PER_RPS = 0.1
_LARGEST_ERROR_K = 10.0  # own: beyond it superheat says "empty", not how empty


class Superheat:
    """One expansion valve's loop; `step` once a second."""

    def __init__(self, feedforward, settings):
        self._ff = feedforward
        self._v = settings.v
        self.trim = settings.v[s.SH_TRIM_START] / 100.0
        self.guard = 1.0
        self._density = 0.0
        self._rps = 1.0
        self._error = 0.0
        self._last_error = 0.0
        self._fresh = True  # the next error has no predecessor
        self.feedforward_opening = 0.0

    def prepare(self, rps: float, evap_kpa: float):
        """Start from the density expected at `evap_kpa` and `rps`; the learned trim stays."""
        self._density = self._ff.density(evap_kpa, self._v[s.SH_SETPOINT])
        self._rps = rps
        self.guard = self._v[s.SH_START] / 100.0
        self._fresh = True

    def predict(self, rps: float, evap_kpa: float, cond_kpa: float) -> float:
        """Opening from feed-forward, trim and guard."""
        density = self._density * (self._rps / rps) ** _DENSITY_EXPONENT
        flow = self._ff.compressor_flow(rps, density, cond_kpa / evap_kpa)
        self.feedforward_opening = self._ff.opening(flow, evap_kpa, cond_kpa)
        return self._ff.opening(flow * self.trim * self.guard, evap_kpa, cond_kpa)

    def start(self, rps: float, evap_kpa: float, cond_kpa: float, depression_k: float, settled: bool) -> float:
        """Opening while liquid may still stand in the accumulator and superheat reads nothing.

        `depression_k`, outdoor air minus evaporating temperature, tells how full the evaporator is; the guard keeps
        it where the evaporator sends dry gas, which boils the accumulator empty. `settled`: pressures have parted.
        """
        if depression_k > _DRY_START_K + _START_BAND_K:
            self.guard = min(self.guard + PERIOD_S / _START_GUARD_S, _MOST_GUARD)
        elif settled and depression_k < _DRY_START_K - _START_BAND_K:
            self.guard = max(self.guard - PERIOD_S / _START_GUARD_S, _LEAST_GUARD)
        self._fresh = True
        return self.predict(rps, evap_kpa, cond_kpa)

    def step(
        self, rps: float, evap_kpa: float, cond_kpa: float, superheat_k: float, depression_k: float, learn: bool
    ) -> float:
        """Opening for the next second; `rps` is where the speed will be, `learn` lets the PI act."""
        share = PERIOD_S / (self._v[s.SH_DENSITY] + PERIOD_S)
        self._density += (self._ff.density(evap_kpa, superheat_k) - self._density) * share
        self._rps += (rps - self._rps) * share
        if self.guard > 1.0:
            self.trim = min(self.trim * self.guard, self._v[s.SH_TRIM_HIGH] / 100.0)
            self.guard = 1.0
        if learn:
            self._protect(superheat_k, depression_k - _EMPTY_K - _EMPTY_K_PER_RPS * rps)
            self._regulate(superheat_k - self._v[s.SH_SETPOINT])
        else:
            self._fresh = True
        return self.predict(rps, evap_kpa, cond_kpa)

    def _regulate(self, error: float):
        v = self._v
        error = min(error, _LARGEST_ERROR_K)
        if self._fresh:
            self._error = self._last_error = error
            self._fresh = False
        change = (
            error - self._error
            + error * PERIOD_S / v[s.SH_TI]
            + (error - 2.0 * self._error + self._last_error) * v[s.SH_TD] / PERIOD_S
        ) * v[s.SH_GAIN] / 100.0  # fmt: skip
        self._last_error = self._error
        self._error = error
        self.trim = min(max(self.trim + change, v[s.SH_TRIM_LOW] / 100.0), v[s.SH_TRIM_HIGH] / 100.0)

    def _protect(self, superheat_k: float, empty_k: float):
        """Close in proportion to how far superheat is below the limit; give back slowly once it is above setpoint.

        An evaporator far below the air is empty (`empty_k` positive): liquid at the suction then comes from the
        accumulator, and closing more would only starve the compressor.
        """
        limit, setpoint = self._v[s.SH_LOW], self._v[s.SH_SETPOINT]
        if empty_k > 0.0:
            self.guard = min(self.guard + PERIOD_S / _START_GUARD_S, 1.0)
        elif superheat_k < limit:
            depth = min((limit - superheat_k) / limit, 1.0)
            self.guard = max(self.guard - depth * PERIOD_S / self._v[s.SH_LOW_TI], _LEAST_GUARD)
        elif superheat_k > setpoint:
            share = min((superheat_k - setpoint) / _GUARD_RETURN_K, 1.0)
            self.guard = min(self.guard + share * PERIOD_S / _GUARD_RETURN_S, 1.0)
