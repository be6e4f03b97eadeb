"""Target `cpython`: the firmware's files inside the bench's own process."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isentrope_hil.errors import TargetDied
from isentrope_hil.targets.firmware import Imports

_TICKS = 0x3FFFFFFF  # board ticks wrap at 2^30
_HEAP = 1 << 30  # what CPython says of its heap means nothing here: always plenty, nothing to collect


class Port:
    """What the firmware's ports offer (see firmware/isentrope/ports), without a device around it."""

    name = "cpython"
    cause = 1  # power on, as eventlog.py has it

    def __init__(self) -> None:
        self.sent = bytearray()

    def write(self, buf: bytes | bytearray, n: int) -> None:
        """Sends `buf[:n]` to the bench."""
        self.sent += buf[:n]

    def console(self, on: bool) -> None:
        """There is none to interrupt it."""

    def ticks_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000 & _TICKS

    def ticks_us(self) -> int:
        return time.monotonic_ns() // 1_000 & _TICKS

    def seconds(self) -> int:
        return time.monotonic_ns() // 1_000_000_000

    def stack(self) -> int:
        return 0

    def mem_free(self) -> int:
        return _HEAP

    def collect(self) -> None:
        pass


class CPythonTarget:
    """The device side of the link, called with every byte the bench writes; an exception becomes a FAULT."""

    def __init__(self, firmware: Path | None = None) -> None:
        self.name = "cpython"
        self.pid: int | None = None
        self._imports = Imports(firmware)
        self._port = Port()
        self._device: Any = None

    def start(self, profile: Mapping[str, Any]) -> None:
        self._imports.open()
        try:
            self._device = self._imports.module("app").bench(profile, self._port)
        except Exception as error:
            raise TargetDied(f"the firmware does not start: {type(error).__name__}: {error}") from error

    def read(self, timeout_s: float) -> bytes:
        if not self._port.sent:
            if not self._device.alive:
                raise TargetDied("the target has ended")
            time.sleep(timeout_s)
        data = bytes(self._port.sent)
        self._port.sent.clear()
        return data

    def write(self, data: bytes) -> None:
        try:
            self._device.feed(data)
        except Exception:
            self._device.fault(traceback.format_exc())

    def module(self, name: str) -> Any:
        """A module of the running firmware, as "control.valve": for experiments that vary a constant."""
        return self._imports.module(name)

    def obituary(self) -> str:
        return ""

    def said(self) -> str:
        return ""

    def advice(self, console: str) -> str:
        return ""

    def close(self) -> None:
        self._device = None
        self._imports.close()
