"""Room temperature as a source of capacity: it shifts the flow setpoint, which is the curve's or the bus's.

The room's temperature comes over the bus, and is believed for so long as `bus_timeout` after it was last
said.
"""

from micropython import const

from .ticks import Since

_TIMEOUT = const(75)  # places in Settings.v
_HIGHEST = const(78)
_SETPOINT = const(80)
_GAIN = const(81)
_TI_S = const(14_400.0)  # own: a floor takes hours to warm a room
_MOST_K = const(10.0)  # own: what the room may shift
_OFF_K = const(1.0)  # own: so much above its setpoint a room needs no heat, however warm the flow is to be
_LEAST_C = const(15.0)  # the least flow setpoint of the bus's point
_TOLD = const(1)  # bit of Inputs.told
_LOST = const(48)  # alarm: room temperature lost


class Room:
    """An option of the controller (options.py), behind the curve."""

    def __init__(self, settings, alarms):
        self._v = settings.v
        self._alarms = alarms
        self._silent = Since(7_200_000, 7_200_000)
        self._integral = 0.0

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        v = self._v
        self._silent.step(now_ms)
        if inp.told & _TOLD:
            inp.told &= ~_TOLD
            self._silent.restart(now_ms)
        if self._silent.ms >= v[_TIMEOUT] * 1000.0:
            # The flow setpoint as it is, without what the room said.
            self._integral = 0.0
            self._alarms.raise_(_LOST, now_ms)
            return
        self._alarms.clear(_LOST, now_ms)
        error = v[_SETPOINT] - inp.room_c
        shift = v[_GAIN] * error + self._integral
        # Anti-windup: at its bound, and while the machine stands for another reason, nothing is learned.
        if abs(shift) < _MOST_K and inp.enable:
            self._integral += v[_GAIN] * error * dt_s / _TI_S
        capacity = c.capacity
        flow_c = capacity.setpoint_c if capacity.setpoint_c > 0.0 else inp.flow_setpoint_c
        flow_c += min(max(shift, -_MOST_K), _MOST_K)
        capacity.setpoint_c = min(max(flow_c, _LEAST_C), max(v[_HIGHEST], _LEAST_C))
        if error < -_OFF_K:
            capacity.allowed = False


def make(profile, settings, alarms, log, c):
    return Room(settings, alarms)
