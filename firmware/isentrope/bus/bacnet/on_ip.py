"""BACnet/IP beside the scan: open a UDP port, take datagrams, let time pass (bus/buses.py)."""

import asyncio
import sys

from micropython import const

from ...ports.udp import Udp
from .config import device
from .ip import Ip
from .stack import LIMITED

_STEP_MS = const(100)  # own: a change of value is told within it
_MASK = const(0x3FFFFFFF)
_NOTED = const(200)  # bytes of what the heap counts as one small thing
_HELD = const(4)  # own: datagrams that wait for their peer's pace; more are dropped


class OnIp:
    """`run()` goes on until it fails, or the controller is another one."""

    def __init__(self, ctx):
        self._ctx = ctx
        self._error = None
        self._held = 0

    async def run(self):
        """Raises OSError: the port cannot be opened, or its network has failed."""
        ctx = self._ctx
        stack = await device(ctx)
        port = ctx.bacnet_port or stack.settings.port()
        broadcast = ctx.broadcast
        if not broadcast and sys.platform not in ("linux", "darwin"):
            broadcast = "255.255.255.255"
        udp = Udp(ctx.bacnet_host, port, broadcast)
        number = stack.place(Ip.network)
        link = Ip(stack, udp, number, ctx.networks)
        _interface(link, udp, ctx.network)
        stack.join(number, link)
        listening = asyncio.create_task(self._listen(stack, link, udp))
        try:
            announced = False
            while self._error is None and ctx.scan is stack.scan:
                now_ms = ctx.ticks_ms() & _MASK
                stack.step(now_ms)
                link.step(now_ms)
                if not announced:
                    announced = True
                    stack.announce()
                if stack.restart:
                    await asyncio.sleep_ms(_STEP_MS)  # the answer leaves
                    stack.obey()
                await asyncio.sleep_ms(_STEP_MS)
        finally:
            listening.cancel()
            udp.close()
        if self._error:
            raise self._error

    async def _listen(self, stack, link, udp):
        try:
            while True:
                data, mac = await udp.receive()
                wait = link.pace_ms(mac, self._ctx.ticks_ms() & _MASK)
                if wait == 0:
                    link.receive(data, mac)
                elif wait > 0 and self._held < _HELD:
                    # The others do not wait for a peer that is too fast.
                    self._held += 1
                    later = self._later(stack, link, bytes(data), mac, wait)
                    asyncio.create_task(later)  # noqa: RUF006 - the loop's queue holds it
                elif wait > 0:
                    stack.count(LIMITED)
                # What is dropped is garbage too, and a flood of it comes between two scans.
                self._ctx.heap.note(1 + len(data) // _NOTED)
                # The scan and the other buses come before the next request, also before one that is dropped.
                await asyncio.sleep_ms(0)
        except Exception as error:
            self._error = error

    async def _later(self, stack, link, data: bytes, mac: bytes, wait: int):
        try:
            await asyncio.sleep_ms(wait)
            link.receive(data, mac)
            self._ctx.heap.note()
        except Exception as error:
            self._error = error
        finally:
            self._held -= 1


def _interface(link, udp, network):
    """Address, mask and gateway of a board's own network; elsewhere the system has them."""
    if network is None:
        return
    address, mask, gateway, _ = network.interface()
    link.mask, link.gateway = _four(mask), _four(gateway)
    if udp.mac[:4] == bytes(4):
        udp.mac = _four(address) + udp.mac[4:]


def _four(address: str) -> bytes:
    return bytes([int(part) for part in address.split(".")])


def make(ctx) -> OnIp:
    return OnIp(ctx)
