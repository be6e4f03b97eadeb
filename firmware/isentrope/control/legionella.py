"""Anti-legionella: the tank is held hot for its time, once in so many days.

By the clock, at its hour, where a bus has told the time; else when the days are over. What the tank was
before a power-up nobody knows: the first is due a day after it. A tank that was hot for long enough for
another reason counts. One that is not hot in its longest time raises a warning, and is tried again a day
later.
"""

from micropython import const

_BASE = const(157)  # of these settings
_DAYS = const(_BASE + 7)  # places in Settings.v
_SETPOINT = const(_BASE + 8)
_HOLD = const(_BASE + 9)
_AT = const(_BASE + 10)
_LONGEST = const(_BASE + 11)
_DAY_S = const(86_400.0)
_WINDOW_MIN = const(60)  # own: a clock that is set may jump over the minute
_OVER_K = const(1.0)  # own: charged over the temperature to be held, since the tank cools and its sensor errs
_LOST_K = const(2.0)  # own: a draw that cools the sensor so far begins the time anew
_NOT_REACHED = const(52)  # alarm
_BEGINS = const(107)  # decisions
_ENDED = const(108)


class Legionella:
    """Part of hot water; `active`: the tank is being disinfected, `target_c` what it is charged to."""

    def __init__(self, settings, alarms, log):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._since_s = max(settings.v[_DAYS] - 1.0, 0.0) * _DAY_S  # since the last one
        self._run_s = 0.0
        self._hot_s = 0.0
        self.active = False
        self.target_c = 0.0

    def step(self, now_ms: int, dt_s: float, inp, tank_c: float):
        v = self._v
        self.target_c = v[_SETPOINT] + _OVER_K
        self._since_s = min(self._since_s + dt_s, 100.0 * _DAY_S)
        if tank_c >= v[_SETPOINT]:
            self._hot_s += dt_s
        elif tank_c < v[_SETPOINT] - _LOST_K:
            self._hot_s = 0.0
        if self._hot_s >= v[_HOLD] * 60.0:
            if self.active or self._since_s > _DAY_S:
                self._log.add(now_ms, _ENDED, int(v[_HOLD]) << 16 | int(tank_c))
            self._hot_s = self._since_s = 0.0
            self.active = inp.legionella = False
            self._alarms.clear(_NOT_REACHED, now_ms)
        if not self.active:
            if inp.enable and (
                inp.legionella or (self._since_s >= v[_DAYS] * _DAY_S and self._hour(inp.minute))
            ):
                self.active = True
                self._run_s = 0.0
                self._log.add(now_ms, _BEGINS, int(tank_c))
            return
        if inp.enable and inp.mode:
            self._run_s += dt_s
        if self._run_s > v[_LONGEST] * 60.0:
            self.active = inp.legionella = False
            self._since_s = max(v[_DAYS] - 1.0, 0.0) * _DAY_S
            self._alarms.raise_(_NOT_REACHED, now_ms, int(tank_c))

    def _hour(self, minute: int) -> bool:
        return minute < 0 or (minute - self._v[_AT]) % 1440 < _WINDOW_MIN
