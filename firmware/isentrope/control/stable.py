"""The least superheat that is still steady: a search that reads how superheat trembles.

Where an evaporator's liquid nearly reaches its outlet, bursts of it do, and measured superheat trembles; a
kelvin above that line it does not. The line rises with load, and no data sheet has it. So the setpoint sinks
while superheat is steady and rises while it trembles [as Danfoss EKE's minimum stable superheat].

The tremble is the square of what superheat deviates from its own mean of the last seconds: faster than the
loop and the setpoint move it, slower than a sensor's noise. Every second of it moves the setpoint a little,
so the setpoint itself is the average: nothing is kept but the sum. What has been found is kept by load.

A burst that takes superheat under its limit is over before a valve's answer comes; a valve that closes after
it dries the evaporator for minutes. Once the search is sure of its load it `bears` bursts: for a while low
superheat is none of the loop's business, and what lasts longer is a collapse.
"""

from array import array

from micropython import const

from .. import decisions as d
from .. import settings as s
from .forecast import PERIOD_S

_MEAN_S = const(
    20.0
)  # own: a burst seen through a clamped thermistor lasts 10 to 30 s, the loop 60 s and more
_JUDGED_S = const(180.0)  # own: some ten bursts
# Own, measured on the plant: no moment counts for more than so many times the bar, at the lowest speed and
# at the highest. A burst lasts a minute at the one, and would raise the setpoint by a kelvin; 15 s at the
# other, where under the line they follow each other.
_MOST = const(3.0)
_MOST_HIGH = const(6.0)
_LEAST_PACE = const(0.25)  # own: near the line, of the rate; faster, and the search itself hunts
_FLOOR_SHARE = const(0.25)  # own: of the bar's square, the most that can be the sensors' noise
_FAR_K = const(1.5)  # superheat over its setpoint that the loop, not the search, has to bring down
_LOAD_S = const(45.0)  # own: a ramp of 60 rps has faded after 150 s
_RAMP_RPS = const(2.0)
_WAIT_S = const(120.0)  # own: after a start, until the circuit has come to rest
_DOWN_K_S = const(0.02)  # own: k sinks no faster, whatever the load does; it rises at once
# Own: a ramp leaves the evaporator up to so much nearer to full than its superheat says; until it has faded.
_STIRRED_K = const(1.5)
_LAST = const(4)  # the highest place of the memory
_FOLLOW = const(0.75)  # own: of what is learned at one load, what a load never run at takes over
# Own, measured on the plant: near the line an evaporator answers three times as much as at 8 K; with the
# whole gain the loop hunts there before the liquid does, at the lowest speeds most of all.
_CALM = const(0.3)
_FOUND = const(0.7)  # of the bar
_HUNTS = const(2.0)
# Own, measured on the plant: a burst at the line takes superheat under its limit for up to 45 s at 30 % of
# load, and at a valve that stands it comes back by itself. Longer (at the lowest speed, at the highest), it
# is a collapse: superheat was asked for too little of it. So much more, and no less soon.
_BURST_S = const(60.0)
_BURST_HIGH_S = const(10.0)
_COLLAPSE_K = const(0.3)
# Own: a delay, a time constant and more. What comes sooner after a ramp or from far over the setpoint is an
# evaporator that overfills.
_SURE_S = const(120.0)
# Own: what it does until it is back within so much, for so long at most, says nothing of how it trembles.
_BACK_K = const(0.5)
_BACK_S = const(600.0)
_FORGET_K_S = const(0.0005)  # own: a collapse is forgotten in ten minutes; air and frost move the line


