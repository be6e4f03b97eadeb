"""Defrost by time and temperature: so much running time with the coil under 0 degC, and the coil colder now
than a clean one is in this air.
"""

from micropython import const

from .. import settings as s
from .ticks import Since

_COLD_MS = const(60_000)  # own: how long the coil must have been under its limit
_MILD_C = const(0.0)  # own: the bands of outdoor air; at and above it, then down to the next, then under that
_DEEP_C = const(-10.0)


class Law:
    """As every law (frost.py): `step` says whether a defrost is due; `why` and `value` what the log says of
    it, 0: the frosting time."""

    why = 0
    value = 0.0

    def __init__(self, settings, log):
        self._v = settings.v
        self._cold = Since(_COLD_MS)

    def ended(self, melted_s: float):
        """A defrost has left a clean coil."""

    def step(self, now_ms: int, passed: int, heating: bool, coil_c: float, air_c: float, frost, c) -> bool:
        v = self._v
        if air_c >= _MILD_C:
            limit = v[s.DEFROST_MILD]
        else:
            limit = v[s.DEFROST_COLD] if air_c >= _DEEP_C else v[s.DEFROST_DEEP]
        lasted = self._cold.step(now_ms, heating and coil_c < limit) >= _COLD_MS
        minutes = v[s.DEFROST_INTERVAL] if frost.clean else v[s.DEFROST_RETRY]
        return lasted and frost.ms >= minutes * 60_000.0
