"""Saturation properties from a fluid's generated table, good to 0.05 K in 32-bit floats over its range.

Linear between equal steps of ln p; outside the table the end value holds. Pressures are absolute. Dew and
bubble are apart everywhere: superheat counts from dew, subcooling from bubble, and of a blend they differ by
its glide.
"""

from math import exp, log


def load(fluid: str):
    """The `Saturation` of a fluid by its name; ValueError when its table is not on board.

    Only this fluid's module is imported, and of it no more than the table stays in memory.
    """
    from ..tables import forget

    name = __name__.rsplit(".", 1)[0] + "." + fluid.lower()
    try:
        found = Saturation(__import__(name, None, None, ("TABLE",)))
    except (ImportError, AttributeError):
        raise ValueError("profile.json: fluid is %s, its table is not on board" % fluid)
    forget(name)
    return found


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
        # Where the last pressure lies: several properties are asked for at one.
        self._at_kpa = 0.0
        self._at, self._x = 0, 0.0
        # Intervals of the last two temperatures. The evaporator's and the condenser's are asked for in turn,
        # and seldom leave theirs.
        self._next = self._after = 0

    def _seek(self, kpa: float):
        last = self._nodes - 1
        x = (log(kpa) - self._ln_kpa) / self._ln_step if kpa > 1.0 else 0.0
        if x <= 0.0:
            i, x = 0, 0.0
        elif x >= last:
            i, x = last - 1, 1.0
        else:
            i = int(x)
            x -= i
        self._at_kpa = kpa
        self._at, self._x = 2 * i, x

    def _raw(self, column: int, kpa: float) -> float:
        if kpa != self._at_kpa:
            self._seek(kpa)
        table = self._table
        at = 2 * column * self._nodes + self._at
        low = table[at] | table[at + 1] << 8
        # In this order its stack is short: over 11 words, locals counted, a call takes heap for it.
        return ((table[at + 2] | table[at + 3] << 8) - low) * self._x + low

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
        return self._kpa(0, celsius)

    def bubble_kpa(self, celsius: float) -> float:
        """Pressure whose bubble temperature is `celsius`, kPa; the table's ends outside it."""
        return self._kpa(self._nodes, celsius)

    def _kpa(self, first: int, celsius: float) -> float:
        table = self._table
        raw = (celsius - self._t_offset) * self._t_per_k
        i = self._next
        at = 2 * (first + i)
        low = table[at] | table[at + 1] << 8
        if not low <= raw < (table[at + 2] | table[at + 3] << 8):
            i = self._search(first, raw)
            at = 2 * (first + i)
            low = table[at] | table[at + 1] << 8
        self._next = self._after
        self._after = i
        x = (raw - low) / ((table[at + 2] | table[at + 3] << 8) - low)
        return exp((i + min(max(x, 0.0), 1.0)) * self._ln_step + self._ln_kpa)

    def _search(self, first: int, raw: float) -> int:
        """The interval of a temperature; the first or last one outside the table."""
        table = self._table
        i, high = 0, self._nodes - 1
        while high - i > 1:
            middle = (i + high) // 2
            at = 2 * (first + middle)
            if (table[at] | table[at + 1] << 8) <= raw:
                i = middle
            else:
                high = middle
        return i
