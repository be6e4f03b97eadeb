"""Any bytes in, an answer or silence out: 100,000 mutated frames a transport on MicroPython's unix port."""

import subprocess
from pathlib import Path

import pytest
from isentrope_hil.errors import TargetMissing
from isentrope_hil.targets.unix import executable

SCRIPT = Path(__file__).with_name("modbus_fuzz.py")
FRAMES = 300_000  # a third each for the core, RTU and TCP


def test_no_frame_breaks_the_server_nor_costs_memory():
    try:
        command = [executable(), "-X", "heapsize=2m", str(SCRIPT), str(FRAMES)]
    except TargetMissing as why:
        pytest.skip(f"not run: {why}")
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    words = run.stdout.split()
    assert int(words[0]) == FRAMES and int(words[2]) > FRAMES // 10, run.stdout
    assert int(words[4]) <= 64, run.stdout
