"""The firmware's Modbus servers on MicroPython's unix port: pymodbus, minimalmodbus and bare lines ask."""

import contextlib
import os
import select
import socket
import struct
import time

import pytest
from bus_clients import ENABLE, FLOW, LEASE_S, SILENT, Rtu, Served, Tcp, crc
from isentrope_hil import catalogue
from isentrope_hil.bench import Bench
from isentrope_hil.serving import Buses, Serving

pymodbus = pytest.importorskip("pymodbus")
minimalmodbus = pytest.importorskip("minimalmodbus")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

TEST_SPEED = 0x65


@pytest.fixture(scope="module")
def served():
    with Served() as made:
        yield made


@pytest.fixture
def tcp(served):
    with Tcp(served.port) as line:
        yield line


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
        (client.read_input_registers(18), 2),
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


def test_as_delivered_nothing_can_be_written():
    with Served(writable=False) as served, Tcp(served.port) as line:
        assert line.ask(b"\x06\x00\x01\x01\xae") == b"\x86\x01"
        assert line.ask(b"\x05\x00\x00\xff\x00") == b"\x85\x01"
        assert line.words(3, FLOW, 1) == (350,)
        with served.still() as bench:
            bench.step()
            assert bench.read("flow_setpoint_c") == 35.0
            assert any(event[1] == 141 for event in bench.events)


@pytest.fixture(scope="module")
def few():
    """Two changes of settings a day."""
    with (
        Served(settings={"bus_quota": 2, "bacnet_password": 1234}) as made,
        Tcp(made.port) as tcp,
        Rtu(made.rtu) as rtu,
    ):
        yield made, tcp, rtu


REFUSED = (
    # Functions that are not there.
    *[(bytes((function,)) + b"\0\0\0\1", 1) for function in (0, 7, 11, 12, 14, 17, 20, 21, 24, 65, 127)],
    (b"\x08\0\1\0\0", 1),
    (b"\x2b\x0d\1\0", 1),
    # Addresses that nothing has, alone and in a block.
    (b"\1\0\6\0\1", 2),
    (b"\1\0\5\0\2", 2),
    (b"\2\0\x0b\0\1", 2),
    (b"\3\0\7\0\1", 2),
    (b"\3\xff\xff\0\x7d", 2),
    (b"\4\0\x10\0\3", 2),
    (b"\6\0\7\0\1", 2),
    (b"\5\0\6\xff\0", 2),
    (b"\x0f\0\5\0\2\1\3", 2),
    (b"\x10\0\6\0\2\4\0\1\0\1", 2),
    (b"\x16\0\7\0\1\0\1", 2),
    (b"\x17\0\7\0\1\0\1\0\1\2\1\x90", 2),
    (b"\x17\0\1\0\1\0\7\0\1\2\1\x90", 2),
    # Quantities, lengths and values.
    *[(bytes((function,)) + b"\0\0\0\0", 3) for function in (1, 2, 3, 4)],
    (b"\1\0\0\x07\xd1", 3),
    (b"\3\x40\0\0\x7e", 3),
    (b"\5\0\0\0\1", 3),
    (b"\6\0\1\x02\xef", 3),
    (b"\x0f\0\0\0\0\0", 3),
    (b"\x10\0\1\0\1\4\1\x90\1\x90", 3),
    (b"\x16\0\1\0\0\x02\xef", 3),
    (b"\x17\0\1\0\0\0\1\0\1\2\1\x90", 3),
    (b"\x2b\x0e\5\0", 3),
)


@pytest.mark.parametrize("over", ["TCP", "RTU"])
def test_every_exception(few, over):
    line = few[1] if over == "TCP" else few[2]
    for pdu, code in REFUSED:
        assert line.ask(pdu) == bytes((pdu[0] | 0x80, code)), pdu
    assert line.words(3, FLOW, 1) == (350,) if over == "TCP" else line.ask(b"\3\0\1\0\1") == b"\3\2\1\x5e"


def test_the_password_of_bacnet_is_not_to_be_read(few):
    served, tcp, rtu = few
    read = struct.pack(">BHH", 3, served.bench.link.table.of("setting")["bacnet_password"].id, 1)
    assert tcp.ask(read) == rtu.ask(read) == b"\3\2\0\0"


