"""One cell from its mode's start to its verdict: break, watch, repair, watch it come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.machine import Machine

from isentrope_hil.errors import TargetError
from isentrope_hil.matrix import stand as points
from isentrope_hil.matrix.cells import Cell
from isentrope_hil.matrix.declared import Declared, Mode, Rule
from isentrope_hil.matrix.judge import TURNING_RPS, ZERO_C, Invariants
from isentrope_hil.matrix.stand import Stand

PASS, FAIL, BLOCKED, ABSENT = "pass", "fail", "blocked", "absent"
OFF, DEFROSTING = 0, 5  # states
FIRST_WARNING = 32
# Warnings 33 to 41 and 53 in warn_mask: of a sensor; the others may wait for their own event.
SENSORS = 0x1FF << 1 | 1 << 21


class NotThere(Exception):
    """This firmware or machine has no such mode; one line."""


@dataclass
class Result:
    """A cell's verdict and what it followed from; times in s from the fault."""

    cell: str
    verdict: str
    note: str = ""
    end: str = ""
    declared: str = ""
    alarms: list[int] = field(default_factory=list)
    alarm_s: float = -1.0
    rest_s: float = -1.0
    recovered_s: float = -1.0
    by_hand: bool = False
    broken: list[str] = field(default_factory=list)
    worst: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def begin(stand: Stand, mode: Mode, has_modes: tuple[str, ...]) -> None:
    """Bring the machine into a mode from standstill.

    Raises:
        NotThere: the firmware lacks a point that the mode needs, the machine lacks the mode, or its state did
            not come.
    """
    missing = [identity for identity in mode.needs if identity not in stand.point_ids]
    if missing:
        raise NotThere(f"the firmware has no {mode.what.replace('_', ' ')}")
    if mode.what not in has_modes:
        raise NotThere(f"the machine's file has no {mode.what.replace('_', ' ')}")
    stand.reset(mode.outdoor_c, mode.rh, mode.water_c, mode.settings)
    for name, value in mode.knobs.items():
        stand.rig.set(name, value)
    for identity, raw in mode.writes.items():
        stand.write(identity, raw)
    t_s = 0.0
    while True:
        stand.step()
        t_s += stand.scan_s
        if stand.state == mode.state:
            break
        if t_s >= mode.longest_s:
            raise NotThere(f"state {mode.state} did not come within {mode.longest_s:g} s")
    for _ in range(round(mode.settle_s / stand.scan_s)):
        stand.step()


