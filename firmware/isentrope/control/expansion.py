"""What the expansion valve does in every state.

Shut, pre-positioned, regulating, or on its own without a sensor.
"""

from micropython import const

from .. import alarms as a
from .. import decisions as d
from .. import settings as s
from . import states
from .defrost import DRY
from .feedforward import FeedForward
from .forecast import PERIOD_S
from .io import (
    BAD_COIL_T,
    BAD_COND_P,
    BAD_DISCHARGE_T,
    BAD_EVAP_P,
    BAD_LIQUID_T,
    BAD_OUTDOOR_T,
    BAD_SUCTION_T,
)
from .protectors import Protectors
from .sensors import FIXED
from .setpoint import Setpoint
from .superheat import Superheat
from .ticks import Since
from .valve import ValvePosition

_EVAPORATOR_K = const(10.0)  # own: air minus evaporating temperature expected at the start
_CONDENSER_K = const(5.0)  # own: condensing minus water temperature expected at the start
_DRY_K = const(9.0)  # own: air minus evaporating temperature of a dry evaporator, at rest
_DRY_K_PER_RPS = const(0.1)  # and its growth with speed
_FLOOR_K = const(4.0)  # own: distance kept from the lowest evaporating temperature allowed
# Own, for a plate that cools water: under the water that enters it. With 8 K of superheat it evaporates 7.4 K
# + 0.085 K a rps under it; a dry one lies as much deeper as a dry coil does.
_PLATE_K = const(12.0)
_PLATE_DRY_K = const(11.0)
_PLATE_K_PER_RPS = const(0.1)
# Own, for a coil that cools a room's air: with 8 K of superheat 10.5 K + 0.12 K a rps under it.
_ROOM_DRY_K = const(13.0)
_ROOM_K_PER_RPS = const(0.12)
_PLATE_FLOOR_C = const(1.0)  # own: and not where it might freeze
_COIL_K = const(10.0)  # own: condensing over the air, expected at the start
_CAP_MS = const(7_200_000)
_YIELDS = const(225)  # decision
_PARTED_MS = const(60_000)  # own: the compressor has drawn the evaporator down by then


