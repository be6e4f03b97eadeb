"""Service is due: the compressor has run as many hours as `service_at` says.

Whoever services the machine sets the hours of the next one, which storage keeps.
"""

from micropython import const

_AT = const(197)  # place in Settings.v
_DUE = const(59)  # alarm


class Due:
    """An option of the controller (options.py): a warning."""

    SLOW = True

    def __init__(self, settings, alarms):
        self._v = settings.v
        self._alarms = alarms

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        at_h = self._v[_AT]
        if at_h > 0.0 and c.run_s >= at_h * 3600.0:
            self._alarms.raise_(_DUE, now_ms, int(at_h))
        else:
            self._alarms.clear(_DUE, now_ms)


def make(profile, settings, alarms, log, c):
    return Due(settings, alarms)
