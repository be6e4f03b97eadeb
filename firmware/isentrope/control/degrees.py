"""Degree-minutes: cycling under the lowest speed by heat that is missing, not by the temperature of a moment.

The flow's shortfall under its setpoint is summed; the compressor starts when enough is missing and stops
when all is given back. So a system with much water cycles slowly, with little water no faster than its heat
is needed (usual practice of modulating heat pumps).
"""

from micropython import const

_START = const(82)  # places in Settings.v
_STOP_ABOVE = const(22)
_FAR = const(2.0)  # own: at twice `stop_above` the flow is too warm to wait for a sum


class Degrees:
    """`missing` in K min, 0 at least; `step` says whether heat is wanted."""

    def __init__(self, settings):
        self._v = settings.v
        self.missing = 0.0

    def step(self, dt_s: float, error_k: float, call: bool, running: bool, lowest: bool) -> bool:
        """`error_k`: setpoint less flow; `call`: as it was; `lowest`: running as slowly as it can."""
        v = self._v
        start = v[_START]
        self.missing = min(max(self.missing + error_k * dt_s / 60.0, 0.0), start)
        if not running:
            return (call or self.missing >= start) and error_k > -v[_STOP_ABOVE]
        if not lowest:
            # A running machine that can still slow down regulates; what it owes begins at its lowest speed.
            return call or error_k > 0.0
        return self.missing > 0.0 and error_k > -_FAR * v[_STOP_ABOVE]


def make(profile, settings, alarms, log, c):
    c.capacity.degrees = Degrees(settings)
