"""Target `serial:PORT`: a board over USB or a UART, with the profile that was deployed on it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import serial
from serial.tools import list_ports

from isentrope_hil.errors import InputError, TargetDied, TargetMissing
from isentrope_hil.targets.base import FdStream

BAUD = 115200  # USB boards ignore it; a UART runs at MicroPython's console speed
POLL_S = 0.001


class SerialTarget:
    """A serial port, held exclusively."""

    def __init__(self, port: str) -> None:
        if not port:
            raise InputError("target serial: needs a port, as in serial:/dev/ttyACM0")
        self.name = f"serial:{port}"
        self.pid: int | None = None
        self._path = port
        self._port: serial.Serial | None = None
        self._stream: FdStream | None = None

    def start(self, profile: Mapping[str, Any]) -> None:
        exclusive = True if os.name == "posix" else None
        try:
            self._port = serial.Serial(self._path, BAUD, timeout=0, write_timeout=1.0, exclusive=exclusive)
        except (serial.SerialException, OSError, ValueError) as error:
            raise TargetMissing(f"serial port {self._path}: {_reason(error)}") from None
        if os.name == "posix":
            self._stream = FdStream(self._port.fileno(), self._port.fileno())

    def read(self, timeout_s: float) -> bytes:
        if self._stream:
            return self._stream.read(timeout_s)
        assert self._port is not None, "not started"
        deadline = time.perf_counter() + timeout_s
        try:
            while not (waiting := self._port.in_waiting):
                if time.perf_counter() >= deadline:
                    return b""
                time.sleep(POLL_S)
            return bytes(self._port.read(waiting))
        except (serial.SerialException, OSError):
            raise TargetDied(
                f"serial port {self._path} is gone (unplugged, or the board was reset)"
            ) from None

    def write(self, data: bytes) -> None:
        if self._stream:
            return self._stream.write(data)
        assert self._port is not None, "not started"
        try:
            self._port.write(data)
        except serial.SerialTimeoutException:
            pass  # a board that takes no bytes loses the frame; the link sends it again
        except (serial.SerialException, OSError):
            raise TargetDied(
                f"serial port {self._path} is gone (unplugged, or the board was reset)"
            ) from None

    def obituary(self) -> str:
        return ""

    def said(self) -> str:
        return ""

    def advice(self, console: str) -> str:
        return "check its power and cable, and that firmware and profile are on it; then run again"

    def close(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == 2 or "FileNotFoundError" in str(error):
        ports = ", ".join(sorted(p.device for p in list_ports.comports())) or "none"
        return f"not there (ports found: {ports})"
    if number == 13:
        return "no permission to open it (is your user in the group that owns it?)"
    if number in (11, 16) or "lock" in str(error):
        return "busy: another program holds it"
    return str(error)
