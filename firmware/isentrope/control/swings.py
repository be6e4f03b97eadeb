"""Swings of the reversing valve that nobody ordered: a loose cable, a relay that chatters, a failing coil.

Where the slide turns under a running compressor, what was the high side becomes the low one: within two
seconds suction rises and discharge falls, and more than half of their difference is gone. A compressor that
coasts down takes three times as long, and one transducer that lies moves one side alone. Each swing
throws a condenser's liquid at the compressor, so the third in half an hour is the last.
"""

from micropython import const

from .io import BAD_COND_P, BAD_EVAP_P
from .limits import Trips
from .ticks import Since

_LAG_S = const(5.0)  # own: a swing is over sooner, a ramp of the speed is not
_LEFT = const(0.5)  # own: of the difference; a compressor that stands for 5 s has 0.7 left
_SIDE = const(0.2)  # own: of the difference, that each side has moved at least
_LEAST_KPA = const(300.0)  # own: four times what two transducers' noise and error make of nothing
_QUIET_MS = const(30_000)  # own: after a start, an ordered throw, a swing: a slow relay and the slide's way
_MOST = const(3)
_WINDOW_MS = const(1_800_000)
_SWUNG = const(230)  # decision


class Swings:
    """Part of the slide's check (slide.py)."""

    def __init__(self, log):
        self._log = log
        self._quiet = Since(60_000)
        self._found = Trips(_MOST, _WINDOW_MS)
        self._relay = False
        self._high_kpa = 0.0  # both sides, lagging
        self._low_kpa = 0.0

    def step(self, now_ms: int, dt_s: float, steady: bool, bad: int, out, c) -> bool:
        """True in the scan of the swing that is one too many. `steady`: the compressor runs, no defrost."""
        self._found.step(now_ms)
        relay, high, low = out.reversing_on, c.cond_kpa, c.evap_kpa
        if not steady or bad & (BAD_EVAP_P | BAD_COND_P) or relay != self._relay:
            self._relay = relay
            self._quiet.restart(now_ms)
            self._high_kpa, self._low_kpa = high, low
            return False
        span = self._high_kpa - self._low_kpa
        swung = (
            self._quiet.step(now_ms) >= _QUIET_MS
            and span > _LEAST_KPA
            and high - low < _LEFT * span
            and self._high_kpa - high > _SIDE * span
            and low - self._low_kpa > _SIDE * span
        )
        share = dt_s / (_LAG_S + dt_s)
        self._high_kpa += (high - self._high_kpa) * share
        self._low_kpa += (low - self._low_kpa) * share
        if not swung:
            return False
        self._quiet.restart(now_ms)
        self._log.add(now_ms, _SWUNG, int(span))
        return self._found.add(now_ms)
