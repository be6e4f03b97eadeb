"""Charge loss and fouling: how far this unit has gone from what it was when it was commissioned.

In steady running the subcooling, the distance of condensing from the water that comes back, and the valve
over its feed-forward follow from gas flow, the water's temperature difference and the evaporating
temperature: learned in the first hours (baseline.py), compared ever after. Charge that is gone shows as
subcooling under the baseline: a condenser without liquid in it. How much depends on the machine
(docs/diagnosis.md): a plate that is large for its load hides it as a receiver would. A valve that cannot
keep superheat wide open, without subcooling, needs no baseline. Lime and dirt on the water's side push
condensing up; a clogged strainer warms the same water more. Dirt on the coil is coilfouling.py's, which is
loaded where fouling is watched and takes its steady minutes from here, in cooling too.

What moves slower than the weather is what counts: the mean of the last hours of steady running.
"""

from micropython import const

from .. import decisions as d
from .. import settings as s
from .baseline import Baseline
from .io import BAD_COND_P, BAD_EVAP_P, BAD_FLOW_T, BAD_LIQUID_T, BAD_RETURN_T
from .states import COOLING, HEATING, HOT_WATER, TEST
from .ticks import Since

_EVACUATE = const(1)  # service modes (service.py)
_RECOVER = const(2)
_WATCHES = const(206)  # places in Settings.v
_LEARN_H = const(207)
_CHARGE = const(208)
_WATER = const(210)
_FLOW = const(213)
_AT = const(102)  # in the ledger's image
_CHARGE_LOW = const(75)  # alarms
_WATER_FOULED = const(77)
_FLOW_LESS = const(78)
_LEARNED = const(75)  # decisions
_SUBCOOLS = const(76)
_CONDENSES = const(78)
_WARMS = const(79)
_NEEDS = BAD_COND_P | BAD_EVAP_P | BAD_FLOW_T | BAD_LIQUID_T | BAD_RETURN_T
_COOLING_NEEDS = BAD_COND_P | BAD_EVAP_P
_RATED_C = const(-2.0)  # evaporating: the rated gas flow
_SETTLED_MS = const(300_000)  # own: plate and accumulator follow a change of speed in three minutes
_LOOK_MS = const(5_000)  # own: 12 looks leave 0.03 K of the sensors' noise
_LOOKS = const(12)
_FILTER_S = const(30.0)  # own
_KEPT = const(10)  # samples; what a power cut may cost
_CHANGE_RPS = const(2.0)  # own
_OFF_K = const(2.0)  # own: superheat further off its setpoint
_LEAST_K = const(1.0)  # own: water warmed by less says nothing of its flow
_WINDOW = const(60)  # own, minutes of steady running: of the mean that counts
_LEAST_SUBCOOLING_K = const(1.0)  # own: under it the liquid sensor and the valve must agree
_OPENS = 0.03  # own: flash gas takes that much more valve at least
_WIDE_MS = const(1_800_000)  # own: a wet start takes a quarter of it
_CLEARS = 0.5  # own: an alarm clears at half its limit
_STARVED_K = const(3.0)  # own: superheat over its setpoint
_WIDE = 0.99


