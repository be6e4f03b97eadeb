"""The MQTT client: one session with the broker after another, beside the scan (docs/bms.md).

A session publishes what the points are and takes commands for them; a lost one is begun anew after 1, 2, 4
... 60 s. Names, passwords and the broker's address are in the network file (bus/networkfile.py), which
nothing here repeats.
"""

import asyncio

from micropython import const

from ...control.ticks import elapsed
from ...tables import borrowed
from ..gate import MQTT
from ..peers import Bucket
from . import packets
from .packets import Packet
from .state import NUMBER, RETAINED, WHY, State

_BASE = const(198)  # of these settings
_PORT = _BASE + 1
_INTERVAL = _BASE + 2
_DISCOVERY = _BASE + 3
_LOST = const(71)  # alarm
_IN = const(256)  # bytes of a packet that are looked at; own: a topic and a number
_OUT = const(384)  # own: CONNECT with names of 64 bytes, or a piece of a message
_KEEP_ALIVE_S = const(30)  # own
_PATIENCE_MS = const(10_000)  # own: for an answer, and for a message to leave
_LONGEST_S = const(60)
_EVERY_MS = const(60_000)  # the state is told so often at least
_LOST_MS = const(300_000)  # own: a broker that restarts is no alarm
_TURN_MS = const(100)
_TURN = const(255)  # own: so much text takes a Pico 6 ms
_MADE = const(1024)  # own: and so much leaves it 11 KB of garbage
_COMMANDS_PER_S = const(5)  # own: more than a person or an automation needs
_WAITING = const(4)  # own: acknowledgements and refusals that wait for the next turn
# Values of the alarm.
_NOBODY = const(1)
_REFUSED = const(2)


class Refused(Exception):
    """The broker does not take us, or speaks no MQTT."""


def make(ctx):
    """With the network file in force. ValueError: it names no broker."""
    return Client(ctx)


