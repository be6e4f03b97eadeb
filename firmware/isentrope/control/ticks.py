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
            self._last = now
            self.ms = 0
            return 0
        ms = self.ms
        limit = self._limit
        if ms < limit:  # at it `_last` counts for nothing until the next return to zero
            last = self._last
            if last >= 0:
                ms += (now - last) & MASK
                self.ms = ms = limit if ms > limit else ms
            self._last = now
        return ms
