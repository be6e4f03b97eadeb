"""Every demand on BACnet of docs/conformance.md, byte for byte, over a UDP socket and over a line of MS/TP.

The firmware runs on MicroPython's unix port; what is asked follows clause 20's rules (bacnet_bench.py).
"""

import os
import time

import pytest
from bacnet_bench import (
    AI,
    AV,
    DEVICE,
    INSTANCE,
    MSI,
    NULL,
    PORT,
    PV,
    TYPES,
    abort,
    context,
    enumerated,
    error,
    identifier,
    number,
    real,
    reference,
    text,
    unsigned,
)
from bacnet_peers import Device
from bacnet_refused import ENABLE, FLOW, READ_FLOW, REFUSED, UNREADABLE, UNWRITABLE
from bacnet_standard import (
    COMMANDED,
    REQUIRED,
    REQUIRED_OF_DEVICE,
    REQUIRED_OF_IP,
    REQUIRED_OF_MSTP,
    REQUIRED_OF_PORT,
    TEXTS,
    check,
    elements,
)
from bacnet_wire import BAUD, Bbmd, OnIp, OnMstp
from test_bacnet_reads import objects, results, several
from test_bacnet_writes import KEPT, wanted

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")

SETTINGS = (
    "commissioned=1",
    "bus_write=12",
    f"bacnet_instance_low={INSTANCE}",
    "bacnet_password=1234",
    "bacnet_vendor=260",
    "mstp_max_master=10",
    f"mstp_baud={BAUD}",
)
LIFETIME_S = 6
ACK, ERROR = 2, 5
I_AM = b"\x10\x00\xc4" + identifier(DEVICE, INSTANCE)


@pytest.fixture(scope="module", params=["ip", "mstp"])
def peer(request, tmp_path_factory):
    """A client; `device` is the firmware's process, `broadcasts` what it told everybody."""
    folder = tmp_path_factory.mktemp("bacnet")
    store = f"storage={folder / 'storage'}"
    if request.param == "ip":
        bbmd = Bbmd()
        far = [f"bacnet_bbmd_{n + 1}={part}" for n, part in enumerate((127, 0, 0, 1))]
        far += [f"bacnet_bbmd_port_offset={bbmd.port - 47808}", f"bacnet_bbmd_lifetime={LIFETIME_S}"]
        device = Device(folder, store, *SETTINGS, *far)
        made = OnIp(device.port)
        made.broadcasts = bbmd.broadcasts
        made.bbmd = bbmd
    else:
        made = OnMstp()
        device = Device(folder, store, *SETTINGS, host=made.name)
        made.token(False)
        made.token()
    made.began = time.monotonic()
    made.folder, made.store, made.device, made.kind = folder, store, device, request.param
    yield made
    made.device.process.kill()
    made.device.process.wait()
    made.close()
    if request.param == "ip":
        bbmd.close()


def point(peer, name):
    return peer.device.ask()["points"][name]


def test_what_is_refused(peer):
    before = point(peer, "flow_setpoint_c")
    for what, service, parameters, answer in REFUSED:
        assert peer.ask(service, parameters) == answer, what
    for kind, instance, prop, index, answer in UNREADABLE:
        assert peer.read(kind, instance, prop, index) == answer, (kind, instance, prop, index)
    for kind, instance, prop, value, priority, index, answer in UNWRITABLE:
        assert peer.write(kind, instance, prop, value, priority, index) == answer, (prop, value, priority)
    assert point(peer, "flow_setpoint_c") == before and point(peer, "enable") == 0


def test_nobody_writes_before_commissioning_nor_on_a_bus_that_may_not(peer):
    for closed, opened in (("commissioned=0", "commissioned=1"), ("bus_write=3", "bus_write=12")):
        peer.device.ask(closed)
        assert peer.write(*FLOW, PV, real(40.0)) == error(2, 40)
        assert peer.ask(20, context(0, b"\x01") + context(1, b"\x001234")) == error(2, 40)
        assert isinstance(peer.read(*FLOW, PV), bytes)
        peer.device.ask(opened)


