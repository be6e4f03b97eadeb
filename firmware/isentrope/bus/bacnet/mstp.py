"""MS/TP: a master node on RS-485 (ASHRAE 135, clause 9.5.6). Experimental until proven on hardware.

Whole frames instead of octets: the line is looked at every few milliseconds, so times are coarser than the
standard's by that much, and on the generous side. Requests are answered at once, or postponed.
"""

from micropython import const

from ..gate import MSTP
from .frames import (
    DATA,
    DATA_EXPECTING_REPLY,
    EVERYBODY,
    POLL_FOR_MASTER,
    POSTPONED,
    REPLY_TO_POLL,
    TEST_REQUEST,
    TEST_RESPONSE,
    TOKEN,
    Receiver,
    put,
)
from .stack import DROPPED, HEAD, LOST

_MASK = const(0x3FFFFFFF)
_MOST = const(480)
_NETWORK = const(2)  # BACnetNetworkType mstp
BAUDS = (9600, 19200, 38400, 57600, 76800, 115200)

# States.
_IDLE = const(0)
_USE_TOKEN = const(1)
_WAIT_FOR_REPLY = const(2)
_DONE = const(3)
_PASS_TOKEN = const(4)
_NO_TOKEN = const(5)
_POLLING = const(6)

_NO_TOKEN_MS = const(500)
_SLOT_MS = const(10)
_USAGE_MS = const(35)  # until a silent successor is given up, at most; 20 at least
_REPLY_MS = const(300)  # 255 to 300
_POLL_EVERY = const(50)  # tokens between two polls for masters
_SEEN = const(4)  # octets that show that a station uses its token
_QUEUE = const(4)  # own: messages that wait for the token
_FRAMES = const(4)  # own: frames that one look takes at most


