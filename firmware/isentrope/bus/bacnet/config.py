"""What the settings say of BACnet, by their places in `Settings.v`."""

import asyncio

from micropython import const

from ...tables import settle
from ..peers import allowed

_WAIT_MS = const(500)

_BASE = const(133)
_ON = _BASE  # 1 IP, 2 MS/TP
_INSTANCE_HIGH = _BASE + 1  # ten thousands
_INSTANCE_LOW = _BASE + 2
_VENDOR = _BASE + 3
_PORT = _BASE + 4  # counted from 47808
_PASSWORD = _BASE + 5
_UTC_OFFSET = _BASE + 6
_BBMD = _BASE + 7  # four bytes
_BBMD_PORT = _BASE + 11
_LIFETIME = _BASE + 12
_MAC = _BASE + 13
MAX_MASTER = _BASE + 14
MAX_INFO_FRAMES = _BASE + 15
_BAUD = _BASE + 16
_SUMMER = const(203)  # NTP's

_DEFAULT_PORT = const(0xBAC0)
_INSTANCES = const(4194303)  # the last is no device's


async def device(ctx):
    """The one stack for all links of a controller, made when the first link comes up."""
    from .stack import Stack

    settle()
    while ctx.registers() is None:  # no scan yet
        await asyncio.sleep_ms(_WAIT_MS)
    scan = ctx.scan
    if ctx.bacnet is None or ctx.bacnet.scan is not scan:
        version, _, board, _ = ctx.names
        ctx.bacnet = Stack(scan, Config(scan.settings, _chip()), board, version, ctx.restart)
    return ctx.bacnet


def _chip() -> bytes:
    """Its number, where it has one."""
    try:
        return __import__("machine").unique_id()
    except (ImportError, AttributeError):
        return b""


class Config:
    """The settings in force; `chip` is what the instance comes from where they name none."""

    def __init__(self, settings, chip: bytes):
        self._settings = settings
        self._v = settings.v
        self._chip = chip

    def on(self, link: int) -> bool:
        """1 IP, 2 MS/TP."""
        return int(self._v[_ON]) & link != 0

    def instance(self) -> int:
        """Of the device; without one its chip's: a number that hardly another device has."""
        value = int(self._v[_INSTANCE_HIGH]) * 10_000 + int(self._v[_INSTANCE_LOW])
        if value:
            return min(value, _INSTANCES - 1)
        for byte in self._chip:
            value = (value * 31 + byte) & 0x3FFFFF
        return value % (_INSTANCES - 1) + 1

    def vendor(self) -> int:
        return int(self._v[_VENDOR])

    def port(self) -> int:
        return _DEFAULT_PORT + int(self._v[_PORT])

    def password(self) -> int:
        """0: none is asked for."""
        return int(self._v[_PASSWORD])

    def utc_offset(self) -> int:
        """Minutes, positive to the west, as BACnet has it."""
        return int(self._v[_UTC_OFFSET])

    def summer(self) -> bool:
        """Europe's summer time is kept."""
        return self._v[_SUMMER] != 0.0

    def bbmd(self) -> bytes:
        """Address and port of the BBMD to register with; empty: with none."""
        v = self._v
        if not v[_LIFETIME]:
            return b""
        port = _DEFAULT_PORT + int(v[_BBMD_PORT])
        return bytes([int(v[_BBMD + i]) for i in range(4)] + [port >> 8, port & 255])

    def lifetime(self) -> int:
        """Of that registration, in seconds."""
        return int(self._v[_LIFETIME])

    def mac(self) -> int:
        return int(self._v[_MAC])

    def max_master(self) -> int:
        return int(self._v[MAX_MASTER])

    def max_info_frames(self) -> int:
        return int(self._v[MAX_INFO_FRAMES])

    def baud(self) -> int:
        return int(self._v[_BAUD])

    def identity(self, place: int) -> int:
        """A setting's permanent id."""
        return self._settings.identity(place)

    def allowed(self, address, networks) -> bool:
        """That client may come, by `bus_allow` or the profile's networks (bus/peers.py)."""
        return allowed(address, self._v, networks)