class Expansion:
    """Feed-forward, superheat loop and valve position; `target` is the rotor's, in steps."""

    def __init__(self, profile, settings, alarms, log, saturation, floor_c: float):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._saturation = saturation
        self._floor_c = floor_c + _FLOOR_K
        self._feedforward = FeedForward(profile, saturation)
        self.loop = Superheat(self._feedforward, settings)
        self.setpoint = Setpoint(settings, profile["compressor"])
        self.protectors = Protectors(settings, alarms, profile.get("limits", {}).get("discharge_max_c"))
        self.valve = ValvePosition(profile["valve"]["steps"], settings)
        self._waited_s = 0.0
        self._low_for = Since(_CAP_MS)
        self._why = d.VALVE_REGULATES
        self._found_s = -1  # running time when the valve last stood at its stop
        self._closing = False
        self._told = 0  # what the search for the least stable superheat said last
        self.feedforward_steps = 0
        self.cools = False  # the plate evaporates, by the controller's mode
        water = "freeze" in profile  # indoors; else air
        self._dry_k = _PLATE_DRY_K if water else _ROOM_DRY_K
        self._dry_k_per_rps = _PLATE_K_PER_RPS if water else _ROOM_K_PER_RPS

    @property
    def target(self) -> int:
        return self.valve.target

    def due(self, dt_s: float) -> bool:
        """A scan `dt_s` after the last one regulates, while the compressor runs."""
        return self._waited_s + dt_s >= PERIOD_S

    def step(self, now_ms: int, dt_s: float, inp, measured, sequence, speed, sensors):
        """One scan; `measured` is the controller with its pressures, superheats and temperatures."""
        v = self._v
        self.cools = measured.mode == states.COOLING
        if sequence.compressor_on:
            due = self.due(dt_s)
            self._waited_s += dt_s
            if not due:
                return
            self._waited_s = min(self._waited_s - PERIOD_S, PERIOD_S)
            if measured.defrost.reversed:
                self._alarm(now_ms, False)
                self._unprotect(now_ms)
                opening = measured.defrost.opening
            else:
                opening = self._running(now_ms, inp, measured, sequence, speed, sensors)
                loop = self.loop
                if sequence.state == states.OIL_RETURN and not loop.closing and loop.factor >= 1.0:
                    opening = max(opening, sequence.oil.opening)
            if opening >= 0.0:
                self.valve.move(self._feedforward.steps(opening))
            return
        self._alarm(now_ms, False)
        self._unprotect(now_ms)
        self._waited_s = PERIOD_S
        if self._found_s < 0 or (inp.eev_homed and inp.eev_position == 0):
            self._found_s = measured.run_s
        self.setpoint.begin()
        opening = v[s.EEV_OFF] / 100.0
        if sequence.state == states.STARTING or measured.defrost.phase == DRY:
            evap, cond = self._expected(inp, sensors.failed, False)
            self.loop.prepare(v[s.START_RPS], evap)
            opening = self.loop.predict(v[s.START_RPS], evap, cond)
        if sequence.valve_running_only:
            self.valve.hold(inp.eev_position)
        elif (
            sequence.state == states.FAULT
            or not inp.supply_ok
            or opening <= 0.0
            or self.rezero_h(measured.run_s)
        ):
            self.valve.close()
        else:
            self.valve.move(self._feedforward.steps(opening))

    def _running(self, now_ms: int, inp, measured, sequence, speed, sensors) -> float:
        v, loop = self._v, self.loop
        evap, cond, superheat = measured.evap_kpa, measured.cond_kpa, measured.superheat_k
        rps = speed.ahead(v[s.SH_LEAD], 0.0 if self.cools else self._feedforward.fill_s)
        failed = inp.bad | sensors.failed
        loop.forecast.air(inp.outdoor_c, not (self.cools or failed & BAD_OUTDOOR_T))
        self._feedforward.liquid(measured.subcooling_k, not (self.cools or failed & BAD_LIQUID_T))
        action = sensors.valve_action()
        starting = sequence.state == states.STARTING
        self._alarm(now_ms, action < 0 and not starting and loop.low(superheat))
        if action == FIXED:
            self._unprotect(now_ms)
            self._explain(now_ms, d.VALVE_FIXED)
            return v[s.EEV_FIXED] / 100.0
        if sensors.failed & BAD_EVAP_P:
            evap = self._expected(inp, sensors.failed, True)[0]
        if starting:
            # Until the pressures have parted, the expected ones keep the valve from opening wide.
            evap_expected, cond_expected = self._expected(inp, sensors.failed, False)
            evap, cond = min(evap, evap_expected), max(cond, cond_expected)
        if action >= 0 or inp.bad & (BAD_EVAP_P | BAD_SUCTION_T):
            # Bad, be it not yet for long enough to count: superheat means nothing.
            self._unprotect(now_ms)
            if action >= 0:
                self._explain(now_ms, d.VALVE_AVERAGE)
            opening = loop.follow(rps, evap, cond, not (inp.bad | sensors.failed) & BAD_EVAP_P)
        else:
            protectors = self.protectors
            if loop.wet:
                self._unprotect(now_ms)
                self.setpoint.begin()
            else:
                self._protect(now_ms, inp, measured, sensors)
                hot = not (inp.bad | sensors.failed) & (BAD_DISCHARGE_T | BAD_COND_P)
                held = protectors.factor != 1.0
                self.setpoint.thicker = loop.forecast.thicker()
                self.setpoint.left_k = self.protectors.left_k
                self.setpoint.step(
                    rps, measured.discharge_superheat_k, hot, superheat, loop.low(superheat), held
                )
                self._tell(now_ms, rps)
            loop.setpoint = self.setpoint.k
            loop.calm = self.setpoint.calm
            loop.room_k = 0.0
            if not (self.cools or failed & BAD_OUTDOOR_T):
                loop.room_k = inp.outdoor_c - measured.evap_sat_c - self.setpoint.k
            loop.searching = self.setpoint.searching
            loop.bears = self.setpoint.bears
            self._explain(
                now_ms, protectors.acting or (_YIELDS if self.setpoint.yields else d.VALVE_REGULATES)
            )
            below_dry = self._dry_c(inp, sensors.failed, rps) - measured.evap_sat_c
            if starting and sequence.run_ms < _PARTED_MS:
                below_dry = max(below_dry, 0.0)
            opening = loop.step(rps, evap, cond, superheat, measured.steady_superheat_k, below_dry)
        self.feedforward_steps = int(self._feedforward.steps(min(loop.feedforward_opening, 1.0)))
        return opening

    def rezero_h(self, run_s: int) -> int:
        """Hours of running since the valve last stood at its stop, once that is too long; else 0."""
        most = self._v[s.REZERO_H]
        hours = (run_s - self._found_s) // 3600
        return hours if self._found_s >= 0 and hours >= most > 0.0 else 0

    def _unprotect(self, now_ms: int):
        self.protectors.off(now_ms)
        self.loop.factor = 1.0

    def _protect(self, now_ms: int, inp, measured, sensors):
        protectors = self.protectors
        discharge_c = -100.0 if (inp.bad | sensors.failed) & BAD_DISCHARGE_T else inp.discharge_c
        low = self.loop.low(measured.superheat_k)
        protectors.step(now_ms, measured.evap_sat_c, measured.cond_dew_c, discharge_c, low)
        self.loop.factor = protectors.factor

    def _expected(self, inp, failed: int, running: bool):
        """Pressures (evaporating, condensing) that a running machine is expected to have, kPa."""
        saturation = self._saturation
        if self.cools:
            air_c = inp.liquid_c if failed & BAD_OUTDOOR_T else inp.outdoor_c
            evap = saturation.dew_kpa(min(inp.flow_c, inp.return_c) - _PLATE_K)
            return evap, saturation.dew_kpa(air_c + _COIL_K)
        if running and not failed & BAD_COIL_T:
            # The sensor sits where the liquid begins to boil: near bubble, a blend's dew is its glide above.
            evap = saturation.bubble_kpa(inp.coil_c)
        else:
            outside_c = inp.coil_c if failed & BAD_OUTDOOR_T else inp.outdoor_c
            evap = saturation.dew_kpa(outside_c - _EVAPORATOR_K)
        return evap, saturation.dew_kpa(max(inp.flow_c, inp.return_c) + _CONDENSER_K)

    def _dry_c(self, inp, failed: int, rps: float) -> float:
        """Evaporating temperature, degC, under which an evaporator in this air or water sends dry gas."""
        if self.cools:
            dry_c = inp.return_c - self._dry_k - self._dry_k_per_rps * rps - self.loop.deeper_k
            return max(dry_c, self._floor_c, _PLATE_FLOOR_C)
        if failed & BAD_OUTDOOR_T:
            return self._floor_c
        return max(inp.outdoor_c - _DRY_K - _DRY_K_PER_RPS * rps - self.loop.deeper_k, self._floor_c)

    def _explain(self, now_ms: int, why: int):
        if why != self._why:
            self._why = why
            self._log.add(now_ms, why, self.valve.target)
        if self.loop.closing and not self._closing:
            self._log.add(now_ms, d.VALVE_CLOSES, self.valve.target)
        self._closing = self.loop.closing

    def _tell(self, now_ms: int, rps: float):
        stable = self.setpoint.stable
        why = stable.why if stable else 0
        if stable and why and why != self._told:
            self._log.add(now_ms, why, d.pair(stable.k * 10.0, rps))
        self._told = why

    def _alarm(self, now_ms: int, low: bool):
        delay = self._v[s.SH_LOW_DELAY] * 1000.0
        if self._low_for.step(now_ms, low) >= delay > 0.0:
            self._alarms.raise_(a.LOW_SUPERHEAT, now_ms)
        elif not low:
            self._alarms.clear(a.LOW_SUPERHEAT, now_ms)
