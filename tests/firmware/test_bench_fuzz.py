"""The parser is total: whatever comes in, it never raises, and the next good request is answered."""

from struct import pack

from bench_host import BYE, DESCRIBE, HELLO, LOG, RESET, STEP, WRITE, frame, opened
from sample import T0

ROUNDS = 3000


class Random:
    """xorshift32 (Marsaglia, J. Stat. Soft. 8(14), 2003): the same numbers on both interpreters."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        x = self.state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self.state = x
        return x % n

    def bytes(self, n):
        return bytes([self.below(256) for _ in range(n)])


def mutated(random, good):
    """`good` with a few bytes flipped, cut, doubled or put in."""
    data = bytearray(good)
    for _ in range(1 + random.below(4)):
        at = random.below(len(data)) if data else 0
        way = random.below(5)
        if way == 0 and data:
            data[at] ^= 1 << random.below(8)
        elif way == 1:
            data = data[:at]
        elif way == 2:
            data = data[:at] + random.bytes(random.below(20)) + data[at:]
        elif way == 3:
            data = data[at:] + data[:at]
        else:
            data = data + data
    return bytes(data)


def alive(host):
    """The next good request is answered, once a delimiter has ended what is pending."""
    host.raw(b"\0")
    host.hello(host.session ^ 1)
    host.reset()
    host.step()


def test_random_bytes():
    host = opened()
    random = Random(1)
    for n in range(ROUNDS):
        host.raw(random.bytes(random.below(60)))
        if n % 50 == 0:
            host.raw(b"\0")
            host.step()
    host.raw(random.bytes(5000))
    alive(host)


def test_mutated_frames():
    host = opened()
    random = Random(2)
    for n in range(ROUNDS):
        kind = (STEP, WRITE, LOG, DESCRIBE)[random.below(4)]
        payload = {STEP: host.inputs(), WRITE: pack("<Hi", 0x3000, 1), LOG: b"\x03", DESCRIBE: pack("<H", 0)}[
            kind
        ]
        host.raw(mutated(random, frame(kind, host.session, host.seq, T0, payload)))
        if n % 50 == 0:
            alive(host)


def test_sound_frames_with_random_contents():
    """Past the CRC: any type, any payload, any numbers in the fields."""
    host = opened()
    random = Random(3)
    kinds = (STEP, WRITE, LOG, DESCRIBE, RESET, BYE, HELLO, 0x41, 0x4D)
    for n in range(ROUNDS):
        kind = kinds[random.below(len(kinds))] if random.below(4) else random.below(256)
        size = (0, 1, 2, 6, 14, 20, 22, random.below(300))[random.below(8)]
        seq = (host.link._seq + random.below(3)) & 0xFFFF
        host.raw(frame(kind, host.link._session & 0xFFFF, seq, random.below(1 << 30), random.bytes(size)))
        if n % 20 == 0:
            alive(host)


def test_scans_with_random_inputs():
    """Any converter count and level: the scan stays whole, and what it says fits its types."""
    host = opened()
    random = Random(4)
    host.ask(WRITE, pack("<Hi", 0x3000, 1))
    for _ in range(ROUNDS):
        raw = [random.below(4096) for _ in range(9)] + [random.below(2) for _ in range(4)]
        if random.below(10) == 0:
            raw[random.below(9)] = 65535
        host.step(raw, dt_ms=(500, 500, 500, 1, 60_000, 0)[random.below(6)])
        if host.status[3]:
            host.ask(LOG, b"\xff")
