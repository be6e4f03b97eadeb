"""MQTT's control packets against the bytes of the standard (MQTT 3.1.1, clause 3)."""

from isentrope.bus.mqtt import greeting, packets
from isentrope.bus.mqtt.packets import Packet

ROOM = 64


def took(data, room=ROOM):
    """(what `take` says, the packet) of bytes at the beginning of a buffer."""
    packet = Packet()
    buf = bytearray(room)
    n = min(len(data), room)
    buf[:n] = data[:n]
    return packet.take(memoryview(buf), n), packet


def written(call, *args):
    buf = bytearray(256)
    return bytes(buf[: call(buf, *args)])


def test_connect_with_a_will():
    assert written(greeting.connect, b"name", 30, b"a/w", b"off") == (
        b"\x10\x1a\x00\x04MQTT\x04\x26\x00\x1e\x00\x04name\x00\x03a/w\x00\x03off"
    )
    assert written(greeting.connect, b"n", 60, b"w", b"x", b"user", b"secret") == (
        b"\x10\x21\x00\x04MQTT\x04\xe6\x00\x3c\x00\x01n\x00\x01w\x00\x01x\x00\x04user\x00\x06secret"
    )
    assert written(greeting.connect, b"n", 60, b"w", b"x", b"user")[9] == 0xA6
    assert written(greeting.connect, b"n", 60, b"w", b"x", b"", b"secret")[9] == 0x26, "no password alone"


def test_what_else_is_sent():
    assert written(packets.publish, b"a/b", 2, True) == b"\x31\x07\x00\x03a/b"
    assert written(packets.publish, b"a/b", 300, False, 10) == b"\x32\xb3\x02\x00\x03a/b\x00\x0a"
    assert written(greeting.subscribe, 10, b"a/+", 1) == b"\x82\x08\x00\x0a\x00\x03a/+\x01"
    assert written(packets.acknowledge, 0x1234) == b"\x40\x02\x12\x34"
    assert written(packets.publish, b"a", 16_380, False)[1:4] == b"\xff\x7f\x00"
    assert written(packets.publish, b"a", 16_381, False)[1:5] == b"\x80\x80\x01\x00"


def test_answers():
    for data, kind, code, identity in (
        (b"\x20\x02\x00\x00", packets.CONNACK, 0, 0),
        (b"\x20\x02\x00\x05", packets.CONNACK, 5, 0),
        (b"\x90\x03\x00\x0a\x01", packets.SUBACK, 1, 10),
        (b"\x90\x03\x00\x0a\x80", packets.SUBACK, 0x80, 10),
        (b"\x40\x02\x01\x02", packets.PUBACK, 0, 0x102),
        (b"\xd0\x00", packets.PINGRESP, 0, 0),
    ):
        whole, packet = took(data + b"more")
        assert whole == len(data), data
        assert (packet.kind, packet.code, packet.identity) == (kind, code, identity), data
        for n in range(len(data)):
            assert took(data[:n])[0] == packets.MORE, (data, n)


def test_messages():
    whole, packet = took(b"\x30\x09\x00\x03a/b42.5")
    assert whole == 11 and (packet.qos, packet.identity, packet.retained, packet.cut) == (0, 0, False, False)
    assert (bytes(packet.topic), bytes(packet.payload)) == (b"a/b", b"42.5")
    whole, packet = took(b"\x3b\x07\x00\x03a/b\x00\x0a")
    assert whole == 9 and (packet.qos, packet.identity, packet.retained) == (1, 10, True)
    assert bytes(packet.payload) == b""


def test_a_message_that_is_too_long_is_taken_by_its_beginning():
    data = b"\x32\xac\x02\x00\x03a/b\x00\x0a" + b"1" * 291
    assert took(data[: ROOM - 1])[0] == packets.MORE
    whole, packet = took(data)
    assert whole == 303 and packet.cut and packet.identity == 10
    assert bytes(packet.topic) == b"a/b" and len(packet.payload) == ROOM - 10
    assert took(b"\x32\xac\x02\x01\x00" + b"a" * 298)[0] == packets.BAD, "its topic has no end in there"


def test_what_is_no_packet_of_a_broker():
    for data in (
        b"\x00\x00",
        b"\x10\x00",
        b"\xf0\x00",
        b"\xc0\x00",
        b"\xe0\x00",
        b"\x20\x02\x01\x00",  # a session that nobody asked for
        b"\x20\x02\x00\x06",
        b"\x20\x03\x00\x00\x00",
        b"\x21\x02\x00\x00",
        b"\x40\x02\x00\x00",
        b"\x40\x01\x00",
        b"\x50\x02\x00\x0a",  # of QoS 2
        b"\x62\x02\x00\x0a",
        b"\x90\x03\x00\x0a\x03",
        b"\x90\x04\x00\x0a\x00\x00",
        b"\xd0\x01\x00",
        b"\x30\x00",
        b"\x30\x02\x00\x00",
        b"\x30\x04\x00\x03ab",
        b"\x30\x05\x00\x03a/#",
        b"\x30\x05\x00\x03a\x00b",
        b"\x32\x05\x00\x03a/b",
        b"\x32\x07\x00\x03a/b\x00\x00",
        b"\x34\x07\x00\x03a/b\x00\x0a",
        b"\x36\x07\x00\x03a/b\x00\x0a",
        b"\x38\x05\x00\x03a/b",
        b"\x30\xff\xff\xff\xff\x7f",
    ):
        assert took(data)[0] == packets.BAD, data
