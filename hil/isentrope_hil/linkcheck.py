"""`isentrope link-check`: does a device follow docs/link.md? Tries every rule that shows from outside."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from isentrope_hil import frames, signals
from isentrope_hil.errors import TargetDied, TargetSilent
from isentrope_hil.session import HELLO_EVERY_S, SILENT_S, Stream

ANSWER_S = 1.0  # a device that takes longer for one request is found unanswering
QUIET_S = 0.3  # so long nothing may come where the device has to keep still
STEPS = 20
PIECE = 192  # bytes of storage in a frame
WRAP = frames.T_MASK + 1


class Broken(Exception):
    """A rule is broken; the message says what came instead."""


class Skipped(Exception):
    """A rule cannot be tried on this device."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule: verdict "pass", "fail" or "skipped", with a note where there is something to say."""

    id: str
    rule: str
    verdict: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    kind: int
    session: int
    seq: int
    payload: bytes

    def __str__(self) -> str:
        if self.kind == frames.NAK:
            return f"NAK {self.payload[0] if self.payload else '?'}"
        return f"type {self.kind:#04x}, seq {self.seq}, {len(self.payload)} bytes"


class Checker:
    """Tries the rules one after the other on a started device."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._splitter = frames.Splitter()
        self._waiting: list[Answer] = []
        self._session = 0
        self._seq = 0
        self._scan_ms = 0
        self._crc = 0
        self._table = signals.Table(())

    def run(self) -> Iterator[Finding]:
        """The findings, as they are made; ends early when the device cannot describe itself or be reset.

        Raises:
            TargetSilent, TargetDied: no answer at all, or the device is gone.
        """
        for ident, rule, check in self._rules():
            self._waiting.clear()
            try:
                note = check() or ""
                yield Finding(ident, rule, "pass", note)
            except Skipped as why:
                yield Finding(ident, rule, "skipped", str(why))
            except Broken as why:
                yield Finding(ident, rule, "fail", str(why))
                if ident in ("hello", "describe", "reset"):
                    return

    def _rules(self) -> Iterator[tuple[str, str, Callable[[], str | None]]]:
        nak = self._expect_nak
        step = frames.STEP
        yield "hello", "HELLO is answered with version, table and names", self._hello
        yield "hello-late", "a late HELLO of the session in force is only answered again", self._hello_late
        yield "describe", "DESCRIBE pages through a table with HELLO's CRC", self._describe
        yield "needs-reset", "STEP before RESET: NAK 6", lambda: nak(6, step, self._inputs())
        yield (
            "reset-table",
            "RESET for another table: NAK 8",
            lambda: nak(8, frames.RESET, self._reset_payload(1)),
        )
        yield "reset", "RESET is answered", lambda: self._reset(0)
        yield "step", "STEP is answered with all outputs and points", self._first_step
        yield "duplicate", "a request sent twice gives the same bytes and acts once", self._duplicate
        yield "other-request", "the same seq with another request: NAK 2", self._other_request
        yield "other-seq", "any other seq is ignored", self._other_seq
        yield "damaged", "a damaged frame: NAK 1 at once", self._damaged
        yield "short", "a frame under 13 bytes: NAK 1", self._short
        yield "unknown-type", "an unknown type: NAK 3", lambda: nak(3, 0x7A, b"")
        yield "payload", "a payload that does not fit: NAK 4", lambda: nak(4, step, self._inputs() + b"\0")
        yield "other-session", "another session: NAK 5", self._other_session
        yield "empty", "empty stretches between zeros are ignored", lambda: self._odd_bytes(b"\0\0\0", b"")
        yield "bytewise", "a frame may come byte by byte", self._bytewise
        yield "write", "WRITE: unknown id 1, read-only 2, out of range 3", self._write
        yield "log", "LOG gives at most as many entries as asked for", self._log
        yield (
            "image",
            "RESET and PUT take back the storage that IMAGE gives; without one: NAK 3",
            self._storage,
        )
        yield "repeatable", "after RESET the same inputs give the same outputs and points", self._repeatable
        yield "wrap", "control time wraps at 2^30 ms", self._wrap
        yield "forgets", "HELLO of a new session forgets the old one", self._forgets
        yield "bye", "BYE is answered", self._bye

    def _send(
        self, kind: int, payload: bytes, seq: int, *, session: int | None = None, t_ms: int = 0
    ) -> None:
        session = self._session if session is None else session
        self._stream.write(frames.encode(kind, session, seq, t_ms, payload))

    def _answer(self, timeout_s: float = ANSWER_S) -> Answer | None:
        """The next good frame from the device."""
        until = perf_counter() + timeout_s
        while not self._waiting:
            remaining = until - perf_counter()
            if remaining <= 0.0:
                return None
            for piece in self._splitter.feed(self._stream.read(remaining)):
                body = frames.decode(piece)
                if body is not None:
                    kind, session, seq, _ = frames.HEAD.unpack_from(body)
                    self._waiting.append(Answer(kind, session, seq, bytes(body[frames.HEAD.size :])))
        return self._waiting.pop(0)

    def _reply(self, kind: int, seq: int) -> bytes:
        answer = self._answer()
        if answer is None:
            raise Broken("no answer")
        if (answer.kind, answer.session, answer.seq) != (kind | frames.REPLY, self._session, seq):
            raise Broken(f"the answer is {answer}")
        return answer.payload

    def _request(self, kind: int, payload: bytes, t_ms: int = 0) -> bytes:
        self._send(kind, payload, self._seq, t_ms=t_ms)
        reply = self._reply(kind, self._seq)
        self._seq = (self._seq + 1) & 0xFFFF
        return reply

    def _expect(self, reason: int) -> None:
        answer = self._answer()
        if answer is None:
            raise Broken("no answer")
        if answer.kind != frames.NAK or answer.payload[:1] != bytes((reason,)):
            raise Broken(f"the answer is {answer}")

    def _expect_nak(self, reason: int, kind: int, payload: bytes) -> None:
        self._send(kind, payload, self._seq)
        self._expect(reason)

    def _open(self) -> bytes:
        self._session, frame = frames.opening(frames.HELLO, self._session + 1)
        began = perf_counter()
        while perf_counter() - began < SILENT_S:
            self._stream.write(frame)
            answer = self._answer(HELLO_EVERY_S)
            if answer and (answer.kind, answer.session) == (frames.HELLO | frames.REPLY, self._session):
                while self._answer(HELLO_EVERY_S):
                    pass  # the answers to the repeats
                self._seq = 0
                return answer.payload
        raise TargetSilent(f"no answer to HELLO for {SILENT_S:.0f} s")

    def _hello(self) -> str:
        payload = self._open()
        try:
            version, self._crc, self._entries, self._scan_ms = struct.unpack_from("<BIHH", payload)
            texts, at = [], 9
            for _ in range(4):
                end = at + 1 + payload[at]
                texts.append(payload[at + 1 : end].decode())
                at = end
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise Broken(f"malformed: {error}") from None
        if version != frames.VERSION or at != len(payload):
            raise Broken(f"version {version:#x}, {len(payload)} bytes where {at} are described")
        return f"{', '.join(texts)}; {self._entries} entries, scan {self._scan_ms} ms"

    def _hello_late(self) -> None:
        _, frame = frames.opening(frames.HELLO, self._session)
        for _ in range(2):
            self._stream.write(frame)
            self._reply(frames.HELLO, frames.HELLO_SEQ)

    def _describe(self) -> str:
        entries: list[signals.Signal] = []
        try:
            while len(entries) < self._entries:
                page = self._request(frames.DESCRIBE, struct.pack("<H", len(entries)))
                first, count = struct.unpack_from("<HB", page)
                if first != len(entries) or not count:
                    raise Broken(f"asked for entry {len(entries)}, got {count} from {first}")
                at = 3
                for _ in range(count):
                    entry, at = signals.unpack(page, at)
                    entries.append(entry)
            self._table = signals.Table(entries)
        except (struct.error, IndexError, ValueError) as error:
            raise Broken(f"malformed: {error}") from None
        if self._table.crc != self._crc:
            raise Broken(f"the entries' CRC is {self._table.crc:08x}, HELLO says {self._crc:08x}")
        for s in self._table.signals:
            lowest, highest = signals.BOUNDS[s.type]
            if not lowest <= s.low <= s.high <= highest:
                raise Broken(f"{s.kind} {s.name!r}: bounds {s.low} to {s.high} do not fit its type {s.type}")
        numbers = [s.id for s in (*self._table.points, *self._table.settings)]
        if len(numbers) != len(set(numbers)):
            raise Broken("two points or settings share an id")
        return ", ".join(f"{len(self._table.of(kind))} {kind}" for kind in signals.KINDS)

    def _inputs(self, place: int = 0) -> bytes:
        """Inputs that differ from step to step, within their bounds."""
        raw = [s.low + (s.high - s.low) * (50 + place % 7) // 100 for s in self._table.ins]
        return self._table.in_struct.pack(*raw)

    def _reset_payload(self, table_offset: int = 0) -> bytes:
        return struct.pack("<IIBIB", 1, 0, 0, (self._crc + table_offset) & 0xFFFFFFFF, 0)

    def _reset(self, t0_ms: int) -> None:
        payload = struct.pack("<IIBIB", 1, t0_ms, 0, self._crc, 0)
        if self._request(frames.RESET, payload, t0_ms):
            raise Broken("the answer should be empty")

    def _step(self, place: int, t0_ms: int = 0) -> bytes:
        t_ms = (t0_ms + place * self._scan_ms) & frames.T_MASK
        reply = self._request(frames.STEP, self._inputs(place), t_ms)
        if len(reply) != self._table.out_struct.size:
            raise Broken(f"{len(reply)} bytes, the table makes it {self._table.out_struct.size}")
        return reply[12:]  # without the status: its times and memory may differ

    def _first_step(self) -> None:
        self._step(0)

    def _bye(self) -> None:
        self._request(frames.BYE, b"")

    def _duplicate(self) -> None:
        self._send(frames.STEP, self._inputs(), self._seq)
        first = self._reply(frames.STEP, self._seq)
        self._send(frames.STEP, self._inputs(), self._seq)
        if self._reply(frames.STEP, self._seq) != first:
            raise Broken("the second answer differs from the first")
        self._seq += 1

    def _other_request(self) -> None:
        self._send(frames.STEP, self._inputs(3), self._seq - 1)
        self._expect(2)

    def _other_seq(self) -> None:
        self._send(frames.STEP, self._inputs(), (self._seq + 5) & 0xFFFF)
        answer = self._answer(QUIET_S)
        if answer:
            raise Broken(f"the answer is {answer}")

    def _damaged(self) -> str:
        frame = bytearray(frames.encode(frames.STEP, self._session, self._seq, 0, self._inputs()))
        frame[len(frame) // 2] ^= 0xFF if frame[len(frame) // 2] != 0xFF else 0x7F
        began = perf_counter()
        self._stream.write(bytes(frame))
        self._expect(1)
        return f"after {1e3 * (perf_counter() - began):.1f} ms"

    def _short(self) -> None:
        self._stream.write(b"\0\x05\x53\x01\x01\x01\0")
        self._expect(1)

    def _other_session(self) -> None:
        self._send(frames.STEP, self._inputs(), self._seq, session=self._session ^ 0x5A5A)
        self._expect(5)

    def _odd_bytes(self, before: bytes, after: bytes) -> None:
        self._stream.write(before)
        self._step(1)
        self._stream.write(after)

    def _bytewise(self) -> None:
        for byte in frames.encode(frames.STEP, self._session, self._seq, 0, self._inputs()):
            self._stream.write(bytes((byte,)))
        self._reply(frames.STEP, self._seq)
        self._seq += 1

    def _write(self) -> str:
        points = (*self._table.points, *self._table.settings)
        numbers = {s.id for s in points}
        tries = [("unknown id", next(i for i in range(0x3FFF, 0, -1) if i not in numbers), 0, 1)]
        tries += [("read-only", s.id, s.low, 2) for s in points if not s.writable][:1]
        tries += [("out of range", s.id, s.high + 1, 3) for s in points if s.writable and s.high < 2**31 - 1][
            :1
        ]
        for what, ident, raw, wanted in tries:
            reply = self._request(frames.WRITE, struct.pack("<Hi", ident, raw))
            if reply != bytes((wanted,)):
                raise Broken(f"{what} (id {ident:#x}): result {reply.hex() or 'empty'}, not {wanted}")
        return ", ".join(what for what, *_ in tries)

    def _log(self) -> str:
        reply = self._request(frames.LOG, b"\x02")
        if not reply or reply[0] > 2:
            raise Broken(f"asked for 2, got {reply[0] if reply else 'an empty payload'}")
        return f"{reply[0]} entries"

    def _image(self) -> bytes | None:
        """The whole storage; None from a device that keeps none."""
        image = b""
        while True:
            self._send(frames.IMAGE, struct.pack("<H", len(image)), self._seq)
            answer = self._answer()
            if answer and not image and answer.kind == frames.NAK and answer.payload[:1] == b"\x03":
                return None
            if answer is None or answer.kind != frames.IMAGE | frames.REPLY or len(answer.payload) < 4:
                raise Broken(f"the answer is {answer or 'none'}")
            self._seq = (self._seq + 1) & 0xFFFF
            first, size = struct.unpack_from("<HH", answer.payload)
            if first != len(image) or (len(answer.payload) == 4 and first < size):
                raise Broken(
                    f"asked for byte {len(image)}, got {len(answer.payload) - 4} from {first} of {size}"
                )
            image += answer.payload[4:]
            if len(image) >= size:
                return image

    def _storage(self) -> str:
        image = self._image()
        if image is None:
            self._expect_nak(3, frames.PUT, b"\0\0")
            return "it keeps none"
        for at in range(0, len(image), PIECE):
            self._request(frames.PUT, struct.pack("<H", at) + image[at : at + PIECE])
        self._expect_nak(6, frames.STEP, self._inputs())
        self._reset(0)
        if self._image() != image:
            raise Broken("what comes back after RESET is not what was given")
        if len(image) < 0xFFFF:
            self._expect_nak(4, frames.PUT, struct.pack("<H", 1) + b"x")
        return f"{len(image)} bytes"

    def _trace(self, t0_ms: int) -> list[bytes]:
        self._reset(t0_ms)
        return [self._step(place, t0_ms) for place in range(STEPS)]

    def _repeatable(self) -> None:
        first, second = self._trace(0), self._trace(0)
        for place, (one, other) in enumerate(zip(first, second, strict=True)):
            if one != other:
                raise Broken(f"step {place + 1} of {STEPS} differs")

    def _wrap(self) -> None:
        if not self._scan_ms:
            raise Skipped("the scan period is 0")
        self._trace(WRAP - STEPS // 2 * self._scan_ms)

    def _forgets(self) -> None:
        self._open()
        self._expect_nak(6, frames.STEP, self._inputs())


def check(target: Any) -> Iterator[Finding]:
    """Findings for a started target; TargetSilent where it does not answer at all."""
    try:
        yield from Checker(target).run()
    except TargetDied as error:
        ended = target.obituary()
        raise type(error)(f"{error}{'; ' + ended if ended else ''}") from None
