"""What the tests of the buses share: a served controller, and clients of sockets and bytes."""

import contextlib
import socket
import struct
import threading
import time

import pytest
from isentrope_hil.bench import Bench
from isentrope_hil.errors import TargetMissing
from isentrope_hil.serving import Buses, Serving
from isentrope_hil.targets.unix import executable

LEASE_S = 10
FLOW, ENABLE, SILENT = 1, 0, 3  # addresses on Modbus
TYPES = {"AI": 0, "AV": 2, "BI": 3, "BV": 5, "MSI": 13, "MSV": 19}


def a_port(kind=socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """A served controller; a thread keeps it scanning, some hundred scans a second, unless `still`.

    `bacnet`: on BACnet/IP too; `rtu`: on a pair of pseudo-terminals; `threaded` False: who has it, steps it.
    """

    def __init__(self, *, tcp=True, rtu=True, bacnet=False, threaded=True, begin=None, **how):
        try:
            executable()
        except TargetMissing as why:
            pytest.skip(f"not run: {why}")
        self.port = a_port()
        self.bacnet = a_port(socket.SOCK_DGRAM)
        self.bench = Bench()
        settings = {"bus_timeout": LEASE_S, "modbus_rate": 1000, **how.pop("settings", {})}
        buses = Buses(
            tcp=("127.0.0.1", self.port) if tcp else None,
            rtu="pty" if rtu else None,
            bacnet=("127.0.0.1", self.bacnet) if bacnet else None,
            settings=settings,
            **how,
        )
        self.serving = Serving(self.bench, buses)
        self.lock = threading.Lock()
        self.over = not threaded
        self.begin = begin or {}
        self.scanned = 0
        self.slowest_s = 0.0
        self.worst_us = 0.0  # of a STEP's round trip

    def __enter__(self):
        self.serving.__enter__()
        self.serving.begin(**self.begin)
        self.rtu = self.serving.rtu
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *what):
        self.over = True
        self.thread.join()
        self.serving.__exit__(*what)

    def work(self):
        while not self.over:
            with self.lock:
                began = time.perf_counter()
                self.bench.step()
                self.slowest_s = max(self.slowest_s, time.perf_counter() - began)
                self.worst_us = max(self.worst_us, self.bench.link.rtt_us)
                self.scanned += 1
            time.sleep(0.005)

    @contextlib.contextmanager
    def still(self):
        """The bench for this thread alone."""
        with self.lock:
            yield self.bench

    def scans(self, n):
        with self.still() as bench:
            bench.step(n)

    def read(self, name):
        with self.still() as bench:
            return bench.read(name)


class Tcp:
    """A bare connection."""

    def __init__(self, port):
        self.line = socket.create_connection(("127.0.0.1", port), timeout=3.0)
        self.tid = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.line.close()

    def frame(self, pdu, unit=1):
        self.tid = (self.tid + 1) & 0xFFFF
        return struct.pack(">HHHB", self.tid, 0, len(pdu) + 1, unit) + pdu

    def take(self, n):
        data = b""
        while len(data) < n:
            piece = self.line.recv(n - len(data))
            if not piece:
                raise EOFError(data)
            data += piece
        return data

    def answer(self):
        """(transaction, unit, PDU)"""
        tid, protocol, size, unit = struct.unpack(">HHHB", self.take(7))
        assert protocol == 0
        return tid, unit, self.take(size - 1)

    def ask(self, pdu, unit=1):
        self.line.sendall(self.frame(pdu, unit))
        tid, answered, pdu = self.answer()
        assert (tid, answered) == (self.tid, unit)
        return pdu

    def words(self, function, first, count):
        pdu = self.ask(struct.pack(">BHH", function, first, count))
        assert pdu[0] == function, pdu
        return struct.unpack(f">{count}H", pdu[2:])

    def closed(self):
        try:
            return self.line.recv(16) == b""
        except ConnectionResetError:
            return True


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


class Rtu:
    """A bare serial line."""

    def __init__(self, path):
        import serial

        self.line = serial.Serial(path, 19200, timeout=0.3)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.line.close()

    def send(self, *frames):
        self.line.write(b"".join(frame + crc(frame) for frame in frames))

    def ask(self, pdu, unit=1):
        self.send(bytes((unit,)) + pdu)
        answer = self.line.read(5)  # an exception's whole
        if not answer[1:2] or not answer[1] & 0x80:
            answer += self.line.read(251)
        assert crc(answer[:-2]) == answer[-2:] and answer[:1] == bytes((unit,)), answer
        return answer[1:-2]

    def answer(self):
        data = self.line.read(256)
        assert not data or crc(data[:-2]) == data[-2:]
        return data[:-2]


def identifier(kind, instance):
    return struct.pack(">I", kind << 22 | instance)


def confirmed(service, parameters):
    """The datagram of a confirmed request."""
    npdu = bytes([1, 4, 0, 5, 1, service]) + parameters
    return struct.pack(">BBH", 0x81, 0x0A, len(npdu) + 4) + npdu


def reading(objects):
    """ReadPropertyMultiple of the Present_Value of each (type, instance)."""
    return confirmed(14, b"".join(b"\x0c" + identifier(*each) + b"\x1e\x09\x55\x1f" for each in objects))


class Bacnet:
    """A bare BACnet/IP client."""

    def __init__(self, port):
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.bind(("127.0.0.1", 0))
        self.line.settimeout(3.0)
        self.to = "127.0.0.1", port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.line.close()

    def ask(self, service, parameters):
        self.line.sendto(confirmed(service, parameters), self.to)
        return self.line.recv(1600)[6:]

    def values(self, objects):
        """Present_Value of each (type, instance)."""
        self.line.sendto(reading(objects), self.to)
        answer = self.line.recv(1600)[6:]
        assert answer[0] == 0x30, answer
        at, found = 3, []
        for each in objects:
            assert answer[at + 1 : at + 5] == identifier(*each) and answer[at + 8] == 0x4E
            head, n = answer[at + 9] >> 4, answer[at + 9] & 7
            data = answer[at + 10 : at + 10 + n]
            found.append(struct.unpack(">f", data)[0] if head == 4 else int.from_bytes(data, "big"))
            at += 10 + n + 2
        return found

    def write(self, kind, instance, value, priority=16):
        asked = (
            b"\x0c" + identifier(kind, instance) + b"\x19\x55\x3e" + value + b"\x3f\x49" + bytes([priority])
        )
        return self.ask(15, asked)

    def command(self, kind, instance, value, priority=16):
        """Write a Present_Value that is to be taken; None relinquishes."""
        if value is None:
            coded = b"\x00"
        elif kind == TYPES["AV"]:
            coded = b"\x44" + struct.pack(">f", value)
        elif kind == TYPES["BV"]:
            coded = bytes((0x91, value))
        else:
            coded = bytes((0x21, value))
        assert self.write(kind, instance, coded, priority) == b"\x20\x01\x0f"


def mstp(kind, to, source, data=b""):
    """A frame of MS/TP (ASHRAE 135, 9.3), its checks by the standard's polynomials."""
    head = bytes([kind, to, source, len(data) >> 8, len(data) & 255])
    said = b"\x55\xff" + head + bytes([_remainder(head, 0x81, 0xFF)])
    return said + (data + struct.pack("<H", _remainder(data, 0x8408, 0xFFFF)) if data else b"")


def _remainder(data, polynomial, value):
    """Reflected, ones to begin with and inverted in the end."""
    ones = value
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ polynomial if value & 1 else value >> 1
    return value ^ ones
