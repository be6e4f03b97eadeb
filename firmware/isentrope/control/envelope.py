"""The compressor's envelope: a polygon of (evaporating, condensing) temperatures."""

import math


class Envelope:
    """`margin_k` to the nearest edge after `step`, at the point that was looked at last.

    Positive inside. `relief` is the speed change that leads back in.
    """

    def __init__(self, points):
        """`points`: at least three [evap_c, cond_c], in order round the polygon. ValueError otherwise."""
        if len(points) < 3:
            raise ValueError(
                "profile.json: limits.envelope has %d points, at least 3 are needed" % len(points)
            )
        edges = []
        e1, c1 = points[-1]
        for e2, c2 in points:
            de, dc = float(e2 - e1), float(c2 - c1)
            edges.append((float(e1), float(c1), de, dc, 1.0 / max(de * de + dc * dc, 1e-6)))
            e1, c1 = e2, c2
        self._edges = tuple(edges)  # each a corner, the way to the next one, and 1 / length^2
        self.lowest_evap_c = min([edge[0] for edge in edges])
        self.margin_k = 0.0
        self.relief = -1
        self._evap_c = self._cond_c = -1e3  # where it was looked at last

    def step(self, evap_c: float, cond_c: float, enough_k: float = 1e9) -> float:
        """Signed distance (K) of the operating point from the nearest edge; sets `relief`.

        A point cannot have come nearer to an edge than by its way: as long as that leaves `enough_k`, nothing
        is looked at, and what is left is returned.

        Slowing down lowers the lift: it helps where the way back in is towards less lift, speeding up
        elsewhere.
        """
        left_k = self.margin_k - abs(evap_c - self._evap_c) - abs(cond_c - self._cond_c)
        if left_k >= enough_k:
            return left_k
        self._evap_c, self._cond_c = evap_c, cond_c
        inside = False
        nearest = 1e9
        to_e = to_c = 0.0
        for e1, c1, de, dc, inverse in self._edges:
            e, c = evap_c - e1, cond_c - c1
            if (c < 0.0) != (c < dc) and e < c * de / dc:
                inside = not inside
            along = min(max((e * de + c * dc) * inverse, 0.0), 1.0)
            off_e, off_c = along * de - e, along * dc - c
            distance = off_e * off_e + off_c * off_c
            if distance < nearest:
                nearest, to_e, to_c = distance, off_e, off_c
        # Towards the nearest edge when outside, away from it when inside.
        sign = -1.0 if inside else 1.0
        self.relief = 1 if sign * (to_c - to_e) > 0.0 else -1
        self.margin_k = math.sqrt(nearest) * (1.0 if inside else -1.0)
        return self.margin_k