def test_segmented_requests_and_answers_that_are_too_long(peer):
    request = bytes([1, 4, 0x08, 0x45, 9, 0, 4, 12]) + READ_FLOW
    assert peer.network(request) == b"\x01\x00\x71\x09\x04"
    listed = reference(DEVICE, INSTANCE) + context(1, b"\x4c")
    assert peer.ask(12, listed, size=0) == abort(4), "50 bytes"
    assert peer.ask(12, listed, size=3)[0] == 3, "480 bytes hold the object list"
    many = b"".join([several(*each, 8) for each in (FLOW, (AI, 3), ENABLE, (MSI, 61))])
    assert peer.ask(14, many, size=3) == abort(4)


def test_what_is_met_with_silence(peer):
    request = bytes([0, 5, 1, 12]) + READ_FLOW
    peer.unanswered([b"\x01\x04" + request], True)
    peer.unanswered([b"\x01\x24\xff\xff\x00\xff" + request])
    services = [n for n in range(256) if n not in (7, 8)]
    peer.unanswered([bytes([1, 0, 0x10, n]) + READ_FLOW for n in services])
    peer.unanswered([bytes([1, 0, first, 7, 12, 0, 0]) for first in range(0x20, 0x100, 5)])
    good = b"\x01\x04" + request
    malformed = [
        b"\x02" + good[1:],
        b"\x01\x24\x00\x05\x00\xff" + request,
        b"\x01\x80\x00",
        good[:5],
        b"\x01\x00",
    ]
    peer.unanswered(malformed)


def test_the_device_answers_to_its_wildcard(peer):
    own = b"\xc4" + identifier(DEVICE, INSTANCE)
    kind, answer = peer.ask(12, reference(DEVICE, 4194303) + context(1, b"\x4b"))
    assert (kind, answer) == (3, reference(DEVICE, INSTANCE) + context(1, b"\x4b") + b"\x3e" + own + b"\x3f")
    kind, answer = peer.ask(14, several(DEVICE, 4194303, 75))
    said = b"\x1e" + context(2, b"\x4b") + b"\x4e" + own + b"\x4f\x1f"
    assert (kind, answer) == (3, reference(DEVICE, INSTANCE) + said)


def there(peer):
    """(kind, type, instance) of every object, by Object_List, index for index."""
    count = elements(peer.read(DEVICE, INSTANCE, 76, 0))[0][1][0]
    whole = peer.read(DEVICE, INSTANCE, 76)
    assert b"".join([peer.read(DEVICE, INSTANCE, 76, n + 1) for n in range(count)]) == whole
    assert peer.read(DEVICE, INSTANCE, 76, count + 1) == error(2, 42)
    names = {number: name for name, number in TYPES.items()} | {DEVICE: "device", PORT: "port"}
    found = []
    for _, data in elements(whole):
        value = int.from_bytes(data, "big")
        found.append((names[value >> 22], value >> 22, value & 0x3FFFFF))
    return found


def required(peer, kind, instance):
    if kind == "device":
        return set(REQUIRED_OF_DEVICE)
    if kind == "port":
        return set(REQUIRED_OF_PORT) | set(REQUIRED_OF_IP if peer.kind == "ip" else REQUIRED_OF_MSTP)
    commanded = kind in ("AV", "BV", "MSV") and f"{kind} {instance}" not in KEPT
    return set(REQUIRED[kind]) | set(COMMANDED if commanded else ())


# These move between two readings.
MOVES = {("device", 57), ("AI", 85), ("device", 56)}


