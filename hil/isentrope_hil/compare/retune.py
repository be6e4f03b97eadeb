"""Every law's study on every machine, in turns, so that all processes have work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from isentrope_hil.compare.duties import TUNED_ON, TUNING
from isentrope_hil.compare.laws import law
from isentrope_hil.compare.store import Store
from isentrope_hil.compare.trial import LIQUID_K
from isentrope_hil.compare.tuned import Tuned
from isentrope_hil.compare.tuning import Study
from isentrope_hil.compare.work import Run, Said, Workers


class _Search:
    """A study with its history; one trial at a time, whose runs go to the workers together."""

    def __init__(self, store: Store, machine: str, name: str) -> None:
        self._store = store
        self.machine, self.name = machine, name
        self._key: dict[str, Any] = {"study": f"{machine}/{name}"}
        self.history: list[tuple[dict[str, float], float]] = [
            (values, cost) for values, cost in store.get(self._key) or []
        ]
        self._study = Study(law(name), machine, list(self.history))
        self._values: dict[str, float] = {}
        self._rows: list[dict[str, Any]] = []
        self._left = 0

    def begin(self) -> list[Run]:
        """The runs of the next trial."""
        self._values = self._study.ask()
        self._rows = []
        runs = [
            Run(self.machine, self.name, self._values, duty.name, draw)
            for duty in TUNING
            for draw in TUNED_ON
        ]
        self._left = len(runs)
        return runs

    def end(self, rows: list[dict[str, Any]]) -> bool:
        """Take a run's scores; True when the trial is complete."""
        self._rows += rows
        self._left -= 1
        if self._left:
            return False
        cost = cost_of(self._rows) / len(TUNED_ON)
        self._study.tell(cost)
        self.history.append((self._values, cost))
        self._store.put(self._key, [[values, each] for values, each in self.history])
        return True

    def result(self) -> Tuned:
        values, cost = min(self.history, key=lambda trial: trial[1])
        return Tuned(law(self.name).values(values), cost, self.history[0][1], len(self.history))


def cost_of(rows: Sequence[Mapping[str, Any]]) -> float:
    """`trial.Score.cost` of scores as dicts."""
    return float(sum(row["error_k_s"] + LIQUID_K * row["liquid_s"] for row in rows))


def retune(
    machines: Sequence[str], names: Sequence[str], trials: int, store: Store, crew: Workers, said: Said
) -> dict[tuple[str, str], Tuned]:
    """The best of `trials` trials for each of the laws on each machine.

    Raises InputError where Optuna is missing.
    """
    searches = [_Search(store, machine, name) for machine in machines for name in names]
    total = trials * len(searches)
    waiting = [search for search in searches if len(search.history) < trials]
    pending: dict[Future[list[dict[str, Any]]], tuple[_Search, Run]] = {}
    # Few at a time: a study's next trial builds on its last, and a worker keeps the machines it has started.
    busy = 0
    while waiting or pending:
        while waiting and busy < 2 * crew.jobs:
            search = waiting.pop(0)
            busy += 1
            for run in search.begin():
                pending[crew.submit(run)] = (search, run)
        for future in wait(pending, return_when=FIRST_COMPLETED).done:
            search, run = pending.pop(future)
            rows = future.result()
            crew.keep(run, rows)
            if search.end(rows):
                busy -= 1
                if len(search.history) < trials:
                    waiting.insert(0, search)
                done = sum(min(len(each.history), trials) for each in searches)
                said(f"tuning {search.name} on {search.machine}", done, total)
    return {(search.machine, search.name): search.result() for search in searches}
