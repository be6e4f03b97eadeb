"""Retuning: the same optimiser and budget for every law, the makers' defaults as its first trial.

Optuna's TPE sampler (J. Bergstra and others, NeurIPS 2011; Bayesian, for some tens of costly trials). A study
is one law on one machine; what it minimises is `trial.Score.cost` summed over the windows of
`duties.TUNING`, on the seeds `duties.TUNED_ON`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from math import floor, log10
from typing import Any
from zlib import crc32

from isentrope_sim.errors import InputError

from isentrope_hil.compare.law import Spec

TRIALS = 60
AT_RANDOM = 15  # own: a quarter of the budget before the sampler begins to lean on what it has seen
DIGITS = 4  # significant; what is tried is what the file of results says


class Study:
    """A law's search on one machine: `ask` for parameters, `tell` what they cost."""

    def __init__(self, law: Spec, machine: str, done: list[tuple[Mapping[str, float], float]]) -> None:
        """`done`: trials of an earlier, interrupted search. Raises InputError where Optuna is missing."""
        try:
            import optuna
        except ImportError:
            raise InputError("retuning needs optuna: pip install isentrope[compare]") from None
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.law = law
        self.machine = machine
        self._space = {p.name: _distribution(optuna, p) for p in law.parameters}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that `multivariate` may change in a later version
            sampler = optuna.samplers.TPESampler(
                seed=crc32(f"{machine}/{law.name}/{len(done)}".encode()),
                n_startup_trials=AT_RANDOM,
                multivariate=True,
            )
        self._study: Any = optuna.create_study(sampler=sampler)
        self._trial: Any = None
        for values, cost in done:
            params = {name: int(v) if self._whole(name) else v for name, v in values.items()}
            self._study.add_trial(
                optuna.trial.create_trial(params=params, distributions=self._space, value=cost)
            )
        if not done:
            first = {p.name: int(p.default) if p.whole else p.default for p in law.parameters}
            self._study.enqueue_trial(first)

    def ask(self) -> dict[str, float]:
        """What to try next."""
        self._trial = self._study.ask(self._space)
        return {name: rounded(float(value)) for name, value in self._trial.params.items()}

    def tell(self, cost: float) -> None:
        """What that cost."""
        self._study.tell(self._trial, cost)

    def _whole(self, name: str) -> bool:
        return any(p.whole for p in self.law.parameters if p.name == name)


def rounded(value: float) -> float:
    """To DIGITS significant digits."""
    return value if value == 0.0 else round(value, DIGITS - 1 - floor(log10(abs(value))))


def _distribution(optuna: Any, p: Any) -> Any:
    if p.whole:
        return optuna.distributions.IntDistribution(int(p.low), int(p.high))
    return optuna.distributions.FloatDistribution(p.low, p.high, log=p.log)
