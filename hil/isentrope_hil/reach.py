"""A controller to look at and to set: a live board, or a target of the bench with a simulated machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from isentrope_sim.errors import InputError

from isentrope_hil import attach
from isentrope_hil.attach import Attached
from isentrope_hil.bench import Bench
from isentrope_hil.session import Event

HOMES_S = 60.0  # the longest a valve may take to find its stop; own
SAVES_S = 10.0  # five quiet seconds, then the copies (docs/storage.md)


@dataclass(frozen=True, slots=True)
class Where:
    """What the options of a command say of it; `port` is a live board's, else `target` runs `machine`."""

    port: str | None = None
    target: str | None = None
    machine: str = "ashp-r290-8kw"
    board: str = "pico-full"
    image: str | None = None
    storage: Path | None = None
    speed: float | None = None


class Reached:
    """`board` takes requests; `wait` lets time pass, simulated where the machine is."""

    def __init__(self, board: Attached, bench: Bench | None = None) -> None:
        self.board = board
        self.bench = bench
        self._told = 0

    def news(self) -> list[Event]:
        """What has come into the decision log since the last time; a bench takes it out in every step."""
        if self.bench is None:
            return self.board.log()
        found = [Event(*event) for event in self.bench.events[self._told :]]
        self._told += len(found)
        return found

    def wait(self, seconds: float) -> None:
        if self.bench is None:
            time.sleep(seconds)
        else:
            self.bench.step(max(1, round(seconds / self.bench.scan_s)))


@contextmanager
def reached(where: Where) -> Iterator[Reached]:
    """Opens it; a simulated one starts with the flash in `where.storage`, which is written back at the end.

    Raises:
        InputError: neither port nor target or both, or an option that does not go with it.
        TargetError: it does not answer.
    """
    if (where.port is None) == (where.target is None):
        raise InputError(
            "say where: --port P for a live board, or --target T for one with a simulated machine"
        )
    if where.port is not None:
        if where.storage is not None or where.image is not None:
            raise InputError("--storage and --image go with --target: a live board has its own")
        with attach.port(where.port) as board:
            if board.open().board == "?":
                why = "; ".join(event.text for event in board.log())
                raise InputError(f"{where.port}: the board runs no machine: {why}")
            yield Reached(board)
        return
    flash = where.storage.read_bytes() if where.storage and where.storage.exists() else b""
    with Bench(
        where.machine,
        where.board,
        str(where.target),
        image=where.image,
        storage=flash,
        speed=where.speed,
    ) as bench:
        bench.reset()
        bench.step()
        while bench.t_s < HOMES_S and not bench.read("eev_homed"):
            bench.step()
        assert bench.hello is not None
        yield Reached(Attached.within(bench.link, bench.hello), bench)
        if where.storage is not None:
            bench.step(round(SAVES_S / bench.scan_s))
            where.storage.write_bytes(bench.storage())
