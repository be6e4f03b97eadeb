"""A BACnet device's network and application layers: bytes in, bytes out (ASHRAE 135, clauses 5, 6 and 20).

One buffer serves every answer: `w`, the network layer's part from HEAD on, before which a link puts its own.
A peer is PEER bytes: number of the link, length of its address there, the address (6), and the network,
length and address (7) behind a router, zero when there is none. A length of 0 means everybody.
"""

from array import array

from micropython import const

from ...control.ticks import elapsed
from . import services
from .objects import Objects, Texts
from .wire import ABORT, REJECT, Reader, Refused, Writer

HEAD = const(8)
PEER = const(18)

# Places in `counters`.
RECEIVED = const(0)
ANSWERED = const(1)
DROPPED = const(2)  # malformed, or nothing that is for us
ERRORS = const(3)
REJECTS = const(4)
ABORTS = const(5)
LIMITED = const(6)  # a peer sent more than it may
FAULTS = const(7)  # an exception that should not be
LOST = const(8)  # the link could not send

# Of each the place in `Points.counts`, 0: in none.
_SHOWN = b"\0\4\6\5\5\5\6\6\6"
_HEAD = const(8)
_MOST = const(21)  # bytes of a network layer's part
_APDU = (50, 128, 206, 480, 1024, 1476)
_SECOND = const(1000)
_WAITING = const(4)  # answers to Who-Is at a time; own
_JITTER = const(255)  # ms that the answer to a broadcast waits at most; own: devices answer in turn
_I_AM = const(0)
_SEGMENTED = const(0x20004)
_OTHER = const(0x20000)

DEVICE = const(0x200)  # places of the objects that are no points: the device, then its ports


