"""The firmware's modules under CPython, imported afresh, without a trace left behind."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from isentrope_hil import resources

SHIMS = Path(__file__).with_name("shims")
PACKAGE = "isentrope"


class Imports:
    """Between `open` and `close` the names of the firmware and of what CPython lacks mean fresh modules.

    Modules of the same names that were loaded before come back at `close`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """`folder`: where the firmware is, if not this installation's."""
        self._saved: dict[str, ModuleType] | None = None
        self._paths = [str(SHIMS), str(folder or resources.root("firmware"))]
        self._names = (PACKAGE, *(path.stem for path in SHIMS.glob("*.py")))

    def open(self) -> None:
        """Puts firmware and shims in front of the module path."""
        self._saved = self._take()
        sys.path[:0] = self._paths

    def module(self, name: str) -> Any:
        """A module of the firmware, as "alarms" or "control.states"."""
        return importlib.import_module(f"{PACKAGE}.{name}")

    def close(self) -> None:
        """Forgets what was imported; harmless when not open."""
        if self._saved is None:
            return
        self._take()
        for path in self._paths:
            sys.path.remove(path)
        sys.modules.update(self._saved)
        self._saved = None

    def _take(self) -> dict[str, ModuleType]:
        names = [name for name in sys.modules if name.partition(".")[0] in self._names]
        return {name: sys.modules.pop(name) for name in names}


@contextmanager
def imported() -> Iterator[Imports]:
    """`Imports`, open within the block."""
    imports = Imports()
    imports.open()
    try:
        yield imports
    finally:
        imports.close()
