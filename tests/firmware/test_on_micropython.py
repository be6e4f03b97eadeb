"""The same tests on MicroPython's unix port, as many of them as CPython has; in parts, for several cores."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from isentrope_hil.errors import TargetMissing
from isentrope_hil.targets.unix import executable

HERE = Path(__file__).resolve().parent
PARTS = 6


def modules(part: int) -> list[str]:
    """Every PARTS-th file, those that need CPython left out."""
    names = sorted(path.stem for path in HERE.glob("test_*.py") if not path.stem.startswith("test_on_"))
    return names[part::PARTS]


def collected(names: list[str]) -> int:
    """How many tests pytest finds in these files."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
        + [f"{name}.py" for name in names],
        cwd=HERE,
        capture_output=True,
        text=True,
    )
    found = re.search(r"(\d+) tests? collected", run.stdout)
    assert found, run.stdout + run.stderr
    return int(found[1])


@pytest.mark.parametrize("part", range(PARTS))
def test_firmware_tests_pass_on_micropython(part):
    script = HERE / "run_mp.py"
    names = modules(part)
    try:
        command = [executable(), "-X", "heapsize=16m", str(script), *names]
    except TargetMissing as why:
        pytest.skip(f"not run: {why}; then: $ISENTROPE_MICROPYTHON {script}")
    run = subprocess.run(command, capture_output=True, text=True, timeout=600)
    last = run.stdout.strip().rsplit("\n", 1)[-1]
    assert run.returncode == 0, run.stdout + run.stderr
    assert last == f"{collected(names)} passed, 0 failed"
