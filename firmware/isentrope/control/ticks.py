"""Time as the control core sees it: milliseconds modulo 2^30, handed in with every step.

Board ticks wrap at 2^30 ms (12.4 days) and larger integers would allocate; two
instants may therefore lie at most 2^30 ms apart. What must be remembered longer
keeps a flag, not an instant (see `Since`).
"""

from micropython import const

MASK = const(0x3FFFFFFF)


def elapsed(now: int, since: int) -> int:
    """Milliseconds from `since` to `now`, across the wrap."""
    return (now - since) & MASK


class Since:
    """How long something has lasted, saturating: a condition held for weeks never looks young again.

    `step()` must be called every scan; `ms` is capped at `limit_ms`.
    """

    def __init__(self, limit_ms: int, ms: int = 0):
        self._limit = limit_ms
        self._last = -1
        self.ms = ms

    def restart(self, now: int):
        self._last = now
        self.ms = 0

    def step(self, now: int, active: bool = True) -> int:
        """Count while `active`, return to zero otherwise; milliseconds so far."""
        if not active:
            self.ms = 0
        elif self._last >= 0 and self.ms < self._limit:
            self.ms = min(self._limit, self.ms + elapsed(now, self._last))
        self._last = now
        return self.ms
