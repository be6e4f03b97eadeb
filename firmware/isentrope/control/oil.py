"""Oil return: what slow gas leaves in the pipes comes home at speed.

Time under a speed is cumulated; when it is enough, and the machine heats, it runs for some minutes at
return speed. Running as fast of its own accord for that long does the same, and starts the count anew.
"""

from micropython import const

from . import states
from .ticks import elapsed

_RAMP_EXTRA_MS = const(120_000)  # own: what held speed may take beyond the ramp
_AGAIN_MS = const(3_600_000)  # own: after one that a limit or the demand cut short
_CAP_MS = const(86_400_000)
_WARM_K = const(10.0)  # own: five minutes of full heat in little water; a flow so much too warm ends it
_RETURNS = const(51)  # decisions
_RETURNED = const(52)


class Oil:
    """An option of the controller (options.py); the sequence asks `due`, in the state `over`."""

    def __init__(self, compressor, log):
        """`compressor.oil`: below_rps, after_h, rps, for_s, and opening_pct where the valve has a place of
        its own; under 42 rps for 6 h: 5 min [Clivet]."""
        data = compressor["oil"]
        self._below = data["below_rps"]
        self._after_ms = int(data["after_h"] * 3_600_000.0)
        self._for_ms = int(data["for_s"] * 1000.0)
        self._most_ms = int(
            self._for_ms + compressor["max_rps"] / compressor["slew_rps_s"] * 1000.0 + _RAMP_EXTRA_MS
        )
        self._log = log
        self.rps = float(data["rps"])
        self.opening = (
            data.get("opening_pct", -100.0) / 100.0
        )  # of the valve, 0..1; negative: superheat rules
        self._slow_ms = 0
        self._fast_ms = 0
        self._in_ms = 0
        self._last = -1
        self.over = True

    @property
    def due(self) -> bool:
        return self._slow_ms >= self._after_ms

    @property
    def why(self) -> int:
        return _RETURNS

    @property
    def value(self) -> int:
        return int(self.rps)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        passed = elapsed(now_ms, self._last) if self._last >= 0 else 0
        self._last = now_ms
        speed, returning = c.speed.set_rps, c.state == states.OIL_RETURN
        if not out.compressor_on or c.defrost.reversed:
            self._fast_ms = self._in_ms = 0
            self.over = True
            return
        if speed < self._below and self._slow_ms < _CAP_MS:
            self._slow_ms += passed
        self._fast_ms = self._fast_ms + passed if speed >= self.rps - 0.5 else 0
        if self._fast_ms >= self._for_ms:
            if returning and self._slow_ms:
                self._log.add(now_ms, _RETURNED, self._in_ms // 1000)
            self._slow_ms = self._fast_ms = 0
            self.over = True
            return
        if not returning:
            self._in_ms = 0
            self.over = False
            return
        self._in_ms += passed
        if self._in_ms > self._most_ms or inp.flow_c > inp.flow_setpoint_c + _WARM_K:
            self._slow_ms = max(self._after_ms - _AGAIN_MS, 0)
            self.over = True


def make(profile, settings, alarms, log, c):
    c.sequence.oil = Oil(profile["compressor"], log)
    return c.sequence.oil
