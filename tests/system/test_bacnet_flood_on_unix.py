"""BACnet/IP clients that ask as fast as they can: no scan of the control waits by a scan period, and whoever
asks at a decent pace is answered.

The clients are a process of their own, so that they do not hold up whoever measures. What a scan waits is the
link's round trip of its STEP. ISENTROPE_FLOOD_S is how long the flood lasts; the acceptance is 60 s.
"""

import contextlib
import json
import os
import subprocess
import sys
import time

import pytest
from bus_clients import TYPES, Bacnet, Served, reading

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")

FLOOD_S = float(os.environ.get("ISENTROPE_FLOOD_S", "4"))
OBJECTS = [
    (TYPES["AI"], n) for n in (1, 2, 3, 4, 5, 8, 14, 15, 16, 17, 21, 22, 25, 27, 29, 31, 32, 33, 35, 36)
]
# Arguments: port, clients, requests a second of each (0: as many as the socket takes), then two requests in
# hex, of which every eighth is the second. Ends when its input does; prints what was sent and answered.
CLIENTS = """
import json, select, socket, sys, time
to, count, rate = ("127.0.0.1", int(sys.argv[1])), int(sys.argv[2]), float(sys.argv[3])
usual, odd = bytes.fromhex(sys.argv[4]), bytes.fromhex(sys.argv[5])
lines = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
for line in lines:
    line.bind(("127.0.0.1", 0))
    line.setblocking(False)
sent, answered = [0] * count, [0] * count
began = time.perf_counter()
while not select.select([sys.stdin], [], [], 0.0)[0]:
    for k, line in enumerate(lines):
        for _ in range(16):
            if rate and sent[k] >= rate * (time.perf_counter() - began):
                break
            try:
                line.sendto(odd if sent[k] % 8 == 7 else usual, to)
                sent[k] += 1
            except BlockingIOError:
                break
        try:
            while True:
                line.recv(1600)
                answered[k] += 1
        except BlockingIOError:
            pass
    if rate:
        time.sleep(0.005)
print(json.dumps([sent, answered, time.perf_counter() - began]))
"""


@contextlib.contextmanager
def flood(port, count, rate=0.0):
    """Clients at work; the list has (sent, answered, seconds) when they have ended."""
    junk = b"\x81\x0a\x05\xa0\x01\x04" + bytes(1434)  # as long as a datagram may be
    words = [str(port), str(count), str(rate), reading(OBJECTS).hex(), junk.hex()]
    process = subprocess.Popen(
        [sys.executable, "-c", CLIENTS, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    told = []
    try:
        yield told
    finally:
        told += json.loads(process.communicate("over\n", timeout=30)[0])


def test_four_clients_as_fast_as_they_can_delay_no_scan_by_a_period():
    with Served(tcp=False, rtu=False, bacnet=True) as served:
        served.worst_us, before = 0.0, served.scanned
        time.sleep(FLOOD_S)
        alone_us = served.worst_us
        with flood(served.bacnet, 4) as told:
            served.worst_us, before = 0.0, served.scanned
            time.sleep(FLOOD_S)
            worst_us, scans = served.worst_us, served.scanned - before
        sent, answered, lasted_s = told
        print(
            f"{sum(sent) / lasted_s:.0f} requests/s, {sum(answered) / lasted_s:.0f} answers/s for "
            f"{lasted_s:.0f} s: {scans} scans, the latest {worst_us / 1e3:.0f} ms, alone "
            f"{alone_us / 1e3:.0f} ms"
        )
        assert sum(sent) > 1000.0 * FLOOD_S and min(answered) > 20.0 * FLOOD_S, told
        assert scans > 4 * FLOOD_S and worst_us < 1e6 * served.bench.scan_s
        time.sleep(0.5)  # what the system still held for the controller is gone
        with Bacnet(served.bacnet) as good:
            assert len(good.values(OBJECTS)) == len(OBJECTS)


def test_a_client_that_is_too_fast_takes_nothing_from_another():
    """A thousand requests a second of one, ten times what it may send."""
    with (
        Served(tcp=False, rtu=False, bacnet=True) as served,
        flood(served.bacnet, 1, 1000.0),
        Bacnet(served.bacnet) as good,
    ):
        time.sleep(1.0)
        waits = []
        for _ in range(50):
            began = time.perf_counter()
            good.values(OBJECTS)
            waits.append(time.perf_counter() - began)
            time.sleep(0.02)
        print(f"answers after {1e3 * sorted(waits)[25]:.0f} ms, the latest {1e3 * max(waits):.0f} ms")
        assert max(waits) < 1.0
