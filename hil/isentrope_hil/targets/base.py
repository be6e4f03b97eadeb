"""What every target offers the bench, and what those with a file descriptor or a process share."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from typing import Any, Protocol

from isentrope_hil.errors import TargetDied

READ_SIZE = 1 << 16
WRITE_PATIENCE_S = 0.25  # a target that reads nothing for so long loses the frame; the link sends it again
EXIT_PATIENCE_S = 2.0


class Target(Protocol):
    """A device under test: a byte stream (`isentrope_hil.session.Stream`) with a beginning and an end."""

    name: str  # as the user would name it on the command line
    pid: int | None  # of the process, where there is one

    def start(self, profile: Mapping[str, Any]) -> None:
        """Brings the device up with this profile; TargetMissing if that cannot be."""

    def read(self, timeout_s: float) -> bytes: ...

    def write(self, data: bytes) -> None: ...

    def obituary(self) -> str:
        """How it ended ("exit code 1"), "" while it runs or if that is unknown."""

    def said(self) -> str:
        """What it printed beside the link, "" where everything comes over the link."""

    def advice(self, console: str) -> str:
        """What its user can do once it has ended or gone silent ("": nothing); `console`: what it printed."""

    def close(self) -> None:
        """Ends it; harmless when already ended or never started."""


class FdStream:
    """Non-blocking reads and writes on file descriptors (the same one twice for a terminal)."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        os.set_blocking(read_fd, False)
        os.set_blocking(write_fd, False)

    def read(self, timeout_s: float) -> bytes:
        # select, not poll: macOS's poll does not support terminals
        if not select.select((self._read_fd,), (), (), timeout_s)[0]:
            return b""
        try:
            data = os.read(self._read_fd, READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:  # EIO: the other side of a pseudo-terminal is closed
            raise TargetDied(f"the target's line is gone ({error.strerror})") from None
        if not data:
            raise TargetDied("the target closed its output")
        return data

    def write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._write_fd, data) :]
            except BlockingIOError:
                if not select.select((), (self._write_fd,), (), WRITE_PATIENCE_S)[1]:
                    return
            except OSError as error:
                raise TargetDied(f"the target's line is gone ({error.strerror})") from None


class ProcessTarget:
    """A child process in a group of its own, so that a Ctrl-C at the terminal reaches only the bench."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pid: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stream: FdStream | None = None

    def read(self, timeout_s: float) -> bytes:
        assert self._stream is not None, "not started"
        return self._stream.read(timeout_s)

    def write(self, data: bytes) -> None:
        assert self._stream is not None, "not started"
        self._stream.write(data)

    def obituary(self) -> str:
        if self._process is None:
            return ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)  # its line closes a moment before it ends
        code = self._process.returncode
        if code is None:
            return ""
        return f"killed by signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def said(self) -> str:
        return ""

    def close(self) -> None:
        """Gives it a moment to exit by itself (after BYE), then ends it."""
        process = self._process
        if process is None:
            return
        deadline = time.monotonic() + EXIT_PATIENCE_S
        for end in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGCONT)
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
                return
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, end)
        process.wait()
