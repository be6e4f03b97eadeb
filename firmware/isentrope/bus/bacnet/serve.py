"""BACnet as a task beside the scan: open, take what comes, let time pass; a failure never ends control."""

import asyncio

from micropython import const

_STEP_MS = const(100)  # own: a change of value is told within it
_LOOK_MS = const(2)  # own: between two looks at an MS/TP line, a few characters at 38,400 Bd
_FIRST_RETRY_MS = const(2_000)  # own; doubles
_LONGEST_RETRY_MS = const(60_000)
_FAILED = const(58)  # alarm
_IP = const(1)  # its values
_MSTP = const(2)
_MASK = const(0x3FFFFFFF)


async def ip(stack, port, host: str, number: int, broadcast: str, up):
    """Run on a UDP port until it fails; `up(link)` once it is open. Raises OSError where it cannot be."""
    from .ip import Ip

    udp = port.udp(host, number or stack.settings.port(), broadcast)
    link = Ip(stack, udp, len(stack.links))
    stack.links.append(link)
    try:
        up(link)
        ticking = asyncio.create_task(_tick(stack, link, port))
        try:
            while True:
                data, mac = await udp.receive()
                wait = link.pace_ms(mac, port.ticks_ms() & _MASK)
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
        finally:
            ticking.cancel()
    finally:
        udp.close()
        stack.links.remove(link)


async def mstp(stack, port, line, up):
    """Run on an RS-485 line until it fails; `up(link)` at the start. Raises ValueError: there is no such
    speed."""
    from .mstp import Mstp

    link = Mstp(stack, line, len(stack.links), port.ticks_ms() & _MASK)
    stack.links.append(link)
    try:
        up(link)
        stack.announce()
        stepped_ms = port.ticks_ms()
        while True:
            now_ms = port.ticks_ms()
            link.poll(now_ms & _MASK)
            if (now_ms - stepped_ms) & _MASK >= _STEP_MS:
                stepped_ms = now_ms
                stack.step(now_ms & _MASK)
                if stack.restart:
                    stack.obey()
            await asyncio.sleep_ms(_LOOK_MS)
    finally:
        stack.links.remove(link)


async def _tick(stack, link, port):
    now_ms = port.ticks_ms() & _MASK
    stack.step(now_ms)
    link.step(now_ms)
    stack.announce()
    while True:
        await asyncio.sleep_ms(_STEP_MS)
        now_ms = port.ticks_ms() & _MASK
        stack.step(now_ms)
        link.step(now_ms)


async def _keep(stack, value: int, begin, told):
    """`begin(up)` is run for ever; where it fails, alarm 58 with that value, and again after a while."""
    alarms, scan = stack.scan.alarms, stack.scan
    wait_ms = _FIRST_RETRY_MS

    def up(link):
        nonlocal wait_ms
        wait_ms = _FIRST_RETRY_MS
        alarms.clear(_FAILED, scan.now_ms)
        if told:
            told(link, None)

    while True:
        try:
            await begin(up)
        except Exception as error:
            alarms.raise_(_FAILED, scan.now_ms, value)
            if told:
                told(None, error)
        await asyncio.sleep_ms(wait_ms)
        wait_ms = min(2 * wait_ms, _LONGEST_RETRY_MS)


async def serve(stack, port, host: str, number: int = 0, broadcast: str = "", told=None):
    """BACnet/IP for ever on a UDP port of `host`; `broadcast` is the subnet's address for that, if any.

    `number` 0 takes the port of the settings. `told(link, None)` is called once the port is open. Where it
    cannot be opened, or something in here fails, alarm 58 is raised, `told(None, error)` called, and it is
    tried again.
    """
    await _keep(stack, _IP, lambda up: ip(stack, port, host, number, broadcast, up), told)


async def serve_mstp(stack, port, open_line, told=None):
    """MS/TP for ever, as `serve`; `open_line(baud)` gives a port's RS-485 line."""
    await _keep(stack, _MSTP, lambda up: mstp(stack, port, open_line(stack.settings.baud()), up), told)
