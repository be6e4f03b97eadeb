"""The board's network with stand-ins for MicroPython's `network`: when it is tried, what the alarm says."""

import sys

from isentrope.bus import names, network
from plain import Plain


class Alarms:
    def __init__(self):
        self.now = []

    def raise_(self, code, now_ms, value=0):
        if (code, value) not in self.now:
            self.now.append((code, value))

    def clear(self, code, now_ms):
        self.now = [each for each in self.now if each[0] != code]


class Nic:
    def __init__(self, broken=False):
        self.begun = []
        self.connected = False
        self.broken = broken
        self.now_ms = 0

    def begin(self):
        self.begun.append(self.now_ms)
        if self.broken:
            raise OSError(5)

    def up(self):
        return self.connected

    def why(self):
        return 2

    def interface(self):
        return "192.168.1.20", "255.255.255.0", "192.168.1.1", "192.168.1.1"


class Bench:
    """A keeper whose time is the test's."""

    def __init__(self, start_ms=0, broken=False):
        self.ms = start_ms
        self.alarms = Alarms()
        self.scan = Plain(alarms=self.alarms, now_ms=0)
        self.nic = Nic(broken)
        self.keeper = network.Network(self, self.nic)

    def ticks_ms(self):
        return self.ms & 0x3FFFFFFF

    def passes(self, s):
        for _ in range(2 * s):
            self.ms += 500
            self.nic.now_ms = self.ms
            self.keeper.step(self.ticks_ms())


def test_a_try_is_begun_at_once_and_again_with_longer_pauses():
    for start_ms in (0, 2**30 - 60_000):
        bench = Bench(start_ms)
        bench.passes(1200)
        gaps = [b - a for a, b in zip(bench.nic.begun, bench.nic.begun[1:])]
        assert bench.nic.begun[0] - start_ms <= 500
        assert gaps == [15_000, 30_000, 60_000, 120_000] + 4 * [240_000], gaps


def test_the_alarm_comes_after_three_minutes_and_goes_with_the_address():
    bench = Bench()
    bench.passes(179)
    assert bench.alarms.now == [] and not bench.keeper.up
    bench.passes(3)
    assert bench.alarms.now == [(70, 2)]
    bench.nic.connected = True
    bench.passes(1)
    assert bench.alarms.now == [] and bench.keeper.up


def test_a_network_that_was_lost_is_looked_for_again():
    bench = Bench()
    bench.nic.connected = True
    bench.passes(60)
    assert bench.nic.begun == [], "it is there already"
    bench.nic.connected = False
    bench.passes(14)
    assert not bench.keeper.up and bench.nic.begun == [], "radios find their way back by themselves"
    bench.passes(2)
    assert len(bench.nic.begun) == 1
    bench.passes(200)
    assert bench.alarms.now == [(70, 2)]


def test_a_chip_that_fails_is_tried_again():
    bench = Bench(broken=True)
    bench.passes(120)
    assert len(bench.nic.begun) == 4


class Interface:
    """As WLAN or WIZNET5K, each call noted."""

    IF_STA = PM_NONE = 0

    def __init__(self, *_):
        self.calls = []
        self.on = False
        self.reached = False
        self.state = 0

    def active(self, on=None):
        if on is not None:
            self.calls.append(("active", on))
            self.on = on
        return self.on

    def config(self, **how):
        self.calls.append(("config", how))

    def ipconfig(self, **how):
        self.calls.append(("ipconfig", how))

    def connect(self, *how):
        self.calls.append(("connect",) + how)

    def disconnect(self):
        self.calls.append(("disconnect",))

    def isconnected(self):
        return self.reached

    def status(self):
        return self.state

    def ifconfig(self):
        return "192.168.1.20", "255.255.255.0", "192.168.1.1", "192.168.1.1"


class Module:
    """`network`: what is called at its top."""

    WLAN = WIZNET5K = Interface

    def __init__(self):
        self.calls = []

    def hostname(self, name):
        self.calls.append(("hostname", name))

    def country(self, name):
        self.calls.append(("country", name))

    def ipconfig(self, **how):
        self.calls.append(("ipconfig", how))


def made(kind, said):
    """A network interface of ports/ on a fresh stand-in, and the stand-in."""
    fake = Module()
    before = sys.modules.get("network")
    sys.modules["network"] = fake
    sys.modules.pop("isentrope.ports." + kind, None)
    try:
        module = __import__("isentrope.ports." + kind, None, None, ("make",))
        return module.make(said, "hp-1"), fake
    finally:
        sys.modules.pop("isentrope.ports." + kind, None)
        del sys.modules["network"]
        if before:
            sys.modules["network"] = before


