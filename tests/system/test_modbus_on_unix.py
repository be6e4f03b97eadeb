"""The firmware's Modbus servers on MicroPython's unix port: pymodbus, minimalmodbus and bare sockets ask."""

import contextlib
import os
import socket
import struct
import threading
import time

import pytest
from isentrope_hil import catalogue
from isentrope_hil.bench import Bench
from isentrope_hil.errors import TargetMissing
from isentrope_hil.serving import Buses, Serving
from isentrope_hil.targets.unix import executable

pymodbus = pytest.importorskip("pymodbus")
minimalmodbus = pytest.importorskip("minimalmodbus")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

FLOW, TEST_SPEED, LEASE_S = 1, 0x65, 10
ENABLE, SILENT, RESET = 0, 3, 4


def a_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """A served controller; a thread keeps it scanning, some hundred scans a second, unless `still`."""

    def __init__(self, **how):
        try:
            executable()
        except TargetMissing as why:
            pytest.skip(f"not run: {why}")
        self.port = a_port()
        self.bench = Bench()
        settings = {"bus_timeout": LEASE_S, "modbus_rate": 1000, **how.pop("settings", {})}
        buses = Buses(tcp=("127.0.0.1", self.port), rtu="pty", settings=settings, **how)
        self.serving = Serving(self.bench, buses)
        self.lock = threading.Lock()
        self.over = False
        self.slowest_s = 0.0

    def __enter__(self):
        self.serving.__enter__()
        self.serving.begin()
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


@pytest.fixture(scope="module")
def served():
    with Served() as made:
        yield made


@pytest.fixture
def tcp(served):
    with Tcp(served.port) as line:
        yield line


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

    def answer(self):
        data = self.line.read(256)
        assert not data or crc(data[:-2]) == data[-2:]
        return data[:-2]


def test_pymodbus_over_tcp_uses_every_function(served):
    from pymodbus.client import ModbusTcpClient

    with ModbusTcpClient("127.0.0.1", port=served.port, timeout=3) as client:
        everything(client)
        found = client.read_device_information(read_code=2)
        assert found.information[0] == b"Isentrope" and found.information[5] == b"ashp-r290-8kw"
        assert client.diag_query_data(b"\x12\x34").message == b"\x12\x34"


def test_pymodbus_over_rtu_uses_every_function(served):
    from pymodbus.client import ModbusSerialClient

    with ModbusSerialClient(served.rtu, baudrate=19200, timeout=2) as client:
        everything(client)
        found = client.read_device_information(read_code=1)
        assert found.information[0] == b"Isentrope"
        client.write_register(FLOW, 390, device_id=0, no_response_expected=True)
        time.sleep(0.1)
        assert client.read_holding_registers(FLOW).registers == [390]


def everything(client):
    assert client.read_input_registers(64).registers == [1]
    assert len(client.read_discrete_inputs(0, count=4).bits) >= 4
    assert not client.write_register(FLOW, 410).isError()
    assert client.read_holding_registers(FLOW).registers == [410]
    assert not client.write_coil(SILENT, True).isError()
    assert client.read_coils(SILENT).bits[0]
    assert not client.write_coils(SILENT, [False, False]).isError()
    assert not client.read_coils(SILENT).bits[0]
    assert not client.write_registers(TEST_SPEED, [0, 210, 500, 700]).isError()
    assert client.read_holding_registers(TEST_SPEED, count=4).registers == [0, 210, 500, 700]
    assert not client.mask_write_register(address=FLOW, and_mask=0xFFFF, or_mask=0).isError()
    wrote = client.readwrite_registers(read_address=FLOW, read_count=1, address=FLOW, values=[420])
    assert wrote.registers == [420]
    for refused, code in (
        (client.read_holding_registers(0x0FFF), 2),
        (client.read_input_registers(5), 2),
        (client.write_register(FLOW, 9999), 3),
        (client.write_coil(6, True), 2),
        (client.report_device_id(), 1),
    ):
        assert refused.exception_code == code


def test_minimalmodbus_over_rtu(served):
    instrument = minimalmodbus.Instrument(served.rtu, 1)
    instrument.serial.baudrate = 19200
    instrument.serial.timeout = 1.0
    try:
        assert instrument.read_register(64, functioncode=4) == 1
        instrument.write_register(FLOW, 43.0, number_of_decimals=1)
        assert instrument.read_register(FLOW, number_of_decimals=1) == 43.0
        instrument.write_register(FLOW, 44.0, number_of_decimals=1, functioncode=6)
        assert instrument.read_registers(0x4000, 125)[0] == served.bench.link.table.of("setting")[
            "superheat_setpoint"
        ].raw(8.0)
        instrument.write_bit(ENABLE, 1)
        assert instrument.read_bit(ENABLE, functioncode=1) == 1
        assert instrument.read_long(58, functioncode=4) > 0, "uptime_s, high word first"
        assert -60.0 < instrument.read_register(0, 1, functioncode=4, signed=True) < 60.0
        with pytest.raises(minimalmodbus.IllegalRequestError):
            instrument.read_register(0x0FFF)
    finally:
        instrument.serial.close()


