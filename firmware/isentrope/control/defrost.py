"""Reverse-cycle defrost by time and temperature: when it begins, its phases, and what ends it.

The coil's frost is guessed: so much running time with the coil under 0 degC, and the coil colder now than a
clean one is in this air. A coil far under the air is iced up, whatever the time. Then the machine runs as a
cooler that warms the coil with the heating water's heat. The valve is thrown back while the compressor still
runs, since only then is there a pressure that moves it; the coil drips and dries standing, and the machine
starts anew, with the superheat loop as after any start.

A deeply iced coil is cold itself, takes minutes to come to zero, and the plate evaporates far under zero
meanwhile. Its wall does not: little refrigerant boils there, and water conducts better. Where the wall comes
near zero all the same, the compressor slows down; only ice that grows ends the defrost. The next one then
melts more slowly.

Every phase has a longest time. A trip, the bus or a person may end it anywhere: the reversing valve then goes
back to heating.
"""

from micropython import const

from .. import alarms as a
from .. import decisions as d
from .. import settings as s
from . import states
from .io import BAD_OUTDOOR_T
from .ticks import Since, elapsed

NONE = const(0)
PREPARE = const(1)  # slow down
SHIFT = const(2)
MELT = const(3)
BACK = const(4)
DRIP = const(5)
DRY = const(6)

