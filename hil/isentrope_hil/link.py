"""The bench's side of the link (docs/link.md): RESET, STEP and the storage's image."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Protocol

from isentrope_hil import frames, signals
from isentrope_hil.errors import ProtocolError, Refused
from isentrope_hil.noise import ByteNoise
from isentrope_hil.session import Event, Hello, Session, Stream

IMAGE_PAGE = struct.Struct("<HH")
LOG_PAGE = 8  # entries in one frame
IMAGE_PIECE = 192  # bytes of storage in one frame; own: what gets through a bad line, as the device's pages


class SerialLine(Protocol):
    """The other end of the serial line that the bench carries (docs/link.md)."""

    def hear(self, said: bytes) -> None:
        """What the device has written."""

    def answer(self) -> bytes:
        """What has come for it since, 255 bytes at most."""


class Link(Session):
    """A bench session with one device over `stream`.

    `line`: who is at the other end of the meter's line, if the profile has a meter.

    After each `step`: `raw_out` and `points` (raw values in table order), `t_ms`, `scan_us`, `heap_free`,
    `gc_count`, `log_pending`.
    """

    def __init__(
        self, stream: Stream, *, to_device: ByteNoise | None = None, from_device: ByteNoise | None = None
    ) -> None:
        super().__init__(stream, to_device=to_device, from_device=from_device)
        self.raw_out: tuple[int, ...] = ()
        self.points: tuple[int, ...] = ()
        self.scan_us = self.heap_free = self.gc_count = self.log_pending = 0
        self.t_ms = 0
        self.line: SerialLine | None = None
        self._outs = 0

    def hello(self) -> Hello:
        """Opens a fresh session; repeats until the device answers."""
        return self.open(frames.HELLO)

    def describe(self, hello: Hello) -> signals.Table:
        table = super().describe(hello)
        self._outs = len(table.outs)
        return table

    def reset(
        self,
        seed: int,
        t0_ms: int,
        settings: Iterable[tuple[int, int]] = (),
        storage: bytes = b"",
        *,
        free_run: bool = False,
    ) -> None:
        """Rebuilds the controller: `settings` as (id, raw value), `storage`: its flash (empty: new).

        Blank flash at the end of `storage` need not travel.
        """
        rows = list(settings)
        storage = storage.rstrip(b"\xff")
        flags = frames.FREE_RUN if free_run else 0
        payload = struct.pack("<IIBIB", seed & 0xFFFFFFFF, t0_ms, flags, self.table.crc, len(rows))
        payload += b"".join(struct.pack("<Hi", *row) for row in rows)
        at = 0
        try:
            while len(storage) - at > IMAGE_PIECE:
                self.request(frames.PUT, struct.pack("<H", at) + storage[at : at + IMAGE_PIECE])
                at += IMAGE_PIECE
            self.request(frames.RESET, payload + storage[at:], t0_ms)
        except Refused as refused:
            if not storage:
                raise
            text = f"the target does not take these settings with a storage image of {len(storage)} bytes"
            raise Refused(f"{text}: {refused}", refused.reason) from None

    def step(self, t_ms: int, raw_in: Sequence[int]) -> None:
        """One scan at control time `t_ms` with these inputs (table order)."""
        payload = self.table.in_struct.pack(*raw_in)
        if self.line is not None:
            came = self.line.answer()
            payload += bytes((len(came),)) + came
        body = self.request(frames.STEP, payload, t_ms)
        end = frames.HEAD.size + self.table.out_struct.size
        if self.line is not None and len(body) > end and len(body) == end + 1 + body[end]:
            self.line.hear(bytes(body[end + 1 :]))
        elif self.line is not None or len(body) != end:
            raise ProtocolError(
                f"a STEP reply has {len(body) - frames.HEAD.size} bytes of payload, "
                f"the signal table makes it {self.table.out_struct.size}"
            )
        values = self.table.out_struct.unpack_from(body, frames.HEAD.size)
        self.scan_us, self.heap_free, self.gc_count, self.log_pending = values[:4]
        outs = 4 + self._outs
        self.raw_out = values[4:outs]
        self.points = values[outs:]
        self.t_ms = int.from_bytes(body[5:9], "little")
        self.counters.steps += 1

    def pull_log(self) -> list[Event]:
        """What the last `step` said is pending of the decision log, oldest first."""
        found: list[Event] = []
        while len(found) < self.log_pending:
            page = self.log(LOG_PAGE, self.t_ms)
            if not page:
                break
            found += page
        return found

    def image(self, t_ms: int = 0) -> bytes:
        """The device's storage as it is now; empty from a device that keeps none."""
        image = b""
        while True:
            try:
                body = self.request(frames.IMAGE, struct.pack("<H", len(image)), t_ms)
            except Refused as refused:
                if refused.reason == frames.NAK_UNKNOWN and not image:
                    return b""
                raise
            try:
                first, size = IMAGE_PAGE.unpack_from(body, frames.HEAD.size)
            except struct.error as error:
                raise ProtocolError(f"the target's IMAGE reply is malformed: {error}") from None
            page = body[frames.HEAD.size + IMAGE_PAGE.size :]
            if first != len(image) or first + len(page) > size or (not page and first < size):
                raise ProtocolError(
                    f"asked for storage from byte {len(image)}, got {len(page)} bytes from {first} of {size}"
                )
            image += page
            if len(image) == size:
                return image
