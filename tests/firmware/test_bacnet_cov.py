"""BACnet: subscriptions to changes of value."""

from struct import pack

from bacnet_bench import (
    AI,
    AV,
    BI,
    BV,
    DEVICE,
    INSTANCE,
    PV,
    Bench,
    context,
    enumerated,
    error,
    identifier,
    number,
    real,
    reference,
    reject,
)  # fmt: skip
from isentrope.bus.bacnet.directory import ROW


def subscribe(bench, kind, instance, confirmed=False, lifetime=60, process=1):
    asked = context(0, number(process)) + context(1, identifier(kind, instance))
    if confirmed is not None:
        asked += context(2, bytes([confirmed]))
    if lifetime is not None:
        asked += context(3, number(lifetime))
    return bench.ask(5, asked)


def notification(kind, instance, value, left, process=1, flags=0):
    """Parameters of one."""
    said = context(0, number(process)) + context(1, identifier(DEVICE, INSTANCE))
    said += context(2, identifier(kind, instance)) + context(3, number(left)) + b"\x4e"
    said += context(0, b"\x55") + b"\x2e" + value + b"\x2f"
    return said + context(0, b"\x6f") + b"\x2e\x82\x04" + bytes([flags]) + b"\x2f\x4f"


def put(bench, kind, instance, raw):
    """A point's value as a scan would have it."""
    place = bench.stack.objects.find(kind, instance)
    at = place * ROW + 2
    rows = bench.stack.objects.rows
    offset = rows[at] << 8 | rows[at + 1]
    if rows[at + 2] == 66:
        bench.scan.points.image[offset] = raw
    else:
        bench.scan.points.image[offset : offset + 2] = pack("<h", raw)


