"""BACnet of a served controller with its machine: the values are the firmware's, commands move the machine.

The client here is a socket and the standard's bytes; `make peers` adds one of npm's.
"""

import json
import math
import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path

import pytest
from isentrope_hil import catalogue
from isentrope_hil.bench import Bench
from isentrope_hil.errors import TargetMissing
from isentrope_hil.serving import Buses, Serving
from isentrope_hil.targets.unix import executable

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")

NODE = shutil.which("node")
MODULES = Path(
    os.environ.get("ISENTROPE_NODE_MODULES")
    or Path(__file__).resolve().parents[2] / ".venv" / "node" / "node_modules"
)
TYPES = {"AI": 0, "AV": 2, "BI": 3, "BV": 5, "MSI": 13, "MSV": 19}
INSTANCE = 4711


def a_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def identifier(kind, instance):
    return struct.pack(">I", kind << 22 | instance)


class Client:
    def __init__(self, port):
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.bind(("127.0.0.1", 0))
        self.line.settimeout(3.0)
        self.to = "127.0.0.1", port

    def ask(self, service, parameters):
        npdu = bytes([1, 4, 0, 5, 1, service]) + parameters
        self.line.sendto(struct.pack(">BBH", 0x81, 0x0A, len(npdu) + 4) + npdu, self.to)
        return self.line.recv(1600)[6:]

    def values(self, objects):
        """Present_Value of each (type, instance)."""
        asked = b"".join(b"\x0c" + identifier(*each) + b"\x1e\x09\x55\x1f" for each in objects)
        answer = self.ask(14, asked)
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


class Served:
    def __enter__(self):
        try:
            executable()
        except TargetMissing as why:
            pytest.skip(f"not run: {why}")
        self.port = a_port()
        self.bench = Bench()
        buses = Buses(
            bacnet=("127.0.0.1", self.port), instance=INSTANCE, settings={"bus_timeout": 10, "minimum_off": 0}
        )
        self.serving = Serving(self.bench, buses)
        self.serving.__enter__()
        self.serving.begin(outdoor_c=2.0, water_c=30.0)
        self.client = Client(self.port)
        return self

    def __exit__(self, *what):
        self.client.line.close()
        self.serving.__exit__(*what)


def test_values_are_the_firmwares_and_commands_move_the_machine():
    rows = [row for row in catalogue.points() if row["bacnet"]]
    objects = [(TYPES[row["bacnet"]], (row["id"] & 0xFFF) + 1) for row in rows]
    with Served() as served:
        bench, client = served.bench, served.client
        assert client.write(2, 2, b"\x44" + struct.pack(">f", 45.0), 8) == b"\x20\x01\x0f"
        assert client.write(5, 1, b"\x91\x01", 8) == b"\x20\x01\x0f"
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
            client.write(
                2, 2, b"\x44" + struct.pack(">f", 45.0), 8
            )  # commands live while somebody repeats them
            client.write(5, 1, b"\x91\x01", 8)
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


@pytest.mark.skipif(
    not NODE or not (MODULES / "@bacnet-js").is_dir(),
    reason="not run: needs node and @bacnet-js/client; run `make peers`",
)
def test_bacnet_js():
    with Served() as served:
        script = Path(__file__).with_name("bacnet_client.js")
        done = subprocess.Popen(
            [NODE, str(script), str(served.port)],
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
