"""Dirt on the outdoor coil, in its fins or the filter: how much further from the air it works than it did.

Cooling tells best: condensing over the air follows the heat that is shed and the air that is moved, nothing
holds it back and no moisture is in it. Heating tells late: superheat keeps a clean coil so far under the
air that less air is hidden as long as superheat fits in. So what superheat asks for is taken off, and only a
well loaded coil counts. The air's moisture, which nobody measures, moves a coil in warm air by as much as a
third less air does (docs/diagnosis.md); cold air holds too little of it to matter. There only a defrost
leaves a coil that is dirty or clean, and not frosted.

Either is a line over the load, learned by least squares with a ridge and kept in the ledger. The load is gas
flow over the rated one and over a power of the fan's share, as heat follows it; a kilogram of gas that is
shed into hot air gives less, and less of it comes. Sensors count as they are: what they are off is in the
baseline, and what coildrift.py finds is gone after a restart.
"""

from struct import pack_into, unpack_from

from micropython import const

from .. import decisions as d
from .. import settings as s
from .io import BAD_OUTDOOR_T
from .states import TEST

_LEARN_H = const(207)  # places in Settings.v
_LIMIT = const(209)
_HEATING_AT = const(214)  # in the ledger's image
_COOLING_AT = const(234)
_FOULED = const(76)  # alarm
_DEPRESSED = const(77)  # decisions
_CONDENSES = const(226)
_LEARNED = const(227)
_KEPT = const(10)  # samples; what a power cut may cost
_RIDGE = const(0.002)  # own: of a rated flow squared, a sample; what noise teaches is less
_AIR = const(0.6)  # own, measured on the plants: of the fan's share
_HOT = const(0.012)  # own, measured on the plants: a kelvin of air, R290 and R32 in one
_HOT_C = const(30.0)
_LEAST_LOAD = const(0.8)  # own: under it superheat hides half the air
_LEAST_K = const(2.0)  # own
_FRESH_MS = const(900_000)  # own: frosting time after a defrost in which frost is no matter
_MOIST_C = const(8.0)  # own, measured on the plants: in warmer air moisture counts for more than dirt
_WINDOW = (120, 60)  # own, minutes: ten come with each defrost


class Line:
    """y over x: `n` samples, `at` x once there are some. Five sums, as 32-bit floats in the ledger."""

    def __init__(self, ledger, at: int):
        self._ledger = ledger
        self._at = at
        self._sums = list(unpack_from("<5f", ledger.image, at))

    @property
    def n(self) -> int:
        return int(self._sums[0])

    def learn(self, x: float, y: float, wanted: float):
        sums = self._sums
        x -= 1.0
        for k, value in enumerate((1.0, x, x * x, y, x * y)):
            sums[k] += value
        if self.n % _KEPT == 0 or self.n >= wanted:
            self._keep()

    def forget(self):
        self._sums = [0.0] * 5
        self._keep()

    def _keep(self):
        pack_into("<5f", self._ledger.image, self._at, *self._sums)
        self._ledger.touch()

    def at(self, x: float) -> float:
        n, flow, square, y, both = self._sums
        slope = (both - flow * y / n) / (square - flow * flow / n + _RIDGE * n)
        return (y - slope * flow) / n + slope * (x - 1.0)


class CoilFouling:
    """Of diagnosis.py, which gives it steady minutes. `share` by which the clean coil's distance from the air
    is passed, heating and cooling, positive for worse; `n` minutes in that mean."""

    def __init__(self, settings, alarms, log, ledger):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self.lines = (Line(ledger, _HEATING_AT), Line(ledger, _COOLING_AT))
        self.n = [0, 0]
        self.share = [0.0, 0.0]
        self._raised = 0  # the mode that raised the alarm, which alone clears it

    def forget(self):
        for mode in (0, 1):
            self.lines[mode].forget()
            self.n[mode] = 0

    def minute(
        self, now_ms: int, cooling: bool, load: float, from_air_k: float, superheat_k: float, inp, out, c
    ):
        """A steady minute's means: gas flow over the rated one, air less evaporating or condensing less
        air."""
        fan_pct, high_pct = out.fan_pct, self._v[s.FAN_HIGH]
        frost, air_c = c.defrost.frost, inp.outdoor_c
        if (inp.bad | frost.blind) & BAD_OUTDOOR_T or fan_pct <= 0.0:
            return
        if c.fan_cap < high_pct and fan_pct >= c.fan_cap:
            return  # a fan that is held back is no dirt
        x = load / (fan_pct / high_pct) ** _AIR
        if cooling:
            x *= 1.0 - _HOT * (air_c - _HOT_C)
            superheat_k = 0.0  # it hides nothing of the condenser
        else:
            # In a test nobody counts the frost.
            fresh = c.sequence.state != TEST and frost.clean and frost.ms < _FRESH_MS
            if x < _LEAST_LOAD or air_c > _MOIST_C or not fresh:
                return
        y = from_air_k - superheat_k
        mode = 1 if cooling else 0
        line, wanted = self.lines[mode], self._v[_LEARN_H] * 30.0
        if line.n < wanted:
            if self._v[s.COMMISSIONED]:
                line.learn(x, y, wanted)
                if line.n >= wanted:
                    self._log.add(now_ms, _LEARNED, d.pair(wanted, mode))
            return
        expected_k = line.at(x)
        distance_k = max(expected_k + superheat_k, _LEAST_K)
        window = _WINDOW[mode]
        self.n[mode] = n = min(self.n[mode] + 1, window)
        self.share[mode] += ((y - expected_k) / distance_k - self.share[mode]) / n
        if n == window:
            self._warn(now_ms, mode, distance_k)

    def _warn(self, now_ms: int, mode: int, distance_k: float):
        share, most = self.share[mode], self._v[_LIMIT] / 100.0
        if not self._alarms.is_active(_FOULED):
            if share >= most > 0.0:
                said = d.pair(share * 100.0, distance_k * 10.0)
                self._raised = mode
                self._log.add(now_ms, _CONDENSES if mode else _DEPRESSED, said)
                self._alarms.raise_(_FOULED, now_ms, said)
        elif not most or (mode == self._raised and share < 0.5 * most):  # own: as diagnosis.py
            self._alarms.clear(_FOULED, now_ms)