_CAP_MS = const(14_400_000)
_FROST_C = const(0.0)  # under it moisture freezes on the coil; only that running time counts
_COLD_MS = const(60_000)  # own: how long the coil must have been under its limit
_MILD_C = const(0.0)  # own: the bands of outdoor air; at and above it, then down to the next, then under that
_DEEP_C = const(-10.0)
_SLOW_EXTRA_MS = const(120_000)  # own: as for a stop, what held slowing down may take
_RAISE_MS = const(60_000)  # longest wait for the pressure difference, at raised speed
_TRAVEL_MS = const(5000)  # own: a slide takes 0.5 to 2 s
_STANDING_MS = const(10_000)  # own: the coil has switched, the compressor's pressures sink
_LOW_COIL_K = const(16.0)  # own: a clean coil at full speed lies 10 K under the air
_ICED_MS = const(20_000)  # own: a coil whose air gives out falls by 4 K a minute, then the envelope ends
_SOONEST_MS = const(600_000)  # own: frosting time after a defrost before that counts
# Own: a plate's wall lies a third of the way from the water to what boils: films of 6 and 3 kW/m2K at the
# rating's flows, and a cold plate has less of the latter.
_WALL_SHARE = const(0.333)
# Own: a kelvin under zero freezes with both films, 9 kW/m2: 10 K s are 0.3 mm of ice in a channel of 1.4 mm.
_FREEZE_KS = const(10.0)
_WALL_LOW_C = const(2.0)  # own: under it the compressor slows down, 2 K over it it comes back
_SLOW_RPS_S = const(1.0)  # own: as fast as drives do
_GENTLER = const(0.7)  # own: melting's speed after each defrost that cold water ended
_LEAST_MS = const(20_000)  # own: melting lasts so long, until pressures and sensors tell of it
_DRY_FLOW_MS = const(2000)  # own: a plate without flow bursts sooner than a flap's flutter matters


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
        self._cold = Since(_COLD_MS)
        self._warm = Since(_CAP_MS)
        self._deep = Since(_COLD_MS)
        self._freezing_ks = 0.0
        self._since_ms = 0  # frosting time since the last defrost, cleaned or not
        self._gentle = 1.0  # of melting's speed
        self._still = Since(_COLD_MS)
        self._last_ms = -1
        self._frost_ms = 0
        self.forced = False
        self.phase = NONE
        self.reversing_on = False
        self.compressor_on = True
        self.fan_on = True
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

    def step(self, now_ms: int, inp, coil_c: float, evap_c: float, dp_kpa: float, state: int, speed):
        """One scan, before the sequence's.

        `coil_c`: of the coil where the liquid enters it in heating, leaves it in defrost; `evap_c`:
        evaporating; `dp_kpa`: discharge less suction pressure; `state`: the machine's; `speed`: the
        reference, for its range.
        """
        passed = elapsed(now_ms, self._last_ms) if self._last_ms >= 0 else 0
        self._last_ms = now_ms
        in_phase = self._in_phase.step(now_ms)
        self._thrown.step(now_ms)
        if self.phase and state != states.DEFROSTING:
            since = self._since_ms if self.phase <= SHIFT else 0
            self._stop()
            self._again()
            self._since_ms = since  # nothing has melted yet: an iced coil need not wait
        if self.phase == NONE:
            self._demand(now_ms, passed, inp, coil_c, state)
            return
        danger = self._danger(now_ms, passed, inp, evap_c)
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
            self._ease(passed, inp, evap_c, speed)
            self._watch(now_ms, inp, coil_c, danger, in_phase)
        elif self.phase == BACK:
            if self._shift(now_ms, dp_kpa, False, danger or in_phase > _RAISE_MS):
                self.compressor_on = False
                self._enter(DRIP, now_ms)
                self._say(d.DEFROST_DRIPS, int(self._v[s.DEFROST_DRIP]))
        elif self.phase == DRIP:
            if in_phase >= self._v[s.DEFROST_DRIP] * 1000.0:
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

    def _again(self):
        """The coil was not cleaned: the next defrost may follow after the retry's time."""
        v = self._v
        self._frost_ms = int((v[s.DEFROST_INTERVAL] - v[s.DEFROST_RETRY]) * 60_000.0)
        self._since_ms = 0

    def _demand(self, now_ms: int, passed: int, inp, coil_c: float, state: int):
        """Count the frosting time and judge it; begins with PREPARE."""
        v = self._v
        heating = state == states.HEATING
        if heating and coil_c < _FROST_C and self._frost_ms < _CAP_MS:
            self._frost_ms += passed
            self._since_ms = min(self._since_ms + passed, _SOONEST_MS)
        if inp.outdoor_c >= _MILD_C:
            limit = v[s.DEFROST_MILD]
        else:
            limit = v[s.DEFROST_COLD] if inp.outdoor_c >= _DEEP_C else v[s.DEFROST_DEEP]
        cold = heating and coil_c < limit
        lasted = self._cold.step(now_ms, cold) >= _COLD_MS
        low = cold and not inp.bad & BAD_OUTDOOR_T and coil_c < inp.outdoor_c - _LOW_COIL_K
        iced = self._deep.step(now_ms, low) >= _ICED_MS
        if not (heating and inp.enable and (v[s.DEFROST] or self.forced)) or self._shift_kpa < 0.0:
            return
        due = lasted and self._frost_ms >= v[s.DEFROST_INTERVAL] * 60_000.0
        due = due or (iced and self._since_ms >= _SOONEST_MS)
        if not due and not self.forced:
            return
        if min(inp.return_c, inp.flow_c) < v[s.DEFROST_WATER]:
            if not self._alarms.is_active(a.DEFROST_WATER):
                self._log.add(now_ms, d.DEFROST_WAITS, int(inp.return_c))
                self._alarms.raise_(a.DEFROST_WATER, now_ms)
            return
        self._alarms.clear(a.DEFROST_WATER, now_ms)
        self._log.add(now_ms, d.DEFROST_DUE, d.pair(max(self._frost_ms, 0) / 60_000.0, coil_c))
        self.forced = False
        self.rps = v[s.DEFROST_SHIFT_RPS]
        self._enter(PREPARE, now_ms)
        self._say(d.DEFROST_SLOWS, int(self.rps))

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
        self.rps = v[s.DEFROST_RPS] * self._gentle
        self.opening = v[s.DEFROST_OPENING] / 100.0
        self._warm.restart(now_ms)
        self._enter(MELT, now_ms)
        self._say(d.DEFROST_MELTS, d.pair(self.rps, coil_c))

    def _wall_c(self, inp, evap_c: float) -> float:
        """Coldest wall between water and refrigerant in the plate; the flow is the coldest water."""
        return inp.flow_c - _WALL_SHARE * (inp.flow_c - evap_c)

    def _danger(self, now_ms: int, passed: int, inp, evap_c: float) -> bool:
        """The plate might freeze: water gone, too cold, or ice grows on the wall."""
        reverse = self.reversing_on
        still = reverse and not inp.water_flow
        if self._still.step(now_ms, still) >= _DRY_FLOW_MS and still and self.compressor_on:
            self._alarms.raise_(a.WATER_FLOW, now_ms)
        if reverse and self.compressor_on:
            under = self._freezing_ks - self._wall_c(inp, evap_c) * passed / 1000.0
            self._freezing_ks = min(max(under, 0.0), 2.0 * _FREEZE_KS)
        else:
            self._freezing_ks = 0.0
        return reverse and (inp.flow_c < self._v[s.DEFROST_FLOW] or self._freezing_ks >= _FREEZE_KS)

    def _ease(self, passed: int, inp, evap_c: float, speed):
        """Slow down while the plate's wall is near zero, come back above it."""
        wall_c = self._wall_c(inp, evap_c)
        change = _SLOW_RPS_S * passed / 1000.0
        if wall_c < _WALL_LOW_C:
            self.rps = max(min(self.rps, speed.set_rps) - change, speed.min_rps)
        elif wall_c > _WALL_LOW_C + 2.0:
            self.rps = min(self.rps + change, self._v[s.DEFROST_RPS] * self._gentle)

    def _watch(self, now_ms: int, inp, coil_c: float, danger: bool, in_phase: int):
        v = self._v
        held = self._warm.step(now_ms, coil_c >= v[s.DEFROST_END_LOW])
        warm = coil_c >= v[s.DEFROST_END] or held >= v[s.DEFROST_END_HOLD] * 1000.0
        if warm and in_phase >= _LEAST_MS:
            self._frost_ms = self._since_ms = 0
            self._gentle = 1.0
            self._alarms.clear(a.DEFROST_TIME, now_ms)
            self._end(now_ms, d.DEFROST_ENDED, in_phase, coil_c)
        elif danger:
            self._again()
            self._gentle = max(self._gentle * _GENTLER, _GENTLER * _GENTLER)
            self._alarms.raise_(a.DEFROST_WATER, now_ms)
            self._end(now_ms, d.DEFROST_COLD, in_phase, inp.flow_c)
        elif in_phase >= v[s.DEFROST_LONGEST] * 1000.0:
            self._again()
            self._alarms.raise_(a.DEFROST_TIME, now_ms)
            self._end(now_ms, d.DEFROST_LATE, in_phase, coil_c)
        elif not inp.enable:
            self._again()
            self._end(now_ms, d.DEFROST_LEFT, in_phase, coil_c)

    def _end(self, now_ms: int, why: int, in_phase: int, value: float):
        self.ended = why
        self.ended_value = d.pair(in_phase / 1000.0, value)
        self._log.add(now_ms, why, self.ended_value)
        self._enter(BACK, now_ms)
