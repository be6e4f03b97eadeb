"""Reverse-cycle defrost: its phases, and what ends it. When it begins: `frost`.

The machine runs as a cooler that warms the coil with the heating water's heat. The valve is thrown back while
the compressor still runs, since only then is there a pressure that moves it; the coil drips and dries
standing, and the machine starts anew, with the superheat loop as after any start. Air under zero dries
nothing: it freezes what hangs on the fins, and takes the coil's warmth. There the start follows the dripping,
and the fan waits until the compressor has drawn that warmth. The plate's safety is `plateguard`'s.

Every phase has a longest time. A trip, the bus or a person may end it anywhere: the reversing valve then goes
back to heating.
"""

from micropython import const

from .. import alarms as a
from .. import decisions as d
from .. import settings as s
from . import states
from .frost import Frost
from .io import BAD_OUTDOOR_T
from .plateguard import PlateGuard
from .ticks import Since, elapsed

NONE = const(0)
PREPARE = const(1)  # slow down
SHIFT = const(2)
MELT = const(3)
BACK = const(4)
DRIP = const(5)
DRY = const(6)

_CAP_MS = const(14_400_000)
_SLOW_EXTRA_MS = const(120_000)  # own: as for a stop, what held slowing down may take
_RAISE_MS = const(60_000)  # longest wait for the pressure difference, at raised speed
_TRAVEL_MS = const(5000)  # own: a slide takes 0.5 to 2 s
_STANDING_MS = const(10_000)  # own: the coil has switched, the compressor's pressures sink
_LEAST_MS = const(20_000)  # own: melting lasts so long, until pressures and sensors tell of it
_FREEZES_C = const(0.0)  # own: air that freezes water on the fins
_WARM_MS = const(90_000)  # own: the compressor has drawn a coil's warmth after some 60 s
_STUCK = const(95)  # decision


