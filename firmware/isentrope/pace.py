"""The scan's period on the port's clock."""

from .control.ticks import MASK, elapsed


class Pace:
    """Ticks every `period_ms` without drift; ticks that were missed count as one longer one."""

    def __init__(self, port, period_ms: int):
        self._port = port
        self._period = period_ms
        self._ticked_ms = 0

    def start(self):
        """A tick is now."""
        self._ticked_ms = self._port.ticks_ms()

    def since_ms(self) -> int:
        """Time since the last tick."""
        return elapsed(self._port.ticks_ms(), self._ticked_ms)

    def wait_ms(self) -> int:
        """Time until the next tick."""
        return max(0, self._period - self.since_ms())

    def passed_ms(self) -> int:
        """The whole periods since the last tick, which are a tick then; 0 when none has passed."""
        passed = self.since_ms() // self._period * self._period
        if passed:
            self._ticked_ms = (self._ticked_ms + passed) & MASK
        return passed
