"""Target `exec:CMD`: any program that speaks the link on its standard input and output."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isentrope_hil.errors import InputError, TargetMissing
from isentrope_hil.profile import dumps
from isentrope_hil.targets.base import FdStream, ProcessTarget


class CommandTarget(ProcessTarget):
    """CMD, split as a shell would, in the current folder; ISENTROPE_PROFILE is its profile.json's path."""

    def __init__(self, command: str) -> None:
        super().__init__(f"exec:{command}")
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise InputError(f"target exec:{command}: {error}") from None
        if not self._command:
            raise InputError("target exec: needs a command, as in exec:./controller")
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def start(self, profile: Mapping[str, Any]) -> None:
        if os.name != "posix":
            raise TargetMissing("target exec needs Linux or macOS (or WSL2); use --target cpython here")
        self._folder = tempfile.TemporaryDirectory(prefix="isentrope-")
        path = Path(self._folder.name, "profile.json")
        path.write_text(dumps(profile))
        try:
            with self._errors().open("wb") as errors:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env={**os.environ, "ISENTROPE_PROFILE": str(path)},
                    bufsize=0,
                    process_group=0,  # as targets/unix.py: no session that a terminal could end
                )
        except OSError as error:
            raise TargetMissing(f"target {self.name} does not start: {error.strerror}") from None
        assert self._process.stdin is not None and self._process.stdout is not None
        self.pid = self._process.pid
        self._stream = FdStream(self._process.stdout.fileno(), self._process.stdin.fileno())

    def _errors(self) -> Path:
        assert self._folder is not None, "not started"
        return Path(self._folder.name, "stderr")

    def said(self) -> str:
        return self._errors().read_text(errors="replace") if self._folder and self._errors().exists() else ""

    def advice(self, console: str) -> str:
        return f"try: isentrope link-check {shlex.quote(self.name)}"

    def close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        super().close()
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
