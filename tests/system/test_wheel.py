"""The wheel, installed into an empty environment and run from an empty folder."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: object, cwd: Path, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True, timeout=timeout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", out, ROOT, cwd=out)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("*.whl"))


def test_wheel_carries_firmware_boards_machines_and_scenarios(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "isentrope_hil/_data/firmware/main.py",
        "isentrope_hil/_data/firmware/isentrope/app.py",
        "isentrope_hil/_data/boards/pico-full/board.toml",
        "isentrope_hil/scenarios/demo.toml",
        "isentrope_sim/machines/ashp-r290-8kw.toml",
        "isentrope_sim/reference/certified_points.csv",
    ):
        assert wanted in names, wanted
    assert not [n for n in names if "__pycache__" in n or n.startswith(("tests/", "runs/"))]


def test_demo_runs_from_an_empty_folder(wheel, tmp_path):
    home, empty = tmp_path / "env", tmp_path / "empty"
    empty.mkdir()
    venv.create(home, with_pip=True)
    constraints = ROOT / "constraints.txt"
    pip = run(home / "bin" / "python", "-m", "pip", "install", "-q", "-c", constraints, wheel, cwd=empty)
    assert pip.returncode == 0, pip.stderr
    done = run(home / "bin" / "isentrope", "run", "demo", "--json", cwd=empty)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["verdict"] == "pass"
    assert result["target"] == "unix"
