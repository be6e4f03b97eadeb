"""One law on one duty, and what it is worth.

For each window: the integral of |true superheat - setpoint|, K s; seconds with liquid in the compressor's
suction; seconds under 2 K; the lowest superheat. One number for tuning, the same for every law: the integral
plus LIQUID_K for each second of liquid. A machine that stops counts STOPPED_K for each second from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.perturbation import Perturbation
from isentrope_sim.rig import Rig

from isentrope_hil import profile
from isentrope_hil.bench import KELVIN, T0_MS
from isentrope_hil.compare.duties import BOARD, SETPOINT_K, SETTINGS, Draw, Duty, Turn
from isentrope_hil.compare.law import Spec
from isentrope_hil.compare.seam import Firmware
from isentrope_hil.targets.firmware import Imports, imported

LIQUID_K = 20.0  # own: a second of liquid weighs as 20 K of error, more than superheat can be off
STOPPED_K = 20.0
LOW_K = 2.0
LIQUID_KG_S = 1e-6  # a milligram a second: what the plant's own arithmetic leaves is far less
TICKS = 0x3FFFFFFF
SEEN = ("superheat_k", "eev_opening", "speed_rps", "liquid_kg_s")

Look = Callable[[float, dict[str, float]], None]


@dataclass
class Score:
    """A window's figures."""

    case: str
    kind: str
    error_k_s: float = 0.0
    liquid_s: float = 0.0
    low_s: float = 0.0
    least_k: float = 99.0
    stopped_s: float = 0.0

    @property
    def cost(self) -> float:
        return self.error_k_s + LIQUID_K * self.liquid_s

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Started:
    """A machine at the hand-over; `saved` is what brings `rig` back to it."""

    rig: Rig
    saved: Any
    firmware: Firmware
    now_ms: int
    scan_ms: int


class Plants:
    """Started machines, kept: every law of a duty and draw takes over from the very same state.

    Use `plants()`; the firmware's modules are imported while it lives.
    """

    def __init__(self, imports: Imports) -> None:
        self._imports = imports
        self._started: dict[tuple[str, Duty, Draw], Started] = {}

    def run(
        self,
        machine: str,
        duty: Duty,
        draw: Draw,
        law: Spec,
        values: Mapping[str, float],
        look: Look | None = None,
    ) -> list[Score]:
        """The duty under `law` with these parameters (those left out: defaults); a score for each window.

        `look` is called after every scan with the time since the hand-over and some true values.
        """
        started = self._start(machine, duty, draw)
        started.rig.restore(started.saved)
        firmware = started.firmware.copy()
        values = law.values(values)
        if law.make is None:
            firmware.settings(values)
        else:
            firmware.hand_over(law.make(firmware.unit(SETPOINT_K), values))
        return _drive(started, firmware, duty, look)

    def _start(self, machine: str, duty: Duty, draw: Draw) -> Started:
        key = (machine, duty, draw)
        if key not in self._started:
            self._started[key] = self._begin(load_machine(machine), duty, draw)
        return self._started[key]

    def _begin(self, machine: Machine, duty: Duty, draw: Draw) -> Started:
        made = profile.build(BOARD, machine)
        unit = None if draw.unit is None else Perturbation.draw(draw.unit, (), ())
        rig = Rig(machine, made["io"], seed=draw.seed, perturbation=unit, carry_over=True)
        rig.reset(duty.outdoor_c + KELVIN, duty.rh, duty.return_c + KELVIN)
        rig.set("bath", 1.0)
        rig.set("return_c", duty.return_c)
        firmware = Firmware(self._imports, made, SETTINGS)
        firmware.write("test_speed_rps", duty.speed_rps)
        firmware.write("enable", 1)
        scan_ms, now_ms = made["scan_ms"], T0_MS
        for _ in range(round(1000.0 * duty.start_s / scan_ms)):
            rig.step(firmware.scan(now_ms, rig.raw_in), scan_ms / 1000.0)
            now_ms = (now_ms + scan_ms) & TICKS
        return Started(rig, rig.snapshot(), firmware, now_ms, scan_ms)


@contextmanager
def plants() -> Iterator[Plants]:
    """`Plants` with the firmware imported within the block."""
    with imported() as imports:
        yield Plants(imports)


def _drive(started: Started, firmware: Firmware, duty: Duty, look: Look | None) -> list[Score]:
    rig, now_ms, scan_s = started.rig, started.now_ms, started.scan_ms / 1000.0
    names = list(rig.truth_names)
    superheat, liquid = names.index("superheat_k"), names.index("liquid_kg_s")
    scores = [Score(window.case, window.kind) for window in duty.windows]
    turning: list[tuple[Turn, float]] = []
    waiting = list(duty.turns)
    for scan in range(round(duty.length_s / scan_s)):
        t_s = scan * scan_s
        while waiting and waiting[0].at_s <= t_s:
            turn = waiting.pop(0)
            if turn.knob == "speed":
                firmware.write("test_speed_rps", turn.value)
            else:
                turning.append((turn, rig.knob(turn.knob)))
        for turn, first in turning:
            part = min((t_s - turn.at_s) / turn.over_s, 1.0) if turn.over_s else 1.0
            rig.set(turn.knob, first + part * (turn.value - first))
        turning = [(turn, first) for turn, first in turning if t_s < turn.at_s + turn.over_s]
        rig.step(firmware.scan(now_ms, rig.raw_in), scan_s)
        now_ms = (now_ms + started.scan_ms) & TICKS
        for window, score in zip(duty.windows, scores, strict=True):
            if window.from_s <= t_s < window.to_s:
                _count(score, rig.truth[superheat], rig.truth[liquid], firmware.running, scan_s)
        if look is not None:
            look(t_s + scan_s, {name: float(rig.truth[names.index(name)]) for name in SEEN})
    return scores


def _count(score: Score, superheat_k: float, liquid_kg_s: float, running: bool, scan_s: float) -> None:
    if not running:
        score.stopped_s += scan_s
        score.error_k_s += STOPPED_K * scan_s
        return
    score.error_k_s += abs(superheat_k - SETPOINT_K) * scan_s
    score.liquid_s += scan_s if liquid_kg_s > LIQUID_KG_S else 0.0
    score.low_s += scan_s if superheat_k < LOW_K else 0.0
    score.least_k = min(score.least_k, float(superheat_k))
