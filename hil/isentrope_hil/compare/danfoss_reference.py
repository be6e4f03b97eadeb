"""Three superheat references of a Danfoss controller (data sheet EKE 1A to 1C, reference manual EKC 316A).

Fixed; LoadAP, on a line between two values from 10 to 90 % of opening; and MSS, which lowers the reference by
0.1 K each 30 s while superheat is stable, and raises it likewise while it is not. The comparison holds every
law to one setpoint, hence "fixed".
"""

from __future__ import annotations

FIXED, LOAD, MSS = "fixed", "load", "mss"
LOW_PCT, HIGH_PCT = 10.0, 90.0
STEP_K, EVERY_S = 0.1, 30
STABLE_K = 0.5  # own: swing within 30 s up to which superheat is stable, at stability 5 of 0 to 10


class Reference:
    """The reference in force, K: `step` once a second."""

    def __init__(self, mode: str, least_k: float, most_k: float) -> None:
        self._mode = mode
        self._least, self._most = least_k, most_k
        self._low, self._high = float("inf"), float("-inf")
        self._seconds = 0
        self.k = most_k

    def step(self, superheat_k: float, position_pct: float) -> float:
        if self._mode == LOAD:
            part = min(max((position_pct - LOW_PCT) / (HIGH_PCT - LOW_PCT), 0.0), 1.0)
            self.k = self._least + part * (self._most - self._least)
        elif self._mode == MSS:
            self._search(superheat_k)
        return self.k

    def _search(self, superheat_k: float) -> None:
        self._low, self._high = min(self._low, superheat_k), max(self._high, superheat_k)
        self._seconds += 1
        if self._seconds < EVERY_S:
            return
        stable = self._high - self._low <= 2.0 * STABLE_K
        self.k = min(max(self.k + (-STEP_K if stable else STEP_K), self._least), self._most)
        self._low, self._high = float("inf"), float("-inf")
        self._seconds = 0
