"""Capacity: the speed that keeps the flow temperature, and cycling where the lowest is too much."""

from micropython import const

from .. import settings as s

_RETURN_FILTER_S = const(30.0)  # own: several thermistor lags, a fraction of a house's circulation time
_FOLLOWS_RPS = const(2.0)  # own: two seconds of slew


class Capacity:
    """PI on flow temperature over a feed-forward from return temperature.

    At one water flow the rise from return to flow is proportional to heat, and heat nearly to speed: the
    speed that lifts the present return to the setpoint is (setpoint - return) times rps per kelvin. The
    integral corrects it.
    """

    def __init__(self, settings, min_rps: float, max_rps: float, degrees=None):
        self._v = settings.v
        self._min = min_rps
        self._max = max_rps
        self._return_c = 0.0
        self._integral = 0.0
        self._started = False
        # What options say, each scan anew (options.py).
        self.degrees = degrees  # cycling by degree-minutes (degrees.py)
        self.sign = 1.0  # of what the flow lacks; negative: it is to be cold (arbiter.py)
        self.setpoint_c = -1.0  # flow; negative: the commanded one
        self.allowed = True  # heat may be wanted
        self.held = False  # `rps` stays: other water is on its way
        self.demand_rps = -1.0  # the most that a demand from the bus leaves; negative: there is none
        self.call = False  # heat is wanted
        self.rps = min_rps

    def begin(self):
        """Forget the last run's integral: the water has changed since."""
        self._integral = 0.0
        self._started = False

    def step(self, dt_s: float, inp, running: bool, speed_rps: float, return_ok: bool):
        """Update `call` and `rps`.

        `speed_rps` is the speed in force: while it lags, the integral waits. Without the return's sensor
        (`return_ok` false) the feed-forward stands and flow temperature alone rules.
        """
        v = self._v
        setpoint_c = self.setpoint_c if self.setpoint_c > 0.0 else inp.flow_setpoint_c
        error = (setpoint_c - inp.flow_c) * self.sign
        if self.degrees:
            lowest = speed_rps <= self._min + 0.5
            self.call = self.degrees.step(dt_s, error, self.call, running, lowest)
        else:
            self._cycle(error, running, speed_rps)
        if not self.allowed:
            self.call = False
        if not running or self.held:
            return
        if not self._started:
            # Before the first heat the flow is as warm as the return.
            self._return_c = inp.return_c if return_ok else inp.flow_c
            self._started = True
        if return_ok:
            self._return_c += (inp.return_c - self._return_c) * dt_s / (_RETURN_FILTER_S + dt_s)
        base = (setpoint_c - self._return_c) * self.sign * v[s.CAP_RPS_PER_K] + error * v[s.CAP_GAIN]
        change = error * v[s.CAP_GAIN] * dt_s / v[s.CAP_TI]
        wanted = base + self._integral + change
        # Anti-windup: no integration while the speed cannot follow in that direction.
        up, down = wanted - speed_rps > _FOLLOWS_RPS, speed_rps - wanted > _FOLLOWS_RPS
        if not ((up and change > 0.0) or (down and change < 0.0)):
            self._integral += change
        self.rps = min(max(base + self._integral, self._min), self._max)
        if 0.0 <= self.demand_rps < self.rps:
            self.rps = self.demand_rps

    def _cycle(self, error: float, running: bool, speed_rps: float):
        if not running:
            self.call = error > self._v[s.CAP_ON_BELOW] or (self.call and error > -self._v[s.CAP_OFF_ABOVE])
        elif error < -self._v[s.CAP_OFF_ABOVE] and speed_rps <= self._min + 0.5:
            self.call = False
        elif error > 0.0:
            self.call = True
