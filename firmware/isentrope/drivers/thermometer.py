"""A DS18B20's reading: 1/16 degC in two's complement (Maxim 19-7487, table 1)."""

from micropython import const

_LOWEST = const(-55 * 16)  # the sensor's range
_HIGHEST = const(125 * 16)


class Thermometer:
    """`value` in degC, the last good one while `bad`."""

    def __init__(self, row: dict, counts: list, place: int):
        self._counts = counts
        self._place = place
        self.value = 0.0
        self.bad = True

    def read(self) -> float:
        """Take this scan's count; degC."""
        n = self._counts[self._place]
        if n & 0x8000:
            n -= 0x10000
        self.bad = bad = not _LOWEST <= n <= _HIGHEST
        if not bad:
            self.value = n / 16
        return self.value