def test_every_required_property_of_every_object(peer):
    """By ReadProperty and by ReadPropertyMultiple, and of the standard's datatypes.

    A line of MS/TP is slow: there ReadProperty reads the first object of a kind.
    """
    seen = set()
    listed = there(peer)
    points = {(TYPES[kind], instance) for kind, instance, _ in objects()}
    assert {each[1:] for each in listed} == points | {(DEVICE, INSTANCE), (PORT, 1)} and len(listed) <= 93
    for kind, type_, instance in listed:
        must = required(peer, kind, instance)
        answers = [peer.ask(14, several(type_, instance, group), size=peer.most) for group in (105, 80, 8)]
        properties = {tag[1][0] if len(tag[1]) == 1 else int.from_bytes(tag[1], "big")
                      for tag in elements(peer.read(type_, instance, 371))}  # fmt: skip
        assert properties >= must - {75, 77, 79}, (kind, instance)
        if answers[2] == abort(4):
            assert (peer.kind, kind) == ("mstp", "device"), "the one that 480 bytes do not hold"
            whole = dict.fromkeys(properties | {75, 77, 79})
        else:
            of_required, of_optional, whole = [results(answer) for _, answer in answers]
            optional = set(TEXTS[kind]) if kind in TEXTS else {28}
            assert set(of_optional) >= optional - must, (kind, instance)
            assert set(of_required) | set(of_optional) == set(whole)
            assert not set(of_required) & set(of_optional) and 371 not in whole
            if kind not in ("device", "port"):
                assert set(of_required) == set(REQUIRED[kind]), "conformance code R; a commanded one's are O"
            assert set(whole) - {75, 77, 79} == properties, (kind, instance)
        alone = peer.kind == "ip" or kind not in seen
        seen.add(kind)
        for prop in sorted(must | set(whole)):
            value = peer.read(type_, instance, prop) if alone else whole[prop]
            assert isinstance(value, bytes), (kind, instance, prop, value)
            check(kind, prop, value)
            if whole[prop] is not None and (kind, prop) not in MOVES:
                assert whole[prop] == value, (kind, instance, prop)


def test_errors_stand_beside_values(peer):
    kind, answer = peer.ask(14, several(AI, 3, 117, 87) + several(AI, 99, PV))
    found = results(answer)
    assert kind == 3 and found[117] == enumerated(62) and found[87] == (2, 32)
    assert results(answer[answer.index(reference(AI, 99)) :]) == {PV: (1, 31)}


def test_what_is_not_fitted_is_a_fault_by_all_that_says_so(peer):
    """Status_Flags, Event_State, Reliability (clause 12.2): a fault is no normal state, so in alarm."""
    seen = [peer.read(AI, 6, prop) for prop in (111, 36, 103)]
    assert seen == [b"\x82\x04\xc0", enumerated(1), enumerated(7)]
    for where in ((AI, 3), (AV, 17), (AI, 37)):  # fitted; nobody has said it; nobody counts energies
        seen = [peer.read(*where, prop) for prop in (111, 36, 103)]
        assert seen == [b"\x82\x04\x00", enumerated(0), enumerated(0)], where


def test_codes_and_counts_tell_every_change(peer):
    for instance in (57, 63, 64, 65):  # starts, fault code, decision, map version
        assert peer.read(AI, instance, 22) == real(1.0)


def test_the_longest_answer_is_the_links_own(peer):
    most = unsigned(1476 if peer.kind == "ip" else 480)
    assert peer.read(DEVICE, INSTANCE, 62) == peer.read(PORT, 1, 399) == most
    assert peer.tell(8)[2:].startswith(I_AM + most)


def test_where_there_are_no_slots_a_priority_means_nothing(peer):
    for priority in (6, 8):
        assert peer.write(AV, 3, PV, real(45.0 + priority), priority) == ACK
        assert peer.read(AV, 3, PV) == real(45.0 + priority), "before the next scan"
    assert peer.write(AV, 3, PV, NULL, 8) == ACK and peer.read(AV, 3, PV) == real(53.0)


def test_all_sixteen_slots(peer):
    assert peer.read(*FLOW, 87, 0) == unsigned(16) and peer.read(*FLOW, 87) == 16 * NULL
    for slot in range(1, 17):
        wrote = peer.write(*FLOW, PV, real(20.0 + slot), slot)
        assert wrote == (error(2, 40) if slot == 6 else ACK), slot
    for slot in range(1, 17):
        assert peer.read(*FLOW, 87, slot) == (NULL if slot == 6 else real(20.0 + slot))
    for slot in range(1, 17):
        if slot != 6:
            assert peer.read(*FLOW, 431) == unsigned(slot) and peer.read(*FLOW, PV) == real(20.0 + slot)
            assert point(peer, "flow_setpoint_c") == 2000 + 100 * slot
            assert peer.write(*FLOW, PV, NULL, slot) == ACK
    assert peer.read(*FLOW, 431) == NULL and peer.read(*FLOW, PV) == peer.read(*FLOW, 104) == real(35.0)


