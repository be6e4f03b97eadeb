"""Power limit from the grid's side: a lease with a failsafe, and the speed that keeps it.

Whoever limits (an energy manager, the utility's box) repeats the limit: each write is its heartbeat.
Without one for the lease's time the failsafe value holds, for its own time, and then the machine is free
again: the rule of EEBUS's limitation of power consumption, which 4.2 kW and two hours come from. It holds
from power-up on until the first heartbeat.

The electric power is guess.py's. The speed that the limit leaves follows from the work of a revolution. Where
the lowest speed takes more for a minute, the compressor stops and waits.
"""

from micropython import const

from .ticks import Since

_BASE = const(192)  # places in Settings.v
_FAILSAFE = const(_BASE + 1)
_FOR = const(_BASE + 2)
_TIMEOUT = const(75)
_TOLD = const(8)  # bit of Inputs.told
_LOST = const(54)  # alarm
_HELD = const(120)  # decisions
_STOPS = const(121)
_WAITS = const(122)
_FAILSAFE_HOLDS = const(123)
_FREE = const(124)
_SHORT_MS = const(60_000)  # own: the speed falls by 1 rps/s
_RETRY_MS = const(1_800_000)  # own: the pressures may be other ones then
_OVER = const(1.02)  # own: the guess's noise
_CAP_MS = const(43_200_000)


class Power:
    """An option of the controller (options.py), behind the guess: caps the speed; `out.limit_w`."""

    def __init__(self, guess, compressor, settings, alarms, log):
        self._guess = guess
        self._min_rps = compressor["min_rps"]
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._silent = Since(_CAP_MS, _CAP_MS)
        self._lapsed = Since(_CAP_MS)
        self._over = Since(600_000)
        self._stopped = Since(_CAP_MS, _CAP_MS)
        self._needs_w = 0.0  # what the lowest speed took when it was too much
        self._heard = False
        self._failsafe = False

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        limit_w = self._limit(now_ms, inp)
        rps = c.speed.set_rps
        guess = self._guess
        factor = guess.factor
        out.limit_w = int(limit_w) if limit_w >= 0.0 else -1
        self._stopped.step(now_ms)
        if limit_w < 0.0:
            self._over.restart(now_ms)
            return
        if out.compressor_on:
            left_w = limit_w / factor - guess.fan_w - guess.rest_w
            most = left_w / max(guess.joule, 1.0)
            if most < rps + 1.0:
                c.limits.cap(most, _HELD, min(limit_w, 32767.0))
            short = rps <= self._min_rps + 0.5 and guess.w * factor > limit_w * _OVER
            if self._over.step(now_ms, short) >= _SHORT_MS and short:
                self._needs_w = guess.w * factor
                self._over.restart(now_ms)
                self._stopped.restart(now_ms)
        waits = self._needs_w > limit_w and self._stopped.ms < _RETRY_MS
        if waits or limit_w <= guess.rest_w:
            sequence = c.sequence
            if out.compressor_on:
                c.capacity.allowed = False
                sequence.stop = _STOPS
                sequence.stop_value = int(limit_w)
            else:
                sequence.hold = _WAITS
                sequence.hold_value = int(limit_w)

    def _limit(self, now_ms: int, inp) -> float:
        """The limit in force, W; negative: there is none."""
        v = self._v
        self._silent.step(now_ms)
        if inp.told & _TOLD:
            inp.told &= ~_TOLD
            self._heard = True
            self._silent.restart(now_ms)
        lease_s = inp.lease_s if inp.lease_s > 0 else v[_TIMEOUT]
        lapsed = not self._heard or self._silent.ms >= lease_s * 1000.0
        if not lapsed:
            self._lapsed.step(now_ms, False)
            self._failsafe = False
            self._alarms.clear(_LOST, now_ms)
            return inp.limit_cw * 10.0
        if self._lapsed.step(now_ms) >= v[_FOR] * 60_000.0:
            if self._failsafe:
                self._failsafe = False
                self._log.add(now_ms, _FREE, int(v[_FOR]))
            return -1.0
        limit_w = inp.failsafe_cw * 10.0 if inp.failsafe_cw < 0xFFFF else v[_FAILSAFE] * 1000.0
        if not self._failsafe:
            self._failsafe = True
            self._alarms.raise_(_LOST, now_ms, int(limit_w))
            self._log.add(now_ms, _FAILSAFE_HOLDS, int(limit_w))
        return limit_w


def make(profile, settings, alarms, log, c):
    return Power(c.guess, profile["compressor"], settings, alarms, log)
