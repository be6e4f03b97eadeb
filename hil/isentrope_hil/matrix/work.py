"""Cells, spread over processes and kept in a store, so that an interrupted matrix goes on."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from isentrope_sim.errors import PlantError
from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.rig import Rig
from isentrope_sim.world.settings import WorldSettings

from isentrope_hil import profile as profiles
from isentrope_hil.compare.store import Store, code_hash
from isentrope_hil.errors import TargetError
from isentrope_hil.matrix import declared, trial
from isentrope_hil.matrix.cells import Cell
from isentrope_hil.matrix.stand import InProcess, OnBench
from isentrope_hil.matrix.trial import ABSENT, BLOCKED, NotThere, Result
from isentrope_hil.targets.firmware import Imports

Said = Callable[[str, int, int], None]
HEATING = "heating"  # what every machine does
OWN = ("declared.py", "declared.toml", "cells.py", "stand.py", "judge.py", "trial.py")


class Crew:
    """A machine on a board and target, with the state in which each mode begins."""

    def __init__(
        self, machine: str, board: str, target: str, seed: int, firmware: Path | None = None
    ) -> None:
        self.machine: Machine = load_machine(machine)
        self.profile = profiles.build(board, self.machine)
        profiles.runnable(self.profile)
        self._names = (machine, board, target)
        self._seed = seed
        self._firmware = firmware
        self._imports: Imports | None = None
        self._stands: dict[str, InProcess] = {}
        self._saved: dict[str, Any] = {}

    @property
    def _has(self) -> tuple[str, ...]:
        return (HEATING, *self.profile.get("modes", ()))

    def run(self, cell: Cell) -> Result:
        """Blocked where the mode is not there, failed where the firmware stops on the way to it."""
        if cell.absent:
            return Result(cell.name, ABSENT, cell.absent)
        try:
            return self._in_process(cell) if self._names[2] == "cpython" else self._on_bench(cell)
        except NotThere as error:
            return Result(cell.name, BLOCKED, str(error))
        except PlantError as error:
            return Result(cell.name, BLOCKED, f"the plant cannot go on: {error}")

    def _in_process(self, cell: Cell) -> Result:
        mode = cell.mode
        if self._imports is None:
            self._imports = Imports(self._firmware)
            self._imports.open()
        if mode not in self._stands:
            self._stands[mode] = InProcess(
                self._imports, self.machine, self.profile, seed=self._seed, world=self._world(mode)
            )
        stand = self._stands[mode]
        if mode not in self._saved:
            self._saved[mode] = self._begin(stand, mode)
        saved = self._saved[mode]
        if isinstance(saved, Exception):
            raise saved
        stand.load(saved)
        return trial.run(stand, self.machine, declared.read(), cell)

    def _world(self, mode: str) -> WorldSettings:
        return declared.read().modes[mode].world("hot_water" in self._has)

    def _begin(self, stand: InProcess, mode: str) -> Any:
        try:
            trial.begin(stand, declared.read().modes[mode], self._has)
        except (NotThere, PlantError) as error:
            return error
        except Exception as error:  # a firmware with a defect
            return NotThere(f"the firmware stops on the way to {mode}: {type(error).__name__}: {error}")
        return stand.save()

    def _on_bench(self, cell: Cell) -> Result:
        mode = declared.read().modes[cell.mode]
        try:
            with OnBench(
                *self._names, seed=self._seed, firmware=self._firmware, world=self._world(cell.mode)
            ) as stand:
                trial.begin(stand, mode, self._has)
                return trial.run(stand, self.machine, declared.read(), cell)
        except TargetError as error:
            return Result(cell.name, trial.FAIL, str(error))

    def close(self) -> None:
        """Forgets the firmware's modules; harmless when repeated."""
        if self._imports is not None:
            self._imports.close()
            self._imports = None


_crew: Crew | None = None  # a worker process's


def _start(machine: str, board: str, target: str, seed: int) -> None:
    global _crew
    _crew = Crew(machine, board, target, seed)


def _perform(cell: Cell) -> dict[str, Any]:
    assert _crew is not None, "a worker has begun"
    return _crew.run(cell).to_dict()


def store(folder: Path) -> Store:
    """Results that follow from this very code."""
    here = Path(__file__).parent
    return Store(folder, code_hash([here / name for name in OWN] + [here.parent / "outage.py"]))


def run(
    cells: Sequence[Cell],
    machine: str,
    board: str,
    target: str,
    seed: int,
    kept: Store | None,
    jobs: int,
    said: Said,
) -> list[dict[str, Any]]:
    """Every cell's result as a dict, in order; `kept`: what has been run is not run again."""
    found: dict[int, dict[str, Any]] = {}

    def key(cell: Cell) -> dict[str, Any]:
        return {"cell": cell.name, "machine": machine, "board": board, "target": target, "seed": seed}

    def keep(place: int, result: dict[str, Any]) -> None:
        found[place] = result
        if kept is not None and not cells[place].absent:
            kept.put(key(cells[place]), result)
        said(cells[place].name, len(found), len(cells))

    waiting = []
    for place, cell in enumerate(cells):
        known = kept.get(key(cell)) if kept is not None else None
        if cell.absent:
            found[place] = Result(cell.name, ABSENT, cell.absent).to_dict()
        elif known is not None:
            found[place] = known
        else:
            waiting.append(place)
    if waiting:
        said("compiling the plant", len(found), len(cells))
        compile_once(machine, board)
    if jobs == 1:
        crew = Crew(machine, board, target, seed)
        try:
            for place in waiting:
                keep(place, crew.run(cells[place]).to_dict())
        finally:
            crew.close()
    elif waiting:
        _spread(cells, waiting, (machine, board, target, seed), jobs, keep)
    return [found[place] for place in range(len(cells))]


def _spread(
    cells: Sequence[Cell],
    waiting: Sequence[int],
    crew: tuple[str, str, str, int],
    jobs: int,
    keep: Callable[[int, dict[str, Any]], None],
) -> None:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=crew)
    pending: dict[Future[dict[str, Any]], int] = {}
    queue = iter(waiting)
    try:
        while True:
            while len(pending) < 2 * jobs and (place := next(queue, None)) is not None:
                pending[pool.submit(_perform, cells[place])] = place
            if not pending:
                return
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                keep(pending.pop(future), future.result())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def compile_once(machine: str, board: str) -> None:
    """What numba compiles on first use, before workers would each do it."""
    loaded = load_machine(machine)
    io = profiles.build(board, loaded)["io"]
    world = WorldSettings(building={}, hot_water={}).build()
    rig = Rig(loaded, io, seed=1, world=world)
    rig.step([0] * sum(row["dir"] == "out" for row in io), 0.5)
