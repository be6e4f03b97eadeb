"""main.py as a MicroPython process, on a terminal and on pipes: it starts, ends and fails as documented."""

import json
import os
import select
import subprocess
import time
import tty
from pathlib import Path

import pytest
from bench_host import ATTACH, BYE, FAULT, HELLO, LOG, NAK, RESET, frame, replies
from isentrope_hil.errors import TargetMissing
from isentrope_hil.targets.unix import executable
from sample import profile

MAIN = Path(__file__).resolve().parents[2] / "firmware" / "main.py"
SESSION = 0x1234


class Process:
    """The firmware in a folder that holds `text` as profile.json."""

    def __init__(self, folder, terminal, text=None):
        try:
            command = [executable(), "-X", "heapsize=512k", str(MAIN)]
        except TargetMissing as why:
            pytest.skip(f"not run: {why}; then: $ISENTROPE_MICROPYTHON {MAIN}")
        (folder / "profile.json").write_text(json.dumps(profile()) if text is None else text)
        if terminal:
            self.out, slave = os.openpty()
            self.into = os.dup(self.out)
            tty.setraw(slave)
            ends = {"stdin": slave, "stdout": slave, "stderr": subprocess.DEVNULL}
        else:
            theirs_in, self.into = os.pipe()
            self.out, theirs_out = os.pipe()
            ends = {"stdin": theirs_in, "stdout": theirs_out, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=folder, **ends)
        for end in set(ends.values()) - {subprocess.DEVNULL}:
            os.close(end)

    def ask(self, kind, seq, payload=b""):
        """Send a request every 50 ms until its reply comes; the reply's payload."""
        got = b""
        until = time.monotonic() + 5.0
        while time.monotonic() < until:
            os.write(self.into, frame(kind, SESSION, seq, 0, payload))
            while select.select([self.out], [], [], 0.05)[0]:
                got += os.read(self.out, 4096)
                for reply in replies(got) if got.endswith(b"\0") else ():
                    if reply[:3] == (kind | 0x80, SESSION, seq):
                        return reply[4]
        raise AssertionError(f"no answer: {got!r}")

    def hello(self):
        return self.ask(HELLO, 0x5555, b"\x31")

    def heard(self):
        """Everything until it closes its output."""
        got = b""
        while select.select([self.out], [], [], 5.0)[0]:
            try:
                data = os.read(self.out, 4096)
            except OSError:  # a terminal's way to end
                break
            if not data:
                break
            got += data
        return got

    def end(self):
        """Close its input; its exit code."""
        os.close(self.into)
        if self.out != self.into:
            os.close(self.out)
        return self.process.wait(5.0)


@pytest.fixture(params=["terminal", "pipes"])
def terminal(request):
    return request.param == "terminal"


def test_it_answers_and_ends_at_bye(tmp_path, terminal):
    firmware = Process(tmp_path, terminal)
    firmware.hello()
    assert firmware.ask(BYE, 0) == b""
    assert firmware.process.wait(5.0) == 0
    firmware.end()


def test_it_ends_with_its_input(tmp_path, terminal):
    firmware = Process(tmp_path, terminal)
    firmware.hello()
    assert firmware.end() == 0


def test_a_fault_reaches_the_host_and_the_exit_code(tmp_path, terminal):
    broken = profile()
    broken["settings"] = {"no_such_setting": 1.0}
    firmware = Process(tmp_path, terminal, json.dumps(broken))
    table_crc = firmware.hello()[1:5]
    os.write(firmware.into, frame(RESET, SESSION, 0, 0, bytes(9) + table_crc + b"\0"))
    found = [reply for reply in replies(firmware.heard()) if reply[0] == FAULT]
    assert b"settings.no_such_setting is not a setting" in found[0][4]
    assert firmware.process.wait(5.0) == 1
    firmware.end()


@pytest.mark.parametrize("text", ["{", "{}"])
def test_a_damaged_profile_leaves_a_line_to_ask_why(tmp_path, terminal, text):
    firmware = Process(tmp_path, terminal, text)
    assert firmware.ask(ATTACH, 0x5555, b"\x31")[-4:] == b"\x01?\x01?"
    assert b"alarm raised: profile bad: profile.json: " in firmware.ask(LOG, 0, b"\x09")
    os.write(firmware.into, frame(HELLO, SESSION, 0x5555, 0, b"\x31"))
    time.sleep(0.1)
    assert [reply[4] for reply in replies(os.read(firmware.out, 4096)) if reply[0] == NAK] == [b"\x0a"]
    assert firmware.end() == 0
