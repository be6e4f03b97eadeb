"""Crankcase heat: refrigerant condenses into the oil of a shell that is the coldest place.

At a start it boils out and takes the oil along.

With a shell sensor the heater keeps the shell warmer than the saturated suction, where nothing condenses in
it, and a cold one does not start. Without it the rule is: heat whenever the compressor stands and the air
is under a limit, or unknown. What cannot be measured then is waited for: after the first power-up, and after
others where nothing tells that the shell is still warm.
"""

from micropython import const

from .io import BAD_OUTDOOR_T
from .ticks import elapsed

_FIRST = const(89)  # places in Settings.v
_POWER_UP = const(90)
_COMMISSIONED = const(55)
_WARM_K = const(10.0)  # own, where the machine says nothing: a shell that much over suction keeps its oil
_OFF_K = const(2.0)  # own: hysteresis of the heater
_STILL_WARM_K = const(10.0)  # own: discharge thermistor over outdoor air: the shell has run some hours ago
_WAIT = const(53)  # decisions: start waits, minutes left
_COLD = const(54)  # start waits, shell over suction
_HOUR_MS = const(3_600_000.0)


class Crankcase:
    """An option of the controller (options.py): `out.crankcase_on`, and what the sequence's start waits
    for."""

    def __init__(self, profile, settings):
        """Of the profile's `compressor`: `crankcase_below_c`, the air under which a heater without a shell
        sensor works; `crankcase_warm_k`, how far a measured shell is to be over the saturated suction."""
        data = profile["compressor"]
        self._v = settings.v
        self._warm_k = data.get("crankcase_warm_k", _WARM_K)
        self._below_c = data["crankcase_below_c"]
        self._left_ms = -1.0  # of the wait; negative: not judged yet
        self._last = -1

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        passed = elapsed(now_ms, self._last) if self._last >= 0 else 0
        self._last = now_ms
        running = out.compressor_on
        band_k = _OFF_K if out.crankcase_on else 0.0
        heat = not running and (c.sensors.failed & BAD_OUTDOOR_T or inp.outdoor_c < self._below_c + band_k)
        sequence = c.sequence
        cold = False
        shell_c = inp.more.shell_c if inp.more else None
        if shell_c is not None:
            over = shell_c - c.evap_sat_c
            cold = over < self._warm_k
            heat = over < self._warm_k + band_k
            if cold:
                sequence.hold = _COLD
                sequence.hold_value = int(max(over, -99.0))
        if self._left_ms < 0.0:
            self._left_ms = self._wait_ms(inp, c.starts, shell_c is not None)
        if self._left_ms > 0.0 and not running:
            heat = True
            self._left_ms = max(self._left_ms - passed, 0.0)
            sequence.hold = _WAIT
            sequence.hold_value = int((self._left_ms + 59_999.0) / 60_000.0)
        out.crankcase_on = bool(heat) and inp.supply_ok

    def _wait_ms(self, inp, starts: int, measured: bool) -> float:
        """How long a start waits after this power-up, ms. An uncommissioned board has no oil to warm."""
        v = self._v
        if not v[_COMMISSIONED]:
            return 0.0
        if starts == 0:
            return v[_FIRST] * _HOUR_MS
        warm = inp.discharge_c > inp.outdoor_c + _STILL_WARM_K
        if warm or measured:  # where the shell is measured, that is what counts
            return 0.0
        return v[_POWER_UP] * _HOUR_MS


def make(profile, settings, alarms, log, c):
    return Crankcase(profile, settings)
