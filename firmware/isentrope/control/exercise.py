"""A pump that has stood for long runs for a minute, or its bearings stick after a summer."""

from micropython import const

from .ticks import Since

_BASE = const(157)  # of these settings
_HOURS = const(_BASE + 21)  # place in Settings.v
_RUN_MS = const(60_000)  # own: what makers of circulators do, once a day
_HOUR_MS = const(3_600_000)
_CAP_MS = const(1_000_000_000)  # under the clock's wrap, 277 h
_EXERCISED = const(112)  # decision


class Exercise:
    """An option of the controller (options.py): asks for the pump."""

    def __init__(self, settings, log):
        self._v = settings.v
        self._log = log
        self._still = Since(_CAP_MS)
        self._run = Since(_RUN_MS, _RUN_MS)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        hours = int(self._v[_HOURS])
        if self._run.step(now_ms) < _RUN_MS:
            c.sequence.pump_asked = True
        if self._still.step(now_ms, out.pump_pct == 0.0) >= hours * _HOUR_MS:
            self._still.restart(now_ms)
            self._run.restart(now_ms)
            self._log.add(now_ms, _EXERCISED, hours)


def make(profile, settings, alarms, log, c):
    return Exercise(settings, log)
