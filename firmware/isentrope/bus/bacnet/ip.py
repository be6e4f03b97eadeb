"""BACnet/IP: the BACnet Virtual Link Layer (ASHRAE 135, annex J), as a device or as a foreign device.

An address is six bytes, IP and port. What only a BBMD does is answered with a BVLC-Result that says no.
"""

from micropython import const

from ...control.ticks import elapsed
from ..gate import BACNET_IP
from ..peers import Buckets
from .stack import DROPPED, HEAD, LIMITED, LOST

_HEAD = const(8)
_OUT = const(4)  # a frame begins here in the stack's buffer
_MOST = const(1476)
_NETWORK = const(5)  # BACnetNetworkType ipv4

_RESULT = const(0)
_FORWARDED = const(4)
_REGISTER = const(5)
_DISTRIBUTE = const(9)
_UNICAST = const(10)
_BROADCAST = const(11)
# Write-BDT, Read-BDT, Register, Read-FDT, Delete-FDT-Entry, Distribute: the code of each's refusal.
_REFUSALS = {1: 0x10, 2: 0x20, 5: 0x30, 6: 0x40, 8: 0x50, 9: 0x60}

_RETRY_MS = const(5_000)  # own: until a registration that was not answered is tried again; doubles
_LONGEST_MS = const(300_000)

_FD_FAILED = const(19)  # reliability: renew-fd-registration-failure

_PEERS = const(8)  # own: twice the clients at a time
_RATE = const(100)  # own: requests a second
_BURST_MS = const(2_500)  # own: 250 at once, some clients ask for all at once; beyond them they are dropped
_PACE_MS = const(10)  # own: who has used half of them waits so long for each


class Ip:
    """A link of the stack. `udp` is a port's: `send(view, mac)`, `broadcast(view)`, `mac`.

    `mask` and `gateway` are what the network interface has; zero where nobody says.
    """

    bus = BACNET_IP
    network = _NETWORK
    most = _MOST
    speed = 0.0

    def __init__(self, stack, udp, number: int, networks):
        self._stack = stack
        self._udp = udp
        self._number = number
        self._networks = networks  # the profile's, whose clients may come (bus/peers.py)
        self._buckets = Buckets(_PEERS)
        self.mask = bytes(4)
        self.gateway = bytes(4)
        self._bbmd = b""
        self._since = 0  # of the registration, or of the try
        self._wait_ms = 0
        self._registered = False
        self._asked = False
        self._tries = 0

    def mac(self) -> bytes:
        """Address and port."""
        return self._udp.mac

    def reliability(self) -> int:
        return _FD_FAILED if self._bbmd and self._tries > 1 else 0

    def full(self) -> bool:
        """What is sent now is lost."""
        return False

    def pace_ms(self, mac: bytes, now_ms: int) -> int:
        """How long to wait before this peer's datagram is taken, -1: it sends too much."""
        bucket = self._buckets.of(mac, now_ms)
        owed_ms = bucket.owed_ms(now_ms)
        if owed_ms > _BURST_MS - 1000 // _RATE:
            self._stack.count(LIMITED)
            return -1
        bucket.take(now_ms, _RATE)
        return 0 if owed_ms < _BURST_MS // 2 else _PACE_MS

    def receive(self, data, mac: bytes):
        """Take a datagram; what there is to answer is sent."""
        stack = self._stack
        n = len(data)
        if (
            n < 4
            or data[0] != 0x81
            or data[2] << 8 | data[3] != n
            or not stack.settings.allowed(mac, self._networks)
        ):
            stack.count(DROPPED)
            return
        function = data[1]
        if function in (_UNICAST, _BROADCAST):
            self._take(data, 4, mac, function == _BROADCAST)
        elif function == _FORWARDED and n > 10:
            self._take(data, 10, bytes(data[4:10]), True)
        elif function == _RESULT and n == 6 and mac == self._bbmd and self._asked:
            self._answered(data[4] << 8 | data[5])
        elif function in _REFUSALS:
            self._head(_RESULT, HEAD + 2)
            buf = stack.w.buf
            buf[HEAD] = 0
            buf[HEAD + 1] = _REFUSALS[function]
            self._put(HEAD + 2, mac)
        else:
            stack.count(DROPPED)

    def _take(self, data, at: int, mac: bytes, broadcast: bool):
        stack = self._stack
        peer = stack.peer
        peer[0] = self._number
        peer[1] = 6
        peer[2:8] = mac
        end = stack.receive(data, at, len(data), broadcast)
        if end:
            self.send(end, peer)

    def _head(self, function: int, end: int):
        buf = self._stack.w.buf
        buf[_OUT] = 0x81
        buf[_OUT + 1] = function
        buf[_OUT + 2] = (end - _OUT) >> 8
        buf[_OUT + 3] = (end - _OUT) & 255

    def _put(self, end: int, mac):
        """Send the frame; None: to everybody on the subnet."""
        view = self._stack.w.view[_OUT:end]
        try:
            if mac is None:
                self._udp.broadcast(view)
            else:
                self._udp.send(view, mac)
        except OSError:
            self._stack.count(LOST)

    def send(self, end: int, peer):
        """Send what the stack has written up to `end`."""
        if peer[1]:
            self._head(_UNICAST, end)
            self._put(end, bytes(peer[2:8]))
        elif self._bbmd:
            if self._registered:
                self._head(_DISTRIBUTE, end)
                self._put(end, self._bbmd)
        else:
            self._head(_BROADCAST, end)
            self._put(end, None)

    def step(self, now_ms: int):
        """Register as a foreign device, and again before the registration ends."""
        settings = self._stack.settings
        bbmd = settings.bbmd()
        if bbmd != self._bbmd:
            self._bbmd = bbmd
            self._registered = self._asked = False
            self._tries = self._wait_ms = 0
        if not bbmd or elapsed(now_ms, self._since) < self._wait_ms:
            return
        self._since = now_ms
        self._wait_ms = min(_RETRY_MS << min(self._tries, 6), _LONGEST_MS)
        self._tries += 1
        if self._tries > 2:
            self._registered = False
        self._asked = True
        self._head(_REGISTER, HEAD + 2)
        buf = self._stack.w.buf
        lifetime = settings.lifetime()
        buf[HEAD] = lifetime >> 8
        buf[HEAD + 1] = lifetime & 255
        self._put(HEAD + 2, bbmd)

    def _answered(self, code: int):
        """The BBMD's result of a registration."""
        self._asked = False
        if code:
            self._registered = False
            return
        news = not self._registered
        self._registered = True
        self._tries = 0
        self._wait_ms = self._stack.settings.lifetime() * 500
        if news:
            self._stack.announce()
