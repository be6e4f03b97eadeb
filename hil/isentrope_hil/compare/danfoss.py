"""A PI after the Danfoss EKE 1C and EKC 316A (data sheet DKRCC.PD.RS0.A4.02, reference manual RS8ED102).

- PI on superheat in per cent of opening. Its gain is damped near the reference: from 0.5 K under it to 2.5 K
  over it Kp times `kp_min`, gradually back to Kp outside [EKC 316A].
- Feedback of the evaporating temperature (`kp_te`): the valve closes as it rises and opens as it falls, which
  is how the inner loop sees a compressor change its speed.
- SH close: under 2 K superheat the valve only closes, at the full gain and with the integral time divided
  [EKE].
- LOP opens where superheat is not low, for at most a set time where it is (EKE: "LOP priority mode", off);
  MOP closes while the evaporating temperature is over its limit; both off by default.
- The reference is fixed, LoadAP or MSS (`danfoss_reference`).

Gain 3.0 %/K, integral time 120 s, `kp_min` 0.3, `kp_te` 0.4 and the divisor 3 are factory settings as
recalled from the EKC manuals' tables, which were not at hand; SH close 2 K is in the EKE's data sheet.
"""

from __future__ import annotations

from collections.abc import Mapping

from isentrope_hil.compare.danfoss_reference import FIXED, Reference
from isentrope_hil.compare.law import PERIOD_S, Parameter, Signals, Spec, Unit, clipped

UNDER_K, OVER_K = 0.5, 2.5
BLEND_K = 1.0  # own: "gradually", the manual gives no width
LIMIT_S = 20.0  # own: LOP's and MOP's integral time

PARAMETERS = (
    Parameter("kp", "%/K", 3.0, 0.2, 15.0, log=True),
    Parameter("tn", "s", 120.0, 15.0, 600.0, log=True),
    Parameter("kp_min", "1", 0.3, 0.1, 1.0),
    Parameter("kp_te", "%/K", 0.4, 0.0, 10.0),
    Parameter("sh_close", "K", 2.0, 0.5, 6.0),
    Parameter("tn_divisor", "1", 3.0, 1.0, 10.0),
)


class Danfoss:
    """One controller; `lop_c`, `mop_c` None: off."""

    def __init__(self, unit: Unit, values: Mapping[str, float], mode: str = FIXED) -> None:
        self._v = dict(values)
        self.reference = Reference(mode, values["sh_close"] + 0.5, unit.setpoint_k)
        self.lop_c: float | None = None
        self.mop_c: float | None = None
        self.lop_priority_s = 0.0
        self._lop_s = 0.0
        self._opening = 0.0
        self._last: tuple[float, float] | None = None  # error and evaporating temperature

    def begin(self, signals: Signals, position_pct: float) -> None:
        self._opening = position_pct
        self._last = None

    def step(self, signals: Signals) -> float:
        v = self._v
        error = signals.superheat_k - self.reference.step(signals.superheat_k, self._opening)
        last, last_c = self._last or (error, signals.evap_c)
        self._last = (error, signals.evap_c)
        low = signals.superheat_k < v["sh_close"]
        if low:
            change = v["kp"] * (error - last + error * PERIOD_S * v["tn_divisor"] / v["tn"])
        else:
            change = self.gain(error) * (error - last + error * PERIOD_S / v["tn"])
        change -= v["kp_te"] * (signals.evap_c - last_c)
        change = self._limited(change, signals.evap_c, low)
        self._opening = clipped(self._opening + change)
        return self._opening

    def gain(self, error: float) -> float:
        """%/K at this distance from the reference, K."""
        outside = max(error - OVER_K, -UNDER_K - error, 0.0)
        least = self._v["kp_min"]
        return self._v["kp"] * (least + (1.0 - least) * min(outside / BLEND_K, 1.0))

    def _limited(self, change: float, evap_c: float, low: bool) -> float:
        """LOP, MOP and SH close, in this order of last word."""
        kp = self._v["kp"]
        if self.mop_c is not None and evap_c > self.mop_c:
            change = min(change, 0.0) - kp * (evap_c - self.mop_c) * PERIOD_S / LIMIT_S
        short = self.lop_c is not None and evap_c < self.lop_c
        self._lop_s = self._lop_s + PERIOD_S if short and low else 0.0
        if short and self.lop_c is not None and (not low or self._lop_s <= self.lop_priority_s):
            return change + kp * (self.lop_c - evap_c) * PERIOD_S / LIMIT_S
        return min(change, 0.0) if low else change


SPEC = Spec("danfoss", "Danfoss EKE/EKC style: PI with damped gain, SH close", PARAMETERS, Danfoss)
