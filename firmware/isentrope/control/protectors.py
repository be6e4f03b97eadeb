"""What may overrule the superheat loop at the expansion valve, each with its own integral action.

- LOP, low evaporating temperature: opens, for a starved evaporator ices up and trips on low pressure
- MOP, high evaporating temperature: closes, or the motor carries more gas than it is made for
- high condensing temperature: closes, less refrigerant reaches the condenser
- discharge temperature: opens, wet suction gas cools the compressor (its alarm is the limit's own)

Priority: low superheat is above all (the loop's guard); at it, what opens waits for `_WET_S` and gives back
then. Closing beats opening. A threshold with integral time 0 is off [Carel EVD].
"""

from micropython import const

from .. import alarms as a
from .. import decisions as d
from .. import settings as s
from .forecast import PERIOD_S

LOP = const(0)
MOP = const(1)
CONDENSING = const(2)
DISCHARGE = const(3)

_CODES = (d.VALVE_LOP, d.VALVE_MOP, d.VALVE_CONDENSING, d.VALVE_DISCHARGE)
_SPAN_K = const(5.0)  # own: this far beyond its threshold one integral time halves, or adds half, the flow
_STEP = const(0.5)
_MOST = const(0.7)  # own: of the flow, what a protector may take, or add
_RETURN = const(0.5)  # own: what it took returns at half the rate, that it does not hunt with the loop
_WET_S = const(10.0)  # own: what opens may stay open at low superheat; a third of the guard's first answer


class Protectors:
    """`factor` for the valve's flow, 1 when nothing acts; `acting`, the decision behind it, 0: none."""

    def __init__(self, settings, alarms, discharge_max_c: float | None):
        self._v = settings.v
        self._alarms = alarms
        self._discharge_c = discharge_max_c
        self.left_k = 100.0  # to the discharge limit
        self._part = [0.0] * 4  # of the flow
        self._late_s = [0.0] * 2
        self._wet_s = 0.0
        self.lop, self.mop = s.LOP, s.MOP  # places of the thresholds in force (sets.py)
        self._on = True  # `step` came after the last `off`
        self.factor = 1.0
        self.acting = 0

    def off(self, now_ms: int):
        """Compressor off, defrosting, or the valve is not regulating: start anew."""
        if not self._on:
            return
        self._on = False
        for i in range(4):
            self._part[i] = 0.0
        self._judge(LOP, False, now_ms)
        self._judge(MOP, False, now_ms)
        self._wet_s = 0.0
        self.factor = 1.0
        self.acting = 0

    def step(self, now_ms: int, evap_c: float, cond_c: float, discharge_c: float, low: bool):
        """One second. `low`: superheat is under its limit."""
        v = self._v
        self._on = True
        self._wet_s = self._wet_s + PERIOD_S if low else 0.0
        opens = not low
        if self._wet_s > _WET_S:
            give_back = PERIOD_S / v[s.SH_LOW_TI]
            self._part[LOP] = max(self._part[LOP] - give_back, 0.0)
            self._part[DISCHARGE] = max(self._part[DISCHARGE] - give_back, 0.0)
        over = self._act(LOP, v[self.lop] - evap_c, v[s.LOP_TI], opens)
        self._judge(LOP, over, now_ms)
        over = self._act(MOP, evap_c - v[self.mop], v[s.MOP_TI], True)
        over = self._act(CONDENSING, cond_c - v[s.CONDENSING_HIGH], v[s.CONDENSING_TI], True) or over
        self._judge(MOP, over, now_ms)
        if self._discharge_c is not None:
            self.left_k = self._discharge_c - discharge_c
            self._act(DISCHARGE, v[s.DISCHARGE_VALVE] - self.left_k, v[s.DISCHARGE_VALVE_TI], opens)
        self._sum()

    def _act(self, i: int, over_k: float, time_s: float, may: bool) -> bool:
        """Integrate one; True when its threshold is passed."""
        part = self._part
        if time_s <= 0.0:
            part[i] = 0.0
            return False
        change = min(max(over_k / _SPAN_K, -1.0), 1.0) * _STEP * PERIOD_S / time_s
        if change < 0.0:
            part[i] = max(part[i] + change * _RETURN, 0.0)
        elif may:
            part[i] = min(part[i] + change, _MOST)
        return over_k > 0.0

    def _sum(self):
        part = self._part
        closing = max(part[MOP], part[CONDENSING])
        opening = max(part[LOP], part[DISCHARGE])
        if closing > 0.0:
            self.factor = 1.0 - closing
            self.acting = _CODES[MOP if part[MOP] >= part[CONDENSING] else CONDENSING]
        elif opening > 0.0:
            self.factor = 1.0 + opening
            self.acting = _CODES[LOP if part[LOP] >= part[DISCHARGE] else DISCHARGE]
        else:
            self.factor = 1.0
            self.acting = 0

    def _judge(self, i: int, over: bool, now_ms: int):
        """Alarm after the protectors' delay; 0 disables it."""
        code = a.LOP if i == LOP else a.VALVE_HELD
        if not over:
            self._late_s[i] = 0.0
            self._alarms.clear(code, now_ms)
            return
        delay = self._v[s.PROTECTOR_DELAY]
        self._late_s[i] = min(self._late_s[i] + PERIOD_S, 1e6)
        if self._late_s[i] >= delay > 0.0:
            self._alarms.raise_(code, now_ms)
