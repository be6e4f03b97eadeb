"""BACnet/IP: the virtual link layer, foreign registration, who may come and how often."""

from bacnet_bench import (
    AI,
    DEVICE,
    INSTANCE,
    PORT,
    Bench,
    context,
    enumerated,
    identifier,
    reference,
    unsigned,
)
from isentrope.bus.bacnet.ip import Ip
from isentrope.bus.bacnet.stack import DROPPED, LIMITED, LOST

PEER = b"\x0a\x00\x00\x63\xba\xc1"
BBMD = b"\x0a\x00\x01\x01\xba\xc0"
READ = b"\x01\x04\x00\x05\x01\x0c" + reference(AI, 3) + context(1, b"\x75")
ANSWER = b"\x01\x00\x30\x01\x0c" + reference(AI, 3) + context(1, b"\x75") + b"\x3e\x91\x3e\x3f"
WHO_IS = b"\x01\x20\xff\xff\x00\xff\x10\x08"


class Udp:
    mac = b"\x0a\x00\x00\x05\xba\xc0"

    def __init__(self):
        self.sent = []
        self.broken = False

    def send(self, view, mac):
        if self.broken:
            raise OSError(113)
        self.sent.append((bytes(mac), bytes(view)))

    def broadcast(self, view):
        self.send(view, b"*")


class Net(Bench):
    def __init__(self, networks=(), **changed):
        super().__init__(**changed)
        self.udp = Udp()
        self.ip = Ip(self.stack, self.udp, 0, networks)
        self.stack.links[0] = self.ip

    def datagram(self, data, mac=PEER):
        """What it makes the device send."""
        self.udp.sent = []
        self.ip.receive(data, mac)
        return self.udp.sent

    def steps(self, begin, end):
        self.udp.sent = []
        for ms in range(begin, end, 100):
            self.stack.step(ms)
            self.ip.step(ms)
        return self.udp.sent


def bvlc(function, data):
    n = 4 + len(data)
    return bytes([0x81, function, n >> 8, n & 255]) + data


def test_a_request_and_its_answer():
    net = Net()
    assert net.datagram(bvlc(10, READ)) == [(PEER, bvlc(10, ANSWER))]
    assert net.datagram(bvlc(11, READ)) == [], "a confirmed request by broadcast"
    assert net.datagram(bvlc(4, PEER + READ)) == []


def test_forwarded_requests_are_answered_to_their_origin():
    net = Net()
    assert net.datagram(bvlc(4, PEER + WHO_IS), BBMD) == []
    ((mac, data),) = net.steps(0, 400)
    assert mac == PEER and data[:8] == b"\x81\x0a\x00\x15\x01\x00\x10\x00"


def test_what_only_a_bbmd_does_is_refused():
    net = Net()
    for function, code in ((1, 0x10), (2, 0x20), (5, 0x30), (6, 0x40), (8, 0x50), (9, 0x60)):
        for data in (b"", b"\x00\x3c", bytes(10)):
            assert net.datagram(bvlc(function, data)) == [(PEER, bvlc(0, bytes([0, code])))], function


def test_what_is_malformed_or_unknown_is_dropped():
    net = Net()
    dropped = net.stack.counters[DROPPED]
    bad = [
        b"",
        b"\x81",
        b"\x81\x0a\x00",
        b"\x82" + bvlc(10, READ)[1:],
        bvlc(10, READ) + b"\x00",
        bvlc(10, READ)[:-1],
        bvlc(3, bytes(10)),
        bvlc(7, bytes(10)),
        bvlc(12, READ),
        bvlc(255, READ),
        bvlc(0, b"\x00\x00"),
        bvlc(0, b""),
        bvlc(4, PEER[:5]),
        bvlc(4, PEER),
        bvlc(10, b""),
    ]
    for data in bad:
        assert net.datagram(data) == [], data
    assert net.stack.counters[DROPPED] == dropped + len(bad)


def test_only_the_network_that_may_come_is_answered():
    net = Net(bus_allow_1=10, bus_allow_2=0, bus_allow_3=0, bus_allow_4=96, bus_allow_bits=27)
    assert net.datagram(bvlc(10, READ)) != []
    for mac in (b"\x0a\x00\x00\x5f\xba\xc0", b"\x0a\x00\x00\x80\xba\xc0", b"\x0b\x00\x00\x63\xba\xc0"):
        assert net.datagram(bvlc(10, READ), mac) == []
        assert net.datagram(bvlc(2, b""), mac) == []
    net.set(bus_allow_bits=0)
    assert net.datagram(bvlc(10, READ), b"\x0b\x00\x00\x63\xba\xc0") != []
    net.set(bus_allow_bits=32)
    assert net.datagram(bvlc(10, READ)) == []
    assert net.datagram(bvlc(10, READ), b"\x0a\x00\x00\x60\xba\xc0") != []


