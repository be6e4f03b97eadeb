"""What needs programs from outside pip: a browser for the report, a null modem for the serial target.

`make peers` installs them (Debian's chromium and socat) and runs this file.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from isentrope_hil.profile import build, dumps
from isentrope_hil.resources import root
from isentrope_hil.targets.unix import executable

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SOCAT = shutil.which("socat")

needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="not run: needs chromium; run `make peers`")
needs_socat = pytest.mark.skipif(not SOCAT, reason="not run: needs socat; run `make peers`")


def isentrope(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from isentrope_hil.cli import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@needs_chromium
def test_report_opens_in_a_browser_without_errors_or_requests(tmp_path):
    done = isentrope("run", "start-stop", "--out", tmp_path / "run", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "run" / "report.html").as_uri()
    options = (
        "--headless --no-sandbox --disable-gpu --no-first-run --enable-logging=stderr "
        "--virtual-time-budget=8000 --disable-background-networking --disable-sync "
        "--disable-component-update --dump-dom"
    )
    opened = subprocess.run(
        [CHROMIUM, *options.split(), f"--user-data-dir={tmp_path / 'profile'}", page],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert opened.stdout.count("main-svg") >= 2, "trends and cycle are drawn"
    complaints = [line for line in opened.stderr.splitlines() if "CONSOLE" in line]
    assert not complaints
    html = (tmp_path / "run" / "report.html").read_text()
    assert "<script src=" not in html
    assert "<link " not in html


@needs_socat
def test_serial_target_gives_the_trace_of_unix(tmp_path):
    ends = [tmp_path / "board", tmp_path / "host"]
    modem = subprocess.Popen([SOCAT, *(f"pty,raw,echo=0,link={end}" for end in ends)])
    try:
        deadline = time.monotonic() + 10
        while not all(end.exists() for end in ends):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        (tmp_path / "profile.json").write_text(dumps(build("pico-full", "ashp-r290-8kw")))
        wire = os.open(ends[0], os.O_RDWR | os.O_NOCTTY)
        main = Path(root("firmware")) / "main.py"
        board = subprocess.Popen([executable(), main], cwd=tmp_path, stdin=wire, stdout=wire)
        os.close(wire)
        try:
            done = isentrope(
                "run", "start-stop", "--target", f"serial:{ends[1]}", "--out", tmp_path / "run", "--json"
            )
            assert done.returncode == 0, done.stdout + done.stderr
            own = isentrope("run", "start-stop", "--out", tmp_path / "own", "--json")
            assert json.loads(done.stdout)["trace_sha256"] == json.loads(own.stdout)["trace_sha256"]
        finally:
            board.kill()
            board.wait()
    finally:
        modem.kill()
        modem.wait()
