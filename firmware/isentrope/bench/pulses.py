"""A pulse generator in control time: each step pulse comes when a real one would, without a motor."""


class Pulses:
    """Implements the interface of `drivers/stepper.py`; `advance()` lets control time pass.

    The k-th pulse after standstill follows its predecessor by 1 / (start rate + k/ramp * (rate - start
    rate)), rounded to a microsecond; the last pulses mirror that.
    """

    def __init__(self, rate_hz: float, start_rate_hz: float, ramp_steps: int):
        self._ramp = ramp_steps
        rise = (rate_hz - start_rate_hz) / ramp_steps if ramp_steps else 0.0
        first = start_rate_hz if ramp_steps else rate_hz
        self._period_us = tuple(int(1e6 / (first + k * rise) + 0.5) for k in range(ramp_steps + 1))
        self._target = 0
        self._way = 1
        self._level = -1  # of the pulse to come: its place in the ramp; -1: standing still
        self._wait_us = 0  # until that pulse
        self.count = 0
        self.energised = False

    @property
    def busy(self) -> bool:
        return self._level >= 0

    def coils(self, on: bool):
        self.energised = on

    def go(self, target: int):
        self._target = target
        if self._level < 0:
            self._start()

    def stop(self):
        if self._level >= 0:
            self._target = self.count + self._way * (self._level + 1)

    def abort(self):
        self._level = -1

    def advance(self, us: int):
        """Emit the pulses of the next `us` microseconds."""
        if self._level < 0:
            return
        self._wait_us -= us
        while self._level >= 0 and self._wait_us <= 0:
            self._emit()

    def _start(self):
        left = self._target - self.count
        if left:
            self._way = 1 if left > 0 else -1
            self._level = 0
            self._wait_us = self._period_us[0]

    def _emit(self):
        """The pulse that is due, with all that follow it at full rate in the time that has passed."""
        level = self._level
        n = 1
        if level == self._ramp:
            cruise = (self._target - self.count) * self._way - level - 1
            if cruise > 1:
                n = min(cruise, 1 + -self._wait_us // self._period_us[level])
        self.count += n * self._way
        left = (self._target - self.count) * self._way
        # After a pulse at level k, k more are needed to stand still.
        following = max(level - 1, min(level + 1, self._ramp, left - 1))
        self._wait_us += (n - 1) * self._period_us[level]
        self._level = following
        if following >= 0:
            self._wait_us += self._period_us[following]
        elif left:
            wait = self._wait_us
            self._start()
            self._wait_us += wait
