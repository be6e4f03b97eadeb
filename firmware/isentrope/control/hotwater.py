"""Hot water: when the tank wants heat, how warm the flow is to be for it, and how far the compressor gets.

The flow is so much warmer than the tank as its exchanger needs (`hot_water_over`), so the machine runs at the
lift of the moment, not at that of the end; never warmer than the envelope allows at the evaporating
temperature of the moment. What is left then the backup heater does alone, where there is one.
"""

from micropython import const

from . import states
from .ticks import Since

_BASE = const(157)  # of these settings
_SETPOINT = const(_BASE + 1)  # places in Settings.v
_HYSTERESIS = const(_BASE + 2)
_OVER = const(_BASE + 3)
_BOOST = const(_BASE + 4)
_LONGEST = const(_BASE + 5)
_LEGIONELLA = const(_BASE + 7)
_SENSOR_DELAY = const(18)
_CONDENSER_K = const(6.0)  # own: condensing over the flow at full load 5 K, and the envelope's margin
_EXCHANGER_K = const(3.0)  # own: how near the tank comes to the flow at the lowest speed
_EVAPORATOR_K = const(10.0)  # own: air over evaporating before the machine runs (expansion.py)
_FILTER_S = const(60.0)
_TANK_S = const(20.0)  # own: a tank is slow, its sensor has noise
_GOOD_S = const(10.0)  # own: a loose contact must not make hot water come and go (sensors.py)
_AT_ONCE_K = const(0.8)  # own: hysteresis where no time is to be lost
_TURNS = const(3)  # own: as many of the longest charges as a cold tank may take
_TANK = const(53)  # alarm: 0 the sensor, 1 not reached
_CHARGES = const(101)  # decisions
_ENOUGH = const(103)


class HotWater:
    """Part of the arbiter.

    `wants`: the tank is to be charged; `flow_c`: the flow setpoint; `rest`: the backup heater's share.
    """

    def __init__(self, profile, settings, alarms, log, ledger=None):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._corners = profile.get("limits", {}).get("envelope") or ()
        self._backup = "backup" in profile
        self._bad = Since(3_600_000)
        self._evap_c = -100.0  # of hot water, filtered; -100: not known
        self._charge_s = 0.0
        self._good_s = 0.0  # how long the sensor reads again
        self._tank_c = -100.0  # filtered
        self._ended_c = (
            100.0  # where the envelope ended the last charge; a standing machine would promise more
        )
        self.wants = self.rest = False
        self.flow_c = settings.v[_SETPOINT]
        self.legionella = None
        if settings.v[_LEGIONELLA]:
            from .legionella import Legionella

            self.legionella = Legionella(settings, alarms, log, ledger)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        v, legionella = self._v, self.legionella
        tank_c = inp.more.tank_c if inp.more else None
        bad = tank_c is None
        lasted = self._bad.step(now_ms, bad) >= v[_SENSOR_DELAY] * 1000.0
        if tank_c is None:
            self._good_s = 0.0
            if lasted:
                self._alarms.raise_(_TANK, now_ms, 0)
                self._tank_c = -100.0
                self.wants = self.rest = False
            return
        if self._tank_c < -99.0:
            self._good_s += dt_s
            if self._good_s < _GOOD_S and self._alarms.is_active(_TANK):
                return
            self._alarms.clear(_TANK, now_ms)
            self._tank_c = tank_c
        self._tank_c += (tank_c - self._tank_c) * dt_s / (_TANK_S + dt_s)
        tank_c = self._tank_c
        target = v[_SETPOINT]
        if inp.boost:
            target += v[_BOOST]
        low = target - (_AT_ONCE_K if inp.boost else v[_HYSTERESIS])
        if legionella:
            legionella.step(now_ms, dt_s, inp, tank_c)
            c.disinfects = legionella.active
            if legionella.active and legionella.target_c > target:
                target = legionella.target_c
                low = target - _AT_ONCE_K
        most_c = self._most_c(dt_s, inp, c)
        reach = most_c - _EXCHANGER_K
        goal = target if self._backup else min(target, reach)
        if not self.wants and tank_c < min(low, self._ended_c - v[_HYSTERESIS]):
            self.wants = True
            self._log.add(now_ms, _CHARGES, int(tank_c + 0.5) << 16 | int(goal + 0.5))
        elif self.wants and tank_c >= goal:
            self.wants = False
            inp.boost = False
            self._charge_s = 0.0
            self._ended_c = 100.0
            if goal < target:
                self._ended_c = tank_c
                self._log.add(now_ms, _ENOUGH, int(tank_c))
        # The compressor has done its share: it does not come back for what a standing machine seems to leave.
        done = c.state == states.HOT_WATER and target > reach and tank_c >= reach
        self.rest = self.wants and (self.rest or done)
        self.flow_c = min(tank_c + v[_OVER], most_c)
        if self.wants and c.mode == states.HOT_WATER:
            self._charge_s += dt_s
        if self._charge_s > _TURNS * 60.0 * v[_LONGEST]:
            self._alarms.raise_(_TANK, now_ms, 1)
        elif not self.wants or self._charge_s == 0.0:
            self._alarms.clear(_TANK, now_ms)

    def _most_c(self, dt_s: float, inp, c) -> float:
        """The warmest flow that the envelope allows, degC."""
        if c.state == states.HOT_WATER:
            if self._evap_c < -99.0:
                self._evap_c = c.evap_sat_c
            self._evap_c += (c.evap_sat_c - self._evap_c) * dt_s / (_FILTER_S + dt_s)
            evap_c = self._evap_c
        else:
            self._evap_c = -100.0
            evap_c = inp.outdoor_c - _EVAPORATOR_K
        top = -100.0
        corners = self._corners
        e1, c1 = corners[-1] if corners else (0.0, 0.0)
        lowest = highest = e1
        for e2, _ in corners:
            lowest, highest = min(lowest, e2), max(highest, e2)
        evap_c = min(max(evap_c, lowest), highest)
        for e2, c2 in corners:
            if min(e1, e2) <= evap_c <= max(e1, e2):
                at = c1 + (c2 - c1) * (evap_c - e1) / (e2 - e1) if e1 != e2 else max(c1, c2)
                top = max(top, at)
            e1, c1 = e2, c2
        return top - _CONDENSER_K
