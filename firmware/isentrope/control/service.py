"""Service modes: the compressor locked, the valves open, for whoever has gauges on the circuit.

Evacuate and charge: the expansion valve stands open, so that both sides are reached through one port.
Recovery: pump and fan run besides, for what is drawn off boils in plate and coil, and a plate without moving
water bursts. Air purge: the valve stays shut, the pump runs and stands by turns, so that air that the flow
carries along rises to the vents while it stands. Loaded when it is asked for; it ends by the same point, by
`enable`, by a stop alarm, or after four hours.
"""

from micropython import const

from . import states
from .ticks import Since

EVACUATE = const(1)
RECOVER = const(2)
PURGE = const(3)
_RUNS_MS = const(180_000)  # own: a circuit's water comes round once or twice
_STANDS_MS = const(60_000)  # own: bubbles of a millimetre rise by metres
_LONGEST_MS = const(14_400_000)  # own: an afternoon's vacuum; whoever goes on asks again
_PUMP_SPEED = const(36)
_FAN_HIGH = const(38)
_BEGINS = const(136)  # decisions
_ENDS = const(137)


class Service:
    """An option of the controller while it lasts: `finish` after all decisions."""

    def __init__(self, mode: int, steps: int, settings, alarms, log):
        self.mode = mode
        self.ended = False
        self._steps = steps
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._since = Since(_LONGEST_MS)
        self._begun = False
        self._turn_ms = 0

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        """Locked as long as it lasts; the controller lets it go in the scan in which it has ended."""
        if not self._begun:
            self._begun = True
            self._since.restart(now_ms)
            self._log.add(now_ms, _BEGINS, self.mode)
        self._turn_ms = (self._turn_ms + int(dt_s * 1000.0)) % (_RUNS_MS + _STANDS_MS)
        late = self._since.step(now_ms) >= _LONGEST_MS
        if not self.mode or late or inp.enable or self._alarms.stop:
            self.ended = True
            self._log.add(now_ms, _ENDS, self._since.ms // 60_000)
        else:
            c.sequence.hold = _BEGINS
            c.sequence.hold_value = self.mode
            c.frost_call = False

    def finish(self, inp, out):
        if self.mode == PURGE:
            out.pump_pct = self._v[_PUMP_SPEED] if self._turn_ms < _RUNS_MS else 0.0
            return
        out.eev_steps = self._steps
        if self.mode == RECOVER:
            out.pump_pct = self._v[_PUMP_SPEED]
            out.fan_pct = self._v[_FAN_HIGH]


def stands(state: int) -> bool:
    """A service mode may begin: the machine is off."""
    return state in (-1, states.OFF)
