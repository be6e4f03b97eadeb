"""BACnet/IP as a task beside the scan: open, take datagrams, let time pass; a failure never ends control."""

import asyncio

from micropython import const

from .ip import Ip

_STEP_MS = const(100)  # own: a change of value is told within it
_FIRST_RETRY_MS = const(2_000)  # own; doubles
_LONGEST_RETRY_MS = const(60_000)
_FAILED = const(58)  # alarm


async def serve(stack, port, host: str, number: int = 0, broadcast: str = "", told=None):
    """Run for ever on a UDP port of `host`; `broadcast` is the subnet's address for that, if it has any.

    `number` 0 takes the port of the settings. `told(link, None)` is called once the port is open. Where it
    cannot be opened, or something in here fails, alarm 58 is raised, `told(None, error)` called, and it is
    tried again.
    """
    alarms, scan = stack.scan.alarms, stack.scan
    wait_ms = _FIRST_RETRY_MS
    while True:
        udp = None
        try:
            udp = port.udp(host, number or stack.settings.port(), broadcast)
            link = Ip(stack, udp, len(stack.links))
            stack.links.append(link)
            alarms.clear(_FAILED, scan.now_ms)
            if told:
                told(link, None)
            wait_ms = _FIRST_RETRY_MS
            ticking = asyncio.create_task(_tick(stack, link, port))
            try:
                await _listen(stack, link, udp, port)
            finally:
                ticking.cancel()
        except Exception as error:
            if isinstance(error, asyncio.CancelledError):
                raise
            alarms.raise_(_FAILED, scan.now_ms, 1)
            if told:
                told(None, error)
        finally:
            if udp:
                udp.close()
            stack.links = [each for each in stack.links if each.network != Ip.network]
        await asyncio.sleep_ms(wait_ms)
        wait_ms = min(2 * wait_ms, _LONGEST_RETRY_MS)


async def _listen(stack, link, udp, port):
    while True:
        data, mac = await udp.receive()
        now_ms = port.ticks_ms()
        wait = link.pace_ms(mac, now_ms)
        if wait < 0:
            continue
        if wait:
            await asyncio.sleep_ms(wait)
        link.receive(data, mac)
        if stack.restart:
            await asyncio.sleep_ms(_STEP_MS)  # the answer leaves
            stack.obey()
        # The scan and the other buses come before the next request.
        await asyncio.sleep_ms(0)


async def _tick(stack, link, port):
    stack.step(port.ticks_ms() & 0x3FFFFFFF)
    link.step(port.ticks_ms() & 0x3FFFFFFF)
    stack.announce()
    while True:
        await asyncio.sleep_ms(_STEP_MS)
        now_ms = port.ticks_ms() & 0x3FFFFFFF
        stack.step(now_ms)
        link.step(now_ms)