def test_the_first_of_several_writes_that_fails_is_named(peer):
    asked = (
        wanted(*FLOW, (PV, real(40.0), 8))
        + wanted(AI, 3, (PV, real(1.0)))
        + wanted(*ENABLE, (PV, enumerated(1)))
    )
    failed = context(0, identifier(AI, 3)) + context(1, b"\x55")
    assert peer.ask(16, asked) == (ERROR, b"\x0e\x91\x02\x91\x28\x0f\x1e" + failed + b"\x1f")
    assert point(peer, "flow_setpoint_c") == 4000 and point(peer, "enable") == 0
    assert peer.ask(16, wanted(*FLOW, (PV, NULL, 8))) == (ACK, b"")


def subscribe(peer, process, kind, instance, confirmed=False, lifetime=60):
    asked = context(0, number(process)) + context(1, identifier(kind, instance))
    if confirmed is not None:
        asked += context(2, bytes([confirmed])) + context(3, number(lifetime))
    return peer.ask(5, asked)


def test_sixteen_subscriptions_and_their_bound(peer):
    """Every one is told of a change, however many at once; none is kept over a day."""
    peer.fresh()
    for process in range(16):
        assert subscribe(peer, process, *ENABLE, False, 0 if process == 3 else 60) == (ACK, b"")
        first = peer.heard(3.0)
        assert first[:4] == b"\x01\x00\x10\x02" and first[4:6] == context(0, number(process))
        left = 86_400 if process == 3 else 60
        assert context(3, number(left)) + b"\x4e" in first or context(3, number(left - 1)) + b"\x4e" in first
    assert subscribe(peer, 16, *ENABLE) == error(3, 19)
    active = peer.read(DEVICE, INSTANCE, 152)
    if active == (7, b"\x04"):
        assert peer.kind == "mstp", "sixteen of them are over 480 bytes"
    else:
        assert active.count(identifier(*ENABLE)) == 16
    peer.device.ask("enable=1")
    told = [peer.heard(3.0) for _ in range(16)]
    assert sorted(each[5] for each in told) == list(range(16))
    assert all(b"\x2e\x91\x01\x2f" in each for each in told), "its value"
    assert peer.heard(0.3) is None, "once"
    for process in range(16):
        assert subscribe(peer, process, *ENABLE, None) == (ACK, b"")
    peer.device.ask("enable=0")
    assert peer.heard(0.3) is None and peer.read(DEVICE, INSTANCE, 152) == b""


def test_a_thanks_counts_though_somebody_behind_a_router_asked_before(peer):
    peer.fresh()
    assert subscribe(peer, 9, *ENABLE, True) == (ACK, b"")
    first = peer.heard(3.0) if peer.kind == "ip" else time.sleep(0.3)  # it waits for the token
    routed = b"\x01\x0c\x00\x09\x01\x63" + bytes([0, 3, 1, 12]) + READ_FLOW
    assert peer.network(routed)[:8] == b"\x01\x20\x00\x09\x01\x63\xff\x30"
    if peer.kind == "ip":
        peer.send(b"\x01\x00\x20" + first[4:5] + b"\x01")
    else:
        assert peer.heard(3.0) is not None
    assert peer.heard(4.0) is None, "it is not said again"
    assert subscribe(peer, 9, *ENABLE, None) == (ACK, b"")


def test_silence_on_request(peer):
    """DeviceCommunicationControl, with the password: no notifications, answers as ever."""
    peer.fresh()
    assert subscribe(peer, 1, *ENABLE) == (ACK, b"")
    assert peer.heard(3.0) is not None
    assert peer.ask(17, context(0, b"\x01") + context(1, b"\x02") + context(2, b"\x001234")) == (ACK, b"")
    peer.device.ask("enable=1")
    assert peer.heard(0.4) is None and peer.read(*ENABLE, PV) == enumerated(1)
    assert peer.ask(17, context(1, b"\x00") + context(2, b"\x001234")) == (ACK, b"")
    assert peer.heard(3.0) is not None
    peer.device.ask("enable=0")
    assert peer.heard(3.0) is not None
    assert subscribe(peer, 1, *ENABLE, None) == (ACK, b"")