class Stable:
    """`k`, kelvin, and `calm`, what it leaves of the loop's gain; `step` once a second.

    `searching`: the load is steady; `bears`: a burst is let pass; `why`: the decision in force, 0 while it
    searches.
    """

    def __init__(self, settings, places):
        """`places`, of the settings in force: `low`, `high` (setpoints) and `base` (setpoint.py)."""
        v = self._v = settings.v
        self._places = places
        low, high = v[places.low], v[places.high]
        self._found = array("f", [low + (high - low) * i / _LAST for i in range(_LAST + 1)])
        self._floor = array("f", bytearray(4 * (_LAST + 1)))  # over it superheat collapsed lately
        self._known = 0  # bit i: place i was searched at
        self._noise = 1e3  # the least square ever judged, K2
        self.begin()

    def begin(self):
        """After a stop or a wet start: what was found stays."""
        self.k = self._v[self._places.low]
        self.calm = 1.0
        self.why = 0
        self._wait_s = _WAIT_S
        self._back_s = 0.0  # for so long superheat may take to come back from a collapse
        self.searching = self.bears = False
        self._low_s = 0.0
        self._ready_s = 0.0
        self._fresh = True
        self._judged = 0.0  # mean square, over the bar's
        self._square = 0.0
        self._seconds = 0.0

    def step(self, rps: float, share: float, superheat_k: float, low: bool, held: bool):
        """`share`: the speed's place between its lowest and its highest, 0 to 1; `low`: superheat is under
        its limit; `held`: something else moves the valve.
        """
        if self._fresh:
            self._fresh = False
            self._rps = rps
            self._mean = self._slow = superheat_k
        self._rps += (rps - self._rps) * PERIOD_S / _LOAD_S
        self._slow += (superheat_k - self._slow) * PERIOD_S / _LOAD_S
        self._mean += (superheat_k - self._mean) * PERIOD_S / _MEAN_S
        stirred = abs(rps - self._rps) > _RAMP_RPS
        rests = not stirred and self._wait_s <= 0.0
        if not rests:
            self._seconds = 0.0
            self.why = 0
        self._low_s = self._low_s + PERIOD_S if low else 0.0
        if self._low_s >= _BURST_S * (1.0 - share) + _BURST_HIGH_S * share and self.bears:
            self._collapsed(share)
            self._back_s = _BACK_S
        elif self._back_s:
            back = abs(self._slow - self.k) < _BACK_K and not low
            self._back_s = 0.0 if back else max(self._back_s - PERIOD_S, 0.0)
        ready = rests and not held and not self._back_s and self._slow < self.k + _FAR_K
        self._ready_s = min(self._ready_s + PERIOD_S, _SURE_S) if ready else 0.0
        self.searching = rests and not held
        self.bears = self._ready_s >= _SURE_S
        self._wait_s = max(self._wait_s - PERIOD_S, 0.0)
        self.calm = _CALM + (1.0 - _CALM) * share if self.searching else 1.0
        if ready:
            self._learn(share, self._tremble(share, superheat_k - self._mean))
        at = self._at(share)
        if stirred:
            v = self._v
            low = v[self._places.low]
            at = max(at, min(at + _STIRRED_K, low + (v[self._places.high] - low) * share))
        if at >= self.k:
            self.k = at
        elif rests:
            self.k = max(at, self.k - _DOWN_K_S * PERIOD_S)
        if ready:
            self._judge()

    def _lowest(self) -> float:
        v = self._v
        limit = v[self._places.base + s.SH_LOW]
        return max(v[s.STABLE_LOWEST], limit + 1.0 if limit > 0.0 else 0.0)

    def _tremble(self, share: float, deviation: float) -> float:
        """How superheat trembles now, of the bar's square."""
        bar = self._v[s.STABLE_BAR]
        bar *= bar
        square = min(deviation * deviation, (_MOST + (_MOST_HIGH - _MOST) * share) * bar)
        self._seconds = min(self._seconds + PERIOD_S, _JUDGED_S)
        if self._seconds <= PERIOD_S:
            self._square = 0.5 * bar
        self._square += (square - self._square) * PERIOD_S / _JUDGED_S
        if self._seconds >= _JUDGED_S:
            self._noise = min(self._noise, self._square)
        noise = min(self._noise, _FLOOR_SHARE * bar)
        self._judged = (self._square - noise) / bar
        return (square - noise) / bar

    def _learn(self, share: float, tremble: float):
        judged = self._judged
        pace = min(max(1.0 - judged, judged - 1.25, _LEAST_PACE), 1.0)
        self._move(share, self._v[s.STABLE_RATE] / 60.0 * PERIOD_S * pace * (tremble - 1.0))

    def _collapsed(self, share: float):
        self._move(share, _COLLAPSE_K)
        place = share * _LAST
        for i in range(_LAST + 1):
            if abs(place - i) < 1.0:
                self._floor[i] = self._found[i]

    def _move(self, share: float, change: float):
        lowest, highest = self._lowest(), max(self._v[self._places.high], self._v[self._places.low])
        place = share * _LAST
        for i in range(_LAST + 1):
            near = 1.0 - abs(place - i)
            if near > 0.0:
                if near >= 0.5 and self._judged >= _FOUND:
                    self._known |= 1 << i
                part = change
            elif self._known >> i & 1:
                continue
            else:
                part = change * _FOLLOW
            self._found[i] = min(max(self._found[i] + part, lowest, self._floor[i]), highest)
            self._floor[i] -= _FORGET_K_S * PERIOD_S

    def _at(self, share: float) -> float:
        """What is known of this load."""
        place = share * _LAST
        i = min(int(place), _LAST - 1)
        found = self._found
        return max(found[i] + (found[i + 1] - found[i]) * (place - i), self._lowest())

    def _judge(self):
        judged = self._judged
        if judged >= _HUNTS:
            self.why = d.STABLE_HUNTS
        elif judged >= _FOUND:
            if self.why != d.STABLE_HUNTS or judged < 1.0:
                self.why = d.STABLE_FOUND
        elif self.k <= self._lowest() and self._seconds >= _JUDGED_S:
            self.why = d.STABLE_LOWEST
        elif judged < _FOUND / 2.0:
            self.why = 0
