"""BACnet: what is malformed, not known or not for us is refused by the book, or met with silence."""

from bacnet_bench import (
    AI,
    AV,
    DEVICE,
    INSTANCE,
    PV,
    Bench,
    context,
    error,
    identifier,
    number,
    real,
    reference,
    reject,
)  # fmt: skip
from isentrope.bus.bacnet.stack import ABORTS, ANSWERED, DROPPED, ERRORS, RECEIVED, REJECTS

READ_PV = reference(AI, 3) + context(1, b"\x55")


def test_services_that_are_not_there():
    bench = Bench()
    for service in (0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 13, 18, 19, 21, 26, 28, 29, 30, 31, 99, 255):
        assert bench.ask(service, READ_PV) == reject(9), service
        assert bench.ask(service) == reject(9), service


def test_missing_parameters():
    bench = Bench()
    for service in (5, 12, 14, 15, 16, 17, 20):
        assert bench.ask(service) == reject(5), service
    assert bench.ask(12, reference(AI, 3)) == reject(5)
    assert bench.ask(12, context(1, b"\x55")) == reject(5), "the object was left out"
    assert bench.ask(15, READ_PV) == reject(5)
    assert bench.ask(15, READ_PV + context(4, b"\x08")) == reject(5)


def test_invalid_tags():
    bench = Bench()
    for parameters in (
        b"\x21\x05",  # an application's
        b"\x0d",  # its length is missing
        b"\x0d\x09\x00",  # longer than what follows
        b"\x0e\x0f",  # opening
        b"\xf8",  # an extended number that is missing
        b"\xfc\x05\x00\x00\x00\x00",  # one that is none
        b"\xfc\xff\x00\x00\x00\x00",  # reserved
        b"\x06",  # no application's opens
        context(0, b"\x00\x00\x00"),  # an identifier of three bytes
        reference(AI, 3) + context(1, b""),
        reference(AI, 3) + b"\x91\x55",
        reference(AI, 3) + b"\x1d\xff\x00\x01\x00\x00",  # 64 KB
    ):
        assert bench.ask(12, parameters) == reject(4), parameters
    assert bench.ask(15, READ_PV + b"\x3e" + real(1.0)) == reject(5), "what opens is not closed"
    assert bench.ask(15, READ_PV + b"\x3e" + real(1.0) + b"\x4f") == reject(4)
    assert bench.ask(15, READ_PV + b"\x3e\x2e" + real(1.0) + b"\x3f\x3f") != reject(5)


def test_too_many_arguments():
    bench = Bench()
    assert bench.ask(12, READ_PV + context(3, b"\x01")) == reject(7)
    assert bench.ask(12, READ_PV + context(2, b"\x01") + b"\x21\x01") == reject(7)
    assert bench.ask(15, READ_PV + b"\x3e" + real(1.0) + b"\x3f" + context(5, b"\x01")) == reject(7)
    assert bench.ask(17, context(1, b"\x00") + context(9, b"\x00")) == reject(7)


def test_parameters_out_of_range():
    bench = Bench()
    assert bench.ask(12, reference(AI, 3) + context(1, b"\xff\xff\xff\xff")) == reject(6)
    assert bench.ask(12, reference(AI, 3) + context(1, b"\x01\x00\x00\x00\x00")) == reject(6)
    assert bench.ask(17, context(1, b"\x03")) == reject(6)
    assert bench.ask(20, context(0, b"\x08")) == reject(6)


def test_context_tags_over_fourteen():
    bench = Bench()
    assert bench.ask(12, READ_PV + context(15, b"\x01")) == reject(7)
    assert bench.ask(12, READ_PV + context(200, b"\x01" * 9)) == reject(7)
    assert bench.ask(12, context(100, b"\x01")) == reject(5)
    value = b"\xfe\x64" + real(1.0) + b"\xff\x64"  # within brackets of number 100
    assert bench.ask(15, reference(AV, 2) + context(1, b"\x55") + b"\x3e" + value + b"\x3f") == error(2, 9)


def test_lengths_of_every_size_are_read():
    bench = Bench()
    for data in (b"\x2d\x04\x00\x00\x00\x01", b"\x2d\xfe\x00\x01\x01", b"\x2d\xff\x00\x00\x00\x01\x01"):
        assert bench.ask(12, reference(AV, 2) + context(1, b"\x57") + data)[0] == 3, data


