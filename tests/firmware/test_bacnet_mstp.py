"""MS/TP: frames and their checks, and a master among others on one line."""

from bacnet_bench import AI, Bench, context, enumerated, number, reference, unsigned
from isentrope.bus.bacnet.frames import data_check, header_check
from isentrope.bus.bacnet.mstp import Mstp
from mstp_line import Line, Station, frame, frames

READ = b"\x01\x04\x00\x05\x01\x0c" + reference(AI, 3) + context(1, b"\x75")
ANSWER = b"\x01\x00\x30\x01\x0c" + reference(AI, 3) + context(1, b"\x75") + b"\x3e\x91\x3e\x3f"
TOKEN, POLL, REPLY, TEST, TESTED, ASK, DATA, POSTPONED = range(8)


class Node(Bench):
    """A master with the address 5 on a line that the test plays."""

    def __init__(self, **changed):
        super().__init__(**dict({"mstp_mac": 5, "mstp_max_master": 10}, **changed))
        self.line = Line()
        self.node = Mstp(self.stack, self.line, 0, 0)
        self.stack.links[0] = self.node
        self.ms = 0

    def run(self, ms, step=2):
        """What it sends meanwhile."""
        self.line.sent = b""
        end = self.ms + ms
        while self.ms < end:
            self.ms += step
            self.node.poll(self.ms)
        return frames(self.line.sent)

    def hear(self, data, ms=20):
        self.line.coming += data
        return self.run(ms)


def test_checks_are_the_standards():
    """The examples of annex G."""
    assert header_check(b"\x00\x10\x05\x00\x00", 0) == 0x8C
    assert data_check(b"\x01\x22\x30", 0, 3) == 0xBD10


def test_a_poll_for_masters_is_answered():
    node = Node()
    assert node.hear(frame(POLL, 5, 3)) == [(REPLY, 3, 5, b"")]
    assert node.hear(frame(POLL, 6, 3)) == []


def test_a_request_is_answered_at_once():
    node = Node()
    assert node.hear(frame(ASK, 5, 3, READ)) == [(DATA, 3, 5, ANSWER)]
    assert node.hear(frame(ASK, 6, 3, READ)) == [], "not for us"
    assert node.hear(frame(ASK, 255, 3, READ)) == [], "nobody answers what all were asked"


def test_what_has_no_answer_is_postponed():
    node = Node()
    assert node.hear(frame(ASK, 5, 3, b"\x01\x04\x20\x01\x01")) == [(POSTPONED, 3, 5, b"")]


def test_a_test_request_comes_back():
    node = Node()
    assert node.hear(frame(TEST, 5, 3, b"hello")) == [(TESTED, 3, 5, b"hello")]
    assert node.hear(frame(TEST, 5, 3)) == [(TESTED, 3, 5, b"")]


def test_damaged_frames_are_counted_and_the_next_is_taken():
    node = Node()
    good = frame(ASK, 5, 3, READ)
    for place in range(len(good)):
        bad = good[:place] + bytes([good[place] ^ 0x10]) + good[place + 1 :]
        assert node.hear(bad) == [], place
        node.run(120)
        assert node.hear(frame(POLL, 5, 3)) == [(REPLY, 3, 5, b"")], place
    assert node.node._receiver.invalid >= len(good) - 4
    assert node.hear(b"\x55\x55\xff\x00" + good + b"\x55") == [(DATA, 3, 5, ANSWER)]
    assert node.hear(frame(9, 5, 3) + frame(200, 5, 3, b"x")) == [], "types that nobody knows"


def test_a_frame_in_pieces():
    node = Node()
    good = frame(ASK, 5, 3, READ)
    for byte in good[:-1]:
        assert node.hear(bytes([byte]), 2) == []
    assert node.hear(good[-1:]) == [(DATA, 3, 5, ANSWER)]
    node.hear(good[:10], 200)
    assert node.hear(good) == [(DATA, 3, 5, ANSWER)], "what stopped arriving is forgotten"


