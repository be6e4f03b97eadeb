"""A compressor switched by relays: one stage, or two that the speed reference chooses between.

Two stages are two speeds, or two compressors: the reference knows no speed between them (a skip band over
the whole range, docs/compressor.md), and the second stage is that of the higher speed. It changes no sooner
than `least_ms` after its last change, so that the first stage has been felt.
"""

from micropython import const

_MASK = const(0x3FFFFFFF)


class Stages:
    def __init__(self, data: dict, second=None):
        """`second`: a relay, the first is the run relay. KeyError: `drive.second_rps` is missing for it."""
        self._second = second
        self._from_rps = float(data["second_rps"]) if second else 0.0
        self._least_ms = int(data.get("least_ms", 60_000))  # own: two thermistor lags and a look
        self._on = False
        self._both = False
        self._since = 0

    def step(self, now_ms: int, on: bool, rps: float):
        """The scan's command. Stopping releases both at once."""
        if on and not self._on:
            self._since = now_ms
        self._on = on
        wanted = on and self._second is not None and rps >= self._from_rps - 0.5
        if not on:
            self._both = False
        elif wanted != self._both and (now_ms - self._since) & _MASK >= self._least_ms:
            self._both = wanted
            self._since = now_ms
        if self._second is not None:
            self._second.set(self._both)

    def poll(self, now_ms: int):
        """Nothing to do between scans."""
