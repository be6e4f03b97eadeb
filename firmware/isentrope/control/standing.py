"""A compressor that was told to run and does not: nothing reads it back, its pressures tell.

A drive that tripped, a contactor that did not pull in, a motor protector inside the shell: both pressures
come together. In heating that leaves the envelope, whose alarm sends people to the water; in cooling it stays
inside, and the machine would wait for ever. Here the compressor is told to stop and is tried again after its
minimum off time; in a defrost it is only told, since the defrost has its longest time. A drive on a bus says
it itself (driveguard.py).
"""

from micropython import const

from .io import BAD_COND_P, BAD_EVAP_P
from .ticks import Since

_STANDS = const(68)  # alarm
_STOPS = const(149)  # decision
_AFTER_MS = const(60_000)  # own: a start makes the reversing valve's difference within 10 s
_FOR_MS = const(30_000)  # own: a slide on its way takes the difference away for 15 s
# Own: of the suction pressure. Two transducers 1 % of full scale off read 9 % apart at rest; 10 K of lift,
# less than any machine is run at, are 30 %.
_SHARE = const(0.12)


class Standing:
    """An option of the controller (options.py)."""

    def __init__(self, alarms):
        self._alarms = alarms
        self._level = Since(60_000)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        run_ms = c.sequence.run_ms
        judged = run_ms >= 0 and not c.sensors.failed & (BAD_EVAP_P | BAD_COND_P)
        level = judged and c.cond_kpa - c.evap_kpa < _SHARE * c.evap_kpa
        if self._level.step(now_ms, level) >= _FOR_MS and level and run_ms >= _AFTER_MS:
            self._alarms.raise_(_STANDS, now_ms, int(c.speed.set_rps))
            if not c.defrost.phase:
                c.sequence.cut = _STOPS
                c.sequence.hold_value = int(c.cond_kpa - c.evap_kpa)
        elif judged and not level:
            self._alarms.clear(_STANDS, now_ms)


def make(profile, settings, alarms, log, c):
    return None if profile.get("drive", {}).get("kind") == "modbus" else Standing(alarms)
