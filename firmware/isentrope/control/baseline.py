"""What this unit does when it is sound, learned from its own running: linear laws, by least squares.

Each quantity is a law of gas flow, the water's temperature difference and evaporating temperature. Kept are
the sums of the normal equations, as 32-bit floats in the ledger, so that learning goes on after a power cut
and ends once. A ridge holds what the running did not tell apart.
"""

from array import array
from struct import pack_into, unpack_from

from micropython import const

_N = const(4)  # regressors: 1, flow, difference, evaporating
_LAWS = const(3)
_PAIRS = const(10)  # of the symmetric matrix
_FLOW = const(27)  # after the laws' 22 and five places that were the coil's
_SUMS = const(28)
# Own: of a regressor's unit (a rated flow, 5 K, 10 K) squared, a sample; what noise teaches is less.
_RIDGE = 0.002
# Own: how far from the mean of what was learned, in its own spread, a law is still believed; four samples
# inside a normal spread of three dimensions lie under 11.
_FAR = 12.0


class Baseline:
    """`expects` once `ready`; `n` samples so far, one a minute."""

    def __init__(self, ledger, at: int):
        self._ledger = ledger
        self._at = at
        self._sums = array("f", unpack_from("<28f", ledger.image, at))
        self._z = array("f", (1.0, 0.0, 0.0, 0.0))
        self._inverse = array("f", [0.0] * (_N * _N))
        self._laws = array("f", [0.0] * (_N * _LAWS))
        self._matrix = array("f", [0.0] * (_N * _N))
        self._row = -1  # of the elimination
        self.ready = False

    @property
    def n(self) -> int:
        return int(self._sums[0])

    @property
    def flow(self) -> float:
        """The mean of the water flow's index."""
        return self._sums[_FLOW] / max(self._sums[0], 1.0)

    def at(self, flow: float, difference_k: float, evap_c: float):
        """What the next calls are about: gas flow over the rated one, water, evaporating temperature."""
        z = self._z
        z[1] = flow - 1.0
        z[2] = difference_k / 5.0 - 1.0
        z[3] = evap_c / 10.0

    def learn(self, values: tuple, water: float):
        """A sample of the laws' quantities and of the water flow's index."""
        sums, z = self._sums, self._z
        k = 0
        for i in range(_N):
            for j in range(i, _N):
                sums[k] += z[i] * z[j]
                k += 1
        for value in values:
            for i in range(_N):
                sums[k] += value * z[i]
                k += 1
        sums[_FLOW] += water

    def keep(self):
        """Into the ledger, for storage."""
        for k in range(_SUMS):
            pack_into("<f", self._ledger.image, self._at + 4 * k, self._sums[k])
        self._ledger.touch()

    def forget(self):
        """Learn anew: after a repair, say."""
        for k in range(_SUMS):
            self._sums[k] = 0.0
        self._row = -1
        self.ready = False
        self.keep()

    def solve(self):
        """Learning is over: the matrix's inverse by elimination, a row a call, for a scan has no time for
        all, then the laws; `ready` in the end."""
        sums, inverse, a, row = self._sums, self._inverse, self._matrix, self._row
        if row < 0:
            k = 0
            for i in range(_N):
                for j in range(i, _N):
                    a[_N * i + j] = a[_N * j + i] = sums[k]
                    k += 1
                if i:
                    a[_N * i + i] += _RIDGE * sums[0]
                for j in range(_N):
                    inverse[_N * i + j] = 1.0 if i == j else 0.0
        elif row < _N:
            pivot = a[_N * row + row]
            for j in range(_N):
                a[_N * row + j] /= pivot
                inverse[_N * row + j] /= pivot
            for other in range(_N):
                factor = a[_N * other + row]
                if other != row:
                    for j in range(_N):
                        a[_N * other + j] -= factor * a[_N * row + j]
                        inverse[_N * other + j] -= factor * inverse[_N * row + j]
        else:
            law = row - _N
            for i in range(_N):
                total = 0.0
                for j in range(_N):
                    total += inverse[_N * i + j] * sums[_PAIRS + _N * law + j]
                self._laws[_N * law + i] = total
            self.ready = law == _LAWS - 1
        self._row = row + 1

    def near(self) -> bool:
        """The point lies where the laws were learned."""
        z, inverse = self._z, self._inverse
        far = 0.0
        for i in range(_N):
            for j in range(_N):
                far += z[i] * z[j] * inverse[_N * i + j]
        return far * self._sums[0] < _FAR

    def expects(self, law: int) -> float:
        z, laws = self._z, self._laws
        total = 0.0
        for i in range(_N):
            total += z[i] * laws[_N * law + i]
        return total
