"""Clients of Modbus TCP on MicroPython's unix port: whole and broken frames, slow ones, floods."""

import contextlib
import os
import socket
import struct
import threading
import time

import pytest
from bus_clients import Served, Tcp

FLOOD_S = float(os.environ.get("ISENTROPE_FLOOD_S", "4"))  # the acceptance is 60 s
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")


@pytest.fixture(scope="module")
def served():
    with Served() as made:
        yield made


@pytest.fixture
def tcp(served):
    with Tcp(served.port) as line:
        yield line


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


def test_clients_that_have_vanished_do_not_keep_others_out(served):
    """Half open: they asked, and neither speak nor close any more. Long before `modbus_idle` (600 s) their
    places are a newcomer's, once they have been silent for five seconds."""
    with contextlib.ExitStack() as stack:
        gone = [stack.enter_context(Tcp(served.port)) for _ in range(4)]
        for line in gone:
            assert line.words(4, 64, 1) == (1,)
        time.sleep(5.1)
        for _ in range(2):
            began = time.monotonic()
            assert stack.enter_context(Tcp(served.port)).words(4, 64, 1) == (1,)
            assert time.monotonic() - began < 1.0


def test_a_client_that_reads_nothing_stops_nobody(served):
    with Tcp(served.port) as deaf, Tcp(served.port) as good:
        deaf.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.line.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            for _ in range(20_000):
                deaf.line.send(deaf.frame(b"\x03\x40\x00\x00\x7d"))
        for _ in range(20):
            assert good.words(4, 64, 1) == (1,)


def test_four_clients_as_fast_as_they_can_delay_no_scan_by_a_period(served):
    counted = [0] * 4
    over = threading.Event()

    def ask(k):
        with Tcp(served.port) as line:
            while not over.is_set():
                line.words(3, 0x4000, 125)
                counted[k] += 1

    served.slowest_s, before = 0.0, served.scanned
    threads = [threading.Thread(target=ask, args=(k,)) for k in range(4)]
    for each in threads:
        each.start()
    time.sleep(FLOOD_S)
    over.set()
    for each in threads:
        each.join()
    print(
        f"{sum(counted) / FLOOD_S:.0f} requests/s answered for {FLOOD_S:.0f} s: "
        f"{served.scanned - before} scans, the latest {1e3 * served.slowest_s:.0f} ms"
    )
    assert min(counted) > 12 * FLOOD_S, counted
    assert served.slowest_s < 0.5, served.slowest_s