def quiet(bench, ms=300):
    """What is sent while no scan changes what the test has put."""
    bench.link.sent = []
    for _ in range(ms // 100):
        bench.now_ms += 100
        bench.stack.step(bench.now_ms)
    return [message for message, _ in bench.link.sent]


def test_the_first_notification_comes_by_itself():
    bench = Bench()
    assert subscribe(bench, AV, 2) == (2, b"")
    assert quiet(bench) == [b"\x01\x00\x10\x02" + notification(AV, 2, real(35.0), 60)]
    assert quiet(bench) == []


def test_a_change_by_the_increment_is_told_and_a_smaller_one_is_not():
    bench = Bench()
    put(bench, AI, 3, 2500)
    subscribe(bench, AI, 3)
    quiet(bench)
    put(bench, AI, 3, 2519)
    assert quiet(bench) == []
    put(bench, AI, 3, 2520)
    assert quiet(bench, 100) == [b"\x01\x00\x10\x02" + notification(AI, 3, real(25.2), 60)]
    put(bench, AI, 3, 2501)
    assert quiet(bench) == []
    put(bench, AI, 3, 2500)
    assert len(quiet(bench)) == 1


def test_a_fault_and_its_end_are_told():
    bench = Bench()
    put(bench, AI, 3, 2500)
    subscribe(bench, AI, 3)
    quiet(bench)
    put(bench, AI, 3, -32768)
    told = quiet(bench)
    assert len(told) == 1 and told[0].endswith(b"\x6f\x2e\x82\x04\xc0\x2f\x4f")
    assert b"\x2e\x44\x7f\xc0" in told[0], "NaN"
    assert quiet(bench) == []
    put(bench, AI, 3, 2501)
    assert len(quiet(bench)) == 1


def test_bits_tell_every_change():
    bench = Bench()
    subscribe(bench, BI, 1)
    quiet(bench)
    put(bench, BI, 1, 1)
    assert quiet(bench) == [b"\x01\x00\x10\x02" + notification(BI, 1, enumerated(1), 60)]


def test_a_command_of_ours_is_told():
    bench = Bench()
    subscribe(bench, BV, 1)
    quiet(bench)
    assert bench.write(BV, 1, PV, enumerated(1), 8) == 2
    assert len(quiet(bench)) == 1


def test_lifetimes_run_down_and_end():
    bench = Bench()
    subscribe(bench, BI, 1, lifetime=3)
    quiet(bench, 1500)
    put(bench, BI, 1, 1)
    assert quiet(bench) == [b"\x01\x00\x10\x02" + notification(BI, 1, enumerated(1), 2)]
    quiet(bench, 1500)
    put(bench, BI, 1, 0)
    assert quiet(bench) == [], "over"


def test_lifetimes_are_bounded():
    bench = Bench()
    assert subscribe(bench, BI, 1, lifetime=0)[0] == 2
    assert quiet(bench)[0] == b"\x01\x00\x10\x02" + notification(BI, 1, enumerated(0), 86_400)
    assert subscribe(bench, BI, 1, lifetime=None)[0] == 2
    assert quiet(bench)[0] == b"\x01\x00\x10\x02" + notification(BI, 1, enumerated(0), 86_400)
    assert subscribe(bench, BI, 1, lifetime=86_401) == error(5, 37)
    assert subscribe(bench, BI, 1, lifetime=0xFFFFFFFF) == error(5, 37)


def test_a_process_id_takes_32_bits():
    bench = Bench()
    assert subscribe(bench, BI, 1, process=0xFFFFFFFF)[0] == 2
    assert quiet(bench) == [b"\x01\x00\x10\x02" + notification(BI, 1, enumerated(0), 60, 0xFFFFFFFF)]


def test_renewing_takes_no_second_place_and_tells_again():
    bench = Bench()
    for _ in range(40):
        assert subscribe(bench, BI, 1) == (2, b"")
    assert len(quiet(bench)) == 1


def test_the_table_holds_sixteen():
    bench = Bench()
    for process in range(16):
        assert subscribe(bench, BI, 1, process=process) == (2, b"")
    assert subscribe(bench, BI, 1, process=16) == error(3, 19)
    assert len(quiet(bench)) == 16
    value = bench.read(DEVICE, INSTANCE, 152)
    assert value.count(identifier(BI, 1)) == 16
    one = b"\x0e\x0e\x1e\x21\x00\x65\x06\x0a\x00\x00\x63\xba\xc1\x1f\x0f\x19\x00\x0f"
    assert value.startswith(one + b"\x1e" + context(0, identifier(BI, 1)) + b"\x19\x55\x1f\x29\x00\x39")
    assert subscribe(bench, BI, 1, None, None, 3) == (2, b"")
    assert subscribe(bench, BI, 1, process=16) == (2, b"")


def test_cancelling():
    bench = Bench()
    subscribe(bench, BI, 1)
    quiet(bench)
    assert subscribe(bench, BI, 1, None, None) == (2, b"")
    put(bench, BI, 1, 1)
    assert quiet(bench) == [] and bench.read(DEVICE, INSTANCE, 152) == b""
    assert subscribe(bench, BI, 1, None, None) == (2, b""), "what is not there is cancelled too"
    assert subscribe(bench, BI, 1, None, 60) == reject(5)


def test_what_cannot_be_subscribed_to():
    bench = Bench()
    assert subscribe(bench, AI, 99) == error(1, 31)
    assert subscribe(bench, DEVICE, INSTANCE) == error(5, 45)


def test_subscribers_are_told_apart():
    bench = Bench()
    subscribe(bench, BI, 1)
    bench.who(b"\x0a\x00\x00\x64\xba\xc0")
    subscribe(bench, BI, 1)
    bench.link.sent = []
    bench.stack.step(bench.now_ms + 100)
    assert [peer[2:6] for _, peer in bench.link.sent] == [b"\x0a\x00\x00\x63", b"\x0a\x00\x00\x64"]


def test_a_confirmed_one_is_repeated_until_it_is_answered():
    bench = Bench()
    subscribe(bench, BI, 1, True, 600)
    (first,) = quiet(bench)
    assert first[:5] == b"\x01\x04\x00\x05\x01" and first[5] == 1
    assert first[6:] == notification(BI, 1, enumerated(0), 600)
    assert quiet(bench, 2500) == []
    put(bench, BI, 1, 1)
    (again,) = quiet(bench, 500)
    assert again[:5] == first[:5] and again[6:] == notification(BI, 1, enumerated(1), 597)
    assert bench.network(b"\x01\x00\x20\x01\x01") is None
    assert quiet(bench, 5000) == []
    put(bench, BI, 1, 0)
    (next_,) = quiet(bench)
    assert next_[4] == 2


def test_a_confirmed_one_is_given_up_after_four_times():
    bench = Bench()
    subscribe(bench, BI, 1, True, 600)
    assert len(quiet(bench, 20_000)) == 4
    put(bench, BI, 1, 1)
    assert len(quiet(bench)) == 1, "the next change is told all the same"


def test_an_error_ends_the_subscription():
    bench = Bench()
    subscribe(bench, BI, 1, True)
    quiet(bench)
    bench.network(b"\x01\x00\x50\x01\x01\x91\x05\x91\x2b")
    put(bench, BI, 1, 1)
    assert quiet(bench) == [] and bench.read(DEVICE, INSTANCE, 152) == b""


def test_somebody_elses_answer_counts_for_nothing():
    bench = Bench()
    subscribe(bench, BI, 1, True)
    quiet(bench)
    bench.who(b"\x0a\x00\x00\x64\xba\xc0")
    bench.network(b"\x01\x00\x50\x01\x01\x91\x05\x91\x2b")
    assert len(quiet(bench, 3500)) == 1, "asked again"


def test_an_answer_counts_also_when_somebody_behind_a_router_asked_before():
    """Peers are told apart by all bytes of an address; what a router's message had is not of the next."""
    bench = Bench()
    subscribe(bench, BI, 1, True)
    (first,) = quiet(bench)

    def from_(mac, data):
        bench.stack.peer[:8] = b"\0\6" + mac  # as a link says it
        return bench.network(data)

    read = bytes([0, 5, 1, 12]) + reference(AI, 3) + context(1, b"\x55")
    assert from_(b"\x0a\0\0\x64\xba\xc0", b"\x01\x0c\x00\x05\x02\x63\x64" + read) is not None
    assert from_(b"\x0a\0\0\x63\xba\xc1", b"\x01\x00\x20" + first[4:5] + b"\x01") is None
    assert quiet(bench, 10_000) == [], "it was answered"


def test_codes_and_counts_tell_every_change():
    bench = Bench()
    for instance in (57, 63, 64, 65):  # starts, fault code, decision, map version
        assert bench.read(AI, instance, 22) == real(1.0)
    put(bench, AI, 63, 0)
    subscribe(bench, AI, 63)
    quiet(bench)
    put(bench, AI, 63, 1)
    assert len(quiet(bench)) == 1
