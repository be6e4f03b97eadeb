"""On MicroPython: mutated BACnet frames into the whole stack, in-process. Prints one JSON line.

Arguments: frames for BACnet/IP, frames for MS/TP, seed. Every frame is a good one that was cut, stretched,
spliced, or had bits, bytes and lengths changed; now and then a good request has to be answered as ever.
"""

import gc
import json
import sys
from time import ticks_diff, ticks_ms

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
sys.path[:0] = [HERE, HERE + "/../../firmware"]

from bacnet_bench import AI, AV, BI, BV, DEVICE, INSTANCE, NULL, PORT, context, identifier, real, reference  # noqa
from isentrope.bus.bacnet.mstp import Mstp  # noqa: E402
from isentrope.bus.bacnet.stack import ABORTS, ERRORS, FAULTS, REJECTS  # noqa: E402
from mstp_line import Line, frame  # noqa: E402
from test_bacnet_ip import ANSWER, PEER, READ, Net, bvlc  # noqa: E402

KINDS = (0, 1, 2, 3, 4, 5, 5, 5, 6, 7)  # of MS/TP's frames
WARM = 10_000  # frames until whatever is loaded or set once is there
PV = context(1, b"\x55")
WRITE = reference(AV, 2) + PV + b"\x3e" + real(40.0) + b"\x3f" + context(4, b"\x08")
SUBSCRIBE = context(0, b"\x01") + context(1, identifier(BI, 1)) + context(2, b"\x00") + context(3, b"\x3c")


def confirmed(service, parameters):
    return bytes([1, 4, 0, 5, 7, service]) + parameters


def several(kind, instance, prop):
    return reference(kind, instance) + b"\x1e" + context(0, prop) + b"\x1f"


NETWORK = (
    READ,
    confirmed(12, reference(DEVICE, INSTANCE) + context(1, b"\x4c")),
    confirmed(12, reference(AV, 2) + context(1, b"\x57") + context(2, b"\x08")),
    confirmed(12, reference(PORT, 1) + context(1, b"\x01\x9c")),
    confirmed(14, several(AI, 3, b"\x08") + several(AV, 2, b"\x55")),
    confirmed(14, several(BV, 1, b"\x69")),
    confirmed(15, WRITE),
    confirmed(15, reference(AV, 2) + PV + b"\x3e" + NULL + b"\x3f" + context(4, b"\x08")),
    confirmed(16, reference(AV, 2) + b"\x1e" + context(0, b"\x55") + b"\x2e" + real(41.0) + b"\x2f\x1f"),
    confirmed(5, SUBSCRIBE),
    confirmed(17, context(0, b"\x01") + context(1, b"\x00")),
    confirmed(20, context(0, b"\x01") + context(1, b"\x00123")),
    b"\x01\x00\x10\x08" + context(0, b"\x00") + context(1, b"\xff\xff"),
    b"\x01\x20\xff\xff\x00\xff\x10\x08",
    b"\x01\x00\x10\x07" + context(3, b"\x00flow_c"),
    b"\x01\x00\x10\x06\xa4\x7e\x0b\x1d\x07\xb4\x0c\x1e\x00\x00",
    b"\x01\x0c\x00\x05\x01\x63" + READ[2:],
    b"\x01\x80\x00\x00\x05",
    b"\x01\x00\x20\x01\x01",
    b"\x01\x00\x50\x01\x01\x91\x02\x91\x1f",
)


class Random:
    """Small, and the same everywhere."""

    def __init__(self, seed):
        self.x = seed or 1

    def __call__(self, n):
        x = self.x
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self.x = x
        return x % n


