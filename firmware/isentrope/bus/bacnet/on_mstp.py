"""MS/TP beside the scan: an RS-485 line that is looked at every few milliseconds (bus/buses.py)."""

import asyncio

from micropython import const

from .config import device
from .mstp import Mstp

_STEP_MS = const(100)  # own: a change of value is told within it
_LOOK_MS = const(2)  # own: a few characters at 38,400 Bd
_MASK = const(0x3FFFFFFF)


class OnMstp:
    """`run()` goes on until it fails, or the controller is another one."""

    def __init__(self, ctx):
        self._ctx = ctx

    async def run(self):
        """Raises ValueError: no RS-485 port is free, or there is no such speed; OSError: the port failed."""
        ctx = self._ctx
        stack = await device(ctx)
        if ctx.rtu:
            raise ValueError("Modbus RTU has the RS-485 port")
        line = ctx.rs485(stack.settings.baud(), None, 1)
        number = stack.place(Mstp.network)
        link = Mstp(stack, line, number, ctx.ticks_ms() & _MASK)
        stack.join(number, link)
        stack.announce()
        stepped_ms = ctx.ticks_ms()
        while ctx.scan is stack.scan:
            now_ms = ctx.ticks_ms()
            link.poll(now_ms & _MASK)
            if (now_ms - stepped_ms) & _MASK >= _STEP_MS:
                stepped_ms = now_ms
                stack.step(now_ms & _MASK)
                ctx.heap.note()
                if stack.restart:
                    stack.obey()
            await asyncio.sleep_ms(_LOOK_MS)


def make(ctx) -> OnMstp:
    return OnMstp(ctx)
