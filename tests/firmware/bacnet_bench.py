"""A controller with BACnet on it and no network: requests in, answers out, all as bytes.

What is sent is put together here by the standard's rules, not by the firmware's own writer.
"""

from struct import pack

from bench_host import Board
from isentrope import points, settings
from isentrope.bus.bacnet.config import Config
from isentrope.bus.bacnet.stack import FAULTS, Stack
from isentrope.bus.registers import Registers

AI, AV, BI, BV, DEVICE, MSI, MSV, PORT = 0, 2, 3, 5, 8, 13, 19, 56
TYPES = {"AI": AI, "AV": AV, "BI": BI, "BV": BV, "MSI": MSI, "MSV": MSV}
INSTANCE = 4711
PV = 85


def setting(name):
    for row in settings.rows():
        if row[1] == name:
            return row[0]
    raise KeyError(name)


class Link:
    """What the stack sends of itself."""

    bus = 4
    network = 5
    most = 1476
    speed = 0.0
    mask = gateway = bytes(4)

    def __init__(self, stack):
        self.stack = stack
        self.sent = []

    def mac(self):
        return b"\x0a\x00\x00\x05\xba\xc0"

    def reliability(self):
        return 0

    def full(self):
        return False

    def send(self, end, peer):
        self.sent.append((bytes(self.stack.w.buf[8:end]), bytes(peer)))


def context(number, data):
    """A context's tag."""
    n = len(data)
    head = bytes([number << 4 | 8 | min(n, 5)]) if number < 15 else bytes([0xF8 | min(n, 5), number])
    return head + (bytes([n]) if n > 4 else b"") + data


def number(value):
    """An unsigned's bytes, as few as hold it."""
    data = bytes([value & 255])
    while value > 255:
        value >>= 8
        data = bytes([value & 255]) + data
    return data


def identifier(kind, instance):
    return pack(">I", kind << 22 | instance)


def reference(kind, instance):
    return context(0, identifier(kind, instance))


def real(value):
    return b"\x44" + pack(">f", value)


def unsigned(value):
    return bytes([0x20 | len(number(value))]) + number(value)


def enumerated(value):
    return bytes([0x90 | len(number(value))]) + number(value)


NULL = b"\x00"
TRUE = b"\x11"


def text(said):
    n = len(said) + 1
    return (bytes([0x70 | n]) if n < 5 else bytes([0x75, n])) + b"\0" + said.encode()


class Asker:
    """`ask()` for confirmed services, `tell()` for the others, over whatever `network()` is."""

    def ask(self, service, parameters=b"", size=5, invoke=7, first=0x00):
        """The answer's application part, its kind and invoke id checked off: (kind, rest)."""
        answer = self.network(bytes([1, 4, first, size, invoke, service]) + parameters)
        if answer is None:
            return None
        assert answer[:2] == b"\x01\x00", "no routing, no answer wanted"
        assert answer[3] == invoke
        kind = answer[2]
        if kind == 0x20 or kind == 0x30 or kind == 0x50:
            assert answer[4] == service
            return kind >> 4, answer[5:]
        return kind >> 4, answer[4:]

    def tell(self, service, parameters=b"", broadcast=False):
        return self.network(bytes([1, 0, 0x10, service]) + parameters, broadcast)

    def read(self, kind, instance, prop, index=None):
        """A property's value as encoded, or what was answered instead."""
        asked = reference(kind, instance) + context(1, number(prop))
        if index is not None:
            asked += context(2, number(index))
        result, rest = self.ask(12, asked)
        if result != 3:
            return result, rest
        assert rest.startswith(asked), "the answer names what was asked"
        assert rest[len(asked)] == 0x3E and rest[-1] == 0x3F
        return rest[len(asked) + 1 : -1]

    def write(self, kind, instance, prop, value, priority=None, index=None):
        """2 for done, or (kind, rest) of a refusal."""
        asked = reference(kind, instance) + context(1, number(prop))
        if index is not None:
            asked += context(2, number(index))
        asked += b"\x3e" + value + b"\x3f"
        if priority is not None:
            asked += context(4, number(priority))
        result, rest = self.ask(15, asked)
        return result if result == 2 else (result, rest)


class Bench(Asker):
    """The stack in this process; `peer` is who asks."""

    def __init__(self, **changed):
        self.board = Board()
        self.scan = self.board.machine
        self.scan.bus = Registers(self.scan)
        values = {"commissioned": 1, "bus_write": 12, "bacnet_instance_low": INSTANCE}
        for name, raw in dict(values, **changed).items():
            assert self.scan.settings.set_raw(setting(name), raw) == 0, name
        self.board.scans(2)
        self.resets = 0
        self.stack = Stack(self.scan, Config(self.scan.settings, b"chip"), "bench", "1.2.3", self.reset)
        self.link = Link(self.stack)
        self.stack.links.append(self.link)
        self.ids = {row[1]: row[0] for row in points.rows()}
        self.now_ms = 0
        self.stack.step(0)
        self.who(b"\x0a\x00\x00\x63\xba\xc1")

    def reset(self):
        self.resets += 1

    def who(self, mac):
        self.stack.peer[:] = bytes([0, len(mac)]) + mac + bytes(16 - len(mac))

    def set(self, **changed):
        for name, raw in changed.items():
            assert self.scan.settings.set_raw(setting(name), raw) == 0, name

    def network(self, data, broadcast=False):
        """An NPDU; the answer's, or None."""
        end = self.stack.receive(data, 0, len(data), broadcast)
        assert self.stack.counters[FAULTS] == 0
        return bytes(self.stack.w.buf[8:end]) if end else None

    def pass_ms(self, ms, step=100):
        """Time, with its scans; everything that was sent meanwhile."""
        self.link.sent = []
        end = self.now_ms + ms
        while self.now_ms < end:
            self.now_ms += step
            if self.now_ms % 500 == 0:
                self.board.scans(1)
            self.stack.step(self.now_ms)
        return self.link.sent


def error(kind, code):
    """An error's answer."""
    return 5, bytes([0x91, kind, 0x91, code])


def reject(reason):
    return 6, bytes([reason])


def abort(reason):
    return 7, bytes([reason])
