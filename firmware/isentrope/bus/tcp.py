"""The Modbus server on TCP (MODBUS messaging on TCP/IP V1.0b).

Four clients, one request of each at a time; what comes faster than `modbus_rate` waits, and the network with
it. Whoever is silent for `modbus_idle`, or begins a frame and does not end it, is dropped; a newcomer takes
the place of the one that has been silent longest.
"""

import asyncio

from micropython import const

from . import peers
from .gate import TCP
from .modbus import ANSWERS, BAD_FRAMES, DROPPED, EXCEPTIONS

_MASK = const(0x3FFFFFFF)  # of ticks_ms
_BASE = const(119)  # of the buses' settings
_UNIT = _BASE + 3
_PORT = _BASE + 6
_IDLE = _BASE + 7
_RATE = _BASE + 8
_ANY = const(255)
_CLIENTS = const(4)
_WAITING = const(4)  # newcomers that wait for a place; own
_HEAD = const(6)
_LONGEST = const(260)
_LOOK_MS = const(500)
# All own.
_FRAME_MS = const(10_000)  # to end a frame that was begun, to take an answer
_FRESH_MS = const(1_000)  # a client that has asked nothing yet keeps its place so long
_QUIET_MS = const(5_000)  # one that has asked, so long


def make(ctx):
    """With the settings in force."""
    return Tcp(ctx)


class Client:
    def __init__(self, task, peer: bytes, bucket, now_ms: int):
        self.task = task
        self.peer = peer
        self.bucket = bucket
        self.since_ms = now_ms  # of its last answer, or of its coming
        self.asked = False
        self.busy = False  # a frame is begun or being answered
        self.buf = bytearray(_LONGEST)


class Tcp:
    def __init__(self, ctx):
        self._ctx = ctx
        self._clients: list = []
        self._waiting = 0
        self._out = bytearray(_LONGEST)
        self._view = memoryview(self._out)
        self._error = None

    async def run(self):
        """Until something fails; OSError: the port cannot be had."""
        ctx = self._ctx
        server = await asyncio.start_server(
            self._client, ctx.host, ctx.tcp_port or int(ctx.v[_PORT]), _CLIENTS
        )
        try:
            while not self._error:
                await asyncio.sleep_ms(_LOOK_MS)
                self._look()
            raise self._error
        finally:
            server.close()
            for client in self._clients:
                client.task.cancel()

    def _look(self):
        """Drop who is silent or slow."""
        now_ms = self._ctx.ticks_ms()
        idle_ms = int(self._ctx.v[_IDLE]) * 1000
        for client in self._clients:
            if (now_ms - client.since_ms) & _MASK > (_FRAME_MS if client.busy else idle_ms):
                self._drop(client)

    def _drop(self, client):
        self._ctx.count(DROPPED)
        client.task.cancel()

    async def _client(self, stream, _):
        """One connection, from its first moment."""
        ctx = self._ctx
        client = None
        try:
            peer = peers.address(stream.get_extra_info("peername"))
            if peers.allowed(peer, ctx.v, ctx.networks) and await self._room():
                client = Client(asyncio.current_task(), peer, self._bucket(peer), ctx.ticks_ms())
                self._clients.append(client)
                await self._talk(stream, client)
            else:
                ctx.count(DROPPED)
        except OSError:
            pass  # it has gone
        except Exception as error:
            self._error = error
        finally:
            if client:
                self._clients.remove(client)
            stream.s.close()
            ctx.heap.note()

    def _bucket(self, peer: bytes):
        """One for all connections of an address."""
        for client in self._clients:
            if client.peer == peer:
                return client.bucket
        return peers.Bucket(self._ctx.ticks_ms())

    async def _room(self) -> bool:
        """A place is free, or becomes free in a moment: somebody is just leaving, or has long been silent."""
        if len(self._clients) < _CLIENTS:
            return True
        if self._waiting >= _WAITING:
            return False
        self._waiting += 1
        try:
            for _ in range(_FRESH_MS // 100 + 2):
                await asyncio.sleep_ms(100)
                if len(self._clients) < _CLIENTS:
                    return True
                self._oust()
            return len(self._clients) < _CLIENTS
        finally:
            self._waiting -= 1

    def _oust(self):
        """The client that has been silent longest, if that is long enough."""
        now_ms = self._ctx.ticks_ms()
        found = None
        most = 0
        for client in self._clients:
            silent = (now_ms - client.since_ms) & _MASK
            if silent > most and silent > (_QUIET_MS if client.asked else _FRESH_MS):
                found, most = client, silent
        if found:
            self._drop(found)

    async def _talk(self, stream, client):
        buf = client.buf
        view = memoryview(buf)
        fill = 0
        while True:
            n = await stream.readinto(view[fill:])
            if n is None:
                continue
            if not n:
                return
            if not client.busy:
                client.busy = True
                client.since_ms = self._ctx.ticks_ms() if client.asked else client.since_ms
            fill += n
            at = 0
            while fill - at >= _HEAD:
                size = buf[at + 4] << 8 | buf[at + 5]
                if buf[at + 2] or buf[at + 3] or not 2 <= size <= _LONGEST - _HEAD:
                    self._ctx.count(BAD_FRAMES)  # nobody knows where the next frame begins
                    return
                if fill - at < _HEAD + size:
                    break
                wait_ms = client.bucket.wait_ms(self._ctx.ticks_ms(), int(self._ctx.v[_RATE]))
                if wait_ms:
                    await asyncio.sleep_ms(wait_ms)
                n = self.answer(buf, at, size)
                if n:
                    stream.write(self._view[:n])
                await stream.drain()  # lets others in, always
                client.asked = True
                client.since_ms = self._ctx.ticks_ms()
                at += _HEAD + size
                self._ctx.heap.note()
            fill -= at
            if at and fill:
                buf[:fill] = buf[at : at + fill]
            client.busy = fill > 0

    def answer(self, buf, at: int, size: int) -> int:
        """Act on the frame at `buf[at:]`; the size of the answer in `_out`, 0 for none: another unit's."""
        unit = buf[at + _HEAD]
        if unit != _ANY and unit != 0 and unit != self._ctx.v[_UNIT]:
            self._ctx.count(BAD_FRAMES)
            return 0
        out = self._out
        n = 1 + self._ctx.pdu(buf, at + _HEAD + 1, size - 1, out, _HEAD + 1, TCP)
        self._ctx.count(ANSWERS)
        if out[_HEAD + 1] & 0x80:
            self._ctx.count(EXCEPTIONS)
        out[0] = buf[at]
        out[1] = buf[at + 1]
        out[2] = out[3] = 0
        out[4] = n >> 8
        out[5] = n & 0xFF
        out[_HEAD] = unit
        return _HEAD + n
