"""Expansion valve on a stepper motor: homing, absolute position, re-zero on full close, hold current off.

The pulses are a port's business (PIO, RMT or a timer; in the bench a virtual one), behind this interface:

- `count`: net pulses emitted so far, opening counts up (any integer; only differences matter)
- `busy`: the motor turns, or is about to
- `go(target)`: emit pulses until `count` is `target`, at the valve's rate, with its ramp at both ends; a new
  target takes over in motion, slowing down first where the direction turns
- `stop()`: ramp down to standstill; `abort()`: stand still at once
- `coils(on)`: energise or release the windings; `energised`: which of them it is

There is no position feedback: driving against the closed stop makes zero known. A valve that has been open is
driven `overdrive_steps` beyond zero whenever it closes fully, which takes back what it has lost on the way
[Mitsubishi LEV: 700 of 500 at power-up, +200 on full close].
"""

from micropython import const

_HOLD_MS = const(1000)  # the coils go off within this time of the last pulse; own: the rotor settles sooner


class Stepper:
    """`position` in steps from the closed stop, `homed` once it is known."""

    def __init__(self, pulses, valve: dict):
        self._pulses = pulses
        self.steps = valve["steps"]
        self._overdrive = valve["overdrive_steps"]
        self._zero = pulses.count - self.steps  # the pulse count at the closed stop; until homed the farthest
        self._seating = False  # on its way against the stop
        self._opened = False  # has left the stop since it was last found
        self._idle_ms = _HOLD_MS
        self.homed = False
        self.position = self.steps

    def read(self):
        """Bring `position` and `homed` up to date."""
        pulses = self._pulses
        if self._seating and not pulses.busy:
            self._seating = False
            self._opened = False
            self.homed = True
            self._zero = pulses.count
        self.position = min(max(pulses.count - self._zero, 0), self.steps)

    def write(self, home: bool, target: int, dt_ms: int):
        """Command: find the stop (while `home` and not yet found), or go to `target` steps.

        A homing whose command ends stops: some valves must not be driven once the compressor stands. A
        command to open during a re-zero ends it: the valve stands at its stop already.
        """
        pulses = self._pulses
        if not self.homed:
            if home and not self._seating:
                self._seating = True
                pulses.go(self._zero - self._overdrive)
            elif self._seating and not home:
                self._seating = False
                pulses.stop()
        elif self._seating:
            if target > 0:
                pulses.stop()
        else:
            target = min(max(target, 0), self.steps)
            if target > 0:
                self._opened = True
            elif self._opened and self.position == 0 and not pulses.busy:
                self._seating = True
                target = -self._overdrive
            pulses.go(self._zero + target)
        self._hold(dt_ms)

    @property
    def closed(self) -> bool:
        """It stands at its stop and has not left it since that was found."""
        return self.homed and not (self._seating or self._opened or self._pulses.busy)

    def trust(self):
        """It stood at its stop when the power went: homing has no more than the overdrive to drive."""
        self._zero = self._pulses.count
        self.position = 0

    def forget(self):
        """The position is not to be trusted: the motor was without supply. It takes a homing."""
        self._seating = False
        self.homed = False
        self._zero = self._pulses.count - self.steps

    def stop(self):
        """Stand still, windings released; in motion that loses the position."""
        if self._pulses.busy:
            self.forget()
        self._pulses.stop()
        self._pulses.coils(False)

    def _hold(self, dt_ms: int):
        if self._pulses.busy:
            self._idle_ms = 0
        elif self._idle_ms < _HOLD_MS:
            self._idle_ms += dt_ms
        self._pulses.coils(self._idle_ms < _HOLD_MS)
