"""BACnet/IP beside the scan: open a UDP port, take datagrams, let time pass (bus/buses.py)."""

import asyncio
import sys

from micropython import const

from ...ports.udp import Udp
from .config import device
from .ip import Ip

_STEP_MS = const(100)  # own: a change of value is told within it
_MASK = const(0x3FFFFFFF)


class OnIp:
    """`run()` goes on until it fails, or the controller is another one."""

    def __init__(self, ctx):
        self._ctx = ctx
        self._error = None

    async def run(self):
        """Raises OSError: the port cannot be opened, or its network has failed."""
        ctx = self._ctx
        stack = await device(ctx)
        number = ctx.bacnet_port or stack.settings.port()
        broadcast = ctx.broadcast
        if not broadcast and sys.platform not in ("linux", "darwin"):
            broadcast = "255.255.255.255"
        udp = Udp(ctx.bacnet_host, number, broadcast)
        link = Ip(stack, udp, len(stack.links), ctx.networks)
        _interface(link, udp, ctx.network)
        stack.links.append(link)
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
            stack.links.remove(link)
        if self._error:
            raise self._error

    async def _listen(self, stack, link, udp):
        try:
            while True:
                data, mac = await udp.receive()
                wait = link.pace_ms(mac, self._ctx.ticks_ms() & _MASK)
                if wait < 0:
                    continue
                if wait:
                    await asyncio.sleep_ms(wait)
                link.receive(data, mac)
                self._ctx.heap.note()
                # The scan and the other buses come before the next request.
                await asyncio.sleep_ms(0)
        except Exception as error:
            self._error = error


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
