"""Pump law: as much water as keeps the difference of flow and return, in service.

At a start, in a defrost, in cooling and for hot water the pump runs as its plain setting says: there the flow
protects the plate, or carries the most heat.
"""

from micropython import const

from . import states

_BASE = const(157)  # of these settings
_SPEED = const(36)  # places in Settings.v
_DIFFERENCE = const(_BASE + 19)
_LOWEST = const(_BASE + 20)
_TIME_S = const(60.0)  # own: several thermistor lags; the speed's own loop is as slow
_MOST = const(0.5)  # own: of the way, however far the difference is off


class Pump:
    """An option of the controller (options.py): `c.pump_pct`."""

    def __init__(self, settings):
        self._v = settings.v
        self._pct = -1.0

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        v = self._v
        if c.state != states.HEATING or c.mode != states.HEATING:
            self._pct = -1.0
        else:
            if self._pct < 0.0:
                self._pct = v[_SPEED]
            off = (inp.flow_c - inp.return_c) / v[_DIFFERENCE] - 1.0
            self._pct *= 1.0 + min(max(off, -_MOST), _MOST) * dt_s / _TIME_S
            self._pct = min(max(self._pct, min(v[_LOWEST], v[_SPEED])), v[_SPEED])
        c.pump_pct = self._pct


def make(profile, settings, alarms, log, c):
    return Pump(settings)
