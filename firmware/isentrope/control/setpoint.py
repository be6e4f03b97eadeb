"""The superheat the valve is asked for: fixed, by load, least stable, or as the discharge gas wants it."""

from micropython import const

from .. import settings as s
from .forecast import PERIOD_S

FIXED = const(0)
BY_LOAD = const(1)
LEAST_STABLE = const(2)
BY_DISCHARGE = const(3)

_LOAD_S = const(60.0)  # own: slower than a thermistor, faster than a load
_WITHIN_K = const(1.0)  # own: kept over the low-superheat limit, which would close against the law
_SHARE = const(0.2)  # own: K of suction for a K of discharge superheat, at once; its gain is 1.1 to 1.5
_ERROR_K = const(10.0)
_MOST_SHARE = const(1.5)  # own: of the way to the higher setpoint, in air far warmer than the rating's
# Own: so near the limit of the discharge gas a kelvin of superheat is about one of discharge, a lower speed
# next to none, and water that comes 5 K warmer takes 5 K; gas so hot is dry.
_NEAR_K = const(10.0)
_YIELDS_K = const(4.0)
_TOLD_K = const(0.5)  # own: that it yields is told from twice this on
_AHEAD_S = const(20.0)  # own: what a ramp up has added in that time counts twice


class Setpoint:
    """`k`, kelvin of suction superheat; `step` once a second.

    By load: from `superheat_setpoint` at the lowest speed to `superheat_setpoint_high` at the highest, since
    the line under which liquid droplets are carried along rises with load [Danfoss EKE, load-defined]; beyond
    it where warm air makes the gas denser, for a while above it after a ramp up, and under it near the limit
    of the discharge gas. By discharge: a PI moves the setpoint between the two, so that discharge superheat
    comes to its own [usual in inverter machines]; low superheat stays protected by what the suction says.
    Least stable: `stable`, taken into memory where the law is chosen, at the first standstill or start from
    then on.

    `base`, `low`, `high` and `discharge` are the places of the settings in force (sets.py).
    """

    def __init__(self, settings, compressor):
        self._v = settings.v
        self._lowest = compressor["min_rps"]
        self._range = max(compressor["max_rps"] - compressor["min_rps"], 1.0)
        self._share = 0.0  # of the way from the lower to the higher setpoint
        self._before = 0.0  # the share lately
        self.left_k = _NEAR_K  # from the discharge gas to the machine's limit
        self.thicker = 1.0  # suction gas than at the rating: so much more is the load at one speed
        self._settings = settings
        self.stable = None
        self.base = 0
        self.low, self.high, self.discharge = s.SH_SETPOINT, s.SH_SETPOINT_HIGH, s.DSH_SETPOINT
        self.begin()

    def begin(self):
        """Anew, from the plain setpoint."""
        self.k = self._v[self.low]
        self.calm = 1.0  # of the superheat loop's gain
        self._yielded_k = 0.0
        self.yields = False  # noticeably, to the discharge limit
        self.searching = False  # for the least stable superheat, at a steady load
        self.bears = False  # near that: a burst of liquid is let pass
        self._share = 0.0
        self._first = True
        if self._v[s.SH_LAW] == LEAST_STABLE:
            if self.stable is None:
                from .stable import Stable

                self.stable = Stable(self._settings, self)
            self.stable.begin()

    def step(
        self,
        rps: float,
        discharge_superheat_k: float,
        measured: bool,
        superheat_k: float,
        too_low: bool,
        held: bool,
    ):
        """`measured`: discharge superheat is, no sensor of it failed; `too_low`: superheat is under its
        limit; `held`: a protector moves the valve.
        """
        v = self._v
        law = v[s.SH_LAW]
        low, high = v[self.low], v[self.high]
        if law == BY_LOAD:
            load_rps = min(rps, self._lowest + self._range) * self.thicker
            wanted = min(max((load_rps - self._lowest) / self._range, 0.0), _MOST_SHARE)
            if self._first:
                self._before = wanted
            if self._first or wanted > self._share:
                # At once: the evaporator fills as the ramp ends; a setpoint that lags opens the valve then.
                self._share = wanted
            self._share += (wanted - self._share) * PERIOD_S / (_LOAD_S + PERIOD_S)
            self._before += (wanted - self._before) * PERIOD_S / (_AHEAD_S + PERIOD_S)
            ahead = max(wanted - self._before, 0.0)
            self.k = low + (high - low) * (self._share + ahead) - self._yield()
        elif law == BY_DISCHARGE and measured and high > low:
            error = min(max(v[self.discharge] - discharge_superheat_k, -_ERROR_K), _ERROR_K)
            self._share = min(
                max(self._share + error * _SHARE * PERIOD_S / v[s.DSH_TI] / (high - low), 0.0), 1.0
            )
            self.k = min(max(low + (high - low) * self._share + error * _SHARE, low), high)
        elif law == LEAST_STABLE and self.stable is not None:
            share = min(max((rps - self._lowest) / self._range, 0.0), 1.0)
            self.stable.step(rps, share, superheat_k, too_low, held)
            self.k = self.stable.k
            self.calm = self.stable.calm
            self.searching = self.stable.searching
            self.bears = self.stable.bears
            return
        else:
            self.k = low
        self._first = self.searching = self.bears = False
        self.calm = 1.0
        limit = v[self.base + s.SH_LOW]
        if limit > 0.0:
            self.k = max(self.k, min(limit + _WITHIN_K, v[self.base + s.SH_SETPOINT]))

    def _yield(self) -> float:
        """Kelvin that the discharge limit takes off."""
        asked = min(max(1.0 - self.left_k / _NEAR_K, 0.0), 1.0) * _YIELDS_K
        self._yielded_k += (asked - self._yielded_k) * PERIOD_S / (_LOAD_S + PERIOD_S)
        self.yields = self._yielded_k > (_TOLD_K if self.yields else 2.0 * _TOLD_K)
        return self._yielded_k
