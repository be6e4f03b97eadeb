"""Who owns time: the bench (lock-step, exact) or the target (free-run, real time)."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter, sleep

from isentrope_hil import frames
from isentrope_hil.errors import HostTooSlow, TargetSilent
from isentrope_hil.link import Link

POLL_S = 0.005
MISSING_SCANS = 20  # scan periods without a scan before a free-running target counts as stopped; own choice


class LockStep:
    """One STEP is one scan. `speed`: simulated seconds per wall second at most, None: no limit."""

    def __init__(self, scan_ms: int, speed: float | None = None) -> None:
        self._scan_ms = scan_ms
        self._wall_s = scan_ms / 1000.0 / speed if speed else 0.0
        self._next = perf_counter()

    def scan(self, link: Link, raw_in: Sequence[int], now_ms: int) -> int:
        """One scan at control time `now_ms`; the ms that the plant has to follow."""
        self.wait()
        link.step(now_ms, raw_in)
        return self._scan_ms

    def wait(self) -> None:
        """Keeps the pace, also of a scan that does not come through."""
        if self._wall_s:
            wait_until(self._next)
            self._next += self._wall_s


class FreeRun:
    """The target scans on its own clock and stamps its replies; the plant follows scan by scan.

    `late_us` is the worst time by which a scan was noticed later than the target's clock says.
    """

    def __init__(self, scan_ms: int) -> None:
        self.late_us = 0.0
        self._scan_ms = scan_ms
        self._seen = perf_counter()
        self._stamp: int | None = None

    def scan(self, link: Link, raw_in: Sequence[int], now_ms: int) -> int:
        """Hands over inputs until the target has done its next scan; the ms since the one before.

        Raises:
            HostTooSlow: a scan went by with inputs that were not up to date.
            TargetSilent: it answers, but does not scan.
        """
        wait_until(self._seen + 0.9 * self._scan_ms / 1000.0)
        while True:
            link.step(now_ms, raw_in)
            now = perf_counter()
            if self._stamp is None:
                self._stamp, self._seen = link.t_ms, now
            elif link.t_ms != self._stamp:
                break
            if now - self._seen > MISSING_SCANS * self._scan_ms / 1000.0:
                raise TargetSilent("the target answers but does not scan; it cannot free-run")
            sleep(POLL_S)
        since = (link.t_ms - self._stamp) & frames.T_MASK
        self.late_us = max(self.late_us, (now - self._seen) * 1e6 - since * 1e3)
        self._stamp, self._seen = link.t_ms, now
        if since >= 2 * self._scan_ms:
            raise HostTooSlow(
                f"the plant fell behind the target's clock: {since} ms between two scans that it saw, "
                f"the scan period is {self._scan_ms} ms; use lock-step or a faster host"
            )
        return since


def wait_until(moment: float) -> None:
    """Sleeps until `perf_counter` reads `moment`."""
    remaining = moment - perf_counter()
    if remaining > 0.0:
        sleep(remaining)
