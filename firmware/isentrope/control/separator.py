"""Refrigerant in the heating water: a burst plate lets gas of ten bar and more into a circuit of two.

A contact of the gas separator (closed: no gas) or the water's pressure, which then rises faster than any
warming water does, say so. The compressor stops and so does the pump, which would carry the gas indoors. A
person has to look: it latches at once.

Water that warms up by 35 K an hour in a circuit with a vessel of usual size gains some 70 kPa, 6 kPa over a
mean of five minutes; a pump that starts, some 40 kPa where the sensor sits behind it.
"""

from micropython import const

from .ticks import Since

_RISE = const(181)  # place in Settings.v
_ALARM = const(31)
_SEPARATOR_OK = const(4)  # bit of Wired.fitted and closed
_MEAN_S = const(300.0)  # own: see above
_SEEN_MS = const(3000)  # own: a pressure surge of a valve that shuts


class Separator:
    """An option of the controller (options.py) that has the last word on the pump (`finish`)."""

    def __init__(self, settings, alarms):
        self._v = settings.v
        self._alarms = alarms
        self._mean_kpa = -1.0
        self._seen = Since(60_000)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        wired = inp.wired
        gas = wired.fitted & ~wired.closed & _SEPARATOR_OK != 0
        kpa = wired.water_kpa
        rise = 0.0
        if kpa is not None:
            if self._mean_kpa < 0.0:
                self._mean_kpa = max(kpa, 0.0)
            rise = kpa - self._mean_kpa
            self._mean_kpa = max(self._mean_kpa + rise * dt_s / (_MEAN_S + dt_s), 0.0)
            gas = gas or rise >= self._v[_RISE]
        if self._seen.step(now_ms, gas) >= _SEEN_MS and gas:
            self._alarms.raise_(_ALARM, now_ms, int(max(rise, 0.0)), True)

    def finish(self, inp, out):
        """After all decisions: no water moves."""
        if self._alarms.is_active(_ALARM):
            out.pump_pct = 0.0


def make(profile, settings, alarms, log, c):
    return Separator(settings, alarms)
