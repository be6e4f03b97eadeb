"""On MicroPython: time and heap of BACnet requests. Prints one JSON line for `isentrope_hil.benchmark`.

Arguments: the firmware's folder, profile.json, requests in a round, rounds. Each figure is of one request
among many alike: microseconds, and bytes allocated. Nothing is collected meanwhile.
"""

import gc
import json
import sys
from time import ticks_diff, ticks_us

sys.path.insert(0, sys.argv[1])

from isentrope.app import build
from isentrope.bench.pins import Pins
from isentrope.bus.bacnet.config import Config
from isentrope.bus.bacnet.frames import put
from isentrope.bus.bacnet.ip import Ip
from isentrope.bus.bacnet.mstp import Mstp
from isentrope.bus.bacnet.stack import Stack
from isentrope.bus.registers import Registers
from isentrope.ports.ram import Ram

Port = __import__(
    "isentrope.ports." + ("rp2" if sys.platform == "rp2" else "unix"), None, None, ("Port",)
).Port
TIMES = int(sys.argv[3])
BATCHES = int(sys.argv[4])
PEER = b"\x0a\x00\x00\x63\xba\xc0"


class Nowhere:
    """A UDP port and an RS-485 line of which only the cost of using them counts."""

    mac = PEER

    def __init__(self):
        self.coming = b""

    def send(self, view, mac):
        pass

    def take(self, view) -> int:
        n = len(self.coming)
        view[:n] = self.coming
        self.coming = b""
        return n

    def write(self, buf, n: int):
        pass


def cost(act) -> tuple:
    """(microseconds, bytes) of one call."""
    act()
    gc.disable()
    least = None
    for _ in range(BATCHES):  # other work on the machine takes its time from some of them
        gc.collect()
        start = gc.mem_alloc()
        began = ticks_us()
        for _ in range(TIMES):
            act()
        us = ticks_diff(ticks_us(), began) / TIMES
        least = us if least is None else min(us, least)
    taken = least, (gc.mem_alloc() - start) / TIMES
    gc.enable()
    return taken


def bvlc(npdu: bytes) -> bytes:
    return b"\x81\x0a" + bytes(((len(npdu) + 4) >> 8, (len(npdu) + 4) & 255)) + npdu


def main() -> None:
    with open(sys.argv[2]) as file:
        profile = json.load(file)
    pins = Pins(profile)
    for place, row in enumerate([row for row in profile["io"] if row["dir"] == "in"]):
        if row["kind"] in ("ntc", "ratiometric"):
            pins.inputs[place] = 1 << row["bits"] - 1  # mid-scale, that is some mild water
    scan = build(profile, pins, Port(), Ram())
    scan.bus = Registers(scan)
    scan.run(0)
    stack = Stack(scan, Config(scan.settings, b"bench"), "bench", "0", None)
    nowhere = Nowhere()
    ip = Ip(stack, nowhere, 0, ())
    stack.links.append(ip)
    objects = stack.objects
    analogue = [place for place in range(objects.count) if objects.kind(place) == 0][:20]
    several = b"".join(
        [bytes((0x0C, 0, 0, 0, objects.instance(place), 0x1E, 0x09, 85, 0x1F)) for place in analogue]
    )
    one = bvlc(b"\x01\x04\x00\x05\x01\x0c\x0c\x00\x00\x00\x03\x19\x55")
    twenty = bvlc(b"\x01\x04\x00\x05\x01\x0e" + several)
    found = {"values": len(analogue)}
    found["read_us"], found["read_bytes"] = cost(lambda: ip.receive(one, PEER))
    found["several_us"], found["several_bytes"] = cost(lambda: ip.receive(twenty, PEER))
    node = Mstp(stack, nowhere, 0, 0)
    stack.links[0] = node
    token = bytearray(8)
    put(token, 0, node.mac()[0], 3, 8)
    now = [0]

    def handle():
        nowhere.coming = token
        now[0] += 3
        node.poll(now[0])
        now[0] += 3
        node.poll(now[0])

    found["token_us"], found["token_bytes"] = cost(handle)
    assert node.tokens >= TIMES
    print(json.dumps(found))


main()
