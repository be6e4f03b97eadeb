"""Weather curve: the flow setpoint by the outdoor temperature, and no heat above the heat limit."""

from micropython import const

_SLOPE = const(76)  # places in Settings.v
_LEVEL = const(77)
_HIGHEST = const(78)
_LIMIT = const(79)
_ZERO_C = const(20.0)  # outdoor temperature at which the curve gives its level: a house needs nothing there
# Own: a house of light construction stores some hours of its loss; a gust of an open window is forgotten.
_TIME_S = const(10_800.0)
_LEAVE_K = const(1.0)  # own: hysteresis of the heat limit
_WARM = const(63)  # decision: no heat, warm outdoors


class Curve:
    """An option of the controller (options.py): sets `capacity.setpoint_c` and `capacity.allowed`."""

    def __init__(self, settings, log):
        self._v = settings.v
        self._log = log
        self._outdoor_c = 0.0
        self._started = False
        self._warm = False

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        v = self._v
        if not self._started:
            self._outdoor_c = inp.weather_c
            self._started = True
        self._outdoor_c += (inp.weather_c - self._outdoor_c) * dt_s / (_TIME_S + dt_s)
        flow_c = v[_LEVEL] + v[_SLOPE] * max(_ZERO_C - self._outdoor_c, 0.0)
        c.capacity.setpoint_c = min(flow_c, v[_HIGHEST])
        warm = self._outdoor_c > v[_LIMIT] - (_LEAVE_K if self._warm else 0.0)
        if warm != self._warm:
            self._warm = warm
            if warm:
                self._log.add(now_ms, _WARM, int(self._outdoor_c))
        if warm:
            c.capacity.allowed = False


def make(profile, settings, alarms, log, c):
    return Curve(settings, log)
