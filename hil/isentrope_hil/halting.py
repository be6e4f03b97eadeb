"""Stops the target's process at random, which must not change a run (bench.md: halting the target)."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

from numpy.random import PCG64, Generator

HALT_S = 0.2
MEAN_GAP_S = 0.15  # own choice: several halts in the second or two that a short run takes


class Halter:
    """A thread that halts a process group for 200 ms, at exponentially distributed intervals."""

    def __init__(self, seed: int) -> None:
        self.halts = 0
        self._rng = Generator(PCG64(seed))
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pid: int) -> None:
        """Begins with the group that `pid` leads."""
        self._thread = threading.Thread(target=self._work, args=(pid,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends; the process runs on."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            while not self._done.wait(float(self._rng.exponential(MEAN_GAP_S))):
                os.killpg(pid, signal.SIGSTOP)
                self._done.wait(HALT_S)
                os.killpg(pid, signal.SIGCONT)
                self.halts += 1
