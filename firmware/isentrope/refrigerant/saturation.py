"""Saturation properties from a fluid's generated table, good to 0.05 K in 32-bit floats from -50 to +85 degC.

Linear between equal steps of ln p; outside the table the end value holds. Pressures are absolute.
"""

import math


def load(fluid: str):
    """The `Saturation` of a fluid by its name; ValueError when no table is on board."""
    if fluid == "R290":
        from . import r290

        return Saturation(r290)
    raise ValueError("profile.json: fluid is %s, tables are on board for R290" % fluid)


class Saturation:
    """Dew and bubble lines of the fluid of `module` (a generated table)."""

    def __init__(self, module):
        self._table = module.TABLE
        self._nodes = module.NODES
        self._ln_kpa = module.LN_KPA
        self._ln_step = module.LN_STEP
        self._t_offset = module.T_OFFSET_C
        self._t_per_k = module.T_PER_K
        self._vapour = module.VAPOUR_PER_KG_M3
        self._liquid = module.LIQUID_PER_KG_M3

    def _raw(self, column: int, kpa: float) -> float:
        last = self._nodes - 1
        x = (math.log(kpa) - self._ln_kpa) / self._ln_step if kpa > 1.0 else 0.0
        if x <= 0.0:
            i, x = 0, 0.0
        elif x >= last:
            i, x = last - 1, 1.0
        else:
            i = int(x)
            x -= i
        table = self._table
        at = 2 * (column * self._nodes + i)
        low = table[at] | table[at + 1] << 8
        return low + x * ((table[at + 2] | table[at + 3] << 8) - low)

    def dew_c(self, kpa: float) -> float:
        """Dew temperature, degC: where the last drop boils; superheat counts from here."""
        return self._raw(0, kpa) / self._t_per_k + self._t_offset

    def bubble_c(self, kpa: float) -> float:
        """Bubble temperature, degC: where the first bubble forms; subcooling counts from here."""
        return self._raw(1, kpa) / self._t_per_k + self._t_offset

    def vapour_density(self, kpa: float) -> float:
        """Density of saturated vapour, kg/m3."""
        return self._raw(2, kpa) / self._vapour

    def liquid_density(self, kpa: float) -> float:
        """Density of saturated liquid, kg/m3."""
        return self._raw(3, kpa) / self._liquid

    def dew_kpa(self, celsius: float) -> float:
        """Pressure whose dew temperature is `celsius`, kPa; the table's ends outside it."""
        table = self._table
        raw = (celsius - self._t_offset) * self._t_per_k
        i, high = 0, self._nodes - 1
        while high - i > 1:
            middle = (i + high) // 2
            if (table[2 * middle] | table[2 * middle + 1] << 8) <= raw:
                i = middle
            else:
                high = middle
        low = table[2 * i] | table[2 * i + 1] << 8
        x = (raw - low) / ((table[2 * high] | table[2 * high + 1] << 8) - low)
        return math.exp(self._ln_kpa + self._ln_step * (i + min(max(x, 0.0), 1.0)))
