"""From a wired board to a commissioned one: sensors, high-pressure switch, valve, outputs, then the buses.

Each step looks or drives by itself where it can and asks the installer where only a person can tell. A step
that fails ends the walk; the board stays as it was, read-only on every bus.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from isentrope_sim.errors import InputError

from isentrope_hil import jogging
from isentrope_hil.reach import Reached
from isentrope_hil.signals import Signal

STEPS = ("sensors", "hp-switch", "valve", "outputs")
BUSES = {"rtu": 1, "tcp": 2, "bacnet": 4, "mstp": 8, "mqtt": 16}  # bits of `bus_write`
SENSORS = (
    "outdoor_c", "flow_c", "return_c", "discharge_c", "suction_c", "liquid_c", "coil_c", "evap_kpa",
    "cond_kpa",
)  # fmt: skip
ALIKE_KPA = 100.0  # own: the two pressures of a machine that has rested for some hours
ALIKE_K = 10.0  # own: flow and return of water that stands
HAND_S = 180.0  # own: for whoever has to reach the switch
LOOK_S = 0.5
DRIVE_S = 2.0
VALVE_SHARE = 0.2  # of the valve's range; own: far enough to be heard
PART_ON = 0.5  # of an analogue output's range
VALVE = ("eev_count", "eev_coils")
COMPRESSOR = ("compressor_run", "compressor_run_2", "compressor_ref")


class Stopped(InputError):
    """The walk ended at a step; the board is not commissioned."""


@dataclass(frozen=True, slots=True)
class Person:
    """`say` a line; `ask` a question, True for yes; `hand`: do something at the machine ("open", "close"),
    where that is simulated."""

    say: Callable[[str], None]
    ask: Callable[[str], bool]
    hand: Callable[[str], None] | None = None


class Walk:
    """The steps at one board; `done` says what came of each."""

    def __init__(self, reached: Reached, person: Person) -> None:
        self._reached = reached
        self._board = reached.board
        self._person = person
        self.done: dict[str, str] = {}

    def run(self, buses: Iterable[str], skip: Collection[str] = ()) -> None:
        """Every step, then the settings.

        Raises:
            Stopped: a step did not come out well.
            InputError: the machine is not off, or the board refuses.
        """
        mask = sum({BUSES[bus] for bus in buses})
        points = self._board.points()
        if points["compressor"]:
            raise Stopped("the compressor runs: disable the machine and wait for its stop")
        self._board.write("enable", 0)
        self._reached.wait(LOOK_S)
        steps = {
            "sensors": self._sensors,
            "hp-switch": self._switch,
            "valve": self._valve,
            "outputs": self._outputs,
        }
        for name, step in steps.items():
            if name in skip:
                self.done[name] = "skipped"
                self._person.say(f"{name}: skipped")
                continue
            step()
            self.done[name] = "good"
        self._board.unlock("installer")
        self._board.write("bus_write", mask)
        self._board.write("commissioned", 1)
        self._reached.wait(LOOK_S)

    def _fail(self, step: str, why: str) -> Stopped:
        self.done[step] = why
        return Stopped(f"{step}: {why}; the board is not commissioned")

    def _confirm(self, step: str, question: str) -> None:
        if not self._person.ask(question):
            raise self._fail(step, f"not confirmed: {question}")

    def _sensors(self) -> None:
        points = self._board.points()
        known = self._board.table.of("point")
        failed = []
        for name in SENSORS:
            value = points[name]
            failed += [name] if math.isnan(value) else []
            self._person.say(f"  {name} {value:g} {known[name].unit}")
        if failed:
            raise self._fail("sensors", f"{', '.join(failed)}: failed or not connected")
        apart = abs(points["evap_kpa"] - points["cond_kpa"])
        if apart > ALIKE_KPA:
            self._confirm("sensors", f"the pressures are {apart:.0f} kPa apart: has the machine run lately?")
        apart = abs(points["flow_c"] - points["return_c"])
        if apart > ALIKE_K:
            self._confirm("sensors", f"flow and return are {apart:.0f} K apart: is that so?")
        self._confirm("sensors", "do these agree with a thermometer and the gauges, each at its own place?")

    def _switch(self) -> None:
        if not self._board.points()["hp_switch_ok"]:
            raise self._fail("hp-switch", "the controller sees it open: check its wiring")
        for state, do, wanted in (("open", "open it, or pull its wire", 0), ("close", "close it again", 1)):
            self._person.say(f"high-pressure switch: {do}, within {HAND_S:.0f} s")
            if self._person.hand:
                self._person.hand(state)
            if not self._seen("hp_switch_ok", wanted):
                raise self._fail("hp-switch", f"the controller did not see it {state}")
        self._person.say("high-pressure switch: seen open and closed")

    def _seen(self, name: str, wanted: int) -> bool:
        left = HAND_S
        while left > 0.0:
            self._reached.wait(LOOK_S)
            left -= LOOK_S
            if self._board.points()[name] == wanted:
                return True
        return False

    def _valve(self) -> None:
        top = self._board.table.of("point")["eev_position_steps"]
        steps = max(20, round(VALVE_SHARE * min(top.high, 500)))
        self._person.say(f"expansion valve: opens by {steps} steps, then closes")
        moved = jogging.drive(self._reached, {"eev_count": steps}, DRIVE_S)["eev_count"]
        if moved <= 0:
            raise self._fail("valve", f"asked for {steps} steps, the count says {moved}")
        self._confirm("valve", "did it turn, and towards open?")
        self._reached.wait(2.0 * DRIVE_S)

    def _outputs(self) -> None:
        for signal in self._board.table.outs:
            if signal.name in VALVE:
                continue
            if signal.name in COMPRESSOR and not self._person.ask(
                f"{signal.name}: is the compressor's supply off, so that nothing runs?"
            ):
                self._person.say(f"  {signal.name}: left out")
                self.done[signal.name] = "left out"
                continue
            jogging.drive(self._reached, {signal.name: _on(signal)}, DRIVE_S)
            self._confirm("outputs", f"{signal.name}: did that, and nothing else, switch for {DRIVE_S:g} s?")


def _on(signal: Signal) -> int:
    return 1 if signal.high == 1 else round(PART_ON * signal.high)
