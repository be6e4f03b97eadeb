"""Runs, spread over processes and kept in a store.

A worker keeps the machines it has started, so it serves a law's next trial within seconds.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from isentrope_hil.compare.duties import DUTIES, Draw, Duty
from isentrope_hil.compare.laws import law
from isentrope_hil.compare.store import Store
from isentrope_hil.compare.trial import Plants, plants
from isentrope_hil.targets.firmware import Imports

Said = Callable[[str, int, int], None]

_plants: Plants | None = None  # a worker process's


@dataclass(frozen=True)
class Run:
    """One law with its parameters on one machine, duty and draw."""

    machine: str
    law: str
    values: Mapping[str, float]
    duty: str
    draw: Draw

    @property
    def key(self) -> dict[str, Any]:
        return {
            "machine": self.machine,
            "law": self.law,
            "values": dict(self.values),
            "duty": self.duty,
            "seed": self.draw.seed,
            "unit": self.draw.unit,
        }


def duty(name: str) -> Duty:
    """The duty of a name that `DUTIES` has."""
    return next(each for each in DUTIES if each.name == name)


def perform(run: Run, machines: Plants | None = None) -> list[dict[str, Any]]:
    """The scores of a run, on these machines or on the worker process's."""
    there = machines or _plants
    assert there is not None, "a worker has begun"
    rows = there.run(run.machine, duty(run.duty), run.draw, law(run.law), run.values)
    return [row.to_dict() for row in rows]


def _begin() -> None:
    """In a worker process: its firmware stays imported until the process ends."""
    global _plants
    imports = Imports()
    imports.open()
    _plants = Plants(imports)


def compile_once(machine: str) -> None:
    """What numba compiles on first use, before workers would each do it."""
    from isentrope_sim.machine import load_machine
    from isentrope_sim.rig import Rig

    from isentrope_hil import profile
    from isentrope_hil.compare.duties import BOARD

    loaded = load_machine(machine)
    io = profile.build(BOARD, loaded)["io"]
    rig = Rig(loaded, io, seed=1, carry_over=True)
    rig.step([0] * sum(row["dir"] == "out" for row in io), 0.5)


class Workers:
    """`jobs` processes; 1: this one. Use `workers()`."""

    def __init__(self, store: Store, jobs: int, where: ProcessPoolExecutor | Plants) -> None:
        self._store = store
        self._where = where
        self.jobs = jobs

    def submit(self, run: Run) -> Future[list[dict[str, Any]]]:
        """A run whose result may be there already; `keep` it when it is done."""
        found = self._store.get(run.key)
        if found is None and isinstance(self._where, ProcessPoolExecutor):
            return self._where.submit(perform, run)
        future: Future[list[dict[str, Any]]] = Future()
        if found is None:
            assert isinstance(self._where, Plants)
            found = perform(run, self._where)
        future.set_result(found)
        return future

    def keep(self, run: Run, rows: list[dict[str, Any]]) -> None:
        if self._store.get(run.key) is None:
            self._store.put(run.key, rows)

    def all(self, runs: Sequence[Run], said: Said) -> dict[int, list[dict[str, Any]]]:
        """Every run's scores, by its place in `runs`."""
        found: dict[int, list[dict[str, Any]]] = {}
        pending: dict[Future[list[dict[str, Any]]], int] = {}
        queue = iter(enumerate(runs))
        done = False
        while not done or pending:
            while not done and len(pending) < 2 * self.jobs:
                place, run = next(queue, (-1, None))
                if run is None:
                    done = True
                    break
                pending[self.submit(run)] = place
            for future in wait(pending, return_when=FIRST_COMPLETED).done if pending else ():
                place = pending.pop(future)
                found[place] = future.result()
                self.keep(runs[place], found[place])
                run = runs[place]
                said(f"{run.machine}: {run.law}, {run.duty}", len(found), len(runs))
        return found


@contextmanager
def workers(store: Store, jobs: int) -> Iterator[Workers]:
    """The processes live as long as the block."""
    if jobs == 1:
        with plants() as machines:
            yield Workers(store, 1, machines)
        return
    # A fresh interpreter each: a fork would share the progress bar's threads and this process's imports.
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield Workers(store, jobs, pool)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