class Stack:
    """`receive()` for what comes, `step()` for what time brings; `links` carry it (ip.py, mstp.py).

    `silent` is DeviceCommunicationControl's: 0 no, 1 all, 2 what nobody asked for; `restart` is 1 (cold) or 2
    (warm) once ReinitializeDevice was obeyed.
    """

    def __init__(self, scan, settings, model: str, version: str, reset, most: int = 1476):
        """`settings` is config.py's, `reset()` restarts the device, `most` bytes are the longest APDU that
        any of its links carries."""
        self.texts = Texts()
        self.scan = scan
        self.registers = scan.bus
        self.settings = settings
        self.objects = Objects(scan.points, scan.bus, self.texts)
        self.instance = settings.instance()
        self.reset = reset
        self.model = model
        self.version = version
        self.most = most
        self.w = Writer(_HEAD + _MOST + most + 3)  # 3: MS/TP's check follows
        self.r = Reader()
        self.v = Reader()  # of a value to write
        self.peer = bytearray(PEER)
        self.counters = array("H", bytearray(18))
        self.links: list = []
        self.cov = None  # once somebody subscribes
        self.clock = None  # once somebody tells the time
        self.silent = 0
        self.silent_ms = 0
        self.restart = 0
        self.reply = 0  # where the answer's application part begins
        self.invoke = 0
        self.failed = (0, 0, 0, 0)  # object and property that WritePropertyMultiple ended at
        self._waiting: list = []
        self._now = 0
        self._second = 0

    def count(self, place: int):
        self.counters[place] = (self.counters[place] + 1) & 0xFFFF
        shown = _SHOWN[place]
        if shown:
            counts = self.scan.points.counts
            counts[shown] = (counts[shown] + 1) % 0xFFFF  # which never reads "not fitted"

    def receive(self, buf, at: int, end: int, broadcast: bool = False) -> int:
        """Take `buf[at:end]`, a network layer's whole, from `peer`; the answer's end in `w`, 0: none.

        Never raises.
        """
        self.count(RECEIVED)
        try:
            end = self._network(buf, at, end, broadcast)
        except Exception:
            self.count(FAULTS)
            return 0
        self.count(ANSWERED if end else DROPPED)
        return end

    def _network(self, buf, at: int, end: int, broadcast: bool) -> int:
        if end - at < 3 or buf[at] != 1:
            return 0
        control = buf[at + 1]
        at += 2
        if control & 0x20:
            if end - at < 4 or buf[at] & buf[at + 1] != 255:  # another network's, and this is no router
                return 0
            broadcast = True
            at += 3 + buf[at + 2]
        peer = self.peer
        if peer[10]:  # the last one came through a router; peers are told apart by all their bytes
            for i in range(8, PEER):
                peer[i] = 0
        if control & 8:
            if end - at < 4:
                return 0
            n = buf[at + 2]
            if not 0 < n < 8 or end - at < 3 + n or buf[at] & buf[at + 1] == 255:
                return 0
            for i in range(3 + n):
                peer[8 + i] = buf[at + i]
            at += 3 + n
        if control & 0x20:
            at += 1  # hops
        if control & 0x80 or at >= end:
            return 0
        kind = buf[at] >> 4
        if kind == 0:
            return 0 if broadcast else self._confirmed(buf, at, end)
        if kind == 1:
            if end - at < 2 or self.silent == 1:
                return 0
            self.r.start(buf, at + 2, end)
            try:
                return services.unconfirmed(self, buf[at + 1], broadcast)
            except Refused:
                return 0
        if self.cov and end - at > 1 and kind < 8 and kind != 4:
            self.cov.answered(kind, buf[at + 1])
        return 0

    def head(self, asks: bool = False):
        """Begin a message to `peer`; `asks`: it wants an answer."""
        w, peer = self.w, self.peer
        w.at = _HEAD
        w.limit = _HEAD + _MOST
        w.byte(1)
        routed = peer[10] or not peer[1]
        w.byte((0x20 if routed else 0) | (4 if asks else 0))
        if not peer[1]:
            w.raw(b"\xff\xff\x00\xff")
        elif routed:
            n = peer[10]
            for i in range(3 + n):
                w.byte(peer[8 + i])
            w.byte(255)
        self.reply = w.at
        w.limit = w.at + self.links[peer[0]].most

    def _confirmed(self, buf, at: int, end: int) -> int:
        first = buf[at]
        if end - at < (6 if first & 8 else 4):
            return 0
        self.head()
        w = self.w
        size = buf[at + 1] & 15
        if size < 6:
            w.limit = min(w.limit, self.reply + _APDU[size])
        self.invoke = buf[at + 2]
        service = buf[at + 3]
        if self.silent == 1 and service not in (17, 20):
            return 0
        why = _SEGMENTED
        if not first & 8:
            self.r.start(buf, at + 4, end)
            try:
                services.confirmed(self, service)
                return w.at
            except Refused as refused:
                why = refused.args[0]
            except Exception:
                self.count(FAULTS)
                why = _OTHER
        self._refuse(why, service)
        return w.at

    def _refuse(self, why: int, service: int):
        w = self.w
        w.at = self.reply
        if why >= ABORT:
            self.count(ABORTS)
            w.byte(0x71)
            w.byte(self.invoke)
            w.byte(why & 255)
        elif why >= REJECT:
            self.count(REJECTS)
            w.byte(0x60)
            w.byte(self.invoke)
            w.byte(why & 255)
        else:
            self.count(ERRORS)
            self.begin(0x50, service)
            if service == 16:
                services.first_failed(self, why)
            else:
                w.unsigned(why >> 8, 0x90)
                w.unsigned(why & 255, 0x90)

    def begin(self, kind: int, service: int):
        """An answer's first bytes."""
        w = self.w
        w.at = self.reply
        w.byte(kind)
        w.byte(self.invoke)
        w.byte(service)

    def i_am(self) -> int:
        """I-Am for `peer`; its end."""
        self.head()
        w = self.w
        w.byte(0x10)
        w.byte(_I_AM)
        w.object(8, self.instance)
        w.unsigned(self.links[self.peer[0]].most)
        w.unsigned(3, 0x90)  # no segmentation
        w.unsigned(self.settings.vendor())
        return w.at

    def answer_later(self):
        """Answer `peer`'s Who-Is after some time, so that not all devices answer at once."""
        peer = bytes(self.peer)
        if len(self._waiting) < _WAITING and peer not in [each[1] for each in self._waiting]:
            # Own: spread by instance and time.
            self._waiting.append(((self._now + (self.instance ^ self._now) % _JITTER) & 0x3FFFFFFF, peer))

    def place(self, network: int) -> int:
        """The number of a link to come. One of its kind that has failed is still there, so that the others
        keep theirs; `join` puts the new one in its place."""
        number = 0
        while number < len(self.links) and self.links[number].network != network:
            number += 1
        return number

    def join(self, number: int, link):
        if number < len(self.links):
            self.links[number] = link
        else:
            self.links.append(link)

    def announce(self):
        """I-Am to everybody on every link: at the start, and never again."""
        for number in range(len(self.links)):
            for i in range(PEER):
                self.peer[i] = 0
            self.peer[0] = number
            self.send(self.i_am())

    def obey(self):
        """Restart, as ReinitializeDevice asked; outputs are safe before, and what was written is kept."""
        self.restart = 0
        self.scan.safe()
        self.scan.storage.save()
        self.reset()

    def send(self, end: int):
        """Hand a message to the peer's link."""
        self.links[self.peer[0]].send(end, self.peer)

    def step(self, now_ms: int):
        """Time's work: answers that waited, notifications, leases; several times a second."""
        passed = elapsed(now_ms, self._now)
        self._now = now_ms
        for due in self._waiting[:]:
            if elapsed(now_ms, due[0]) < 0x20000000:
                self._waiting.remove(due)
                self.peer[:] = due[1]
                if self.silent != 1:
                    self.send(self.i_am())
        if self.silent and self.silent_ms:
            self.silent_ms = max(self.silent_ms - passed, 0)
            if not self.silent_ms:
                self.silent = 0
        if self.clock:
            self.clock.passed(passed)
        if self.cov:
            self.cov.step(passed, self.silent == 0)
        self._second += passed
        if self._second >= _SECOND:
            self._second = 0
            self.texts.rest()
