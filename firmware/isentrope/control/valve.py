"""From a wanted needle position to whole steps, sparing the valve, losing no correction in its play."""

from micropython import const

from .. import settings as s

_DEAD_SHARE = const(0.002)  # own: of full stroke, a third of a per cent of a half-open valve's flow
_LEAST_DEAD_STEPS = const(0.8)  # own: less than a step would follow noise to and fro


class ValvePosition:
    """Dead band and take-up of the screw's play.

    A screw pushes the needle open only after its play is taken up, and pulls it shut at once: after
    opening, the rotor stands `play` further than the needle. Without this an integrator walks to and fro
    across the play.
    """

    def __init__(self, steps: int, settings):
        self._steps = steps
        self._v = settings.v
        self._dead = max(steps * _DEAD_SHARE, _LEAST_DEAD_STEPS)
        self._needle = 0
        self.target = 0

    def move(self, needle: float) -> int:
        """Rotor position (steps) that puts the needle at `needle`."""
        needle = min(max(needle, 0.0), self._steps)
        if abs(needle - self._needle) >= self._dead:
            wanted = int(needle + 0.5)
            opens = wanted > self._needle
            self._needle = wanted
            play = int(self._steps * self._v[s.VALVE_PLAY] / 100.0 + 0.5) if opens else 0
            self.target = min(wanted + play, self._steps)
        return self.target

    def hold(self, position: int):
        """Stay at `position`, where the rotor stands."""
        self._needle = self.target = position

    def close(self) -> int:
        """Fully closed, at once."""
        self._needle = self.target = 0
        return 0
