"""The control core: measurements in, decisions out, once a scan."""

from micropython import const

from .. import decisions as d
from .. import settings as s
from ..refrigerant.saturation import load
from ..tables import forget
from . import states
from .capacity import Capacity
from .defrost import Defrost
from .expansion import Expansion
from .forecast import PERIOD_S
from .io import BAD_COIL_T, BAD_RETURN_T
from .limits import Limits
from .sensors import Sensors
from .sequence import Sequence
from .speed import Speed
from .ticks import Since, elapsed

_FILTER_S = const(2.0)  # pressures [Danfoss EKE]; the suction thermistor too, so that both lag alike
_THERMISTOR_S = const(10.0)  # own: a sensor clamped on the pipe and insulated, 5 to 15 s
_SLOWEST_S = const(2.0)  # own: what can wait for a scan that does not regulate superheat waits no longer
_LONGEST_STEP_MS = const(2000)  # a scan that came late counts as this long at most


class Controller:
    """Everything the machine decides; the public attributes are what the points show."""

    def __init__(self, profile, settings, alarms, log):
        """Raises ValueError naming the key when the profile's fluid or envelope cannot be used."""
        self.settings = settings
        self.alarms = alarms
        self.log = log
        alarms.log = log
        self._v = settings.v
        compressor = profile["compressor"]
        self.saturation = load(profile["fluid"])
        self.sensors = Sensors(settings, alarms)
        self.limits = Limits(profile, settings, alarms)
        self.capacity = Capacity(settings, compressor["min_rps"], compressor["max_rps"])
        self.speed = Speed(compressor)
        self.rated_rps = float(compressor["rated_rps"])
        self.defrost = Defrost(profile, settings, alarms, log)
        self.sequence = Sequence(profile, settings, alarms, self.limits.missing, self.defrost)
        floor_c = self.limits.lowest_evap_c
        self.expansion = Expansion(profile, settings, alarms, log, self.saturation, floor_c)
        self._last_ms = -1
        self._held = Since(600_000)
        self._run_ms = 0  # of the second not yet full
        self._suction_c = 0.0
        self._dew_c = 0.0
        self._why = 0
        self._value = 0
        self.state = -1
        self.decision = 0  # code of the decision in force
        self.evap_kpa = 0.0  # filtered
        self.cond_kpa = 0.0
        self.superheat_k = 0.0
        self.steady_superheat_k = 0.0  # over a dew temperature that lags like the thermistor
        self.superheat_setpoint_k = self._v[s.SH_SETPOINT]
        self.subcooling_k = 0.0
        self.evap_sat_c = 0.0  # dew of the suction pressure
        self.cond_sat_c = 0.0  # bubble of the discharge pressure
        self.cond_dew_c = 0.0  # dew of the discharge pressure, the envelope's condensing temperature
        self.discharge_superheat_k = 0.0
        self.speed_set_rps = 0.0
        self.eev_target_steps = 0
        self.feedforward_steps = 0
        # What options say, each scan anew (options.py).
        self._full_steps = profile["valve"]["steps"]
        self.service = None  # a service mode, while it lasts
        self._options: tuple = ()
        self._slow: tuple = ()  # of these, those that a second is soon enough for
        self._slow_s = -1.0  # since they had their turn; negative: they had none yet
        self._last_word: tuple = ()  # those that may change the outputs after all decisions
        self.frost_call = False  # heat against frost, whatever the demand says
        self.mode_asked = -1  # what a thermostat calls; negative: nobody says
        self.backup_asked = False  # the backup heater: wanted, allowed, ordered by the grid
        self.backup_allowed = True
        self.backup_ordered = False
        self.cap_rps = 0.0  # on what demand asks for; decision code behind it, 0: no cap
        self.cap_why = 0
        self.fan_cap = 100.0
        self._capped = False
        self.mode = states.HEATING  # what the machine works for: heating, cooling or hot water
        self.cooling = None  # what turns the reversing valve for it (cooling.py)
        self.hot_water = None  # what charges the tank (hotwater.py)
        self.disinfects = False
        self.outdoor_mean_c = -999.0  # of 24 hours, where somebody counts it
        self.pump_pct = -1.0  # what a law asks of the pump; negative: its setting
        self.backup_w = 0.0
        self.guess = None  # electric power (guess.py)
        self.energy = None  # what it adds up to (energy.py)
        self.demand_pct = 0.0  # the speed that is asked for, of the highest
        self.trim_pct = 100.0  # what the superheat loop learned of this unit's flow
        self.ledger = None  # what functions keep through a power cut (ledger.py), once storage has read it
        self.starts = 0  # in the machine's life, as far as restore() told; so is run_s
        self.run_s = 0

    def equip(self, profile):
        """Load the functions that profile and settings ask for, once both are known.

        Raises ValueError naming the key of the profile that cannot be used.
        """
        from . import options as once

        made = once.options(profile, self.settings, self.alarms, self.log, self)
        self._slow = tuple([option for option in made if hasattr(option, "SLOW")])
        self._options = tuple([option for option in made if option not in self._slow])
        self._last_word = tuple([option for option in made if hasattr(option, "finish")])
        forget(once.__name__)

    def may_serve(self, mode: int) -> bool:
        """`serve` would be done."""
        if self.service or not mode:
            return True
        from .service import stands

        return stands(self.state) and not self.alarms.stop

    def serve(self, mode: int) -> bool:
        """Begin, change or end (0) a service mode (service.py); False: the machine does not stand."""
        if self.service:
            self.service.mode = mode
            return True
        if not mode:
            return True
        if not self.may_serve(mode):
            return False
        from .service import Service

        self.service = Service(mode, self._full_steps, self.settings, self.alarms, self.log)
        self._options += (self.service,)
        self._last_word = (self.service,) + self._last_word
        return True

    def restore(self, starts: int, run_s: int):
        """Count on from what storage kept: compressor starts and running time, s."""
        self.sequence.starts = self.starts = starts
        self.run_s = run_s

    def step(self, now_ms: int, inp, out):
        """One scan: read `inp` (control/io.py), fill `out`."""
        first = self._last_ms < 0
        passed = 0 if first else elapsed(now_ms, self._last_ms)
        dt_s = min(passed, _LONGEST_STEP_MS) / 1000.0
        self._last_ms = now_ms
        v, sequence, limits, speed = self._v, self.sequence, self.limits, self.speed
        self._measure(inp, dt_s, first)
        failed = self.sensors.step(now_ms, inp, sequence.run_ms < v[s.START_MASK] * 1000.0)
        defrost = self.defrost
        masked_ms = defrost.masked_ms(sequence.run_ms)
        limits.step(
            now_ms, dt_s, inp, self.evap_sat_c, self.cond_dew_c, speed.set_rps, masked_ms, defrost.phase > 0
        )
        self._ask(now_ms, dt_s, inp, out)
        running = sequence.compressor_on
        self._watch_coil(now_ms, inp, failed)
        heats = running and not defrost.phase
        self.capacity.step(dt_s, inp, heats, speed.set_rps, not failed & BAD_RETURN_T)
        sequence.duty = self.mode
        sequence.allowed = self.capacity.allowed
        call = (inp.enable and (inp.test_rps > 0.0 or self.capacity.call)) or self.frost_call
        expansion = self.expansion
        dry = not expansion.loop.wet
        sequence.rezero_h = 0
        if running and call and not inp.test_rps > 0.0 and not sequence.valve_running_only:
            sequence.rezero_h = expansion.rezero_h(self.run_s)
            call = not sequence.rezero_h
        sequence.step(now_ms, inp, call, limits.discharge_ready, expansion.target, dry, speed)
        if sequence.compressor_on:
            if not running:
                self.capacity.begin()
            self._run_ms += passed
            self.run_s += self._run_ms // 1000
            self._run_ms %= 1000
            self._drive(now_ms, dt_s, inp)
        else:
            speed.off()
        expansion.step(now_ms, dt_s, inp, self, sequence, speed, self.sensors)
        out.eev_home = not inp.eev_homed and (sequence.compressor_on or not sequence.valve_running_only)
        out.eev_steps = expansion.target
        out.compressor_on = sequence.compressor_on
        out.reversing_on = defrost.reversing_on and sequence.state == states.DEFROSTING
        if self.cooling and self.cooling.on:
            out.reversing_on = True
        out.speed_rps = speed.set_rps
        pump_pct = self.pump_pct if self.pump_pct > 0.0 else v[s.PUMP_SPEED]
        out.pump_pct = pump_pct if sequence.pump_on(inp) else 0.0
        out.fan_pct = self._fan() if sequence.fan_on() else 0.0
        out.alarm_on = self.alarms.stop
        for option in self._last_word:
            option.finish(inp, out)
        self._report(now_ms, inp)

    def _ask(self, now_ms: int, dt_s: float, inp, out):
        """What the options say of this scan."""
        capacity = self.capacity
        sequence = self.sequence
        self.cap_why = sequence.hold = sequence.cut = sequence.stop = 0
        sequence.pump_asked = False
        self.fan_cap = 100.0
        capacity.allowed = True
        capacity.setpoint_c = capacity.demand_rps = -1.0
        self.frost_call = self.backup_asked = self.backup_ordered = False
        self.backup_allowed = True
        for option in self._options:
            option.step(now_ms, dt_s, inp, out, self)
        first = self._slow_s < 0.0
        self._slow_s = dt_s if first else self._slow_s + dt_s
        if first or self._slow_s >= _SLOWEST_S or (self._slow_s >= PERIOD_S and not self.expansion.due(dt_s)):
            slow_s, self._slow_s = self._slow_s, 0.0
            for option in self._slow:
                option.step(now_ms, slow_s, inp, out, self)
        if self.service and self.service.ended:
            gone = self.service
            self.service = None
            self._options = tuple([option for option in self._options if option is not gone])
            self._last_word = tuple([option for option in self._last_word if option is not gone])

    def _measure(self, inp, dt_s: float, first: bool):
        share = 1.0 if first else dt_s / (_FILTER_S + dt_s)
        self.evap_kpa += (inp.evap_kpa - self.evap_kpa) * share
        self.cond_kpa += (inp.cond_kpa - self.cond_kpa) * share
        saturation = self.saturation
        self.evap_sat_c = saturation.dew_c(self.evap_kpa)
        self.cond_sat_c = saturation.bubble_c(self.cond_kpa)
        self.cond_dew_c = saturation.dew_c(self.cond_kpa)
        self._suction_c += (inp.suction_c - self._suction_c) * share
        self.superheat_k = self._suction_c - self.evap_sat_c
        self._dew_c += (self.evap_sat_c - self._dew_c) * (1.0 if first else dt_s / (_THERMISTOR_S + dt_s))
        self.steady_superheat_k = self._suction_c - self._dew_c
        self.subcooling_k = self.cond_sat_c - inp.liquid_c
        self.discharge_superheat_k = inp.discharge_c - self.cond_dew_c

    def _watch_coil(self, now_ms: int, inp, failed: int):
        """Without its sensor the coil is as cold as what boils in it, or as the liquid that leaves it."""
        defrost = self.defrost
        coil_c = inp.coil_c - defrost.frost.coil_off_k
        failed |= defrost.frost.blind
        if failed & BAD_COIL_T:
            coil_c = inp.liquid_c if defrost.reversing_on else self.evap_sat_c
        defrost.step(now_ms, inp, coil_c, failed, self)

    def _drive(self, now_ms: int, dt_s: float, inp):
        """The speed of this scan: what the state asks for, inside the limits."""
        state, speed, v = self.sequence.state, self.speed, self._v
        if state == states.STARTING:
            wanted = self.sequence.start_rps()
        elif state == states.DEFROSTING:
            wanted = self.defrost.rps
        elif state == states.OIL_RETURN:
            wanted = self.sequence.oil.rps
        elif state == states.STOPPING:
            wanted = v[s.STOP_RPS]
        elif inp.test_rps > 0.0:
            wanted = inp.test_rps
        elif self.sequence.why == d.WAIT_RUN_TIME:
            wanted = speed.min_rps
        else:
            wanted = self.capacity.rps
        self._capped = False
        if self.cap_why and wanted > self.cap_rps and states.STARTING <= state <= states.HOT_WATER:
            wanted = self.cap_rps
            self._capped = True
        low = (
            wanted < speed.set_rps
            and state != states.STARTING
            and not self.defrost.reversed
            and self.sensors.valve_action() < 0
            and self.expansion.loop.low(self.superheat_k)
        )
        held = self._held.step(now_ms, low)
        speed.step(dt_s, wanted, self.limits, low and held < v[s.SLOWING_HOLD] * 1000.0)

    def _fan(self) -> float:
        """Fan speed, %, in proportion to the compressor's between its lowest and its highest."""
        v = self._v
        if self.defrost.phase and not self.sequence.compressor_on:
            return v[s.FAN_HIGH]  # dries the coil
        high = min(v[s.FAN_HIGH], self.fan_cap)
        return min(max(v[s.FAN_HIGH] * self.speed.set_rps / v[s.FAN_FULL_RPS], v[s.FAN_LOW]), high)

    def _report(self, now_ms: int, inp):
        sequence, speed, expansion = self.sequence, self.speed, self.expansion
        self.speed_set_rps = speed.set_rps
        self.eev_target_steps = expansion.target
        self.feedforward_steps = expansion.feedforward_steps
        self.trim_pct = expansion.loop.trim * 100.0
        self.superheat_setpoint_k = expansion.setpoint.k
        self.starts = sequence.starts
        self.demand_pct = 100.0 * speed.target_rps / speed.max_rps if sequence.compressor_on else 0.0
        self._why, self._value = sequence.why, sequence.value
        if sequence.compressor_on and not self._why:
            self._speed_reason(inp)
        if self._why != self.decision:
            self.decision = self._why
            if self._why:
                self.log.add(now_ms, self._why, self._value)
        state = states.MANUAL if self.service else sequence.state
        if state != self.state:
            self.state = state
            self.log.add(now_ms, d.STATE, self.state)

    def _speed_reason(self, inp):
        """Why the speed is what it is, into `_why` and `_value`."""
        speed = self.speed
        why = speed.limit
        if why:
            value = self.superheat_k if why == d.HOLD_SUPERHEAT else self.limits.value
            self._value = d.pair(speed.set_rps, value)
            if why == d.SKIPPED:
                self._value = d.pair(speed.target_rps, speed.asked_rps)
        else:
            # What is in force stays until the target is a whole rps away: the log is not for noise.
            if self._capped:
                why = self.cap_why
            elif self.state == states.STARTING:
                why = d.START_HOLD
            elif inp.test_rps > 0.0:
                why = d.TEST_SPEED
            elif speed.target_rps >= speed.max_rps - (1.0 if self.decision == d.SPEED_MAX else 0.0):
                why = d.SPEED_MAX
            elif speed.target_rps <= speed.min_rps + (1.0 if self.decision == d.SPEED_MIN else 0.0):
                why = d.SPEED_MIN
            else:
                why = d.DEMAND
            self._value = int(speed.target_rps + 0.5)
        self._why = why
