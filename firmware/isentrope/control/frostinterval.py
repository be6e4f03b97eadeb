"""Defrost after an interval of frosting time that adapts: longer after a short defrost, shorter after a long
one. It needs no sensor but what ends a defrost, and stands in for a law whose sensor cannot be believed.
"""

from micropython import const

from .. import decisions as d
from .. import settings as s

_BASE = const(150)
_SHORTEST = const(_BASE + 3)  # places in Settings.v
_LONGEST = const(_BASE + 4)
_WANTED = const(_BASE + 5)
# Own: a defrost that takes half as long as wanted carries a third of the frost, since the coil's metal and
# the reversal take their time in any case; but no more than so much at once, for the weather changes.
_LEAST = const(0.67)
_MOST = const(1.5)
_ADAPTED = const(92)  # decision


class Law:
    """`minutes` of frosting time until the next."""

    why = 0
    value = 0.0

    def __init__(self, settings, log):
        self._v = settings.v
        self._log = log
        self.minutes = self._within(settings.v[s.DEFROST_INTERVAL])
        self._told = -1.0  # duration of a defrost the log has not heard of

    def _within(self, minutes: float) -> float:
        v = self._v
        return min(max(minutes, v[_SHORTEST]), max(v[_LONGEST], v[_SHORTEST]))

    def ended(self, melted_s: float):
        share = self._v[_WANTED] / max(melted_s, 1.0)
        self.minutes = self._within(self.minutes * min(max(share, _LEAST), _MOST))
        self._told = melted_s

    def step(self, now_ms: int, passed: int, heating: bool, coil_c: float, air_c: float, frost, c) -> bool:
        if self._told >= 0.0:
            self._log.add(now_ms, _ADAPTED, d.pair(self.minutes, self._told))
            self._told = -1.0
        minutes = self.minutes if frost.clean else self._v[s.DEFROST_RETRY]
        return heating and frost.ms >= minutes * 60_000.0
