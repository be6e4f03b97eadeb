"""A session on the link (docs/link.md): one request in flight, each executed exactly once."""

from __future__ import annotations

import contextlib
import statistics
import struct
from dataclasses import dataclass
from random import SystemRandom
from time import perf_counter
from typing import Protocol

from isentrope_hil import frames, signals
from isentrope_hil.errors import ProtocolError, Refused, TargetDied, TargetFault, TargetSilent
from isentrope_hil.noise import ByteNoise

MIN_TIMEOUT_S = 0.002
MAX_TIMEOUT_S = 0.25
HELLO_EVERY_S = 0.05  # at first, then twice as long each time: a board that starts must not be swamped
HELLO_LATEST_S = 1.0
SILENT_S = 10.0
# A target may babble without ever answering (another baud rate, a wrong CRC). With 1 % of bytes flipped the
# longest legal frame gets through once in 3e4 tries; usual ones take milliseconds.
BABBLE_S = 60.0
RTT_WINDOW = 64
LOG_ENTRY = struct.Struct("<IHiB")
CONSOLE_KEEP = 1 << 20


class Stream(Protocol):
    """The bytes to and from a target. `read` gives b"" on time-out; both raise TargetDied when it is gone."""

    def read(self, timeout_s: float) -> bytes: ...

    def write(self, data: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Hello:
    """What a target says of itself."""

    table_crc: int
    entries: int
    scan_ms: int
    firmware: str
    target: str
    board: str
    machine: str


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the device's log; `t_ms` is control time (wraps at 2^30)."""

    t_ms: int
    code: int
    value: int
    text: str


@dataclass(slots=True)
class Counters:
    """What happened on the wire. None of it enters a trace."""

    steps: int = 0
    requests: int = 0
    retries: int = 0
    timeouts: int = 0
    naks: int = 0
    bad_frames: int = 0
    stale: int = 0


class Session:
    """A session with one device over `stream`, opened by `open()`.

    `table` is what `describe()` was told, `rtt_us` the time from sending the last request to its answer,
    retries included.
    """

    def __init__(
        self, stream: Stream, *, to_device: ByteNoise | None = None, from_device: ByteNoise | None = None
    ) -> None:
        self.counters = Counters()
        self.table = signals.Table(())
        self.session = -1
        self.rtt_us = 0.0
        self._stream = stream
        self.noise(to_device, from_device)
        self._splitter = frames.Splitter()
        self._console: list[str] = []
        self._console_size = 0
        self._seq = 0
        self._kind = 0
        self._unanswered = b""
        self._rtts: list[float] = []
        self._median_s = 0.0

    def noise(self, to_device: ByteNoise | None, from_device: ByteNoise | None) -> None:
        """From now on the line damages bytes so."""
        self._to_device = to_device
        self._from_device = from_device

    def open(self, kind: int) -> Hello:
        """A fresh session by HELLO or ATTACH; repeats until the device answers."""
        self.session, frame = frames.opening(kind, SystemRandom().randrange(0x10000))
        self._seq = frames.HELLO_SEQ
        body = self._exchange(kind, frame, every_s=HELLO_EVERY_S)
        self._seq = 0
        try:
            version, crc, entries, scan_ms = struct.unpack_from("<BIHH", body, frames.HEAD.size)
            texts, at = [], frames.HEAD.size + 9
            for _ in range(4):
                text, at = _text(body, at)
                texts.append(text)
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise ProtocolError(f"the target's {frames.NAMES[kind]} reply is malformed: {error}") from None
        if version != frames.VERSION:
            raise ProtocolError(f"the target speaks link version {version:#x}, this host {frames.VERSION:#x}")
        return Hello(crc, entries, scan_ms, *texts)

    def describe(self, hello: Hello) -> signals.Table:
        """Pages through the signal table, checks it against HELLO's CRC and keeps it as `table`."""
        entries: list[signals.Signal] = []
        while len(entries) < hello.entries:
            body = self.request(frames.DESCRIBE, struct.pack("<H", len(entries)))
            try:
                first, count = struct.unpack_from("<HB", body, frames.HEAD.size)
                if first != len(entries) or count == 0:
                    raise ValueError(f"asked for entry {len(entries)}, got {count} from {first}")
                at = frames.HEAD.size + 3
                for _ in range(count):
                    entry, at = signals.unpack(body, at)
                    entries.append(entry)
            except (struct.error, IndexError, ValueError) as error:
                raise ProtocolError(f"the target's DESCRIBE reply is malformed: {error}") from None
        try:
            table = signals.Table(entries)
        except ValueError as error:
            raise ProtocolError(f"the target's signal table is malformed: {error}") from None
        if table.crc != hello.table_crc or len(entries) != hello.entries:
            raise ProtocolError(
                f"the target's signal table has CRC {table.crc:08x} and {len(entries)} entries, "
                f"its HELLO says {hello.table_crc:08x} and {hello.entries}"
            )
        self.table = table
        return table

    def write(self, ident: int, raw: int, t_ms: int = 0) -> int:
        """Writes a point or setting; the device's result code (0 done, see docs/link.md)."""
        body = self.request(frames.WRITE, struct.pack("<Hi", ident, raw), t_ms)
        if len(body) != frames.HEAD.size + 1:
            raise ProtocolError("a WRITE reply is not one byte")
        return body[frames.HEAD.size]

    def log(self, most: int = 16, t_ms: int = 0) -> list[Event]:
        """Pulls up to `most` (1 to 255) entries of the device's log."""
        body = self.request(frames.LOG, bytes((most,)), t_ms)
        events = []
        try:
            at = frames.HEAD.size + 1
            for _ in range(body[frames.HEAD.size]):
                event, at = read_entry(body, at)
                events.append(event)
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise ProtocolError(f"the target's LOG reply is malformed: {error}") from None
        return events

    def bye(self, patience_s: float = 1.0) -> None:
        """Ends the session, after finishing a request that an interrupt left open."""
        with contextlib.suppress(TargetDied):  # it may go before its last reply has arrived whole
            if self._unanswered:
                self._exchange(self._kind, self._unanswered, patience_s=patience_s)
                self._seq = (self._seq + 1) & 0xFFFF
            self.request(frames.BYE, patience_s=patience_s)

    def request(
        self, kind: int, payload: bytes = b"", t_ms: int = 0, *, patience_s: float = SILENT_S
    ) -> bytearray:
        """Sends one request and returns the body of its reply."""
        frame = frames.encode(kind, self.session, self._seq, t_ms, payload)
        body = self._exchange(kind, frame, patience_s=patience_s)
        self._seq = (self._seq + 1) & 0xFFFF
        return body

    def _exchange(
        self, kind: int, frame: bytes, *, every_s: float = 0.0, patience_s: float = SILENT_S
    ) -> bytearray:
        """Sends `frame` until its reply comes; `every_s` replaces the adaptive time-out at first."""
        self._kind, self._unanswered = kind, frame
        self.counters.requests += 1
        expected = (kind | frames.REPLY, self.session, self._seq)
        patience = timeout = every_s or max(MIN_TIMEOUT_S, 4.0 * self._median_s)
        started = heard = perf_counter()
        tries = 1
        clean = not every_s
        self._send(frame)
        while True:
            body, damaged, alive = self._receive(timeout, expected)
            now = perf_counter()
            if body is not None:
                self.rtt_us = (now - started) * 1e6
                if clean:
                    self._learn(now - started)
                self._unanswered = b""
                return body
            if alive:
                heard = now
            if now - heard > patience_s or now - started > BABBLE_S:
                raise self._given_up(kind, now - started, tries, alive=now - heard <= patience_s)
            if damaged is None:  # time-out
                self.counters.timeouts += 1
                timeout = min(2.0 * timeout, HELLO_LATEST_S if every_s else MAX_TIMEOUT_S)
            else:
                timeout = patience
                clean = False
                if not damaged:
                    continue
            tries += 1
            self.counters.retries += 1
            self._send(frame)

    def _given_up(self, kind: int, waited_s: float, tries: int, *, alive: bool) -> TargetSilent:
        name = frames.NAMES[kind]
        if alive:
            return TargetSilent(
                f"the target answers, but not {name}: {tries} tries in {waited_s:.0f} s, "
                f"{self.counters.bad_frames} damaged frames (same speed and protocol on both sides?)"
            )
        return TargetSilent(f"no answer to {name} for {waited_s:.0f} s ({tries} tries)")

    def _send(self, frame: bytes) -> None:
        self._stream.write(self._to_device.apply(frame) if self._to_device else frame)

    def _receive(
        self, timeout: float, expected: tuple[int, int, int]
    ) -> tuple[bytearray | None, bool | None, bool]:
        """(reply or None, whether to resend at once or None on time-out, whether a good frame came)."""
        data = self._stream.read(timeout)
        if not data:
            return None, None, False
        if self._from_device:
            data = self._from_device.apply(data)
        reply = None
        damaged = alive = False
        for piece in self._splitter.feed(data):
            body = frames.decode(piece)
            if body is None:
                damaged |= self._undecodable(piece)
                continue
            alive = True
            kind, session, seq, _ = frames.HEAD.unpack_from(body)
            if (kind, session, seq) == expected:
                reply = body
            elif kind == frames.NAK:
                damaged |= self._nak(body)
            elif kind == frames.FAULT:
                self._fault(body[frames.HEAD.size :].decode(errors="replace"))
            else:
                self.counters.stale += 1
        return reply, damaged, alive

    def _fault(self, text: str) -> None:
        self._keep(text)
        if self._kind not in frames.OPENINGS:  # else it tells of the time before this session
            raise TargetFault(text)

    def _nak(self, body: bytearray) -> bool:
        """True if the request should be sent again; raises where the device refuses it."""
        reason = body[frames.HEAD.size] if len(body) > frames.HEAD.size else 0
        self.counters.naks += 1
        if reason == frames.NAK_DAMAGED:
            return True
        if self._kind in frames.OPENINGS and reason not in frames.NAK_OPENING:
            return False  # an answer to what the last session left in the pipe
        self._unanswered = b""
        raise Refused(
            f"the target refused {frames.NAMES[self._kind]}: {frames.NAK_TEXT.get(reason, reason)}", reason
        )

    def _undecodable(self, piece: bytes) -> bool:
        """Keeps console text; True for a damaged frame."""
        text = frames.console_text(piece)
        if text is None:
            self.counters.bad_frames += 1
            return True
        self._keep(text)
        return False

    def _keep(self, text: str) -> None:
        if self._console_size < CONSOLE_KEEP:
            self._console_size += len(text)
            self._console.append(text)

    def drain_console(self) -> str:
        """What the target printed; also reads what still waits, so call it last."""
        try:
            while data := self._stream.read(0.0):
                for piece in self._splitter.feed(data):
                    if frames.decode(piece) is None:
                        self._undecodable(piece)
        except (OSError, RuntimeError):
            pass  # gone: what came before is what there is
        rest = frames.console_text(self._splitter.rest)
        return "".join(self._console) + (rest or "")

    def _learn(self, rtt_s: float) -> None:
        """Keeps the median round trip of the last window of requests.

        Those that timed out count from their first sending, or a slow target would never be learned.
        """
        self._rtts.append(rtt_s)
        if len(self._rtts) == RTT_WINDOW or not self._median_s:
            self._median_s = statistics.median(self._rtts)
            self._rtts.clear()


def read_entry(body: bytearray, at: int) -> tuple[Event, int]:
    """(log entry at `at`, offset after it); struct.error, IndexError or UnicodeDecodeError if malformed."""
    stamp, code, value, _ = LOG_ENTRY.unpack_from(body, at)
    text, at = _text(body, at + LOG_ENTRY.size - 1)
    return Event(stamp, code, value, text), at


def _text(body: bytearray, at: int) -> tuple[str, int]:
    end = at + 1 + body[at]
    if end > len(body):
        raise IndexError("a text runs past the end")
    return body[at + 1 : end].decode(), end