def test_a_request_in_pieces_is_one_request(tcp):
    for byte in tcp.frame(b"\x04\x00\x40\x00\x01"):
        tcp.line.sendall(bytes((byte,)))
        time.sleep(0.002)
    assert tcp.answer()[2] == b"\x04\x02\x00\x01"


def test_requests_sent_together_are_answered_in_order(tcp):
    tcp.line.sendall(b"".join(tcp.frame(b"\x03" + struct.pack(">HH", 0x4000, n + 1)) for n in range(40)))
    for n in range(40):
        tid, _, pdu = tcp.answer()
        assert tid == n + 1 and len(pdu) == 4 + 2 * n


def test_units_on_tcp(tcp):
    for unit in (1, 255, 0):
        assert tcp.ask(b"\x04\x00\x40\x00\x01", unit) == b"\x04\x02\x00\x01"
    tcp.line.sendall(tcp.frame(b"\x04\x00\x40\x00\x01", 2))
    tcp.line.settimeout(0.3)
    with pytest.raises(TimeoutError):
        tcp.line.recv(1)
    tcp.line.settimeout(3.0)
    assert tcp.ask(b"\x04\x00\x40\x00\x01") == b"\x04\x02\x00\x01"


@pytest.mark.parametrize(
    "wrong",
    [b"\0\1\0\1\0\6\1\4\0\1\0\1", b"\0\1\0\0\1\xff\1\4", b"\0\1\0\0\0\1\1", b"GET / HTTP/1.0\r\n\r\n"],
)
def test_what_is_no_modbus_ends_the_connection_alone(served, wrong):
    with Tcp(served.port) as line, Tcp(served.port) as other:
        line.line.sendall(wrong)
        assert line.closed()
        assert other.words(4, 64, 1) == (1,)


def test_four_clients_at_once(served):
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(Tcp(served.port)) for _ in range(4)]
        for _ in range(3):
            for line in lines:
                line.line.sendall(line.frame(b"\x04\x00\x40\x00\x01"))
            for line in lines:
                assert line.answer()[2] == b"\x04\x02\x00\x01"


def test_clients_that_never_end_a_frame_do_not_keep_others_out(served):
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(Tcp(served.port)) for _ in range(4)]
        for line in slow:
            line.line.sendall(b"\0")
        time.sleep(1.2)
        with Tcp(served.port) as good:
            began = time.monotonic()
            assert good.words(4, 64, 1) == (1,)
            assert time.monotonic() - began < 2.0


def test_a_client_that_reads_nothing_stops_nobody(served):
    with Tcp(served.port) as deaf, Tcp(served.port) as good:
        deaf.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.line.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            for _ in range(20_000):
                deaf.line.send(deaf.frame(b"\x03\x40\x00\x00\x7d"))
        for _ in range(20):
            assert good.words(4, 64, 1) == (1,)


def test_serial_frames_that_are_damaged_or_for_others_get_silence(served):
    good, answer = b"\x01\x04\x00\x40\x00\x01", b"\x01\x04\x02\x00\x01"
    with Rtu(served.rtu) as line:
        before = served.read("modbus_bad_frames")
        line.line.write(good + b"\0\0")
        assert line.answer() == b""
        line.line.write(b"\x01\x04\x00")
        assert line.answer() == b""
        line.send(b"\x02\x04\x00\x40\x00\x01")
        assert line.answer() == b""
        line.send(b"\x00\x04\x00\x40\x00\x01")
        assert line.answer() == b"", "a read for all"
        line.line.write(bytes(2000))
        assert line.answer() == b""
        line.send(good)
        assert line.answer() == answer
        line.send(b"\x02\x04\x00\x02\x00\x01", b"\x02\x04\x02\x00\xfa", good)
        assert line.answer() == answer, "another unit's question and answer in the same breath"
        served.scans(1)
        assert served.read("modbus_bad_frames") == before + 3


def test_a_serial_frame_with_a_pause_in_it_is_one_frame_until_the_pause_is_too_long(served):
    request = b"\x01\x10\x00\x65\x00\x04\x08\x00\x00\x00\xd7\x01\xf4\x02\x58"
    whole = request + crc(request)
    with Rtu(served.rtu) as line:
        line.line.write(whole[:9])
        time.sleep(0.008)
        line.line.write(whole[9:])
        assert line.answer() == request[:6]
        line.line.write(whole[:9])
        time.sleep(0.2)
        line.line.write(whole[9:])
        assert line.answer() == b""


