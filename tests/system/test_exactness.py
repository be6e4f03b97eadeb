"""The acceptance test of the bench: speed, a halted target and corrupted frames must not change a run."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

PACE = 400.0


def run_again(scenario: str, *options: str) -> dict:
    """The JSON document of `isentrope run`; a run that is blocked is an error here."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from isentrope_hil.cli import main; main()", "run", scenario]
        done = subprocess.run(
            [*command, "--json", "--out", str(Path(folder, "run")), *options],
            capture_output=True,
            text=True,
            timeout=600,
        )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return json.loads(done.stdout)


run = cache(run_again)


@pytest.mark.parametrize("scenario", ["start-stop", "demo"])
def test_twice_in_a_row(scenario):
    first = run(scenario)
    assert first["trace_rows"] == first["sim_seconds"] / 0.5
    assert run_again(scenario)["trace_sha256"] == first["trace_sha256"]


def test_another_seed_is_another_run():
    assert run("start-stop", "--seed", "2")["trace_sha256"] != run("start-stop")["trace_sha256"]


@pytest.mark.parametrize(("scenario", "p"), [("start-stop", "0.01"), ("demo", "0.001")])
def test_noise_on_the_link(scenario, p):
    noisy = run(scenario, "--link-noise", p)
    assert noisy["link"]["flips"] > 1000
    assert noisy["link"]["retries"] > 1000
    assert noisy["trace_sha256"] == run(scenario)["trace_sha256"]


def test_the_target_halted_at_random():
    halted = run("demo", "--halt")
    assert halted["link"]["halts"] >= 3
    assert halted["link"]["rtt_us_p99"] < halted["wall_seconds"] * 1e6
    assert halted["trace_sha256"] == run("demo")["trace_sha256"]


def test_paced():
    paced = run("demo", "--speed", f"{PACE:g}")
    assert paced["realtime_factor"] <= PACE * 1.01
    assert paced["trace_sha256"] == run("demo")["trace_sha256"]


def test_cpython_repeats_itself_too():
    first = run("start-stop", "--target", "cpython")["trace_sha256"]
    assert run_again("start-stop", "--target", "cpython")["trace_sha256"] == first
