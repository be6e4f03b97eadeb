import os
import sys
import time

import pytest
from isentrope_hil import targets
from isentrope_hil.errors import TargetDied, TargetMissing
from isentrope_hil.link import Link
from isentrope_hil.targets import unix
from isentrope_hil.targets.command import CommandTarget
from isentrope_hil.targets.serialport import SerialTarget
from isentrope_hil.targets.unix import UnixTarget
from isentrope_sim.errors import InputError
from link_example import COMMAND, PROFILE, RAW_IN

posix = pytest.mark.skipif(os.name != "posix", reason="pipes and pseudo-terminals")


def run_until_end(target) -> str:
    """Reads until the target is gone; what it said."""
    said = b""
    with pytest.raises(TargetDied):
        while True:
            said += target.read(5.0)
    return said.decode()


@posix
def test_a_program_is_driven_through_its_pipes():
    target = CommandTarget(COMMAND)
    target.start(PROFILE)
    try:
        host = Link(target)
        host.describe(host.hello())
        host.reset(seed=1, t0_ms=0)
        for scan in range(50):
            host.step(scan * 500, RAW_IN)
        assert host.points == (50, 0)
        host.bye()
        assert target.obituary() == "exit code 0"
    finally:
        target.close()


@posix
def test_a_program_that_ends_tells_its_exit_code():
    target = CommandTarget(f"{sys.executable} -c 'raise SystemExit(7)'")
    target.start(PROFILE)
    run_until_end(target)
    assert target.obituary() == "exit code 7"
    target.close()


@posix
def test_a_program_that_will_not_go_is_ended():
    code = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); signal.pause()"
    )
    target = CommandTarget(f"{sys.executable} -c '{code}'")
    target.start(PROFILE)
    assert target.read(5.0).startswith(b"1")
    began = time.monotonic()
    target.close()
    assert time.monotonic() - began < 4.0
    assert target.obituary() == "killed by signal SIGKILL"


@posix
def test_a_program_that_does_not_exist_is_missing():
    with pytest.raises(TargetMissing, match="No such file"):
        CommandTarget("/no/such/program").start(PROFILE)


@posix
def test_micropython_runs_in_a_folder_with_its_profile(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(
        "import json, sys\nprint(sys.implementation.name, json.load(open('profile.json'))['board'])\n"
    )
    target = UnixTarget(script=script)
    target.start(PROFILE)
    assert run_until_end(target).strip() == "micropython example-board"
    assert target.obituary() == "exit code 0"
    target.close()


@posix
def test_the_pseudo_terminal_passes_every_byte(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(
        "import sys\nfor _ in range(256):\n    sys.stdout.buffer.write(sys.stdin.buffer.read(1))\n"
    )
    target = UnixTarget(script=script)
    target.start(PROFILE)
    every = bytes(range(256))
    target.write(every)
    back = b""
    while len(back) < 256:
        chunk = target.read(5.0)
        assert chunk
        back += chunk
    assert back == every
    target.close()


@posix
def test_the_heap_is_what_was_asked_for(tmp_path):
    script = tmp_path / "main.py"
    script.write_text("import gc\nprint(gc.mem_free() + gc.mem_alloc())\n")
    sizes = []
    for heap in ("512k", "2m"):
        target = UnixTarget(heap=heap, script=script)
        target.start(PROFILE)
        sizes.append(int(run_until_end(target)))
        target.close()
    assert 480_000 < sizes[0] < 524_288
    assert 1_900_000 < sizes[1] < 2_097_152
    with pytest.raises(InputError, match="heap '2x'"):
        UnixTarget(heap="2x")


def test_micropython_missing_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("ISENTROPE_MICROPYTHON", str(tmp_path / "nothing"))
    with pytest.raises(TargetMissing, match="not an executable"):
        unix.executable()
    monkeypatch.delenv("ISENTROPE_MICROPYTHON")
    monkeypatch.setattr(unix.shutil, "which", lambda *_, **__: None)
    with pytest.raises(TargetMissing, match="--target cpython"):
        unix.executable()


def test_micropython_is_found_beside_this_python(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("ISENTROPE_MICROPYTHON", raising=False)
    assert os.access(unix.executable(), os.X_OK)


@posix
def test_serial_ports_missing_and_busy():
    with pytest.raises(TargetMissing, match="/dev/no-such-port: not there"):
        SerialTarget("/dev/no-such-port").start(PROFILE)
    master, slave = os.openpty()
    first = SerialTarget(os.ttyname(slave))
    first.start(PROFILE)
    with pytest.raises(TargetMissing, match="busy"):
        SerialTarget(os.ttyname(slave)).start(PROFILE)
    first.write(b"\0\x01\xff")
    assert os.read(master, 10) == b"\0\x01\xff"
    os.write(master, b"\x03\x04\0")
    assert first.read(1.0) == b"\x03\x04\0"
    first.close()
    os.close(master)
    os.close(slave)


def test_names(monkeypatch):
    monkeypatch.delenv("ISENTROPE_UF2", raising=False)
    with pytest.raises(InputError, match="did you mean unix"):
        targets.make("unux")
    with pytest.raises(InputError, match="needs a command"):
        targets.make("exec:")
    with pytest.raises(InputError, match="needs a port"):
        targets.make("serial:")
    with pytest.raises(TargetMissing, match=r"--image FILE\.uf2"):
        targets.make("rp2040")
