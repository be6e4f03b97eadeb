"""The board's network: brought up beside the scan, and again whenever it was lost (docs/bms.md).

Nothing here waits: a try is begun and looked at twice a second.
"""

import asyncio

from micropython import const

from ..control.ticks import elapsed
from ..tables import borrowed

_LOOK_MS = const(500)
_TRY_MS = const(15_000)  # own: to find the radio, to be let in and to get an address
_LONGEST_MS = const(240_000)  # between two tries
_MISSING_MS = const(180_000)  # own: a router that restarts is no alarm
_ALARM = const(70)
_FILE_LACKS = const(3)  # its value, beside those of ports/wifi.py


async def reached(ctx):
    """The network is up. ValueError, OSError: this board can have none."""
    if ctx.said is None or not ctx.hostname:
        borrowed("bus.networkfile").read(ctx)
    if ctx.network is None and ctx.network_kind and _drivers():
        try:
            nic = borrowed("ports." + ctx.network_kind).make(ctx.said, ctx.hostname)
        except ValueError:
            if ctx.scan:
                ctx.scan.alarms.raise_(_ALARM, ctx.scan.now_ms, _FILE_LACKS)
            raise
        ctx.network = Network(ctx, nic)
        ctx.network.task = asyncio.create_task(ctx.network.run())
    while ctx.network and not ctx.network.up:
        await asyncio.sleep_ms(_LOOK_MS)


async def through(ctx, bus):
    """Run a bus until it fails, or loses the network that it needs."""
    network = ctx.network
    if network is None:
        await bus.run()
        return
    ended: list = []
    task = asyncio.create_task(_caught(bus, ended))
    try:
        while network.up and not ended:
            await asyncio.sleep_ms(_LOOK_MS)
    finally:
        task.cancel()
    if ended and ended[0]:
        raise ended[0]


async def _caught(bus, ended: list):
    """Run it; how it ended."""
    try:
        await bus.run()
        ended.append(None)
    except Exception as error:
        ended.append(error)


def _drivers() -> bool:
    """MicroPython has those of the network; on a system it has none, and needs none."""
    try:
        __import__("network")
    except ImportError:
        return False
    return True


class Network:
    """`up`: it has an address. `nic` is of ports/wifi.py or ports/ethernet.py."""

    def __init__(self, ctx, nic):
        self._ctx = ctx
        self._nic = nic
        self.up = False
        self.task = None  # that looks after it
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
