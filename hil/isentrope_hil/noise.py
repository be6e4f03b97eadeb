"""Byte noise on the link: each byte is replaced with probability P, reproducibly."""

from __future__ import annotations

from isentrope_sim.errors import InputError
from numpy.random import PCG64, Generator


class ByteNoise:
    """Replaces bytes of one direction of a link with other ones, each with probability `p` (0 to below 1).

    The gap between two hits is geometric, so a clean stretch costs nothing per byte. `flips` counts the hits.
    """

    def __init__(self, p: float, seed: int) -> None:
        if not 0.0 <= p < 1.0:
            raise InputError(f"link noise {p:g} is outside 0 to 1 (a probability for each byte)")
        self.flips = 0
        self._p = p
        self._rng = Generator(PCG64(seed))
        self._gap = self._draw()

    def _draw(self) -> int:
        return int(self._rng.geometric(self._p)) - 1 if self._p > 0.0 else 1 << 62

    def apply(self, data: bytes) -> bytes:
        """`data` after the noise; a hit byte always changes."""
        if self._gap >= len(data):
            self._gap -= len(data)
            return data
        out = bytearray(data)
        at = self._gap
        while at < len(out):
            out[at] ^= int(self._rng.integers(1, 256))
            self.flips += 1
            at += 1 + self._draw()
        self._gap = at - len(out)
        return bytes(out)
