"""Protections: what stops the compressor, and what holds or reduces its speed before that.

High and low pressure, discharge and envelope limits come from the machine's data alone. A missing one is an
alarm that names the key, and the compressor does not start.
"""

from micropython import const

from .. import alarms as a
from .. import decisions as d
from .. import settings as s
from .envelope import Envelope
from .ticks import Since, elapsed

KEYS = ("high_kpa", "low_kpa", "discharge_max_c", "envelope")  # the log names a missing one by its place

_HIGH_TRIPS = const(3)  # in 60 min, five low in 180 min: control practice of [Fujitsu, Daikin] outdoor units
_HIGH_WINDOW_MS = const(3_600_000)
_LOW_TRIPS = const(5)
_LOW_WINDOW_MS = const(10_800_000)
_REDUCE_EVERY_MS = const(120_000)  # discharge: step down each 2 min [Midea]
_REDUCE_SOONEST = const(0.15)  # own: of that time, near the limit: it creeps up by 0.5 K a minute
_REDUCE_RPS = const(5.0)  # own: about 5 K of discharge temperature
_CAP_RETURN = const(0.1)  # own: the cap returns at a tenth of the slew


class Trips:
    """Counts trips within a window.

    Instants older than it are dropped, so that none survives the clock's wrap.
    """

    def __init__(self, most: int, window_ms: int):
        self._times = [-1] * most
        self._window = window_ms
        self._any = False

    def step(self, now_ms: int):
        if not self._any:
            return
        self._any = False
        for i in range(len(self._times)):
            if self._times[i] >= 0 and elapsed(now_ms, self._times[i]) > self._window:
                self._times[i] = -1
            self._any = self._any or self._times[i] >= 0

    def add(self, now_ms: int) -> bool:
        """Count one; True when the window is full, which empties it."""
        self._any = True
        for i in range(len(self._times)):
            if self._times[i] < 0:
                self._times[i] = now_ms
                break
        if self._times[-1] < 0:
            return False
        for i in range(len(self._times)):
            self._times[i] = -1
        return True