class Client:
    birth = b"homeassistant/status"

    def __init__(self, ctx):
        if not ctx.said.get("mqtt_host"):
            raise ValueError("network.json: mqtt_host is missing")
        self._ctx = ctx
        self.name = ctx.hostname
        self.base = "isentrope/" + self.name
        self.buf = bytearray(_OUT)
        self._in = bytearray(_IN)
        self._packet = Packet()
        self._state: State | None = None
        self._scan = None
        self._stream = None
        self._reading = None  # the task
        self._identity = 0
        self._acknowledged = 0
        self._error = None
        self._heard_ms = self._spoke_ms = 0
        self._acks: list = []
        self._refused: list = []
        self._refusals = 0
        self._greeted = False  # CONNACK is there, or SUBACK for the topic asked for last
        self._made = 0
        self._fresh = False  # the state is to be told at once
        self.up = False

    async def run(self):
        """For ever; only what no broker can cause ends it."""
        ctx = self._ctx
        pause = 1
        lost_ms = ctx.ticks_ms()
        while True:
            began_ms = ctx.ticks_ms()
            why = _NOBODY
            try:
                await self._session()
            except (OSError, EOFError):
                pass
            except Refused:
                why = _REFUSED
            finally:
                was_up = self.up
                self.up = False
                self._close()
            now_ms = ctx.ticks_ms()
            if was_up:
                lost_ms = now_ms
                if elapsed(now_ms, began_ms) > 1000 * _LONGEST_S:
                    pause = 1
            ctx.heap.note()
            for _ in range(pause):
                await asyncio.sleep(1)
                if elapsed(ctx.ticks_ms(), lost_ms) > _LOST_MS and ctx.scan:
                    ctx.scan.alarms.raise_(_LOST, ctx.scan.now_ms, why)
            pause = min(2 * pause, _LONGEST_S)

    async def _session(self):
        """Until it is lost. OSError, EOFError, Refused: how."""
        ctx = self._ctx
        while ctx.registers() is None:  # no scan yet
            await asyncio.sleep_ms(_TURN_MS)
        state = self._state
        if state is None or ctx.scan is not self._scan:
            self._scan = ctx.scan
            state = self._state = State(ctx.registers())
        said = ctx.said
        greeting = borrowed("bus.mqtt.greeting")
        try:
            user, secret = said.get("mqtt_user", "").encode(), said.get("mqtt_secret", "").encode()
            port = ctx.mqtt_port or int(ctx.v[_PORT])
            await greeting.begin(self, ctx, said["mqtt_host"], port, user, secret, _KEEP_ALIVE_S)
            if ctx.v[_DISCOVERY]:
                await greeting.discover(self, ctx)
            greeting = None
            await self.publish(self.base + "/available", lambda: ("online",), True, True)
            self.up = True
            self._fresh = True
            if ctx.scan:
                ctx.scan.alarms.clear(_LOST, ctx.scan.now_ms)
            await self._talk(state)
        finally:
            if self._reading:
                self._reading.cancel()
                self._reading = None

    def opened(self, stream):
        """There is a connection."""
        self._error = None
        self._acks.clear()
        self._stream = stream
        self._heard_ms = self._ctx.ticks_ms()
        self._reading = asyncio.create_task(self._read(stream))

    async def _talk(self, state):
        """What there is to say, a turn at a time."""
        ctx = self._ctx
        told_ms = looked_ms = ctx.ticks_ms()
        while True:
            self._look()
            await self._answer()
            now_ms = ctx.ticks_ms()
            if ctx.scan is not self._scan:
                return  # the bench has made another controller
            interval_ms = 1000 * int(ctx.v[_INTERVAL])
            if self._fresh or elapsed(now_ms, looked_ms) >= interval_ms:
                looked_ms = now_ms
                due = self._fresh or elapsed(now_ms, told_ms) + interval_ms > _EVERY_MS
                if state.take() or due:
                    told_ms = now_ms
                    self._fresh = False
                    await self.publish(self.base + "/state", state.pieces, True, False)
                    state.said()
            if elapsed(now_ms, self._spoke_ms) > 500 * _KEEP_ALIVE_S:
                await self._send(packets.PING)
            await asyncio.sleep_ms(_TURN_MS)

    def _look(self):
        """The reader has ended, or the broker is silent."""
        if self._error:
            raise self._error
        if elapsed(self._ctx.ticks_ms(), self._heard_ms) > 1500 * _KEEP_ALIVE_S:
            raise OSError(110)

    async def _answer(self):
        """Acknowledge commands, tell of refused ones."""
        while self._acks:
            await self._send(self.buf, packets.acknowledge(self.buf, self._acks.pop(0)))
        while self._refused:
            name, why = self._refused.pop(0)
            text = '{"point":"%s","why":"%s","count":%d}' % (name, WHY[why], self._refusals)
            await self.publish(self.base + "/refused", lambda said=text: (said,), False, False)

    def next(self) -> int:
        """An identity for a packet."""
        self._identity = self._identity % 0xFFFF + 1
        return self._identity

    async def publish(self, topic: str, pieces, retain: bool, sure: bool):
        """A message whose text `pieces()` gives, the same twice; `sure`: with QoS 1."""
        size = 0
        for piece in pieces():
            size += len(piece.encode())
            await self._rest(len(piece))
        identity = self.next() if sure else 0
        n = packets.publish(self.buf, topic.encode(), size, retain, identity)
        for piece in pieces():
            data = piece.encode()
            if n + len(data) > _OUT:
                await self._send(self.buf, n)
                n = 0
            if len(data) > _OUT:
                await self._send(data)
            else:
                self.buf[n : n + len(data)] = data
                n += len(data)
            await self._rest(len(data))
        await self._send(self.buf, n)
        if sure:
            await self._until(lambda: self._acknowledged == identity)

    async def _rest(self, size: int):
        """So much text was made: let others in, and have the garbage looked at, now and then."""
        before = self._made
        self._made += size
        if (before ^ self._made) & ~_TURN:
            await asyncio.sleep_ms(0)
        if self._made > _MADE:
            self._made = 0
            self._ctx.heap.check()

    async def ask(self, n: int):
        """Send a packet that is answered by CONNACK or SUBACK."""
        self._greeted = False
        await self._send(self.buf, n)
        await self._until(lambda: self._greeted)

    async def _until(self, there):
        began_ms = self._ctx.ticks_ms()
        while not there():
            if self._error:
                raise self._error
            if elapsed(self._ctx.ticks_ms(), began_ms) > _PATIENCE_MS:
                raise OSError(110)
            await asyncio.sleep_ms(20)

    async def _send(self, data, n: int = 0):
        stream = self._stream
        if stream is None:
            raise EOFError
        stream.write(memoryview(data)[: n or len(data)])
        self._spoke_ms = self._ctx.ticks_ms()
        try:
            await asyncio.wait_for_ms(stream.drain(), _PATIENCE_MS)
        except asyncio.TimeoutError:
            raise OSError(110)

    async def _read(self, stream):
        """Whatever the broker sends, until there is no more or it is no MQTT."""
        try:
            await self._listen(stream)
        except Exception as error:
            self._error = error

    async def _listen(self, stream):
        ctx = self._ctx
        view = memoryview(self._in)
        fill = skip = 0
        bucket = Bucket(ctx.ticks_ms())
        while True:
            n = await stream.readinto(view[fill:])
            if n is None:
                continue
            if not n:
                raise EOFError
            self._heard_ms = ctx.ticks_ms()
            fill += n
            at = 0
            while True:
                if skip:
                    gone = min(skip, fill - at)
                    skip -= gone
                    at += gone
                    if skip:
                        break
                if at:
                    self._in[: fill - at] = self._in[at:fill]
                    fill -= at
                    at = 0
                took = self._packet.take(view, fill)
                if took == packets.BAD:
                    raise Refused
                if took == packets.MORE:
                    break
                await self._heard(bucket)
                at = min(took, fill)
                skip = took - at
            if at:
                fill = 0  # the rest of a long packet is still to come
            await asyncio.sleep_ms(0)  # the scan and the buses come before the next packet

    async def _heard(self, bucket):
        packet = self._packet
        kind = packet.kind
        if kind == packets.CONNACK:
            if packet.code:
                raise Refused
            self._greeted = True
        elif kind == packets.SUBACK:
            if packet.code == 0x80:
                raise Refused
            self._greeted = True
        elif kind == packets.PUBACK:
            self._acknowledged = packet.identity
        elif kind == packets.PUBLISH:
            wait_ms = bucket.wait_ms(self._ctx.ticks_ms(), _COMMANDS_PER_S)
            if wait_ms:  # the broker, and the network with it, wait too
                await asyncio.sleep_ms(wait_ms)
            self._message(packet)

    def _message(self, packet):
        if packet.qos:
            self._acks.append(packet.identity)
        topic = bytes(packet.topic)
        if topic == self.birth:
            self._fresh = True
            return
        name = topic[len(self.base) + 1 : -4]
        state = self._state
        if state is None or topic != (self.base + "/").encode() + name + b"/set":
            return
        if packet.retained:
            why = RETAINED
        elif packet.cut:
            why = NUMBER
        else:
            why = state.command(name, packet.payload, MQTT)
        if why:
            self._refuse(name, why)
        else:
            self._fresh = True
        self._ctx.heap.note()

    def _refuse(self, name: bytes, why: int):
        """A name with letters that JSON cannot take is not repeated."""
        self._refusals = (self._refusals + 1) & 0xFFFF
        for byte in name:
            if not (48 <= byte <= 57 or 97 <= byte <= 122 or byte == 95):
                name = b"?"
                break
        if len(self._refused) < _WAITING:
            self._refused.append((str(name, "ascii"), why))

    def _close(self):
        """The broker tells the will, as nobody has said goodbye."""
        if self._stream:
            self._stream.s.close()
            self._stream = None
