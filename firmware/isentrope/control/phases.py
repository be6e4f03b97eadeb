"""Three-phase monitor: phase loss, rotation and undervoltage, by a relay's contact or measured voltages.

A monitoring relay says that all is well, or not. Measured voltages (phase to neutral, of a meter or a
drive) tell loss from undervoltage, and whoever measures them may know the rotation. The answer comes in the
same scan from the contact; voltages are believed for as long as the last reading is fresh, which the driver
decides.
"""

from micropython import const

from .ticks import Since

_PAUSE = const(48)  # place in Settings.v
_DELAY_MS = const(2000)  # own: a dip of the mains is over, and a motor stands it
_UNKNOWN_MS = const(10_000)  # own: a meter may miss some polls
_LOSS = const(0.7)  # own: a running motor feeds a lost phase, to some 70 to 90 % of its voltage
_APART = const(0.08)  # own: so it is the difference that tells; motors are rated for some 2 to 3 % in service
_LOW = const(0.85)  # of nominal: IEC 60034-1 has motors at 0.9 for service, 0.95 without limits
_PHASE_LOSS = const(22)  # alarms
_ROTATION = const(23)
_UNDERVOLTAGE = const(24)


class Phases:
    """An option of the controller (options.py); stop alarms alone."""

    def __init__(self, profile, settings, alarms):
        """`phases` of the profile: `nominal_v`, phase to neutral, where voltages are measured; else a
        contact."""
        self._v = settings.v
        self._alarms = alarms
        self._nominal = profile["phases"].get("nominal_v", 0.0)
        self._delay = Since(60_000)
        self._low_for = Since(60_000)
        self._unknown = Since(60_000)
        self._pause = Since(7_200_000, 7_200_000)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        self._pause.step(now_ms)
        more = inp.more
        if more and not more.phase_ok:
            self._trip(now_ms, _PHASE_LOSS, 0)
        if self._nominal > 0.0:
            self._voltages(now_ms, more.phase_v if more else None)
        if more and more.rotation < 0:
            self._trip(now_ms, _ROTATION, 0)
        if self._pause.ms >= self._v[_PAUSE] * 1000.0:
            for code in (_PHASE_LOSS, _ROTATION, _UNDERVOLTAGE):
                self._alarms.clear(code, now_ms)

    def _voltages(self, now_ms: int, volts):
        """`volts`: three, or None while there is no fresh reading."""
        unknown = volts is None
        if self._unknown.step(now_ms, unknown) >= _UNKNOWN_MS and unknown:
            self._trip(now_ms, _PHASE_LOSS, -1)
        if volts is None:
            return
        least, most = min(volts), max(volts)
        lost = least < _LOSS * self._nominal or most - least > _APART * self._nominal
        if self._delay.step(now_ms, lost) >= _DELAY_MS and lost:
            self._trip(now_ms, _PHASE_LOSS, int(least))
        low = least < _LOW * self._nominal and not lost
        if self._low_for.step(now_ms, low) >= _DELAY_MS and low:
            self._trip(now_ms, _UNDERVOLTAGE, int(least))

    def _trip(self, now_ms: int, code: int, value: int):
        self._alarms.raise_(code, now_ms, value)
        self._pause.restart(now_ms)


def make(profile, settings, alarms, log, c):
    return Phases(profile, settings, alarms)
