"""Subscriptions to changes of value (ASHRAE 135, clauses 13.1 and 13.14); loaded with the first one.

A value is looked at several times a second and told when it has moved by COV_Increment, or its status has
changed. A confirmed notification that nobody answers is sent again, then given up; the next change is told
all the same.
"""

from micropython import const

from .objects import AV

_MOST = const(16)  # subscriptions
_LONGEST_S = const(86_400)  # own: a subscription without an end gets a day, and its time left says so
_TIMEOUT_MS = const(3000)  # APDU_Timeout
_TRIES = const(4)  # 1 + Number_Of_APDU_Retries
_DEVICE = const(0x200)

_UNKNOWN_OBJECT = const(0x011F)
_NO_SPACE = const(0x0313)
_OUT_OF_RANGE = const(0x0525)
_NOT_SUPPORTED = const(0x052D)
_MISSING = const(0x10005)
_WAITS = const(-1)  # invoke id: no answer is awaited


class _Subscription:
    def __init__(self, peer: bytes, process: int, place: int):
        self.peer = peer
        self.process = process
        self.place = place
        self.confirmed = False
        self.left_ms = 0  # not yet a second
        self.left_s = 0
        self.due = True
        self.raw = 0  # as told last
        self.bad = False
        self.invoke = _WAITS
        self.tries = 0
        self.waited_ms = 0


class Cov:
    """The table of 16."""

    def __init__(self, stack):
        self._stack = stack
        self._all: list = []
        self._invoke = 0

    def subscribe(self):
        """SubscribeCOV, whose parameters the stack's reader is at."""
        from . import services
        from .wire import Refused

        stack = self._stack
        r = stack.r
        r.need(0)
        process = r.unsigned(0xFFFFFFFF)
        r.need(1)
        r.object()
        place = services.find(stack, r.type, r.instance)
        cancel = True
        confirmed = False
        lifetime = 0
        if r.has(2):
            confirmed = r.unsigned(1) == 1
            cancel = False
        if r.has(3):
            if cancel:
                raise Refused(_MISSING)
            lifetime = r.unsigned(0xFFFFFFFF)
        r.over()
        if place < 0:
            raise Refused(_UNKNOWN_OBJECT)
        if place >= _DEVICE:
            raise Refused(_NOT_SUPPORTED)
        if lifetime > _LONGEST_S:
            raise Refused(_OUT_OF_RANGE)
        peer = bytes(stack.peer)
        found = None
        for each in self._all:
            if each.process == process and each.place == place and each.peer == peer:
                found = each
        if cancel:
            if found:
                self._all.remove(found)
            return
        if not found:
            if len(self._all) >= _MOST:
                raise Refused(_NO_SPACE)
            found = _Subscription(peer, process, place)
            self._all.append(found)
        found.confirmed = confirmed
        found.left_s = lifetime or _LONGEST_S
        found.left_ms = 0
        found.due = True
        found.invoke = _WAITS

    def answered(self, kind: int, invoke: int):
        """Who was told says so: 2 thanks; 5 an error, which ends the subscription; 6, 7 not understood."""
        for each in self._all:
            if each.invoke == invoke and each.peer[:10] == self._stack.peer[:10]:
                each.invoke = _WAITS
                if kind == 5:
                    self._all.remove(each)
                return

    def step(self, ms: int, speaks: bool):
        """Time has passed; `speaks`: notifications may be sent."""
        for each in self._all[:]:
            each.left_ms += ms
            if each.left_ms >= 1000:
                each.left_s -= each.left_ms // 1000
                each.left_ms %= 1000
                if each.left_s <= 0:
                    self._all.remove(each)
                    continue
            if each.invoke != _WAITS:
                each.waited_ms += ms
                if each.waited_ms < _TIMEOUT_MS:
                    continue
                if each.tries >= _TRIES:
                    each.invoke = _WAITS
                elif speaks:
                    self._tell(each)
                continue
            full = self._stack.links[each.peer[0]].full()  # then it is told a little later
            if speaks and not full and (each.due or self._changed(each)):
                each.tries = 0
                self._invoke = (self._invoke + 1) & 255
                if each.confirmed:
                    each.invoke = self._invoke
                self._tell(each)

    def _changed(self, each) -> bool:
        objects = self._stack.objects
        raw = objects.raw(each.place)
        if raw == each.raw:
            return False
        if objects.kind(each.place) > AV:
            return True
        bad = objects.bad(each.place, raw)
        return bad != each.bad or (not bad and abs(raw - each.raw) >= objects.extra(each.place))

    def _tell(self, each):
        stack = self._stack
        objects, w = stack.objects, stack.w
        each.raw = raw = objects.raw(each.place)
        each.bad = objects.bad(each.place, raw)
        each.due = False
        each.tries += 1
        each.waited_ms = 0
        stack.peer[:] = each.peer
        stack.head(each.confirmed)
        if each.confirmed:
            w.byte(0x00)
            w.byte(0x05)  # answers of up to 1476 bytes, unsegmented
            w.byte(each.invoke)
            w.byte(1)
        else:
            w.byte(0x10)
            w.byte(2)
        w.unsigned(each.process, 0x08)
        w.object(8, stack.instance, 0x18)
        w.object(objects.kind(each.place), objects.instance(each.place), 0x28)
        w.unsigned(each.left_s, 0x38)
        w.byte(0x4E)
        w.unsigned(85, 0x08)
        w.byte(0x2E)
        objects.value(w, each.place, raw)
        w.byte(0x2F)
        w.unsigned(111, 0x08)
        w.byte(0x2E)
        objects.flags(w, each.place, raw)
        w.byte(0x2F)
        w.byte(0x4F)
        stack.send(w.at)

    def put_all(self):
        """Active_COV_Subscriptions, into the stack's writer."""
        stack = self._stack
        objects, w = stack.objects, stack.w
        for each in self._all:
            peer = each.peer
            n = peer[10]
            w.raw(b"\x0e\x0e\x1e")
            w.unsigned(peer[8] << 8 | peer[9] if n else 0)
            w.octets(peer[11 : 11 + n] if n else peer[2 : 2 + peer[1]])
            w.raw(b"\x1f\x0f")
            w.unsigned(each.process, 0x18)
            w.raw(b"\x0f\x1e")
            w.object(objects.kind(each.place), objects.instance(each.place), 0x08)
            w.unsigned(85, 0x18)
            w.raw(b"\x1f\x29")
            w.byte(1 if each.confirmed else 0)
            w.unsigned(each.left_s, 0x38)
            if objects.kind(each.place) <= AV:
                w.real(objects.scaled(each.place, objects.extra(each.place)), 0x48)
