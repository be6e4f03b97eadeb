"""Target `unix`: the firmware's files in a real MicroPython process, its console a pseudo-terminal."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isentrope_hil import resources
from isentrope_hil.errors import InputError, TargetMissing
from isentrope_hil.profile import dumps
from isentrope_hil.targets.base import FdStream, ProcessTarget

DEFAULT_HEAP = "2m"
ENVIRONMENT = "ISENTROPE_MICROPYTHON"


def executable() -> str:
    """The path of MicroPython's unix port: ISENTROPE_MICROPYTHON, else the wheel's script beside this Python,
    else on PATH. TargetMissing where there is none."""
    chosen = os.environ.get(ENVIRONMENT)
    if chosen:
        if not os.access(chosen, os.X_OK) or os.path.isdir(chosen):
            raise TargetMissing(f"{ENVIRONMENT}={chosen} is not an executable file")
        return chosen
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        found = shutil.which("micropython", path=str(folder))
        if found:
            return found
    found = shutil.which("micropython")
    if found:
        return found
    raise TargetMissing(
        "there is no MicroPython for this platform here: use --target cpython, "
        f"or set {ENVIRONMENT} to the path of a unix-port micropython"
    )


def heap_size(text: str) -> str:
    """`text` if MicroPython accepts it as a heap size (bytes, or with k or m); InputError otherwise."""
    if not re.fullmatch(r"[1-9]\d{0,9}[kKmM]?", text):
        raise InputError(f"heap {text!r} is not a size; give bytes, or kilo- or megabytes as in 512k or 2m")
    return text


class UnixTarget(ProcessTarget):
    """A MicroPython process running `script` (the firmware's main.py) with `arguments` in a folder that holds
    profile.json."""

    def __init__(
        self, *, heap: str = DEFAULT_HEAP, script: Path | None = None, arguments: Sequence[str | Path] = ()
    ) -> None:
        super().__init__("unix")
        self._arguments = [str(each) for each in arguments]
        self._heap = heap_size(heap)
        self._script = script or resources.root("firmware") / "main.py"
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._master = -1

    def start(self, profile: Mapping[str, Any]) -> None:
        if os.name != "posix":
            raise TargetMissing("target unix needs Linux or macOS (or WSL2); use --target cpython here")
        import tty  # absent on Windows, like the pseudo-terminals

        command = [executable(), "-X", f"heapsize={self._heap}", str(self._script), *self._arguments]
        self._folder = tempfile.TemporaryDirectory(prefix="isentrope-")
        Path(self._folder.name, "profile.json").write_text(dumps(profile))
        self._master, slave = os.openpty()
        try:
            tty.setraw(slave)
            self._process = subprocess.Popen(
                command,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=self._folder.name,
                process_group=0,  # no session of its own: the first terminal that such a one opens can end it
            )
        except OSError as error:
            raise TargetMissing(f"{command[0]} does not start: {error.strerror}") from None
        finally:
            os.close(slave)
        self.pid = self._process.pid
        self._stream = FdStream(self._master, self._master)

    def advice(self, console: str) -> str:
        if "MemoryError" in console:
            return f"give it more memory than --heap {self._heap}"
        if os.environ.get(ENVIRONMENT):
            return f"is {ENVIRONMENT}={os.environ[ENVIRONMENT]} a unix-port micropython?"
        return "run it again; if it ends again, --target cpython shows more"

    def close(self) -> None:
        super().close()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
