"""COBS in place against the textbook's."""

from isentrope.link import cobs


def textbook(data):
    """Cheshire and Baker's algorithm, byte by byte."""
    out = bytearray([0])
    code = 1
    at = 0
    for byte in data:
        if code == 255:
            out[at] = 255
            at = len(out)
            out.append(0)
            code = 1
        if byte:
            out.append(byte)
            code += 1
        else:
            out[at] = code
            at = len(out)
            out.append(0)
            code = 1
    out[at] = code
    return bytes(out)


def encoded(data):
    buf = bytearray(len(data) + 12)
    buf[2 : 2 + len(data)] = data
    n = cobs.encode(buf, 2 + len(data))
    assert buf[0] == 0 and buf[n - 1] == 0
    return bytes(buf[1 : n - 1])


def decoded(piece):
    buf = bytearray(b"\x55" + piece + b"\x00")
    n = cobs.decode(buf, 1, 1 + len(piece))
    return None if n < 0 else bytes(buf[2:n])


def samples():
    for n in list(range(20)) + [252, 253, 254, 255, 256, 507, 508, 509, 510, 762, 1011]:
        yield bytes(n)
        yield b"\x01" * n
        yield b"\x01" * n + b"\0"
        yield b"\0" + b"\xff" * n
        yield bytes((i * 7919 >> 3) & 0xFF for i in range(n))
        yield b"\x05" * n + b"\0" + b"\x06" * n


def test_encoding_is_the_textbooks():
    for data in samples():
        if len(data) <= 1024:
            assert encoded(data) == textbook(data), len(data)


def test_decoding_undoes_it():
    for data in samples():
        assert decoded(textbook(data)) == data, len(data)


def test_what_is_no_encoding_is_refused():
    for piece in (
        b"\x02",
        b"\x05\x01\x01",
        b"\xff" + b"\x01" * 100,
        b"\x01\x09\x01",
        b"\xff" + b"\x01" * 254 + b"\x03",
    ):
        assert decoded(piece) is None, piece
