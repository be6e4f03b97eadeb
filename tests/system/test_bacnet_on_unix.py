"""BACnet of a served controller with its machine: the values are the firmware's, commands move the machine.

The client here is a socket and the standard's bytes; `make peers` adds one of npm's.
"""

import contextlib
import json
import math
import os
import select
import shutil
import socket
import subprocess
import time
import tty
from pathlib import Path

import pytest
from bus_clients import TYPES, Bacnet, Served, a_port, identifier, mstp
from isentrope_hil import catalogue
from isentrope_hil.bench import Bench
from isentrope_hil.serving import Buses, Serving

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")

NODE = shutil.which("node")
MODULES = Path(
    os.environ.get("ISENTROPE_NODE_MODULES")
    or Path(__file__).resolve().parents[2] / ".venv" / "node" / "node_modules"
)
INSTANCE = 4711


def serve():
    return Served(
        tcp=False, rtu=False, bacnet=True, threaded=False, instance=INSTANCE, settings={"minimum_off": 0},
        begin={"outdoor_c": 2.0, "water_c": 30.0},
    )  # fmt: skip


def test_values_are_the_firmwares_and_commands_move_the_machine():
    rows = [row for row in catalogue.points() if row["bacnet"]]
    objects = [(TYPES[row["bacnet"]], (row["id"] & 0xFFF) + 1) for row in rows]
    with serve() as served, Bacnet(served.bacnet) as client:
        bench = served.bench
        client.command(2, 2, 45.0, 8)
        client.command(5, 1, 1, 8)
        seen, moved = 0, set()
        first = None
        for _ in range(60):
            bench.step(4)
            got = client.values(objects)
            first = first or got
            for row, value, before in zip(rows, got, first, strict=True):
                want = bench.read(row["name"])
                if row["unit"] == "kPa":
                    value *= 100.0
                if row["bacnet"] in ("MSI", "MSV"):
                    value += row["low"] - 1
                if isinstance(value, float) and math.isnan(value):
                    continue
                unit = 10.0 ** row["bus_exponent"]
                assert abs(value - want) <= 0.51 * unit + 1e-5 * abs(want), (row["name"], value, want)
                seen += 1
                moved |= {row["name"]} if value != before else set()
            client.command(2, 2, 45.0, 8)  # commands live while somebody repeats them
            client.command(5, 1, 1, 8)
        fitted = sum(not math.isnan(value) for value in got)
        assert fitted > 50 and seen > 58 * fitted and len(moved) > 12, moved
        assert bench.read("flow_setpoint_c") == 45.0 and bench.read("enable") == 1
        assert bench.read("compressor") == 1, "two minutes after it was enabled"
        bench.step(30)  # nobody repeats them
        assert bench.read("enable") == 0 and bench.read("flow_setpoint_c") == 35.0
        assert client.values([(5, 1), (2, 2)]) == [0, 35.0]
        bench.write("flow_setpoint_c", 38.0)
        bench.step()
        assert client.values([(2, 2)]) == [38.0], "what somebody at the machine sets"


def test_another_instance_is_in_force_at_once():
    """As an installer sets it while the bus is up; the device says so itself, by I-Am."""
    with serve() as served, Bacnet(served.bacnet) as client:
        name = b"\x0c" + identifier(8, 4194303) + b"\x19\x4d"
        assert client.ask(12, name).endswith(b"isentrope-4711\x3f")
        served.bench.write("bacnet_instance_low", 815)
        deadline = time.monotonic() + 5.0
        while True:
            served.bench.step()
            with contextlib.suppress(OSError):
                if client.ask(12, name).endswith(b"isentrope-815\x3f"):
                    break
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_bacnet_ip_goes_on_while_ms_tp_is_away(tmp_path):
    """Also with somebody on the line that vanished who subscribed to changes."""
    path = tmp_path / "line"
    port = a_port(socket.SOCK_DGRAM)

    def plugged():
        master, slave = os.openpty()
        tty.setraw(slave)
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(slave))
        os.close(slave)
        return master

    def on_the_line(asked, seconds=3.0):
        """What the device says to station 7, which asked, until it is something."""
        deadline = time.monotonic() + seconds
        heard = b""
        os.write(master, asked)
        while time.monotonic() < deadline:
            bench.step()
            heard += os.read(master, 4096) if select.select([master], [], [], 0.05)[0] else b""
            if b"\x06\x07\x01" in heard:
                return heard[heard.index(b"\x06\x07\x01") + 6 :]
        return b""

    subscribe = b"\x01\x04\x00\x03\x09\x05\x09\x01\x1c" + identifier(5, 1) + b"\x29\x00\x39\xf0"
    name = b"\x0c" + identifier(8, 4194303) + b"\x19\x4d"
    master = plugged()
    bench = Bench()
    buses = Buses(bacnet=("127.0.0.1", port), mstp=str(path), instance=INSTANCE)
    with Serving(bench, buses) as serving, Bacnet(port) as client:
        serving.begin()
        scans = serving.steps()
        assert on_the_line(mstp(5, 1, 7, subscribe))[:5] == b"\x01\x00\x20\x09\x05"
        os.close(master)
        deadline = time.monotonic() + 5.0
        while not int(bench.read("warn_alarms")) >> 26 & 1:
            next(scans)
            assert time.monotonic() < deadline
        ended = time.monotonic() + 3.0
        while time.monotonic() < ended:
            next(scans)
            assert client.ask(12, name).endswith(b"isentrope-4711\x3f")
            time.sleep(0.05)
        master = plugged()
        deadline = time.monotonic() + 12.0
        while int(bench.read("warn_alarms")) >> 26 & 1:
            next(scans)
            assert time.monotonic() < deadline
        read = b"\x01\x04\x00\x03\x0a\x0c" + name
        assert b"isentrope-4711" in on_the_line(mstp(5, 1, 7, read))
        assert client.ask(12, name).endswith(b"isentrope-4711\x3f")
    os.close(master)


@pytest.mark.skipif(
    not NODE or not (MODULES / "@bacnet-js").is_dir(),
    reason="not run: needs node and @bacnet-js/client; run `make peers`",
)
def test_bacnet_js():
    with serve() as served:
        script = Path(__file__).with_name("bacnet_client.js")
        done = subprocess.Popen(
            [NODE, str(script), str(served.bacnet)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NODE_PATH": str(MODULES)},
        )
        while done.poll() is None:
            served.bench.step()
        out, err = done.communicate(timeout=10)
        assert done.returncode == 0, out + err
        found = json.loads(out)
        assert found["device"] == INSTANCE and found["name"] == f"isentrope-{INSTANCE}"
        assert found["objects"] > 30 and found["flow"] == 41.5 and found["local"] == 35.0
        assert found["units"] == 62 and found["states"][5] == "defrosting"
        assert found["told"] == {"type": 2, "instance": 2}
        assert found["refused"] == ["1 31", "2 40", "2 37"]