def test_segmented_requests():
    bench = Bench()
    data = bytes([1, 4, 0x08, 0x45, 9, 0, 4, 12]) + READ_PV
    assert bench.network(data) == b"\x01\x00\x71\x09\x04"
    assert bench.ask(12, READ_PV, first=0x08)[0] == 7
    assert bench.network(data[:6]) is None, "too short to be one"


def test_confirmed_broadcasts_are_not_answered():
    bench = Bench()
    request = bytes([0, 5, 1, 12]) + READ_PV
    assert bench.network(b"\x01\x04" + request, True) is None
    assert bench.network(b"\x01\x24\xff\xff\x00\xff" + request) is None
    assert bench.network(b"\x01\x04" + request) is not None


def test_unknown_unconfirmed_services_are_not_answered():
    bench = Bench()
    for service in range(256):
        if service not in (7, 8):
            assert bench.tell(service, READ_PV) is None, service
            assert bench.tell(service) is None, service


def test_other_kinds_of_messages_are_not_answered():
    bench = Bench()
    for first in range(0x20, 0x100):
        assert bench.network(bytes([1, 0, first, 7, 12, 0, 0])) is None, first


def test_malformed_networks_are_dropped():
    bench = Bench()
    good = b"\x01\x04" + bytes([0, 5, 1, 12]) + READ_PV
    for data in (
        b"",
        b"\x01",
        b"\x01\x04",
        b"\x02" + good[1:],  # another version
        b"\x01\x24\x00\x05\x00\xff" + good[2:],  # of network 5
        b"\x01\x24\xff\xff\x00",
        b"\x01\x0c\x00\x05\x00" + good[2:],  # a source without an address
        b"\x01\x0c\x00\x05\x08" + bytes(8) + good[2:],  # with too long a one
        b"\x01\x0c\xff\xff\x01\x01" + good[2:],
        b"\x01\x0c\x00\x05\x07\x01",
        b"\x01\x80\x00",  # Who-Is-Router-To-Network
        b"\x01\x80\x12",
        good[:4],
        good[:5],
    ):
        assert bench.network(data) is None, data
    assert bench.network(good) is not None


def test_who_asks_through_a_router_is_answered_through_it():
    bench = Bench()
    request = bytes([0, 5, 1, 12]) + READ_PV
    answer = bench.network(b"\x01\x0c\x00\x05\x01\x63" + request)
    assert answer[:8] == b"\x01\x20\x00\x05\x01\x63\xff\x30"
    answer = bench.network(b"\x01\x0c\x12\x34\x06\x0a\x00\x00\x07\xba\xc0" + request)
    assert answer[:13] == b"\x01\x20\x12\x34\x06\x0a\x00\x00\x07\xba\xc0\xff\x30"
    answer = bench.network(b"\x01\x2c\xff\xff\x00\x00\x05\x01\x63\xff\x10\x08")
    assert answer is None, "it waits, as a broadcast's does"
    sent = bench.pass_ms(400)
    assert len(sent) == 1 and sent[0][0][:9] == b"\x01\x20\x00\x05\x01\x63\xff\x10\x00"
    assert bench.network(b"\x01\x04" + request)[:3] == b"\x01\x00\x30", "the next one came directly"


def test_every_cut_of_a_good_request_is_refused_or_dropped():
    bench = Bench()
    for service, parameters in (
        (12, READ_PV + context(2, b"\x01")),
        (14, reference(AI, 3) + b"\x1e" + context(0, b"\x55") + context(1, b"\x01") + b"\x1f"),
        (15, reference(AV, 2) + context(1, b"\x55") + b"\x3e" + real(40.0) + b"\x3f" + context(4, b"\x08")),
        (5, context(0, b"\x01") + context(1, identifier(AI, 3)) + context(2, b"\x00") + context(3, b"\x3c")),
    ):
        whole = bytes([1, 4, 0, 5, 1, service]) + parameters
        for end in range(len(whole)):
            answer = bench.network(whole[:end])
            assert answer is None or answer[2] >> 4 in (6, 3, 2), (service, end, answer)
        assert bench.network(whole)[2] >> 4 in (2, 3, 5)


def test_everything_is_counted():
    bench = Bench()
    counters = bench.stack.counters
    bench.ask(12, READ_PV)
    bench.ask(99)
    bench.read(AI, 99, PV)
    bench.ask(12, reference(DEVICE, INSTANCE) + context(1, number(76)), size=0)
    bench.network(b"\x05")
    wanted = {RECEIVED: 5, ANSWERED: 4, DROPPED: 1, ERRORS: 1, REJECTS: 1, ABORTS: 1}
    assert {place: counters[place] for place in wanted} == wanted
