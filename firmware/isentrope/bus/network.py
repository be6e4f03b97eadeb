"""The board's network: brought up beside the scan, and again whenever it was lost (docs/bms.md).

What the network file says is for the radio, for the broker and for nobody else: it is in no answer, log or
message. Nothing here waits: a try is begun and looked at twice a second.
"""

import asyncio
import json

from micropython import const

from ..control.ticks import elapsed

_FILE = "network.json"
_LOOK_MS = const(500)
_TRY_MS = const(15_000)  # own: to find the radio, to be let in and to get an address
_LONGEST_MS = const(240_000)  # between two tries
_MISSING_MS = const(180_000)  # own: a router that restarts is no alarm
_ALARM = const(70)
_FILE_LACKS = const(3)  # its value, beside those of ports/wifi.py


def said() -> dict:
    """What the network file says, texts by name; without it, or where it is damaged, nothing."""
    try:
        with open(_FILE) as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: found[key] for key in found if isinstance(found[key], str)}


def refused(scan):
    """The file does not say enough."""
    if scan:
        scan.alarms.raise_(_ALARM, scan.now_ms, _FILE_LACKS)


class Network:
    """`up`: it has an address. `nic` is of ports/wifi.py or ports/ethernet.py."""

    def __init__(self, ctx, nic):
        self._ctx = ctx
        self._nic = nic
        self.up = False
        self._patience_ms = 0
        self._tried_ms = self._lost_ms = ctx.ticks_ms()

    def interface(self) -> tuple:
        """Address, mask, gateway and name server, as texts."""
        return self._nic.interface()

    async def run(self):
        """For ever."""
        while True:
            self.step(self._ctx.ticks_ms())
            await asyncio.sleep_ms(_LOOK_MS)

    def step(self, now_ms: int):
        """Look; begin a try if one is due."""
        scan = self._ctx.scan
        self.up = self._nic.up()
        if self.up:
            self._patience_ms = _TRY_MS
            self._tried_ms = self._lost_ms = now_ms
            if scan:
                scan.alarms.clear(_ALARM, scan.now_ms)
            return
        if elapsed(now_ms, self._tried_ms) >= self._patience_ms:
            self._tried_ms = now_ms
            self._patience_ms = min(max(2 * self._patience_ms, _TRY_MS), _LONGEST_MS)
            try:
                self._nic.begin()
            except (OSError, ValueError):
                pass  # the chip's own trouble; it is tried again
        if scan and elapsed(now_ms, self._lost_ms) > _MISSING_MS:
            scan.alarms.raise_(_ALARM, scan.now_ms, self._nic.why())
