"""BACnet of a served controller with its machine: the values are the firmware's, commands move the machine.

The client here is a socket and the standard's bytes; `make peers` adds one of npm's.
"""

import json
import math
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from bus_clients import TYPES, Bacnet, Served
from isentrope_hil import catalogue

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