def mutate(data, others, random):
    data = bytearray(data)
    for _ in range(1 + random(4)):
        how = random(8)
        at = random(len(data)) if data else 0
        if how == 0 and data:
            data[at] ^= 1 << random(8)
        elif how == 1 and data:
            data[at] = random(256)
        elif how == 2:
            data = data[:at]
        elif how == 3:
            data = data[:at] + bytes([random(256) for _ in range(random(9))]) + data[at:]
        elif how == 4:
            data = data[:at] + data[at + 1 + random(4) :]
        elif how == 5:
            other = others[random(len(others))]
            data = data[:at] + other[random(len(other)) :]
        elif how == 6 and data:
            data[at] = (0, 0xFF, 0x0E, 0x0F, 0x3E, 0x3F, 0xFD, 0x75, 0x7F, 0x80)[random(10)]
        elif data:
            data = data + data[at:]
    return data[:1400]


def used():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def settle(net):
    """Nothing borrowed, nobody subscribed, nothing that waits."""
    net.stack.cov = net.stack.clock = None
    net.stack.silent = net.stack.restart = 0
    for ms in range(0, 6000, 100):
        net.stack.step(ms)
    net.udp.sent = []


def over_ip(net, count, random):
    good = bvlc(10, READ)
    kinds = (10, 10, 10, 10, 11, 4, 0, 1, 2, 5, 6, 8, 9, 12, 3, 7, 255)
    for n in range(count):
        seed = NETWORK[random(len(NETWORK))]
        if random(4):
            data = mutate(seed, NETWORK, random)
            function = kinds[random(len(kinds))]
            data = bvlc(function, PEER + bytes(data) if function == 4 else bytes(data))
        else:
            data = bytes(mutate(bvlc(10, seed), NETWORK, random))
        net.ip.receive(data, PEER)
        net.udp.sent = []
        net.stack.restart = 0
        if n % 64 == 0:
            net.stack.step(n * 5)
            net.udp.sent = []
        if n % 1000 == 0:
            net.stack.silent = 0
            assert net.datagram(good) == [(PEER, bvlc(10, ANSWER))], n
            gc.collect()


def over_mstp(net, count, random):
    line = Line()
    node = Mstp(net.stack, line, 0, 0)
    net.stack.links[0] = node
    now_ms = 0
    good = frame(5, 1, 9, READ)
    for n in range(count):
        seed = frame(KINDS[random(10)], (1, 1, 1, 255, 2)[random(5)], 9, NETWORK[random(len(NETWORK))])
        how = random(3)
        if how == 0:
            data = mutate(seed, NETWORK, random)
        elif how == 1:
            data = frame(5, 1, 9, bytes(mutate(NETWORK[random(len(NETWORK))], NETWORK, random))[:501])
        else:
            data = seed
        line.coming = bytes(data)
        for _ in range(3):
            now_ms += 4
            node.poll(now_ms)
        if n % 1000 == 0:
            net.stack.silent = net.stack.restart = 0
            net.stack.step(now_ms)
            for _ in range(30):
                now_ms += 10
                node.poll(now_ms)
            line.coming = good
            line.sent = b""
            for _ in range(5):
                now_ms += 4
                node.poll(now_ms)
                if line.sent[2:3] == b"\x06":
                    break
            assert line.sent[8 : 8 + len(ANSWER)] == ANSWER, (n, line.sent)
            gc.collect()
        line.sent = b""
    net.stack.links[0] = net.ip
    return node


def main():
    counts = int(sys.argv[1]), int(sys.argv[2])
    random = Random(int(sys.argv[3]))
    net = Net()

    over_ip(net, WARM, random)
    over_mstp(net, WARM, random)
    settle(net)
    before = used()
    began = ticks_ms()
    over_ip(net, counts[0], random)
    over_mstp(net, counts[1], random)
    took = ticks_diff(ticks_ms(), began)
    settle(net)
    after = used()
    counters = net.stack.counters
    print(
        json.dumps(
            {
                "ms": took,
                "lost": after - before,
                "faults": counters[FAULTS],
                "refused": counters[ERRORS] + counters[REJECTS] + counters[ABORTS],
            }
        )
    )


main()