class Defrost:
    """`phase`, and what it asks of compressor, fan, both valves; `reversing_on` is the relay's."""

    def __init__(self, profile, settings, alarms, log):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        reversing = profile.get("reversing")
        self._shift_kpa = reversing["shift_kpa"] if reversing else -1.0  # negative: no reversing valve
        compressor = profile["compressor"]
        self._max_rps = float(compressor["max_rps"])
        self._slow_ms = int(self._max_rps / compressor["slew_rps_s"] * 1000.0) + _SLOW_EXTRA_MS
        self._in_phase = Since(_CAP_MS)
        self._thrown = Since(_CAP_MS)  # since the reversing valve was switched
        self._warm = Since(_CAP_MS)
        self._plate = PlateGuard(settings, alarms)
        self._last_ms = -1
        self.frost = Frost(settings, alarms, log)
        self.stuck = False  # slide.py: the reversing valve has not moved
        self.forced = False
        self.phase = NONE
        self.reversing_on = False
        self.compressor_on = True
        self.fan_on = True
        self.warm = False  # the coil's warmth is still to be drawn: no fan in the start
        self.rps = 0.0
        self.opening = -1.0  # of the expansion valve while `reversed`, 0..1; negative: it stands still
        self.why = 0  # decision code and value of the phase
        self.value = 0
        self.ended = 0  # decision code and value of the last end, until the ledger has taken it
        self.ended_value = 0

    @property
    def reversed(self) -> bool:
        """Pressures are those of a defrost, or on their way there or back."""
        return SHIFT <= self.phase <= BACK

    def masked_ms(self, run_ms: int) -> int:
        """`run_ms`, or since the reversing valve was thrown, if that is shorter."""
        return min(run_ms, self._thrown.ms) if self.reversed else run_ms

    def step(self, now_ms: int, inp, coil_c: float, failed: int, c):
        """One scan, before the sequence's.

        `coil_c`: of the coil where the liquid enters it in heating, leaves it in defrost; `failed`: bits of
        the sensors not to be believed; `c`: the controller.
        """
        state = c.sequence.state
        passed = elapsed(now_ms, self._last_ms) if self._last_ms >= 0 else 0
        self._last_ms = now_ms
        if self.warm:
            air_c = inp.outdoor_c - self.frost.outdoor_off_k
            self.warm = state == states.STARTING and c.evap_sat_c > air_c and c.sequence.run_ms < _WARM_MS
        in_phase = self._in_phase.step(now_ms)
        self._thrown.step(now_ms)
        if self.phase and state != states.DEFROSTING:
            frost = self.frost
            since = frost.since_ms if self.phase <= SHIFT else 0
            self._stop()
            frost.again()
            frost.since_ms = since  # nothing has melted yet: an iced coil need not wait
        if self.phase == NONE:
            self.stuck = False
            if self._shift_kpa >= 0.0 and self.frost.due(now_ms, passed, inp, coil_c, failed, self.forced, c):
                self.forced = False
                self.rps = self._v[s.DEFROST_SHIFT_RPS]
                self._enter(PREPARE, now_ms)
                self._say(d.DEFROST_SLOWS, int(self.rps))
            return
        evap_c, dp_kpa = c.evap_sat_c, c.cond_kpa - c.evap_kpa
        speed, plate = c.speed, self._plate
        danger = plate.danger(now_ms, passed, inp, evap_c, self.reversing_on, self.compressor_on)
        if self.phase == PREPARE:
            slow = max(self._v[s.DEFROST_SHIFT_RPS], speed.min_rps) + 0.5
            if not inp.enable:
                self._stop()
            elif speed.set_rps <= slow or in_phase > self._slow_ms:
                self.fan_on = False
                self._enter(SHIFT, now_ms)
        elif self.phase == SHIFT:
            if self._shift(now_ms, dp_kpa, True, in_phase > _RAISE_MS):
                self._melt(now_ms, coil_c)
        elif self.phase == MELT:
            self.rps = plate.ease(self.rps, passed, inp, evap_c, speed)
            self._watch(now_ms, inp, coil_c, danger, in_phase)
        elif self.phase == BACK:
            if self._shift(now_ms, dp_kpa, False, danger or in_phase > _RAISE_MS):
                self.compressor_on = False
                self._enter(DRIP, now_ms)
                self._say(d.DEFROST_DRIPS, int(self._v[s.DEFROST_DRIP]))
        elif self.phase == DRIP:
            if in_phase < self._v[s.DEFROST_DRIP] * 1000.0:
                return
            air_c = inp.outdoor_c - self.frost.outdoor_off_k
            freezes = air_c < _FREEZES_C and not failed & BAD_OUTDOOR_T
            if freezes or self._v[s.DEFROST_DRY] <= 0.0:
                self._stop()
                self.warm = True
            else:
                self.fan_on = True
                self._enter(DRY, now_ms)
                self._say(d.DEFROST_DRIES, int(self._v[s.DEFROST_DRY]))
        elif in_phase >= self._v[s.DEFROST_DRY] * 1000.0:
            self._stop()

    def _enter(self, phase: int, now_ms: int):
        self.phase = phase
        self._in_phase.restart(now_ms)

    def _say(self, why: int, value: int):
        self.why = why
        self.value = value

    def _stop(self):
        """No defrost: everything as the machine's state has it, the relay at rest."""
        self.phase = NONE
        self.reversing_on = False
        self.compressor_on = self.fan_on = True
        self.opening = -1.0
        self.why = 0

    def _shift(self, now_ms: int, dp_kpa: float, to: bool, late: bool) -> bool:
        """Throw the reversing valve; True once its slide has had its time and the compressor may run."""
        if self.reversing_on != to:
            if dp_kpa >= self._shift_kpa:
                self._alarms.clear(a.REVERSING_PRESSURE, now_ms)
            elif late or not self.compressor_on:
                # What the difference cannot do now, it does when the compressor runs again.
                self._alarms.raise_(a.REVERSING_PRESSURE, now_ms, int(dp_kpa))
                if self.compressor_on:
                    self.compressor_on = False
                    self._in_phase.restart(now_ms)
                    return False
            else:
                self.rps = self._max_rps
                self._say(d.DEFROST_RAISES, int(max(dp_kpa, 0.0)))
                return False
            self.reversing_on = to
            self._thrown.restart(now_ms)
            self._say(d.DEFROST_SHIFTS if self.compressor_on else d.DEFROST_SHIFTS_OFF, int(max(dp_kpa, 0.0)))
            return False
        if self._thrown.ms < (_TRAVEL_MS if self.compressor_on else _STANDING_MS):
            return False
        self.compressor_on = True
        return True

    def _melt(self, now_ms: int, coil_c: float):
        v = self._v
        self.rps = v[s.DEFROST_RPS] * self._plate.gentle
        self.opening = v[s.DEFROST_OPENING] / 100.0
        self._warm.restart(now_ms)
        self._enter(MELT, now_ms)
        self._say(d.DEFROST_MELTS, d.pair(self.rps, coil_c))

    def _watch(self, now_ms: int, inp, coil_c: float, danger: bool, in_phase: int):
        v = self._v
        held = self._warm.step(now_ms, coil_c >= v[s.DEFROST_END_LOW])
        warm = coil_c >= v[s.DEFROST_END] or held >= v[s.DEFROST_END_HOLD] * 1000.0
        if warm and in_phase >= _LEAST_MS:
            self.frost.ended(in_phase / 1000.0)
            self._plate.gentle = 1.0
            self._alarms.clear(a.DEFROST_TIME, now_ms)
            self._end(now_ms, d.DEFROST_ENDED, in_phase, coil_c)
            return
        if danger:
            self._plate.gentler()
            self._alarms.raise_(a.DEFROST_WATER, now_ms)
            self._end(now_ms, d.DEFROST_COLD, in_phase, inp.flow_c)
        elif in_phase >= v[s.DEFROST_LONGEST] * 1000.0:
            self._alarms.raise_(a.DEFROST_TIME, now_ms)
            self._end(now_ms, d.DEFROST_LATE, in_phase, coil_c)
        elif self.stuck:
            self._end(now_ms, _STUCK, in_phase, coil_c)
        elif not inp.enable:
            self._end(now_ms, d.DEFROST_LEFT, in_phase, coil_c)
        else:
            return
        self.frost.again()

    def _end(self, now_ms: int, why: int, in_phase: int, value: float):
        self.ended = why
        self.ended_value = d.pair(in_phase / 1000.0, value)
        self._log.add(now_ms, why, self.ended_value)
        self._enter(BACK, now_ms)
