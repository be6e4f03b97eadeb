"""Sound bytes made wrong, on MicroPython too: by the module `random`, whose seed is the caller's."""

import random

bits = random.getrandbits


def mutated(good: bytes, most: int) -> bytes:
    """A few bytes changed, cut, put in or doubled; no more than `most` of them."""
    data = bytearray(good)
    for _ in range(1 + bits(2)):
        way = bits(3)
        at = bits(9) % len(data) if data else 0
        if way < 4 and data:
            data[at] = bits(8) if way & 1 else data[at] ^ 1 << bits(3)
        elif way == 4:
            data = data[:at]
        elif way == 5:
            data = data[:at] + bytes((bits(8), bits(8), bits(8))) + data[at:]
        elif way == 6:
            data = data + data[at:]
        else:
            data = data + bytes(bits(6))
        data = data[:most]
    return bytes(data)
