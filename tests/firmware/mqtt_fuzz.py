"""Mutated packets into a live controller's MQTT client: micropython mqtt_fuzz.py PACKETS

They come through a stream that gives pieces of any size. What has to hold is asserted here; the last line is
"N packets, N taken, N bytes kept".
"""

import asyncio
import gc
import random
import sys

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
sys.path[:0] = [HERE, HERE + "/../../firmware"]

from bench_host import Board  # noqa: E402
from isentrope import settings  # noqa: E402
from isentrope.bus import names, networkfile, ntp  # noqa: E402
from isentrope.bus.buses import Buses  # noqa: E402
from isentrope.bus.mqtt.client import Client, Refused  # noqa: E402
from isentrope.bus.mqtt.state import State  # noqa: E402
from mutation import bits, mutated  # noqa: E402

_MOST = 800  # bytes of a mutated one
_WARM = 50_000  # until rings and dictionaries have their size
BASE = b"isentrope/hp-1/"
SETPOINT = 0x2001


def message(topic: bytes, payload: bytes, first: int = 0x32) -> bytes:
    body = bytes((len(topic) >> 8, len(topic) & 0xFF)) + topic + (b"\0\7" if first & 2 else b"") + payload
    size = len(body)
    head = bytes((size,)) if size < 128 else bytes((size & 0x7F | 0x80, size >> 7))
    return bytes((first,)) + head + body


GOOD = message(BASE + b"flow_setpoint_c/set", b"42.5")
OTHER = message(BASE + b"flow_setpoint_c/set", b"40")
SEEDS = (
    GOOD,
    message(BASE + b"enable/set", b"1"),
    message(BASE + b"hot_water_setpoint_c/set", b"48.5", 0x30),
    message(BASE + b"sg_request/set", b"", 0x3A),
    message(BASE + b"enable/set", b"0", 0x33),
    message(b"homeassistant/status", b"online", 0x30),
    message(BASE + b"room_c/set", b"2" * 300),
    b"\x20\x02\0\0",
    b"\x40\x02\0\7",
    b"\x90\x03\0\7\1",
    b"\xd0\0",
)


class Stream:
    """What a broker has sent, in pieces."""

    def __init__(self, data: bytes):
        self.data = data
        self.at = 0

    async def readinto(self, view) -> int:
        assert len(view) > 0, "there is always room"
        n = min(1 + bits(7), len(view), len(self.data) - self.at)
        view[:n] = self.data[self.at : self.at + n]
        self.at += n
        return n


class Fuzz:
    def __init__(self):
        self.board = Board({"fieldbus": {"network": {"mqtt_host": "127.0.0.1", "hostname": "hp-1"}}})
        for row in list(settings.rows()):
            raw = {"commissioned": 1, "bus_write": 16, "bus_quota": 1000}.get(row[1])
            if raw is not None:
                assert self.board.machine.settings.set_raw(row[0], raw) == 0
        self.board.scans(2)
        self.buses = Buses(self.board.modes, self.board.modes.heap, self.board.port)
        networkfile.read(self.buses)
        self.client = Client(self.buses)
        self.client._state = State(self.buses.registers())
        self.taken = 0

    def sends(self, data: bytes) -> bool:
        """Whether the connection lasts to its end."""
        client = self.client
        self.board.port.now_ms += 10_000  # nobody waits for the bucket
        client._acks.clear()
        client._refused.clear()
        try:
            asyncio.run(client._listen(Stream(data)))
        except EOFError:
            return True
        except Refused:
            return False
        finally:
            assert len(client._refused) <= 4 and len(client._acks) <= 1 + len(data) // 4

    def alive(self):
        registers = self.buses.registers()
        assert self.sends(OTHER + GOOD) and registers.get(SETPOINT) == 425, registers.get(SETPOINT)
        assert self.client._acks == [7, 7]
        assert self.sends(OTHER) and registers.get(SETPOINT) == 400
        self.board.scans(1)

    def round(self, n: int):
        for k in range(n):
            seed = SEEDS[k % len(SEEDS)]
            self.taken += self.sends(mutated(seed, _MOST) if bits(2) else seed + mutated(seed, _MOST))
            if k % 5 == 0:
                ntp.reply(mutated(TIME, _MOST), NONCE)
                names.answer(mutated(NAME, _MOST), NAME[:2])
            if k % 100 == 0:
                self.alive()


NONCE = bytes(range(8))
TIME = b"\x24\2\6\xec" + bytes(20) + NONCE + b"\xee\xb6\x85\x80\0\0\0\0" * 2
NAME = (
    b"\x12\x34\x81\x80\0\1\0\2\0\0\0\0\3ntp\7example\3org\0\0\1\0\1\xc0\x0c\0\5\0\1\0\0\0\x3c\0\4\1a\xc0\x10"
    b"\xc0\x2d\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\7"
)


def main():
    packets = int(sys.argv[1])
    random.seed(7)
    fuzz = Fuzz()
    assert ntp.reply(TIME, NONCE)[0] == ntp.GOOD and names.answer(NAME, NAME[:2]) == "192.0.2.7"
    fuzz.alive()
    fuzz.round(_WARM)
    gc.collect()
    before = gc.mem_alloc()
    fuzz.round(packets)
    gc.collect()
    kept = gc.mem_alloc() - before
    fuzz.alive()
    print("%d packets, %d taken, %d bytes kept" % (packets, fuzz.taken, kept))


main()