class Trial:
    """One cell on a stand that stands in its mode."""

    def __init__(self, stand: Stand, machine: Machine, declared: Declared, cell: Cell, rule: Rule) -> None:
        self._stand = stand
        self._mode = declared.modes[cell.mode]
        self._declared = declared
        self._cell = cell
        self._rule = rule
        self._watch = Invariants(stand, machine, declared.limits)
        self._speed = list(stand.rig.truth_names).index("speed_rps")
        self._water = list(stand.rig.truth_names).index("water_in_k")
        self._t_s = 0.0
        self._stops: dict[int, float] = {}  # code -> when it was first there
        self._warns: dict[int, float] = {}
        self._rest_s = -1.0
        self._worked_s = 0.0  # how long it has worked to the end
        self._hasty = False  # it ran before it was asked

    def run(self) -> Result:
        cell, declared, rule, stand = self._cell, self._declared, self._rule, self._stand
        values = declared.values(cell.target, cell.kind, cell.verb, cell.mode)
        result = Result(cell.name, PASS, declared=_said(rule))
        try:
            stand.fault(cell.target, cell.fault, values)
        except InputError as error:
            return Result(cell.name, BLOCKED, f"the fault was not applied: {error}")
        try:
            self._hold(rule.hold_s or self._mode.hold_s)
            problems = self._ended(result)
            stand.clear(cell.verb if cell.target == "plant" else cell.target)
            problems += self._recover(result)
        except PlantError as error:
            return Result(cell.name, BLOCKED, f"the plant cannot go on: {error}")
        except TargetError as error:
            problems = [str(error)]
        except Exception as error:
            problems = [f"the firmware stopped on an uncaught {type(error).__name__}: {error}"]
        result.broken = self._watch.broken
        problems += self._watch.said()
        result.worst = {name: round(each.value, 3) for name, each in self._watch.worst.items()}
        result.alarms = sorted({*self._stops, *self._warns})
        if problems:
            result.verdict, result.note = FAIL, "; ".join(problems)
        return result

    def _step(self) -> None:
        stand = self._stand
        stand.step()
        self._t_s += stand.scan_s
        self._watch.look(self._t_s)
        turning = stand.rig.truth[self._speed] > TURNING_RPS
        if not stand.powered:
            self._worked_s = 0.0
            return
        self._note(stand.stop_mask, 0, self._stops)
        self._note(stand.warn_mask, FIRST_WARNING, self._warns)
        if turning:
            self._rest_s = -1.0
        elif self._rest_s < 0.0:
            self._rest_s = self._t_s
        # It works while the compressor turns, or rests without an alarm because nothing is to be done.
        works = stand.stop_mask == 0 and (turning or (stand.state == OFF and self._content))
        self._worked_s = self._worked_s + stand.scan_s if works else 0.0

    def _note(self, mask: int, first: int, seen: dict[int, float]) -> None:
        while mask:
            low = mask & -mask
            seen.setdefault(first + low.bit_length() - 1, self._t_s)
            mask ^= low

    def _hold(self, seconds: float) -> None:
        demand_s = self._mode.demand_s
        while self._t_s < seconds:
            if demand_s and self._t_s < demand_s <= self._t_s + self._stand.scan_s:
                self._stand.write(points.ENABLE, 1)
            self._step()
            if self._t_s <= demand_s and self._stand.rig.truth[self._speed] > TURNING_RPS:
                self._hasty = True

    def _ended(self, result: Result) -> list[str]:
        """What is wrong with how it is when the fault has lasted."""
        rule, stops = self._rule, self._stops
        problems = []
        if self._hasty:
            problems.append("the compressor ran before heat was asked for")
        known = [code for code in rule.alarms if code < FIRST_WARNING and code in stops]
        stopped = bool(stops)
        result.end = "stopped" if stopped else "ran" if self._turning else "rested"
        if not self._stand.powered:
            result.end = "dead"
        if stopped:
            result.alarm_s = round(min(stops.values()), 1)
            result.rest_s = round(self._rest_s, 1)
        if rule.end == "off":
            return problems + ([] if not self._turning else ["the compressor turns without a controller"])
        warned = [code for code in rule.alarms if code >= FIRST_WARNING]
        seen = [self._warns[code] for code in warned if code in self._warns]
        if rule.end == "stops" or (rule.end in ("either", "guarded") and stopped):
            strange = sorted(set(stops) - set(rule.alarms))
            if not known:
                problems.append(f"alarm {_codes(rule.alarms)} did not come" + _instead(strange))
            elif min(stops[code] for code in known) > rule.within_s:
                late = min(stops[code] for code in known)
                problems.append(f"alarm {_codes(known)} came after {late:.0f} s, declared {rule.within_s:g}")
            elif strange:
                problems.append(f"alarm {_codes(strange)} came too")
            if rule.end == "stops" and warned and not seen:
                problems.append(f"warning {_codes(warned)} did not come")
            return problems
        if stopped:
            problems.append(f"it stopped with alarm {_codes(sorted(stops))}")
        # The end of a defrost drips with the compressor off.
        resting = self._stand.state == DEFROSTING or (self._stand.state == OFF and self._content)
        if rule.end in ("runs", "either") and not stopped and not self._turning and not resting:
            problems.append("the compressor does not run")
        if warned and rule.end in ("runs", "safe", "guarded"):
            if not seen:
                problems.append(f"warning {_codes(warned)} did not come")
            elif rule.within_s and min(seen) > rule.within_s:
                problems.append(f"warning came after {min(seen):.0f} s, declared {rule.within_s:g}")
        return problems

    @property
    def _content(self) -> bool:
        """The water is as warm, or as cold, as it was to become."""
        water_c = float(self._stand.rig.truth[self._water]) - ZERO_C
        return water_c > self._mode.rest_over_c or water_c < self._mode.rest_under_c

    @property
    def _turning(self) -> bool:
        return bool(self._stand.rig.truth[self._speed] > TURNING_RPS)

    def _recover(self, result: Result) -> list[str]:
        """Wait until it works again; a person's reset where the alarm may latch."""
        stand, limits = self._stand, self._declared.limits
        start_s, self._worked_s = self._t_s, 0.0
        asked = False
        while self._t_s - start_s < limits["recover_s"]:
            self._step()
            if self._rule.latched and not asked and self._t_s - start_s >= limits["person_s"]:
                asked = True
                if stand.stop_mask:
                    result.by_hand = True
                    stand.write(points.FAULT_RESET, 1)
            if self._worked_s >= limits["worked_s"] and not stand.warn_mask & SENSORS:
                result.recovered_s = round(self._t_s - start_s, 1)
                return []
        left = [code for code in range(32) if stand.stop_mask >> code & 1]
        left += [FIRST_WARNING + code for code in range(64) if stand.warn_mask >> code & 1]
        state = f"state {stand.state}" + (f", alarm {_codes(left)}" if left else "")
        return [f"not back {limits['recover_s']:g} s after the repair: {state}"]


def _codes(codes: Any) -> str:
    return ", ".join(map(str, codes)) or "none"


def _instead(codes: list[int]) -> str:
    return f", {_codes(codes)} did" if codes else ""


def _said(rule: Rule) -> str:
    """The declaration in words."""
    alarm = f" with alarm {' or '.join(map(str, rule.alarms))}" if rule.alarms else ""
    within = f" within {rule.within_s:g} s" if rule.within_s else ""
    return {
        "runs": f"runs{alarm}{within}",
        "safe": f"no stop{alarm}{within}",
        "stops": f"stops{alarm}{within}",
        "either": f"runs, or stops{alarm}{within}",
        "guarded": f"runs or rests, or stops{alarm}{within}",
        "off": "dead, outputs off",
    }[rule.end]


def run(stand: Stand, machine: Machine, declared: Declared, cell: Cell) -> Result:
    """The cell's result on a stand that stands in its mode."""
    rule = declared.rule(cell.target, cell.kind, cell.verb, cell.mode)
    if rule is None:
        return Result(cell.name, BLOCKED, "no end is declared for it")
    return Trial(stand, machine, declared, cell, rule).run()


def values(declared: Declared, cell: Cell) -> Mapping[str, float]:
    return declared.values(cell.target, cell.kind, cell.verb, cell.mode)