def test_it_waits_forty_bits_before_it_speaks():
    node = Node(mstp_baud=96)
    node.line.coming = frame(POLL, 5, 3)
    assert node.run(4, 1) == [] and node.run(3, 1) == [(REPLY, 3, 5, b"")]


def test_a_token_is_used_and_passed_on():
    node = Node()
    assert node.hear(frame(TOKEN, 5, 3), 4) == [(POLL, 6, 5, b"")], "who comes after it is not known"
    asked = node.run(300)
    assert asked[:4] == [(POLL, 7, 5, b""), (POLL, 8, 5, b""), (POLL, 9, 5, b""), (POLL, 10, 5, b"")]
    assert asked[4] == (POLL, 0, 5, b"")
    node = Node()
    node.hear(frame(TOKEN, 5, 3), 4)
    assert node.hear(frame(REPLY, 5, 8)) == [(TOKEN, 8, 5, b"")]
    assert node.hear(frame(TOKEN, 3, 8)) == [], "it was seen to use it"
    for _ in range(3):
        assert node.hear(frame(TOKEN, 5, 3), 10) == [(TOKEN, 8, 5, b"")]
        node.hear(frame(TOKEN, 3, 8), 10)


def in_ring(**changed):
    """A node that passes its token to 8."""
    node = Node(**changed)
    node.hear(frame(TOKEN, 5, 3), 4)
    node.hear(frame(REPLY, 5, 8), 10)
    node.hear(frame(TOKEN, 3, 8), 10)
    return node


def test_a_token_that_is_not_used_is_sent_again_then_another_is_looked_for():
    node = in_ring()
    assert node.hear(frame(TOKEN, 5, 3), 30) == [(TOKEN, 8, 5, b"")]
    assert node.run(38) == [(TOKEN, 8, 5, b"")]
    assert node.run(38) == [(POLL, 9, 5, b"")]
    assert node.run(80) == [(POLL, 10, 5, b""), (POLL, 0, 5, b"")]
    assert node.hear(frame(REPLY, 5, 3), 6) == [(TOKEN, 3, 5, b"")]


def test_every_fiftieth_token_it_polls_for_a_master():
    node = in_ring()
    polls = []
    for _ in range(200):
        for sent in node.hear(frame(TOKEN, 5, 3), 6):
            polls.append(sent)
        while polls and polls[-1][0] == POLL:
            polls += node.run(40)
        node.hear(frame(TOKEN, 3, 8), 6)
    assert [sent[1] for sent in polls if sent[0] == POLL] == [6, 7, 6, 7, 6, 7]
    assert len([sent for sent in polls if sent[0] == TOKEN]) == 200


def test_a_new_master_gets_the_token():
    node = in_ring()
    for _ in range(60):
        sent = node.hear(frame(TOKEN, 5, 3), 6)
        if sent == [(POLL, 6, 5, b"")]:
            assert node.hear(frame(REPLY, 5, 6), 6) == [(TOKEN, 6, 5, b"")]
            return
        node.hear(frame(TOKEN, 3, 8), 6)
    raise AssertionError("no poll")


def test_a_lost_token_is_made_anew_after_a_time_of_its_own():
    node = Node()
    assert node.run(540) == []
    assert node.run(20)[0] == (POLL, 6, 5, b"") and node.node.lost == 1
    other = Node(mstp_mac=9)
    assert other.run(580) == [] and other.run(20)[0] == (POLL, 10, 9, b"")


def test_noise_keeps_it_from_making_one():
    node = Node()
    for _ in range(40):
        assert node.hear(b"\x00" * 6, 50) == []


def test_alone_it_goes_on_looking():
    node = Node()
    sent = node.run(3000)
    assert {each[0] for each in sent} == {POLL} and {each[1] for each in sent} == {
        0,
        1,
        2,
        3,
        4,
        6,
        7,
        8,
        9,
        10,
    }
    assert node.node._sole
    for _ in range(2000):
        sent = node.run(2)
        if sent and sent[0][1] == 7:
            break
    assert node.hear(frame(REPLY, 5, 7), 6) == [(TOKEN, 7, 5, b"")] and not node.node._sole


