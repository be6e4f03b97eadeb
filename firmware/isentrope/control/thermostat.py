"""24 V room thermostat: terminals Y, Y2, G, W and O/B instead of a bus or a curve.

Y calls the compressor at `thermostat_stage` of its speed range, Y2 at all of it; the flow setpoint stays in
force as a ceiling. G runs the indoor fan, W the backup heater, O/B the mode: by `thermostat_ob` it is
energised in cooling (0, "O") or in heating (1, "B"). Calls that contradict each other resolve as
docs/compressor.md's table has it and are logged once: Y2 without Y is a Y, W while cooling is none; and so
are a bus's words against a call: off, another mode, a demand. Nothing energised, as without the 24 V, is
nothing called. Minimum times and starts an hour are the sequence's.
"""

from micropython import const

from . import states
from .ticks import Since

_BASE = const(195)  # places in Settings.v
_OB = const(_BASE)
_STAGE = const(_BASE + 1)
_PUMP_SPEED = const(36)
_SHIFT = const(6)  # of Wired.closed
_Y = const(1)
_Y2 = const(2)
_G = const(4)
_W = const(8)
_OB_BIT = const(16)
_MASK = const(31)
_SEEN_MS = const(2000)  # own: relays of a thermostat change one after the other
_NO_DEMAND = const(16)  # decisions
_CALLS = const(125)
_NO_Y = const(126)
_W_COOLING = const(127)
_NO_COOLING = const(128)
_MODE_OFF = const(0)  # operating modes (arbiter.py, which is not loaded for these)
_MODE_HEATING = const(1)
_MODE_COOLING = const(2)
_MODE_HOT_WATER = const(4)
_BUS_OFF = const(221)
_BUS_MODE = const(222)
_BUS_DEMAND = const(223)


class Thermostat:
    """An option of the controller (options.py) that may run the indoor fan after all decisions (`finish`)."""

    def __init__(self, profile, settings, log):
        compressor = profile["compressor"]
        self._min = float(compressor["min_rps"])
        self._range = float(compressor["max_rps"]) - self._min
        self._modes = "modes" in profile
        self._cools = "cooling" in profile.get("modes", ())
        self._v = settings.v
        self._log = log
        self._seen = Since(60_000)
        self._read = 0
        self._calls = 0
        self._said = 0  # the last contradiction
        self._against = 0  # and the last with a bus
        self._fan = False

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        v = self._v
        read = inp.wired.closed >> _SHIFT & _MASK
        if read != self._read:
            self._read = read
            self._seen.restart(now_ms)
        if self._seen.step(now_ms) >= _SEEN_MS and read != self._calls:
            self._calls = read
            self._log.add(now_ms, _CALLS, read)
        calls = self._calls
        called = calls & (_Y | _Y2)
        cooling = (calls & _OB_BIT != 0) == (v[_OB] <= 0.0)
        heat = calls & _W != 0
        said = 0
        if called == _Y2:
            said = _NO_Y
        if called and cooling:
            if heat:
                said = _W_COOLING
                heat = False
            if not self._cools:
                said = _NO_COOLING
                called = 0
        if said != self._said:
            self._said = said
            if said:
                self._log.add(now_ms, said, calls)
        c.mode_asked = states.COOLING if called and cooling else states.HEATING
        c.backup_asked = c.backup_asked or heat
        capacity = c.capacity
        against = self._bus(inp, capacity, cooling) if called else 0
        if against != self._against:
            self._against = against
            if against:
                self._log.add(now_ms, against, calls)
        if called:
            share = 1.0 if called == _Y | _Y2 else v[_STAGE] / 100.0
            capacity.demand_rps = self._min + self._range * share
        else:
            capacity.allowed = False
            c.sequence.stop = _NO_DEMAND
        self._fan = calls & _G != 0 or heat

    def _bus(self, inp, capacity, cooling: bool) -> int:
        """The decision that says what a bus has against the call; 0: nothing."""
        mode = inp.mode if self._modes else _MODE_HEATING
        if not inp.enable or mode in (_MODE_OFF, _MODE_HOT_WATER):
            return _BUS_OFF
        if mode == (_MODE_HEATING if cooling else _MODE_COOLING) and self._modes:
            return _BUS_MODE
        return _BUS_DEMAND if capacity.demand_rps >= 0.0 else 0  # of busdemand.py, which comes before

    def finish(self, inp, out):
        """After all decisions: the indoor fan, which the controller knows as its pump."""
        if self._fan and out.pump_pct <= 0.0:
            out.pump_pct = self._v[_PUMP_SPEED]


def make(profile, settings, alarms, log, c):
    c.sequence.circulates = False  # G says when air moves without heat
    return Thermostat(profile, settings, log)
