"""Modbus clients from outside pip against the served controller: mbpoll (Debian), modbus-serial (npm).

`make peers` installs them and runs this file.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

served_by = pytest.importorskip("test_modbus_on_unix")

MBPOLL = shutil.which("mbpoll")
NODE = shutil.which("node")
MODULES = Path(
    os.environ.get("ISENTROPE_NODE_MODULES")
    or Path(__file__).resolve().parents[2] / ".venv" / "node" / "node_modules"
)
SCRIPT = Path(__file__).with_name("modbus_serial.js")

needs_mbpoll = pytest.mark.skipif(not MBPOLL, reason="not run: needs mbpoll; run `make peers`")
needs_modbus_serial = pytest.mark.skipif(
    not NODE or not (MODULES / "modbus-serial").is_dir(),
    reason="not run: needs node and modbus-serial; run `make peers`",
)


@pytest.fixture(scope="module")
def served():
    with served_by.Served() as made:
        yield made


@pytest.fixture(params=["tcp", "rtu"])
def mbpoll(request, served):
    """Runs mbpoll once; (exit code, values by reference, what it said)."""
    how = {
        "tcp": (["-m", "tcp", "-p", str(served.port)], "127.0.0.1"),
        "rtu": (["-m", "rtu", "-b", "19200", "-P", "none"], served.rtu),
    }[request.param]

    def ask(*words, write=()):
        command = [MBPOLL, *how[0], "-a", "1", *words, how[1], *map(str, write)]
        if not write:
            command.insert(1, "-1")
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        found = re.findall(r"^\[(\d+)\]:\s+(-?\d+)", done.stdout, re.M)
        return done.returncode, {int(k): int(v) for k, v in found}, done.stdout + done.stderr

    return ask


@needs_mbpoll
def test_mbpoll_counts_from_one(mbpoll):
    code, values, said = mbpoll("-t", "3", "-r", "65", "-c", "1")
    assert (code, values) == (0, {65: 1}), said
    code, values, said = mbpoll("-t", "1", "-r", "1", "-c", "4")
    assert code == 0 and sorted(values) == [1, 2, 3, 4], said
    code, values, said = mbpoll("-t", "3", "-r", "3", "-c", "2")
    assert code == 0 and 0 < values[3] < 900 and 0 < values[4] < 900, said


@needs_mbpoll
def test_mbpoll_writes_and_reads_back(mbpoll):
    assert mbpoll("-t", "4", "-r", "2", write=(425,))[0] == 0
    assert mbpoll("-t", "4", "-r", "2", "-c", "1")[1] == {2: 425}
    assert mbpoll("-t", "4", "-r", "102", write=(0, 210, 500, 600))[0] == 0
    assert mbpoll("-t", "4", "-r", "102", "-c", "4")[1] == {102: 0, 103: 210, 104: 500, 105: 600}
    assert mbpoll("-t", "0", "-r", "4", write=(1,))[0] == 0
    assert mbpoll("-t", "0", "-r", "4", "-c", "1")[1] == {4: 1}


@needs_mbpoll
def test_mbpoll_is_told_why(mbpoll):
    code, _, said = mbpoll("-t", "3", "-r", "19", "-c", "1")
    assert code and "Illegal data address" in said, said
    code, _, said = mbpoll("-t", "4", "-r", "2", write=(9999,))
    assert code and "Illegal data value" in said, said


@needs_modbus_serial
@pytest.mark.parametrize("kind", ["tcp", "rtu"])
def test_modbus_serial(served, kind):
    words = [NODE, str(SCRIPT), kind, str(served.port) if kind == "tcp" else served.rtu]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=60, env={**os.environ, "NODE_PATH": str(MODULES)}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["version"] == [1] and found["flow"] == [415] and found["block"] == [0, 205, 500, 600]
    assert found["silent"] is True and found["loud"] is False and found["settings"] == 125
    assert found["vendor"] == "Isentrope" and found["refused"] == [2, 3, 2]
    assert len(found["states"]) == 4
