"""The bench's session with one target: its start, what happens on the wire, its last words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from isentrope_sim.errors import InputError
from numpy.random import SeedSequence

from isentrope_hil import matching
from isentrope_hil.errors import TargetDied, TargetError, TargetSilent
from isentrope_hil.halting import Halter
from isentrope_hil.link import Link, SerialLine
from isentrope_hil.noise import ByteNoise
from isentrope_hil.session import Hello
from isentrope_hil.targets.base import Target


class Connection:
    """A link to a target once it is started.

    Args:
        t_s: tells the simulated time, s.
        seed: of what the noise and the halts draw.
        link_noise: probability with which each byte of the link is damaged, both ways.
        halt: the target's process is stopped for 200 ms now and then.

    Attributes:
        hello: the target's answer.
        console: what it printed, once closed.
    """

    def __init__(self, t_s: Callable[[], float], *, seed: int, link_noise: float, halt: bool) -> None:
        self.hello: Hello | None = None
        self.console = ""
        self._seed = seed
        self._noises = self._drawn(0x11, link_noise)
        self._halt = Halter(seed) if halt else None
        self._t_s = t_s
        self._open = False
        self._target: Target | None = None
        self._link: Link | None = None

    @property
    def link(self) -> Link:
        if self._link is None:
            raise RuntimeError("the bench is not started; use it in a with statement")
        return self._link

    @property
    def counters(self) -> dict[str, int]:
        """What happened on the wire, and the halts."""
        counted = {**asdict(self.link.counters), "flips": sum(noise.flips for noise in self._noises if noise)}
        if self._halt:
            counted["halts"] = self._halt.halts
        return counted

    def start(self, target: Target, profile: Mapping[str, Any], line: SerialLine | None) -> None:
        """Starts the target, opens the session and checks that its signals are the profile's.

        `line`: who is at the other end of the meter's line.
        """
        self._target = target
        target.start(profile)
        to_device, from_device = self._noises
        self._link = Link(target, to_device=to_device, from_device=from_device)
        self._link.line = line
        self._open = True
        with self.explained():
            self.hello = self._link.hello()
            self._link.describe(self.hello)
        matching.check(target.name, self.hello, self._link.table, profile)
        if self._halt:
            if target.pid is None:
                raise InputError(f"target {target.name} has no process that could be halted")
            self._halt.start(target.pid)

    def close(self) -> None:
        """Says BYE, ends the target and keeps what it printed in `console`; harmless when repeated."""
        if self._halt:
            self._halt.stop()
        target = self._target
        if target is None:
            return
        if self._open:
            self._open = False
            with contextlib.suppress(TargetError):
                self.link.bye()
            target.obituary()
            self.console = self.link.drain_console() + target.said()
        target.close()

    def damage(self, share: float | None) -> None:
        """Damages this share of the bytes from now on; None: as it was made."""
        self.link.noise(*(self._noises if share is None else self._drawn(0x12, share)))

    def _drawn(self, stream: int, share: float) -> list[ByteNoise | None]:
        seeds = SeedSequence([self._seed, stream]).generate_state(2)
        return [ByteNoise(share, int(seed)) if share else None for seed in seeds]

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Adds the time, the exit code and the last console lines to the end of a target."""
        try:
            yield
        except (TargetDied, TargetSilent) as error:
            target = self._target
            assert target is not None, "the link is its"
            ended = target.obituary()
            console = self.link.drain_console() + target.said()
            lines = [line.strip() for line in console.splitlines()]
            said = [line for line in lines if line and not line.startswith(("Traceback (", 'File "'))]
            parts = [f"at {self._t_s():g} s: {error}"]
            if ended:
                parts.append(ended)
            if said:
                parts.append(f"its last words: {' | '.join(said[-3:])}")
            if advice := target.advice(console):
                parts.append(advice)
            raise type(error)("; ".join(parts)) from None