def test_values_are_the_firmwares_own_in_every_scan(served, tcp):
    with served.still() as bench:
        bench.write("enable", 1)
        points = bench.link.table.points
        units = {row["name"]: row["bus_exponent"] for row in catalogue.points()}
        for _ in range(15):
            bench.step()
            for signal, raw in zip(points, bench.link.points, strict=True):
                table, at = signal.id >> 12, signal.id & 0xFFF
                if table in (1, 3):
                    got = tcp.ask(struct.pack(">BHH", 2 if table == 1 else 1, at, 1))[2]
                    assert got == raw, signal.name
                    continue
                wide = signal.type == "u32"
                words = tcp.words(4 if table == 0 else 3, at, 2 if wide else 1)
                got = words[0] << 16 | words[1] if wide else words[0]
                if signal.type == "s16" and got & 0x8000:
                    got -= 0x10000
                if raw == {"s16": -0x8000, "u16": 0xFFFF}.get(signal.type):
                    assert got == raw, signal.name
                else:
                    scaled = raw * 10.0 ** (signal.exponent - units[signal.name])
                    assert abs(got - scaled) < 1.0, (signal.name, raw, got)


def test_commands_move_the_machine_and_end_with_their_lease(served, tcp):
    with served.still() as bench:
        bench.write("enable", 0)
        bench.write("flow_setpoint_c", 36.0)
        bench.step()
        tcp.ask(b"\x06\x00\x01\x01\xae")
        tcp.ask(b"\x05\x00\x00\xff\x00")
        bench.step()
        assert (bench.read("enable"), bench.read("flow_setpoint_c")) == (1, 43.0)
        for _ in range(2):
            bench.step(2 * LEASE_S - 4)
            tcp.ask(b"\x05\x00\x00\xff\x00")
        assert (bench.read("enable"), bench.read("flow_setpoint_c")) == (1, 36.0)
        bench.step(2 * LEASE_S + 4)
        assert bench.read("enable") == 0
        assert any(event[1] == 140 and "flow_setpoint_c" in event[3] for event in bench.events)


def test_a_setting_that_changes_starts_the_bus_anew(served):
    def asked(unit):
        with Tcp(served.port) as line:
            line.line.settimeout(0.5)
            return line.ask(b"\x04\x00\x40\x00\x01", unit)

    for unit in (9, 1):
        with served.still() as bench:
            bench.write("modbus_unit", unit)
        deadline = time.monotonic() + 5.0
        while True:
            with contextlib.suppress(OSError, EOFError):
                assert asked(unit) == b"\x04\x02\x00\x01"
                break
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert not int(served.read("warn_alarms")) >> 25 & 1


def test_four_clients_as_fast_as_they_can_delay_no_scan_by_a_period(served):
    counted = [0] * 4
    over = threading.Event()

    def ask(k):
        with Tcp(served.port) as line:
            while not over.is_set():
                line.words(3, 0x4000, 125)
                counted[k] += 1

    served.slowest_s = 0.0
    threads = [threading.Thread(target=ask, args=(k,)) for k in range(4)]
    for each in threads:
        each.start()
    time.sleep(4.0)
    over.set()
    for each in threads:
        each.join()
    assert min(counted) > 50, counted
    assert served.slowest_s < 0.5, served.slowest_s


def test_as_delivered_nothing_can_be_written():
    with Served(writable=False) as served, Tcp(served.port) as line:
        assert line.ask(b"\x06\x00\x01\x01\xae") == b"\x86\x01"
        assert line.ask(b"\x05\x00\x00\xff\x00") == b"\x85\x01"
        assert line.words(3, FLOW, 1) == (350,)
        with served.still() as bench:
            bench.step()
            assert bench.read("flow_setpoint_c") == 35.0
            assert any(event[1] == 141 for event in bench.events)


def test_a_strangers_network_is_turned_away():
    served = Served(settings={"bus_allow_1": 10, "bus_allow_bits": 8})
    served.serving._up = lambda: True
    with served:
        time.sleep(1.5)
        with Tcp(served.port) as line:
            assert line.closed()
        served.scans(1)
        assert served.read("modbus_dropped") >= 1


def test_a_port_that_is_taken_is_an_alarm_and_tried_again():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        bench = Bench()
        bench.profile["fieldbus"] = {"host": "127.0.0.1", "port": port}
        with bench:
            bench.reset(settings={"modbus": 2})
            assert waited(bench, lambda: int(bench.read("warn_alarms")) >> 25 & 1)
            taken.close()
            assert waited(bench, lambda: not int(bench.read("warn_alarms")) >> 25 & 1, 8.0)
            with Tcp(port) as line:
                assert line.words(4, 64, 1) == (1,)


def waited(bench, condition, seconds=4.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        bench.step()
        if condition():
            return True
        time.sleep(0.02)
    return False
