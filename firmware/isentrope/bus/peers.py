"""Who may come over a network, and how often."""

from micropython import const

_MASK = const(0x3FFFFFFF)  # of ticks_ms
_LONGEST_MS = const(60_000)  # own: more than anybody can owe
_BASE = const(119)  # of the buses' settings
_ALLOW = _BASE + 9  # four bytes, then the bits that have to agree
_BURST_MS = const(250)  # own: what may come at once, in time at the allowed rate


def address(peer) -> bytes:
    """Four bytes of what `accept` or `recvfrom` says of a peer: (name, port), or the sockaddr as it is."""
    if isinstance(peer, tuple):
        return bytes([int(part) & 0xFF for part in peer[0].split(".")])
    return bytes(peer[4:8])


def within(peer: bytes, network, bits: int) -> bool:
    """The first bits of two addresses agree."""
    for place in range(4):
        left = bits - 8 * place
        if left > 0 and (peer[place] ^ int(network[place])) >> max(8 - left, 0):
            return False
    return True


def allowed(peer: bytes, v, networks) -> bool:
    """By the settings `v`; `networks` are the profile's: [a, b, c, d, bits]. None of either: everybody."""
    bits = int(v[_ALLOW + 4])
    if bits and within(peer, v[_ALLOW : _ALLOW + 4], bits):
        return True
    for each in networks:
        if within(peer, each, each[4]):
            return True
    return not bits and not networks


class Bucket:
    """So many requests a second, and a few at once: what a peer owes, in time at the rate it is allowed."""

    def __init__(self, now_ms: int):
        self._due_ms = now_ms  # when this peer has paid for all it asked

    def owed_ms(self, now_ms: int) -> int:
        """How long until it has paid."""
        ahead = (self._due_ms - now_ms) & _MASK
        return ahead if ahead < _LONGEST_MS else 0  # beyond it, it paid long ago: ticks come round

    def take(self, now_ms: int, rate: int) -> int:
        """One more request; what was owed before it."""
        ahead = self.owed_ms(now_ms)
        self._due_ms = (now_ms + ahead + max(1000 // rate, 1)) & _MASK
        return ahead

    def wait_ms(self, now_ms: int, rate: int) -> int:
        """One more request: how long it has to wait."""
        return max(0, self.take(now_ms, rate) - _BURST_MS)


class Buckets:
    """Those of the last `count` peers, where nothing tells when one has gone."""

    def __init__(self, count: int):
        self._peers = [b""] * count
        self._buckets: list = [None] * count
        self._next = 0

    def of(self, peer: bytes, now_ms: int) -> Bucket:
        if peer in self._peers:
            return self._buckets[self._peers.index(peer)]
        n = self._next
        self._next = (n + 1) % len(self._peers)
        self._peers[n] = peer
        self._buckets[n] = Bucket(now_ms)
        return self._buckets[n]
