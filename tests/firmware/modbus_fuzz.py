"""Mutated Modbus frames into a live controller's server: micropython modbus_fuzz.py FRAMES

A third each goes to the PDU core, to the RTU framing and, through a stream that gives pieces of any size, to
the TCP framing. What has to hold is asserted here; the last line is "N frames, N answers, N bytes kept".
"""

import asyncio
import gc
import random
import sys

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
sys.path[:0] = [HERE, HERE + "/../../firmware"]

from bench_host import Board  # noqa: E402
from isentrope import settings  # noqa: E402
from isentrope.bus import gate  # noqa: E402
from isentrope.bus.buses import Buses  # noqa: E402
from isentrope.bus.rtu import Rtu  # noqa: E402
from isentrope.bus.tcp import Client, Tcp  # noqa: E402
from isentrope.drivers.crc16 import crc  # noqa: E402
from mutation import bits, mutated  # noqa: E402

_MOST = 252  # bytes of a mutated one
_WARM = 50_000  # until rings and dictionaries have their size

GOOD = b"\x04\x00\x40\x00\x01"  # map_version
ANSWER = b"\x04\x02\x00\x01"
SEEDS = (
    GOOD,
    b"\x01\x00\x00\x00\x01",
    b"\x02\x00\x00\x00\x04",
    b"\x03\x40\x00\x00\x7d",
    b"\x04\x00\x02\x00\x02",
    b"\x05\x00\x00\xff\x00",
    b"\x06\x00\x01\x01\x90",
    b"\x08\x00\x00\x12\x34",
    b"\x0f\x00\x03\x00\x02\x01\x01",
    b"\x10\x00\x65\x00\x04\x08\x01\x2c\x00\xd7\x01\xf4\x02\x58",
    b"\x10\x40\x55\x00\x02\x04\x00\x3c\x00\x78",
    b"\x16\x00\x01\x00\xf2\x01\x25",
    b"\x17\x40\x00\x00\x10\x00\x01\x00\x01\x02\x01\x90",
    b"\x2b\x0e\x02\x00",
)


class Stream:
    """What a client has sent, in pieces; answers are kept."""

    def __init__(self, data: bytes):
        self.data = data
        self.at = 0
        self.sent = b""
        self.s = self

    async def readinto(self, view) -> int:
        n = min(1 + bits(6), len(view), len(self.data) - self.at)
        view[:n] = self.data[self.at : self.at + n]
        self.at += n
        return n

    def write(self, data):
        self.sent = bytes(data)

    async def drain(self):
        pass


class Fuzz:
    def __init__(self):
        self.board = Board()
        for row in list(settings.rows()):
            if row[1] in ("commissioned", "bus_write", "modbus_rate"):
                raw = {"commissioned": 1, "bus_write": 3, "modbus_rate": 1000}[row[1]]
                assert self.board.machine.settings.set_raw(row[0], raw) == 0
        self.board.scans(2)
        self.buses = Buses(self.board.modes, self.board.modes.heap, self.board.port)
        self.rtu = Rtu(None, self.buses, 1, 3)
        self.tcp = Tcp(self.buses)
        self.out = bytearray(260)
        self.answers = 0

    def pdu(self, data: bytes) -> bytes:
        n = self.buses.pdu(data, 0, len(data), self.out, 4, gate.RTU)
        assert 2 <= n <= 253, n
        return bytes(self.out[4 : 4 + n])

    def line(self, data: bytes) -> bytes:
        self.rtu._in[: len(data)] = data
        n = self.rtu.answer(len(data))
        if n:
            assert 5 <= n <= 256 and crc(self.rtu._out, n) == 0 and self.rtu._out[0] == 1, n
        return bytes(self.rtu._out[1 : n - 2]) if n else b""

    def net(self, data: bytes) -> bytes:
        """The last answer of a connection."""
        stream = Stream(data)
        client = Client(None, b"\x7f\0\0\x01", self.tcp._bucket(b"\x7f\0\0\x01"), self.board.port.ticks_ms())
        asyncio.run(self.tcp._talk(stream, client))
        if stream.sent:
            assert len(stream.sent) == 6 + (stream.sent[4] << 8 | stream.sent[5]), stream.sent
        return stream.sent[7:]

    def alive(self):
        assert self.pdu(GOOD) == ANSWER
        assert self.line(framed(b"\x01" + GOOD)) == ANSWER
        assert self.net(headed(b"\x01" + GOOD)) == ANSWER
        self.board.scans(1)

    def round(self, n: int):
        """`n` frames, a third for each."""
        for k in range(n // 3):
            seed = mutated(SEEDS[k % len(SEEDS)], _MOST)
            self.pdu(seed)
            unit = bytes((bits(2),))
            data = framed(unit + seed)
            if not bits(2):
                data = mutated(data, _MOST)
            self.answers += self.line(data) != b""
            data = headed(unit + seed)
            if not bits(1):
                data = mutated(data, _MOST)
            self.answers += self.net(data) != b""
            if k % 50 == 0:
                self.alive()


def framed(data: bytes) -> bytes:
    check = crc(data, len(data))
    return data + bytes((check & 0xFF, check >> 8))


def headed(data: bytes) -> bytes:
    return bytes((bits(8), bits(8), 0, 0, len(data) >> 8, len(data) & 0xFF)) + data


def main():
    frames = int(sys.argv[1])
    random.seed(7)
    fuzz = Fuzz()
    fuzz.round(_WARM)
    gc.collect()
    before = gc.mem_alloc()
    fuzz.round(frames)
    gc.collect()
    kept = gc.mem_alloc() - before
    fuzz.alive()
    print("%d frames, %d answers, %d bytes kept" % (frames, fuzz.answers, kept))


main()
