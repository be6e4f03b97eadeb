"""The law of a Carel EVD evolution driver, from its user manual (+0300005EN, +030222041, +0300006EN).

- PID in velocity form: the manual says that the proportional part reacts to variations of superheat only, and
  that the integral part alone knows the setpoint. Gain 15, integral time 150 s, derivative time 5 s. The gain
  is in steps per kelvin on a valve of 480 steps, 3.1 % of stroke.
- Protectors, each an integral action of its own beyond its threshold, multiplied by the gain, an integral
  time of 0 switches one off: LowSH closes intensely, and at once no more when it is over; LOP opens
  intensely; MOP and HiTcond close moderately and take the place of PID's opening meanwhile. LowSH 5 K, 15 s;
  LOP off; MOP 50 degC, 20 s; HiTcond 80 degC, off without its sensor.
- Repositioning: a change of the unit's capacity of at least 10 % moves the valve from where it is in the same
  proportion; 5 s after it has arrived control goes on. The unit's controller has to send its capacity
  (`capacity_signal`); else the manual asks for a more reactive PID.
- Start: a stated opening, 50 %, which a common start makes idle here.

Not there: self-tuning and the adaptive law, of which the manual tells no equation.
"""

from __future__ import annotations

from collections.abc import Mapping

from isentrope_hil.compare.law import PERIOD_S, Parameter, Signals, Spec, Unit, clipped

STEPS = 480.0  # of the valve that the gain is given for
CAPACITY_STEP = 0.10
HOLD_S = 5
ARRIVED_PCT = 0.3  # own: a step of the coarsest valve here
START_PCT = 50.0

PARAMETERS = (
    Parameter("gain", "steps/K of 480", 15.0, 1.0, 80.0, log=True),
    Parameter("integral_time", "s", 150.0, 15.0, 600.0, log=True),
    Parameter("derivative_time", "s", 5.0, 0.0, 40.0),
    Parameter("lowsh", "K", 5.0, 1.0, 7.0),
    Parameter("lowsh_time", "s", 15.0, 2.0, 120.0, log=True),
    Parameter("capacity_signal", "0 or 1", 1.0, 0.0, 1.0, whole=True),
)
# Thresholds and integral times that no case here comes near; not tuned.
LOP_C, LOP_S = -50.0, 0.0
MOP_C, MOP_S = 50.0, 20.0
HITCOND_C, HITCOND_S = 80.0, 0.0


class Carel:
    """One driver; `lop`, `mop`, `hitcond` are (threshold degC, integral time s)."""

    def __init__(self, unit: Unit, values: Mapping[str, float]) -> None:
        self._unit = unit
        self._k = values["gain"] * 100.0 / STEPS
        self._ti = values["integral_time"]
        self._td = values["derivative_time"]
        self._low_k, self._low_s = values["lowsh"], values["lowsh_time"]
        self._signal = values["capacity_signal"] >= 0.5
        self.lop = (LOP_C, LOP_S)
        self.mop = (MOP_C, MOP_S)
        self.hitcond = (HITCOND_C, HITCOND_S)
        self._opening = START_PCT
        self._errors: tuple[float, float] | None = None
        self._capacity = 1.0  # at the last repositioning, part of the highest
        self._held_s = 0  # left of the wait after one
        self._moving = False

    def begin(self, signals: Signals, position_pct: float) -> None:
        self._opening = position_pct
        self._errors = None
        self._capacity = signals.speed_rps / self._unit.max_rps

    def step(self, signals: Signals) -> float:
        error = signals.superheat_k - self._unit.setpoint_k
        last, before = self._errors or (error, error)
        self._errors = (error, last)
        if self._repositions(signals):
            return self._opening
        change = error - last + error * PERIOD_S / self._ti + self._td * (error - 2.0 * last + before)
        self._opening = clipped(self._opening + self._k * self._protected(change, signals))
        return self._opening

    def _repositions(self, signals: Signals) -> bool:
        """Moves in proportion to a change of capacity; True until 5 s after the valve has arrived."""
        capacity = signals.speed_rps / self._unit.max_rps
        if self._moving:
            if abs(signals.position_pct - self._opening) > ARRIVED_PCT:
                return True
            self._moving = False
            self._held_s = HOLD_S
        if self._held_s > 0:
            self._held_s -= 1
            return True
        if not self._signal or abs(capacity - self._capacity) < CAPACITY_STEP - 1e-9:
            return False
        self._opening = clipped(self._opening * capacity / self._capacity)
        self._capacity = capacity
        self._moving = True
        return True

    def _protected(self, change: float, signals: Signals) -> float:
        """The PID's change with what protectors make of it, before the gain."""
        low = self._low_k - signals.superheat_k
        if low > 0.0 and self._low_s > 0.0:
            return min(change, 0.0) - low * PERIOD_S / self._low_s
        lop_c, lop_s = self.lop
        if lop_s > 0.0 and signals.evap_c < lop_c:
            return change + (lop_c - signals.evap_c) * PERIOD_S / lop_s
        for (limit_c, seconds), there_c in ((self.mop, signals.evap_c), (self.hitcond, signals.cond_c)):
            if seconds > 0.0 and there_c > limit_c:
                return min(change, 0.0) - (there_c - limit_c) * PERIOD_S / seconds
        return change


SPEC = Spec("carel", "Carel EVD: PID, protectors, repositioning", PARAMETERS, Carel)
