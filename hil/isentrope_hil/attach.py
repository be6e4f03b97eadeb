"""A look at a live board: an ATTACH session (docs/link.md), which seizes nothing.

with attach.port("/dev/ttyACM0") as board:
    print(board.points()["superheat_k"])
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from isentrope_sim.errors import InputError

from isentrope_hil import frames, signals
from isentrope_hil.errors import ProtocolError, TargetError, unknown
from isentrope_hil.session import Event, Hello, Session, Stream, read_entry
from isentrope_hil.signals import LEVELS, Signal, Table
from isentrope_hil.targets.serialport import SerialTarget

RESULTS = {
    1: "unknown to the board",
    2: "read-only",
    3: "out of range",
    4: "not now: the machine is not off",
    5: "locked: it needs a higher level",
    6: "contradicts another setting",
}
ACCESS_LEVEL = "access_level"  # the point that unlocks
LOG_PAGE = 8


LOCKED, CONTRADICTS = 5, 6


class Declined(InputError):
    """The board's answer to a write or a jog; `result` is its number (docs/link.md)."""

    def __init__(self, text: str, result: int) -> None:
        super().__init__(text)
        self.result = result


@contextlib.contextmanager
def port(path: str) -> Iterator[Attached]:
    """A session with the board on a serial port.

    Raises:
        TargetMissing: no such port, or it is busy.
    """
    line = SerialTarget(path)
    line.start({})
    with contextlib.closing(line), Attached(line) as board:
        yield board


@dataclass(frozen=True, slots=True)
class Poll:
    """Raw values by name as of the scan at control time `t_ms`, with the status of docs/link.md."""

    t_ms: int
    scan_us: int
    heap_free: int
    collections: int
    log_pending: int
    ins: dict[str, int]
    outs: dict[str, int]
    points: dict[str, int]


class Attached:
    """A session over `stream`, opened by `open()` or as a context manager.

    Raises:
        Refused: the board does not do that now; the message says why.
        InputError: an unknown name, a value out of range; Declined, the board's answer to a write or jog.
        TargetError: no answer, or none that makes sense.
    """

    def __init__(self, stream: Stream) -> None:
        self.hello: Hello | None = None  # who is there, once open
        self.session = Session(stream)
        self._table: Table | None = None

    @classmethod
    def within(cls, session: Session, hello: Hello) -> Self:
        """Looks from within a session that is open already and described, a bench's: it has the same requests
        (docs/link.md). Whoever opened it ends it."""
        made = cls.__new__(cls)
        made.hello = hello
        made.session = session
        made._table = session.table
        return made

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> Hello:
        """Opens the session: firmware version, target, board and machine ("?" without a good profile)."""
        self.hello = self.session.open(frames.ATTACH)
        return self.hello

    @property
    def table(self) -> Table:
        """The board's signals, asked for once."""
        if self._table is None:
            if self.hello is None:
                raise RuntimeError("not attached; call open() or use a with statement")
            self._table = self.session.describe(self.hello)
        return self._table

    def poll(self) -> Poll:
        """The machine as of its last scan, in raw values."""
        table = self.table
        layout = signals.layout((*table.ins, *table.outs, *table.points), "IIHH")
        body = self.session.request(frames.POLL)
        if len(body) != frames.HEAD.size + layout.size:
            raise ProtocolError(
                f"a POLL reply has {len(body) - frames.HEAD.size} bytes of payload, the signal table makes "
                f"it {layout.size}"
            )
        t_ms = int.from_bytes(body[5:9], "little")
        scan_us, heap_free, collections, log_pending, *values = layout.unpack_from(body, frames.HEAD.size)
        rest = iter(values)
        ins, outs, points = (
            {signal.name: next(rest) for signal in part} for part in (table.ins, table.outs, table.points)
        )
        return Poll(t_ms, scan_us, heap_free, collections, log_pending, ins, outs, points)

    def points(self) -> dict[str, float]:
        """Every point in its unit; NaN where its sensor has failed."""
        raw = self.poll().points
        return {point.name: point.physical(raw[point.name]) for point in self.table.points}

    def settings(self) -> dict[str, float]:
        """Every setting in its unit."""
        by_id = {setting.id: setting for setting in self.table.settings}
        found: dict[str, float] = {}
        while len(found) < len(by_id):
            body = self.session.request(frames.SETTINGS, struct.pack("<H", len(found)))
            try:
                first, count = struct.unpack_from("<HB", body, frames.HEAD.size)
                rows = list(struct.iter_unpack("<Hi", body[frames.HEAD.size + 3 :]))
                if first != len(found) or count == 0 or count != len(rows):
                    raise ValueError(f"asked for setting {len(found)}, got {count} from {first}")
                found.update((by_id[ident].name, by_id[ident].physical(raw)) for ident, raw in rows)
            except (struct.error, KeyError, ValueError) as error:
                raise ProtocolError(f"the target's SETTINGS reply is malformed: {error}") from None
        return found

    def log(self) -> list[Event]:
        """Everything in the decision log, taken out of it, oldest first."""
        found: list[Event] = []
        while page := self.session.log(LOG_PAGE):
            found += page
        return found

    def events(self) -> list[Event]:
        """The event log, which outlives power cuts, oldest first."""
        found: list[Event] = []
        back, size = 0, 1
        while back < size:
            body = self.session.request(frames.EVENTS, struct.pack("<H", back))
            try:
                following, size, count = struct.unpack_from("<HHB", body, frames.HEAD.size)
                if following <= back:
                    raise ValueError(f"asked for record {back}, it goes on with {following} of {size}")
                at = frames.HEAD.size + 5
                for _ in range(count):
                    event, at = read_entry(body, at)
                    found.append(event)
            except (struct.error, IndexError, ValueError) as error:
                raise ProtocolError(f"the target's EVENTS reply is malformed: {error}") from None
            back = following
        return found[::-1]

    def write(self, name: str, value: float) -> None:
        """Writes a point or setting, in its unit, as a bus would."""
        signal = self._find(name, {**self.table.of("setting"), **self.table.of("point")}, "point or setting")
        self._told(signal, self.session.write(signal.id, signal.raw(value)))

    def unlock(self, level: str) -> None:
        """Lets this session change settings of a level ("installer", "maker"), and those under it."""
        self.write(ACCESS_LEVEL, LEVELS.index(level))

    def jog(self, name: str, raw: int) -> None:
        """Drives an output to a raw value for two seconds; `eev_count`: so many steps from where it stood."""
        signal = self._find(name, self.table.of("out"), "output")
        body = self.session.request(frames.JOG, struct.pack("<Hi", signal.id, raw))
        if len(body) != frames.HEAD.size + 1:
            raise ProtocolError("a JOG reply is not one byte")
        self._told(signal, body[frames.HEAD.size])

    def maintenance(self) -> None:
        """Resets the board into maintenance: outputs off, no firmware, no watchdog, its console alive.

        That ends the session.
        """
        self.session.request(frames.MAINT)
        self.hello = None

    def close(self) -> None:
        """Ends the session; harmless when the board has gone."""
        if self.hello is not None:
            self.hello = None
            with contextlib.suppress(TargetError):
                self.session.bye()

    @staticmethod
    def _find(name: str, known: Mapping[str, Signal], what: str) -> Signal:
        if name not in known:
            raise unknown(what, name, known)
        return known[name]

    @staticmethod
    def _told(signal: Signal, result: int) -> None:
        if result:
            said = RESULTS.get(result, f"result {result}")
            if result == LOCKED:
                said = f"locked: it needs the level of {LEVELS[signal.level]}"
            raise Declined(f"{signal.kind} {signal.name!r}: {said}", result)