@pytest.mark.parametrize("over", ["TCP", "RTU"])
def test_a_block_is_written_whole_or_not_at_all(few, over):
    served, line = few[0], few[1] if over == "TCP" else few[2]
    block = struct.pack(">BHHBH", 16, TEST_SPEED, 4, 8, 0)
    read = struct.pack(">BHH", 3, TEST_SPEED, 4)
    assert line.ask(block + struct.pack(">HHH", 215, 500, 600))[:1] == b"\x10"
    before = line.ask(read)
    assert before[2:] == struct.pack(">HHHH", 0, 215, 500, 600)
    for wrong in ((225, 1001, 610), (225, 510, 11_520)):
        assert line.ask(block + struct.pack(">HHH", *wrong)) == b"\x90\3"
        assert line.ask(read)[:-2] == before[:-2], "the last is the time"
    both = struct.pack(">BHHHHBH", 23, FLOW, 1, TEST_SPEED, 4, 8, 0) + struct.pack(">HHH", 225, 510, 11_520)
    assert line.ask(both) == b"\x97\3" and line.ask(read)[:-2] == before[:-2]
    assert line.ask(b"\x10\0\6\0\2\4\0\xd2\0\1") == b"\x90\2", "the second has no address"
    read = struct.pack(">BHH", 3, TEST_SPEED, 5)
    before = line.ask(read)
    locked = struct.pack(">BHHBHHHHH", 16, TEST_SPEED, 5, 10, 0, 225, 510, 600, 1)
    assert line.ask(locked) == b"\x90\1", "no bus opens service"
    assert (line.ask(read)[:8], line.ask(read)[10:]) == (before[:8], before[10:]), "all but the time"
    until = time.monotonic() + 5.0
    while not served.read("modbus_exceptions") and time.monotonic() < until:
        time.sleep(0.1)  # a counter is shown by the next scan
    assert served.read("modbus_exceptions") > 0


def test_a_day_that_is_used_up_and_a_controller_that_does_not_run(few):
    """Exceptions 6 and 4; a block of settings that goes wrong on its way is taken back."""
    served, tcp, rtu = few
    first = served.bench.link.table.of("setting")["quiet_from"].id
    one = struct.pack(">BHH", 6, first, 60)
    assert tcp.ask(one) == one
    read = struct.pack(">BHH", 3, first, 2)
    before = tcp.ask(read)
    two = struct.pack(">BHHBHH", 16, first, 2, 4, 70, 120)
    assert rtu.ask(two) == b"\x90\6" and tcp.ask(read) == before
    block, seen = struct.pack(">BHHBHHH", 16, FLOW, 3, 6, 450, 480, 60), struct.pack(">BHH", 3, FLOW, 3)
    before = tcp.ask(seen)
    assert tcp.ask(block) == b"\x90\6" and tcp.ask(seen) == before, "a command before two settings"
    other = struct.pack(">BHH", 6, first, 70)
    assert rtu.ask(other) == tcp.ask(other) == b"\x86\6" and tcp.ask(one) == one, "no change costs nothing"
    with served.still() as bench:
        bench.reset(settings=served.serving.buses.of_firmware())
        assert tcp.ask(b"\3\0\1\0\1") == b"\x83\4" and rtu.ask(b"\x63") == b"\xe3\4"
        bench.step(2)
    assert rtu.ask(b"\4\0\x40\0\1") == b"\4\2\0\1"


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


@pytest.mark.parametrize(
    ("kind", "value", "speed", "asks", "answers"),
    [
        ("rtu", 1, "B19200", b"\x01\x04\x00\x40\x00\x01", b"\x01\x04\x02\x00\x01"),
        # A poll for masters.
        ("mstp", 2, "B38400", b"\x55\xff\x01\x01\x07\0\0\x38", b"\x55\xff\x02\x07\x01\0\0\xd7"),
    ],
    ids=("rtu", "mstp"),
)
def test_a_serial_device_that_vanishes_and_returns(tmp_path, kind, value, speed, asks, answers):
    """As an adapter that is pulled out and plugged in again: the same name is another device."""
    import termios
    import tty

    path = tmp_path / "line"

    def plugged():
        master, slave = os.openpty()
        tty.setraw(slave)
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(slave))
        return master, slave

    def alarm():
        next(scans)
        return int(bench.read("warn_alarms")) >> 25 & 3

    def answered():
        next(scans)
        os.write(master, asks + crc(asks) if kind == "rtu" else asks)
        heard.extend(os.read(master, 4096) if select.select([master], [], [], 0.1)[0] else b"")
        return answers in heard

    master, slave = plugged()
    bench = Bench()
    with Serving(bench, Buses(**{kind: str(path)})) as serving:
        serving.begin()
        scans = serving.steps()
        for _ in range(2):
            heard = bytearray()
            os.close(slave)
            assert waited(bench, answered) and not alarm()
            os.close(master)
            assert waited(bench, lambda: alarm() == value)
            bench.step(4)
            master, slave = plugged()
            assert waited(bench, lambda: not alarm(), 12.0)
            assert termios.tcgetattr(slave)[4] == getattr(termios, speed)
        assert waited(bench, answered)
    os.close(slave)
    os.close(master)


def waited(bench, condition, seconds=4.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        bench.step()
        if condition():
            return True
        time.sleep(0.02)
    return False
