"""Outputs driven by hand, to find out what hangs on a terminal: only while the machine stands."""

from micropython import const

from .raw import COILS, COUNT

_LEASE_MS = const(2000)  # after the last request; own: as long as outputs outlive their scan
# What a compressor must not be given while its hard-wired protection has tripped.
_COMPRESSOR = ("compressor_run", "compressor_ref")

DONE = const(0)
UNKNOWN = const(1)
READ_ONLY = const(2)
OUT_OF_RANGE = const(3)
NOT_NOW = const(4)


class Jog:
    """Lays itself over the outputs of every scan until it lapses."""

    def __init__(self, scan, profile: dict):
        self.valve = False  # the valve's steps are asked for here, not by the controller
        self._scan = scan
        outs = [row for row in profile["io"] if row["dir"] == "out"]
        self._outs = [(row["name"], 65535 if row["type"] == "u16" else 1) for row in outs]
        self._travel = profile["valve"]["steps"] + profile["valve"]["overdrive_steps"]
        self._raw: dict[int, int] = {}  # by place among the outputs
        self._compressor = False
        self._from = 0  # the valve's count when it was first asked for
        self._age_ms = 0

    def ask(self, place: int, raw: int) -> int:
        """Drive an output to a raw value, the valve to `raw` steps from where it stood; JOG's result."""
        if place >= len(self._outs):
            return UNKNOWN
        name, highest = self._outs[place]
        if name == COILS:
            return READ_ONLY
        lowest = 0
        if name == COUNT:
            highest = self._travel
            lowest = -highest
        if not lowest <= raw <= highest:
            return OUT_OF_RANGE
        compressor = self._compressor or name in _COMPRESSOR
        if not self._allowed(compressor) or (name == COUNT and not self._scan.storage.unseal()):
            return NOT_NOW
        self._compressor = compressor
        if name == COUNT:
            self._turn(raw)
        else:
            self._raw[place] = raw
        self._age_ms = 0
        self._scan.jog = self
        return DONE

    def step(self, dt_ms: int):
        """Over what the scan has put out."""
        self._age_ms += dt_ms
        if self._age_ms > _LEASE_MS or not self._allowed(self._compressor):
            self.end()
            return
        outputs = self._scan.pins.outputs
        for place in self._raw:
            outputs[place] = self._raw[place]

    def end(self):
        """The controller has its outputs back, the valve finds its stop anew."""
        if self.valve:
            self._scan.pins.pulses.stop()
            self._scan.valve.forget()
        self.valve = self._compressor = False
        self._raw.clear()
        self._scan.jog = None

    def _allowed(self, compressor: bool) -> bool:
        scan = self._scan
        return scan.off and (not compressor or (scan.inp.hp_ok and scan.inp.motor_ok))

    def _turn(self, steps: int):
        pulses = self._scan.pins.pulses
        if not self.valve:
            self.valve = True
            self._from = pulses.count
        pulses.coils(True)
        pulses.go(self._from + steps)
