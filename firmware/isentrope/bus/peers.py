"""Who may come over a network, and how often."""

from micropython import const

_MASK = const(0x3FFFFFFF)  # of ticks_ms
_HALF = const(0x20000000)
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
    """So many requests a second, and a few at once."""

    def __init__(self, now_ms: int):
        self._due_ms = now_ms  # when this peer has paid for all it asked

    def wait_ms(self, now_ms: int, rate: int) -> int:
        """One more request: how long it has to wait."""
        ahead = (self._due_ms - now_ms) & _MASK
        if ahead >= _HALF:  # long paid
            ahead = 0
        self._due_ms = (now_ms + ahead + max(1000 // rate, 1)) & _MASK
        return max(0, ahead - _BURST_MS)
