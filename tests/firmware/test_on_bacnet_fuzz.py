"""A hundred thousand mutated frames for BACnet/IP and as many for MS/TP, on MicroPython's unix port."""

import json
import subprocess
from pathlib import Path

import pytest
from isentrope_hil.errors import TargetMissing
from isentrope_hil.targets.unix import executable

SCRIPT = Path(__file__).with_name("bacnet_fuzz.py")


def test_mutated_frames_lose_nothing():
    try:
        command = [executable(), "-X", "heapsize=4m", str(SCRIPT), "100000", "100000", "7"]
    except TargetMissing as why:
        pytest.skip(f"not run: {why}")
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["faults"] == 0, "an exception that the last guard had to catch"
    assert found["refused"] > 10_000, "the frames reach the services"
    assert found["lost"] <= 256, "bytes; a handful of numbers that became objects, however many frames"
