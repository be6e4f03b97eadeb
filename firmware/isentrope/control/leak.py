"""Refrigerant in the air: a gas sensor stops the machine and, by the charge's class, switches more.

The sensor is a contact (closed: no gas) or a transmitter of the lower flammable limit's share. At 25 % the
compressor stops within the scan that has seen it for 2 s; the sensor and its filter have the rest of the 30
s that standards of refrigeration safety leave (IEC 60335-2-40, annex LL). A2L: the fans that are rated for
it blow; A3: nothing that the machine's data calls a spark source is energised. A lost sensor counts as gas,
for nobody knows.
"""

from micropython import const

from .limits import Trips
from .ticks import Since

_BASE = const(179)  # place in Settings.v
_LIMIT = const(_BASE)
_PAUSE = const(_BASE + 1)
_GAS = const(28)  # alarms
_LOST = const(29)
_LEAK_OK = const(1)  # bits of Wired.fitted and closed
_SENSOR_OK = const(2)
_SEEN_MS = const(2000)  # own: a relay that chatters
_LOST_MS = const(5000)  # own: of the 15 s that a lost sensor may take
_TRIPS = const(3)
_WINDOW_MS = const(7_200_000)
# What the machine's data may name, and where `Outputs` has it.
_ATTRIBUTES = {
    "alarm": "alarm_on",
    "backup": "backup",
    "crankcase": "crankcase_on",
    "fan": "fan_pct",
    "pump": "pump_pct",
    "reversing": "reversing_on",
}


class Leak:
    """An option of the controller (options.py) that has the last word on outputs (`finish`)."""

    def __init__(self, data, settings, alarms):
        """`leak` of the profile: `class`, `off` (outputs that may make a spark), `full` (fans). Raises
        ValueError naming what contradicts."""
        self._off = tuple([_ATTRIBUTES[name] for name in data.get("off", ())])
        self._full = tuple([_ATTRIBUTES[name] for name in data.get("full", ())])
        if data.get("class") == "A3" and (self._full or not self._off):
            raise ValueError("profile.json: leak.off and leak.full do not suit an A3 refrigerant")
        self._v = settings.v
        self._alarms = alarms
        self._gas = Since(60_000)
        self._lost = Since(60_000)
        self._clear = Since(7_200_000, 7_200_000)  # since gas was last seen
        self._found = Since(7_200_000, 7_200_000)  # since the sensor last failed
        self._trips = Trips(_TRIPS, _WINDOW_MS)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        alarms, wired = self._alarms, inp.wired
        self._trips.step(now_ms)
        pct = wired.leak_pct
        gas = wired.fitted & ~wired.closed & _LEAK_OK != 0 or (pct is not None and pct >= self._v[_LIMIT])
        lost = wired.fitted & ~wired.closed & _SENSOR_OK != 0 or (wired.has_leak and pct is None)
        if self._gas.step(now_ms, gas) >= _SEEN_MS and gas and not alarms.is_active(_GAS):
            alarms.raise_(_GAS, now_ms, 0 if pct is None else int(pct), self._trips.add(now_ms))
        if self._lost.step(now_ms, lost) >= _LOST_MS and lost:
            alarms.raise_(_LOST, now_ms)
        pause = self._v[_PAUSE] * 1000.0
        self._clear.step(now_ms)
        if gas or lost:  # a sensor that is lost cannot say that the gas has gone
            self._clear.restart(now_ms)
        elif self._clear.ms >= pause:
            alarms.clear(_GAS, now_ms)
        self._found.step(now_ms)
        if lost:
            self._found.restart(now_ms)
        elif self._found.ms >= pause:
            alarms.clear(_LOST, now_ms)

    def finish(self, inp, out):
        """After all decisions: what gas leaves of them."""
        if not self._alarms.is_active(_GAS) and not self._alarms.is_active(_LOST):
            return
        for name in self._off:
            if hasattr(out, name):
                setattr(out, name, 0)
        for name in self._full:
            setattr(out, name, 100.0)


def make(profile, settings, alarms, log, c):
    return Leak(profile["leak"], settings, alarms)
