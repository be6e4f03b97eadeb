"""What the tests with BACnet's peers share: the firmware in a process, and how its objects are named."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from isentrope_hil.errors import TargetMissing
from isentrope_hil.profile import build, dumps
from isentrope_hil.targets.unix import executable

HERE = Path(__file__).resolve().parent
BASE = 30_000 + os.getpid() % 1500 * 20  # ports of this process
INSTANCE = 4711
OPEN = ("commissioned=1", "bus_write=4", f"bacnet_instance_low={INSTANCE}")


class Device:
    """The firmware in a process; `ask()` gives its points and counters, after a write if there is one."""

    count = 0

    def __init__(self, folder, *words, host="127.0.0.1", before=()):
        Device.count += 1
        self.port = BASE + 4 * (Device.count % 4)
        self.address = f"{host}:{self.port}"
        profile = folder / "profile.json"
        profile.write_text(dumps(build("pico-full", "ashp-r290-8kw")))
        try:
            micropython = executable()
        except TargetMissing as why:
            pytest.skip(f"not run: {why}")
        command = [*before, micropython, "-X", "heapsize=4m", str(HERE / "bacnet_device.py"), str(profile)]
        self.process = subprocess.Popen(
            [*command, host, str(self.port), *(words or OPEN)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        first = self.process.stdout.readline()
        assert first.startswith("ready"), first + self.process.stdout.read()

    def ask(self, word=""):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10.0)


@pytest.fixture
def device(tmp_path):
    made = Device(tmp_path)
    yield made
    state = made.ask()
    made.close()
    assert state["counters"][7] == 0, "an exception that should not be"
