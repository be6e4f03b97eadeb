"""Any bytes in, a command or none out: 100,000 mutated packets on MicroPython's unix port."""

import subprocess
from pathlib import Path

import pytest
from isentrope_hil.errors import TargetMissing
from isentrope_hil.targets.unix import executable

SCRIPT = Path(__file__).with_name("mqtt_fuzz.py")
PACKETS = 100_000


def test_no_packet_breaks_the_client_nor_costs_memory():
    try:
        command = [executable(), "-X", "heapsize=2m", str(SCRIPT), str(PACKETS)]
    except TargetMissing as why:
        pytest.skip(f"not run: {why}")
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    words = run.stdout.split()
    assert int(words[0]) == PACKETS and int(words[2]) > PACKETS // 20, run.stdout
    assert int(words[4]) <= 64, run.stdout
