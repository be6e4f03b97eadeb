"""Skip bands: speeds at which the machine shakes itself, crossed at the slew and never kept.

They are the machine's data, found by a run-up on the installed unit (usual practice of compressor drives).
"""

_DWELL = 0.1  # own: of a band's width beyond its middle, so that a demand near it does not cross every minute


class Skip:
    """`clear` moves a target out of the bands."""

    def __init__(self, compressor):
        """Raises ValueError naming `compressor.skip` where a band is no pair of rising speeds, or two
        touch."""
        bands = []
        last = 0.0
        for band in compressor["skip"]:
            if len(band) != 2 or not last < band[0] < band[1]:
                raise ValueError("profile.json: compressor.skip: %s, wanted rising [from, to] in rps" % band)
            last = float(band[1])
            bands.append((float(band[0]), last))
        self._bands = tuple(bands)
        self._min = float(compressor["min_rps"])
        self._max = float(compressor["max_rps"])
        self._up = False  # the edge last chosen

    def clear(self, target: float, set_rps: float, cap_rps: float) -> float:
        """`target` (rps), or the edge of the band it lies in.

        The side the speed `set_rps` is on is kept until the target is clearly past the middle. Over
        `cap_rps`, a protection's, no edge is chosen; where none is left under it, the protection has its
        speed."""
        for low, high in self._bands:
            if not low < target < high:
                continue
            middle = 0.5 * (low + high)
            dwell = _DWELL * (high - low)
            if set_rps <= low:
                self._up = target > middle + dwell
            elif set_rps >= high:
                self._up = target > middle - dwell
            if low < self._min:
                self._up = True
            if high > min(self._max, cap_rps):
                return target if low < self._min else low
            return high if self._up else low
        return target


def make(profile, settings, alarms, log, c):
    c.speed.skip = Skip(profile["compressor"])
