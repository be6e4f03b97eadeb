"""A scenario on a bench, from first step to verdict; what was recorded survives every way of ending."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Any, Self

from isentrope_sim.errors import InputError, PlantError

from isentrope_hil import resources, runfolder, summary, targets
from isentrope_hil.bench import Bench
from isentrope_hil.errors import TableDiffers, TargetError
from isentrope_hil.scenario import Event, Scenario, load
from isentrope_hil.summary import RunInfo
from isentrope_hil.timeline import Timeline

PROGRESS_EVERY = 64  # steps

Progress = Callable[[float, float], None]  # simulated seconds done, and in all


@dataclass(frozen=True, slots=True)
class Outcome:
    """The JSON document of `isentrope run`, and whether Ctrl-C ended the run."""

    document: dict[str, Any]
    interrupted: bool


def run(bench: Bench, scenario: Scenario, out: Path | None, progress: Progress | None = None) -> Outcome:
    """Starts the bench, runs the scenario, ends the target, judges; writes the run's folder (None: none).

    A target or plant that fails in mid-run, or Ctrl-C, ends the run early: the document's `error` says why,
    and what was recorded is judged and written all the same.

    Raises:
        InputError, TargetError: before the first step.
    """
    with _Interrupts() as interrupts:
        with bench:
            journey = Journey(bench, scenario, out)
            journey.drive(progress)
            interrupts.hold()
        document = journey.conclude()
    return Outcome(document, journey.interrupted or interrupts.held)


class _Interrupts:
    """From `hold` on until the end of the block a Ctrl-C is noted instead of raised: no half-written run."""

    def __init__(self) -> None:
        self.held = False
        self._before: Any = None

    def __enter__(self) -> Self:
        return self

    def hold(self) -> None:
        if threading.current_thread() is threading.main_thread():  # only there may handlers be set
            self._before = signal.signal(signal.SIGINT, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.held = True

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)


class Journey:
    """One scenario's way over a started bench: checked and reset when made, then driven, then concluded."""

    def __init__(self, bench: Bench, scenario: Scenario, out: Path | None) -> None:
        self.interrupted = False
        self._bench = bench
        self._scenario = scenario
        self._out = out
        self._error = ""
        self._wall_s = 0.0
        self._storage = b""
        # Reasons by event; what is still here at the end was never reached.
        self._unapplied = {
            event.name: "the run ended before it" for event in scenario.timeline if event.fault or event.clear
        }
        problems = scenario.problems(bench.link.table.signals)
        if problems:
            # The project's own firmware has the signals it has: the scenario is wrong. Another device may be.
            found = "; ".join(problems)
            if bench.target.name in targets.OWN_FIRMWARE:
                raise InputError(found)
            raise TableDiffers(
                f"target {bench.target.name} has not what the scenario needs: {found}; "
                "add it to the device, or write a scenario for what it has (docs/scenarios.md)"
            )
        initial = scenario.initial
        bench.reset(
            outdoor_c=initial.outdoor_c, rh=initial.rh, water_c=initial.water_c, settings=scenario.settings
        )
        self._recorder = bench.record(out or Path())

    def drive(self, progress: Progress | None = None) -> None:
        """Steps through the scenario; an error or Ctrl-C ends it early."""
        bench, total_s = self._bench, self._scenario.duration_s
        timeline = Timeline(self._scenario.timeline, bench.rig.knob)
        began = perf_counter()
        steps = 0
        try:
            while bench.t_s < total_s:
                knobs, writes = timeline.due(bench.t_s)
                for name, value in knobs:
                    bench.knob(name, value)
                for name, value in writes:
                    bench.write(name, value)
                for event in timeline.faults(bench.t_s):
                    self._break(event)
                bench.step()
                steps += 1
                if progress and steps % PROGRESS_EVERY == 0:
                    progress(bench.t_s, total_s)
            self._storage = bench.storage()
        except (TargetError, PlantError) as error:
            self._error = str(error)
        except KeyboardInterrupt:
            self.interrupted = True
            self._error = f"interrupted at {bench.t_s:g} s of {total_s:g} s"
        self._wall_s = perf_counter() - began

    def _break(self, event: Event) -> None:
        """Repairs and breaks what the event says; what cannot be done blocks the run's verdict."""
        try:
            for target in event.clear:
                self._bench.clear(target)
            if event.fault:
                self._bench.fault(event.fault.target, event.fault.verb, **event.fault.values)
            del self._unapplied[event.name]
        except InputError as error:
            self._unapplied[event.name] = str(error)

    def conclude(self) -> dict[str, Any]:
        """Judges what was recorded, writes the folder and returns the JSON document."""
        bench, hello = self._bench, self._bench.hello
        assert hello is not None, "the bench was started"
        own = bench.target.name in targets.OWN_FIRMWARE
        info = RunInfo(
            scenario=self._scenario,
            target=bench.target.name,
            seed=bench.seed,
            wall_seconds=self._wall_s,
            speed=f"{bench.speed:g}" if bench.speed else "max",
            free_run=bench.free_run,
            link_noise=bench.link_noise,
            heap=bench.heap,
            image=bench.image,
            error=self._error,
            firmware_sha256=resources.firmware_sha256() if own else "",
            firmware_version=hello.firmware,
            device=hello.target,
            retries=bench.counters["retries"],
            counters=bench.counters,
            perturbation=_perturbation(bench),
            profile=dict(bench.profile),
            console=bench.console.encode(),
            storage_before=bench.storage_before,
            storage=self._storage,
            unapplied=self._unapplied,
        )
        if self._out is not None:
            return runfolder.finish(self._out, self._recorder, info)
        return summary.document(self._recorder, info, summary.judge(self._recorder, info), {})


def run_on(bench: Bench, scenario: Scenario | str | Path, out: Path | str | None) -> dict[str, Any]:
    """A scenario on a bench that goes on living; see `Bench.run`."""
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario)
    for what, wanted in (("machine", loaded.machine), ("board", loaded.board)):
        given = getattr(bench, what)
        if given != wanted:
            raise InputError(f"scenario {loaded.name} needs {what} {wanted!r}, this bench has {given!r}")
    if loaded.world != bench.world:
        raise InputError(
            f"scenario {loaded.name} needs a world of its own: give the bench world=scenario.world"
        )
    journey = Journey(bench, loaded, None if out is None else Path(out))
    journey.drive()
    document = journey.conclude()
    if journey.interrupted:
        raise KeyboardInterrupt
    return document


def _perturbation(bench: Bench) -> dict[str, Any]:
    if bench.perturb is None:
        return {}
    return {"draw": bench.perturb} if isinstance(bench.perturb, int) else bench.perturb.to_dict()