def test_wifi_by_name_and_secret():
    nic, fake = made("wifi", {"ssid": "home", "secret": "very secret", "country": "DE"})
    assert fake.calls == [("country", "DE"), ("hostname", "hp-1")]
    nic.begin()
    wlan = nic._wlan
    assert wlan.calls[0] == ("active", True) and wlan.calls[-1] == ("connect", "home", "very secret")
    assert not [call for call in wlan.calls if call[0] == "ipconfig"]
    nic.begin()
    assert ("disconnect",) in wlan.calls and not nic.up()
    for state, why in ((-3, 1), (202, 1), (-2, 2), (201, 2), (0, 0), (1, 0), (1001, 0)):
        wlan.state = state
        assert nic.why() == why
    wlan.reached = True
    assert nic.up() and nic.interface()[0] == "192.168.1.20"


def test_wifi_that_is_open_or_has_an_address_of_its_own():
    nic, fake = made("wifi", {"ssid": "open", "address": "10.0.0.5/24", "gateway": "10.0.0.1"})
    nic.begin()
    assert ("ipconfig", {"addr4": "10.0.0.5/24", "gw4": "10.0.0.1"}) in nic._wlan.calls
    assert ("ipconfig", {"dns": "10.0.0.1"}) in fake.calls and nic._wlan.calls[-1] == (
        "connect",
        "open",
        None,
    )
    try:
        made("wifi", {})
    except ValueError as error:
        assert "ssid" in str(error)
    else:
        raise AssertionError("a Wi-Fi without a name")


def test_ethernet():
    nic, fake = made("ethernet", {})
    nic.begin()
    assert nic._nic.calls == [("active", True), ("ipconfig", {"dhcp4": True})]
    nic.begin()
    assert nic._nic.calls[-1] == ("ipconfig", {"dhcp4": True}) and len(nic._nic.calls) == 3
    nic, fake = made("ethernet", {"address": "10.0.0.5/24", "gateway": "10.0.0.1", "dns": "10.0.0.2"})
    nic.begin()
    assert nic._nic.calls[-1] == ("ipconfig", {"addr4": "10.0.0.5/24", "gw4": "10.0.0.1"})
    assert fake.calls[-1] == ("ipconfig", {"dns": "10.0.0.2"}) and nic.why() == 0


QUESTION = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03ntp\x07example\x03org\x00\x00\x01\x00\x01"
# A CNAME, then its address (RFC 1035, 4.1.3 and 4.1.4).
ANSWER = (
    b"\x12\x34\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00\x03ntp\x07example\x03org\x00\x00\x01\x00\x01"
    b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01a\xc0\x10"
    b"\xc0\x2d\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x07"
)


def test_a_name_is_asked_for_and_its_address_found():
    assert names.question(b"\x12\x34", "ntp.example.org") == QUESTION
    assert names.answer(ANSWER, b"\x12\x34") == "192.0.2.7"
    for host in ("", "a..b", "x" * 64, "a." * 130):
        try:
            names.question(b"\0\0", host)
        except OSError:
            continue
        raise AssertionError(host)


def test_an_answer_to_something_else_is_none():
    for data in (
        b"",
        ANSWER[:11],
        b"\x12\x35" + ANSWER[2:],
        QUESTION,
        ANSWER[:3] + b"\x83" + ANSWER[4:],  # no such name
        ANSWER[:6] + b"\x00\x00" + ANSWER[8:],
        ANSWER[:6] + b"\x00\x01" + ANSWER[8:],  # the CNAME alone
    ):
        assert names.answer(data, b"\x12\x34") == "", data
    for n in range(len(ANSWER)):
        assert names.answer(ANSWER[:n], b"\x12\x34") == "", n
        names.answer(
            ANSWER[:n] + b"\xff" + ANSWER[n + 1 :], b"\x12\x34"
        )  # says what it likes, raises nothing
        names.answer(ANSWER[:n] + b"\xc0" * 40, b"\x12\x34")


def test_what_the_network_file_says():
    import os

    from isentrope.bus import networkfile

    before = networkfile._FILE
    networkfile._FILE = "/tmp/isentrope-network-%d.json" % id(before)
    try:
        for text, wanted in (
            (None, {}),
            ("", {}),
            ("[1]", {}),
            ('{"ssid": ', {}),
            ('{"ssid": "home", "secret": 5, "hostname": "hp-1"}', {"ssid": "home", "hostname": "hp-1"}),
        ):
            if text is not None:
                with open(networkfile._FILE, "w") as file:
                    file.write(text)
            ctx = Plain(said=None, hostname="")
            networkfile.read(ctx)
            assert ctx.said == wanted and ctx.hostname == wanted.get("hostname", ctx.hostname), text
            assert ctx.hostname == "hp-1" or ctx.hostname.startswith("isentrope-"), text
        os.remove(networkfile._FILE)
    finally:
        networkfile._FILE = before
