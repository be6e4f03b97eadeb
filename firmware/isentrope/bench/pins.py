"""The stand-in for a board's pins: raw inputs come from STEP, raw outputs and step counts go to its reply."""

from struct import calcsize, pack_into, unpack_from

from .pulses import Pulses

_LETTERS = {"u8": "B", "u16": "H"}
_COUNT = "eev_count"
_COILS = "eev_coils"


class Pins:
    """`inputs` and `outputs` are lists of raw values in the order of the profile's rows."""

    def __init__(self, profile: dict):
        ins = [row for row in profile["io"] if row["dir"] == "in"]
        outs = [row for row in profile["io"] if row["dir"] == "out"]
        self._in_format = "<" + "".join(_LETTERS[row["type"]] for row in ins)
        self._out_format = "<" + "".join(_LETTERS[row["type"]] for row in outs)
        self.in_size = calcsize(self._in_format)
        self.out_size = calcsize(self._out_format)
        names = [row["name"] for row in outs]
        self._count_at = names.index(_COUNT)
        self._coils_at = names.index(_COILS)
        self._safe = tuple(row["safe"] for row in outs)
        self.inputs = [0] * len(ins)
        self.outputs = list(self._safe)
        valve = profile["valve"]
        self.pulses = Pulses(valve["rate_hz"], valve["start_rate_hz"], valve["ramp_steps"])

    def load(self, frame, at: int):
        """Take the raw inputs out of a STEP."""
        self.inputs[:] = unpack_from(self._in_format, frame, at)

    def store(self, frame, at: int):
        """Put the raw outputs into a reply."""
        self.outputs[self._count_at] = self.pulses.count & 0xFFFF
        self.outputs[self._coils_at] = 1 if self.pulses.energised else 0
        pack_into(self._out_format, frame, at, *self.outputs)

    def sample(self, dt_ms: int):
        """The inputs lie there already; the pulse generator lives through the time since the last scan."""
        self.pulses.advance(1000 * dt_ms)

    def drive(self):
        """The outputs lie where `store` takes them from."""

    def safe(self):
        """Every output in its safe state."""
        self.pulses.stop()
        self.pulses.coils(False)
        self.outputs[:] = self._safe
