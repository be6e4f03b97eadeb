"""Ratiometric pressure transducer: its output is a share of the supply, the converter's reference too.

Other transmitters on such an input have a range of their own, `min` and `max` of the row in their own unit,
and perhaps other bounds of failure (`lowest`, `highest`).
"""

from micropython import const

_ATMOSPHERE_KPA = const(101.325)  # at sea level (ISO 2533)
# Outside this share of the supply the transducer or its wiring has failed [Danfoss EKE].
_LOWEST_RATIO = const(0.06)
_HIGHEST_RATIO = const(0.94)


class Pressure:
    """`value` in kPa absolute, of another transmitter in its unit; the last good one while `bad`."""

    def __init__(self, row: dict, counts: list, place: int):
        self._counts = counts
        self._place = place
        full = 1 << row["bits"]
        self._lowest = row.get("lowest", _LOWEST_RATIO) * full
        self._highest = row.get("highest", _HIGHEST_RATIO) * full
        unit = "" if "min" in row else "_kpa"
        low = row["min" + unit]
        self._kpa_per_count = (row["max" + unit] - low) / (row["hi_ratio"] - row["lo_ratio"]) / full
        self._offset_kpa = low - row["lo_ratio"] * full * self._kpa_per_count
        if row.get("gauge"):
            self._offset_kpa += _ATMOSPHERE_KPA
        self.value = 0.0
        self.bad = True

    def read(self) -> float:
        """Take this scan's count; kPa absolute."""
        n = self._counts[self._place]
        self.bad = bad = not self._lowest <= n <= self._highest
        if not bad:
            self.value = self._offset_kpa + self._kpa_per_count * n
        return self.value
