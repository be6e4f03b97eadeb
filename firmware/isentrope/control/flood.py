"""Flood-back: a cold discharge tells of liquid in the compressor that the suction sensor does not see.

Liquid boils in the shell, or in the compression, and takes the discharge's superheat: under the machine's
number for 3 min the compressor stops. The number has no default: clean R290 runs at about 17 K, other
fluids hotter.
"""

from micropython import const

from . import states
from .limits import Trips
from .ticks import Since

_START_MASK = const(30)  # places in Settings.v
_PAUSE = const(48)
_FOR_MS = const(180_000)
_BAD_DISCHARGE = const(2 | 256)  # bits of Inputs.bad: discharge temperature and pressure
_FLOOD = const(16)  # alarm
_TRIPS = const(3)  # own: as high pressure, in three hours, latch: a person looks for the leak of a valve
_WINDOW_MS = const(10_800_000)


class Flood:
    """An option of the controller (options.py)."""

    SLOW = True

    def __init__(self, limits, settings, alarms):
        self._least_k = limits["flood_k"]
        self._v = settings.v
        self._alarms = alarms
        self._wet = Since(_FOR_MS)
        self._pause = Since(7_200_000, 7_200_000)
        self._trips = Trips(_TRIPS, _WINDOW_MS)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        v, alarms = self._v, self._alarms
        self._trips.step(now_ms)
        self._pause.step(now_ms)
        run_ms = c.defrost.masked_ms(c.sequence.run_ms)
        # A start warms the shell first: its law dries the suction, and longer than the mask at most
        # `start_longest`.
        judged = run_ms >= v[_START_MASK] * 1000.0 and not c.defrost.reversed and c.state != states.STARTING
        wet = judged and not inp.bad & _BAD_DISCHARGE and c.discharge_superheat_k < self._least_k
        if self._wet.step(now_ms, wet) >= _FOR_MS and wet:
            if not alarms.is_active(_FLOOD):
                alarms.raise_(_FLOOD, now_ms, int(c.discharge_superheat_k), self._trips.add(now_ms))
            self._pause.restart(now_ms)
        elif alarms.masks[0] and self._pause.ms >= v[_PAUSE] * 1000.0:
            alarms.clear(_FLOOD, now_ms)


def make(profile, settings, alarms, log, c):
    return Flood(profile["limits"], settings, alarms)