class Mstp:
    """A link of the stack on a port's `line`: `take(view)`, `write(buf, n)`."""

    bus = MSTP
    network = _NETWORK
    most = _MOST

    def __init__(self, stack, line, number: int, now_ms: int):
        """Raises ValueError: there is no such speed."""
        settings = stack.settings
        baud = settings.baud()
        if baud not in BAUDS:
            raise ValueError(
                "mstp_baud is %d, allowed: %s" % (baud, ", ".join([str(each) for each in BAUDS]))
            )
        self._stack = stack
        self._line = line
        self._number = number
        self._own = settings.mac()
        self.speed = float(baud)
        self._turn_ms = 40_000 // baud + 1  # 40 bits from the last octet that came to the first one sent
        self._char_us = 10_000_000 // baud
        self._receiver = Receiver(line, self._own)
        self._frame = bytearray(8)
        self._queue: list = []
        self._state = _IDLE
        self._next = self._own
        self._poll = self._own
        self._tokens = _POLL_EVERY
        self._frames = self._retries = 0
        self._sole = False
        self._seen = 0  # octets when the state began
        self._quiet_ms = now_ms  # the end of what was sent last
        self._received = False
        self.tokens = 0  # that came, modulo 2^16
        self.lost = 0  # tokens that had to be made anew

    def mac(self) -> bytes:
        return bytes((self._own,))

    def reliability(self) -> int:
        return 0

    def full(self) -> bool:
        """What is sent now is lost."""
        return len(self._queue) >= _QUEUE

    def send(self, end: int, peer):
        """Keep what the stack has written up to `end` until there is a token."""
        if self.full():
            self._stack.count(LOST)
            return
        to = peer[2] if peer[1] else EVERYBODY
        self._queue.append((to, bytes(self._stack.w.view[HEAD:end])))

    def _silence(self, now_ms: int) -> int:
        """Milliseconds since an octet came, or went."""
        heard = (now_ms - self._receiver.heard_ms) & _MASK
        sent = (now_ms - self._quiet_ms) & _MASK
        if sent > _MASK >> 1:  # still on its way
            return 0
        return min(heard, sent)

    def _write(self, buf, n: int, now_ms: int):
        try:
            self._line.write(buf, n)
        except OSError:
            self._stack.count(LOST)
        self._quiet_ms = (now_ms + n * self._char_us // 1000) & _MASK

    def _short(self, kind: int, to: int, now_ms: int):
        """A frame without data."""
        self._write(self._frame, put(self._frame, kind, to, self._own, 8), now_ms)

    def _data(self, kind: int, to: int, end: int, now_ms: int):
        """What the stack's buffer holds up to `end`."""
        buf = self._stack.w.buf
        self._write(buf, put(buf, kind, to, self._own, end), now_ms)

    def poll(self, now_ms: int):
        """Look at the line and do what is due; every few milliseconds."""
        now_ms &= _MASK
        receiver = self._receiver
        receiver.poll(now_ms)
        for _ in range(_FRAMES):
            if self._silence(now_ms) < self._turn_ms:
                return
            found = receiver.next()
            if not found:
                break
            if found < 0:
                self._invalid(now_ms)
            else:
                self._take(receiver, now_ms)
        self._time(now_ms)

    def _enter(self, state: int):
        self._state = state
        self._seen = self._receiver.octets

    def _after(self, station: int) -> int:
        highest = max(self._stack.settings.max_master(), self._own)
        return station + 1 if station < highest else 0

    def _invalid(self, now_ms: int):
        self._stack.count(DROPPED)
        if self._state == _WAIT_FOR_REPLY:
            self._done(now_ms)
        elif self._state == _POLLING:
            self._unanswered(now_ms)

    def _take(self, frame, now_ms: int):
        """A frame that is whole."""
        kind, mine = frame.kind, frame.to == self._own
        state = self._state
        if state == _POLLING:
            if mine and kind == REPLY_TO_POLL:
                self._sole = False
                self._next = frame.source
                self._poll = self._own
                self._tokens = 0
                self._pass(now_ms)
                return
        elif state == _WAIT_FOR_REPLY:
            if mine and kind in (DATA, TEST_RESPONSE):
                self._deliver(frame, now_ms, False)
                self._done(now_ms)
                return
            if mine and kind == POSTPONED:
                self._done(now_ms)
                return
        elif state == _PASS_TOKEN and frame.to != self._own and kind == TOKEN:
            pass  # the successor has used it already
        self._enter(_IDLE)
        if kind == TOKEN:
            if mine:
                self.tokens = (self.tokens + 1) & 0xFFFF
                self._sole = False
                self._frames = 0
                self._use(now_ms)
        elif kind == POLL_FOR_MASTER:
            if mine:
                self._short(REPLY_TO_POLL, frame.source, now_ms)
        elif kind == TEST_REQUEST:
            if mine:
                n = frame.end
                self._stack.w.buf[8:n] = frame.buf[8:n]
                self._data(TEST_RESPONSE, frame.source, n, now_ms)
        elif kind in (DATA, DATA_EXPECTING_REPLY) and (mine or frame.to == EVERYBODY):
            self._deliver(frame, now_ms, mine and kind == DATA_EXPECTING_REPLY)

    def _deliver(self, frame, now_ms: int, answer: bool):
        stack = self._stack
        peer = stack.peer
        peer[0] = self._number
        peer[1] = 1
        peer[2] = source = frame.source
        for i in range(3, 8):
            peer[i] = 0
        end = stack.receive(frame.buf, 8, frame.end, frame.to == EVERYBODY)
        if answer and end:
            self._data(DATA, source, end, now_ms)
        elif answer:
            self._short(POSTPONED, source, now_ms)
        elif end:
            self.send(end, peer)

    def _use(self, now_ms: int):
        """The token is here: send what waits."""
        if not self._queue:
            self._frames = 255
            self._done(now_ms)
            return
        to, data = self._queue.pop(0)
        self._frames += 1
        end = HEAD + len(data)
        self._stack.w.buf[HEAD:end] = data
        asks = data[1] & 4 and to != EVERYBODY
        self._data(DATA_EXPECTING_REPLY if asks else DATA, to, end, now_ms)
        self._enter(_WAIT_FOR_REPLY if asks else _DONE)

    def _done(self, now_ms: int):
        """One more message, a poll for masters, or the token to the next station."""
        settings = self._stack.settings
        if self._frames < settings.max_info_frames() and self._queue:
            self._enter(_USE_TOKEN)
            return
        after = self._after(self._poll)
        if self._tokens < _POLL_EVERY - 1:
            if self._sole:
                self._tokens += 1
                self._frames = 0
                self._enter(_USE_TOKEN)
            elif self._next == self._own:
                self._ask(self._after(self._own), now_ms)
            else:
                self._tokens += 1
                self._pass(now_ms)
        elif after == self._next and not self._sole:
            if self._next == self._own:
                self._ask(self._after(self._own), now_ms)
                return
            self._poll = self._own
            self._tokens = 1
            self._pass(now_ms)
        elif after == self._next:
            self._next = self._own
            self._tokens = 1
            self._ask(self._after(self._own), now_ms)
        elif self._next == self._own and not self._sole:
            self._ask(self._after(self._own), now_ms)
        else:
            self._ask(after, now_ms)

    def _pass(self, now_ms: int):
        self._short(TOKEN, self._next, now_ms)
        self._retries = 0
        self._enter(_PASS_TOKEN)

    def _ask(self, station: int, now_ms: int):
        """Poll for a master."""
        self._poll = station
        self._short(POLL_FOR_MASTER, station, now_ms)
        self._enter(_POLLING)

    def _unanswered(self, now_ms: int):
        """Nobody answered a poll."""
        if self._sole:
            self._frames = 0
            self._enter(_USE_TOKEN)
        elif self._next != self._own:
            self._pass(now_ms)
        elif self._after(self._poll) != self._own:
            self._ask(self._after(self._poll), now_ms)
        else:
            self._sole = True
            self._frames = 0
            self._tokens = 0
            self._enter(_USE_TOKEN)

    def _time(self, now_ms: int):
        """What silence means in each state."""
        state = self._state
        silence = self._silence(now_ms)
        if state == _IDLE:
            if silence >= _NO_TOKEN_MS:
                self._enter(_NO_TOKEN)
        elif state == _NO_TOKEN:
            if self._receiver.octets - self._seen > _SEEN:
                self._enter(_IDLE)
            elif silence >= _NO_TOKEN_MS + _SLOT_MS * self._own:
                self.lost = (self.lost + 1) & 0xFFFF
                self._next = self._own
                self._tokens = 0
                self._ask(self._after(self._own), now_ms)
        elif state == _USE_TOKEN:
            self._use(now_ms)
        elif state == _DONE:
            self._done(now_ms)
        elif state == _WAIT_FOR_REPLY:
            if silence >= _REPLY_MS:
                self._frames = 255
                self._done(now_ms)
        elif state == _PASS_TOKEN:
            if self._receiver.octets - self._seen > _SEEN:
                self._enter(_IDLE)
            elif silence >= _USAGE_MS:
                if not self._retries:
                    self._short(TOKEN, self._next, now_ms)
                    self._retries = 1
                    self._seen = self._receiver.octets
                else:
                    station = self._after(self._next)
                    self._next = self._own
                    self._tokens = 0
                    self._ask(station, now_ms)
        elif silence >= _USAGE_MS:
            self._unanswered(now_ms)
