"""When a defrost begins: frosting time, the law in force, an iced coil, a wish of the bus, what it waits for.

The law is a setting: time and temperature (`frosttime`), demand (`frostdemand`) or an interval that adapts
(`frostinterval`); only the chosen one is loaded. A law whose sensor has failed, or drifts beyond correction
(`coildrift`), is replaced by the interval, which needs none.
"""

from micropython import const

from .. import alarms as a
from .. import decisions as d
from .. import settings as s
from ..tables import forget
from .io import BAD_COIL_T, BAD_OUTDOOR_T
from .states import HEATING, HOT_WATER
from .ticks import Since

_BASE = const(150)
_LOW_COIL = const(_BASE + 1)  # place in Settings.v
_CAP_MS = const(14_400_000)
_FROST_C = const(0.0)  # under it moisture freezes on the coil; only that running time counts
_ICED_MS = const(20_000)  # own: a coil whose air gives out falls by 4 K a minute, then the envelope ends
_SOONEST_MS = const(600_000)  # own: frosting time after a defrost before that counts
_FELL_BACK = const(51)  # alarm
_ICED = const(91)  # decisions
_FALLS_BACK = const(97)
_INTERVAL = const(3)
_LAWS = ("time", "demand", "interval")
# Sensors that a law cannot do without.
_NEEDS = (0, BAD_COIL_T | BAD_OUTDOOR_T, BAD_OUTDOOR_T, 0)


class Frost:
    """`due()` once a scan while no defrost is under way."""

    def __init__(self, settings, alarms, log):
        self._settings = settings
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._deep = Since(60_000)
        self._kind = 0  # setting's value of the law that is loaded
        self.law = None
        self.ms = 0  # frosting time since the last defrost that left a clean coil, or tried to
        self.since_ms = 0  # the same, cleaned or not, up to _SOONEST_MS
        self.clean = True  # the last defrost left no frost
        self.growth_k = 0.0  # that the law on demand sees
        # What coildrift.py found: to be taken off a sensor's reading, and sensors not to be believed.
        self.coil_off_k = 0.0
        self.outdoor_off_k = 0.0
        self.blind = 0

    def again(self):
        """The coil was not cleaned: the next defrost may follow after the retry's time."""
        self.clean = False
        self.ms = self.since_ms = 0

    def ended(self, melted_s: float):
        """The coil is clean."""
        self.clean = True
        self.ms = self.since_ms = 0
        self.growth_k = 0.0
        if self.law:
            self.law.ended(melted_s)

    def _choose(self, now_ms: int, failed: int):
        """Load the law of the setting, or the one that stands in for it."""
        kind = int(self._v[s.DEFROST])
        lacks = failed & _NEEDS[kind]
        if lacks:
            if not self._alarms.is_active(_FELL_BACK):
                self._log.add(now_ms, _FALLS_BACK, kind)
                self._alarms.raise_(_FELL_BACK, now_ms, kind)
            kind = _INTERVAL
        else:
            self._alarms.clear(_FELL_BACK, now_ms)
        if kind != self._kind:
            self._kind = kind
            self.law = None
            self.growth_k = 0.0
            if kind:
                name = __name__ + _LAWS[kind - 1]
                self.law = __import__(name, None, None, ("Law",)).Law(self._settings, self._log)
                forget(name)  # it goes with its law

    def due(self, now_ms: int, passed: int, inp, coil_c: float, failed: int, forced: bool, c) -> bool:
        """A defrost begins now; `failed`: bits of sensors that are not to be believed."""
        v = self._v
        self._choose(now_ms, failed)
        state = c.sequence.state
        heating = state in (HEATING, HOT_WATER)
        freezing = heating and coil_c < _FROST_C
        if freezing and self.ms < _CAP_MS:
            self.ms += passed
            self.since_ms = min(self.since_ms + passed, _SOONEST_MS)
        air_c = inp.outdoor_c - self.outdoor_off_k
        low = freezing and not failed & BAD_OUTDOOR_T and coil_c < air_c - v[_LOW_COIL]
        iced = self._deep.step(now_ms, low) >= _ICED_MS and self.since_ms >= _SOONEST_MS
        law = self.law
        due = law.step(now_ms, passed, heating, coil_c, air_c, self, c) if law else False
        if not (heating and inp.enable):
            return False
        why, value = d.DEFROST_DUE, d.pair(self.ms / 60_000.0, coil_c)
        if due and law and law.why:
            why, value = law.why, d.pair(law.value, coil_c)
        elif not due and law and iced:
            why = _ICED
        elif not due and not forced:
            return False
        if min(inp.return_c, inp.flow_c) < v[s.DEFROST_WATER]:
            if not self._alarms.is_active(a.DEFROST_WATER):
                self._log.add(now_ms, d.DEFROST_WAITS, int(inp.return_c))
                self._alarms.raise_(a.DEFROST_WATER, now_ms)
            return False
        self._alarms.clear(a.DEFROST_WATER, now_ms)
        self._log.add(now_ms, why, value)
        return True
