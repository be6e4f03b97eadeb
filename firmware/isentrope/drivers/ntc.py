"""NTC thermistor below a pull-up to the converter's reference.

R = pull-up * n / (full - n); 1/T = A + B ln R + C ln^3 R (Steinhart and Hart, Deep-Sea Research 15, 1968).
"""

from math import log

from micropython import const

# Share of the converter's range outside which the sensor counts as shorted or open. Own choice: with a
# 10 kOhm pull-up 50 Ohm and 2 MOhm, beyond any thermistor of the curve tables between -55 and +150 degC.
_SHORTED = const(0.005)
_OPEN = const(0.995)
_KELVIN = const(273.15)


class Ntc:
    """`value` in degC, the last good one while `bad`."""

    def __init__(self, row: dict, counts: list, place: int):
        self._counts = counts
        self._place = place
        self._full = 1 << row["bits"]
        self._lowest = int(self._full * _SHORTED) + 1
        self._highest = int(self._full * _OPEN)
        self._pullup = row["pullup_ohm"]
        self._curve = tuple(row["sh"])
        self.value = 0.0
        self.bad = True

    def read(self) -> float:
        """Take this scan's count; degC."""
        n = self._counts[self._place]
        self.bad = bad = not self._lowest <= n <= self._highest
        if not bad:
            a, b, c = self._curve
            ln_r = log(self._pullup * n / (self._full - n))
            # Innermost first: its stack is short. Over 11 words, locals counted, a call takes heap for it.
            self.value = 1.0 / ((c * ln_r * ln_r + b) * ln_r + a) - _KELVIN
        return self.value
