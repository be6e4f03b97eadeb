"""Anti-legionella: the tank is held hot for its time, once in so many days.

By the clock, at its hour and on its day of the week, where somebody has told the time; else when the days
are over. The time since the last one outlives a power cut (ledger.py), an hour of it may be lost; how long
the power was away nobody knows without a date, and with one it counts. On a board that knows of no
disinfection the first is due a day after power-up. A tank that was hot for long enough for another reason
counts. One that is not hot in its longest time raises a warning, and is tried again a day later.
"""

from micropython import const

_BASE = const(157)  # of these settings
_DAYS = const(_BASE + 7)  # places in Settings.v
_SETPOINT = const(_BASE + 8)
_HOLD = const(_BASE + 9)
_AT = const(_BASE + 10)
_LONGEST = const(_BASE + 11)
_WEEKDAY = const(212)
_DAY_S = const(86_400.0)
_HOUR_S = const(3600.0)
# Own: by the clock it is due half a day early, or the hold's end puts off the next by a day; and a week that
# was missed does not wait for its day of the week any longer.
_EARLY_S = const(43_200.0)
_MISSED_S = const(604_800.0)
_WINDOW_MIN = const(60)  # own: a clock that is set may jump over the minute
_OVER_K = const(1.0)  # own: charged over the temperature to be held, since the tank cools and its sensor errs
_LOST_K = const(2.0)  # own: a draw that cools the sensor so far begins the time anew
_NOT_REACHED = const(52)  # alarm
_BEGINS = const(107)  # decisions
_ENDED = const(108)


class Legionella:
    """Part of hot water; `active`: the tank is being disinfected, `target_c` what it is charged to."""

    def __init__(self, settings, alarms, log, ledger=None):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._ledger = ledger
        self._since_s = max(settings.v[_DAYS] - 1.0, 0.0) * _DAY_S  # since the last one
        self._day = -1  # of the last one, since 2000, where it is known
        self._kept_h = -1
        if ledger:
            hours, self._day = ledger.disinfected()
            if hours >= 0:
                self._since_s = hours * _HOUR_S
                self._kept_h = hours
        self._run_s = 0.0
        self._hot_s = 0.0
        self.active = False
        self.target_c = 0.0

    def step(self, now_ms: int, dt_s: float, inp, tank_c: float):
        v = self._v
        self.target_c = v[_SETPOINT] + _OVER_K
        self._since_s = min(self._since_s + dt_s, 100.0 * _DAY_S)
        if inp.day > self._day >= 0:
            # The days that the power was away; a whole one less, for nobody knows the hour.
            self._since_s = max(self._since_s, (inp.day - self._day - 1) * _DAY_S)
        if tank_c >= v[_SETPOINT]:
            self._hot_s += dt_s
        elif tank_c < v[_SETPOINT] - _LOST_K:
            self._hot_s = 0.0
        if self._hot_s >= v[_HOLD] * 60.0:
            if self.active or self._since_s > _DAY_S:
                self._log.add(now_ms, _ENDED, int(v[_HOLD]) << 16 | int(tank_c))
            self._hot_s = self._since_s = 0.0
            self._day = inp.day
            self._kept_h = -1
            self.active = inp.legionella = False
            self._alarms.clear(_NOT_REACHED, now_ms)
        if not self.active:
            if inp.enable and (inp.legionella or self._due(inp)):
                self.active = True
                self._run_s = 0.0
                self._log.add(now_ms, _BEGINS, int(tank_c))
            self._keep()
            return
        if inp.enable and inp.mode:
            self._run_s += dt_s
        if self._run_s > v[_LONGEST] * 60.0:
            self.active = inp.legionella = False
            self._since_s = max(v[_DAYS] - 1.0, 0.0) * _DAY_S
            self._alarms.raise_(_NOT_REACHED, now_ms, int(tank_c))

    def _due(self, inp) -> bool:
        v = self._v
        over_s = self._since_s - v[_DAYS] * _DAY_S
        if inp.minute < 0:
            return over_s >= 0.0
        if over_s < -_EARLY_S or (inp.minute - v[_AT]) % 1440 >= _WINDOW_MIN:
            return False
        weekday = int(v[_WEEKDAY])
        return not weekday or inp.weekday in (-1, weekday - 1) or over_s >= _MISSED_S

    def _keep(self):
        hours = int(self._since_s / _HOUR_S)
        if self._ledger and hours != self._kept_h:
            self._kept_h = hours
            self._ledger.keep_disinfected(hours, self._day)
