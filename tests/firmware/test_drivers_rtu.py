"""The Modbus RTU master: frames byte by byte, time-outs, retries, and what a bad line sends."""

from isentrope.drivers.rtu import BUSY, DONE, FAILED, IDLE, Master, crc

WRAP = 2**30


class Line:
    """A line whose other end is the test's; `sent` are the frames that the master wrote."""

    def __init__(self):
        self.sent = []
        self.coming = b""

    def take(self, view):
        n = min(len(view), len(self.coming))
        for i in range(n):
            view[i] = self.coming[i]
        self.coming = self.coming[n:]
        return n

    def write(self, buf, n):
        self.sent.append(bytes(buf[:n]))


def framed(*body):
    check = crc(bytes(body), len(body))
    return bytes(body) + bytes((check & 0xFF, check >> 8))


def master(timeout=200, retries=2, most=8):
    line = Line()
    return Master(line, timeout, retries, most), line


def test_check_sum():
    # MODBUS over Serial Line V1.02, appendix B has 02 07 -> 0x1241; the others are usual examples.
    assert crc(b"\x02\x07", 2) == 0x1241
    assert crc(b"\x01\x04\x02\xff\xff", 5) == 0x80B8
    assert crc(b"123456789", 9) == 0x4B37
    assert crc(b"", 0) == 0xFFFF


def test_requests_byte_by_byte():
    at, line = master()
    at.read(0, 0x11, 0x006B, 3)  # of the application protocol's example for function 3
    assert line.sent[-1] == b"\x11\x03\x00\x6b\x00\x03\x76\x87"
    at, line = master()
    at.read(0, 1, 8, 1, 4)
    assert line.sent[-1] == b"\x01\x04\x00\x08\x00\x01\xb0\x08"
    at, line = master()
    at.write(0, 0x11, 1, 3)
    assert line.sent[-1] == b"\x11\x06\x00\x01\x00\x03\x9a\x9b"
    at, line = master()
    at.write(0, 1, 1, 0x1234, 16)
    assert line.sent[-1] == framed(1, 16, 0, 1, 0, 1, 2, 0x12, 0x34)


def test_an_answer_to_a_read():
    at, line = master()
    at.read(0, 0x11, 0x6B, 3)
    assert at.step(10) == BUSY
    line.coming = b"\x11\x03\x06\xae\x41\x56\x52\x43\x40\x49\xad"
    assert at.step(20) == DONE
    assert [at.value(n) for n in range(3)] == [0xAE41, 0x5652, 0x4340]
    assert at.step(30) == DONE and len(line.sent) == 1


def test_an_answer_in_pieces():
    at, line = master()
    at.read(0, 0x11, 0x6B, 3)
    for n, byte in enumerate(b"\x11\x03\x06\xae\x41\x56\x52\x43\x40\x49"):
        line.coming = bytes((byte,))
        assert at.step(n) == BUSY
    line.coming = b"\xad"
    assert at.step(20) == DONE


def test_answers_to_writes_are_echoes():
    for function in (6, 16):
        at, line = master()
        at.write(0, 9, 1, 1, function)
        line.coming = framed(9, function, 0, 1, 0, 1)
        assert at.step(10) == DONE
        at, line = master()
        at.write(0, 9, 1, 1, function)
        line.coming = framed(9, function, 0, 2, 0, 1)  # of another register
        assert at.step(10) == BUSY and at.bad == 1


def test_nobody_answers():
    at, line = master(timeout=200, retries=2)
    at.read(WRAP - 100, 1, 0, 1)
    now = WRAP - 100
    while at.step(now & (WRAP - 1)) == BUSY:
        now += 50
        assert now < WRAP + 2000
    assert at.state == FAILED and at.exception == 0
    assert len(line.sent) == 3 and line.sent[0] == line.sent[2]
    assert now - (WRAP - 100) == 600


def test_a_scan_that_looks_late_sees_the_answer_before_the_time_out():
    at, line = master(timeout=200)
    at.read(0, 1, 0, 1)
    line.coming = framed(1, 3, 2, 0, 7)
    assert at.step(500) == DONE and at.value(0) == 7


def test_exceptions():
    at, line = master()
    at.write(0, 1, 1, 0xFFFF)
    line.coming = framed(1, 0x86, 3)
    assert at.step(10) == FAILED and at.exception == 3 and len(line.sent) == 1


def test_a_busy_server_is_asked_again():
    at, line = master()
    at.write(0, 1, 1, 5)
    line.coming = framed(1, 0x86, 6)
    assert at.step(10) == BUSY
    at.step(200)
    assert len(line.sent) == 2
    line.coming = framed(1, 6, 0, 1, 0, 5)
    assert at.step(210) == DONE


def test_every_damaged_bit_is_refused():
    sound = framed(1, 3, 4, 0, 7, 1, 0)
    for bit in range(8 * len(sound)):
        at, line = master()
        at.read(0, 1, 0, 2)
        damaged = bytearray(sound)
        damaged[bit // 8] ^= 1 << bit % 8
        line.coming = bytes(damaged)
        assert at.step(10) == BUSY, bit
        at.step(200)  # asked again
        line.coming = sound
        assert at.step(210) == DONE, bit


def test_every_cut_frame_is_waited_for_and_asked_again():
    sound = framed(1, 3, 4, 0, 7, 1, 0)
    for length in range(len(sound)):
        at, line = master()
        at.read(0, 1, 0, 2)
        line.coming = sound[:length]
        assert at.step(10) == BUSY
        assert at.step(200) == BUSY and len(line.sent) == 2
        line.coming = sound
        assert at.step(210) == DONE


def test_somebody_elses_answer_is_not_ours():
    at, line = master()
    at.read(0, 1, 0, 1)
    for other in (framed(2, 3, 2, 0, 7), framed(1, 4, 2, 0, 7), framed(1, 3, 4, 0, 7, 0, 7)):
        line.coming = other
        assert at.step(10) == BUSY
    line.coming = framed(1, 3, 2, 0, 9)
    assert at.step(20) == DONE and at.value(0) == 9


def test_a_late_answer_is_not_the_next_ones():
    at, line = master(retries=0)
    at.read(0, 1, 0, 1)
    assert at.step(200) == FAILED
    line.coming = framed(1, 3, 2, 0, 1)
    at.read(300, 1, 5, 1)
    assert at.step(310) == BUSY
    line.coming = framed(1, 3, 2, 0, 2)
    assert at.step(320) == DONE and at.value(0) == 2


def test_a_chattering_line_costs_no_more_than_an_answer():
    at, line = master()
    at.read(0, 1, 0, 1)
    line.coming = bytes(10_000)
    at.step(10)
    assert len(line.coming) >= 10_000 - 64


def test_silence_between_frames():
    at, line = master()
    assert at.state == IDLE and at.ready(5)
    at.read(100, 1, 0, 1)
    assert not at.ready(101)
    line.coming = framed(1, 3, 2, 0, 7)
    at.step(110)
    assert not at.ready(114) and at.ready(115)
    at.read(200, 1, 0, 1)
    line.coming = framed(1, 3, 2, 0, 7)
    assert at.step(700) == DONE and at.ready(700), "it came long before somebody looked"
