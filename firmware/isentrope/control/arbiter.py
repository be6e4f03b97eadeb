"""What the machine works for: heating, cooling or hot water, one at a time.

The priorities (docs/modes.md): protections, defrost and freeze protection are elsewhere and come first; of
the rest disinfection beats hot water, and hot water beats the house, for `hot_water_longest` at a stretch.
Then the house has its turn, for `house_turn` at most, and hot water goes on.

Between heating and hot water the compressor runs on: the diverter turns, the setpoint is another. From and
to cooling it stops, since the reversing valve has to move; both exchangers change places.
"""

from micropython import const

from . import states

# Operating modes, the point's values
OFF = const(0)
HEATING = const(1)
COOLING = const(2)
AUTO = const(3)
HOT_WATER = const(4)

_BASE = const(157)  # of these settings
_HOT_WATER_ON = const(_BASE + 0)  # places in Settings.v
_LONGEST = const(_BASE + 5)
_TURN = const(_BASE + 6)
_SETPOINT = const(_BASE + 12)  # of cooling
_LIMIT = const(_BASE + 15)
_START_RPS = const(27)
# Own: the other water has come round by then; without it the speed goes to its lowest and to its highest.
_SETTLE_S = const(120.0)
_LEAVE_K = const(1.0)  # own: hysteresis of the season
# Own: a charge whose water is warmer than the tank asks for, for so long, goes by a reading that is wrong.
_IDLE_S = const(300.0)
_REST_S = const(60.0)  # own: a house that has had its turn for so long and wants nothing has had enough
_WORKS = const(100)  # decisions
_PAUSES = const(102)


class Arbiter:
    """An option of the controller (options.py): sets its `mode`, and setpoint, sign and leave of capacity."""

    def __init__(self, settings, log, hot, cooling):
        """`hot`, `cooling`: what makes hot water (hotwater.py) and cools (cooling.py), or None."""
        self._v = settings.v
        self._log = log
        self.hot = hot
        self.cooling = cooling
        self._warm = False  # the season is for cooling
        self._charged_s = 0.0  # hot water at a stretch
        self._idle_s = 0.0  # of it, nothing called
        self._turn_s = 0.0  # left of the house's turn
        self._settle_s = 0.0
        self._degrees = None
        self._first = True

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        capacity, sequence, hot = c.capacity, c.sequence, self.hot
        if self._first:
            self._first = False
            self._degrees = capacity.degrees
        house = self._house(inp, capacity.allowed, c)
        sequence.circulates = house != 0
        if hot:
            hot.step(now_ms, dt_s, inp, out, c)
        wanted = self._wanted(now_ms, dt_s, inp, out, c, house)
        rests = c.state <= states.OFF or c.state == states.FAULT
        if not wanted and c.mode == states.HOT_WATER and rests and not sequence.pump_on(inp):
            wanted = states.HEATING  # nobody wants anything: the diverter comes to rest
            capacity.allowed = False
        if wanted and wanted != c.mode and self._may(wanted, rests, out, c):
            c.mode = wanted
            capacity.begin()
            self._settle_s = _SETTLE_S
            if out.compressor_on:
                capacity.rps = min(max(self._v[_START_RPS], c.speed.min_rps), c.speed.max_rps)
            else:
                capacity.call = False
            self._log.add(now_ms, _WORKS, wanted)
        self._settle_s = max(self._settle_s - dt_s, 0.0) if out.compressor_on else 0.0
        capacity.held = self._settle_s > 0.0
        mode = c.mode
        capacity.sign = -1.0 if mode == states.COOLING else 1.0
        capacity.degrees = self._degrees if mode == states.HEATING else None
        capacity.allowed = capacity.allowed and wanted == mode
        if mode == states.COOLING:
            capacity.setpoint_c = self._v[_SETPOINT]
            capacity.allowed = wanted == mode
            if c.mode_asked < 0:  # a thermostat's stages hold in cooling too
                capacity.demand_rps = -1.0
        elif hot and mode == states.HOT_WATER:
            capacity.setpoint_c = hot.flow_c
            capacity.allowed = wanted == mode and not hot.rest
            capacity.demand_rps = -1.0
        out.diverter_on = mode == states.HOT_WATER
        if self.cooling:
            self.cooling.step(now_ms, dt_s, inp, out, c)

    def _house(self, inp, heat: bool, c) -> int:
        """What the house is to have; 0: nothing. `heat`: curve, room and bus leave it heat."""
        mode = inp.mode
        can = self.cooling is not None
        if not inp.enable:
            return 0
        if c.mode_asked >= 0 and mode not in (OFF, HOT_WATER):  # a thermostat's
            return c.mode_asked if can or c.mode_asked == states.HEATING else 0
        if mode == COOLING:
            return states.COOLING if can else 0
        if mode == AUTO and can and inp.cooling:
            mean_c = c.outdoor_mean_c if c.outdoor_mean_c > -100.0 else inp.weather_c
            self._warm = mean_c > self._v[_LIMIT] - (_LEAVE_K if self._warm else 0.0)
            if self._warm:
                return states.COOLING
        return states.HEATING if heat and mode in (HEATING, AUTO) else 0

    def _wanted(self, now_ms: int, dt_s: float, inp, out, c, house: int) -> int:
        """What the machine is to work for; 0: nothing."""
        hot = self.hot if self._v[_HOT_WATER_ON] else None
        locked = inp.test_rps > 0.0
        if not hot or not hot.wants or locked or not inp.enable or inp.mode == OFF:
            self._charged_s = self._turn_s = 0.0
            if locked and not house and inp.mode == HOT_WATER:
                return states.HOT_WATER
            return house
        if self._turn_s > 0.0:
            if c.mode == house:
                self._turn_s -= dt_s
                had = self._v[_TURN] * 60.0 - self._turn_s
                if had > _REST_S and not out.compressor_on and not c.capacity.call:
                    self._turn_s = 0.0
            if not house or self._turn_s <= 0.0:
                self._turn_s = self._charged_s = 0.0
                return states.HOT_WATER
            return house
        if c.mode == states.HOT_WATER:
            self._charged_s += dt_s
            idle = not out.compressor_on and not c.capacity.call and not hot.rest
            self._idle_s = self._idle_s + dt_s if idle else 0.0
            if house and (self._charged_s >= self._v[_LONGEST] * 60.0 or self._idle_s >= _IDLE_S):
                self._idle_s = 0.0
                self._turn_s = max(self._v[_TURN] * 60.0, dt_s)
                self._log.add(now_ms, _PAUSES, int(self._charged_s / 60.0))
        return states.HOT_WATER

    def _may(self, wanted: int, rests: bool, out, c) -> bool:
        """Whether the change may be now: at rest any; in service between heating and hot water alone."""
        if rests and not out.compressor_on:
            return True
        in_service = c.state == states.HEATING or c.state == states.HOT_WATER or c.state == states.TEST
        return in_service and wanted != states.COOLING and c.mode != states.COOLING


def make(profile, settings, alarms, log, c):
    modes = profile["modes"]
    hot = cooling = None
    if "cooling" in modes:
        from .cooling import Cooling

        cooling = c.cooling = Cooling(profile, settings, alarms, log)
    if "hot_water" in modes and settings.v[_HOT_WATER_ON]:
        from .hotwater import HotWater

        hot = c.hot_water = HotWater(profile, settings, alarms, log, c.ledger)
    return Arbiter(settings, log, hot, cooling)
