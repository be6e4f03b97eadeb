"""Sensor health: which failed, what alarms that raises, and what the machine cannot run without."""

from micropython import const

from .. import alarms as a
from .. import settings as s
from .io import BAD_COND_P, BAD_DISCHARGE_T, BAD_EVAP_P, BAD_FLOW_T, BAD_SUCTION_T
from .ticks import elapsed

STOP = const(0)
FIXED = const(1)
AVERAGE = const(2)

_SENSORS = const(9)
_GOOD_MS = const(10_000)  # own: a loose contact must not make the machine come and go


class Sensors:
    """`failed` holds the bits of `Inputs.bad` that have lasted; a bit returns after 10 s of good readings."""

    def __init__(self, settings, alarms):
        self._v = settings.v
        self._alarms = alarms
        self._since = [0] * _SENSORS  # when the reading's health last changed
        self._was = 0
        self.failed = 0

    def step(self, now_ms: int, inp, discharge_cold: bool) -> int:
        """Judge `inp.bad`; `discharge_cold` masks the discharge thermistor: cold, it reads open.

        One that failed while it was warm is not forgiven by the mask: the compressor would run unwatched for
        the mask's time at every start.
        """
        bad = inp.bad
        if discharge_cold and not self.failed & BAD_DISCHARGE_T:
            bad &= ~BAD_DISCHARGE_T
        if not bad | self._was | self.failed:  # nearly always
            self._alarms.clear(a.SENSOR_STOP, now_ms)
            return 0
        delay = int(self._v[s.SENSOR_DELAY] * 1000.0)
        for i in range(_SENSORS):
            bit = 1 << i
            if (bad ^ self._was) & bit:
                self._since[i] = now_ms
            lasted = elapsed(now_ms, self._since[i])
            if bad & bit and not self.failed & bit and lasted >= delay:
                self.failed |= bit
                self._alarms.raise_(a.SUCTION_T + i, now_ms)
            elif not bad & bit and self.failed & bit and lasted >= _GOOD_MS:
                self.failed &= ~bit
                self._alarms.clear(a.SUCTION_T + i, now_ms)
        self._was = bad
        self._stop(now_ms)
        return self.failed

    def _stop(self, now_ms: int):
        needed = BAD_COND_P | BAD_DISCHARGE_T | BAD_FLOW_T
        if self._v[s.SUCTION_T_ACTION] == STOP:
            needed |= BAD_SUCTION_T
        if self._v[s.EVAP_P_ACTION] == STOP:
            needed |= BAD_EVAP_P
        if self.failed & needed:
            self._alarms.raise_(a.SENSOR_STOP, now_ms, self.failed & needed)
        else:
            self._alarms.clear(a.SENSOR_STOP, now_ms)

    def valve_action(self) -> int:
        """FIXED or AVERAGE while a superheat sensor is failed, -1 when superheat can be measured."""
        if self.failed & BAD_EVAP_P:
            return int(self._v[s.EVAP_P_ACTION])
        if self.failed & BAD_SUCTION_T:
            return int(self._v[s.SUCTION_T_ACTION])
        return -1
