"""UDP on every MicroPython with a network: addresses are six bytes, IP and port."""

import asyncio
import socket
import sys

from micropython import const

_LONGEST = const(1536)  # own: more than any datagram of BACnet


def _address(mac, plain: bool):
    """What the socket takes: on unix the C structure of an IPv4 address, elsewhere a tuple."""
    if plain:
        return bytes((2, 0)) + mac[4:6] + mac[:4] + bytes(8)
    return "%d.%d.%d.%d" % tuple(mac[:4]), mac[4] << 8 | mac[5]


def _mac(address) -> bytes:
    if isinstance(address, tuple):
        port = address[1]
        return bytes([int(part) for part in address[0].split(".")] + [port >> 8, port & 255])
    return bytes(address[4:8]) + bytes(address[2:4])


class Udp:
    """A socket bound to `host`; where that has a broadcast address, another one that hears it."""

    def __init__(self, host: str, port: int, broadcast: str):
        """Raises OSError: the address is in use, or is not this device's."""
        found = socket.getaddrinfo(host, port)[0][-1]
        self._plain = not isinstance(found, tuple)
        self.mac = _mac(found)
        self._all = b""
        self._sockets: list = []
        try:
            self._open(found)
            if broadcast:
                other = socket.getaddrinfo(broadcast, port)[0][-1]
                self._all = _mac(other)
                self._sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                # Linux gives a socket that is bound to an address no broadcasts; lwIP does.
                if self._plain and self.mac[:4] != bytes(4):
                    self._open(other)
        except OSError:
            self.close()
            raise

    def _open(self, address):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sockets.append(made)
        made.setblocking(False)
        made.bind(address)

    async def receive(self) -> tuple:
        """The next datagram and who sent it."""
        while True:
            for each in self._sockets:
                try:
                    data, address = each.recvfrom(_LONGEST)
                except OSError:
                    continue
                return data, _mac(address)
            if len(self._sockets) > 1:  # asyncio waits for one thing at a time
                await asyncio.sleep_ms(10)
            else:
                await _readable(self._sockets[0])

    def send(self, view, mac):
        self._sockets[0].sendto(view, _address(mac, self._plain))

    def broadcast(self, view):
        """To everybody on the subnet, where there is such an address."""
        if self._all:
            self.send(view, self._all)

    def close(self):
        for each in self._sockets:
            each.close()


def _readable(made):
    """As asyncio's own streams wait."""
    yield sys.modules["asyncio.core"]._io_queue.queue_read(made)
