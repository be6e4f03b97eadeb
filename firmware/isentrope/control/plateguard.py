"""The plate must not freeze while it evaporates for a defrost.

A deeply iced coil is cold itself, takes minutes to come to zero, and the plate evaporates far under zero
meanwhile. Its wall does not: little refrigerant boils there, and water conducts better. Where the wall comes
near zero all the same, the compressor slows down; only ice that grows ends the defrost. The next one then
melts more slowly.
"""

from micropython import const

from .. import alarms as a
from .. import settings as s
from .ticks import Since

# Own: a plate's wall lies a third of the way from the water to what boils: films of 6 and 3 kW/m2K at the
# rating's flows, and a cold plate has less of the latter.
_WALL_SHARE = const(0.333)
# Own: a kelvin under zero freezes with both films, 9 kW/m2: 10 K s are 0.3 mm of ice in a channel of 1.4 mm.
_FREEZE_KS = const(10.0)
_WALL_LOW_C = const(2.0)  # own: under it the compressor slows down, 2 K over it it comes back
_SLOW_RPS_S = const(1.0)  # own: as fast as drives do
_GENTLER = const(0.7)  # own: melting's speed after each defrost that cold water ended
_DRY_FLOW_MS = const(2000)  # own: a plate without flow bursts sooner than a flap's flutter matters


class PlateGuard:
    """`danger` says that the plate might freeze; `ease` gives melting's speed; `gentle` of it, 0.49 to 1."""

    def __init__(self, settings, alarms):
        self._v = settings.v
        self._alarms = alarms
        self._freezing_ks = 0.0
        self._still = Since(60_000)
        self.gentle = 1.0

    def gentler(self):
        self.gentle = max(self.gentle * _GENTLER, _GENTLER * _GENTLER)

    def _wall_c(self, inp, evap_c: float) -> float:
        """Coldest wall between water and refrigerant in the plate; the flow is the coldest water."""
        return inp.flow_c - _WALL_SHARE * (inp.flow_c - evap_c)

    def danger(self, now_ms: int, passed: int, inp, evap_c: float, reverse: bool, on: bool) -> bool:
        """The plate might freeze: water gone, too cold, or ice grows on the wall.

        `reverse`: the plate evaporates; `on`: the compressor runs.
        """
        still = reverse and not inp.water_flow
        if self._still.step(now_ms, still) >= _DRY_FLOW_MS and still and on:
            self._alarms.raise_(a.WATER_FLOW, now_ms)
        if reverse and on:
            under = self._freezing_ks - self._wall_c(inp, evap_c) * passed / 1000.0
            self._freezing_ks = min(max(under, 0.0), 2.0 * _FREEZE_KS)
        else:
            self._freezing_ks = 0.0
        return reverse and (inp.flow_c < self._v[s.DEFROST_FLOW] or self._freezing_ks >= _FREEZE_KS)

    def ease(self, rps: float, passed: int, inp, evap_c: float, speed) -> float:
        """Slow down while the plate's wall is near zero, come back above it."""
        wall_c = self._wall_c(inp, evap_c)
        change = _SLOW_RPS_S * passed / 1000.0
        if wall_c < _WALL_LOW_C:
            return max(min(rps, speed.set_rps) - change, speed.min_rps)
        if wall_c > _WALL_LOW_C + 2.0:
            return min(rps + change, self._v[s.DEFROST_RPS] * self.gentle)
        return rps