def test_what_nobody_asked_for_waits_for_the_token():
    node = in_ring()
    node.stack.announce()
    assert node.run(50) == []
    sent = node.hear(frame(TOKEN, 5, 3), 30)
    assert [each[:3] for each in sent] == [(DATA, 255, 5), (TOKEN, 8, 5)]
    assert sent[0][3][:8] == b"\x01\x20\xff\xff\x00\xff\x10\x00" and b"\x22\x01\xe0" in sent[0][3]


def test_as_many_frames_as_it_may():
    for most, want in ((1, 1), (2, 2), (10, 4)):
        node = in_ring(mstp_max_info_frames=most)
        for _ in range(6):
            node.stack.announce()
        sent = node.hear(frame(TOKEN, 5, 3), 80)
        assert len([each for each in sent if each[0] == DATA]) == want, "four wait at most"
        assert sent[-1][0] == TOKEN


def test_a_confirmed_notification_waits_for_its_answer():
    node = in_ring()
    node.hear(
        frame(ASK, 5, 3, b"\x01\x04\x00\x05\x01\x05" + context(0, b"\x01") + context(1, b"\x00\xc0\x00\x01")
        + context(2, b"\x01") + context(3, b"\x3c"))
    )  # fmt: skip
    node.stack.step(100)
    (sent,) = node.hear(frame(TOKEN, 5, 3), 30)
    assert sent[:3] == (ASK, 3, 5)
    assert node.run(200) == []
    assert node.hear(frame(DATA, 5, 3, b"\x01\x00\x20\x01\x01"), 6) == [(TOKEN, 8, 5, b"")]
    node = in_ring()
    assert node.hear(frame(POSTPONED, 5, 3)) == []


def test_no_answer_gives_the_token_away():
    node = in_ring()
    node.stack.peer[:] = bytes([0, 1, 3]) + bytes(15)
    node.stack.head(True)
    node.stack.w.raw(b"\x00\x05\x01\x01")
    node.stack.send(node.stack.w.at)
    assert [each[0] for each in node.hear(frame(TOKEN, 5, 3), 30)] == [ASK]
    assert node.run(250) == []
    assert node.run(60) == [(TOKEN, 8, 5, b"")]


def test_speeds():
    for baud in (9600, 19200, 38400, 57600, 76800, 115200):
        assert Node(mstp_baud=baud // 100).node.speed == baud
    try:
        Node(mstp_baud=500)
        raise AssertionError("50,000 Bd is none")
    except ValueError as why:
        assert str(why).startswith("mstp_baud is 50000, allowed: 9600, ")


def test_two_masters_and_a_third_share_a_line():
    """All three ours, with clocks of their own: each gets the token, and none is lost."""
    line = Station.line()
    nodes = []
    for n, mac in enumerate((2, 5, 9)):
        bench = Bench(mstp_mac=mac, mstp_max_master=12)
        end = Station(line, n)
        bench.stack.links[0] = Mstp(bench.stack, end, 0, 0)
        nodes.append(bench.stack.links[0])
    for ms in range(0, 6000):
        line.pass_ms(ms)
        for n, node in enumerate(nodes):
            if (ms + n) % 3 == 0:
                node.poll(ms)
    counted = [node.tokens for node in nodes]
    assert min(counted) > 100 and max(counted) - min(counted) <= 3, counted
    assert sum([node.lost for node in nodes]) == 1, "the first one of all"


def test_a_port_of_its_own_kind():
    node = Node()
    assert node.read(56, 1, 427) == enumerated(2) and node.read(56, 1, 423) == b"\x61\x05"
    assert node.read(56, 1, 399) == unsigned(480) and node.read(56, 1, 64) == unsigned(10)
    assert node.read(56, 1, 63) == unsigned(1)
    listed = node.read(56, 1, 371)
    for prop in (111, 103, 81, 427, 482, 425, 426, 416, 423, 399, 420, 64, 63):
        assert b"\x91" + number(prop) in listed or b"\x92" + number(prop) in listed, prop
