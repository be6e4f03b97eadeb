"""The time of day from a server of the network (SNTP, RFC 4330), told to the controller's clock.

The server is the network file's `ntp`. Whoever answers has to repeat what it was asked, to be a server that
has the time itself, and to know a time; one that says to stop is left alone until the settings or the
network start this anew.
"""

import asyncio
import os

from micropython import const

from ..control.clock import NTP
from ..control.ticks import elapsed
from ..ports.udp import Udp
from ..tables import borrowed

_ON = const(202)  # places in Settings.v
_SUMMER = const(203)
_UTC_OFFSET = const(139)  # BACnet's: minutes, positive to the west
_ALARM = const(72)
_PORT = const(123)
_SIZE = const(48)
_PATIENCE_MS = const(5000)  # own
_SHORTEST_S = const(64)  # RFC 4330, 10: never more often than 15 s; longer with every failure
_LONGEST_S = const(4096)
_EVERY_S = const(3600)  # own: a crystal loses 0.1 s
_MISSED_MS = const(86_400_000)  # own: the alarm
_ERA = const(4_294_967_296)
_HALF = const(2_147_483_648)
_FIRST = const(3_913_056_000)  # 1 January 2024: no time is before this firmware
_DAY_S = const(86_400)
_DAY_2000 = const(36_524)  # 1 January 2000, where the clock's days begin

GOOD = const(0)
DROPPED = const(1)  # not an answer to this question, or of somebody without the time
STOP = const(2)  # a kiss of death: never again
SLOWER = const(3)


def make(ctx):
    """ValueError: the network file names no server."""
    if not ctx.said.get("ntp"):
        raise ValueError("network.json: ntp is missing")
    return Ntp(ctx)


def question(nonce: bytes) -> bytes:
    """Version 4, client; eight random bytes instead of our time, which nobody needs to know."""
    return b"\x23" + bytes(39) + nonce


def reply(data, nonce: bytes) -> tuple:
    """(GOOD, seconds since 1900) or (why not, 0). Any bytes are taken."""
    if len(data) < _SIZE or bytes(data[24:32]) != nonce:
        return DROPPED, 0
    if data[0] & 7 != 4 or data[0] >> 3 & 7 not in (3, 4):
        return DROPPED, 0
    if data[1] == 0:
        word = bytes(data[12:16])
        return (STOP if word in (b"DENY", b"RSTR") else SLOWER if word == b"RATE" else DROPPED), 0
    if data[1] > 15 or data[0] >> 6 == 3 or bytes(data[40:48]) == bytes(8):
        return DROPPED, 0
    seconds = 0
    for byte in data[40:44]:
        seconds = seconds << 8 | byte
    if seconds < _HALF:  # from 2036 on
        seconds += _ERA
    return (GOOD, seconds) if seconds >= _FIRST else (DROPPED, 0)


def local(seconds: int, west_min: int, summer: bool) -> int:
    """Local seconds since 1900."""
    if summer and in_summer(seconds):
        seconds += 3600
    return seconds - 60 * west_min


def in_summer(seconds: int) -> bool:
    """From 01:00 UTC on the last Sunday of March to that of October (directive 2000/84/EC)."""
    days = seconds // _DAY_S
    year = 1900
    while True:
        length = 366 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 365
        if days < length:
            break
        days -= length
        year += 1
    january = seconds // _DAY_S - days
    leap = length - 365
    begin = _sunday(january + 89 + leap) * _DAY_S + 3600  # 31 March is day 89 from 0 on
    end = _sunday(january + 303 + leap) * _DAY_S + 3600
    return begin <= seconds < end


def _sunday(day: int) -> int:
    """The last Sunday up to a day; day 0, 1 January 1900, was a Monday."""
    return day - (day + 1) % 7


class Ntp:
    def __init__(self, ctx):
        self._ctx = ctx
        self.up = False  # the time is known

    async def run(self):
        """OSError: there is no port for it."""
        ctx = self._ctx
        wait_s = _SHORTEST_S
        told_ms = ctx.ticks_ms()
        while True:
            why, seconds = await self._ask()
            if why == STOP:
                while True:
                    await asyncio.sleep(_EVERY_S)
                    self._missed()
            if why == GOOD:
                told_ms = ctx.ticks_ms()
                self.up = True
                wait_s = _SHORTEST_S
                await self._tell(seconds)
                await asyncio.sleep(_EVERY_S)
                continue
            if elapsed(ctx.ticks_ms(), told_ms) > _MISSED_MS:
                self._missed()
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_S)

    def _missed(self):
        scan = self._ctx.scan
        if scan:
            scan.alarms.raise_(_ALARM, scan.now_ms)

    async def _ask(self) -> tuple:
        """As `reply`."""
        ctx = self._ctx
        try:
            address = [
                int(part) for part in (await borrowed("bus.names").resolved(ctx.said["ntp"], ctx)).split(".")
            ]
        except OSError:
            return DROPPED, 0
        server = bytes(address + [ctx.ntp_port >> 8, ctx.ntp_port & 255])
        udp = Udp("0.0.0.0", 0, "")
        nonce = os.urandom(8)
        began_ms = ctx.ticks_ms()
        try:
            udp.send(question(nonce), server)
            while True:
                left_ms = _PATIENCE_MS - elapsed(ctx.ticks_ms(), began_ms)
                if left_ms <= 0:
                    return DROPPED, 0
                came: tuple = await asyncio.wait_for_ms(udp.receive(), left_ms)
                if came[1] == server:
                    found = reply(came[0], nonce)
                    if found[0] != DROPPED:
                        return found
        except (OSError, asyncio.TimeoutError):
            return DROPPED, 0
        finally:
            udp.close()

    async def _tell(self, seconds: int):
        """At the next full minute, since that is what the clock counts."""
        left = 60 - seconds % 60
        await asyncio.sleep(left)
        ctx = self._ctx
        scan = ctx.scan
        if scan:
            now = local(seconds + left, int(ctx.v[_UTC_OFFSET]), ctx.v[_SUMMER] != 0)
            scan.points.clock.tell(now % _DAY_S // 60, NTP, -1, now // _DAY_S - _DAY_2000)
            scan.alarms.clear(_ALARM, scan.now_ms)
