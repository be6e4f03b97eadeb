"""A TCP connection to somebody, beside the scan, on every MicroPython with a network."""

import asyncio
import socket
import sys

from micropython import const

_LOOK_MS = const(50)


async def connect(address: str, port: int, patience_ms: int):
    """A stream to an address of four numbers; nothing here asks for a name, which would wait.

    Raises OSError: nobody is there, or not in time.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opening = None
    try:
        made.setblocking(False)
        try:
            made.connect(socket.getaddrinfo(address, port)[0][-1])
        except OSError as error:
            if error.errno not in (115, 119):  # EINPROGRESS of Linux and lwIP, and of the ESP32
                raise
        done: list = []
        opening = asyncio.create_task(_opened(made, done))
        while not done:
            if patience_ms <= 0:
                raise OSError(110)  # ETIMEDOUT
            await asyncio.sleep_ms(_LOOK_MS)
            patience_ms -= _LOOK_MS
    except BaseException:
        if opening:
            opening.cancel()
        made.close()
        raise
    return asyncio.StreamReader(made)


async def _opened(made, done: list):
    await _writable(made)
    done.append(True)


def _writable(made):
    """As asyncio's own streams wait."""
    yield sys.modules["asyncio.core"]._io_queue.queue_write(made)
