"""Whether the reversing valve's slide is where it was thrown.

Water tells: a plate that condenses warms it, one that evaporates cools it. Once the compressor has run for a
minute that way round, the wrong sign together with a liquid line of the wrong side's temperature is a slide
that has not moved. A defrost that after two minutes takes no heat from the water, over a coil still cold, has
not been thrown, or half way. There gas goes round in a circle: the compressor runs, the water takes next to
nothing, and what should condense stays colder than the water or the air that it should warm, or suction is
warmer than anything that could warm it. And as makers have it, five minutes after a change: a condenser under
5 degC in heating, an evaporator over 45 degC in cooling [Panasonic].

One sensor that lies must not stop a machine: where the coil's reads, it has to say the same, boiling or not.

A slide that swings unasked (swings.py) stops it too: only pressures are quick enough to tell.

The compressor stops each time, which equalises what holds the slide; the third within a day latches.
"""

from micropython import const

from . import states
from .defrost import MELT
from .io import (
    BAD_COIL_T,
    BAD_COND_P,
    BAD_EVAP_P,
    BAD_FLOW_T,
    BAD_LIQUID_T,
    BAD_OUTDOOR_T,
    BAD_RETURN_T,
    BAD_SUCTION_T,
)
from .limits import Trips
from .swings import Swings
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
# Own: a start that is slow to build its pressure up is over the water after a minute. Half way, R290's two
# pressures are 2 to 3.5 bar apart in air of 2 degC, at any speed; in air of 32 degC they are 6 apart, and
# suction is 20 to 65 K over the air. Water takes 1 kW at most.
_ROUND_MS = const(150_000)
_ROUND_K = const(3.0)
_SUCTION_K = const(15.0)
_STANDS = const(0.15)  # own: of the suction pressure; half way R290's two are 0.4 of it apart and more
_IDLE_K = const(1.5)
_THAWED_C = const(3.0)  # own: a coil over it has been warmed
_COLD_C = const(5.0)
_HOT_C = const(45.0)
_TRIPS = const(3)
_WINDOW_MS = const(86_400_000)


class Slide:
    """An option of the controller (options.py), where there is a reversing valve."""

    def __init__(self, settings, alarms, log):
        self._v = settings.v
        self._alarms = alarms
        self._wrong = Since(60_000)
        self._swings = Swings(log)
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
        bad = inp.bad | c.sensors.failed
        swings = self._swings.step(now_ms, dt_s, out.compressor_on and not defrost.phase, bad, out, c)
        if (self._wrong.step(now_ms, wrong) >= _HELD_MS and wrong) or swings:
            if not self._alarms.is_active(_STUCK):
                self._alarms.raise_(_STUCK, now_ms, defrost.phase, self._trips.add(now_ms))
            self._pause.restart(now_ms)
            defrost.stuck = True
        elif self._alarms.masks[0] and self._pause.ms >= self._v[_PAUSE] * 1000.0:
            self._alarms.clear(_STUCK, now_ms)

    def _astray(self, inp, ran: int, c) -> bool:
        melts = c.defrost.phase == MELT
        if ran < (_MELTS_MS if melts else _SURE_MS) - _HELD_MS:
            return False
        bad = inp.bad | c.sensors.failed
        cools = c.mode == states.COOLING and not melts
        if ran >= _ROUND_MS - _HELD_MS and not melts and self._round(inp, bad, cools, c):
            return True
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

    def _round(self, inp, bad: int, cools: bool, c) -> bool:
        """The compressor's gas goes round. What two thermometers can say, both must."""
        if c.cond_kpa - c.evap_kpa < _STANDS * c.evap_kpa and not bad & (BAD_COND_P | BAD_EVAP_P):
            return False  # nothing pumps: standing.py's
        if bad & (BAD_FLOW_T | BAD_RETURN_T | BAD_LIQUID_T) or not inp.water_flow:
            return False
        change = inp.return_c - inp.flow_c if cools else inp.flow_c - inp.return_c
        if change > _IDLE_K:
            return False
        warm_c, takes_c = inp.outdoor_c, min(inp.flow_c, inp.return_c)
        if cools:
            warm_c, takes_c = max(inp.flow_c, inp.return_c), inp.outdoor_c
        elif not bad & BAD_COIL_T:
            warm_c = max(warm_c, inp.coil_c)
        if not bad & (BAD_SUCTION_T | BAD_OUTDOOR_T) and inp.suction_c > warm_c + _SUCTION_K:
            return True
        low = c.cond_dew_c < takes_c - _ROUND_K and (cools or inp.liquid_c < takes_c - _ROUND_K)
        return low and not bad & (BAD_COND_P | (BAD_OUTDOOR_T if cools else 0))


def make(profile, settings, alarms, log, c):
    return Slide(settings, alarms, log)
