"""The speed reference: slew, the compressor's range, and what protections leave of it."""

from .. import decisions as d


class Speed:
    """Slews `set_rps` towards a target inside limits; remembers which limit acted."""

    def __init__(self, compressor, skip=None):
        self.min_rps = compressor["min_rps"]
        self.max_rps = compressor["max_rps"]
        self.slew = compressor["slew_rps_s"]
        self.set_rps = 0.0
        self.target_rps = 0.0
        self.limit = 0  # decision code of the limit that acts, 0: none
        self.skip = skip  # forbidden speeds (skip.py), where the machine has any
        self.asked_rps = 0.0  # before they were skipped

    def off(self):
        self.set_rps = self.target_rps = 0.0
        self.limit = 0

    def step(self, dt_s: float, wanted_rps: float, limits, hold_slowing: bool) -> float:
        """Next reference, rps. `limits` gives `cap_rps`, `floor_rps` and the decision behind them."""
        target = min(max(wanted_rps, self.min_rps), self.max_rps)
        self.limit = 0
        if target < limits.floor_rps:
            target = limits.floor_rps
            self.limit = limits.floor_why
        if target > limits.cap_rps:
            target = max(limits.cap_rps, self.min_rps)
            self.limit = limits.cap_why
        if hold_slowing and target < min(self.set_rps, limits.cap_rps):
            # A protection's cap is not held up.
            target = max(min(self.set_rps, limits.cap_rps), self.min_rps)
            self.limit = d.HOLD_SUPERHEAT
        self.asked_rps = target
        if self.skip:
            target = self.skip.clear(target, self.set_rps, limits.cap_rps)
            if target != self.asked_rps and not self.limit:
                self.limit = d.SKIPPED
        self.target_rps = target
        if self.set_rps < self.min_rps:
            self.set_rps = self.min_rps
        step = self.slew * dt_s
        self.set_rps += min(max(target - self.set_rps, -step), step)
        return self.set_rps

    def ahead(self, lead_s: float, fill_s: float = 0.0) -> float:
        """Where a falling reference will be in `lead_s`, a rising one in `fill_s`."""
        if self.target_rps >= self.set_rps:
            return min(self.target_rps, self.set_rps + self.slew * fill_s)
        return max(self.target_rps, self.set_rps - self.slew * lead_s)