def test_who_is_and_who_has(peer):
    own = b"\xc4" + identifier(DEVICE, INSTANCE)
    for limits in (b"", context(0, number(INSTANCE)) + context(1, number(INSTANCE))):
        assert peer.tell(8, limits)[2:].startswith(I_AM), limits
    peer.unanswered([bytes([1, 0, 0x10, 8]) + context(0, b"\x00") + context(1, number(INSTANCE - 1))])
    have = peer.tell(7, context(3, b"\x00flow_c"))
    assert have == b"\x01\x00\x10\x01" + own + b"\xc4" + identifier(AI, 3) + text("flow_c")
    peer.fresh()
    peer.send(b"\x01\x20\xff\xff\x00\xff\x10\x08", True)
    assert peer.heard(1.0)[2:].startswith(I_AM), "within a quarter of a second"
    assert peer.heard(0.3) is None


def test_the_time(peer):
    date, clock = b"\xa4\x7e\x0b\x1d\x07", b"\xb4\x0c\x1e\x00\x00"  # Sunday, 29 November 2026, 12:30
    assert peer.tell(6, date + clock) is None
    assert peer.read(DEVICE, INSTANCE, 56) == date and peer.read(DEVICE, INSTANCE, 57)[:3] == clock[:3]
    peer.unanswered([bytes([1, 0, 0x10, 6]) + date + b"\xb4\x18\x00\x00\x00"])
    assert peer.tell(9, date + b"\xb4\x0d\x00\x00\x00") is None
    assert peer.read(DEVICE, INSTANCE, 57)[:2] == b"\xb4\x0d"
    time.sleep(0.2)  # a scan
    assert point(peer, "clock_min") == 13 * 60
    for name, hour, kept in (("summer_time=1", 14, b"\x11"), ("summer_time=0", 13, b"\x10")):
        peer.device.ask(name)
        assert peer.tell(9, b"\xa4\x7e\x07\x0f\x03\xb4\x0d\x00\x00\x00") is None  # 15 July
        assert peer.read(DEVICE, INSTANCE, 57)[1] == hour and peer.read(DEVICE, INSTANCE, 24) == kept


def test_i_am_was_said_once(peer):
    """At the start; also a foreign device that has renewed its registration says nothing again."""
    time.sleep(max(0.0, peer.began + 2.5 * LIFETIME_S / 2 - time.monotonic()) if peer.kind == "ip" else 0.0)
    if peer.kind == "mstp":
        for _ in range(100):
            peer.token()
    else:
        assert peer.bbmd.registered >= 2
    said = [each for each in peer.broadcasts if I_AM in each]
    assert len(said) == len(peer.broadcasts) == 1 and said[0][:6] == b"\x01\x20\xff\xff\x00\xff"


def test_configuration_outlives_a_reset(peer):
    """What a client wrote a moment before it restarted the device, and what was set before."""
    state = peer.device.ask()
    assert state["counters"][7] == 0, "an exception that should not be"
    assert peer.write(AV, 3, PV, real(47.0)) == ACK, "the hot water's setpoint, a setting"
    if peer.kind == "mstp":
        assert peer.write(PORT, 1, 64, unsigned(20)) == peer.write(PORT, 1, 63, unsigned(5)) == ACK
    assert peer.write(*FLOW, PV, real(40.0), 8) == ACK
    assert peer.ask(20, context(0, b"\x00") + context(1, b"\x001234")) == (ACK, b"")
    assert peer.device.process.wait(5.0) == 0
    peer.close()
    if peer.kind == "ip":
        peer.device = Device(peer.folder, peer.store)
        again = OnIp(peer.device.port)
    else:
        again = OnMstp()
        peer.device = Device(peer.folder, peer.store, host=again.name)
        again.token(False)
        assert again.read(PORT, 1, 64) == unsigned(20) and again.read(PORT, 1, 63) == unsigned(5)
    try:
        assert again.read(DEVICE, INSTANCE, 75) == b"\xc4" + identifier(DEVICE, INSTANCE)
        assert again.read(DEVICE, INSTANCE, 120) == unsigned(260)
        assert again.read(AV, 3, PV) == real(47.0)
        assert again.read(*FLOW, 87) == 16 * NULL, "a command is not kept"
        assert again.ask(20, context(0, b"\x01")) == error(4, 26), "nor is the password forgotten"
    finally:
        again.close()