def test_a_peer_that_floods_is_limited_and_another_is_not():
    net = Net()
    passed = [net.ip.pace_ms(PEER, 0) for _ in range(300)]
    assert passed.count(-1) == 50 and passed.count(0) == 125 and passed.count(10) == 125
    assert net.stack.counters[LIMITED] == 50
    assert net.ip.pace_ms(BBMD, 0) == 0
    assert net.ip.pace_ms(PEER, 9) == -1 and net.ip.pace_ms(PEER, 20) == 10
    assert net.ip.pace_ms(PEER, 5000) == 0
    for n in range(300):  # many peers: a table that does not grow
        assert net.ip.pace_ms(bytes([10, 0, n >> 8, n & 255, 0xBA, 0xC0]), 6000) == 0


def test_a_network_that_is_down_is_counted():
    net = Net()
    net.udp.broken = True
    lost = net.stack.counters[LOST]
    assert net.datagram(bvlc(10, READ)) == [] and net.stack.counters[LOST] == lost + 1
    net.udp.broken = False
    assert net.datagram(bvlc(10, READ)) != []


FOREIGN = {"bacnet_bbmd_1": 10, "bacnet_bbmd_3": 1, "bacnet_bbmd_4": 1, "bacnet_bbmd_lifetime": 60}
REGISTER = (BBMD, bvlc(5, b"\x00\x3c"))


def test_foreign_registration_and_its_renewal():
    net = Net(**FOREIGN)
    assert net.steps(0, 200) == [REGISTER]
    net.stack.announce()
    assert net.udp.sent == [REGISTER], "nobody would hear it"
    ((mac, data),) = net.datagram(bvlc(0, b"\x00\x00"), BBMD)
    assert mac == BBMD and data[:2] == b"\x81\x09" and data[4:12] == b"\x01\x20\xff\xff\x00\xff\x10\x00"
    assert net.steps(200, 29_000) == []
    assert net.steps(29_000, 31_000) == [REGISTER]
    assert net.datagram(bvlc(0, b"\x00\x00"), BBMD) == [], "no second I-Am"
    net.who(PEER)
    assert net.read(PORT, 1, 408) == enumerated(1) and net.read(PORT, 1, 103) == enumerated(0)
    assert net.read(PORT, 1, 418) == b"\x0e\x1c\x0a\x00\x01\x01\x0f\x1a\xba\xc0"
    assert net.read(PORT, 1, 419) == unsigned(60)


def test_a_registration_that_is_refused_is_tried_again_ever_later():
    net = Net(**FOREIGN)
    tries = []
    for ms in range(0, 900_000, 100):
        net.udp.sent = []
        net.stack.step(ms)
        net.ip.step(ms)
        if net.udp.sent:
            tries.append(ms)
            net.ip.receive(bvlc(0, b"\x00\x30"), BBMD)
    gaps = [(tries[n + 1] - tries[n]) // 1000 for n in range(len(tries) - 1)]
    assert gaps == [5, 10, 20, 40, 80, 160, 300], gaps
    assert net.read(PORT, 1, 103) == enumerated(19) and net.read(PORT, 1, 111) == b"\x82\x04\x40"


def test_only_the_bbmd_that_was_asked_answers():
    net = Net(**FOREIGN)
    net.steps(0, 100)
    assert net.datagram(bvlc(0, b"\x00\x00"), PEER) == []
    assert net.datagram(bvlc(0, b"\x00\x00"), BBMD) != []


def test_broadcasts_without_a_bbmd_go_to_the_subnet():
    net = Net()
    net.udp.sent = []
    net.stack.announce()
    ((mac, data),) = net.udp.sent
    assert mac == b"*" and data[:2] == b"\x81\x0b"
    net.who(PEER)
    assert net.read(PORT, 1, 408) == enumerated(0)
    assert net.read(PORT, 1, 418) == b"\x0e\x08\x0f\x1a\xba\xc0"
    assert net.read(DEVICE, INSTANCE, 75) == b"\xc4" + identifier(DEVICE, INSTANCE)


def test_the_profile_s_networks_let_in_as_on_modbus():
    net = Net(networks=([10, 0, 0, 96, 27],))
    for mac in (b"\x0a\x00\x00\x5f\xba\xc0", b"\x0a\x00\x00\x80\xba\xc0"):
        dropped = net.stack.counters[DROPPED]
        assert net.datagram(bvlc(10, READ), mac) == []
        assert net.stack.counters[DROPPED] == dropped + 1
    inside = b"\x0a\x00\x00\x60\xba\xc0"
    assert net.datagram(bvlc(10, READ), inside) != []
    net.set(bus_allow_1=11, bus_allow_bits=8)  # one network more, not instead
    assert net.datagram(bvlc(10, READ), inside) != []
    assert net.datagram(bvlc(10, READ), b"\x0b\x00\x00\x63\xba\xc0") != []


def test_a_peer_that_was_away_for_a_week_owes_nothing():
    from isentrope.bus.peers import Bucket

    bucket = Bucket(0)
    for _ in range(40):
        bucket.take(0, 100)
    assert bucket.owed_ms(0) == 400 and bucket.owed_ms(390) == 10 and bucket.owed_ms(400) == 0
    for days in range(1, 13):
        assert bucket.owed_ms(days * 86_400_000 & 0x3FFFFFFF) == 0, days