class Diagnosis:
    """An option of the controller (options.py): warnings. `charge`, `water` and `flow` are shares by which
    this unit is off its baseline, positive for worse; `coil` is coilfouling.py's, or None."""

    SLOW = True

    def __init__(self, profile, settings, alarms, log, ledger):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self.baseline = Baseline(ledger, _AT)
        self._steps = profile["valve"]["steps"]
        self._watches = int(settings.v[_WATCHES])
        self._rated = 0.0
        self._rps = 0.0  # of the steady time
        self._off_k = 0.0
        self._steady = Since(_SETTLED_MS)
        self._wide = Since(_WIDE_MS)
        self._sums = [0.0] * 8  # of this minute's looks
        self._seen = 0
        self._ms = 0
        self._n = self._flow_n = 0  # minutes in the means, up to _WINDOW
        self.charge = self.water = self.valve = self.flow = self._subcooling_k = 0.0
        self._cools = False
        self.coil = None
        if self._watches & 2:
            from .coilfouling import CoilFouling

            self.coil = CoilFouling(settings, alarms, log, ledger)

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        if c.service and c.service.mode in (_EVACUATE, _RECOVER) and self.baseline.n:
            self.baseline.forget()  # whoever opens the circuit changes the charge
            if self.coil:
                self.coil.forget()
            self._n = self._flow_n = 0
        cools, coil = c.mode == COOLING, self.coil
        running = c.sequence.compressor_on and c.sequence.state in (HEATING, HOT_WATER, TEST, COOLING)
        if cools != self._cools:
            self._cools = cools
            running = False
        if not running or inp.bad & (_COOLING_NEEDS if cools else _NEEDS) or (cools and not coil):
            self._wide.step(now_ms, False)
            self._steady.step(now_ms, False)
            return
        self._ms += int(dt_s * 1000.0)
        if self._ms < _LOOK_MS:
            return
        passed_s = self._ms / 1000.0
        self._ms = 0
        over_k = c.superheat_k - c.superheat_setpoint_k
        if not cools:
            self._starved(now_ms, over_k, inp, c)
        base = self.baseline
        if not base.ready and base.n >= self._v[_LEARN_H] * 60.0:
            base.solve()
            if base.ready:
                self._log.add(now_ms, _LEARNED, int(self._v[_LEARN_H]))
        self._off_k += (over_k - self._off_k) * passed_s / (_FILTER_S + passed_s)
        rps = c.speed.set_rps
        calm = -_OFF_K < self._off_k < _OFF_K
        if abs(rps - self._rps) > _CHANGE_RPS:
            self._rps = rps
            calm = False
        if self._steady.step(now_ms, calm) >= _SETTLED_MS:
            self._look(now_ms, inp, out, c)
        else:
            self._seen = 0

    def _starved(self, now_ms: int, over_k: float, inp, c):
        """Without any baseline: a valve wide open that cannot bring superheat down, and no liquid before
        it."""
        wide = inp.eev_position >= _WIDE * self._steps * self._v[s.EEV_MAX] / 100.0
        starved = wide and over_k > _STARVED_K and c.subcooling_k < _LEAST_SUBCOOLING_K
        if self._wide.step(now_ms, starved) >= _WIDE_MS:
            self._raise(now_ms, _CHARGE_LOW, _SUBCOOLS, 1.0, self.valve)

    def _look(self, now_ms: int, inp, out, c):
        """Of every minute of steady running the mean, to learn from or to judge."""
        sums, saturation, cools = self._sums, c.saturation, self._cools
        if not self._seen:
            for k in range(8):
                sums[k] = 0.0
        self._seen += 1
        if self._rated <= 0.0:
            self._rated = c.rated_rps * saturation.vapour_density(saturation.dew_kpa(_RATED_C))
        difference_k = inp.flow_c - inp.return_c
        air_c = inp.outdoor_c
        sums[0] += self._rps * saturation.vapour_density(c.evap_kpa) / self._rated
        sums[1] += difference_k
        sums[2] += c.evap_sat_c
        sums[3] += c.subcooling_k
        sums[4] += c.cond_sat_c - inp.return_c
        sums[5] += inp.eev_position / max(c.feedforward_steps, 1)
        sums[6] += c.cond_sat_c - air_c if cools else air_c - c.evap_sat_c
        sums[7] += c.superheat_k
        if self._seen < _LOOKS:
            return
        n, self._seen = self._seen, 0
        for k in range(8):
            sums[k] /= n
        if self.coil:
            self.coil.minute(now_ms, cools, sums[0], sums[6], sums[7], inp, out, c)
        if cools or sums[1] < _LEAST_K:
            return
        water = sums[0] / sums[1] / max(out.pump_pct, 1.0)
        base = self.baseline
        base.at(sums[0], sums[1], sums[2])
        wanted = self._v[_LEARN_H] * 60.0
        if base.n < wanted:
            if self._v[s.COMMISSIONED]:
                base.learn((sums[3], sums[4], sums[5]), water)
                if base.n % _KEPT == 0 or base.n >= wanted:
                    base.keep()
            return
        if not base.ready:
            return
        self._flow_n = min(self._flow_n + 1, _WINDOW)
        self.flow += (1.0 - water / max(base.flow, 1e-6) - self.flow) / self._flow_n
        if self._flow_n == _WINDOW and self._watches & 2:
            self._warn(now_ms, _FLOW_LESS, _WARMS, _FLOW, self.flow, sums[1] / 10.0)
        if base.near():
            self._judge(now_ms)

    def _judge(self, now_ms: int):
        sums, base = self._sums, self.baseline
        self._n = n = min(self._n + 1, _WINDOW)
        expected_k = max(base.expects(0), _LEAST_K)
        self.charge += (1.0 - sums[3] / expected_k - self.charge) / n
        self.valve += (sums[5] / max(base.expects(2), 0.1) - 1.0 - self.valve) / n
        expected_k = max(base.expects(1), _LEAST_K)
        self.water += (sums[4] / expected_k - 1.0 - self.water) / n
        self._subcooling_k += (sums[3] - self._subcooling_k) / n
        if n < _WINDOW:
            return
        if self._watches & 1:
            # A liquid thermistor that has come loose reads warm; without liquid the valve would be open.
            sure = self._subcooling_k > _LEAST_SUBCOOLING_K or self.valve > _OPENS
            self._warn(now_ms, _CHARGE_LOW, _SUBCOOLS, _CHARGE, self.charge if sure else 0.0, self.valve)
        if self._watches & 2:
            self._warn(now_ms, _WATER_FOULED, _CONDENSES, _WATER, self.water, expected_k / 10.0)

    def _warn(self, now_ms: int, alarm: int, why: int, limit: int, share: float, other: float):
        most = self._v[limit] / 100.0
        if share >= most > 0.0:
            self._raise(now_ms, alarm, why, share, other)
        elif share < most * _CLEARS or not most:
            self._alarms.clear(alarm, now_ms)

    def _raise(self, now_ms: int, alarm: int, why: int, share: float, other: float):
        if not self._alarms.is_active(alarm):
            said = d.pair(max(share, 0.0) * 100.0, other * 100.0)
            self._log.add(now_ms, why, said)
            self._alarms.raise_(alarm, now_ms, said)


def make(profile, settings, alarms, log, c):
    if not c.ledger:
        return None
    return Diagnosis(profile, settings, alarms, log, c.ledger)
