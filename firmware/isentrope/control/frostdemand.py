"""Defrost on demand: frost shows in how far the coil evaporates under the air, at equal load.

What a clean coil needs is learned in minutes 10 to 15 of heating after a defrost, as the difference of air
and evaporating temperature less what the load makes of it. The load is the compressor's gas flow over the
rated one. So an offset of the outdoor sensor, a coil that is a little fouled and a machine's own coil are all
in the clean map, and only growth counts. Frost narrows the air's way; the same blockage shows in proportion
to the heat that flows, and so the growth that is waited for follows the load. In dry cold so little freezes
that hours do not matter: the longest time counts where half that growth is there, or a clean coil not known.

Measured on the plants (R290, R32, R454B and R410A; 30 to 90 rps; -15 to 5 degC, humid): with 8 K of superheat
a clean coil evaporates 5.6 to 6.9 K under the air, plus 1.2 K for the rated flow and 1 K more for each as
much again beyond it. R290 in dry air of 7 degC, without frost, grows by 4 K from 30 to 90 rps.
"""

from micropython import const

from .. import settings as s
from .ticks import Since

_BASE = const(150)
_GROWTH = const(_BASE)  # places in Settings.v
_LONGEST = const(_BASE + 2)
_LOAD_K = const(1.2)  # own, see above
_OVERLOAD_K = const(1.0)
_LEAST_LOAD = const(0.4)  # own: under it the growth waited for, half a kelvin, is not less for less load
_LATE = const(0.5)  # own: of the growth waited for, after the longest time
_RATED_C = const(-2.0)  # evaporating, in air of 7 degC: the rated gas flow
_LEARN_FROM_MS = const(600_000)  # minutes 10 to 15: the plate, the accumulator and superheat are at rest
_LEARN_MS = const(300_000)
_CAP_MS = const(1_200_000)
_FILTER_S = const(60.0)  # own: 0.1 K and 0.2 % of full scale of noise become 0.03 K
_STEADY_K = const(2.0)  # own: superheat further off its setpoint moves evaporating by itself
_SURE_MS = const(30_000)  # own
_UNKNOWN = const(-100.0)
_DUE = const(90)  # decisions
_LEARNED = const(96)


class Law:
    """`growth_k` over the clean coil; `clean_k`: what was learned of it, _UNKNOWN before that."""

    why = _DUE

    def __init__(self, settings, log):
        self._v = settings.v
        self._log = log
        self._sure = Since(_SURE_MS)
        self._rated = 0.0
        self._heated_ms = 0  # of that since the last clean defrost, or the start, beyond the tenth minute
        self._run_ms = 0  # at a stretch: after a stop a house that recovers is no frost
        self._seen_k = _UNKNOWN  # filtered
        self._sum_k = 0.0
        self._n = 0
        self._setpoint_k = 0.0  # of superheat, when the map was learned
        self.clean_k = _UNKNOWN
        self.growth_k = 0.0
        self.load = 0.0

    @property
    def value(self) -> float:
        """Growth in tenths of a kelvin, for the log."""
        return max(self.growth_k * 10.0, 0.0)

    def ended(self, melted_s: float):
        self._heated_ms = self._n = 0
        self._seen_k = self.clean_k = _UNKNOWN
        self._sum_k = self.growth_k = 0.0

    def step(self, now_ms: int, passed: int, heating: bool, coil_c: float, air_c: float, frost, c) -> bool:
        if heating:
            self._run_ms = min(self._run_ms + passed, _CAP_MS)
            if self._run_ms >= _LEARN_FROM_MS:
                self._heated_ms = min(self._heated_ms + passed, _CAP_MS)
                self._look(now_ms, passed / 1000.0, air_c, frost, c)
        else:
            self._run_ms = 0
            self._seen_k = _UNKNOWN
            self.growth_k = frost.growth_k = 0.0
        v = self._v
        wanted = v[_GROWTH] * max(self.load, _LEAST_LOAD)
        grown = heating and self.clean_k > _UNKNOWN and self.growth_k >= wanted
        grown = self._sure.step(now_ms, grown) >= _SURE_MS
        if not frost.clean:
            grown = grown and frost.ms >= v[s.DEFROST_RETRY] * 60_000.0
        late = frost.ms >= v[_LONGEST] * 60_000.0
        return grown or (late and (self.clean_k == _UNKNOWN or self.growth_k >= _LATE * wanted))

    def _look(self, now_ms: int, dt_s: float, air_c: float, frost, c):
        setpoint_k = c.superheat_setpoint_k
        if abs(c.superheat_k - setpoint_k) > _STEADY_K:
            return
        saturation = c.saturation
        if self._rated <= 0.0:
            self._rated = c.rated_rps * saturation.vapour_density(saturation.dew_kpa(_RATED_C))
        self.load = c.speed.set_rps * saturation.vapour_density(c.evap_kpa) / self._rated
        over_k = air_c - c.evap_sat_c - _LOAD_K * self.load - _OVERLOAD_K * max(self.load - 1.0, 0.0)
        if self._seen_k == _UNKNOWN:
            self._seen_k = over_k
        self._seen_k += (over_k - self._seen_k) * dt_s / (_FILTER_S + dt_s)
        if self.clean_k == _UNKNOWN:
            self._sum_k += over_k
            self._n += 1
            if self._heated_ms >= _LEARN_MS and self._n * dt_s >= _FILTER_S:
                self.clean_k = self._sum_k / self._n
                self._setpoint_k = setpoint_k
                self._log.add(now_ms, _LEARNED, int(self.clean_k * 10.0))
            return
        # A coil that evaporates the nearer to the air the warmer its superheat is set: other by as much.
        seen_k = self._seen_k - (setpoint_k - self._setpoint_k)
        # What is learned while a house still recovers from a defrost is a little high.
        self.clean_k = min(self.clean_k, seen_k)
        self.growth_k = frost.growth_k = seen_k - self.clean_k
