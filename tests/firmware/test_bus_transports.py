"""Modbus' wires without wires: frames on a serial line, peers on a network."""

from isentrope.bus import gate, modbus, peers, rtu
from isentrope.drivers.crc16 import crc

GOOD = b"\x05\x04\x00\x40\x00\x01"


def framed(data):
    check = crc(data, len(data))
    return data + bytes((check & 0xFF, check >> 8))


class Context:
    """Answers every request with three bytes, and counts."""

    def __init__(self):
        self.asked = []
        self.counts = [0] * 4

    def pdu(self, buf, at, n, out, o, bus):
        assert bus == gate.RTU
        self.asked.append(bytes(buf[at : at + n]))
        out[o : o + 3] = bytes((buf[at], 1, 7)) if buf[at] < 100 else bytes((buf[at] | 0x80, 1, 0))
        return 3

    def count(self, which):
        self.counts[which] += 1


class Line:
    def __init__(self, unit=5):
        self.ctx = Context()
        self.rtu = rtu.Rtu(None, self.ctx, unit, 3)

    def __call__(self, data):
        self.rtu._in[: len(data)] = data
        n = self.rtu.answer(len(data))
        answer = bytes(self.rtu._out[:n])
        assert not n or crc(answer, n) == 0
        return answer[:-2]


def test_silence_is_three_and_a_half_characters():
    assert [rtu.silence_ms(baud) for baud in (1200, 9600, 19200, 38400, 115200)] == [33, 5, 3, 2, 2]


def test_a_request_tells_its_length():
    for data in (
        b"\x01\x01\0\0\0\1", b"\x01\x05\0\0\xff\0", b"\x01\x06\0\0\0\1", b"\x01\x08\0\0\x12\x34",
        b"\x01\x0f\0\0\0\2\1\3", b"\x01\x10\0\0\0\2\4\0\1\0\2", b"\x01\x16\0\0\0\1\0\2",
        b"\x01\x17\0\0\0\1\0\0\0\1\2\0\1", b"\x01\x2b\x0e\1\0",
    ):  # fmt: skip
        whole = framed(data)
        assert rtu.request_size(whole, 0, len(whole)) == len(whole), data
        assert rtu.request_size(b"..." + whole, 3, len(whole)) == len(whole)
        for n in range(2):
            assert rtu.request_size(whole, 0, n) == 0


def test_frames_for_us_are_answered():
    line = Line()
    assert line(framed(GOOD)) == b"\x05\x04\x01\x07" and line.ctx.asked == [GOOD[1:]]
    assert line(framed(b"\x05\x63")) == b"\x05\x63\x01\x07"
    assert line(framed(b"\x05\x64"))[:2] == b"\x05\xe4"
    assert line.ctx.counts == [3, 1, 0, 0]


def test_everybody_is_written_to_without_an_answer():
    line = Line()
    for function in (5, 6, 15, 16, 22):
        assert line(framed(bytes((0, function)) + GOOD[2:])) == b""
    assert len(line.ctx.asked) == 5
    for function in (1, 2, 3, 4, 8, 23, 43):
        assert line(framed(bytes((0, function)) + GOOD[2:])) == b""
    assert len(line.ctx.asked) == 5 and line.ctx.counts == [0, 0, 0, 0]


def test_damage_is_silence_and_is_counted_and_others_frames_are_not_damage():
    line = Line()
    whole = framed(GOOD)
    for bit in range(8 * len(whole)):
        data = bytearray(whole)
        data[bit >> 3] ^= 1 << (bit & 7)
        assert line(bytes(data)) == b""
    for n in range(len(whole)):
        assert line(whole[:n]) == b""
    assert line.ctx.asked == [] and line.ctx.counts[modbus.BAD_FRAMES] == 9 * len(whole)
    assert line(framed(b"\x06" + GOOD[1:])) == b"" and line(framed(b"\x06\x04\x02\x12\x34")) == b""
    assert line.ctx.counts[modbus.BAD_FRAMES] == 9 * len(whole)


def test_the_last_frame_of_a_breath_is_ours():
    line = Line()
    others = framed(b"\x06\x04\x00\x00\x00\x02") + framed(b"\x06\x04\x04\x00\x05\x00\x05")
    assert line(others) == b"" and line.ctx.counts[modbus.BAD_FRAMES] == 0
    assert line(others + framed(GOOD)) == b"\x05\x04\x01\x07"
    assert line(framed(GOOD) + others) == b"", "somebody has gone on since"


def test_addresses_of_peers():
    assert peers.address(("192.168.1.20", 502)) == bytes((192, 168, 1, 20))
    assert peers.address(b"\x02\0\x01\xf6\x0a\x00\x00\x07" + bytes(8)) == bytes((10, 0, 0, 7))


def settings(*allow):
    return [0.0] * 128 + [float(each) for each in allow]


def test_everybody_may_come_unless_a_network_is_named():
    here, there = bytes((192, 168, 1, 20)), bytes((192, 168, 2, 20))
    assert peers.allowed(here, settings(0, 0, 0, 0, 0), ())
    for bits, both in ((8, (True, True)), (22, (True, True)), (23, (True, False)), (24, (True, False))):
        v = settings(192, 168, 1, 0 if bits < 32 else 20, bits)
        assert (peers.allowed(here, v, ()), peers.allowed(there, v, ())) == both, bits
    assert peers.allowed(here, settings(192, 168, 1, 20, 32), ())
    assert not peers.allowed(here, settings(192, 168, 1, 21, 32), ())
    networks = ([10, 0, 0, 0, 8], [192, 168, 2, 0, 24])
    assert peers.allowed(there, settings(0, 0, 0, 0, 0), networks)
    assert not peers.allowed(here, settings(0, 0, 0, 0, 0), networks)
    assert peers.allowed(here, settings(192, 168, 1, 0, 24), networks)


def test_a_bucket_lets_a_burst_through_and_then_so_many_a_second():
    for begin in (0, 2**30 - 300):
        bucket = peers.Bucket(begin)
        now, served = begin, 0
        while now - begin < 10_000:
            now += max(bucket.wait_ms(now & 0x3FFFFFFF, 20), 1)
            served += 1
        assert 195 <= served <= 211, served
        assert bucket.wait_ms((now + 60_000) & 0x3FFFFFFF, 20) == 0
