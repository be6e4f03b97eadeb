"""What the grid says by contacts or by the bus: SG-Ready's four states, and the utility's block.

SG-Ready (Bundesverband Waermepumpe): contacts 1:0 block, 0:0 normal, 0:1 encourage, 1:1 order. The bus says
the same by a number, which is void `bus_timeout` after it was last said. A contact that is closed beats the
bus, and the log is told when the two differ. A block lasts at most two hours and is then ignored until it
has ended: a wire that stays closed must not freeze a house. Encouraged, the flow setpoint of heating rises;
ordered, it rises more and the backup heater is allowed. The utility's contact blocks for as long as it is
there.
"""

from micropython import const

from ..decisions import pair
from .states import HEATING
from .ticks import Since

_BASE = const(187)  # places in Settings.v
_SIGNALS = const(_BASE)  # bit 0 SG-Ready, bit 1 utility block
_ENCOURAGE = const(_BASE + 1)
_ORDER = const(_BASE + 2)
_LONGEST = const(_BASE + 3)
_SENSE = const(_BASE + 4)
_TIMEOUT = const(75)
_HIGHEST = const(78)
_SG_1 = const(8)  # bits of Wired.closed
_SG_2 = const(16)
_UTILITY = const(32)
_TOLD = const(4)  # bit of Inputs.told
_ENDED = const(64)  # alarm
_BLOCKED = const(115)  # decisions
_IGNORED = const(116)
_ENCOURAGED = const(117)  # and ordered
_UTILITY_BLOCK = const(119)
_DIFFER = const(132)
_BLOCK_COUNTS = const(224)
BLOCK = const(1)  # the states as the bus has them
NORMAL = const(2)
_HELPS = const(3)
_MUST = const(4)
_SEEN_MS = const(5000)  # own: the two contacts need not close at once


class Grid:
    """An option of the controller (options.py): `capacity` and `backup_allowed`; `out.sg`, `out.utility`."""

    def __init__(self, settings, alarms, log):
        self._v = settings.v
        self._alarms = alarms
        self._log = log
        self._silent = Since(7_200_000, 7_200_000)
        self._seen = Since(60_000)
        self._blocked = Since(43_200_000)
        self._read = 0  # SG state that contacts and bus give, before it has lasted
        self._state = NORMAL
        self._ignored = False
        self._utility = False
        self._differed = 0  # the contradiction that the log has: of contacts and bus, of utility and state
        self._helped = NORMAL

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        v = self._v
        signals = int(v[_SIGNALS])
        wired = inp.wired
        closed = wired.closed if wired else 0
        if signals & 1:
            self._sg(now_ms, inp, out, c, closed)
        if signals & 2 and wired and wired.fitted & _UTILITY:
            utility = (closed & _UTILITY == 0) == (v[_SENSE] > 0.0)
            if utility != self._utility:
                self._utility = utility
                if utility:
                    self._log.add(now_ms, _UTILITY_BLOCK, 0)
            out.utility = utility
            helped = self._state if utility and signals & 1 and self._state > NORMAL else NORMAL
            if helped != self._helped:
                self._helped = helped
                if helped != NORMAL:
                    self._log.add(now_ms, _BLOCK_COUNTS, helped)
            if utility:
                self._block(c, _UTILITY_BLOCK)

    def _block(self, c, why: int):
        c.capacity.allowed = c.backup_allowed = False
        c.sequence.stop = why
        c.sequence.stop_value = 0

    def _asked(self, now_ms: int, inp, closed: int) -> int:
        self._silent.step(now_ms)
        if inp.told & _TOLD:
            inp.told &= ~_TOLD
            self._silent.restart(now_ms)
        bus = inp.sg if self._silent.ms < self._v[_TIMEOUT] * 1000.0 else NORMAL
        state = NORMAL
        if closed & _SG_1:
            state = _MUST if closed & _SG_2 else BLOCK
        elif closed & _SG_2:
            state = _HELPS
        differ = pair(state, bus) if state != NORMAL and bus not in (NORMAL, state) else 0
        if differ and differ != self._differed:
            self._log.add(now_ms, _DIFFER, differ)
        self._differed = differ
        return bus if state == NORMAL else state

    def _sg(self, now_ms: int, inp, out, c, closed: int):
        v = self._v
        asked = self._asked(now_ms, inp, closed)
        if asked != self._read:
            self._read = asked
            self._seen.restart(now_ms)
        if self._seen.step(now_ms) >= _SEEN_MS and asked != self._state:
            self._state = asked
            if asked == BLOCK:
                self._log.add(now_ms, _BLOCKED, 0)
            elif asked != NORMAL:
                raised = v[_ORDER] if asked == _MUST else v[_ENCOURAGE]
                self._log.add(now_ms, _ENCOURAGED + (asked == _MUST), int(raised * 10.0 + 0.5))
        state = self._state
        blocked = state == BLOCK
        longest = v[_LONGEST] * 60_000.0
        late = self._blocked.step(now_ms, blocked) >= longest and blocked
        if late and not self._ignored:
            self._log.add(now_ms, _IGNORED, int(v[_LONGEST]))
            self._alarms.raise_(_ENDED, now_ms, int(v[_LONGEST]))
        self._ignored = late
        if not blocked:
            self._alarms.clear(_ENDED, now_ms)
        if late:
            state = NORMAL
        out.sg = state
        capacity = c.capacity
        if state == BLOCK:
            self._block(c, _BLOCKED)
        elif state > NORMAL and c.mode == HEATING:  # colder water is dew, the tank's has its own end
            flow_c = capacity.setpoint_c if capacity.setpoint_c > 0.0 else inp.flow_setpoint_c
            raised_c = flow_c + v[_ORDER if state == _MUST else _ENCOURAGE]
            capacity.setpoint_c = max(min(raised_c, v[_HIGHEST]), flow_c)
        c.backup_ordered = state == _MUST


def make(profile, settings, alarms, log, c):
    return Grid(settings, alarms, log)
