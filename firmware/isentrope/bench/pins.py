"""The stand-in for a board's pins: raw inputs come from STEP, raw outputs and step counts go to its reply."""

from ..link.raw import COUNT, Raw
from .pulses import Pulses


class Line:
    """A serial line whose bytes come with STEP and go with its reply; as a port's rs485."""

    def __init__(self):
        self.came = b""
        self.said = b""

    def take(self, view) -> int:
        n = min(len(view), len(self.came))
        view[:n] = self.came[:n]
        self.came = self.came[n:]
        return n

    def write(self, buf, n: int) -> bool:
        self.said += bytes(buf[:n])
        return True


class Pins:
    """`inputs` and `outputs` are lists of raw values in the order of the profile's rows; `line` is a meter's,
    None without one.

    `real`: the board's own pins, of which those that the profile names in `bench_passthrough` follow. The
    real valve makes the steps that the simulated one makes, as fast as it can.
    """

    def __init__(self, profile: dict, real=None):
        rows = [row for row in profile["io"] if row["dir"] == "out"]
        self.live = False
        self.raw = Raw(profile)
        self._safe = tuple(row["safe"] for row in rows)
        self.inputs = [0] * (len(profile["io"]) - len(rows))
        self.outputs = list(self._safe)
        valve = profile["valve"]
        self.line = Line() if profile.get("meter") else None
        self.pulses = Pulses(valve["rate_hz"], valve["start_rate_hz"], valve["ramp_steps"])
        self._real = real
        named = profile.get("bench_passthrough", ()) if real else ()
        self._through = tuple(place for place, row in enumerate(rows) if row["name"] in named)
        self._from = real.pulses.count if COUNT in named else None  # where its count stood at 0 of ours

    def load(self, frame, at: int):
        """Take the raw inputs out of a STEP."""
        self.raw.take_inputs(self, frame, at)

    def store(self, frame, at: int):
        """Put the raw outputs into a reply."""
        self.raw.put_outputs(self, frame, at)

    def sample(self, dt_ms: int):
        """The inputs lie there already; the pulse generator lives through the time since the last scan."""
        self.pulses.advance(1000 * dt_ms)

    def drive(self):
        """Ours lie where `store` takes them from; the real ones that follow are driven."""
        real = self._real
        if real is None:
            return
        for place in self._through:
            real.outputs[place] = self.outputs[place]
        if self._from is not None:
            real.pulses.coils(self.pulses.energised)
            real.pulses.go(self._from + self.pulses.count)
        real.drive()

    def astray(self) -> int:
        """Nothing comes back of outputs that are numbers."""
        return 0

    def safe(self):
        """Every output in its safe state."""
        self.pulses.stop()
        self.pulses.coils(False)
        self.outputs[:] = self._safe
        if self._real:
            self._real.safe()
