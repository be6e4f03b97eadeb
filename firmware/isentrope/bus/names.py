"""Addresses of hosts by their names, without waiting: a question to the network's own name server.

Borrowed (`tables`). What MicroPython offers (getaddrinfo) stands still until somebody answers, seconds long,
and the scan with it.
"""

import asyncio
import os

from micropython import const

from ..ports.udp import Udp

_PORT = const(53)
_TRIES = const(3)
_PATIENCE_MS = const(2000)  # own
_LONGEST = const(253)  # RFC 1035, 2.3.4, as text


async def resolved(host: str, ctx) -> str:
    """Four numbers. OSError: nobody knows this name."""
    parts = host.split(".")
    if len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts):
        return host
    if ctx.network is None:  # a system, which has its own ways
        import socket

        return "%d.%d.%d.%d" % tuple(socket.getaddrinfo(host, _PORT)[0][-1][4:8])
    server = [int(part) for part in ctx.network.interface()[3].split(".")]
    udp = Udp("0.0.0.0", 0, "")
    try:
        for _ in range(_TRIES):
            identity = os.urandom(2)
            udp.send(question(identity, host), bytes(server + [0, _PORT]))
            try:
                came: tuple = await asyncio.wait_for_ms(udp.receive(), _PATIENCE_MS)
            except asyncio.TimeoutError:
                continue
            found = answer(came[0], identity)
            if found and came[1] == bytes(server + [0, _PORT]):
                return found
    finally:
        udp.close()
    raise OSError(2)


def question(identity: bytes, host: str) -> bytes:
    """Who has the address (A) of this host (RFC 1035, 4.1). OSError: it can be nobody's name."""
    data = identity + b"\1\0\0\1\0\0\0\0\0\0"
    if len(host) > _LONGEST:
        raise OSError(2)
    for label in host.strip(".").split("."):
        if not 0 < len(label) < 64:
            raise OSError(2)
        data += bytes((len(label),)) + label.encode()
    return data + b"\0\0\1\0\1"


def _past(data, at: int) -> int:
    """What follows a name; over the end where it is damaged."""
    while at < len(data):
        size = data[at]
        if size & 0xC0:
            return at + 2
        at += size + 1
        if not size:
            break
    else:
        return len(data) + 1
    return at


def answer(data, identity: bytes) -> str:
    """The first address of an answer to `identity`; "": there is none. Any bytes are taken."""
    if len(data) < 12 or bytes(data[:2]) != identity or data[2] & 0x80 == 0 or data[3] & 15:
        return ""
    at = _past(data, 12) + 4
    for _ in range(data[6] << 8 | data[7]):
        at = _past(data, at)
        if at + 10 > len(data):
            return ""
        size = data[at + 8] << 8 | data[at + 9]
        if bytes(data[at : at + 4]) == b"\0\1\0\1" and size == 4 and at + 14 <= len(data):
            return "%d.%d.%d.%d" % tuple(data[at + 10 : at + 14])
        at += 10 + size
    return ""
