"""Whether the reversing valve's slide is where it was thrown.

Water tells: a plate that condenses warms it, one that evaporates cools it. Once the compressor has run for a
minute that way round, the wrong sign together with a liquid line of the wrong side's temperature is a slide
that has not moved. A defrost that after two minutes takes no heat from the water, over a coil still cold, has
not been thrown, or half way, where gas goes round in a circle. And as makers have it, five minutes after a
change: a condenser under 5 degC in heating, an evaporator over 45 degC in cooling [Panasonic].

One sensor that lies must not stop a machine: where the coil's reads, it has to say the same, boiling or not.

The compressor stops each time, which equalises what holds the slide; the third within a day latches.
"""

from micropython import const

from . import states
from .defrost import MELT
from .io import BAD_COIL_T, BAD_EVAP_P, BAD_FLOW_T, BAD_LIQUID_T, BAD_RETURN_T
from .limits import Trips
from .ticks import Since

_PAUSE = const(48)  # place in Settings.v
_STUCK = const(27)  # alarm
_SURE_MS = const(60_000)  # own: a slide stalls for up to 15 s, water and thermistors follow within 30
_HELD_MS = const(30_000)  # own: a valve in the house sends other water; plate and sensors follow it sooner
_MAKERS_MS = const(300_000)
_WRONG_K = const(1.0)  # own: two thermistors read alike to half a kelvin
# Own: liquid out of a plate that heats is at most as much colder than its water; out of one that evaporates,
# colder still.
_LIQUID_K = const(8.0)
# Own: a coil that boils is as cold as what the suction pressure says, one that condenses far over it.
_BOILS_K = const(6.0)
_MELTS_MS = const(120_000)  # own: deep ice keeps the plate from boiling for the first minute
_THAWED_C = const(3.0)  # own: a coil over it has been warmed
_COLD_C = const(5.0)
_HOT_C = const(45.0)
_TRIPS = const(3)
_WINDOW_MS = const(86_400_000)


class Slide:
    """An option of the controller (options.py), where there is a reversing valve."""

    def __init__(self, settings, alarms):
        self._v = settings.v
        self._alarms = alarms
        self._wrong = Since(60_000)
        self._ran = Since(3_600_000)  # this way round
        self._pause = Since(7_200_000, 7_200_000)
        self._trips = Trips(_TRIPS, _WINDOW_MS)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        self._trips.step(now_ms)
        self._pause.step(now_ms)
        defrost = c.defrost
        # On the way to and from a defrost nothing lasts long enough to say.
        steady = out.compressor_on and (not defrost.reversed or defrost.phase == MELT)
        ran = self._ran.step(now_ms, steady)
        wrong = steady and self._astray(inp, ran, c)
        if self._wrong.step(now_ms, wrong) >= _HELD_MS and wrong:
            if not self._alarms.is_active(_STUCK):
                self._alarms.raise_(_STUCK, now_ms, defrost.phase, self._trips.add(now_ms))
            self._pause.restart(now_ms)
            defrost.stuck = True
        elif self._pause.ms >= self._v[_PAUSE] * 1000.0:
            self._alarms.clear(_STUCK, now_ms)

    def _astray(self, inp, ran: int, c) -> bool:
        melts = c.defrost.phase == MELT
        if ran < (_MELTS_MS if melts else _SURE_MS) - _HELD_MS:
            return False
        bad = inp.bad | c.sensors.failed
        cools = c.mode == states.COOLING and not melts
        if not melts and not bad & (BAD_COIL_T | BAD_EVAP_P):
            boils = inp.coil_c < c.evap_sat_c + _BOILS_K
            if boils != cools:
                return False
        astray = inp.liquid_c > _HOT_C if cools else inp.liquid_c < _COLD_C
        if astray and ran >= _MAKERS_MS and not melts and not bad & BAD_LIQUID_T:
            return True
        if bad & (BAD_FLOW_T | BAD_RETURN_T) or not inp.water_flow:
            return False
        if melts:
            cold = bad & BAD_COIL_T or inp.coil_c < _THAWED_C
            return bool(cold) and inp.flow_c > inp.return_c - _WRONG_K
        if bad & BAD_LIQUID_T:
            return False
        if cools:
            return inp.flow_c > inp.return_c + _WRONG_K and inp.liquid_c > inp.return_c - _LIQUID_K
        return inp.flow_c < inp.return_c - _WRONG_K and inp.liquid_c < inp.return_c - _LIQUID_K


def make(profile, settings, alarms, log, c):
    return Slide(settings, alarms)
