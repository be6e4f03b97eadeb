"""What the tests with BACnet's peers share: the firmware in a process, and how its objects are named."""

import os
from pathlib import Path

import pytest
from isentrope_hil.profile import build
from unix_device import UnixDevice

HERE = Path(__file__).resolve().parent
BASE = 30_000 + os.getpid() % 1500 * 20  # ports of this process
INSTANCE = 4711
OPEN = ("commissioned=1", "bus_write=4", f"bacnet_instance_low={INSTANCE}")


class Device(UnixDevice):
    """The firmware in a process; `ask()` gives its points and counters, after a write if there is one."""

    count = 0

    def __init__(self, folder, *words, host="127.0.0.1", before=()):
        Device.count += 1
        self.port = BASE + 4 * (Device.count % 4)
        self.address = f"{host}:{self.port}"
        words = (host, str(self.port), *(words or OPEN))
        super().__init__(
            folder,
            "bacnet_device.py",
            build("pico-full", "ashp-r290-8kw"),
            *words,
            heap="4m",
            before=before,
        )


@pytest.fixture
def device(tmp_path):
    made = Device(tmp_path)
    yield made
    state = made.ask()
    made.close()
    assert state["counters"][7] == 0, "an exception that should not be"