class Limits:
    """`cap_rps` and `floor_rps` for the speed, alarms for the rest."""

    def __init__(self, profile, settings, alarms):
        limits = profile.get("limits", {})
        self._v = settings.v
        self._alarms = alarms
        self.missing = -1
        for place in range(len(KEYS) - 1, -1, -1):
            if limits.get(KEYS[place]) is None:
                self.missing = place
        self._high = limits.get("high_kpa")
        self._low = limits.get("low_kpa")
        self._discharge = limits.get("discharge_max_c")
        self._envelope = Envelope(limits["envelope"]) if limits.get("envelope") else None
        self.lowest_evap_c = self._envelope.lowest_evap_c if self._envelope else -100.0
        self._max = float(profile["compressor"]["max_rps"])
        self._min = float(profile["compressor"]["min_rps"])
        self._slew = profile["compressor"]["slew_rps_s"]
        self._high_trips = Trips(_HIGH_TRIPS, _HIGH_WINDOW_MS)
        self._low_trips = Trips(_LOW_TRIPS, _LOW_WINDOW_MS)
        self._pause = Since(7_200_000, 7_200_000)
        self._low_for = Since(600_000)
        self._outside_for = Since(600_000)
        self._hot_for = Since(600_000)
        self.discharge_ready = True  # cool enough to start
        self.off()

    def off(self):
        """The compressor is off: no cap, no floor."""
        self.cap_rps = self._max
        self.floor_rps = 0.0
        self.cap_why = self.floor_why = 0
        self.value = 0.0  # what the limiting quantity reads

    def step(
        self,
        now_ms: int,
        dt_s: float,
        inp,
        evap_c: float,
        cond_c: float,
        speed_rps: float,
        run_ms: int,
        defrost: bool,
    ):
        """Judge one scan.

        `run_ms`: time since the compressor's start or a defrost's reversal, negative while it is off. A
        `defrost` has to leave the envelope, which is for hours: on the way to it the coil is iced, in it the
        lift is small.
        """
        self._pause.step(now_ms)
        self._high_trips.step(now_ms)
        self._low_trips.step(now_ms)
        self._contacts(now_ms, inp)
        envelope = self._envelope
        if self.missing >= 0 or envelope is None:
            self._alarms.raise_(a.LIMIT_MISSING, now_ms, self.missing)
            return
        running = run_ms >= 0
        masked = run_ms < self._v[s.START_MASK] * 1000.0
        self._trips(now_ms, inp, running, masked)
        if not running:
            self.off()
            self._outside_for.step(now_ms, False)
            self._hot_for.step(now_ms, False)
            if self._alarms.masks[0]:
                self._clear(a.ENVELOPE, now_ms, False)
            return
        self.cap_rps = min(self._max, self.cap_rps + self._slew * _CAP_RETURN * dt_s)
        self.floor_rps = max(0.0, self.floor_rps - self._slew * _CAP_RETURN * dt_s)
        self._judge_discharge(now_ms, inp.discharge_c, speed_rps)
        self._judge_pressure(dt_s, inp, speed_rps, masked)
        if masked or defrost:
            self._outside_for.step(now_ms, False)
        else:
            self._judge_envelope(envelope, now_ms, dt_s, evap_c, cond_c, speed_rps)

    def _trip(self, code: int, now_ms: int, value: float, trips=None):
        alarms = self._alarms
        if not alarms.is_active(code):
            # Transducer and switch of one event are one trip.
            twin = alarms.is_active(a.HIGH_PRESSURE) or alarms.is_active(a.HP_SWITCH)
            latch = trips is not None and not twin and trips.add(now_ms)
            alarms.raise_(code, now_ms, int(value), latch)
        self._pause.restart(now_ms)

    def _clear(self, code: int, now_ms: int, present: bool):
        """While stop alarms are in force: end one whose cause is not `present`, after the pause."""
        if not present and self._pause.ms >= self._v[s.TRIP_PAUSE] * 1000.0:
            self._alarms.clear(code, now_ms)

    def _contacts(self, now_ms: int, inp):
        if not inp.hp_ok:
            self._trip(a.HP_SWITCH, now_ms, inp.cond_kpa, self._high_trips)
        if not inp.motor_ok:
            self._trip(a.MOTOR_PROTECTOR, now_ms, 0)
        if not inp.supply_ok:
            self._trip(a.SUPPLY_LOSS, now_ms, 0)
        if inp.lapsed:
            self._trip(a.SCAN_STALLED, now_ms, 0)
        if self._alarms.masks[0]:
            self._clear(a.HP_SWITCH, now_ms, not inp.hp_ok)
            self._clear(a.MOTOR_PROTECTOR, now_ms, not inp.motor_ok)
            self._clear(a.SUPPLY_LOSS, now_ms, not inp.supply_ok)
            self._clear(a.SCAN_STALLED, now_ms, inp.lapsed)

    def _trips(self, now_ms: int, inp, running: bool, masked: bool):
        alarms = self._alarms
        if inp.cond_kpa >= self._high:
            self._trip(a.HIGH_PRESSURE, now_ms, inp.cond_kpa, self._high_trips)
        if alarms.masks[0]:
            self._clear(a.HIGH_PRESSURE, now_ms, inp.cond_kpa > self._high - self._v[s.HP_HOLD])
        low = running and not masked and inp.evap_kpa <= self._low
        lasted = self._low_for.step(now_ms, low)
        if low and lasted >= self._v[s.LP_DELAY] * 1000.0:
            self._trip(a.LOW_PRESSURE, now_ms, inp.evap_kpa, self._low_trips)
        if alarms.masks[0]:
            self._clear(a.LOW_PRESSURE, now_ms, low)
        if inp.discharge_c >= self._discharge:
            self._trip(a.DISCHARGE_HIGH, now_ms, inp.discharge_c)
        self.discharge_ready = inp.discharge_c < self._discharge - self._v[s.DISCHARGE_RESTART]
        if alarms.masks[0]:
            self._clear(a.DISCHARGE_HIGH, now_ms, not self.discharge_ready)

    def cap(self, rps: float, why: int, value: float):
        """Cap the speed; `why`: the decision, `value`: what the limiting quantity reads."""
        rps = max(rps, self._min)
        if rps <= self.cap_rps:
            self.cap_rps = rps
            self.cap_why = why
            self.value = value

    def _judge_discharge(self, now_ms: int, discharge_c: float, speed_rps: float):
        band = self._v[s.DISCHARGE_REDUCE]
        left = self._discharge - discharge_c
        hot = left <= band
        share = min(max(left / band, _REDUCE_SOONEST), 1.0) if band > 0.0 else 1.0
        if self._hot_for.step(now_ms, hot) >= _REDUCE_EVERY_MS * share:
            self._hot_for.restart(now_ms)
            self.cap(speed_rps - _REDUCE_RPS, d.REDUCE_DISCHARGE, discharge_c)
        elif discharge_c >= self._discharge - self._v[s.DISCHARGE_HOLD]:
            self.cap(speed_rps, d.HOLD_DISCHARGE, discharge_c)

    def _judge_pressure(self, dt_s: float, inp, speed_rps: float, masked: bool):
        if inp.cond_kpa >= self._high - self._v[s.HP_REDUCE]:
            self.cap(speed_rps - self._slew * dt_s, d.REDUCE_HIGH_PRESSURE, inp.cond_kpa)
        elif inp.cond_kpa >= self._high - self._v[s.HP_HOLD]:
            self.cap(speed_rps, d.HOLD_HIGH_PRESSURE, inp.cond_kpa)
        if masked:
            return
        if inp.evap_kpa <= self._low + 0.5 * self._v[s.LP_HOLD]:
            self.cap(speed_rps - self._slew * dt_s, d.REDUCE_LOW_PRESSURE, inp.evap_kpa)
        elif inp.evap_kpa <= self._low + self._v[s.LP_HOLD]:
            self.cap(speed_rps, d.HOLD_LOW_PRESSURE, inp.evap_kpa)

    def _judge_envelope(
        self, envelope, now_ms: int, dt_s: float, evap_c: float, cond_c: float, speed_rps: float
    ):
        enough = self._v[s.ENVELOPE_MARGIN]
        margin = envelope.step(evap_c, cond_c, enough)
        outside = margin < 0.0
        if self._outside_for.step(now_ms, outside) >= self._v[s.ENVELOPE_DELAY] * 1000.0 and outside:
            self._trip(a.ENVELOPE, now_ms, cond_c)
        if margin >= enough:
            return
        change = self._slew * dt_s if outside else 0.0
        if envelope.relief < 0:
            self.cap(speed_rps - change, d.REDUCE_ENVELOPE if outside else d.HOLD_ENVELOPE, cond_c)
        else:
            self.floor_rps = max(self.floor_rps, speed_rps + change)
            self.floor_why = d.RAISE_ENVELOPE if outside else d.HOLD_ENVELOPE
            self.value = cond_c
