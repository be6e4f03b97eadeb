"""The machine's states and the order in which pump, fan, valve and compressor come and go.

Every passing state has a longest time. Off, heating, test and fault last as long as their reason does.
"""

from micropython import const

from .. import alarms as a
from .. import decisions as d
from .. import settings as s
from . import states
from .ticks import Since

_CAP_MS = const(14_400_000)  # timers stop counting at 4 h
_EQUALISE_MS = const(180_000)  # own: the field's minimum off time is this wait
# Own. Pressures this far apart when the controller wakes say that the compressor may have run just now; six
# times as far as two transducers read that are 1 % of full scale off.
_RAN_KPA = const(300.0)
_AT_POSITION = const(2)
_WAIT_DAY = const(50)  # decision
_DRY_MS = const(5000)  # own: a flap switch flutters
_STOP_EXTRA_MS = const(120_000)  # own: what held slowing down may take, beyond the ramp itself


class Sequence:
    """`state` and what follows from it for the compressor, the valve, pump and fan."""

    def __init__(self, profile, settings, alarms, missing: int, defrost, oil=None, daily=None):
        """`missing`: place in `limits.KEYS` of a limit the machine's data lacks, -1: complete."""
        self._defrost = defrost
        self._v = settings.v
        self._alarms = alarms
        self._missing = missing
        valve = profile["valve"]
        self._slew = profile["compressor"]["slew_rps_s"]
        self.valve_running_only = valve["home_running_only"]
        travel = valve["steps"] + valve["overdrive_steps"]
        self._valve_ms = 30_000 + 2000 * travel // int(valve["rate_hz"])  # twice the travel and half a minute
        self.state = states.OFF
        self.why = 0  # decision code and value of the last step
        self.value = 0
        self.starts = 0
        self.rezero_h = 0  # hours since the valve last found its stop, when it has to
        self.compressor_on = False
        self.run_ms = -1
        self._run = Since(_CAP_MS)
        self._in_state = Since(_CAP_MS)
        self._off = Since(_CAP_MS, _CAP_MS)
        self._between_starts = Since(_CAP_MS, _CAP_MS)
        self._overrun = Since(_CAP_MS, _CAP_MS)
        self._dry = Since(60_000)
        self._first = True
        # What options say (options.py).
        self.oil = oil  # oil return (oil.py)
        self.daily = daily  # starts a day (daily.py)
        self.hold = 0  # decision code and value of what a start waits for, each scan anew
        self.hold_value = 0
        self.purge = False  # the fan is asked for at rest (coildrift.py)
        self.cut = 0  # decision code of what stops the compressor at once; its value is `hold_value`
        self.duty = states.HEATING  # the state in which demand rules (arbiter.py)
        self.allowed = True  # something may be wanted (capacity.py)
        self.circulates = True  # the house's water moves while heat or cold may be wanted
        self.pump_asked = False  # somebody else needs the water to move
        self.stop = 0  # decision code and value of what ends a demand, 0: itself; each scan anew
        self.stop_value = 0
        self._again = False  # the start that ends a defrost: water has moved all along

    def _enter(self, state: int, now_ms: int):
        self.state = state
        self._in_state.restart(now_ms)

    def _say(self, why: int, value: int = 0):
        self.why = why
        self.value = value

    def step(self, now_ms: int, inp, call: bool, discharge_ready: bool, valve_target: int, dry: bool, speed):
        """One scan.

        `call`: heat is wanted; `valve_target`: where the valve stands before the start, steps; `dry`: suction
        carries no liquid.
        """
        in_state = self._in_state.step(now_ms)
        if self._first:
            self._first = False
            if inp.cond_kpa - inp.evap_kpa > _RAN_KPA:
                self._off.restart(now_ms)
        self._off.step(now_ms, not self.compressor_on)
        self._between_starts.step(now_ms)
        self._overrun.step(now_ms)
        run = self._run.step(now_ms, self.compressor_on)
        self.run_ms = run if self.compressor_on else -1
        self._water(now_ms, inp)
        if self._alarms.stop:
            if self.state == states.FAULT and in_state >= self._v[s.TRIP_PAUSE] * 1000.0:
                self._alarms.clear(a.WATER_FLOW, now_ms)
                self._alarms.clear(a.VALVE_NOT_READY, now_ms)
            if self.state != states.FAULT and self.state != states.OFF:
                self._say(d.STOP_ALARM, self._alarms.first_stop())
                self._compressor_off(now_ms, states.FAULT)
            elif self.state == states.OFF and call:
                self._block()
            return
        if self.cut and self.compressor_on:
            self._say(self.cut, self.hold_value)
            self._compressor_off(now_ms, states.OFF)
        elif self.state == states.OFF:
            self._idle(now_ms, inp, call, discharge_ready)
        elif self.state == states.STARTING:
            self._start(now_ms, inp, call, valve_target, dry, in_state)
        elif self.state == states.DEFROSTING:
            self._follow(now_ms, call)
        elif self.state == states.OIL_RETURN:
            self._say(self.oil.why, self.oil.value)
            if self.oil.over or not inp.enable or inp.test_rps > 0.0:
                self._enter(self.duty, now_ms)
        elif self.state == states.FAULT:
            self._enter(states.OFF, now_ms)
        elif self.state == states.STOPPING:
            ramp_ms = int(speed.max_rps / self._slew * 1000.0) + _STOP_EXTRA_MS
            if speed.set_rps <= max(self._v[s.STOP_RPS], speed.min_rps) + 0.5 or in_state > ramp_ms:
                self._compressor_off(now_ms, states.OFF)
        else:
            self._operate(now_ms, inp, call, run)

    def _water(self, now_ms: int, inp):
        dry = self.compressor_on and not inp.water_flow
        if self._dry.step(now_ms, dry) >= _DRY_MS and dry:
            self._alarms.raise_(a.WATER_FLOW, now_ms)

    def _block(self):
        if self._alarms.is_active(a.LIMIT_MISSING):
            self._say(d.LIMIT_MISSING, self._missing)
        else:
            self._say(d.START_BLOCKED, self._alarms.first_stop())

    def start_allowed(self) -> bool:
        """The short-cycle guard: minimum off time and starts an hour; says what is waited for."""
        wait = self._v[s.MIN_OFF] - self._off.ms / 1000.0
        if wait > 0.0:
            self._say(d.WAIT_OFF_TIME, int(self._v[s.MIN_OFF]))
            return False
        gap = 3600.0 / self._v[s.STARTS_PER_HOUR]
        if self._between_starts.ms < gap * 1000.0:
            self._say(d.WAIT_STARTS, int(gap))
            return False
        if self.daily and not self.daily.ready():
            self._say(_WAIT_DAY, self.daily.hours)
            return False
        return True

    def _idle(self, now_ms: int, inp, call: bool, discharge_ready: bool):
        self._again = False
        if not call:
            if self.why <= d.START_BLOCKED or self.why > d.SKIPPED:
                self._say(0)
            return
        if self.hold:
            self._say(self.hold, self.hold_value)
        elif not discharge_ready:
            self._say(d.WAIT_DISCHARGE, int(inp.discharge_c))
        elif self.start_allowed():
            self._enter(states.STARTING, now_ms)

    def _start(self, now_ms: int, inp, call: bool, valve_target: int, dry: bool, in_state: int):
        v = self._v
        if self.compressor_on:
            least, most = v[s.START_HOLD] * 1000.0, v[s.START_LONGEST] * 1000.0
            if not call:
                most = min(most, v[s.MIN_RUN] * 1000.0)
            if self.run_ms >= most or (dry and self.run_ms >= least):
                self._enter(states.TEST if inp.test_rps > 0.0 else self.duty, now_ms)
            return
        if not call:
            self._say(d.STOP_NO_DEMAND)
            self._compressor_off(now_ms, states.OFF)
        elif not inp.water_flow:
            self._say(d.WAIT_WATER)
            if in_state > v[s.WATER_TIMEOUT] * 1000.0:
                self._alarms.raise_(a.WATER_FLOW, now_ms)
        elif not self._valve_ready(inp, valve_target):
            self._say(d.WAIT_VALVE, valve_target)
            if in_state > self._valve_ms + v[s.WATER_TIMEOUT] * 1000.0:
                self._alarms.raise_(a.VALVE_NOT_READY, now_ms)
        elif in_state < v[s.PUMP_LEAD] * 1000.0 and not self._again:
            self._say(d.WAIT_FAN)
        elif self._unequal(inp) and in_state < _EQUALISE_MS:
            self._say(d.WAIT_PRESSURE, int(inp.cond_kpa - inp.evap_kpa))
        else:
            self._say(0)
            self._compressor_start(now_ms, self._again)

    def start_rps(self) -> float:
        """Speed of the start: higher by a step after each hold that leaves the suction wet."""
        v = self._v
        steps = int(self.run_ms / (v[s.START_HOLD] * 1000.0)) if v[s.START_HOLD] > 0.0 else 0
        return v[s.START_RPS] + steps * v[s.START_STEP]

    def _valve_ready(self, inp, target: int) -> bool:
        if self.valve_running_only:
            return True
        return inp.eev_homed and abs(inp.eev_position - target) <= _AT_POSITION

    def _unequal(self, inp) -> bool:
        limit = self._v[s.START_DP]
        return limit > 0.0 and inp.cond_kpa - inp.evap_kpa > limit

    def _operate(self, now_ms: int, inp, call: bool, run: int):
        self._say(0)
        state = states.TEST if inp.test_rps > 0.0 else self.duty
        if self._defrost.phase:
            self._enter(states.DEFROSTING, now_ms)
            self._say(self._defrost.why, self._defrost.value)
            return
        if self.oil and state == states.HEATING and call and self.oil.due and not self.oil.over:
            self._enter(states.OIL_RETURN, now_ms)
            return
        if self.state != state:
            self._enter(state, now_ms)
        if call:
            return
        if run < self._v[s.MIN_RUN] * 1000.0:
            self._say(d.WAIT_RUN_TIME, int(self._v[s.MIN_RUN]))
        elif self.rezero_h:
            self._say(d.VALVE_REZERO, self.rezero_h)
            self._enter(states.STOPPING, now_ms)
        else:
            self._say(d.STOP_WARM if inp.enable and self.allowed else d.STOP_NO_DEMAND, int(inp.flow_c))
            if self.stop and inp.enable:
                self._say(self.stop, self.stop_value)
            self._enter(states.STOPPING, now_ms)

    def _follow(self, now_ms: int, call: bool):
        """What the defrost asks; when it is over, the duty goes on, or a start brings it back."""
        defrost = self._defrost
        self._say(defrost.why, defrost.value)
        if not defrost.phase:
            if self.compressor_on:
                self._enter(self.duty, now_ms)
            else:
                self._again = call
                self._enter(states.STARTING if call else states.OFF, now_ms)
        elif not defrost.compressor_on:
            if self.compressor_on:
                self._compressor_off(now_ms, states.DEFROSTING)
        elif not self.compressor_on:
            self._compressor_start(now_ms, True)

    def _compressor_start(self, now_ms: int, defrost: bool):
        """`defrost`, the reason: its starts are none to the short-cycle guard."""
        self.compressor_on = True
        self.starts += 1
        self.run_ms = 0
        self._run.restart(now_ms)
        if not defrost:
            self._between_starts.restart(now_ms)
            if self.daily:
                self.daily.add()

    def _compressor_off(self, now_ms: int, state: int):
        if self.compressor_on:
            self._overrun.restart(now_ms)
        self.compressor_on = False
        self.run_ms = -1
        self._enter(state, now_ms)

    def pump_on(self, inp) -> bool:
        """Water moves from the start to the end of the overrun, and while heat may be wanted."""
        waits = inp.enable and self.circulates and self.state == states.OFF
        return self._moves(self._v[s.PUMP_OVERRUN]) or waits or self.pump_asked

    def fan_on(self) -> bool:
        """Air moves from the start to the end of the overrun, which boils off what the evaporator holds."""
        if self.state == states.DEFROSTING:
            return self._defrost.fan_on
        if self.state == states.STARTING and self._defrost.warm:
            return False
        return self.purge or self._moves(self._v[s.FAN_OVERRUN])

    def _moves(self, overrun_s: float) -> bool:
        if self.state == states.OFF or self.state == states.FAULT:
            return self._overrun.ms < overrun_s * 1000.0
        return True
