"""A network that goes away and returns while Modbus TCP and BACnet/IP are served: control goes on, in silence
or with an alarm, and everything is served again by itself."""

import json
import os
import subprocess
import sys
import time

import pytest
from namespaces import LINK, namespaces

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")

NEAR, FAR = "10.78.0.1", "10.78.0.2"
PERIOD_US = 500_000

# Scans on and on; for each line it does that and says what happened since the line before.
SERVED = """
import json, select, sys, time
from isentrope_hil.bench import Bench
from isentrope_hil.serving import Buses, Serving

at = sys.argv[1]
buses = Buses(tcp=(at, 1502), bacnet=(at, 47808), broadcast=at[:-1] + "255")
bench = Bench()
with Serving(bench, buses) as serving:
    serving.begin()
    print("ready", flush=True)
    scans, worst_us = 0, 0.0
    for _ in serving.steps():
        scans, worst_us = scans + 1, max(worst_us, bench.link.rtt_us)
        if select.select([sys.stdin], [], [], 0.01)[0]:
            line = sys.stdin.readline().strip()
            if not line:
                break
            if line == "anew":
                bench.write("modbus_parity", 1)
            print(json.dumps([scans, worst_us, int(bench.read("warn_alarms")) >> 25 & 3]), flush=True)
            scans, worst_us = 0, 0.0
"""

# What is answered of map_version by Modbus, an object's name by BACnet and a broadcast Who-Is.
ASKS = """
import json, socket, sys

near, far = sys.argv[1:]
found = [False, False, False]
try:
    with socket.create_connection((near, 1502), timeout=1.0) as line:
        line.sendall(bytes.fromhex("000100000006010400400001"))
        found[0] = line.recv(64).endswith(bytes.fromhex("04020001"))
except OSError:
    pass
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    line.bind(("", 47808))
    line.settimeout(1.0)
    try:
        line.sendto(bytes.fromhex("810a001101040005010c0c00000003194d"), (near, 47808))
        found[1] = b"flow_c" in line.recv(64)
        line.sendto(bytes.fromhex("810b000801001008"), (near[:-1] + "255", 47808))
        while not found[2]:
            found[2] = line.recv(64)[6:8] == bytes.fromhex("1000")
    except OSError:
        pass
print(json.dumps(found))
"""


def test_control_goes_on_and_everything_is_served_again():
    with namespaces((NEAR, FAR)) as net:
        command = ["ip", "netns", "exec", net.near, sys.executable, "-c", SERVED, NEAR]
        served = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def since(word="."):
            """The buses' alarms; the scans since the last time were in time."""
            served.stdin.write(word + "\n")
            served.stdin.flush()
            scans, worst_us, alarms = json.loads(served.stdout.readline())
            assert scans and worst_us < PERIOD_US, (scans, worst_us)
            return alarms

        def answered():
            command = ["ip", "netns", "exec", net.far, sys.executable, "-c", ASKS, NEAR, FAR]
            return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

        def waited(condition, seconds=12.0):
            deadline = time.monotonic() + seconds
            while not condition():
                assert time.monotonic() < deadline
                time.sleep(0.1)

        def silent():
            return answered() == [False, False, False] and since() == 0

        def served_again():
            return answered() == [True, True, True] and since() == 0

        try:
            assert served.stdout.readline() == "ready\n"
            assert served_again()
            net.ip(net.near, "link", "set", LINK, "down")
            assert silent()
            net.ip(net.near, "link", "set", LINK, "up")
            waited(served_again)
            net.address("del")
            assert silent()
            net.address("add")
            waited(served_again)
            net.address("del")
            since("anew")  # who opens a port now finds no address
            waited(lambda: since() == 3)
            net.address("add")
            waited(served_again)
        finally:
            served.stdin.close()
            served.wait(10.0)
            served.stdout.close()
