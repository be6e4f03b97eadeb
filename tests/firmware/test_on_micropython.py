"""The same tests on MicroPython's unix port, and as many of them as CPython has."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from isentrope_hil.errors import TargetMissing
from isentrope_hil.targets.unix import executable

HERE = Path(__file__).resolve().parent


def collected() -> int:
    """How many of this folder's tests pytest finds, those that need CPython left out."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
        + [f"--ignore-glob={HERE}/test_on_*.py", str(HERE)],
        cwd=HERE,
        capture_output=True,
        text=True,
    )
    found = re.search(r"(\d+) tests? collected", run.stdout)
    assert found, run.stdout + run.stderr
    return int(found[1])


def test_firmware_tests_pass_on_micropython():
    script = HERE / "run_mp.py"
    try:
        command = [executable(), "-X", "heapsize=16m", str(script)]
    except TargetMissing as why:
        pytest.skip(f"not run: {why}; then: $ISENTROPE_MICROPYTHON {script}")
    run = subprocess.run(command, capture_output=True, text=True, timeout=600)
    last = run.stdout.strip().rsplit("\n", 1)[-1]
    assert run.returncode == 0, run.stdout + run.stderr
    assert last == f"{collected()} passed, 0 failed"
