"""The drive as the controller sees it: its faults become alarms, its limits hold and reduce the speed.

`inp.more.drive` is the readings of a drive on a bus (drivers/inverter): `lost`, `fault` (a class, 0: none),
`fault_raw`, `current_a`, `bus_v`, `module_c`, each None where the drive does not say.
"""

from micropython import const

from .limits import Trips
from .ticks import Since

_PAUSE = const(48)  # place in Settings.v
_LOST = const(17)  # alarms: 17 lost, then 17 + class: current, temperature, voltage, any other
_CLASSES = const(4)
_HOLD = const(56)  # decisions: hold and reduce, of current, of bus voltage, of module temperature
_TRIPS = const(3)  # own: in an hour, latch, as high pressure
_WINDOW_MS = const(3_600_000)
_VALUES = ("current_a", "bus_v", "module_c")


class DriveGuard:
    """An option of the controller (options.py)."""

    def __init__(self, drive, compressor, settings, alarms):
        """`drive.limits`: lists [quantity, hold, reduce]; a reduce under the hold is a lower limit. They
        are the machine's: the drive's own stops lie beyond them. Raises ValueError naming what cannot be
        used."""
        limits = []
        for name, hold, reduce in drive.get("limits", ()):
            if name not in _VALUES or hold == reduce:
                raise ValueError("profile.json: drive.limits: %s %s %s" % (name, hold, reduce))
            limits.append((_VALUES.index(name), float(hold), float(reduce)))
        self._limits = tuple(limits)
        self._slew = compressor["slew_rps_s"]
        self._v = settings.v
        self._alarms = alarms
        self._code = 0  # alarm of what is wrong now
        self._rested = Since(7_200_000, 7_200_000)  # since that changed
        self._trips = Trips(_TRIPS, _WINDOW_MS)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        drive = inp.more.drive if inp.more else None
        if drive is None:
            return
        self._trips.step(now_ms)
        alarms = self._alarms
        code = _LOST if drive.lost else _LOST + drive.fault if drive.fault else 0
        if code != self._code:
            self._code = code
            self._rested.restart(now_ms)
        rested = self._rested.step(now_ms) >= self._v[_PAUSE] * 1000.0
        if code and not alarms.is_active(code):
            alarms.raise_(code, now_ms, drive.fault_raw, code != _LOST and self._trips.add(now_ms))
        # What the drive latched is let go once it has rested; a latch of ours keeps it.
        drive.reset = drive.fault != 0 and rested and not alarms.latched_mask
        if rested and not code:
            for each in range(_LOST, _LOST + _CLASSES + 1):
                alarms.clear(each, now_ms)
        if not out.compressor_on or code:
            return
        speed = c.speed.set_rps
        for place, hold, reduce in self._limits:
            value = drive.current_a if place == 0 else drive.bus_v if place == 1 else drive.module_c
            if value is None:
                continue
            sign = 1.0 if reduce > hold else -1.0
            if (value - reduce) * sign >= 0.0:
                c.limits.cap(speed - self._slew * dt_s, _HOLD + 2 * place + 1, value)
            elif (value - hold) * sign >= 0.0:
                c.limits.cap(speed, _HOLD + 2 * place, value)


def make(profile, settings, alarms, log, c):
    return DriveGuard(profile["drive"], profile["compressor"], settings, alarms)
